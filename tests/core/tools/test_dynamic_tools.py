"""Tools that clients bring: what they may bring, and calls that the client carries out."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from app_server.core.errors import CallerError
from app_server.core.ports import NoAnswer, UnreadableAnswer
from app_server.core.tools.dynamic import checked, dynamic_tools
from app_server.core.tools.specs import tool_specs
from protocol.capability import DynamicToolSpec
from tests.core.tools.exec_support import Host, call

pytestmark = pytest.mark.anyio
SCHEMA = {"type": "object", "properties": {"x": {"type": "integer"}}}
FUNCTION = {"type": "function", "name": "double", "description": "Twice", "inputSchema": SCHEMA}
ANSWER = {"contentItems": [{"type": "inputText", "text": "four"}], "success": True}


async def read_image(url: str) -> dict[str, Any]:
    return {"type": "input_image", "image_url": f"read {url}"}


def kept(*tools: dict[str, Any]) -> tuple[Any, ...]:
    return checked(TypeAdapter(list[DynamicToolSpec]).validate_python(list(tools)))


def group(*members: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"type": "namespace", "name": "lab", "description": "Sums", "tools": list(members), **changes}


async def called(answer: Any, arguments: Any = None) -> tuple[Any, Host]:
    """What the model gets when the client answers so."""
    host = Host("/")
    host.answers.append(answer)
    (tool,) = dynamic_tools(kept(FUNCTION), read_image)
    return await call(tool, host, arguments or {"x": 2}), host


async def test_the_client_gets_the_call_and_its_text_goes_to_the_model() -> None:
    output, host = await called(ANSWER)
    assert output == "four"
    question = {"threadId": "thread", "turnId": "turn", "callId": "call", "namespace": None, "tool": "double"}
    assert host.of("item/tool/call") == [{**question, "arguments": {"x": 2}}]
    assert host.kinds() == ["item/started", "item/tool/call", "item/completed"]
    started, ended = host.of("item/started")[0], host.of("item/completed")[0]
    assert (started["status"], started["contentItems"], started["success"]) == ("inProgress", None, None)
    assert (ended["status"], ended["contentItems"], ended["success"]) == ("completed", ANSWER["contentItems"], True)
    assert ended["durationMs"] >= 0


async def test_several_parts_reach_the_model_as_parts() -> None:
    content = [
        {"type": "inputText", "text": "a"},
        {"type": "inputImage", "imageUrl": "data:x"},
        {"type": "inputAudio", "audioUrl": "data:y"},
    ]
    output, _ = await called({"contentItems": content, "success": True})
    assert output == [
        {"type": "input_text", "text": "a"},
        {"type": "input_image", "image_url": "read data:x"},
        {"type": "input_audio", "audio_url": "data:y"},
    ]


async def test_a_tool_that_did_not_work_says_so_itself() -> None:
    output, host = await called({"contentItems": [{"type": "inputText", "text": "too hot"}], "success": False})
    assert output == "too hot"
    assert host.of("item/completed")[0]["status"] == "failed"


@pytest.mark.parametrize(
    ("error", "text"),
    [(NoAnswer(), "dynamic tool request failed"), (UnreadableAnswer(), "dynamic tool response was invalid")],
)
async def test_a_client_without_an_answer_has_failed(error: NoAnswer, text: str) -> None:
    output, host = await called(error)
    assert output == text
    ended = host.of("item/completed")[0]
    assert (ended["status"], ended["success"]) == ("failed", False)
    assert ended["contentItems"] == [{"type": "inputText", "text": text}]


async def test_arguments_that_are_no_json_never_reach_the_client() -> None:
    output, host = await called(ANSWER, "{x")
    assert output.startswith("failed to parse function arguments: key must be a string")
    assert host.events == []


async def test_a_tool_of_a_group_is_called_with_the_group() -> None:
    host = Host("/")
    host.answers.append(ANSWER)
    (tool,) = dynamic_tools(kept(group({**FUNCTION})), read_image)
    assert await call(tool, host, {}) == "four"
    assert host.of("item/tool/call")[0]["namespace"] == "lab"
    assert host.of("item/started")[0]["namespace"] == "lab"


def test_tools_are_described_as_they_were_brought() -> None:
    plain, grouped = tool_specs(dynamic_tools(kept(FUNCTION, group({**FUNCTION})), read_image))
    assert (plain["type"], plain["name"], plain["description"], plain["strict"]) == ("function", "double", "Twice", False)
    assert plain["parameters"]["properties"] == {"x": {"type": "integer"}}
    assert (grouped["type"], grouped["name"], [each["name"] for each in grouped["tools"]]) == ("namespace", "lab", ["double"])


def test_deferral_is_kept_only_where_it_is_wanted() -> None:
    (entry,) = kept(group({**FUNCTION, "deferLoading": True}, {**FUNCTION, "name": "half", "deferLoading": False}))
    assert [member.get("deferLoading") for member in entry["tools"]] == [True, None]


@pytest.mark.parametrize(
    ("tools", "why"),
    [
        ([FUNCTION, FUNCTION], "duplicate dynamic tool name: double"),
        ([{**FUNCTION, "deferLoading": True}], "deferred dynamic tool must include a namespace: double"),
        ([{**FUNCTION, "name": "a b"}], "dynamic tool name must match ^[a-zA-Z0-9_-]+$ to match Responses API: a b"),
        ([{**FUNCTION, "name": ""}], "dynamic tool name must not be empty"),
        ([{**FUNCTION, "name": " a"}], "dynamic tool name has leading/trailing whitespace:  a"),
        ([{**FUNCTION, "name": "mcp__x"}], "dynamic tool name is reserved: mcp__x"),
        (
            [{**FUNCTION, "name": "x" * 129}],
            f"dynamic tool name must be at most 128 characters to match Responses API: {'x' * 129}",
        ),
        ([group(FUNCTION), group(FUNCTION)], "duplicate dynamic tool namespace: lab"),
        ([group(FUNCTION, FUNCTION)], "duplicate dynamic tool name in namespace lab: double"),
        ([group()], "dynamic tool namespace must contain at least one tool: lab"),
        ([group(FUNCTION, name="mcp")], "dynamic tool namespace is reserved: mcp"),
        ([group(FUNCTION, name="web")], "dynamic tool namespace collides with a reserved Responses API namespace: web"),
        ([group(FUNCTION, description="x" * 1025)], "dynamic tool namespace description must be at most 1024 characters"),
    ],
)
def test_what_cannot_be_offered_is_refused_by_name(tools: list[Any], why: str) -> None:
    with pytest.raises(CallerError) as refused:
        kept(*tools)
    assert refused.value.message == why
