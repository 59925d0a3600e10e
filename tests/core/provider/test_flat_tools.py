"""Tools folded into plain functions, and calls of those unfolded again."""

import json
import re
from typing import Any

import pytest

from app_server.core.provider.flat_tools import FlatTools, flat_name

LOOK = {
    "type": "function",
    "name": "look",
    "description": "d",
    "parameters": {"type": "object", "properties": {}},
    "strict": True,
}
PATCH = {
    "type": "custom",
    "name": "apply_patch",
    "description": "Change files.",
    "format": {"type": "grammar", "syntax": "lark", "definition": "start: x"},
}
SPACE = {"type": "namespace", "name": "mcp.git hub", "tools": [{**LOOK, "name": "look"}, PATCH]}


def test_plain_functions_stay_and_what_the_provider_would_run_is_left_out() -> None:
    tools = FlatTools([LOOK, {"type": "web_search"}, {"type": "tool_search"}, {"type": "function", "name": "bare"}])
    assert tools.functions == [
        {"name": "look", "description": "d", "parameters": LOOK["parameters"]},
        {"name": "bare", "description": "", "parameters": {"type": "object", "properties": {}}},
    ]


def test_free_text_is_a_function_with_one_argument_whose_description_has_the_grammar() -> None:
    [function] = FlatTools([PATCH]).functions
    assert (function["name"], list(function["parameters"]["properties"])) == ("apply_patch", ["input"])
    assert function["description"].startswith("Change files.\n\n")
    assert function["description"].endswith("(lark):\nstart: x")


def test_tools_of_a_namespace_keep_their_own_names_in_calls() -> None:
    tools = FlatTools([LOOK, SPACE])
    names = [function["name"] for function in tools.functions]
    assert names[0] == "look"
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) for name in names)
    assert len(set(names)) == 3
    assert tools.call_of("1", "c", names[1], "{}") == {
        "type": "function_call",
        "id": "fc_1",
        "call_id": "c",
        "name": "look",
        "arguments": "{}",
        "namespace": "mcp.git hub",
    }
    assert tools.function_of("look", "mcp.git hub") == names[1]
    assert tools.function_of("look", None) == "look"


def test_two_tools_that_would_have_the_same_name_are_told_apart() -> None:
    tools = FlatTools([{**LOOK, "name": "a__look"}, {"type": "namespace", "name": "a", "tools": [LOOK]}])
    first, second = (function["name"] for function in tools.functions)
    assert first == "a__look"
    assert second != first
    assert tools.call_of("1", "c", second, "{}")["namespace"] == "a"
    assert tools.function_of("look", "a") == second


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ('{"input": "the *text*"}', "the *text*"),
        ('"the text"', "the text"),
        ("the text", "the text"),
        ('{"other": 1}', '{"other": 1}'),
        ("", ""),
    ],
)
def test_a_call_with_free_text_carries_the_text_itself(arguments: str, text: str) -> None:
    call = FlatTools([PATCH]).call_of("1", "c", "apply_patch", arguments)
    assert call == {"type": "custom_tool_call", "id": "ctc_1", "call_id": "c", "name": "apply_patch", "input": text}


def test_a_call_of_a_function_that_nobody_offered_is_passed_on() -> None:
    assert FlatTools([]).call_of("1", "c", "nothing", "{}")["name"] == "nothing"


@pytest.mark.parametrize(("name", "namespace"), [("x" * 90, None), ("y", "n" * 90), ("ä b", "c"), ("look", None)])
def test_a_name_is_the_same_every_time_and_fits(name: str, namespace: Any) -> None:
    assert flat_name(name, namespace) == flat_name(name, namespace)
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", flat_name(name, namespace))
    assert flat_name(name, namespace) == FlatTools([]).function_of(name, namespace)
    assert json.dumps(flat_name(name, namespace)).isascii()
