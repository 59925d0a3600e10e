"""Typing into a terminal that was started outside the sandbox: the user is asked, and sees the input as a command."""

import re
import shlex
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.core.lab import lab
from tests.support.provider import Request

pytestmark = pytest.mark.anyio
REQUEST = "item/commandExecution/requestApproval"
DEADLINE_S = 20
OPEN = {"cmd": "cat", "tty": True, "login": False, "yield_time_ms": 250, "sandbox_permissions": "require_escalated"}


def typing(request: Request) -> list[Any]:
    """The model types into the terminal that it has just been told of."""
    (number,) = re.findall(r"session ID (\d+)", str(request.body["input"][-1]["output"]))
    arguments = {"session_id": int(number), "chars": "rm x\n"}
    return ["created", {"call": "write_stdin", "arguments": arguments, "call_id": "typed"}, "completed"]


async def test_input_to_a_terminal_outside_is_shown_as_a_command_and_can_be_refused(tmp_path: Path) -> None:
    opening: list[Any] = ["created", {"call": "exec_command", "arguments": OPEN, "call_id": "opened"}, "completed"]
    script: list[Any] = [opening, typing, ["created", {"message": "done"}, "completed"]]
    with anyio.fail_after(DEADLINE_S):
        async with lab(tmp_path, script) as home, home.talk() as client:
            thread = await home.start(client, approvalPolicy="on-request", sandbox="read-only")
            await home.begin(client, thread["id"], "go")
            await client.answer(await client.wait_request(REQUEST), {"decision": "accept"})
            request = await client.wait_request(REQUEST)
            about = request["params"]
            assert (about["kind"], about["itemId"], about["approvalId"]) == ("writeStdin", "opened", "typed")
            assert shlex.split(about["command"])[-1] == "rm x\n"
            assert about["commandActions"] == [{"type": "unknown", "command": about["command"]}]
            assert about["availableDecisions"] == ["accept", "cancel"]
            await client.answer(request, {"decision": "decline"})
            await client.wait_notification("turn/completed")
            assert home.provider.requests[2].body["input"][-1]["output"] == "write_stdin rejected: rejected by user"
