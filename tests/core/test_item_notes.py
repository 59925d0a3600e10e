"""What OpenAI, and files, are told of each item: its turn, when we made it, what its parts are. Nobody else is."""

import json
from typing import Any

import pytest

from app_server.core.history import History
from app_server.core.history_item import BOOKKEEPING, message, noted, sent_again


def told(item: dict[str, Any], turn_id: str | None = "t1") -> dict[str, Any]:
    note: dict[str, Any] = noted(item, turn_id, 12.5)[BOOKKEEPING]
    return note


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<permissions instructions>\n...", "permissions.instructions"),
        ("<collaboration_mode>x", "collaboration_mode.instructions"),
        ("<model_switch>\nx", "model_switch.instructions"),
        ("the client's own words", "generic.developer_instructions"),
    ],
)
def test_texts_of_ours_are_known_by_their_beginning(text: str, kind: str) -> None:
    assert told(message("msg_1", "developer", [text, "more"])) == {
        "turn_id": "t1",
        "create_time": 12.5,
        "content_item_kinds": [kind, "generic.developer_instructions"],
    }


def test_what_is_told_in_the_users_place_is_told_apart_from_the_users_words() -> None:
    place = message("msg_1", "user", ["# AGENTS.md instructions for /w", "<environment_context>\n"])
    assert told(place)["content_item_kinds"] == ["agents_md.instructions", "environments.environment_context"]
    words = message("msg_1", "user", ["<environment_context> is a tag"], "user.text")
    assert told(words)["content_item_kinds"] == ["user.text"]


@pytest.mark.parametrize(
    "item",
    [
        {"type": "reasoning", "id": "rs_1"},
        {"type": "function_call", "call_id": "c"},
        {"type": "custom_tool_call", "call_id": "c"},
    ],
)
def test_what_the_model_has_made_has_its_turn_alone(item: dict[str, Any]) -> None:
    assert told(item) == {"turn_id": "t1"}


def test_an_answer_is_of_unknown_kind_and_an_output_of_none() -> None:
    answer = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "<model_switch>"}]}
    assert told(answer) == {"turn_id": "t1", "content_item_kinds": ["unknown"]}
    assert told({"type": "function_call_output", "call_id": "c", "output": "x"}, None) == {"create_time": 12.5}


def test_only_openai_gets_the_notes_and_what_else_files_keep_stays_there() -> None:
    item = noted(message("msg_1", "user", ["hi"], "user.text"), "t1", 12.5)
    item[BOOKKEEPING]["content_item_metadata"] = [{"provenance": {"type": "user"}}]
    history = History([item, {"type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"}])
    plain = [json.loads(each) for each in history.for_request()]
    assert BOOKKEEPING not in plain[0]
    with_notes = [json.loads(each) for each in history.for_request(has_notes=True)]
    note = {"turn_id": "t1", "create_time": 12.5, "content_item_kinds": ["user.text"]}
    assert with_notes == [{**plain[0], BOOKKEEPING: note}, *plain[1:]]


@pytest.mark.parametrize("has_note", [True, False])
def test_an_item_of_an_answer_is_sent_again_as_it_is_known(has_note: bool) -> None:
    answer = {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "content": [{"type": "output_text", "text": "x", "logprobs": []}],
    }
    history = History([noted(answer, "t1", 99.0)])
    assert history.for_request(has_notes=has_note) == [sent_again(answer, "t1", has_note=has_note)]
