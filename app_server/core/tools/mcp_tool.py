"""One tool of an MCP server as a tool of the model: its description, a look at what a call wants, and the call.

Source: spec/tools.md section 11, and the reference's own runs.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from app_server.core.mcp.errors import ServerTrouble
from app_server.core.mcp.settings import ApprovalMode
from app_server.core.model_settings import ModelSettings
from app_server.core.models.metadata import Truncation
from app_server.core.tools.arguments import NOT_PARSED, parse_json
from app_server.core.tools.base import Denial, McpAction, Permit, Prepared, ToolCall, ToolFailure, ToolHost, ToolOutput
from app_server.core.tools.json_schema import UnusableSchema, model_schema
from app_server.core.tools.mcp_content import ReadImage, compact, parts_of, read_answer, text_part, without_unread
from app_server.core.tools.specs import Group, GroupedTool
from app_server.core.tools.truncation import truncate_middle, truncate_parts
from protocol.item import McpToolCallItem
from protocol.item_events import McpToolCallProgressNotification
from protocol.item_parts import McpToolCallError

Json = dict[str, Any]
_ANY_ARGUMENTS: Json = {"type": "object", "properties": {}}
_HINTS = ("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")


class Settings(Protocol):
    """What the configuration says of the tools of a server."""

    @property
    def is_parallel(self) -> bool:
        """Whether calls may run side by side."""
        ...

    @property
    def plugin_id(self) -> str | None:
        """The plugin that brings the server along."""
        ...

    def approval_mode(self, tool: str) -> ApprovalMode:
        """When a call of a tool is asked about."""
        ...


class McpServer(Protocol):
    """The server, see `core.mcp.thread_servers.Attached`."""

    @property
    def name(self) -> str:
        """Its name in the configuration."""
        ...

    @property
    def settings(self) -> Settings:
        """What the configuration says."""
        ...

    async def request(
        self, method: str, params: Json | None = None, on_progress: Callable[[str | None], None] | None = None
    ) -> Json:
        """Ask the server something. Raises: ServerTrouble."""
        ...


class Surroundings(Protocol):
    """What a tool needs of the thread."""

    def model(self) -> ModelSettings:
        """The model of the moment."""
        ...

    def call_meta(self, call: ToolCall) -> Json:
        """What servers are told of a call."""
        ...


class McpTool(GroupedTool):
    """A tool of a server. `name` is what the model calls it, `tool` what the server does."""

    def __init__(
        self,
        server: McpServer,
        raw: Json,
        name: str,
        group: Group,
        is_deferred: bool,
        around: Surroundings,
        read_image: ReadImage,
    ) -> None:
        self.name = name
        self.group = group
        self.is_deferred = is_deferred
        self._server = server
        self._raw = raw
        self._tool: str = raw["name"]
        self._around = around
        self._read_image = read_image
        found = raw.get("annotations")
        self._hints: Mapping[str, Any] = found if isinstance(found, dict) else {}
        self.is_parallel = server.settings.is_parallel or self._hints.get("readOnlyHint") is True
        self._spec = {
            "type": "function",
            "name": name,
            "description": raw.get("description") or "",
            "strict": False,
            "parameters": schema_of(raw),
        }

    def spec(self) -> Json:
        """The tool as the model sees it."""
        return self._spec

    def prepare(self, call: ToolCall, host: ToolHost) -> Prepared:  # noqa: ARG002  # part of the interface
        """Parse the call; JSON that is no object is shown and asked about as it is, and fails later. Raises: ToolFailure."""
        arguments = arguments_of(call.arguments)
        item = McpToolCallItem(
            id=call.call_id,
            server=self._server.name,
            tool=self._tool,
            status="inProgress",
            arguments=arguments,
            read_only_hint=self._hints.get("readOnlyHint"),
            plugin_id=self._server.settings.plugin_id,
        )
        mode = self._server.settings.approval_mode(self._tool)
        action = McpAction(self._server.name, self._tool, mode, is_harmless(self._hints), arguments, self._described())
        return Prepared(arguments if call.arguments.strip() else {}, action, item)

    def _described(self) -> Json:
        """The tool as clients are told of it when they are asked."""
        hints = {name: self._hints[name] for name in _HINTS if self._hints.get(name) is not None}
        told = {
            "tool_annotations": hints or None,
            "tool_title": self._raw.get("title"),
            "tool_description": self._raw.get("description"),
        }
        return {name: value for name, value in told.items() if value is not None}

    async def run(self, call: ToolCall, prepared: Prepared, permit: Permit, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """Have the server carry it out. Cancel: the server is told."""
        item: Any = prepared.item
        host.open_item(item)
        began = time.monotonic()
        is_running = True

        def tell(message: str | None) -> None:
            if message and is_running:
                ids = {"thread_id": host.thread_id, "turn_id": host.turn_id, "item_id": call.call_id}
                host.publish(McpToolCallProgressNotification(message=message, **ids))

        model = self._around.model()
        try:
            raw = await self._call(call, prepared.arguments, tell)
            answer = without_unread(read_answer(raw), model.info.accepts)
        except ServerTrouble as trouble:
            text = f"tool call error: tool call failed for `{self._server.name}/{self._tool}`\n\nCaused by:\n    {trouble}"
            self._close(host, item, began, error=text)
            return ToolOutput([text_part(heading(began)), text_part(text)])
        finally:
            is_running = False
        status = "failed" if answer.is_error else "completed"
        self._close(host, item, began, status=status, result=answer.for_client())
        content = await parts_of(answer, heading(began), self._read_image)
        return ToolOutput(cut(content, model.info.truncation_policy))

    async def _call(self, call: ToolCall, arguments: Any, tell: Callable[[str | None], None]) -> Json:
        if not isinstance(arguments, dict):
            raise ServerTrouble(f"MCP tool arguments must be a JSON object, got {compact(arguments)}")
        params: Json = {"name": self._tool, "_meta": self._around.call_meta(call)}
        if call.arguments.strip():
            params["arguments"] = arguments
        return await self._server.request("tools/call", params, tell)

    def declined(self, call: ToolCall, prepared: Prepared, denial: Denial, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """The tool may not be called."""
        began = time.monotonic()
        item: Any = prepared.item
        host.open_item(item)
        self._close(host, item, began, error=denial.reason)
        return ToolOutput([text_part(heading(began)), text_part(denial.reason)])

    def _close(self, host: ToolHost, item: McpToolCallItem, began: float, error: str | None = None, **outcome: Any) -> None:
        if error is not None:
            outcome = {"status": "failed", "error": McpToolCallError(message=error)}
        host.close_item(item.model_copy(update={**outcome, "duration_ms": int((time.monotonic() - began) * 1000)}))


def schema_of(raw: Mapping[str, Any]) -> Json:
    """The tool's arguments as models take them; of what they can't take, any object."""
    try:
        schema = model_schema(raw.get("inputSchema") or _ANY_ARGUMENTS)
    except UnusableSchema:
        return dict(_ANY_ARGUMENTS)
    return {**schema, "type": "object", "properties": schema.get("properties", {})}


def arguments_of(text: str) -> Any:
    """The arguments of a call; None for none. Raises: ToolFailure (no JSON)."""
    if not text.strip():
        return None
    try:
        return parse_json(text)
    except ToolFailure as failure:
        reason = f"err: {failure.text.removeprefix(NOT_PARSED)}"
        raise ToolFailure([text_part(heading(time.monotonic())), text_part(reason)]) from None


def is_harmless(hints: Mapping[str, Any]) -> bool:
    """Whether a tool claims to change nothing, or neither to destroy anything nor to reach the world outside."""
    if hints.get("readOnlyHint") is True:
        return True
    return hints.get("destructiveHint") is False and hints.get("openWorldHint") is False


def heading(began: float) -> str:
    """What stands before an answer."""
    return f"Wall time: {time.monotonic() - began:.4f} seconds\nOutput:"


def cut(content: str | list[Json], policy: Truncation) -> str | list[Json]:
    """An answer that is too long, before the history cuts it again: to the same size, in the model's own measure."""
    slack = Truncation(policy.mode, policy.limit * 6 // 5)
    return truncate_middle(content, slack) if isinstance(content, str) else truncate_parts(content, slack)
