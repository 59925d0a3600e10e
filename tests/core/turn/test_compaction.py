"""Compaction from the outside: when it happens, what the model is sent before and after it, and what a failed one leaves."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.core.turn.dialogue import (
    GIST,
    LITTLE,
    MUCH,
    PROMPT,
    SMALL,
    ended,
    halfway,
    items,
    runs,
    said,
    says,
    see_through,
    told,
)
from tests.core.turn_rules import calls_are_answered, check_turns
from tests.support.client import RpcError
from tests.support.deterministic import conversing
from tests.support.provider import Reply, Step

pytestmark = pytest.mark.anyio

CONTEXT = ["<permissions instructions>", "<environment_context>"]


async def test_a_client_can_have_the_history_compacted(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("one"), GIST, says("two")], top=PROMPT) as talk:
        thread = await talk.start_thread()
        await see_through(talk, thread, "x")
        assert await talk.client.request("thread/compact/start", {"threadId": thread}) == {}
        turn = await ended(talk, thread)
        assert (turn["status"], turn["items"]) == ("completed", [])
        await see_through(talk, thread, "y")
    assert said(talk, 1) == ["base", *CONTEXT, "x", "one", "Sum it up."]
    assert talk.provider.requests[1].body["tools"] == []
    assert talk.provider.requests[1].body["parallel_tool_calls"] is False
    assert said(talk, 2) == ["base", *CONTEXT, "x", "summary: The gist.", "y"]
    assert len(items(talk, "contextCompaction")) == 1
    assert check_turns(talk.client.messages) == ["completed"] * 3


async def test_a_full_history_is_compacted_before_the_turn_that_would_add_to_it(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("one", MUCH), GIST, says("two", LITTLE)], top=SMALL) as talk:
        thread = await talk.start_thread()
        await see_through(talk, thread, "x")
        await see_through(talk, thread, "y")
    assert said(talk, 1)[-2:] == ["one", "Sum it up."]
    assert said(talk, 2) == ["base", *CONTEXT, "x", "summary: The gist.", "y"]
    kinds = [params["item"]["type"] for params in told(talk, "item/started")]
    assert kinds == ["userMessage", "agentMessage", "contextCompaction", "userMessage", "agentMessage"]
    assert check_turns(talk.client.messages) == ["completed"] * 2


async def test_a_history_that_fills_up_is_compacted_between_two_requests_of_a_turn(tmp_path: Path) -> None:
    script = [runs("echo a", end=MUCH), GIST, runs("echo b", "call_2", LITTLE), says("done", MUCH)]
    async with conversing(tmp_path, script, top=SMALL) as talk:
        thread = await talk.start_thread()
        assert (await see_through(talk, thread, "x"))["status"] == "completed"
    assert said(talk, 2) == ["base", *CONTEXT, "x", "summary: The gist."]
    assert said(talk, 3) == [*said(talk, 2), "function_call", "function_call_output"]
    for request in talk.provider.requests:
        calls_are_answered(request.body)
    assert len(talk.provider.requests) == 4, "nothing is compacted after the last answer"
    assert check_turns(talk.client.messages) == ["completed"]


async def test_every_compaction_begins_a_window_of_the_context(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("one"), GIST, says("two"), GIST], top=PROMPT) as talk:
        thread = await talk.start_thread()
        for _ in range(2):
            await see_through(talk, thread)
            await talk.client.request("thread/compact/start", {"threadId": thread})
            await ended(talk, thread)
    windows = [request.headers["x-codex-window-id"] for request in talk.provider.requests]
    assert windows == [f"{thread}:0", f"{thread}:0", f"{thread}:1", f"{thread}:1"]
    lines = talk.recorded("compacted")
    assert [line["window_number"] for line in lines] == [1, 2]
    assert lines[1]["previous_window_id"] == lines[0]["window_id"] != lines[1]["window_id"]
    assert lines[0]["first_window_id"] == lines[1]["first_window_id"] == lines[0]["previous_window_id"]
    assert lines[0]["replacement_history"][-1]["content"][0]["text"] == lines[0]["message"]


async def test_a_thread_that_is_loaded_again_goes_on_from_the_summary(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("one"), GIST], top=PROMPT) as talk:
        thread = await talk.start_thread()
        await see_through(talk, thread, "x")
        await talk.client.request("thread/compact/start", {"threadId": thread})
        await ended(talk, thread)
        first = talk.home
    async with conversing(tmp_path / "again", [says("two"), GIST, says("three")], top=PROMPT) as talk:
        (first.codex_home / "sessions").rename(talk.home.codex_home / "sessions")
        await talk.client.request("thread/resume", {"threadId": thread, "excludeTurns": True, "cwd": str(first.work)})
        await see_through(talk, thread, "y")
        await talk.client.request("thread/compact/start", {"threadId": thread})
        await ended(talk, thread)
        await see_through(talk, thread, "z")
    assert said(talk, 0) == ["base", *CONTEXT, "x", "summary: The gist.", "y"]
    assert said(talk, 2) == ["base", "x", *CONTEXT, "y", "summary: The gist.", "z"]
    assert talk.provider.requests[2].headers["x-codex-window-id"] == f"{thread}:2"


async def test_what_was_acknowledged_outlives_a_compaction_that_is_interrupted(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("one", MUCH), halfway(), GIST, says("two", LITTLE)], top=SMALL) as talk:
        thread = await talk.start_thread()
        await see_through(talk, thread, "x")
        turn = await talk.start_turn(thread, "y")
        accepted = [
            event["message"]["content"][0]["text"] for event in talk.recorded("event_msg") if event["type"] == "input_accepted"
        ]
        assert accepted == ["y"]
        await talk.provider.wait_requests(2)
        await talk.client.request(
            "turn/steer", {"threadId": thread, "expectedTurnId": turn, "input": [{"type": "text", "text": "z"}]}
        )
        await talk.client.request("turn/interrupt", {"threadId": thread, "turnId": turn})
        assert (await ended(talk, thread))["status"] == "interrupted"
        await see_through(talk, thread, "on")
    assert said(talk, 2) == ["base", *CONTEXT, "x", "one", "y", "z", "<turn_aborted>", "Sum it up."]
    assert said(talk, 3) == ["base", "x", "y", *CONTEXT, "z", "summary: The gist.", "on"]
    assert check_turns(talk.client.messages) == ["completed", "interrupted", "completed"]


@pytest.mark.parametrize("answer", [Reply(status=400, body="no"), ["created", "drop"]], ids=["refused", "dropped"])
async def test_a_compaction_that_fails_leaves_the_thread_as_it_was(answer: Any, tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("one"), answer, says("two")], top=PROMPT) as talk:
        thread = await talk.start_thread()
        await see_through(talk, thread, "x")
        await talk.client.request("thread/compact/start", {"threadId": thread})
        assert (await ended(talk, thread))["status"] == "failed"
        await see_through(talk, thread, "y")
    assert said(talk, 2) == ["base", *CONTEXT, "x", "one", "y"]
    assert talk.recorded("compacted") == []
    assert check_turns(talk.client.messages) == ["completed", "failed", "completed"]


async def test_a_history_too_long_to_be_summed_up_is_shortened_from_its_beginning(tmp_path: Path) -> None:
    full: list[Step] = ["created", {"failed": {"error": {"code": "context_length_exceeded", "message": "long"}}}]
    async with conversing(tmp_path, [runs("echo a"), says("one"), full, full, GIST, says("two")], top=PROMPT) as talk:
        thread = await talk.start_thread()
        await see_through(talk, thread, "x")
        await talk.client.request("thread/compact/start", {"threadId": thread})
        assert (await ended(talk, thread))["status"] == "completed"
        await see_through(talk, thread, "y")
    rest = ["x", "function_call", "function_call_output", "one", "Sum it up."]
    assert said(talk, 3) == ["base", "<environment_context>", *rest]
    assert said(talk, 4) == ["base", *rest]
    assert said(talk, 5) == ["base", *CONTEXT, "x", "summary: The gist.", "y"]


async def test_a_provider_that_can_compacts_by_itself(tmp_path: Path) -> None:
    sealed: dict[str, Any] = {"item": {"type": "compaction", "id": "cmp_1", "encrypted_content": "sealed"}}
    script = [says("one", MUCH), ["created", sealed, "completed"], says("two", LITTLE), says("odd")]
    async with conversing(tmp_path, script, top=SMALL) as talk:
        thread = await talk.start_thread(config={"model_providers.mock.name": "OpenAI"})
        await see_through(talk, thread, "x")
        await see_through(talk, thread, "y")
        await talk.client.request("thread/compact/start", {"threadId": thread})
        turn = await ended(talk, thread)
    asked, after = talk.provider.requests[1].body, talk.provider.requests[2].body
    assert asked["input"][-1] == {"type": "compaction_trigger"}
    assert asked["tools"] == after["tools"] != []
    assert after["input"][-2] == {"type": "compaction", "id": "cmp_1", "encrypted_content": "sealed"}
    assert said(talk, 2) == ["base", *CONTEXT, "x", "compaction", "y"]
    assert turn["error"]["message"] == (
        "Error running remote compact task: Fatal error: remote compaction v2 expected exactly one compaction output item, "
        "got 0 from 1 output items"
    )


@pytest.mark.parametrize("method", ["turn/start", "turn/steer"])
async def test_a_compaction_takes_no_input(method: str, tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("one"), halfway()], top=PROMPT) as talk:
        thread = await talk.start_thread()
        await see_through(talk, thread)
        await talk.client.request("thread/compact/start", {"threadId": thread})
        turn = (await talk.client.wait_notification("turn/started"))["turn"]["id"]
        await talk.provider.wait_requests(2)
        params: dict[str, Any] = {"threadId": thread, "input": [{"type": "text", "text": "no"}]}
        if method == "turn/steer":
            params["expectedTurnId"] = turn
        with pytest.raises(RpcError) as refused:
            await talk.client.request(method, params)
        await talk.client.request("turn/interrupt", {"threadId": thread, "turnId": turn})
        assert (await ended(talk, thread))["status"] == "interrupted"
    error = refused.value
    if method == "turn/start":
        assert (error.code, error.message) == (
            -32603,
            "failed to submit turn input: ActiveTurnNotSteerable { turn_kind: Compact }",
        )
    else:
        assert (error.code, error.message) == (-32600, "cannot steer a compact turn")
        assert error.data["codexErrorInfo"] == {"activeTurnNotSteerable": {"turnKind": "compact"}}
    assert check_turns(talk.client.messages) == ["completed", "interrupted"]


async def test_a_compaction_takes_the_place_of_the_turn_that_runs(tmp_path: Path) -> None:
    async with conversing(tmp_path, [halfway(), GIST], top=PROMPT) as talk:
        thread = await talk.start_thread()
        await talk.start_turn(thread, "x")
        await talk.provider.wait_requests(1)
        await talk.client.request("thread/compact/start", {"threadId": thread})
        assert [(await ended(talk, thread))["status"] for _ in range(2)] == ["interrupted", "completed"]
    assert said(talk, 1) == ["base", *CONTEXT, "x", "Sum it up."], "nobody tells the model of an interruption by the user"
    reasons = [event["reason"] for event in talk.recorded("event_msg") if event["type"] == "turn_aborted"]
    assert reasons == ["replaced"]
    assert check_turns(talk.client.messages) == ["interrupted", "completed"]


async def test_a_retry_is_no_occasion_to_compact(tmp_path: Path) -> None:
    async with conversing(tmp_path, [runs("echo a", end=LITTLE), ["drop"], says("two", LITTLE)], top=SMALL, retries=1) as talk:
        thread = await talk.start_thread()
        assert (await see_through(talk, thread, "x" * 500))["status"] == "completed"
    assert items(talk, "contextCompaction") == []


async def test_a_smaller_model_has_the_larger_one_before_it_sum_up(tmp_path: Path) -> None:
    usage: Step = {"completed": {"usage": {"input_tokens": 12000, "output_tokens": 5, "total_tokens": 12005}}}
    async with conversing(tmp_path, [says("one", usage), GIST, says("two", LITTLE)], top=PROMPT) as talk:
        thread = await talk.start_thread()
        await see_through(talk, thread, "x")
        await see_through(talk, thread, "y", model="lab-text")
    assert [request.body["model"] for request in talk.provider.requests] == ["lab-full", "lab-full", "lab-text"]


async def test_a_compaction_stands_in_the_file_from_its_question_to_the_settings_that_hold_then(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("one"), GIST], top=PROMPT) as talk:
        thread = await talk.start_thread()
        await see_through(talk, thread)
        await talk.client.request("thread/compact/start", {"threadId": thread})
        await ended(talk, thread)
        (file,) = talk.home.codex_home.glob("sessions/*/*/*/rollout-*.jsonl")
        lines = [json.loads(line) for line in file.read_text().splitlines()]
    kinds = [line["payload"]["type"] if line["type"] == "event_msg" else line["type"] for line in lines]
    assert kinds[kinds.index("task_complete") + 1 :] == [
        "task_started",
        "token_count",
        "response_item",
        "token_usage_record",
        "token_count",
        "compacted",
        "world_state",
        "turn_context",
        "thread_settings_applied",
        "token_count",
        "item_completed",
        "task_complete",
    ]
