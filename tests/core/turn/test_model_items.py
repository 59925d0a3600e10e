"""Items of an answer: which can be used, and the ids that the others get."""

from typing import Any

import pytest

from app_server.core.turn.model_items import ModelItems, message_text
from tests.conftest import Converse
from tests.support.client import Client
from tests.support.provider import Step

MESSAGE: dict[str, Any] = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "hi"}]}
CALL = {"type": "function_call", "name": "f", "arguments": "{}", "call_id": "c"}
CUSTOM = {"type": "custom_tool_call", "name": "f", "input": "x", "call_id": "c"}
THOUGHTS: dict[str, Any] = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]}
PICTURE = {"type": "image_generation_call", "status": "completed", "result": "aGk="}


@pytest.fixture
def items() -> ModelItems:
    made = iter(range(100))
    return ModelItems(lambda prefix: f"{prefix}_{next(made)}")


@pytest.mark.parametrize(
    ("item", "id"),
    [
        (MESSAGE, "msg_0"),
        (CALL, "fc_0"),
        (CUSTOM, "ctc_0"),
        (THOUGHTS, "rs_0"),
        (PICTURE, "ig_0"),
        ({"type": "web_search_call"}, "ws_0"),
        ({"type": "local_shell_call"}, "lsh_0"),
        ({"type": "compaction", "encrypted_content": "e"}, "cmp_0"),
        ({"type": "unheard_of"}, None),
        ({**MESSAGE, "id": "theirs"}, "theirs"),
        ({**MESSAGE, "id": None}, "msg_0"),
    ],
)
def test_an_item_without_an_id_gets_one_of_its_kind(items: ModelItems, item: dict[str, Any], id: str | None) -> None:
    found = items.finished(item)
    assert found is not None
    assert found.get("id") == id


def test_an_item_ends_under_the_id_with_which_it_has_begun(items: ModelItems) -> None:
    begun = [items.begun({**MESSAGE, "content": []}), items.begun({**THOUGHTS, "summary": []})]
    ended = [items.finished(THOUGHTS), items.finished(MESSAGE), items.finished(MESSAGE)]
    assert [item and item["id"] for item in begun] == ["msg_0", "rs_1"]
    assert [item and item["id"] for item in ended] == ["rs_1", "msg_0", "msg_2"]


@pytest.mark.parametrize(
    "item",
    [
        None,
        "text",
        {"id": "no type"},
        {**MESSAGE, "role": None},
        {**MESSAGE, "id": 5},
        {**MESSAGE, "phase": "bogus"},
        {**MESSAGE, "content": "text"},
        {**MESSAGE, "content": [{"type": "output_text"}]},
        {**MESSAGE, "content": [{"type": "unheard_of", "text": "x"}]},
        {**MESSAGE, "content": ["x"]},
        {**CALL, "arguments": {"cmd": "true"}},
        {name: value for name, value in CALL.items() if name != "call_id"},
        {**CUSTOM, "input": None},
        {"type": "reasoning"},
        {**THOUGHTS, "summary": [{"type": "other", "text": "x"}]},
        {"type": "image_generation_call", "status": "completed"},
    ],
)
def test_what_makes_no_sense_is_dropped(items: ModelItems, item: Any) -> None:
    assert items.begun(item) is None
    assert items.finished(item) is None


def test_a_refusal_is_read_like_a_text() -> None:
    parts = [{"type": "output_text", "text": "Well, "}, {"type": "refusal", "refusal": "no."}]
    assert message_text({**MESSAGE, "content": parts}) == "Well, no."


def whole(item: Any) -> Step:
    return {"type": "response.output_item.done", "output_index": 0, "item": item}


async def turn(client: Client, thread_id: str) -> dict[str, Any]:
    await client.request("turn/start", {"threadId": thread_id, "input": [{"type": "text", "text": "x"}]})
    ended: dict[str, Any] = (await client.wait_notification("turn/completed"))["turn"]
    return ended


@pytest.mark.anyio
async def test_a_call_that_can_not_be_answered_is_not_made_and_the_turn_goes_on(converse: Converse) -> None:
    broken = [whole({**CALL, "name": "exec_command", "arguments": {"cmd": "true"}}), whole(MESSAGE)]
    async with converse([["created", *broken, "completed"], ["created", {"message": "b"}, "completed"]]) as talk:
        thread_id = (await talk.client.request("thread/start", {}))["thread"]["id"]
        assert (await turn(talk.client, thread_id))["status"] == "completed"
        await turn(talk.client, thread_id)
        sent = [item for item in talk.provider.requests[1].body["input"] if item.get("role") == "assistant"]
        assert "function_call" not in [item["type"] for item in talk.provider.requests[1].body["input"]]
        shown = [
            message["params"]["item"]["id"]
            for message in talk.client.messages
            if message.get("method") == "item/completed" and message["params"]["item"]["type"] == "agentMessage"
        ]
        assert sent[0]["id"] == shown[0]
        assert shown[0].startswith("msg_")


@pytest.mark.anyio
async def test_an_answer_that_the_filter_has_cut_leaves_the_model_a_note(converse: Converse) -> None:
    cut = ["created", {"message": "Half"}, {"incomplete": {"incomplete_details": {"reason": "content_filter"}}}]
    async with converse([cut, ["created", {"message": "b"}, "completed"]], retries=1) as talk:  # type: ignore[list-item]
        thread_id = (await talk.client.request("thread/start", {}))["thread"]["id"]
        assert (await turn(talk.client, thread_id))["status"] == "completed"
        half, note = talk.provider.requests[1].body["input"][-2:]
        assert half["content"][0]["text"] == "Half"
        assert note["role"] == "developer"
        assert note["content"][0]["text"].startswith("<content_filter_guidance>")


@pytest.mark.anyio
async def test_a_provider_that_counts_no_tokens_has_none_told(converse: Converse) -> None:
    uncounted = ["created", {"message": "a"}, {"completed": {"usage": None}}]
    async with converse([uncounted, ["created", {"message": "b"}, "completed"]]) as talk:  # type: ignore[list-item]
        thread_id = (await talk.client.request("thread/start", {}))["thread"]["id"]
        await turn(talk.client, thread_id)
        assert "thread/tokenUsage/updated" not in talk.client.methods()
        await turn(talk.client, thread_id)
        assert talk.client.methods().count("thread/tokenUsage/updated") == 1


@pytest.mark.anyio
async def test_a_tool_of_no_namespace_may_be_called_in_that_of_plain_tools(converse: Converse) -> None:
    call = {"call": "exec_command", "arguments": {"cmd": "echo here"}, "call_id": "c1", "namespace": "functions"}
    async with converse([["created", call, "completed"], ["created", {"message": "b"}, "completed"]]) as talk:
        options = {"approvalPolicy": "never", "sandbox": "danger-full-access"}
        thread_id = (await talk.client.request("thread/start", options))["thread"]["id"]
        await turn(talk.client, thread_id)
        assert "here" in talk.provider.requests[1].body["input"][-1]["output"]
