"""Provider tables: what is accepted, and the reference's words for what is not."""

import subprocess
import sys
from typing import Any

import pytest

from app_server.core.provider.settings import (
    AuthCommand,
    ProviderSettings,
    built_in_providers,
    check_ids,
    unknown_provider,
)
from app_server.core.provider.table import ProviderConfigError


def refused(**table: Any) -> tuple[str, str]:
    with pytest.raises(ProviderConfigError) as caught:
        ProviderSettings.from_table("mock", {"name": "Mock", **table})
    return caught.value.text, ".".join(caught.value.path)


def test_a_name_is_enough() -> None:
    settings = ProviderSettings.from_table("mock", {"name": "Mock"})
    assert settings == ProviderSettings(id="mock", name="Mock")
    assert (settings.request_max_retries, settings.stream_max_retries) == (4, 5)
    assert (settings.stream_idle_timeout_ms, settings.websocket_connect_timeout_ms) == (300_000, 15_000)
    assert not settings.is_openai


def test_every_key_is_read() -> None:
    settings = ProviderSettings.from_table(
        "mine",
        {
            "name": "OpenAI", "base_url": "http://x/v1", "env_key": "K", "env_key_instructions": "get one",
            "wire_api": "responses", "experimental_bearer_token": "t", "query_params": {"a": "b"}, "http_headers": {"h": "v"},
            "env_http_headers": {"e": "E"}, "request_max_retries": 1000, "stream_max_retries": 101, "stream_idle_timeout_ms": 7,
            "websocket_connect_timeout_ms": 8, "requires_openai_auth": True, "supports_websockets": True,
            "request_compression": "zstd", "unheard_of": 1,
        },
    )  # fmt: skip
    assert settings == ProviderSettings(
        id="mine", name="OpenAI", base_url="http://x/v1", env_key="K", env_key_instructions="get one",
        experimental_bearer_token="t", query_params={"a": "b"}, http_headers={"h": "v"}, env_http_headers={"e": "E"},
        request_max_retries=100, stream_max_retries=100, stream_idle_timeout_ms=7, websocket_connect_timeout_ms=8,
        requires_openai_auth=True, supports_websockets=True, request_compression="zstd",
    )  # fmt: skip
    assert settings.is_openai
    assert "'t'" not in repr(settings)


def test_the_auth_table_is_read() -> None:
    table = {"command": "./t.sh", "args": ["a"], "cwd": "/w", "timeout_ms": 1, "refresh_interval_ms": 0}
    assert ProviderSettings.from_table("m", {"name": "M", "auth": table}).auth == AuthCommand("./t.sh", ("a",), "/w", 1, 0)
    assert ProviderSettings.from_table("m", {"name": "M", "auth": {"command": "c"}}).auth == AuthCommand(
        "c", (), None, 5000, 300_000
    )


WHOLE = "model_providers.mock"


