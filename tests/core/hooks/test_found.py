"""Which hooks are set, and which of them are trusted. The hashes are the reference's."""

import json
from pathlib import Path
from typing import Any

import pytest

from app_server.core.clock import Clock
from app_server.core.config.store import ConfigStore
from app_server.core.hooks.found import Hook, find
from app_server.core.hooks.tool_use import ToolUse
from tests.support.client import Client
from tests.support.deterministic import conversing

ECHO = {"type": "command", "command": "echo a"}
HASH = "sha256:4940b41523e276db410f0fa9647a53d6f1701ab02d89a325290b200003683362"
STARTUP = {"type": "command", "command": "echo hi", "timeout": 5, "statusMessage": "m", "async": False}
STARTUP_HASH = "sha256:da4c6d00ed4051e666850fb529337aa251994a9a4c85c427cabb0e2a589ca4da"


def found(home: Path, hooks: Any, config: str = "") -> tuple[list[Hook], list[str]]:
    if hooks is not None:
        (home / "hooks.json").write_text(hooks if isinstance(hooks, str) else json.dumps({"hooks": hooks}))
    (home / "config.toml").write_text(config)
    return find(ConfigStore(home, {}, {}, Clock(), cwd=home, system=home / "etc").layers().layers, [])


def test_hooks_are_listed_in_the_order_of_events_with_the_references_hashes(tmp_path: Path) -> None:
    table = {"SessionStart": [{"matcher": "startup", "hooks": [STARTUP]}], "PreToolUse": [{"hooks": [ECHO]}], "Unknown": 5}
    hooks, odd = found(tmp_path, table)
    file = tmp_path / "hooks.json"
    assert odd == []
    assert [(hook.key, hook.digest) for hook in hooks] == [
        (f"{file}:pre_tool_use:0:0", HASH),
        (f"{file}:session_start:0:0", STARTUP_HASH),
    ]
    assert (hooks[0].timeout_s, hooks[1].timeout_s, hooks[1].status_message, hooks[1].matcher) == (600, 5, "m", "startup")
    assert not any(hook.runs for hook in hooks)


@pytest.mark.parametrize(
    ("state", "trust", "runs"),
    [
        ("", "untrusted", False),
        (f'trusted_hash = "{HASH}"', "trusted", True),
        (f'trusted_hash = "{HASH}"\nenabled = false', "trusted", False),
        (f'trusted_hash = "{STARTUP_HASH}"', "modified", False),
    ],
)
def test_a_hook_runs_only_when_the_user_trusts_what_it_does(tmp_path: Path, state: str, trust: str, runs: bool) -> None:
    key = f"{tmp_path}/hooks.json:pre_tool_use:0:0"
    (hook,), _ = found(tmp_path, {"PreToolUse": [{"hooks": [ECHO]}]}, f'[hooks.state."{key}"]\n{state}')
    assert (hook.trust, hook.runs) == (trust, runs)


def test_hooks_may_call_tools_of_servers(tmp_path: Path) -> None:
    call = {"type": "mcp_tool", "server": "s", "tool": "t"}
    more = {**call, "timeout": 7, "statusMessage": "m", "input": {"a": "b"}, "async": True}
    nameless = [{**call, "server": " "}, {**call, "tool": ""}]
    table = {"PreToolUse": [{"matcher": "Bash", "hooks": [call, more, *nameless]}], "SessionEnd": [{"hooks": [call]}]}
    hooks, odd = found(tmp_path, table)
    assert [(hook.does, hook.timeout_s, hook.is_async, hook.digest) for hook in hooks] == [
        (ToolUse("s", "t", {}), 600, False, "sha256:5a68520c1df69daf31e96c349d5850eda2ab679b3acd4a1f59cc68a82633e044"),
        (ToolUse("s", "t", {"a": "b"}), 7, False, "sha256:92bf65691a678843e26cfe80e1cc1534424fd4f8976d089520ad20c5737ff0a2"),
    ]
    reasons = ["server and tool must not be empty"] * 2 + ["SessionEnd MCP hooks are not supported"]
    assert odd == [f"skipping MCP tool hook in {tmp_path}/hooks.json: {reason}" for reason in reasons]


