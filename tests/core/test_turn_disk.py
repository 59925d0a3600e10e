"""A disk that refuses a line, whichever: the request or the turn fails, says so, and everything goes on."""

from pathlib import Path
from typing import Any

import pytest

from app_server.core.store.errors import StoreError
from app_server.core.store.rollout import Rollout
from tests.core.turn_rules import check_turns
from tests.support.client import RpcError
from tests.support.deterministic import Talk, conversing
from tests.support.provider import Request, Step

RUN: dict[str, Any] = {"call": "exec_command", "arguments": {"cmd": "echo hello"}}


class Disk:
    """Refuses the line of that number, and counts all; None refuses nothing."""

    def __init__(self) -> None:
        self.count = 0
        self.refused: int | None = None

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        write = Rollout._write

        def refusing(rollout: Rollout, encoded: bytes) -> None:
            self.count += 1
            if self.count - 1 == self.refused:
                raise StoreError("could not write: the disk has hiccups")
            write(rollout, encoded)

        monkeypatch.setattr(Rollout, "_write", refusing)


def answer(request: Request) -> list[Step]:
    """A command after the user's words, a message after anything else."""
    last = request.body["input"][-1]
    return (
        ["created", {"message": "so"}, RUN, "completed"]
        if last.get("role") == "user"
        else ["created", {"message": "ok"}, "completed"]
    )


async def take_turn(talk: Talk, thread: str) -> Any:
    """The turn as it has ended, or the refusal to start it."""
    try:
        await talk.start_turn(thread)
    except RpcError as refusal:
        return refusal
    return (await talk.client.wait_notification("turn/completed", threadId=thread))["turn"]


async def test_whichever_line_is_refused_the_turn_ends_once_and_the_next_one_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk()
    disk.install(monkeypatch)
    outcomes: dict[str, int] = {}
    async with conversing(tmp_path, [answer] * 200) as talk:
        thread = await talk.start_thread()
        assert (await take_turn(talk, thread))["status"] == "completed"
        lines = disk.count
        assert lines > 12
        for number in range(lines):
            thread = await talk.start_thread()
            disk.count, disk.refused = 0, number
            outcome = await take_turn(talk, thread)
            disk.refused = None
            kind = "refused" if isinstance(outcome, RpcError) else outcome["status"]
            outcomes[kind] = outcomes.get(kind, 0) + 1
            if isinstance(outcome, RpcError):
                assert (outcome.message, outcome.data["reason"]) == ("could not write: the disk has hiccups", "io_error")
            elif kind == "failed":
                assert outcome["error"]["message"] == "could not write: the disk has hiccups"
                assert outcome["error"]["codexErrorInfo"] == "other"
            assert (await take_turn(talk, thread))["status"] == "completed", number
    assert check_turns(talk.client.messages).count("failed") == outcomes["failed"]
    assert set(outcomes) == {"refused", "failed", "completed"}
    assert outcomes["completed"] == 2, "a command's item and the end of the turn are told although they are not on disk"


async def interrupt_turn(talk: Talk, thread: str) -> None:
    """A turn that is interrupted while the user is asked, if it gets that far."""
    try:
        await talk.start_turn(thread)
    except RpcError:
        return
    while (message := await talk.client.next_message())["method"] != "turn/completed":
        if "id" in message:
            await talk.client.send("turn/interrupt", {"threadId": thread, "turnId": ""})


async def test_whichever_line_of_an_interrupted_turn_is_refused_it_ends_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk()
    disk.install(monkeypatch)
    async with conversing(tmp_path, [answer] * 200) as talk:
        await interrupt_turn(talk, await talk.start_thread(approvalPolicy="untrusted"))
        assert check_turns(talk.client.messages) == ["interrupted"]
        for number in range(disk.count):
            thread = await talk.start_thread(approvalPolicy="untrusted")
            disk.count, disk.refused = 0, number
            await interrupt_turn(talk, thread)
            disk.refused = None
    assert {"interrupted", "failed"} == set(check_turns(talk.client.messages))
