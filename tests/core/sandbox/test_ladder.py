"""The rung that a machine gets, and what people are told of it."""

import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest

from app_server.core.launch import Launch
from app_server.core.sandbox import ladder, landlock
from app_server.core.sandbox.ladder import MISSING, NoSandbox, Sandbox
from app_server.core.sandbox.landlock import SHORTCOMING, WRAPPER, find_landlock
from app_server.core.sandbox.macos import profile
from app_server.core.sandbox.rules import Rules
from tests.core.lab import lab
from tests.support.needs import needs

pytestmark = pytest.mark.anyio
NOTHING = Rules((), has_network=False)
needs_landlock = needs("Landlock", found=find_landlock() is not None)


def without_bubblewrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ladder, "find_bubblewrap", lambda *_: None)


@needs("bubblewrap", found=shutil.which("bwrap") is not None)
def test_bubblewrap_is_the_first_choice_and_nothing_has_to_be_said() -> None:
    sandbox = Sandbox(os.environ)
    assert (sandbox.rung, sandbox.shortcoming) == ("bubblewrap", None)


@needs_landlock
def test_landlock_takes_its_place_and_says_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    without_bubblewrap(monkeypatch)
    sandbox = Sandbox(os.environ)
    with caplog.at_level(logging.WARNING):
        assert (sandbox.rung, sandbox.shortcoming) == ("landlock", SHORTCOMING)
    assert SHORTCOMING in caplog.text
    launch = sandbox.confined(Launch(("/bin/true",), "/", {}), NOTHING)
    assert str(WRAPPER) in launch.argv
    assert launch.when_ended is not None
    launch.when_ended()


def test_where_nothing_works_nothing_is_confined(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    without_bubblewrap(monkeypatch)
    monkeypatch.setattr(ladder, "find_landlock", lambda: None)
    sandbox = Sandbox(os.environ)
    with caplog.at_level(logging.WARNING):
        assert (sandbox.rung, sandbox.shortcoming) == (None, MISSING)
    assert MISSING in caplog.text
    with pytest.raises(NoSandbox):
        sandbox.confined(Launch(("/bin/true",), "/", {}), NOTHING)


def test_a_machine_whose_calls_are_not_known_has_no_landlock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "NUMBERS", {})
    assert find_landlock() is None


@needs_landlock
def test_landlock_that_lets_everything_pass_does_not_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    idle = tmp_path / "idle.py"
    idle.write_text("import os, sys\nend = sys.argv.index('--')\nos.execvp(sys.argv[end + 1], sys.argv[end + 1 :])\n")
    monkeypatch.setattr(landlock, "WRAPPER", idle)
    assert find_landlock() is None


@needs_landlock
def test_a_wrapper_that_cannot_confine_runs_nothing(tmp_path: Path) -> None:
    made = tmp_path / "made"
    facts = ["1", "0", "0"]  # another parent than ours
    run = subprocess.run(
        [sys.executable, "-I", "-S", str(WRAPPER), *facts, "--", "/bin/touch", str(made)], capture_output=True, text=True
    )
    assert run.returncode == 126
    assert run.stderr.startswith("the sandbox could not be set up: ")
    assert not made.exists()


@needs_landlock
async def test_clients_are_told_once_what_the_sandbox_lacks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without_bubblewrap(monkeypatch)
    script: list[Any] = [
        ["created", {"call": "exec_command", "arguments": {"cmd": "echo a; touch made"}, "call_id": "a"}, "completed"],
        ["created", {"call": "exec_command", "arguments": {"cmd": "echo b"}, "call_id": "b"}, "completed"],
        ["created", {"message": "done"}, "completed"],
    ]
    async with lab(tmp_path, script) as home, home.talk() as client:
        with anyio.fail_after(20):
            thread = await home.start(client, approvalPolicy="never", sandbox="read-only")
            await home.turn(client, thread["id"], "go")
        messages = [message["params"]["message"] for message in client.messages if message.get("method") == "warning"]
        assert messages == [SHORTCOMING]
        assert not (home.home.work / "made").exists()
        gauges = {gauge["name"] for gauge in (await client.request("server/diagnostics"))["gauges"]}
        assert "core.sandbox.landlock" in gauges


def test_the_profile_for_macos_opens_the_roots_and_spares_their_protected_names() -> None:
    text, places = profile(Rules(("/work",), has_network=False))
    assert text.startswith("(version 1)\n(deny default)\n")
    assert places == {
        "ROOT_0": "/work",
        "ROOT_0_SPARED_0": "/work/.git",
        "ROOT_0_SPARED_1": "/work/.agents",
        "ROOT_0_SPARED_2": "/work/.codex",
        "ROOT_0_SPARED_3": "/work/.aws",
    }
    (clause,) = [line for line in text.splitlines() if "ROOT_0" in line]
    assert clause.startswith('  (require-all (subpath (param "ROOT_0")) (require-not (subpath (param "ROOT_0_SPARED_0")))')
    assert text.count("(") == text.count(")")
    assert "network" not in text
    assert "/work" not in text


def test_the_profile_for_macos_without_roots_writes_nothing_and_may_reach_the_network() -> None:
    text, places = profile(Rules((), has_network=True))
    assert places == {}
    assert "(allow file-write*\n" not in text
    assert "(allow network-outbound)" in text