@pytest.mark.parametrize("call", [{"server": "s"}, {"tool": "t"}, {"server": "s", "tool": "t", "input": []}])
def test_a_call_of_a_tool_that_makes_no_sense(tmp_path: Path, call: Any) -> None:
    hooks, (odd,) = found(tmp_path, {"Stop": [{"hooks": [{"type": "mcp_tool", **call}]}]})
    assert (hooks, "failed to parse hooks config" in odd) == ([], True)


def test_hooks_of_the_configuration_file_and_what_is_odd(tmp_path: Path) -> None:
    config = '[[hooks.PostToolUse]]\nmatcher = "Bash"\n[[hooks.PostToolUse.hooks]]\ntype = "command"\ncommand = "echo c"\n'
    table = {"Stop": [{"hooks": [{"type": "prompt", "prompt": "x"}, {"type": "command", "command": " "}, ECHO]}]}
    hooks, odd = found(tmp_path, table, config)
    assert [(hook.event, hook.path.name, hook.key[-3:]) for hook in hooks] == [
        ("stop", "hooks.json", "0:2"),
        ("postToolUse", "config.toml", "0:0"),
    ]
    file = tmp_path / "hooks.json"
    assert odd == [
        f"loading hooks from both {file} and {tmp_path}/config.toml; prefer a single representation for this layer",
        f"skipping prompt hook in {file}: prompt hooks are not supported yet",
        f"skipping empty hook command in {file}",
    ]


@pytest.mark.parametrize(
    "hooks",
    [
        "{",
        "[]",
        "[" * 100_000,
        5,
        {"Stop": 5},
        {"Stop": [5]},
        {"Stop": [{"hooks": 5}]},
        {"Stop": [{"hooks": [5]}]},
        {"Stop": [{"hooks": [{"type": "other"}]}]},
        {"Stop": [{"hooks": [{"type": "command"}]}]},
        {"Stop": [{"hooks": [{"type": "command", "command": "x", "timeout": "soon"}]}]},
        {"Stop": [{"matcher": 5, "hooks": [ECHO]}]},
    ],
    ids=lambda hooks: str(hooks)[:40],
)
def test_a_file_that_makes_no_sense_is_told_and_has_no_hooks(tmp_path: Path, hooks: Any) -> None:
    listed, odd = found(tmp_path, hooks)
    assert listed == []
    assert len(odd) == 1
    assert odd[0].startswith(f"failed to parse hooks config {tmp_path}/hooks.json: ")


async def listed(client: Client, *cwds: Path) -> list[str]:
    (entry,) = (await client.request("hooks/list", {"cwds": [str(cwd) for cwd in cwds]}))["data"]
    return [f"{hook['source']} {hook['command']}" for hook in entry["hooks"]]


async def test_projects_have_hooks_once_they_are_trusted(tmp_path: Path) -> None:
    async with conversing(tmp_path) as talk:
        work, home = talk.home.work, talk.home.codex_home
        (work / ".git").mkdir()
        for folder, command in ((home, "of the user"), (work / ".codex", "of the root"), (work / "sub" / ".codex", "below")):
            folder.mkdir(parents=True, exist_ok=True)
            hooks = {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": command}]}]}}
            (folder / "hooks.json").write_text(json.dumps(hooks))
        assert await listed(talk.client) == ["user of the user"]
        with (home / "config.toml").open("a") as config:
            config.write(f'\n[projects."{work}"]\ntrust_level = "trusted"\n')
        assert await listed(talk.client, work) == ["user of the user", "project of the root"]
        assert await listed(talk.client, work / "sub") == ["user of the user", "project of the root", "project below"]
        thread = await talk.start_thread(cwd=str(work))
        (entry,) = (await talk.client.request("hooks/list", {"threadId": thread}))["data"]
        assert (entry["cwd"], [hook["displayOrder"] for hook in entry["hooks"]]) == (str(work), [0, 1])
        (home / "config.toml").write_text("model = [")
        (entry,) = (await talk.client.request("hooks/list", {}))["data"]
        assert (entry["hooks"], len(entry["errors"])) == ([], 1)
