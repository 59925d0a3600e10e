"""`command/exec` and `process/*` over a real server: real processes, their streams, limits and ends."""

import shutil
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from app_server.core.sandbox import ladder
from tests.conftest import Converse
from tests.support.client import RpcError
from tests.support.deterministic import conversing
from tests.support.needs import needs

FULL = {"type": "dangerFullAccess"}
pytestmark = pytest.mark.anyio


async def test_a_command_answers_with_its_exit_code_and_both_streams(converse: Converse) -> None:
    async with converse() as talk:
        result = await talk.client.request(
            "command/exec", {"command": ["sh", "-c", "echo out; echo err >&2; exit 3"], "sandboxPolicy": FULL}
        )
    assert result == {"exitCode": 3, "stdout": "out\n", "stderr": "err\n"}


async def test_output_beyond_the_cap_is_thrown_away_and_the_command_goes_on(converse: Converse) -> None:
    async with converse() as talk:
        result = await talk.client.request(
            "command/exec",
            {"command": ["sh", "-c", "printf 0123456789; exit 7"], "outputBytesCap": 4, "sandboxPolicy": FULL},
        )
    assert result == {"exitCode": 7, "stdout": "0123", "stderr": ""}


async def test_a_command_that_outlives_its_time_is_killed_and_ends_with_124(converse: Converse) -> None:
    async with converse() as talk:
        result = await talk.client.request(
            "command/exec", {"command": ["sh", "-c", "echo begun; sleep 60"], "timeoutMs": 300, "sandboxPolicy": FULL}
        )
    assert result == {"exitCode": 124, "stdout": "begun\n", "stderr": ""}


async def test_streamed_output_comes_before_the_answer_and_input_reaches_the_command(converse: Converse) -> None:
    async with converse() as talk:
        client = talk.client
        running = await client.send(
            "command/exec",
            {"command": ["cat"], "processId": "a", "streamStdin": True, "streamStdoutStderr": True, "sandboxPolicy": FULL},
        )
        await client.request("command/exec/write", {"processId": "a", "deltaBase64": b64encode(b"hello\n").decode()})
        delta = await client.wait_notification("command/exec/outputDelta")
        await client.request("command/exec/write", {"processId": "a", "closeStdin": True})
        result = await client.response(running)
    assert (b64decode(delta["deltaBase64"]), delta["stream"], delta["capReached"]) == (b"hello\n", "stdout", False)
    assert result == {"exitCode": 0, "stdout": "", "stderr": ""}


async def test_a_process_id_is_taken_while_its_command_runs_and_free_again_after_it(converse: Converse) -> None:
    asked: dict[str, Any] = {"command": ["cat"], "processId": "a", "streamStdin": True, "sandboxPolicy": FULL}
    async with converse() as talk:
        client = talk.client
        first = await client.send("command/exec", asked)
        with pytest.raises(RpcError, match='duplicate active command/exec process id: "a"'):
            await client.request("command/exec", asked)
        await client.request("command/exec/terminate", {"processId": "a"})
        assert (await client.response(first))["exitCode"] == 137
        again = await client.send("command/exec", asked)
        await client.request("command/exec/write", {"processId": "a", "closeStdin": True})
        assert (await client.response(again))["exitCode"] == 0


@needs("bubblewrap", found=shutil.which("bwrap") is not None)
async def test_a_command_runs_in_the_sandbox_that_its_policy_asks_for(converse: Converse) -> None:
    async with converse() as talk:
        script = "touch made; echo $CODEX_SANDBOX_NETWORK_DISABLED"
        asked = {"command": ["sh", "-c", script], "sandboxPolicy": {"type": "readOnly"}}
        result = await talk.client.request("command/exec", asked)
        assert (result["stdout"], "Read-only file system" in result["stderr"]) == ("1\n", True)
        written = await talk.client.request("command/exec", {**asked, "sandboxPolicy": {"type": "workspaceWrite"}})
        assert (written["exitCode"], (talk.home.work / "made").exists()) == (0, True)


async def test_where_no_sandbox_works_a_command_that_needs_one_is_refused(tmp_path: Path) -> None:
    nothing = {name: lambda *_: None for name in ("find_bubblewrap", "find_sandbox_exec", "find_landlock")}
    with patch.multiple(ladder, **nothing):
        async with conversing(tmp_path) as talk:
            asked = {"command": ["/bin/touch", "made"], "sandboxPolicy": {"type": "readOnly"}}
            with pytest.raises(RpcError, match="no sandbox is available here"):
                await talk.client.request("command/exec", asked)
            assert not (talk.home.work / "made").exists()


async def test_a_spawned_process_is_answered_at_once_and_its_end_is_announced(converse: Converse) -> None:
    async with converse() as talk:
        client = talk.client
        asked = {"command": ["sh", "-c", "echo hi"], "processHandle": "p", "cwd": str(talk.home.work)}
        assert await client.request("process/spawn", asked) == {}
        ended = await client.wait_notification("process/exited")
    assert ended == {
        "processHandle": "p",
        "exitCode": 0,
        "outputDrainTimedOut": False,
        "stdout": "hi\n",
        "stdoutCapReached": False,
        "stderr": "",
        "stderrCapReached": False,
    }


async def test_the_commands_of_a_client_end_with_its_connection(converse: Converse) -> None:
    async with converse() as talk:
        client = talk.client
        marker = talk.home.work / "still-there"
        script = f"trap '' TERM; echo ready; sleep 30; touch {marker}"
        await client.request(
            "process/spawn",
            {"command": ["sh", "-c", script], "processHandle": "p", "cwd": str(talk.home.work), "streamStdoutStderr": True},
        )
        await client.wait_notification("process/outputDelta")
    assert not marker.exists()  # leaving `converse` has waited for an orderly end within its deadline
