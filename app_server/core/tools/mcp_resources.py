"""The model's tools for what MCP servers have to read: `list_mcp_resources`, `list_mcp_resource_templates`, `read_mcp_resource`.

Source: spec/tools.md section 11.3, and the reference's own runs.
"""

import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import anyio

from app_server.core.mcp.errors import ServerTrouble
from app_server.core.tools.arguments import TEXT, Maybe, Member, Struct, parse_arguments, parse_json
from app_server.core.tools.base import Denial, Permit, Prepared, Tool, ToolCall, ToolFailure, ToolHost, ToolOutput
from app_server.core.tools.mcp_content import compact, in_order
from protocol.item import McpToolCallItem
from protocol.item_parts import McpToolCallError, McpToolCallResult

Json = dict[str, Any]
ALL = "codex"
"""What stands for the server where a list is of all of them; clients know the name."""
_LIST = Struct("ListResourceArgs", Member("server", Maybe(TEXT)), Member("cursor", Maybe(TEXT)))
_LIST_TEMPLATES = Struct("ListResourceTemplateArgs", Member("server", Maybe(TEXT)), Member("cursor", Maybe(TEXT)))
_READ = Struct("ReadResourceArgs", Member("server", TEXT, is_required=True), Member("uri", TEXT, is_required=True))
_LIST_PROPERTIES: dict[str, Json] = {
    "cursor": {"type": "string", "description": "Where to go on: the `nextCursor` of the list before, of the same server."},
    "server": {"type": "string", "description": "Only what this server has; without it, what all servers have."},
}
_READ_PROPERTIES: dict[str, Json] = {
    "server": {"type": "string", "description": "The server, as lists name it."},
    "uri": {"type": "string", "description": "The resource's URI, as lists give it."},
}
_PLACE = re.compile(r" at line \d+ column \d+$")
NO_CURSOR = "cursor can only be used when a server is specified"
MOST_PAGES = 100


class Server(Protocol):
    """A server, see `core.mcp.thread_servers.Attached`."""

    hello: Json

    async def request(self, method: str, params: Json | None = None) -> Json:
        """Ask the server something. Raises: ServerTrouble."""
        ...


Servers = Callable[[], Mapping[str, Any]]
Act = Callable[[Mapping[str, Server], Json], Awaitable[Json]]


