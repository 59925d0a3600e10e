"""Whatever the client and the provider do, and in whatever order: turns end once, items are closed, calls are answered."""

from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.turn_rules import calls_are_answered, check_turns
from tests.support.deterministic import Talk, conversing
from tests.support.provider import Request, Step

ROUNDS = 25
"""How often everybody else may take a step between two of ours."""
ENDS = ("completed", "drop", "hang", "refuse")
DECISIONS = ("accept", "acceptForSession", "decline", "cancel", "nonsense")
PLAN = st.tuples(st.booleans(), st.booleans(), st.integers(0, 2), st.sampled_from(ENDS))
"""An answer: has it reasoning, a message, how many commands, and how does it end?"""
ACTION = st.one_of(
    st.tuples(st.just("release"), st.integers(1, 4)),
    st.tuples(st.just("steer"), st.just(0)),
    st.tuples(st.just("start"), st.just(0)),
    st.tuples(st.just("interrupt"), st.just(0)),
    st.tuples(st.just("answer"), st.sampled_from(DECISIONS)),
)


class Play:
    """A conversation whose provider goes on only when it is released, event by event."""

    def __init__(self, talk: Talk, thread: str, gates: list[anyio.Event]) -> None:
        self.talk, self.thread, self.gates = talk, thread, gates
        self.asked = 0

    async def do(self, action: str, detail: Any) -> None:
        """Take one step, without waiting for what becomes of it; then let the server do what it can."""
        client, thread = self.talk.client, {"threadId": self.thread}
        words = [{"type": "text", "text": "more"}]
        if action == "release":
            for gate in [gate for gate in self.gates if not gate.is_set()][:detail]:
                gate.set()
        elif action == "steer":
            await client.send("turn/steer", {**thread, "expectedTurnId": self.running() or "none", "input": words})
        elif action == "start":
            await client.send("turn/start", {**thread, "input": words})
        elif action == "interrupt":
            await client.send("turn/interrupt", {**thread, "turnId": ""})
        elif self.asked < len(self.questions()):
            await client.answer(self.questions()[self.asked], {"decision": detail})
            self.asked += 1
        for _ in range(ROUNDS):
            await anyio.lowlevel.checkpoint()

    def questions(self) -> list[Any]:
        return [message for message in self.talk.client.messages if "method" in message and "id" in message]

    def running(self) -> str | None:
        """The turn that runs, as far as the client knows."""
        ends = [message for message in self.talk.client.messages if message.get("method") in ("turn/started", "turn/completed")]
        is_running = ends and ends[-1]["method"] == "turn/started"
        return ends[-1]["params"]["turn"]["id"] if is_running else None

    async def finish(self) -> None:
        """Interrupt whatever runs, and see a last turn through."""
        client, thread = self.talk.client, {"threadId": self.thread}
        await client.send("turn/interrupt", {**thread, "turnId": ""})
        await client.request("thread/read", thread)
        while self.running() is not None:
            await client.wait_notification("turn/completed")
        for gate in self.gates:
            gate.set()
        await client.request("turn/start", {**thread, "input": [{"type": "text", "text": "last"}]})
        while True:
            ended = await client.wait_notification("turn/completed")
            if self.running() is None and ended["turn"]["status"] == "completed":
                break


def answer(request: Request, plans: list[Any], gates: list[anyio.Event], numbers: Callable[[], int]) -> list[Step]:
    """The steps of the next planned answer, each held back by a gate; a last turn is answered at once."""
    words = [part["text"] for item in request.body["input"] for part in item.get("content") or [] if item.get("role") == "user"]
    if words[-1] == "last" or not plans:
        return ["created", {"message": "Bye."}, "completed"]
    has_reasoning, has_message, commands, end = plans.pop(0)
    steps: list[Step] = ["created"]
    if has_reasoning:
        steps.append({"reasoning": ["hm"]})
    if has_message:
        item = {"type": "message", "role": "assistant", "id": f"m{numbers()}"}
        place = {"item_id": item["id"], "output_index": 0, "content_index": 0}
        steps.append({"type": "response.output_item.added", "output_index": 0, "item": {**item, "content": []}})
        steps.append({"type": "response.output_text.delta", **place, "delta": "so far"})
    run: dict[str, Any] = {"call": "exec_command", "arguments": {"cmd": "echo hi"}}
    steps += [{**run, "call_id": f"call_{numbers()}"} for _ in range(commands)]
    steps.append({"type": "response.completed", "response": {}} if end == "refuse" else end)
    held: list[Step] = []
    for step in steps:
        gates.append(anyio.Event())
        held += [gates[-1], step]
    return held


async def leave(talk: Talk) -> None:
    """The client goes, whatever runs: what has begun has ended in the file, once."""
    talk.pipe.close_input()
    await talk.client.wait_closed()
    events = talk.recorded("event_msg")
    begun = [event["turn_id"] for event in events if event["type"] == "task_started"]
    ended = [event["turn_id"] for event in events if event["type"] in ("task_complete", "turn_aborted")]
    assert begun == ended


async def play(folder: Path, plans: list[Any], actions: list[Any], leaves: bool) -> None:
    gates: list[anyio.Event] = []
    numbers = count()
    entry = partial(answer, plans=plans, gates=gates, numbers=lambda: next(numbers))
    async with conversing(folder, [entry] * 100) as talk:
        thread = await talk.start_thread(approvalPolicy="untrusted")
        this = Play(talk, thread, gates)
        await this.do("start", 0)
        for action, detail in actions:
            await this.do(action, detail)
        await (leave(talk) if leaves else this.finish())
        for request in talk.provider.requests:
            calls_are_answered(request.body)
    assert leaves or check_turns(talk.client.messages)[-1] == "completed"
    errors = [message["error"] for message in talk.client.messages if "error" in message]
    assert all(error["data"]["reason"] in ("no_active_turn", "turn_mismatch") for error in errors), errors


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    return lambda: tmp_path_factory.mktemp("play")


@settings(max_examples=30, deadline=None)
@given(plans=st.lists(PLAN, min_size=1, max_size=4), actions=st.lists(ACTION, max_size=14), leaves=st.booleans())
def test_turns_keep_their_promises(folders: Callable[[], Path], plans: list[Any], actions: list[Any], leaves: bool) -> None:
    anyio.run(play, folders(), list(plans), actions, leaves)
