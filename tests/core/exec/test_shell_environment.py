"""Shells and environments, as pure functions."""

import os
import pwd
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app_server.core.exec.shell import (
    EnvironmentPolicy,
    child_environment,
    login_shell,
    resolve_shell,
    shell_argv,
    tool_environment,
)

BASE = {
    "PATH": "/bin",
    "HOME": "/h",
    "TERM": "xterm",
    "MY_SECRET_X": "s",
    "ApiKey": "k",
    "GH_TOKEN": "t",
    "FOO": "1",
    "FOOD": "2",
}


@pytest.mark.parametrize(
    ("table", "names"),
    [
        ({}, set(BASE)),
        ({"inherit": "core"}, {"PATH", "HOME"}),
        ({"inherit": "none"}, set()),
        ({"ignore_default_excludes": False}, {"PATH", "HOME", "TERM", "FOO", "FOOD"}),
        ({"exclude": ["foo?", "*_token"]}, set(BASE) - {"FOOD", "GH_TOKEN"}),
        ({"exclude": ["FOO"]}, set(BASE) - {"FOO"}),
        ({"inherit": "none", "set": {"NEW": "1"}}, {"NEW"}),
        ({"exclude": ["NEW"], "set": {"NEW": "1"}}, {*BASE, "NEW"}),
        ({"include_only": ["p*", "FOO"], "set": {"NEW": "1"}}, {"PATH", "FOO"}),
        ({"inherit": None, "exclude": None, "experimental_use_profile": True}, set(BASE)),
        ({"exclude": ["[F]OO"]}, set(BASE)),
    ],
)
def test_the_policy_decides_what_commands_see(table: dict[str, Any], names: set[str]) -> None:
    assert set(child_environment(EnvironmentPolicy.from_table(table), BASE)) == names


def test_values_that_the_policy_sets_win() -> None:
    policy = EnvironmentPolicy.from_table({"set": {"FOO": "mine"}})
    assert child_environment(policy, BASE)["FOO"] == "mine"
    assert BASE["FOO"] == "1"


def test_commands_of_the_model_run_quietly_and_know_their_thread() -> None:
    environment = tool_environment(BASE, thread_id="T", session_id="S", call_id="C", version="9")
    assert environment == {
        **BASE,
        "NO_COLOR": "1",
        "TERM": "dumb",
        "LANG": "C.UTF-8",
        "LC_CTYPE": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "COLORTERM": "",
        "PAGER": "cat",
        "GIT_PAGER": "cat",
        "GH_PAGER": "cat",
        "CODEX_CI": "1",
        "CODEX_THREAD_ID": "T",
        "CODEX_SESSION_ID": "S",
        "CODEX_TOOL_CALL_ID": "C",
        "CODEX_VERSION": "9",
        "CODEX_APPLY_PATCH_PRESERVE_LINE_ENDINGS": "1",
    }


def test_without_network_commands_are_told_so() -> None:
    environment = tool_environment({}, thread_id="", session_id="", call_id="", version="", is_network_disabled=True)
    assert environment["CODEX_SANDBOX_NETWORK_DISABLED"] == "1"


def test_a_script_runs_in_a_login_shell_unless_told_otherwise() -> None:
    assert shell_argv("/bin/bash", "ls") == ("/bin/bash", "-lc", "ls")
    assert shell_argv("/bin/bash", "ls", is_login=False) == ("/bin/bash", "-c", "ls")


def test_a_shell_may_be_asked_for_by_name_or_path(tmp_path: Path) -> None:
    for name in ("bash", "zsh"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
    mine = str(tmp_path / "bash")
    assert resolve_shell(None, "/usr/bin/fish", str(tmp_path)) == "/usr/bin/fish"
    assert resolve_shell(mine, "/bin/zsh", None) == mine
    assert resolve_shell("bash", "/opt/bash", str(tmp_path)) == "/opt/bash"
    assert resolve_shell("zsh", "/opt/bash", str(tmp_path)) == str(tmp_path / "zsh")
    assert resolve_shell("/nowhere/zsh", "/opt/bash", str(tmp_path)) == str(tmp_path / "zsh")


@pytest.mark.parametrize("asked", ["python3", "/nowhere/fish", ""])
def test_an_unknown_kind_of_shell_becomes_sh(asked: str) -> None:
    assert resolve_shell(asked, "/bin/bash", None) == "/bin/sh"


def account(shell: str) -> Callable[[int], SimpleNamespace]:
    return lambda _: SimpleNamespace(pw_shell=shell)


def test_the_users_shell_is_that_of_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pwd, "getpwuid", account("/bin/sh"))
    assert login_shell(os.environ["PATH"]) == "/bin/sh"


@pytest.mark.parametrize("shell", ["/bin/cat", "/nowhere/bash", ""])
def test_an_account_with_an_unusable_shell_gets_another(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shell: str) -> None:
    monkeypatch.setattr(pwd, "getpwuid", account(shell))
    (tmp_path / "bash").write_text("")
    (tmp_path / "bash").chmod(0o755)
    assert login_shell(str(tmp_path)) == str(tmp_path / "bash")


def test_a_user_without_an_account_gets_a_shell_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_: int) -> None:
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert os.access(login_shell(os.environ["PATH"]), os.X_OK)
