"""Turns from the outside: a real provider over HTTP, a real client, commands that really run.

Whatever happens, each turn ends exactly once, each item that was opened is closed, and the thread goes on (`check_turns`).
"""

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import anyio
import pytest

from app_server.core.tools.exec_command import ExecCommand
from app_server.core.turn.turn import Outcome, Turn
from tests.core.turn_rules import calls_are_answered, check_turns
from tests.support.deterministic import Talk, conversing
from tests.support.provider import Reply, Request, Script, Step

ITEM = {"type": "message", "role": "assistant", "id": "m"}


def added(index: int, item: Any) -> Step:
    return {"type": "response.output_item.added", "output_index": index, "item": item}


def done(item: Any) -> Step:
    return {"type": "response.output_item.done", "output_index": 0, "item": {**item, "content": []}}


HALF: list[Step] = [
    "created",
    added(0, {**ITEM, "content": []}),
    {"type": "response.output_text.delta", "item_id": "m", "output_index": 0, "content_index": 0, "delta": "half"},
]
RUN: dict[str, Any] = {"call": "exec_command", "arguments": {"cmd": "echo hello"}, "call_id": "call_1"}
THANKS: list[Step] = ["created", {"message": "Thanks."}, "completed"]
GIST: list[Step] = ["created", {"message": "The gist."}, "completed"]
"""The history is compacted before the next turn."""


async def end_of_turn(talk: Talk, thread: str) -> Any:
    """The turn as it has ended."""
    return (await talk.client.wait_notification("turn/completed", threadId=thread))["turn"]


async def status(talk: Talk, thread: str) -> str:
    read = await talk.client.request("thread/read", {"threadId": thread})
    kind: str = read["thread"]["status"]["type"]
    return kind


def texts(body: Any) -> list[str]:
    """What a model request carried of messages and outputs, without the server's own context."""
    found = []
    for item in body["input"]:
        if item["type"] == "message" and item["role"] != "developer":
            found += [part["text"] for part in item["content"] if not part["text"].startswith("<environment_context>")]
        elif item["type"].endswith("_output"):
            found.append(item["output"])
    return found


# How an answer may go wrong.

MID_MESSAGE = [*HALF, "drop"]
ENDINGS: dict[str, tuple[Script, str]] = {
    "whole": ([THANKS], "completed"),
    "empty": ([["created", "completed"]], "completed"),
    "hung up at once": ([["drop"]], "failed"),
    "hung up in a message": ([MID_MESSAGE], "failed"),
    "hung up in reasoning": ([["created", added(0, {"type": "reasoning", "id": "r", "summary": []}), "drop"]], "failed"),
    "hung up in a search": ([["created", added(0, {"type": "web_search_call", "id": "w"}), "drop"]], "failed"),
    "closed without an end": ([HALF], "failed"),
    "refused": ([Reply(status=400, body={"error": {"message": "no"}})], "failed"),
    "broken": ([Reply(status=500, body="oops")], "failed"),
    "failed": ([["created", {"failed": {"error": {"code": "server_error", "message": "oh"}}}]], "failed"),
    "incomplete": ([["created", {"incomplete": {"incomplete_details": {"reason": "content_filter"}}}]], "failed"),
    "full": ([["created", {"failed": {"error": {"code": "context_length_exceeded", "message": "long"}}}], GIST], "failed"),
    "no json": ([[{"raw": "data: {nonsense\n\n"}, *THANKS]], "completed"),
    "two open messages": ([[*HALF, added(1, {**ITEM, "id": "n", "content": []}), "completed"]], "completed"),
    "a message that nobody opened": ([["created", done(ITEM), "completed"]], "completed"),
    "a delta of nothing": ([["created", HALF[2], "completed"]], "completed"),
    "an end without id": ([["created", {"type": "response.completed", "response": {}}]], "failed"),
    "a call of nothing": ([["created", {"call": "no_such_tool"}, "completed"], THANKS], "completed"),
    "a custom call of nothing": ([["created", {"custom": "no_such_tool"}, "completed"], THANKS], "completed"),
    "a call with bad arguments": ([["created", {**RUN, "arguments": {"command": 5}}, "completed"], THANKS], "completed"),
    "hung up after a call": ([["created", RUN, "drop"]], "failed"),
    "hung up after a command": ([["created", RUN, "completed"], ["drop"]], "failed"),
}  # fmt: skip


