"""Turns of every kind on one thread, in whatever order the client and the provider come to speak.

Compactions, reviews, commands of the user, queued input and goals between and within turns that are steered,
interrupted and left alone: each turn ends once, each item is closed, and the thread is idle in the end.
"""

from collections.abc import Callable
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

ROUNDS = 40
"""How often everybody else may take a step between two of ours."""
FULL: Step = {"completed": {"usage": {"input_tokens": 900, "output_tokens": 5, "total_tokens": 905}}}
ENDS = st.sampled_from(["completed", "full", "drop", "hang"])
PLAN = st.tuples(st.booleans(), st.integers(0, 2), ENDS)
"""An answer: has it a message, how many commands, and how does it end?"""
TEXT = [{"type": "text", "text": "more"}]
ACTIONS: dict[str, dict[str, Any]] = {
    "turn/start": {"input": TEXT},
    "turn/steer": {"input": TEXT},
    "turn/interrupt": {"turnId": ""},
    "thread/compact/start": {},
    "review/start": {"target": {"type": "custom", "instructions": "look"}},
    "thread/shellCommand": {"command": "echo mine"},
    "thread/queue/add": {"input": TEXT, "clientUserMessageId": "q"},
    "thread/goal/set": {"objective": "ship it"},
    "thread/goal/clear": {},
}
ACTION = st.one_of(st.sampled_from(sorted(ACTIONS)), st.integers(1, 5))
"""A request, or so many steps of the provider."""
EXPECTED = {"no_active_turn", "turn_mismatch", "turn_not_steerable"}


class Play:
    """A conversation whose provider goes on only when it is released, step by step."""

    def __init__(self, plans: list[Any]) -> None:
        self.plans = plans
        self.gates: list[anyio.Event] = []
        self.numbers = count()
        self.is_open = False

    def answer(self, request: Request) -> list[Step]:
        """The steps of the next planned answer, each held back by a gate; when all is over, answers are short."""
        if self.is_open or not self.plans:
            return ["created", {"message": "Bye."}, "completed"]
        has_message, commands, end = self.plans.pop(0)
        steps: list[Step] = ["created"]
        if has_message:
            steps.append({"message": "so far", "id": f"msg_{next(self.numbers)}"})
        run: dict[str, Any] = {"call": "exec_command", "arguments": {"cmd": "echo hi"}}
        steps += [{**run, "call_id": f"call_{next(self.numbers)}"} for _ in range(commands)]
        held: list[Step] = []
        for step in (*steps, FULL if end == "full" else end):
            self.gates.append(anyio.Event())
            held += [self.gates[-1], step]
        return held

    def release(self, number: int) -> None:
        for gate in [gate for gate in self.gates if not gate.is_set()][:number]:
            gate.set()


def running(talk: Talk) -> str | None:
    """The turn that runs, as far as the client knows."""
    ends = [message for message in talk.client.messages if message.get("method") in ("turn/started", "turn/completed")]
    is_running = ends and ends[-1]["method"] == "turn/started"
    return ends[-1]["params"]["turn"]["rootTurnId"] if is_running else None


def typed(talk: Talk, event: str) -> int:
    """How many commands of the user have begun, or ended."""
    params = [message["params"] for message in talk.client.messages if message.get("method") == event]
    return sum(each["item"].get("source") == "userShell" for each in params)


async def act(talk: Talk, thread: str, play: Play, action: str | int) -> None:
    """Take one step without waiting for what becomes of it, and let the server do what it can."""
    if isinstance(action, int):
        play.release(action)
    else:
        params = {"threadId": thread, **ACTIONS[action]}
        if action == "turn/steer":
            params["expectedTurnId"] = running(talk) or "none"
        await talk.client.send(action, params)
    for _ in range(ROUNDS):
        await anyio.lowlevel.checkpoint()


async def calm(talk: Talk, thread: str) -> None:
    """Give up the goal, let the queue run dry, and see everything through."""
    await talk.client.request("thread/goal/clear", {"threadId": thread})
    while True:
        await talk.client.send("turn/interrupt", {"threadId": thread, "turnId": ""})
        read = await talk.client.request("thread/read", {"threadId": thread})
        while running(talk) is not None:
            await talk.client.wait_notification("turn/completed")
        entries = (await talk.client.request("thread/queue/list", {"threadId": thread}))["data"]
        for entry in entries:
            await talk.client.request("thread/queue/delete", {"threadId": thread, "queuedSubmissionId": entry["id"]})
        if not entries and read["thread"]["status"]["type"] != "active" and running(talk) is None:
            return


async def play_all(folder: Path, plans: list[Any], actions: list[str | int]) -> None:
    play = Play(plans)
    async with conversing(folder, [play.answer] * 200, top="model_auto_compact_token_limit = 800") as talk:
        thread = await talk.start_thread()
        await act(talk, thread, play, "turn/start")
        for action in actions:
            await act(talk, thread, play, action)
        play.is_open = True
        await calm(talk, thread)
        play.release(len(play.gates))
        last = await talk.start_turn(thread, "last")
        assert (await talk.client.wait_notification("turn/completed", turn__id=last))["turn"]["status"] == "completed"
        with anyio.fail_after(5):
            while typed(talk, "item/started") != typed(talk, "item/completed"):
                await anyio.lowlevel.checkpoint()
        for request in talk.provider.requests:
            calls_are_answered(request.body)
    assert check_turns(talk.client.messages)[-1] == "completed"
    errors = [message["error"] for message in talk.client.messages if "error" in message]
    assert all(error["data"].get("reason") in EXPECTED or "codexErrorInfo" in error["data"] for error in errors), errors


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    return lambda: tmp_path_factory.mktemp("play")


@settings(max_examples=25, deadline=None)
@given(plans=st.lists(PLAN, min_size=1, max_size=5), actions=st.lists(ACTION, max_size=14))
def test_turns_of_all_kinds_keep_their_promises(folders: Callable[[], Path], plans: list[Any], actions: list[str | int]) -> None:
    anyio.run(play_all, folders(), list(plans), actions)
