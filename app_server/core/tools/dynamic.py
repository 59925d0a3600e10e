"""Tools that the client brings and carries out itself: what it may bring, and a call of one.

`checked` refuses what can't be offered, in the words that clients know; what it gives is kept in the thread's file, and
`dynamic_tools` makes the tools of it. Source: spec/tools.md section 12, and the reference's answers to some seventy lists.
"""

import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from app_server.core.errors import CallerError
from app_server.core.ports import NoAnswer, UnreadableAnswer
from app_server.core.tools.arguments import parse_json
from app_server.core.tools.base import Denial, Permit, Prepared, Tool, ToolCall, ToolHost, ToolOutput
from app_server.core.tools.json_schema import UnusableSchema, model_schema
from app_server.core.tools.specs import Group, GroupedTool
from protocol.base import to_wire
from protocol.capability import DynamicToolSpec, FunctionNamespaceTool, FunctionToolSpec
from protocol.client_call import ITEM_TOOL_CALL, DynamicToolCallParams
from protocol.item import DynamicToolCallItem
from protocol.item_parts import (
    DynamicToolCallOutputContentItem,
    InputAudioDynamicContent,
    InputImageDynamicContent,
    InputTextDynamicContent,
)

_NAME = re.compile(r"[a-zA-Z0-9_-]+", re.ASCII)
_MOST_NAME_LETTERS = {"name": 128, "namespace": 64}
_MOST_DESCRIPTION_LETTERS = 1024
_RESERVED_GROUPS = frozenset(
    {
        "api_tool", "browser", "computer", "container", "file_search", "functions", "image_gen", "multi_tool_use", "python",
        "python_user_visible", "submodel_delegator", "terminal", "tool_search", "web",
    }
)  # fmt: skip
_FAILED = "dynamic tool request failed"
_UNREADABLE = "dynamic tool response was invalid"

Json = Mapping[str, Any]
ReadImage = Callable[[str], Awaitable[dict[str, Any]]]
"""The image of a URL as a part for the model."""


def checked(tools: Sequence[DynamicToolSpec]) -> tuple[Json, ...]:
    """The tools as they are kept. Raises: CallerError (they can't be offered)."""
    names: set[str] = set()
    groups: set[str] = set()
    for tool in tools:
        if isinstance(tool, FunctionToolSpec):
            _check_function(tool, names, "")
            if tool.defer_loading:
                raise _refusal(f"deferred dynamic tool must include a namespace: {tool.name}")
            continue
        _check_group(tool.name, tool.description, len(tool.tools))
        if tool.name in groups:
            raise _refusal(f"duplicate dynamic tool namespace: {tool.name}")
        groups.add(tool.name)
        members: set[str] = set()
        for member in tool.tools:
            _check_function(member, members, f" in namespace {tool.name}")
    return tuple(_kept(to_wire(tool)) for tool in tools)


def _kept(tool: dict[str, Any]) -> dict[str, Any]:
    """A tool as it is written: whether it is deferred only where it is."""
    members = [_kept(member) for member in tool["tools"]] if "tools" in tool else None
    kept = {name: value for name, value in tool.items() if name != "tools" and (name != "deferLoading" or value)}
    return kept if members is None else {**kept, "tools": members}


def _check_function(tool: FunctionToolSpec | FunctionNamespaceTool, names: set[str], where: str) -> None:
    _check_name(tool.name, "name")
    if tool.name == "mcp" or tool.name.startswith("mcp__"):
        raise _refusal(f"dynamic tool name is reserved: {tool.name}")
    if tool.name in names:
        raise _refusal(f"duplicate dynamic tool name{where}: {tool.name}")
    names.add(tool.name)
    try:
        model_schema(tool.input_schema)
    except UnusableSchema as error:
        raise _refusal(f"dynamic tool input schema is not supported for {tool.name}: {error}") from None


def _check_group(name: str, description: str, size: int) -> None:
    _check_name(name, "namespace")
    if name == "mcp" or name.startswith("mcp__"):
        raise _refusal(f"dynamic tool namespace is reserved: {name}")
    if name in _RESERVED_GROUPS:
        raise _refusal(f"dynamic tool namespace collides with a reserved Responses API namespace: {name}")
    if len(description) > _MOST_DESCRIPTION_LETTERS:
        raise _refusal(f"dynamic tool namespace description must be at most {_MOST_DESCRIPTION_LETTERS} characters")
    if not size:
        raise _refusal(f"dynamic tool namespace must contain at least one tool: {name}")


