"""What a turn may be started and steered with, and what of it the model and the clients get."""

import json
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.core.turn.dialogue import ended, halfway, items, runs, said, says, see_through, told
from tests.core.turn_rules import check_turns
from tests.support.client import RpcError
from tests.support.deterministic import Talk, conversing
from tests.support.provider import Step

pytestmark = pytest.mark.anyio

WORDS = [{"type": "text", "text": "hi"}]
REFUSED = [
    ({"toolOutput": {"name": "t", "output": "o"}}, -32600, "`toolOutput` cannot be combined with nonempty `input`"),
    ({"input": [{"type": "text", "text": "x" * 1048577}]}, -32602, "Input exceeds the maximum length of 1048576 characters."),
    (
        {"input": [{"type": "image", "url": "https://example.com/a.png"}]},
        -32600,
        "remote image URLs are not supported; use an inline data URL instead",
    ),
    (
        {"sandboxPolicy": {"type": "dangerFullAccess"}, "permissions": ":read-only"},
        -32600,
        "`permissions` cannot be combined with `sandboxPolicy`",
    ),
    (
        {"permissions": "mine"},
        -32600,
        "failed to load configuration: default_permissions requires a `[permissions]` table",
    ),
    ({"input": None}, -32600, "Invalid request: invalid type: null, expected a sequence"),
    (
        {"input": [{"type": "weird"}]},
        -32600,
        "Invalid request: unknown variant `weird`, expected one of `text`, `image`, `localImage`, `audio`, `localAudio`, "
        "`skill`, `mention`",
    ),
]


@pytest.mark.parametrize(("params", "code", "text"), REFUSED)
async def test_what_can_not_be_said_is_refused_and_starts_nothing(
    params: dict[str, Any], code: int, text: str, tmp_path: Path
) -> None:
    async with conversing(tmp_path) as talk:
        thread = await talk.start_thread()
        with pytest.raises(RpcError) as refused:
            await talk.client.request("turn/start", {"threadId": thread, "input": WORDS, "effort": "high", **params})
        assert (refused.value.code, refused.value.message) == (code, text)
        read = await talk.client.request("thread/read", {"threadId": thread})
    assert read["thread"]["status"] == {"type": "idle"}
    assert told(talk, "thread/settings/updated") == []
    assert talk.provider.requests == []


async def test_nothing_at_all_is_a_turn_without_words(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("one"), says("two")]) as talk:
        thread = await talk.start_thread()
        await talk.client.request("turn/start", {"threadId": thread, "input": []})
        await ended(talk, thread)
        await see_through(talk, thread, "")
    assert said(talk, 0)[-1] == "<environment_context>"
    assert said(talk, 1)[-1] == ""
    assert [item["content"][0]["text"] for item in items(talk, "userMessage")] == [""]


async def test_the_result_of_a_client_stands_in_the_place_of_words(tmp_path: Path) -> None:
    output = [{"type": "input_text", "text": "found"}]
    async with conversing(tmp_path, [says("one")]) as talk:
        thread = await talk.start_thread()
        params = {"input": [], "toolOutput": {"name": "look", "namespace": "mine", "output": output}}
        await talk.client.request("turn/start", {"threadId": thread, **params})
        await ended(talk, thread)
    (item,) = items(talk, "functionCallOutput")
    assert (item["name"], item["namespace"], item["output"]) == ("look", "mine", output)
    sent = talk.provider.requests[0].body["input"][-1]
    assert sent == {"type": "function_call_output", "id": item["id"], "name": "look", "namespace": "mine", "output": output}


async def test_context_is_told_before_the_words_and_again_only_when_it_changes(tmp_path: Path) -> None:
    first = {"zed": {"kind": "untrusted", "value": "v1"}, "app": {"kind": "application", "value": "a1"}}
    second = {**first, "zed": {"kind": "untrusted", "value": "v2", "name": "page"}}
    async with conversing(tmp_path, [says("one"), says("two")]) as talk:
        thread = await talk.start_thread()
        await see_through(talk, thread, "x", additionalContext=first)
        await see_through(talk, thread, "y", additionalContext=second)
    sent = talk.provider.requests[1].body["input"]
    outputs = [(item["name"], item["namespace"], item["output"]) for item in sent if item["type"] == "function_call_output"]
    assert outputs == [("zed", "agent", "v1"), ("page", "agent", "v2")]
    assert said(talk, 1)[3:] == ["<app>a1</app>", "function_call_output", "x", "one", "function_call_output", "y"]