@pytest.mark.parametrize(("script", "outcome"), ENDINGS.values(), ids=ENDINGS.keys())
async def test_however_an_answer_ends_the_turn_ends_once_and_the_next_one_works(
    script: Script, outcome: str, tmp_path: Path
) -> None:
    async with conversing(tmp_path, [*script, THANKS]) as talk:
        thread = await talk.start_thread()
        await talk.start_turn(thread)
        assert (await end_of_turn(talk, thread))["status"] == outcome
        await talk.start_turn(thread, "again")
        assert (await end_of_turn(talk, thread))["status"] == "completed"
        assert await status(talk, thread) == "idle"
    assert check_turns(talk.client.messages) == [outcome, "completed"]
    ends = [event["type"] for event in talk.recorded("event_msg") if event["type"] in ("task_complete", "turn_aborted")]
    assert ends == ["task_complete", "task_complete"]


@pytest.mark.parametrize("retries", [1, 2])
async def test_a_broken_stream_is_tried_again_as_often_as_allowed(retries: int, tmp_path: Path) -> None:
    async with conversing(tmp_path, [MID_MESSAGE] * (retries + 1), retries=retries) as talk:
        thread = await talk.start_thread()
        await talk.start_turn(thread)
        assert (await end_of_turn(talk, thread))["status"] == "failed"
    assert len(talk.provider.requests) == retries + 1
    counted = [message["params"] for message in talk.client.messages if message.get("method") == "error"]
    assert [error["willRetry"] for error in counted] == [True] * retries + [False]
    assert [error["error"]["message"] for error in counted[:-1]] == [
        f"Reconnecting... {n}/{retries}" for n in range(1, retries + 1)
    ]
    assert check_turns(talk.client.messages) == ["failed"]


async def test_the_budget_of_retries_is_that_of_one_answer(tmp_path: Path) -> None:
    script: Script = [["drop"], ["created", RUN, "completed"], ["drop"], THANKS]
    async with conversing(tmp_path, script, retries=1) as talk:
        thread = await talk.start_thread()
        await talk.start_turn(thread)
        assert (await end_of_turn(talk, thread))["status"] == "completed"
    assert check_turns(talk.client.messages) == ["completed"]


async def test_a_provider_that_is_down_is_waited_for_and_the_turn_can_be_interrupted(tmp_path: Path) -> None:
    async with conversing(tmp_path, [THANKS]) as talk:
        thread = await talk.start_thread(
            config={"model_providers": {"down": {"name": "d", "base_url": "http://127.0.0.1:9/v1", "request_max_retries": 0}}},
            modelProvider="down",
        )
        turn = await talk.start_turn(thread)
        waiting = await talk.client.wait_notification("error", threadId=thread)
        assert (waiting["willRetry"], waiting["error"]["message"]) == (True, "Reconnecting... waiting for network")
        await talk.client.request("turn/interrupt", {"threadId": thread, "turnId": turn})
        assert (await end_of_turn(talk, thread))["status"] == "interrupted"
    assert check_turns(talk.client.messages) == ["interrupted"]


# Our own bugs.