def _check_name(name: str, what: str) -> None:
    if not name:
        raise _refusal(f"dynamic tool {what} must not be empty")
    if name.strip() != name:
        raise _refusal(f"dynamic tool {what} has leading/trailing whitespace: {name}")
    if not _NAME.fullmatch(name):
        raise _refusal(f"dynamic tool {what} must match ^[a-zA-Z0-9_-]+$ to match Responses API: {name}")
    most = _MOST_NAME_LETTERS[what]
    if len(name) > most:
        raise _refusal(f"dynamic tool {what} must be at most {most} characters to match Responses API: {name}")


def _refusal(text: str) -> CallerError:
    return CallerError(text, reason="invalid_value", data={"field": "dynamicTools"})


def dynamic_tools(kept: Iterable[Json], read_image: ReadImage) -> list[Tool]:
    """The tools of a thread, in their order."""
    tools: list[Tool] = []
    for entry in kept:
        if entry["type"] == "function":
            tools.append(DynamicTool(entry, read_image))
        else:
            group = Group.named(entry["name"], entry["description"])
            tools += [GroupedDynamicTool(member, read_image, group) for member in entry["tools"]]
    return tools


class DynamicTool:
    """One tool of the client."""

    is_parallel = True
    namespace: str | None = None

    def __init__(self, kept: Json, read_image: ReadImage) -> None:
        self.name: str = kept["name"]
        self._description: str = kept["description"]
        self._schema = model_schema(kept["inputSchema"])
        self._read_image = read_image

    def spec(self) -> dict[str, Any]:
        """The tool as the model sees it."""
        members = {"name": self.name, "description": self._description, "strict": False, "parameters": self._schema}
        return {"type": "function", **members}

    def prepare(self, call: ToolCall, host: ToolHost) -> Prepared:  # noqa: ARG002  # part of the interface
        """Parse the arguments, which the client checks. Raises: ToolFailure (no JSON)."""
        return Prepared(parse_json(call.arguments))

    async def run(self, call: ToolCall, prepared: Prepared, permit: Permit, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """Have the client carry it out. Cancel: the question is withdrawn."""
        item = DynamicToolCallItem(
            id=call.call_id, namespace=self.namespace, tool=self.name, arguments=prepared.arguments, status="inProgress"
        )
        host.open_item(item)
        began = time.monotonic()
        content, success = await self._ask(call, prepared.arguments, host)
        ended = {
            "status": "completed" if success else "failed",
            "content_items": content,
            "success": success,
            "duration_ms": int((time.monotonic() - began) * 1000),
        }
        host.close_item(item.model_copy(update=ended))
        return ToolOutput(await self._output(content))

    def declined(self, call: ToolCall, prepared: Prepared, denial: Denial, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """Never asked for; the client decides itself what it does."""
        return ToolOutput(denial.reason)

    async def _ask(self, call: ToolCall, arguments: Any, host: ToolHost) -> tuple[list[DynamicToolCallOutputContentItem], bool]:
        params = DynamicToolCallParams(
            thread_id=host.thread_id,
            turn_id=host.turn_id,
            call_id=call.call_id,
            namespace=self.namespace,
            tool=self.name,
            arguments=arguments,
        )
        try:
            answer = await host.ask(ITEM_TOOL_CALL, params)
        except UnreadableAnswer:
            return [InputTextDynamicContent(text=_UNREADABLE)], False
        except NoAnswer:
            return [InputTextDynamicContent(text=_FAILED)], False
        return answer.content_items, answer.success

    async def _output(self, content: list[DynamicToolCallOutputContentItem]) -> str | list[dict[str, Any]]:
        """The answer for the model: a single text as it is, anything else as parts."""
        if len(content) == 1 and isinstance(content[0], InputTextDynamicContent):
            return content[0].text
        return [await self._part(each) for each in content]

    async def _part(self, content: DynamicToolCallOutputContentItem) -> dict[str, Any]:
        match content:
            case InputTextDynamicContent():
                return {"type": "input_text", "text": content.text}
            case InputImageDynamicContent():
                return await self._read_image(content.image_url)
            case InputAudioDynamicContent():
                return {"type": "input_audio", "audio_url": content.audio_url}


class GroupedDynamicTool(DynamicTool, GroupedTool):
    """One tool of the client within a group."""

    def __init__(self, kept: Json, read_image: ReadImage, group: Group) -> None:
        super().__init__(kept, read_image)
        self.group = group
        self.namespace = group.name
        self.is_deferred = bool(kept.get("deferLoading"))