class ResourceTool:
    """One of the tools. It changes nothing, which needs nobody's consent."""

    is_parallel = True

    def __init__(
        self,
        name: str,
        description: str,
        struct: Struct,
        properties: Mapping[str, Json],
        required: list[str],
        act: Act,
        servers: Servers,
    ) -> None:
        self.name = name
        self._struct = struct
        self._act = act
        self._servers = servers
        schema = {"type": "object", "properties": properties, "additionalProperties": False}
        if required:
            schema["required"] = required
        self._spec = {"type": "function", "name": name, "description": description, "strict": False, "parameters": schema}

    def spec(self) -> Json:
        """The tool as the model sees it."""
        return self._spec

    def prepare(self, call: ToolCall, host: ToolHost) -> Prepared:  # noqa: ARG002  # part of the interface
        """Parse the call. Raises: ToolFailure (malformed, or of a server that there is not)."""
        given = self._parsed(call.arguments if call.arguments.strip() else "{}")
        server = given.get("server")
        if server is not None and server not in self._servers():
            raise ToolFailure(f"unknown MCP server '{server}'")
        arguments = {name: value for name, value in given.items() if value is not None}
        item = McpToolCallItem(id=call.call_id, server=server or ALL, tool=self.name, status="inProgress", arguments=arguments)
        return Prepared(arguments, item=item)

    def _parsed(self, text: str) -> Json:
        parse_json(text)
        try:
            return parse_arguments(text, self._struct)
        except ToolFailure as failure:  # models know these complaints without a place
            raise ToolFailure(_PLACE.sub("", failure.text)) from None

    async def run(self, call: ToolCall, prepared: Prepared, permit: Permit, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """Ask the servers. Raises: ToolFailure (they do not answer)."""
        item: Any = prepared.item
        host.open_item(item)
        began = time.monotonic()
        try:
            text = compact(await self._act(self._servers(), prepared.arguments))
        except ServerTrouble as trouble:
            self._close(host, item, began, status="failed", error=McpToolCallError(message=str(trouble)))
            raise ToolFailure(str(trouble)) from None
        self._close(host, item, began, status="completed", result=McpToolCallResult(content=[{"type": "text", "text": text}]))
        return ToolOutput(text)

    def declined(self, call: ToolCall, prepared: Prepared, denial: Denial, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """Never asked for; nothing is touched."""
        return ToolOutput(denial.reason)

    def _close(self, host: ToolHost, item: McpToolCallItem, began: float, **outcome: Any) -> None:
        host.close_item(item.model_copy(update={**outcome, "duration_ms": int((time.monotonic() - began) * 1000)}))


def resource_tools(servers: Servers) -> list[Tool]:
    """The tools of a thread that has servers; `servers` are those at the moment of a call."""
    return [
        ResourceTool(
            "list_mcp_resources",
            "List what the MCP servers have to read: files, schemas, or whatever else they offer as context.",
            _LIST,
            _LIST_PROPERTIES,
            [],
            _list_resources,
            servers,
        ),
        ResourceTool(
            "list_mcp_resource_templates",
            "List the patterns of URIs of what can be read from the MCP servers.",
            _LIST_TEMPLATES,
            _LIST_PROPERTIES,
            [],
            _list_templates,
            servers,
        ),
        ResourceTool(
            "read_mcp_resource",
            "Read something that an MCP server has listed.",
            _READ,
            _READ_PROPERTIES,
            ["server", "uri"],
            _read,
            servers,
        ),
    ]


async def _list_resources(servers: Mapping[str, Server], given: Json) -> Json:
    return await _list(servers, given, "resources/list", "resources")


async def _list_templates(servers: Mapping[str, Server], given: Json) -> Json:
    return await _list(servers, given, "resources/templates/list", "resourceTemplates")


async def _list(servers: Mapping[str, Server], given: Json, method: str, member: str) -> Json:
    name, cursor = given.get("server"), given.get("cursor")
    if name is None:
        if cursor is not None:
            raise ServerTrouble(NO_CURSOR)
        return {member: await _list_all(servers, method, member)}
    page = await _page(servers[name], name, method, cursor)
    listed: Json = {"server": name, member: _named(name, page, member)}
    if page.get("nextCursor"):
        listed["nextCursor"] = page["nextCursor"]
    return listed


async def _list_all(servers: Mapping[str, Server], method: str, member: str) -> list[Json]:
    """What all servers have; one that can't tell is left out."""
    found: dict[str, list[Json]] = {}

    async def ask(name: str) -> None:
        entries: list[Json] = []
        cursor = None
        for _ in range(MOST_PAGES):
            try:
                page = await _page(servers[name], name, method, cursor)
            except ServerTrouble:
                break
            entries += _named(name, page, member)
            cursor = page.get("nextCursor")
            if not cursor:
                break
        found[name] = entries

    async with anyio.create_task_group() as group:
        for name in servers:
            group.start_soon(ask, name)
    return [entry for name in sorted(found) for entry in found[name]]


async def _page(server: Server, name: str, method: str, cursor: str | None) -> Json:
    try:
        return await server.request(method, None if cursor is None else {"cursor": cursor})
    except ServerTrouble as trouble:
        raise ServerTrouble(f"{method} failed: {method} failed for `{name}`: {trouble}") from None


def _named(name: str, page: Json, member: str) -> list[Json]:
    entries = page.get(member)
    return [{"server": name, **in_order(each)} for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []


async def _read(servers: Mapping[str, Server], given: Json) -> Json:
    name, uri = given["server"], given["uri"]
    try:
        answer = await servers[name].request("resources/read", {"uri": uri})
    except ServerTrouble as trouble:
        raise ServerTrouble(f"resources/read failed: resources/read failed for `{name}` ({uri}): {trouble}") from None
    contents = answer.get("contents")
    return {"server": name, "uri": uri, "contents": [in_order(each) for each in contents] if isinstance(contents, list) else []}
