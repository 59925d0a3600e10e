"""What servers answer: what is no answer, what clients see of it and what the model gets."""

from typing import Any

import pytest

from app_server.core.mcp.errors import OddAnswer
from app_server.core.tools.mcp_content import parts_of, read_answer, without_unread
from app_server.core.tools.mcp_tool import is_harmless, schema_of

TEXT = {"type": "text", "text": "one"}
IMAGE = {"type": "image", "data": "AAAA", "mimeType": "image/png"}
AUDIO = {"type": "audio", "data": "AAAA", "mimeType": "audio/wav"}


async def part(url: str) -> dict[str, Any]:
    return {"type": "input_image", "image_url": url}


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"content": "text"},
        {"content": [1]},
        {"content": [{"type": "hologram"}]},
        {"content": [{"type": "image", "data": "AAAA"}]},
        {"content": [{"text": "untyped"}]},
    ],
)
def test_what_does_not_have_the_shape_of_an_answer_is_none(raw: dict[str, Any]) -> None:
    with pytest.raises(OddAnswer, match=r"^Unexpected response type$"):
        read_answer(raw)


def test_an_answer_is_shown_to_clients_as_it_came() -> None:
    raw = {
        "content": [{**TEXT, "annotations": {"priority": 0.5}}],
        "structuredContent": {"a": 1},
        "_meta": {"m": 1},
        "isError": True,
    }
    answer = read_answer(raw)
    shown = answer.for_client()
    assert (shown.content, shown.structured_content, shown.meta) == (raw["content"], {"a": 1}, {"m": 1})
    assert answer.is_error


async def test_data_goes_to_the_model_as_text_and_everything_else_as_parts() -> None:
    assert (
        await parts_of(read_answer({"structuredContent": {"z": 1, "ü": [1.5, None]}}), "Head", part)
        == 'Head\n{"z":1,"ü":[1.5,null]}'
    )
    link = {"name": "n", "type": "resource_link", "uri": "u"}
    inside = {"type": "resource", "resource": {"text": "t", "uri": "u", "mimeType": "m"}}
    assert await parts_of(read_answer({"content": [TEXT, IMAGE, link, inside]}), "Head", part) == [
        {"type": "input_text", "text": "Head"},
        {"type": "input_text", "text": "one"},
        {"type": "input_image", "image_url": "data:image/png;base64,AAAA"},
        {"type": "input_text", "text": '{"type":"resource_link","uri":"u","name":"n"}'},
        {"type": "input_text", "text": '{"type":"resource","resource":{"uri":"u","mimeType":"m","text":"t"}}'},
    ]


def test_media_that_a_model_does_not_read_are_replaced_by_a_word_about_them() -> None:
    answer = without_unread(read_answer({"content": [TEXT, IMAGE, AUDIO]}), lambda kind: kind == "image")
    assert answer.content == [
        TEXT,
        IMAGE,
        {"type": "text", "text": "<audio content omitted because you do not support audio input>"},
    ]


@pytest.mark.parametrize(
    ("hints", "expected"),
    [
        ({}, False),
        ({"readOnlyHint": True}, True),
        ({"readOnlyHint": True, "destructiveHint": True}, True),
        ({"destructiveHint": False}, False),
        ({"destructiveHint": False, "openWorldHint": False}, True),
        ({"destructiveHint": False, "openWorldHint": True}, False),
        ({"readOnlyHint": "yes"}, False),
    ],
)
def test_a_tool_is_harmless_only_if_the_server_says_so(hints: dict[str, Any], expected: bool) -> None:
    assert is_harmless(hints) is expected


@pytest.mark.parametrize("schema", [None, {}, {"type": "null"}, {"type": "object", "required": 3}])
def test_a_tool_without_a_usable_schema_takes_any_object(schema: Any) -> None:
    assert schema_of({"inputSchema": schema}) == {"type": "object", "properties": {}}