async def test_a_compaction_makes_context_be_told_again(tmp_path: Path) -> None:
    context = {"app": {"kind": "application", "value": "a1"}}
    async with conversing(tmp_path, [says("one"), says("gist"), says("two")]) as talk:
        thread = await talk.start_thread()
        await see_through(talk, thread, "x", additionalContext=context)
        await talk.client.request("thread/compact/start", {"threadId": thread})
        await ended(talk, thread)
        await see_through(talk, thread, "y", additionalContext=context)
    assert said(talk, 2)[-2:] == ["<app>a1</app>", "y"]


async def test_entries_for_the_provider_stay_until_they_are_replaced(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("answer")] * 4) as talk:
        thread = await talk.start_thread()
        await see_through(talk, thread, responsesapiClientMetadata={"a": "1", "b": "2"})
        await see_through(talk, thread, responsesapiClientMetadataPatch={"b": "3", "turn_id": "mine"})
        await see_through(talk, thread)
        await see_through(talk, thread, responsesapiClientMetadata={})
    sent = [request.body["client_metadata"]["x-codex-turn-metadata"] for request in talk.provider.requests]
    assert ['"a":"1"' in each for each in sent] == [True, True, True, False]
    assert ['"b":"3"' in each for each in sent] == [False, True, True, False]
    assert not any('"turn_id":"mine"' in each for each in sent)


async def test_the_provider_is_told_where_a_thread_comes_from(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("one"), says("two")]) as talk:
        await see_through(talk, await talk.start_thread(threadSource="user"))
        await see_through(talk, await talk.start_thread())
    sent = [request.body["client_metadata"]["x-codex-turn-metadata"] for request in talk.provider.requests]
    assert ['"thread_source":"user"' in each for each in sent] == [True, False]


async def test_a_tier_and_a_schema_hold_for_one_turn(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("one"), says("two")]) as talk:
        thread = await talk.start_thread()
        await see_through(talk, thread, serviceTierForTurn="fast", outputSchema={"type": "object"})
        await see_through(talk, thread)
    first, second = (request.body for request in talk.provider.requests)
    assert (first.get("service_tier"), second.get("service_tier")) == ("priority", None)
    assert first["text"]["format"]["schema"] == {"type": "object"}
    assert "format" not in second["text"]
    assert told(talk, "thread/settings/updated") == []


async def test_a_skill_is_told_whole_behind_the_words(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("one")]) as talk:
        (talk.home.work / "SKILL.md").write_text("Do it well.")
        thread = await talk.start_thread()
        skills = [{"type": "skill", "name": "s", "path": "SKILL.md"}, {"type": "skill", "name": "none", "path": "NONE.md"}]
        content = [*WORDS, *skills, {"type": "mention", "name": "m", "path": "app://m"}]
        await talk.client.request("turn/start", {"threadId": thread, "input": content})
        await ended(talk, thread)
    assert said(talk)[-2:] == ["hi", "<skill>\n<name>s</name>\n<path>SKILL.md</path>\nDo it well.\n</skill>"]
    assert [part["type"] for part in items(talk, "userMessage")[0]["content"]] == ["text", "skill", "skill", "mention"]


async def test_a_second_start_with_nothing_to_say_is_refused(tmp_path: Path) -> None:
    async with conversing(tmp_path, [halfway()]) as talk:
        thread = await talk.start_thread()
        turn = await talk.start_turn(thread)
        await talk.provider.wait_requests(1)
        with pytest.raises(RpcError, match="EmptyInput") as refused:
            await talk.client.request("turn/start", {"threadId": thread, "input": []})
        assert refused.value.code == -32603
        for params, text in (
            ({"expectedTurnId": turn, "input": []}, "input must not be empty"),
            ({"expectedTurnId": "", "input": WORDS}, "expectedTurnId must not be empty"),
            ({"expectedTurnId": "other", "input": WORDS}, f"expected active turn id `other` but found `{turn}`"),
        ):
            with pytest.raises(RpcError) as refused:
                await talk.client.request("turn/steer", {"threadId": thread, **params})
            assert (refused.value.code, refused.value.message) == (-32600, text)
        await talk.client.request("turn/interrupt", {"threadId": thread, "turnId": turn})
        await ended(talk, thread)


