"""Settings as clients see them: configuration, features, permission profiles, providers, environments, the process itself."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from app_server import RELEASE
from app_server.core.config.features import defaults
from app_server.methods.paging import page
from tests.support.client import Client, RpcError, connected
from tests.support.deterministic import served
from tests.support.home import make_home

PROVIDER_URL = "http://127.0.0.1:9/v1"


@asynccontextmanager
async def client(folder: Path, **options: Any) -> AsyncIterator[Client]:
    async with served(make_home(folder, PROVIDER_URL, **options)) as pipe, connected(pipe) as connection:
        await connection.initialize()
        yield connection


@pytest.mark.parametrize(
    ("cursor", "limit", "expected"),
    [
        (None, None, (["a", "b", "c"], None)),
        (None, 2, (["a", "b"], "2")),
        ("2", 2, (["c"], None)),
        ("1", 0, (["b"], "2")),
        ("3", None, ([], None)),
        (None, 3, (["a", "b", "c"], None)),
    ],
)
def test_a_page_begins_at_its_cursor_and_tells_the_next(cursor: str | None, limit: int | None, expected: Any) -> None:
    assert page(["a", "b", "c"], cursor, limit, "letters") == expected


async def test_bad_cursors_are_refused_in_the_reference_s_words(tmp_path: Path) -> None:
    async with client(tmp_path) as connection:
        for cursor, text in {
            "zz": "invalid cursor: zz",
            "-1": "invalid cursor: -1",
            "100000": "cursor 100000 exceeds total feature flags 215",
        }.items():
            with pytest.raises(RpcError) as caught:
                await connection.request("experimentalFeature/list", {"cursor": cursor})
            assert (caught.value.code, caught.value.message) == (-32600, text)
            assert caught.value.data["reason"] == "invalid_cursor"


async def features(connection: Client) -> dict[str, bool]:
    listed = await connection.request("experimentalFeature/list", {"limit": 1000})
    assert listed["nextCursor"] is None
    return {feature["name"]: feature["enabled"] for feature in listed["data"]}


async def test_features_are_listed_as_configured_and_as_switched(tmp_path: Path) -> None:
    async with client(tmp_path, features="memories = false\ngoals = false") as connection:
        assert await features(connection) == {**defaults(), "goals": False, "memories": False, "plugins": False, "apps": False}
        wish = {"memories": True, "mentions_v2": False, "shell_tool": False, "no_such": True, "plugins": True}
        answer = await connection.request("experimentalFeature/enablement/set", {"enablement": wish})
        assert answer == {"enablement": {"mentions_v2": False}}  # the others are configured, unknown or fixed at start
        assert (await features(connection))["mentions_v2"] is False
        await connection.request("experimentalFeature/enablement/set", {"enablement": {"mentions_v2": True}})
        assert (await features(connection))["mentions_v2"] is True


async def test_switches_of_one_server_are_not_those_of_another(tmp_path: Path) -> None:
    for number, is_first in ((1, True), (2, False)):
        async with client(tmp_path / str(number)) as connection:
            assert (await features(connection))["mentions_v2"] is True
            if is_first:
                await connection.request("experimentalFeature/enablement/set", {"enablement": {"mentions_v2": False}})


async def test_configured_permission_profiles_follow_those_that_are_always_there(tmp_path: Path) -> None:
    tables = '[permissions.strict]\ndescription = "Reads only src"\n[permissions.lab]\n'
    async with client(tmp_path, tables=tables) as connection:
        listed = await connection.request("permissionProfile/list")
    assert [(each["id"], each["description"]) for each in listed["data"]] == [
        (":read-only", None),
        (":workspace", None),
        (":danger-full-access", None),
        ("lab", None),
        ("strict", "Reads only src"),
    ]


@pytest.mark.parametrize(
    ("settings", "auth"),
    [
        ('env_key = "KEY"', {"mode": "environmentVariable", "envKey": "KEY"}),
        ('env_key = ""', {"mode": "environmentVariable", "envKey": ""}),
        ("request_max_retries = 3", {"mode": "none"}),
        ('experimental_bearer_token = "t"', {"mode": "externallyConfigured", "envKey": None}),
        ('env_key = "KEY"\nhttp_headers = {A = "B"}', {"mode": "externallyConfigured", "envKey": "KEY"}),
        ('query_params = {a = "b"}', {"mode": "externallyConfigured", "envKey": None}),
        ("requires_openai_auth = true", {"mode": "externallyConfigured", "envKey": None}),
    ],
)
async def test_a_provider_is_listed_by_how_it_proves_itself(tmp_path: Path, settings: str, auth: Any) -> None:
    table = f'[model_providers.gate]\nname = "Gate"\nbase_url = "http://gate"\n{settings}\n'
    async with client(tmp_path, tables=table) as connection:
        listed = await connection.request("modelProvider/list")
    assert [each["id"] for each in listed["data"]] == ["gate", "mock", "openai"]
    assert listed["data"][0]["settings"] == {"type": "customGateway", "auth": auth}
    assert (listed["defaultProviderId"], listed["canChangeDefault"]) == ("mock", True)


async def test_a_provider_that_is_gone_is_told_so(tmp_path: Path) -> None:
    async with client(tmp_path) as connection:
        with pytest.raises(RpcError) as caught:
            await connection.request("account/gatewayOAuth/read", {"modelProvider": "gone"})
    assert caught.value.data == {
        "reason": "not_found",
        "type": "modelProviderNotConfigured",
        "modelProvider": "gone",
        "field": "modelProvider",
    }


async def test_known_keys_are_all_shown_and_tables_are_filled_up(tmp_path: Path) -> None:
    known = "[sandbox_workspace_write]\nnetwork_access = true\nno_such_member = 1\n"
    tables = f'{known}[mcp_servers.docs]\ncommand = "docs"\n[tui]\ntheme = "dark"\n'
    top = "approval_policy = {granular = {sandbox_approval = true, rules = true, mcp_elicitations = false}}\nno_such_key = 1"
    async with client(tmp_path, top=top, tables=tables) as connection:
        config = (await connection.request("config/read"))["config"]
    assert list(config)[:3] == ["model", "review_model", "model_context_window"]
    assert config["approval_policy"] == {
        "granular": {
            "sandbox_approval": True,
            "rules": True,
            "skill_approval": False,
            "request_permissions": False,
            "mcp_elicitations": False,
        }
    }
    assert config["sandbox_workspace_write"] == {
        "writable_roots": [],
        "network_access": True,
        "exclude_tmpdir_env_var": False,
        "exclude_slash_tmp": False,
    }
    assert config["mcp_servers"] == {
        "docs": {"args": [], "environment_id": "local", "enabled": True, "tool_timeout_sec": None, "command": "docs"}
    }
    assert config["tui"] == {"theme": "dark"}
    assert config["features"]["network_proxy"] is None
    assert config["features"]["plugins"] is False
    assert "no_such_key" not in config
    assert config["review_model"] is None


async def test_project_layers_count_only_for_a_directory(tmp_path: Path) -> None:
    work = tmp_path / "work"
    tables = f'[projects."{work}"]\ntrust_level = "trusted"\n'
    async with client(tmp_path, tables=tables) as connection:
        (work / ".codex").mkdir()
        (work / ".codex" / "config.toml").write_text('model_verbosity = "high"\n')
        plain = await connection.request("config/read")
        here = await connection.request("config/read", {"cwd": str(work), "includeLayers": True})
    assert plain["config"]["model_verbosity"] is None
    assert "layers" not in plain
    assert here["config"]["model_verbosity"] == "high"
    assert here["origins"]["model_verbosity"]["name"] == {"type": "project", "dotCodexFolder": f"{work}/.codex"}
    assert [layer["name"]["type"] for layer in here["layers"]] == ["project", "user", "system"]
    assert here["layers"][0]["config"] == {"model_verbosity": "high"}


async def test_a_broken_configuration_is_told_with_its_key(tmp_path: Path) -> None:
    async with client(tmp_path) as connection:
        file = tmp_path / "home" / ".codex" / "config.toml"
        file.write_text("model = 5\n")
        with pytest.raises(RpcError) as caught:
            await connection.request("config/read")
        assert (caught.value.code, caught.value.data["reason"]) == (-32603, "invalid_config")
        assert caught.value.message == ("invalid configuration: invalid type: integer `5`, expected a string\nin `model`\n")
        file.write_text("model = \n")
        with pytest.raises(RpcError, match=r"failed to read configuration layers: .*config\.toml:1:9: "):
            await connection.request("config/read")


async def test_the_local_environment_is_known_and_no_other(tmp_path: Path) -> None:
    async with client(tmp_path) as connection:
        info = await connection.request("environment/info", {"environmentId": "local"})
        assert info["cwd"] == (tmp_path / "work").as_uri()
        assert Path(info["shell"]["path"]).stem == info["shell"]["name"]
        assert await connection.request("environment/status", {"environmentId": "local"}) == {"status": "ready"}
        status = await connection.request("environment/status", {"environmentId": "nope"})
        assert status == {"status": "unknown", "error": "unknown environment id `nope`"}
        with pytest.raises(RpcError, match="unknown environment id `nope`"):
            await connection.request("environment/info", {"environmentId": "nope"})


async def diagnosed(connection: Client) -> dict[str, int]:
    told = await connection.request("server/diagnostics")
    assert told["process"]["id"] == os.getpid()
    assert told["process"]["residentMemoryBytes"] > 10_000_000
    return {each["name"]: each["value"] for each in told["gauges"]}


async def test_diagnostics_are_those_of_the_process(tmp_path: Path) -> None:
    async with client(tmp_path) as connection:
        before = await diagnosed(connection)
        await connection.request("thread/start")
        command = ["sh", "-c", "echo started; exec cat"]
        wishes = {"command": command, "processId": "c", "streamStdin": True, "streamStdoutStderr": True, "disableTimeout": True}
        running = await connection.send("command/exec", {**wishes, "sandboxPolicy": {"type": "dangerFullAccess"}})
        await connection.wait_notification("command/exec/outputDelta")
        after = await diagnosed(connection)
        await connection.request("command/exec/write", {"processId": "c", "closeStdin": True})
        await connection.response(running)
        end = await diagnosed(connection)
    names = ("app.requests.in_flight", "app.requests.queued", "core.threads.live", "core.turns.active", "app.connections.open")
    assert [before[name] for name in names] == [1, 0, 0, 0, 1]
    assert [after[name] for name in names] == [2, 0, 1, 0, 1]
    assert after["process.children"] == before["process.children"] + 1 == end["process.children"] + 1
    assert [name for name in after if name.startswith(("core.sandbox.", "app.release."))][1:] == [f"app.release.{RELEASE}"]
    assert {"app.uptime_ms", "app.outbox.bytes", "app.connections.behind"} < set(after)


async def test_a_pairing_wants_a_code_before_it_is_refused(tmp_path: Path) -> None:
    async with client(tmp_path) as connection:
        with pytest.raises(RpcError, match="requires pairingCode or manualPairingCode"):
            await connection.request("remoteControl/pairing/status")
        with pytest.raises(RpcError, match="requires remote control to be enabled"):
            await connection.request("remoteControl/pairing/status", {"manualPairingCode": "c"})


async def test_the_sandbox_of_windows_is_answered_then_told_to_be_impossible(tmp_path: Path) -> None:
    async with client(tmp_path) as connection:
        assert await connection.request("windowsSandbox/setupStart", {"mode": "unelevated"}) == {"started": True}
        told = await connection.wait_notification("windowsSandbox/setupCompleted")
    assert told == {
        "mode": "unelevated",
        "success": False,
        "error": "legacy Windows sandbox setup is only supported on Windows",
    }
