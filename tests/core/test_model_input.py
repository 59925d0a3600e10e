"""What of a thread's past is sent to the model: orphans, ids, bookkeeping, and a prefix that stays as it was."""

import json
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app_server.core.history import History
from app_server.core.history_item import message

CALL = {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "look", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "id": "fco_1", "call_id": "c1", "output": "seen"}
WORDS = message("msg_1", "user", ["hello"])


def sent(*items: dict[str, Any]) -> list[Any]:
    return [json.loads(line) for line in History(items).for_request()]


@pytest.mark.parametrize(
    ("call", "kind", "prefix"),
    [
        ({"type": "function_call"}, "function_call_output", "fco_"),
        ({"type": "local_shell_call"}, "function_call_output", "fco_"),
        ({"type": "custom_tool_call"}, "custom_tool_call_output", "ctco_"),
        ({"type": "tool_search_call"}, "tool_search_output", "tso_"),
    ],
)
def test_a_call_without_output_is_answered_directly_after_it_and_always_the_same(
    call: dict[str, str], kind: str, prefix: str
) -> None:
    history = History([{**call, "call_id": "c9"}, WORDS])
    first, second = history.for_request(), history.for_request()
    assert first == second
    _, output, words = map(json.loads, first)
    assert (output["type"], output["call_id"], words) == (kind, "c9", WORDS)
    assert output["id"].startswith(prefix)
    assert uuid.UUID(output["id"].removeprefix(prefix)).version == 5
    if kind == "tool_search_output":
        assert (output["status"], output["execution"], output["tools"]) == ("completed", "client", [])
    else:
        assert output["output"] == "aborted"


def test_different_orphans_get_different_ids() -> None:
    outputs = sent({**CALL, "call_id": "a"}, {**CALL, "call_id": "b"})[1::2]
    assert len({output["id"] for output in outputs}) == 2


def test_a_call_with_its_output_is_sent_as_it_is_wherever_the_output_stands() -> None:
    assert sent(CALL, WORDS, OUTPUT) == [CALL, WORDS, OUTPUT]


def test_an_output_without_call_is_left_out_unless_it_carries_a_name() -> None:
    named = {"type": "function_call_output", "id": "fco_2", "name": "inbox", "output": "new"}
    assert sent(OUTPUT, named, WORDS) == [named, WORDS]


@pytest.mark.parametrize("item", [{"type": "ghost_snapshot"}, {"type": "unheard_of"}, {}, {**WORDS, "role": "system"}])
def test_what_the_provider_does_not_know_is_left_out(item: dict[str, Any]) -> None:
    assert sent(item, WORDS) == [WORDS]


def test_an_item_without_type_that_has_a_role_is_a_message() -> None:
    assert sent({"role": "user", "content": []}) == [{"role": "user", "content": []}]


@pytest.mark.parametrize("id", ["msg_x", "rs_1", "ls_1", "xyz_1", "MSG_1", "1_2", "a_b_c", "msg_a b", "m\u00e9_1"])
def test_an_id_that_says_what_it_belongs_to_is_kept(id: str) -> None:
    assert sent({**WORDS, "id": id})[0]["id"] == id


@pytest.mark.parametrize("id", ["msg-1", "", "1", "_1", "msg_", None])
def test_any_other_id_is_not_sent(id: Any) -> None:
    assert "id" not in sent({**WORDS, "id": id})[0]


def test_bookkeeping_is_not_sent() -> None:
    extra = {"internal_chat_message_metadata_passthrough": {"turn_id": "t"}, "metadata": {}, "status": "completed"}
    assert sent({**WORDS, **extra}, {**CALL, **extra}, OUTPUT) == [WORDS, CALL, OUTPUT]
    assert sent({"type": "web_search_call", "id": "ws_1", "status": "completed"})[0]["status"] == "completed"


def test_a_text_of_the_model_is_sent_without_annotations() -> None:
    part = {"type": "output_text", "text": "hi", "annotations": [1], "logprobs": []}
    (item,) = sent({**WORDS, "role": "assistant", "content": [part, {"type": "refusal", "refusal": "no"}]})
    assert item["content"] == [{"type": "output_text", "text": "hi"}, {"type": "refusal", "refusal": "no"}]


def test_reasoning_is_sent_with_what_the_provider_takes_back_of_it() -> None:
    summary = [{"type": "summary_text", "text": "**Look**"}]
    item = {"type": "reasoning", "id": "rs_1", "summary": summary, "encrypted_content": "e", "status": "completed", "more": 1}
    assert sent(item) == [{"type": "reasoning", "id": "rs_1", "summary": summary, "content": None, "encrypted_content": "e"}]
    bare = {"type": "reasoning", "summary": [], "content": None, "encrypted_content": None}
    assert sent({"type": "reasoning", "id": "x", "summary": []}) == [bare]
    raw = [{"type": "reasoning_text", "text": "hm"}]
    assert sent({**bare, "content": raw}) == [{**bare, "content": raw}]
    foreign = {**bare, "content": [{"type": "text", "text": "hm"}]}
    assert sent(foreign) == [{name: bare[name] for name in ("type", "summary", "encrypted_content")}]


def test_a_phase_of_null_is_no_phase_and_a_shell_call_says_all_of_its_action() -> None:
    assert sent({**WORDS, "phase": None}) == [WORDS]
    call = {"type": "local_shell_call", "id": "ls_1", "call_id": "k", "action": {"type": "exec", "command": ["true"]}}
    told = {"timeout_ms": None, "working_directory": None, "env": None, "user": None}
    assert sent(call)[0]["action"] == {"type": "exec", "command": ["true"], **told}


def test_an_image_at_its_original_size_is_told_as_high_to_a_model_that_does_not_read_those() -> None:
    image = {"type": "input_image", "image_url": "data:,", "detail": "original"}
    history = History([{**WORDS, "content": [image, {"type": "input_text", "text": "x"}]}])
    for reads, detail in ((("text", "image", "original"), "original"), (("text", "image"), "high")):
        assert json.loads(history.for_request(reads)[0])["content"][0] == {**image, "detail": detail}
    assert "image" not in json.loads(history.for_request(("text",))[0])["content"][0]["type"]


def test_replacing_forgets_everything_before() -> None:
    history = History([CALL, OUTPUT])
    history.replace([WORDS])
    assert (len(history), [json.loads(line) for line in history.for_request()]) == (1, [WORDS])
    assert history.items() == [WORDS]


TEXT = st.text(max_size=6)
ROLES = st.sampled_from(["user", "developer", "assistant", "system"])
ITEMS = st.one_of(
    st.builds(lambda text, role: message("msg_1", role, [text]), TEXT, ROLES),
    st.builds(lambda text: {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": text}, TEXT),
    st.builds(lambda text: {"type": "unheard_of", "text": text}, TEXT),
    st.just("call"),
)


@given(st.lists(st.lists(ITEMS, max_size=4), max_size=6))
def test_every_request_begins_with_the_bytes_of_the_one_before(rounds: list[list[Any]]) -> None:
    """A call is answered before the next request, as the turn loop does; so nothing that was sent ever changes."""
    history, calls = History(), 0
    before: list[bytes] = []
    for items in rounds:
        for item in items:
            if item == "call":
                calls += 1
                history.append({**CALL, "call_id": f"c{calls}"})
                history.append({**OUTPUT, "call_id": f"c{calls}"})
            else:
                history.append(item)
        now = history.for_request()
        assert now[: len(before)] == before
        before = now