async def test_what_was_steered_and_never_said_is_said_when_the_turn_is_interrupted(tmp_path: Path) -> None:
    async with conversing(tmp_path, [runs("sleep 60"), says("ok")]) as talk:
        thread = await talk.start_thread()
        turn = await talk.start_turn(thread, "x")
        await talk.client.wait_notification("item/started", item__type="commandExecution")
        params = {
            "threadId": thread,
            "expectedTurnId": turn,
            "input": [{"type": "text", "text": "late"}],
            "clientUserMessageId": "c",
        }
        await talk.client.request("turn/steer", params)
        assert [event["item"]["client_id"] for event in talk.recorded("event_msg") if event["type"] == "input_accepted"] == ["c"]
        await talk.client.request("turn/interrupt", {"threadId": thread, "turnId": ""})
        await ended(talk, thread)
        await see_through(talk, thread, "on")
    assert said(talk)[-5:] == ["function_call", "function_call_output", "late", "<turn_aborted>", "on"]
    assert [item["clientId"] for item in items(talk, "userMessage")] == [None, "c", None]
    assert check_turns(talk.client.messages) == ["interrupted", "completed"]


async def test_an_image_that_is_steered_is_read_before_it_is_acknowledged(tmp_path: Path) -> None:
    async with conversing(tmp_path, [runs("until [ -f go ]; do sleep 0.05; done"), says("ok")]) as talk:
        thread = await talk.start_thread()
        turn = await talk.start_turn(thread, "x")
        await talk.client.wait_notification("item/started", item__type="commandExecution")
        content = [*WORDS, {"type": "localImage", "path": "none.png"}]
        await talk.client.request("turn/steer", {"threadId": thread, "expectedTurnId": turn, "input": content})
        (talk.home.work / "go").touch()
        await ended(talk, thread)
    assert said(talk)[-2:] == ["hi", "Codex could not read the local image at `none.png`: No such file or directory (os error 2)"]


async def test_an_interrupt_right_behind_a_start_is_heard(tmp_path: Path) -> None:
    async with conversing(tmp_path, [halfway()]) as talk:
        thread = await talk.start_thread()
        requests: list[dict[str, Any]] = [
            {"id": "start", "method": "turn/start", "params": {"threadId": thread, "input": WORDS}},
            {"id": "stop", "method": "turn/interrupt", "params": {"threadId": thread, "turnId": ""}},
        ]
        await talk.pipe.send(b"".join(json.dumps(request).encode() + b"\n" for request in requests))  # at once
        assert (await talk.client.response("start"))["turn"]["status"] == "inProgress"
        assert await talk.client.response("stop") == {}
        assert (await ended(talk, thread))["status"] == "interrupted"
    assert check_turns(talk.client.messages) == ["interrupted"]


async def plan_turn(talk: Talk, thread: str, mode: str = "plan") -> dict[str, Any]:
    settings = {"model": "lab-full", "reasoning_effort": None, "developer_instructions": None}
    return await see_through(talk, thread, collaborationMode={"mode": mode, "settings": settings})


async def test_in_plan_mode_the_plan_is_an_item_of_its_own(tmp_path: Path) -> None:
    text = "Before\n<proposed_plan>\n# Plan\n- a b\n</proposed_plan>\nafter it"
    async with conversing(tmp_path, [says(text), says("<proposed_plan>\nonly"), says(text)]) as talk:
        thread = await talk.start_thread()
        turn = await plan_turn(talk, thread)
        alone = await plan_turn(talk, thread)
        await plan_turn(talk, thread, "default")
    plans = items(talk, "plan")
    assert [(plan["id"], plan["text"]) for plan in plans] == [
        (f"{turn['id']}-plan", "# Plan\n- a b\n"),
        (f"{alone['id']}-plan", "only"),
    ]
    assert [item["text"] for item in items(talk, "agentMessage")] == ["Before\nafter it", text]
    assert (turn["items"][0]["text"], alone["items"]) == ("Before\nafter it", [])
    assert "".join(delta["delta"] for delta in told(talk, "item/plan/delta")) == "# Plan\n- a b\nonly"
    assert text in said(talk, 2)
    assert check_turns(talk.client.messages) == ["completed"] * 3


async def test_a_plan_that_is_cut_is_closed_with_what_had_come(tmp_path: Path) -> None:
    gate = anyio.Event()
    answer: list[Step] = [*halfway("x\n<proposed_plan>\nhalf a plan")[:-1], gate, "hang"]
    async with conversing(tmp_path, [answer]) as talk:
        thread = await talk.start_thread()
        settings = {"model": "lab-full", "reasoning_effort": None, "developer_instructions": None}
        turn = await talk.start_turn(thread, collaborationMode={"mode": "plan", "settings": settings})
        await talk.client.wait_notification("item/plan/delta")
        await talk.client.request("turn/interrupt", {"threadId": thread, "turnId": turn})
        await ended(talk, thread)
    assert [plan["text"] for plan in items(talk, "plan")] == ["half a plan"]
    assert [item["text"] for item in items(talk, "agentMessage")] == ["x\n"]
    assert check_turns(talk.client.messages) == ["interrupted"]
