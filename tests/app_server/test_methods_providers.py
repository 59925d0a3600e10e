"""Providers that clients add and change, and what becomes of them in the user's file."""

import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.client import Client, RpcError, connected
from tests.support.deterministic import served
from tests.support.home import make_home

pytestmark = pytest.mark.anyio

URL = "http://127.0.0.1:9/v1"


@asynccontextmanager
async def client(folder: Path, **options: Any) -> AsyncIterator[Client]:
    async with served(make_home(folder, URL, **options)) as pipe, connected(pipe) as connection:
        await connection.initialize()
        yield connection


async def write(client: Client, **settings: Any) -> dict[str, Any]:
    given = {"type": "customGateway", **settings}
    provider: dict[str, Any] = (await client.request("modelProvider/config/write", {"settings": given}))["provider"]
    return provider


def in_file(folder: Path) -> dict[str, Any]:
    return dict(tomllib.loads((folder / "home" / ".codex" / "config.toml").read_text())["model_providers"])


async def test_a_new_gateway_gets_an_id_of_its_name_and_is_listed(tmp_path: Path) -> None:
    async with client(tmp_path) as one:
        assert await write(one, name=" Gate Way! ", baseUrl=f" {URL} ") == {
            "id": "gate-way",
            "name": "Gate Way!",
            "canEdit": True,
            "baseUrl": URL,
            "settings": {"type": "customGateway", "auth": {"mode": "none"}},
        }
        names = ("Gate Way!", "日本", "___", "Ollama", "mock", "rehearsal", "-x-")
        ids = [(await write(one, name=name, baseUrl=URL))["id"] for name in names]
        assert ids == ["gate-way-2", "custom", "custom-2", "ollama-2", "mock-2", "rehearsal-2", "x"]
        listed = await one.request("modelProvider/list", {})
        assert {"gate-way", "custom-2", "mock"} <= {each["id"] for each in listed["data"]}
    assert in_file(tmp_path)["gate-way"] == {"name": "Gate Way!", "base_url": URL, "wire_api": "responses"}


async def test_providers_whose_settings_can_not_hold_are_listed_all_the_same(tmp_path: Path) -> None:
    async with client(tmp_path, provider='stream_idle_timeout_ms = "soon"') as one:
        listed = await one.request("modelProvider/list", {})
        assert [(each["id"], each["canEdit"]) for each in listed["data"]] == [("mock", True), ("openai", False)]
        assert listed["defaultProviderId"] == "mock"


async def test_a_file_that_is_no_toml_is_told_so(tmp_path: Path) -> None:
    async with client(tmp_path, provider="stream_max_retries = 7") as one:
        with pytest.raises(RpcError, match=r"failed to read providers: .*config\.toml:\d+:1: duplicate key") as caught:
            await one.request("modelProvider/list", {})
        assert caught.value.code == -32603


async def test_the_clouds_are_shown_with_settings_of_their_own(tmp_path: Path) -> None:
    tables = """
    [model_providers.amazon-bedrock.aws]
    region = "us-east-1"
    [model_providers.gcp]
    project_id = "p"
    """
    async with client(tmp_path, tables=tables) as one:
        listed = {each["id"]: each for each in (await one.request("modelProvider/list", {}))["data"]}
        assert listed["amazon-bedrock"]["settings"] == {"type": "bedrock", "profile": None, "region": "us-east-1"}
        cloud = {"type": "gcp", "projectId": "p", "location": None, "credentialFile": None}
        assert listed["gcp"]["settings"] == cloud
        assert [listed[name]["canEdit"] for name in ("amazon-bedrock", "gcp", "mock")] == [False, False, True]


async def test_a_change_leaves_what_it_does_not_name_and_null_clears(tmp_path: Path) -> None:
    async with client(tmp_path) as one:
        await write(one, name="g", baseUrl=URL, envKey="KEY")
        changed = await write(one, providerId="g", name="h")
        assert (changed["name"], changed["baseUrl"]) == ("h", URL)
        assert changed["settings"]["auth"] == {"mode": "environmentVariable", "envKey": "KEY"}
        cleared = await write(one, providerId="g", baseUrl=None, envKey=None)
        assert (cleared["baseUrl"], cleared["settings"]["auth"]) == (None, {"mode": "none"})
    assert in_file(tmp_path)["g"] == {"name": "h", "wire_api": "responses"}


@pytest.mark.parametrize(
    ("settings", "message", "code"),
    [
        ({"providerId": "nope", "name": ""}, "Unknown provider ID.", "configPathNotFound"),
        ({"providerId": "openai"}, "A custom provider or gateway cannot use a built-in provider ID.", "configValidationError"),
        ({"name": "only"}, "A base URL is required to create a custom provider.", "configValidationError"),
        ({}, "Enter a provider name.", "configValidationError"),
        ({"providerId": "mock", "name": "  "}, "Enter a provider name.", "configValidationError"),
        (
            {"name": "OpenAI", "baseUrl": URL},
            "This name is reserved for a built-in provider. Enter a different custom provider name.",
            "configValidationError",
        ),
        (
            {"providerId": "locked", "envKey": "KEY"},
            "Authentication is configured externally. Omit envKey to preserve it.",
            "configValidationError",
        ),
        *(
            (
                {"name": "n", "baseUrl": url},
                "Enter an HTTP(S) base URL without credentials, a query, or a fragment.",
                "configValidationError",
            )
            for url in ("", "nonsense", "ftp://x", "http://u:p@h/v1", "http://h?x=1", "http://h#f", "http://h:x", "http://[")
        ),
        *(
            ({"providerId": "mock", "envKey": key}, "Invalid API key environment variable name.", "configValidationError")
            for key in ("", "a b", "1A")
        ),
    ],
)
async def test_what_can_not_be_is_refused_and_the_file_stays(
    tmp_path: Path, settings: dict[str, Any], message: str, code: str
) -> None:
    locked = '[model_providers.locked]\nname = "l"\nbase_url = "http://h"\nhttp_headers = {a = "b"}\n'
    async with client(tmp_path, tables=locked) as one:
        before = in_file(tmp_path)
        with pytest.raises(RpcError) as caught:
            await write(one, **settings)
        assert (caught.value.message, caught.value.data["config_write_error_code"]) == (message, code)
        assert in_file(tmp_path) == before


async def test_the_clouds_providers_are_not_supported(tmp_path: Path) -> None:
    async with client(tmp_path) as one:
        with pytest.raises(RpcError) as caught:
            await write(one, type="bedrock", providerId="amazon-bedrock", region="us-east-1")
        assert caught.value.data["reason"] == "not_supported"


@pytest.mark.parametrize(("wire_api", "has_tools"), [("responses", True), ("chat", False), ("litellm", False)])
async def test_other_apis_have_no_tools_that_the_provider_runs(tmp_path: Path, wire_api: str, has_tools: bool) -> None:
    home = make_home(tmp_path, URL)
    file = home.codex_home / "config.toml"
    file.write_text(file.read_text().replace('wire_api = "responses"', f'wire_api = "{wire_api}"'))
    async with served(home) as pipe, connected(pipe) as one:
        await one.initialize()
        expected = {"imageGeneration": has_tools, "webSearch": has_tools}
        assert await one.request("modelProvider/capabilities/read", {}) == expected