@pytest.mark.parametrize("step", ["prepare", "run", "declined", "spec"])
async def test_a_tool_that_raises_ends_the_turn_and_not_the_server(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def bug(*_: object) -> None:
        raise ZeroDivisionError("secret")

    async with conversing(tmp_path, [["created", RUN, "completed"], THANKS]) as talk:
        thread = await talk.start_thread(approvalPolicy="untrusted")
        with monkeypatch.context() as broken:
            broken.setattr(ExecCommand, step, bug)
            await talk.start_turn(thread)
            if step in ("run", "declined"):
                asked = await talk.client.wait_request("item/commandExecution/requestApproval")
                await talk.client.answer(asked, {"decision": "accept" if step == "run" else "decline"})
            ended = await end_of_turn(talk, thread)
        assert ended["status"] == "failed"
        assert ended["error"]["message"].startswith("internal error ")
        assert ended["error"]["message"].split()[2].rstrip(";") in caplog.text
        if step == "spec":
            assert talk.provider.requests == []
        else:
            await talk.start_turn(thread, "again")
            assert (await end_of_turn(talk, thread))["status"] == "completed"
            outputs = [item for item in talk.provider.requests[-1].body["input"] if item["type"] == "function_call_output"]
            assert [item["call_id"] for item in outputs] == ["call_1"], "the call is answered, whatever became of it"
        assert await status(talk, thread) == ("systemError" if step == "spec" else "idle")
    assert check_turns(talk.client.messages)[0] == "failed"


async def test_a_turn_whose_provider_can_not_be_opened_fails_and_the_server_lives(tmp_path: Path) -> None:
    odd = {"model_providers": {"odd": {"name": "odd", "base_url": "http://127.0.0.1:9/v1", "wire_api": "litellm"}}}
    async with conversing(tmp_path, [THANKS]) as talk:
        thread = await talk.start_thread(config=odd, modelProvider="odd")
        await talk.start_turn(thread)
        assert (await end_of_turn(talk, thread))["status"] == "failed"
        await talk.start_turn(other := await talk.start_thread())
        assert (await end_of_turn(talk, other))["status"] == "completed"
    assert check_turns(talk.client.messages) == ["failed", "completed"]


# Interrupting.

LOOK: list[Step] = [{"reasoning": ["**Look** around"]}, {"message": "On my way", "phase": "commentary"}]
WALK: list[list[Step]] = [
    ["created", *LOOK, {**RUN, "arguments": {"cmd": "echo hello; sleep 0.05"}}, "completed"],
    ["created", {"message": "Now another"}, {**RUN, "call_id": "call_2", "arguments": {"cmd": "exit 1"}}, "completed"],
    THANKS,
]


async def walk(talk: Talk, thread: str, interrupt_at: int | None) -> list[str]:
    """Play WALK, answering each approval, and interrupt the turn when the message of that number has come. Gives the methods."""
    turn = await talk.start_turn(thread)
    methods: list[str] = []
    while True:
        if len(methods) == interrupt_at:
            with_turn = {"threadId": thread, "turnId": turn}
            await talk.client.send("turn/interrupt", with_turn)
        message = await talk.client.next_message()
        methods.append(message["method"])
        if message["method"] == "item/commandExecution/requestApproval":
            await talk.client.answer(message, {"decision": "accept"})
        if message["method"] == "turn/completed":
            return methods


def next_of_walk(request: Request) -> Sequence[Step]:
    """The answer that is due in WALK, by what the model has seen of it since the user's last words; THANKS to any others."""
    items = request.body["input"]
    last = max(index for index, item in enumerate(items) if item.get("role") == "user")
    if texts({"input": items[last:]})[0] != "go":
        return THANKS
    return WALK[sum(item["type"] == "function_call_output" for item in items[last:])]


async def test_a_turn_can_be_interrupted_at_every_step(tmp_path: Path) -> None:
    async with conversing(tmp_path, [next_of_walk] * 500) as talk:
        steps = len(await walk(talk, await talk.start_thread(approvalPolicy="untrusted"), None))
        assert steps > 40
        for step in range(steps):
            thread = await talk.start_thread(approvalPolicy="untrusted")
            await walk(talk, thread, step)
            await talk.start_turn(thread, "again")
            assert (await walk_on(talk, thread))["status"] == "completed", step
            assert await status(talk, thread) == "idle"
            last = talk.provider.requests[-1].body
            calls_are_answered(last)
            was_interrupted = any("<turn_aborted>" in text for text in texts(last))
            outcomes = check_turns(talk.client.messages)
            assert outcomes[-2:] == ["interrupted" if was_interrupted else "completed", "completed"]
        assert outcomes.count("interrupted") > 30


async def walk_on(talk: Talk, thread: str) -> Any:
    """The end of a turn, all its questions accepted."""
    while True:
        message = await talk.client.next_message()
        if message["method"] == "item/commandExecution/requestApproval":
            await talk.client.answer(message, {"decision": "accept"})
        if message["method"] == "turn/completed":
            return message["params"]["turn"]


async def test_interrupting_twice_is_interrupting_once(tmp_path: Path) -> None:
    async with conversing(tmp_path, [[*HALF, "hang"]]) as talk:
        thread = await talk.start_thread()
        turn = await talk.start_turn(thread)
        await talk.client.wait_notification("item/agentMessage/delta")
        sent = [await talk.client.send("turn/interrupt", {"threadId": thread, "turnId": name}) for name in (turn, "", turn)]
        assert (await end_of_turn(talk, thread))["status"] == "interrupted"
        assert await talk.client.response(sent[0]) == {}
        closed = [message["params"]["item"] for message in talk.client.messages if message.get("method") == "item/completed"]
        assert closed[-1]["text"] == "half", "the cut message is closed with what had come of it"
        (request,) = talk.provider.requests
        with anyio.fail_after(5):
            await request.ended.wait()
        assert request.abandoned.is_set(), "the provider is not kept waiting"
    assert check_turns(talk.client.messages) == ["interrupted"]


async def test_a_turn_can_be_interrupted_before_it_has_begun(tmp_path: Path) -> None:
    async with conversing(tmp_path, [THANKS]) as talk:
        thread = await talk.start_thread()
        start = {"threadId": thread, "input": [{"type": "text", "text": "go"}]}
        requests = [{"id": 8, "method": "turn/start", "params": start}]
        requests.append({"id": 9, "method": "turn/interrupt", "params": {"threadId": thread, "turnId": ""}})
        await talk.pipe.send("".join(f"{json.dumps(request)}\n" for request in requests).encode())
        assert (await end_of_turn(talk, thread))["status"] == "interrupted"
        assert talk.provider.requests == []
    assert check_turns(talk.client.messages) == ["interrupted"]


def test_a_turn_ends_once() -> None:
    turn = Turn("t", 1_000)
    assert turn.end(Outcome.INTERRUPTED, 3_500)
    assert not turn.end(Outcome.COMPLETED, 4_000)
    wire = turn.wire()
    assert (wire.status, wire.started_at, wire.completed_at, wire.duration_ms) == ("interrupted", 1, 3, 2_500)


async def test_an_interruption_kills_the_command_that_runs(tmp_path: Path) -> None:
    sleeper = {**RUN, "arguments": {"cmd": "echo started > began; sleep 60; echo late > late"}}
    async with conversing(tmp_path, [["created", sleeper, "completed"], THANKS]) as talk:
        thread = await talk.start_thread()
        turn = await talk.start_turn(thread)
        await talk.client.wait_notification("item/started", item__type="commandExecution")
        await talk.client.request("turn/interrupt", {"threadId": thread, "turnId": turn})
        assert (await end_of_turn(talk, thread))["status"] == "interrupted"
        await talk.start_turn(thread)
        await end_of_turn(talk, thread)
        (output,) = [item for item in talk.provider.requests[1].body["input"] if item["type"] == "function_call_output"]
        assert output["output"].endswith("aborted by user")
    assert check_turns(talk.client.messages) == ["interrupted", "completed"]


@pytest.mark.parametrize("hangs", [False, True])
async def test_cancelling_an_approval_ends_the_turn_at_once(hangs: bool, tmp_path: Path) -> None:
    async with conversing(tmp_path, [["created", RUN, "hang" if hangs else "completed"], THANKS]) as talk:
        thread = await talk.start_thread(approvalPolicy="untrusted")
        await talk.start_turn(thread)
        asked = await talk.client.wait_request("item/commandExecution/requestApproval")
        await talk.client.answer(asked, {"decision": "cancel"})
        assert (await end_of_turn(talk, thread))["status"] == "interrupted"
        closed = [message["params"]["item"] for message in talk.client.messages if message.get("method") == "item/completed"]
        assert closed[-1]["status"] == "declined"
        assert len(talk.provider.requests) == 1
    assert check_turns(talk.client.messages) == ["interrupted"]


# Approvals.

ANSWERS: dict[str, tuple[Any, str, str]] = {
    "accept": ({"decision": "accept"}, "completed", "hello\n"),
    "for the session": ({"decision": "acceptForSession"}, "completed", "hello\n"),
    "decline": ({"decision": "decline"}, "declined", "rejected by user"),
    "nonsense": ({"decision": "perhaps"}, "failed", "approval request failed"),
    "null": (None, "failed", "approval request failed"),
}


@pytest.mark.parametrize(("answer", "item_status", "output"), ANSWERS.values(), ids=ANSWERS.keys())
async def test_what_the_user_says_of_a_command_happens(answer: Any, item_status: str, output: str, tmp_path: Path) -> None:
    async with conversing(tmp_path, [["created", RUN, "completed"], THANKS]) as talk:
        thread = await talk.start_thread(approvalPolicy="untrusted")
        await talk.start_turn(thread)
        asked = await talk.client.wait_request("item/commandExecution/requestApproval")
        waiting = [
            message["params"]["status"] for message in talk.client.messages if message.get("method") == "thread/status/changed"
        ]
        assert waiting[-1] == {"type": "active", "activeFlags": ["waitingOnApproval"]}
        assert asked["params"]["itemId"] == "call_1"
        await talk.client.answer(asked, answer)
        assert (await end_of_turn(talk, thread))["status"] == "completed"
    (item,) = [
        message["params"]["item"]
        for message in talk.client.messages
        if message.get("method") == "item/completed" and message["params"]["item"]["type"] == "commandExecution"
    ]
    assert item["status"] == item_status
    assert output in texts(talk.provider.requests[1].body)[-1]
    assert check_turns(talk.client.messages) == ["completed"]


async def test_an_error_answer_is_a_refusal(tmp_path: Path) -> None:
    async with conversing(tmp_path, [["created", RUN, "completed"], THANKS]) as talk:
        thread = await talk.start_thread(approvalPolicy="untrusted")
        await talk.start_turn(thread)
        await talk.client.refuse(await talk.client.wait_request("item/commandExecution/requestApproval"), -32000, "no window")
        assert (await end_of_turn(talk, thread))["status"] == "completed"
    assert check_turns(talk.client.messages) == ["completed"]


async def test_a_grant_for_the_session_holds_for_the_same_command_only(tmp_path: Path) -> None:
    other = {**RUN, "arguments": {"cmd": "echo other"}, "call_id": "call_3"}
    script: Script = [["created", RUN, "completed"], ["created", {**RUN, "call_id": "call_2"}, other, "completed"], THANKS]
    async with conversing(tmp_path, script) as talk:
        thread = await talk.start_thread(approvalPolicy="untrusted")
        await talk.start_turn(thread)
        first = await talk.client.wait_request("item/commandExecution/requestApproval")
        await talk.client.answer(first, {"decision": "acceptForSession"})
        second = await talk.client.wait_request("item/commandExecution/requestApproval")
        await talk.client.answer(second, {"decision": "decline"})
        await end_of_turn(talk, thread)
        assert (first["params"]["itemId"], second["params"]["itemId"]) == ("call_1", "call_3")
    assert check_turns(talk.client.messages) == ["completed"]


# Steering, and what the model is told.


async def test_steered_words_cut_the_answer_and_reach_the_model_next(tmp_path: Path) -> None:
    async with conversing(tmp_path, [[*HALF, "hang"], THANKS]) as talk:
        thread = await talk.start_thread()
        turn = await talk.start_turn(thread)
        await talk.client.wait_notification("item/agentMessage/delta")
        steer = {"threadId": thread, "expectedTurnId": turn, "input": [{"type": "text", "text": "also this"}]}
        assert await talk.client.request("turn/steer", steer) == {"turnId": turn}
        assert (await end_of_turn(talk, thread))["status"] == "completed"
    assert [texts(request.body) for request in talk.provider.requests] == [["go"], ["go", "also this"]]
    words = [item["content"] for item in recorded_items(talk) if item["type"] == "UserMessage"]
    assert [content[0]["text"] for content in words] == ["go", "also this"]
    assert check_turns(talk.client.messages) == ["completed"]


def recorded_items(talk: Talk) -> list[Any]:
    return [event["item"] for event in talk.recorded("event_msg") if event["type"] == "item_completed"]


async def test_steered_words_wait_for_the_command_that_runs(tmp_path: Path) -> None:
    async with conversing(tmp_path, [["created", RUN, "completed"], THANKS]) as talk:
        thread = await talk.start_thread(approvalPolicy="untrusted")
        turn = await talk.start_turn(thread)
        asked = await talk.client.wait_request("item/commandExecution/requestApproval")
        steer = {"threadId": thread, "expectedTurnId": turn, "input": [{"type": "text", "text": "also this"}]}
        await talk.client.request("turn/steer", steer)
        await talk.client.answer(asked, {"decision": "accept"})
        assert (await end_of_turn(talk, thread))["status"] == "completed"
    said = texts(talk.provider.requests[1].body)
    assert (said[0], said[-1]) == ("go", "also this")
    assert said[1].endswith("hello\n")
    assert check_turns(talk.client.messages) == ["completed"]


async def test_starting_a_turn_while_one_runs_joins_it(tmp_path: Path) -> None:
    async with conversing(tmp_path, [[*HALF, "hang"], THANKS]) as talk:
        thread = await talk.start_thread()
        turn = await talk.start_turn(thread)
        await talk.client.wait_notification("item/agentMessage/delta")
        assert await talk.start_turn(thread, "more") == turn
        await end_of_turn(talk, thread)
    assert texts(talk.provider.requests[1].body) == ["go", "more"]
    assert check_turns(talk.client.messages) == ["completed"]


def prefix(bodies: Sequence[Any]) -> None:
    """Each request begins with what the one before it had sent."""
    for earlier, later in pairwise(bodies):
        sent, again = json.dumps(earlier["input"]), json.dumps(later["input"])
        assert again.startswith(sent[:-1])


async def test_what_was_sent_once_is_sent_again_as_it_was(tmp_path: Path) -> None:
    script: Script = [["created", {"reasoning": ["hm"]}, RUN, "completed"], THANKS, ["created", {"message": "Two"}, "completed"]]
    async with conversing(tmp_path, script) as talk:
        thread = await talk.start_thread()
        for text in ("one", "two"):
            await talk.start_turn(thread, text)
            await end_of_turn(talk, thread)
    prefix([request.body for request in talk.provider.requests])
    assert len(talk.provider.requests) == 3
    assert len({request.body["prompt_cache_key"] for request in talk.provider.requests}) == 1


# The end of the client, and threads beside each other.


async def test_a_client_that_goes_leaves_a_turn_that_has_ended(tmp_path: Path) -> None:
    async with conversing(tmp_path, [[*HALF, "hang"]]) as talk:
        thread = await talk.start_thread()
        await talk.start_turn(thread)
        await talk.client.wait_notification("item/agentMessage/delta")
        talk.pipe.close_input()
        await talk.client.wait_closed()
        (request,) = talk.provider.requests
        with anyio.fail_after(5):
            await request.ended.wait()
    ends = [event for event in talk.recorded("event_msg") if event["type"] in ("task_complete", "turn_aborted")]
    assert [event["type"] for event in ends] == ["turn_aborted"]
    assert check_turns(talk.client.messages) == ["interrupted"]


async def test_turns_of_many_threads_run_side_by_side(tmp_path: Path) -> None:
    count = 20
    gate = anyio.Event()
    script: Script = [["created", gate, {"message": "at last"}, "completed"]] * count
    async with conversing(tmp_path, script) as talk:
        threads = [await talk.start_thread() for _ in range(count)]
        for thread in threads:
            await talk.start_turn(thread)
        await talk.provider.wait_requests(count)
        gate.set()
        for _ in threads:
            await talk.client.wait_notification("turn/completed")
        assert [await status(talk, thread) for thread in threads] == ["idle"] * count
    assert check_turns(talk.client.messages) == ["completed"] * count


async def test_tool_calls_of_one_answer_run_together_and_are_answered_in_their_order(tmp_path: Path) -> None:
    """Each of the two commands waits for the other, so they end only if they run side by side."""
    (tmp_path / "meet").mkdir()
    meet = "mkfifo {0} 2>/dev/null; mkfifo {1} 2>/dev/null; {2}; echo met {3}"
    first = {**RUN, "call_id": "one", "arguments": {"cmd": meet.format("a", "b", "echo x >a; cat b", 1)}}
    second = {**RUN, "call_id": "two", "arguments": {"cmd": meet.format("a", "b", "cat a; echo y >b", 2)}}
    async with conversing(tmp_path, [["created", first, second, "completed"], THANKS]) as talk:
        thread = await talk.start_thread()
        await talk.start_turn(thread)
        assert (await end_of_turn(talk, thread))["status"] == "completed"
    outputs = [item for item in talk.provider.requests[1].body["input"] if item["type"] == "function_call_output"]
    assert [item["call_id"] for item in outputs] == ["one", "two"]
    assert [item["output"].splitlines()[-1] for item in outputs] == ["met 1", "met 2"]
    assert check_turns(talk.client.messages) == ["completed"]
