"""How servers stand and what they have, for a client that asks: each is started for it, if it does not run already.

Source: spec/config-auth.md section 7, and the reference's own runs.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import anyio
from pydantic import ValidationError

from app_server.core.frozen import frozen
from app_server.core.mcp.errors import NotStarted, ServerTrouble
from app_server.core.mcp.pool import Pool
from app_server.core.mcp.server import MOST_PAGES, Server
from app_server.core.mcp.settings import ServerSettings
from app_server.core.mcp.thread_servers import CONNECTION, Attached
from protocol.base import Record
from protocol.mcp import (
    McpAuthStatus,
    McpServerConnectionStatus,
    McpServerInfo,
    McpServerStatus,
    Resource,
    ResourceTemplate,
    Tool,
)

R = TypeVar("R", bound=Record)
AuthStatus = Callable[[ServerSettings], Awaitable[McpAuthStatus]]
"""How the login at a server stands."""


@frozen
class Wish:
    """What is asked: of which folder's servers, how much, and of which thread if it is one's."""

    cwd: str
    is_full: bool
    attached: Mapping[str, Attached] | None = None


async def statuses(pool: Pool, servers: list[ServerSettings], wish: Wish, auth: AuthStatus) -> list[McpServerStatus]:
    """How the servers stand, in their order; all are asked at once."""
    found: dict[str, McpServerStatus] = {}

    async def ask(settings: ServerSettings) -> None:
        found[settings.name] = await _status(pool, settings, wish, auth)

    async with anyio.create_task_group() as group:
        for settings in servers:
            group.start_soon(ask, settings)
    return [found[settings.name] for settings in servers]


async def _status(pool: Pool, settings: ServerSettings, wish: Wish, auth: AuthStatus) -> McpServerStatus:
    attached = wish.attached.get(settings.name) if wish.attached is not None else None
    server, failure = await _server(pool, settings, wish, attached)
    is_there = server is not None and failure is None
    resources: list[Resource] = []
    templates: list[ResourceTemplate] = []
    if server is not None and is_there and wish.is_full and "resources" in server.capabilities:
        resources = await _all(server, settings, "resources/list", "resources", Resource)
        templates = await _all(server, settings, "resources/templates/list", "resourceTemplates", ResourceTemplate)
    return McpServerStatus(
        name=settings.name,
        runtime_status=_connection(settings, wish, attached),
        plugin_id=settings.plugin_id,
        http_origin=settings.origin,
        server_info=_info(server.hello) if server is not None and is_there else None,
        server_capabilities=server.capabilities if server is not None and server.hello is not None else None,
        tool_list_meta=server.tools_meta if server is not None and is_there else None,
        tools=_tools(settings, server) if server is not None and is_there else {},
        tools_error=None if failure is None else f"MCP startup failed: {failure}",
        resources=resources,
        resource_templates=templates,
        auth_status=await auth(settings),
    )


async def _server(
    pool: Pool, settings: ServerSettings, wish: Wish, attached: Attached | None
) -> tuple[Server | None, str | None]:
    """The server, or why there is none; one that is switched off is neither."""
    if not settings.is_enabled:
        return None, None
    if attached is not None:
        await attached.settled.wait()
        if attached.failure is not None or attached.server is not None:
            return attached.server, attached.failure
    try:
        server = pool.server(settings, wish.cwd)
    except NotStarted as failure:
        return None, failure.reason
    await server.started.wait()
    return server, server.failure


def _connection(settings: ServerSettings, wish: Wish, attached: Attached | None) -> McpServerConnectionStatus | None:
    if wish.attached is None:
        return None
    if not settings.is_enabled:
        return "disabled"
    return "notStarted" if attached is None else CONNECTION[attached.status]


def _info(hello: Mapping[str, Any] | None) -> McpServerInfo | None:
    try:
        return McpServerInfo.model_validate((hello or {}).get("serverInfo"))
    except ValidationError:
        return None


def _tools(settings: ServerSettings, server: Server) -> dict[str, Tool]:
    offered = [raw for raw in server.tools if settings.offers(raw["name"])]
    return {tool.name: tool for tool in _valid(offered, Tool)}


def _valid(entries: Any, model: type[R]) -> list[R]:
    """What of a list can be shown."""
    found: list[R] = []
    for entry in entries if isinstance(entries, list) else []:
        try:
            found.append(model.model_validate(entry))
        except ValidationError:
            continue
    return found


async def _all(server: Server, settings: ServerSettings, method: str, member: str, model: type[R]) -> list[R]:
    """All pages of a list; of a server that can't tell, what it has told."""
    found: list[R] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        try:
            params = None if cursor is None else {"cursor": cursor}
            page = await server.request(method, params, seconds=settings.tool_s)
        except ServerTrouble:
            break
        found += _valid(page.get(member), model)
        cursor = page.get("nextCursor")
        if not cursor:
            break
    return found
