"""A conversation in the form of Chat Completions."""

import json
from typing import Any

import pytest

from app_server.core.provider.base import ModelRequest
from app_server.core.provider.chat_request import chat_body, messages_of
from app_server.core.provider.flat_tools import FlatTools
from tests.core.provider.test_flat_tools import LOOK, PATCH, SPACE

IMAGE = {"type": "input_image", "image_url": "data:image/png;base64,aGk=", "detail": "high"}


def message(role: str, *parts: Any) -> dict[str, Any]:
    kind = "output_text" if role == "assistant" else "input_text"
    content = [{"type": kind, "text": part} if isinstance(part, str) else part for part in parts]
    return {"type": "message", "role": role, "content": content}


def call(call_id: str, **members: Any) -> dict[str, Any]:
    return {"type": "function_call", "call_id": call_id, "name": "look", "arguments": '{"a":1}', **members}


def output(call_id: str, given: Any = "seen") -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": call_id, "output": given}


def messages(*items: dict[str, Any], tools: Any = (LOOK, PATCH, SPACE)) -> list[dict[str, Any]]:
    return messages_of(items, FlatTools(tools))


def called(call_id: str, name: str = "look", arguments: str = '{"a":1}') -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def test_instructions_at_the_beginning_are_one_system_message_and_later_ones_the_users() -> None:
    made = messages(
        message("developer", "base"),
        message("developer", "rules", "more"),
        message("user", "where"),
        message("user", "hi"),
        message("developer", "changed"),
        message("assistant", "yes"),
    )
    assert made == [
        {"role": "system", "content": "base\n\nrules\n\nmore"},
        {"role": "user", "content": "where\n\nhi\n\nchanged"},
        {"role": "assistant", "content": "yes"},
    ]


def test_a_call_belongs_to_what_was_said_before_it_and_is_followed_by_its_outcome() -> None:
    made = messages(
        message("user", "hi"),
        message("assistant", "I look"),
        call("c1"),
        call("c2", arguments=""),
        output("c1"),
        output("c2", ""),
    )
    assert made[1:] == [
        {"role": "assistant", "content": "I look", "tool_calls": [called("c1"), called("c2", arguments="{}")]},
        {"role": "tool", "tool_call_id": "c1", "content": "seen"},
        {"role": "tool", "tool_call_id": "c2", "content": ""},
    ]


def test_calls_of_other_kinds_go_by_their_functions() -> None:
    made = messages(
        call("c1", namespace="mcp.git hub"),
        {"type": "custom_tool_call", "call_id": "c2", "name": "apply_patch", "input": "a\nb"},
        output("c1"),
        {"type": "custom_tool_call_output", "call_id": "c2", "output": "done"},
    )
    name = FlatTools([SPACE]).function_of("look", "mcp.git hub")
    assert made == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [called("c1", name), called("c2", "apply_patch", '{"input":"a\\nb"}')],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "seen"},
        {"role": "tool", "tool_call_id": "c2", "content": "done"},
    ]


def test_images_are_parts_and_those_of_tools_are_shown_after_all_outcomes() -> None:
    shown = {"type": "image_url", "image_url": {"url": IMAGE["image_url"], "detail": "high"}}
    made = messages(
        message("user", "see", IMAGE, {**IMAGE, "detail": "original"}),
        call("c1"),
        call("c2"),
        output("c1", [IMAGE]),
        output("c2", [{"type": "input_text", "text": "both"}, IMAGE]),
        message("assistant", "I see"),
    )
    assert made == [
        {
            "role": "user",
            "content": [{"type": "text", "text": "see"}, shown, {"type": "image_url", "image_url": {"url": IMAGE["image_url"]}}],
        },
        {"role": "assistant", "content": None, "tool_calls": [called("c1"), called("c2")]},
        {"role": "tool", "tool_call_id": "c1", "content": "The image follows."},
        {"role": "tool", "tool_call_id": "c2", "content": "both"},
        {"role": "user", "content": [shown, shown]},
        {"role": "assistant", "content": "I see"},
    ]
    assert messages(call("c1"), output("c1", [IMAGE]))[-1] == {"role": "user", "content": [shown]}


@pytest.mark.parametrize(
    ("part", "made"),
    [
        ({"type": "input_image", "file_id": "f"}, {"type": "text", "text": "[image omitted]"}),
        ({"type": "input_audio", "audio_url": "https://x"}, {"type": "text", "text": "[audio omitted]"}),
        ({"type": "input_audio", "audio_url": "data:audio/wav;base64,?"}, {"type": "text", "text": "[audio omitted]"}),
        (
            {"type": "input_audio", "audio_url": "data:audio/mpeg;base64,aGk="},
            {"type": "input_audio", "input_audio": {"data": "aGk=", "format": "mp3"}},
        ),
    ],
)
def test_what_has_no_form_is_a_text_that_says_so(part: dict[str, Any], made: dict[str, Any]) -> None:
    [user] = messages(message("user", part))
    assert user["content"] == ([made] if made["type"] != "text" else made["text"])


def test_what_only_openai_can_read_is_left_out() -> None:
    kinds = ("reasoning", "web_search_call", "compaction", "image_generation_call", "tool_search_call")
    assert messages(*({"type": kind, "encrypted_content": "x"} for kind in kinds), message("user", "hi")) == [
        {"role": "user", "content": "hi"}
    ]


def test_a_body_asks_for_a_stream_with_usage_and_only_for_what_was_chosen() -> None:
    plain = ModelRequest("t", "t", "u", "m", [json.dumps(message("user", "hi")).encode()], (), "t", reasoning={"summary": "auto"})
    assert json.loads(chat_body(plain, FlatTools(()))) == {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    form = {"type": "json_schema", "strict": True, "schema": {"type": "object"}, "name": "n"}
    chosen = ModelRequest(
        "t",
        "t",
        "u",
        "m",
        [],
        [LOOK],
        "t",
        reasoning={"effort": "low"},
        text={"verbosity": "low", "format": form},
        service_tier="flex",
        is_lite=True,
    )
    body = json.loads(chat_body(chosen, FlatTools(chosen.tools)))
    assert (body["reasoning_effort"], body["service_tier"]) == ("low", "flex")
    assert body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "n", "schema": {"type": "object"}, "strict": True},
    }
    assert body["tools"] == [
        {"type": "function", "function": {"name": "look", "description": "d", "parameters": LOOK["parameters"]}}
    ]
