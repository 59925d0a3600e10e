"""At every moment of a turn: an interrupt is answered at once and ends it, and what was added before is not lost."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.core.turn.dialogue import MUCH, SMALL, ended, halfway, runs, said, says, see_through
from tests.core.turn_rules import calls_are_answered, check_turns
from tests.support.client import RpcError
from tests.support.deterministic import Talk, conversing
from tests.support.provider import Reply, Script, Step

pytestmark = pytest.mark.anyio

REASONING: dict[str, Any] = {"type": "reasoning", "id": "rs_1", "summary": []}
QUESTION = {"id": "q", "header": "h", "question": "?", "options": [{"label": "a", "description": "b"}] * 2}
PATCH = "*** Begin Patch\n*** Add File: a.txt\n+a\n*** End Patch\n"
DROPPED: list[Step] = ["created", "drop"]


def notified(method: str, **where: Any) -> Callable[[Talk], Awaitable[object]]:
    return lambda talk: talk.client.wait_notification(method, **where)


def asked(method: str) -> Callable[[Talk], Awaitable[object]]:
    return lambda talk: talk.client.wait_request(method)


def requested(count: int) -> Callable[[Talk], Awaitable[object]]:
    return lambda talk: talk.provider.wait_requests(count)


@dataclass(frozen=True)
class Moment:
    """What the provider plays until then, how the moment is recognized, and what the thread and the home need for it."""

    script: Script
    reached: Callable[[Talk], Awaitable[object]]
    thread: dict[str, Any] = field(default_factory=dict)
    home: dict[str, Any] = field(default_factory=dict)
    first: bool = False
    """Whether the script begins with a turn before."""
    mode: str = "default"


ASKS = {"approvalPolicy": "untrusted"}
MOMENTS: dict[str, Moment] = {
    "before the answer begins": Moment([lambda _: [anyio.Event()]], requested(1)),
    "before the first delta": Moment([["created", "hang"]], requested(1)),
    "in reasoning": Moment(
        [["created", {"type": "response.output_item.added", "output_index": 0, "item": REASONING}, "hang"]],
        notified("item/started", item__type="reasoning"),
    ),
    "in a message": Moment([halfway()], notified("item/agentMessage/delta")),
    "while a command runs": Moment([runs("sleep 60")], notified("item/started", item__type="commandExecution")),
    "while a command runs and the answer goes on": Moment(
        [runs("sleep 60", end="hang")], notified("item/started", item__type="commandExecution")
    ),
    "while a command is asked for": Moment([runs("true")], asked("item/commandExecution/requestApproval"), thread=ASKS),
    "while a patch is asked for": Moment(
        [["created", {"custom": "apply_patch", "input": PATCH, "call_id": "call_1"}, "completed"]],
        asked("item/fileChange/requestApproval"),
        thread=ASKS,
    ),
    "while the user is asked": Moment(
        [["created", {"call": "request_user_input", "arguments": {"questions": [QUESTION]}, "call_id": "call_1"}, "completed"]],
        asked("item/tool/requestUserInput"),
        home={"features": "default_mode_request_user_input = true"},
    ),
    "while a client's tool runs": Moment(
        [["created", {"call": "look", "arguments": {}, "call_id": "call_1"}, "completed"]],
        asked("item/tool/call"),
        thread={"dynamicTools": [{"name": "look", "description": "d", "inputSchema": {"type": "object"}}]},
    ),
    "waiting to try a stream again": Moment([DROPPED], notified("error", willRetry=True), home={"retries": 5}),
    "waiting to try a request again": Moment([Reply(status=500, body="x")], requested(1), home={"retries": 5}),
    "in a compaction before the turn": Moment(
        [says("one", MUCH), halfway()], notified("item/started", item__type="contextCompaction"), home={"top": SMALL}, first=True
    ),
    "waiting to try a compaction again": Moment(
        [says("one", MUCH), DROPPED], notified("error", willRetry=True), home={"top": SMALL, "retries": 5}, first=True
    ),
    "in a compaction between two requests": Moment(
        [runs("true", end=MUCH), halfway()], notified("item/started", item__type="contextCompaction"), home={"top": SMALL}
    ),
}


def is_answered_first(talk: Talk, request_id: object) -> bool:
    """Whether a request was answered before the newest turn ended."""
    messages = list(reversed(talk.client.messages))
    answer = next(index for index, message in enumerate(messages) if message.get("id") == request_id and "result" in message)
    return next(index for index, message in enumerate(messages) if message.get("method") == "turn/completed") < answer


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
@pytest.mark.parametrize("method", ["nothing", "turn/steer", "turn/start"])
async def test_an_interrupt_ends_the_turn_and_loses_nothing_that_was_accepted(
    moment: Moment, method: str, tmp_path: Path
) -> None:
    async with conversing(tmp_path, [*moment.script, *[says("fine")] * 3], **moment.home) as talk:
        thread = await talk.start_thread(**moment.thread)
        if moment.first:
            await see_through(talk, thread, "before")
        turn = await talk.start_turn(thread, "go")
        await moment.reached(talk)
        if method != "nothing":
            params = {"threadId": thread, "input": [{"type": "text", "text": "added"}]}
            expected = {"expectedTurnId": turn} if method == "turn/steer" else {}
            await talk.client.request(method, {**params, **expected})
        requests = list(talk.provider.requests)
        stop = await talk.client.send("turn/interrupt", {"threadId": thread, "turnId": turn})
        assert (await ended(talk, thread))["status"] == "interrupted"
        assert await talk.client.response(stop) == {}
        assert is_answered_first(talk, stop)
        with anyio.fail_after(5):
            for request in requests:
                await request.ended.wait()
        with pytest.raises(RpcError, match="no active turn to interrupt"):
            await talk.client.request("turn/interrupt", {"threadId": thread, "turnId": turn})
        assert (await see_through(talk, thread, "again"))["status"] == "completed"
    assert check_turns(talk.client.messages)[-2:] == ["interrupted", "completed"]
    calls_are_answered(talk.provider.requests[-1].body)
    words = said(talk)
    assert "<turn_aborted>" in words + said(talk, -2)  # the history may have been compacted in between
    added = ["added"] if method != "nothing" else []
    assert [text for text in words if text in ("go", "added", "again")] == ["go", *added, "again"]