@pytest.mark.parametrize(
    ("table", "text", "path"),
    [
        ({"name": ""}, f"{WHOLE}: provider name must not be empty", WHOLE),
        ({"name": "  "}, f"{WHOLE}: provider name must not be empty", WHOLE),
        ({"auth": {"command": " "}}, f"{WHOLE}: provider auth.command must not be empty", WHOLE),
        ({"auth": {"command": "c"}, "env_key": "K"}, f"{WHOLE}: provider auth cannot be combined with env_key", WHOLE),
        (
            {"auth": {"command": "c"}, "env_key": "K", "experimental_bearer_token": "t", "requires_openai_auth": True},
            f"{WHOLE}: provider auth cannot be combined with env_key, experimental_bearer_token, requires_openai_auth",
            WHOLE,
        ),
        ({"auth": {}}, "missing field `command`", f"{WHOLE}.auth"),
        ({"auth": "x"}, 'invalid type: string "x", expected struct ModelProviderAuthInfo', f"{WHOLE}.auth"),
        ({"auth": {"command": "c", "args": "y"}}, 'invalid type: string "y", expected a sequence', f"{WHOLE}.auth.args"),
        (
            {"auth": {"command": "c", "timeout_ms": 0}},
            "invalid value: integer `0`, expected a nonzero u64",
            f"{WHOLE}.auth.timeout_ms",
        ),
        (
            {"aws": {"profile": "x"}},
            f"{WHOLE}: provider aws is only supported for `amazon-bedrock` or `amazon-bedrock-runtime`",
            WHOLE,
        ),
        (
            {"websocket_connect_timeout_ms": -5},
            "invalid value: integer `-5`, expected u64",
            f"{WHOLE}.websocket_connect_timeout_ms",
        ),
        ({"request_max_retries": "5"}, 'invalid type: string "5", expected u64', f"{WHOLE}.request_max_retries"),
        ({"request_max_retries": True}, "invalid type: boolean `true`, expected u64", f"{WHOLE}.request_max_retries"),
        ({"stream_idle_timeout_ms": 1.5}, "invalid type: floating point `1.5`, expected u64", f"{WHOLE}.stream_idle_timeout_ms"),
        ({"supports_websockets": "yes"}, 'invalid type: string "yes", expected a boolean', f"{WHOLE}.supports_websockets"),
        ({"env_key": 5}, "invalid type: integer `5`, expected a string", f"{WHOLE}.env_key"),
        ({"http_headers": {"a": 5}}, "invalid type: integer `5`, expected a string", f"{WHOLE}.http_headers.a"),
        ({"http_headers": "x"}, 'invalid type: string "x", expected a map', f"{WHOLE}.http_headers"),
        ({"wire_api": "zz"}, "unknown variant `zz`, expected one of `responses`, `chat`, `litellm`", f"{WHOLE}.wire_api"),
        (
            {"wire_api": "rehearsal"},
            "unknown variant `rehearsal`, expected one of `responses`, `chat`, `litellm`",
            f"{WHOLE}.wire_api",
        ),
        ({"request_compression": "gzip"}, "unknown variant `gzip`, expected `none` or `zstd`", f"{WHOLE}.request_compression"),
    ],
)
def test_bad_tables_are_refused_in_the_references_words(table: dict[str, Any], text: str, path: str) -> None:
    assert refused(**table) == (text, path)


@pytest.mark.parametrize("wire_api", ["chat", "litellm"])
def test_other_apis_are_spoken_too(wire_api: str) -> None:
    assert ProviderSettings.from_table("p", {"name": "n", "wire_api": wire_api}).wire_api == wire_api


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(ProviderConfigError, match="invalid type: sequence, expected struct ModelProviderInfo"):
        ProviderSettings.from_table("mock", [])  # type: ignore[arg-type]


def test_the_built_in_providers() -> None:
    providers = built_in_providers("0.169.0", {"CODEX_OSS_PORT": ""})
    assert {id: (p.name, p.base_url, p.wire_api) for id, p in providers.items()} == {
        "openai": ("OpenAI", None, "responses"),
        "ollama": ("gpt-oss", "http://localhost:11434/v1", "responses"),
        "lmstudio": ("gpt-oss", "http://localhost:1234/v1", "responses"),
        "rehearsal": ("Rehearsal", None, "rehearsal"),
    }
    assert all(p.is_built_in for p in providers.values())
    openai = providers["openai"]
    assert (openai.requires_openai_auth, openai.supports_websockets, openai.is_openai) == (True, True, True)
    assert openai.http_headers == {"version": "0.169.0"}


def test_the_environment_and_the_configuration_move_built_in_providers() -> None:
    assert built_in_providers("v", {"CODEX_OSS_PORT": "99"})["ollama"].base_url == "http://localhost:99/v1"
    assert (
        built_in_providers("v", {"CODEX_OSS_BASE_URL": "http://o/v1", "CODEX_OSS_PORT": "9"})["lmstudio"].base_url
        == "http://o/v1"
    )
    assert built_in_providers("v", {}, "http://proxy/v1")["openai"].base_url == "http://proxy/v1"


def test_built_in_providers_cannot_be_redefined() -> None:
    check_ids(["mine", "openai-custom"])
    with pytest.raises(ProviderConfigError) as caught:
        check_ids(["mine", "openai", "ollama"])
    assert caught.value.text == (
        "model_providers contains reserved built-in provider IDs: `ollama`, `openai`. Built-in providers cannot be overridden. "
        "Rename your custom provider (for example, `ollama-custom`)."
    )


def test_unknown_providers_are_named() -> None:
    assert unknown_provider("zz").text == "Model provider `zz` not found"
    assert "replace `ollama-chat` with `ollama`" in unknown_provider("ollama-chat").text


def test_settings_are_read_without_the_http_library() -> None:
    heavy = ("httpx", "anyio", "asyncio", "ssl")
    code = f"import sys, app_server.core.provider.settings; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
