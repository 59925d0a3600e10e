"""MCP servers: `mcpServerStatus/list`, `mcpServer/tool/call`, `mcpServer/resource/read`, `mcpServer/oauth/login`,
`config/mcpServer/reload`."""

from typing import Any

from pydantic import TypeAdapter, ValidationError

from app_server.core.errors import INTERNAL_ERROR, CallerError
from app_server.core.mcp.errors import NotStarted, RemoteError, ServerTrouble
from app_server.core.mcp.logins import DEFAULT_TIMEOUT_S, LoginWish, scopes_of
from app_server.core.mcp.settings import Address, BadServer, servers_of
from app_server.core.mcp.status import Wish, statuses
from app_server.core.mcp.thread_servers import Attached, ThreadServers
from app_server.core.thread import Thread
from app_server.core.tools.mcp_content import compact, read_answer
from app_server.methods.paging import page
from app_server.routing import route
from app_server.services import Context
from protocol.mcp import (
    CONFIG_MCP_SERVER_RELOAD,
    MCP_SERVER_OAUTH_LOGIN,
    MCP_SERVER_RESOURCE_READ,
    MCP_SERVER_STATUS_LIST,
    MCP_SERVER_TOOL_CALL,
    ListMcpServerStatusParams,
    ListMcpServerStatusResponse,
    McpResourceReadParams,
    McpResourceReadResponse,
    McpServerOauthLoginParams,
    McpServerOauthLoginResponse,
    McpServerRefreshResponse,
    McpServerToolCallParams,
    McpServerToolCallResponse,
    ResourceContent,
)

NO_KEYRING = (
    "logins at MCP servers are kept in a file of the home, not in the keyring; set `mcp_oauth_credentials_store` to `file`"
)


async def list_statuses(context: Context, params: ListMcpServerStatusParams) -> ListMcpServerStatusResponse:
    """How servers stand: those of the configuration, or of a thread."""
    services = context.services
    attached = None
    if params.thread_id is None:
        config = services.config.usable()
        cwd = str(config.cwd)
    else:
        thread = services.threads.get(params.thread_id)
        config, cwd = thread.config, thread.settings.cwd
        attached = (await servers_of_thread(thread)).attached
    known = servers_of(config.mcp_servers)
    wanted = [each for name, each in known.items() if params.server_name in (None, name)]
    shown, cursor = page(wanted, params.cursor, params.limit, "MCP servers")
    wish = Wish(cwd, params.detail != "toolsAndAuthOnly", attached)
    data = await statuses(services.mcp_pool(), shown, wish, services.mcp_logins().status)
    return ListMcpServerStatusResponse(data=data, next_cursor=cursor)


async def log_in(context: Context, params: McpServerOauthLoginParams) -> McpServerOauthLoginResponse:
    """Begin a login at a server that is reached over HTTP; the user goes on in a browser."""
    services = context.services
    thread = services.threads.get(params.thread_id) if params.thread_id is not None else None
    config = services.config.usable() if thread is None else thread.config
    settings = servers_of(config.mcp_servers).get(params.name)
    if settings is None:
        raise CallerError(f"No MCP server named '{params.name}' found.", reason="not_found", data={"field": "name"})
    try:
        address = settings.place(services.settings.environment, "")
    except BadServer as bad:
        raise failed(f"failed to login to MCP server '{params.name}': {bad}") from None
    if not isinstance(address, Address):
        raise CallerError("OAuth login is only supported for streamable HTTP servers.", reason="not_available")
    if config.raw.get("mcp_oauth_credentials_store") == "keyring":
        raise failed(f"failed to login to MCP server '{params.name}': {NO_KEYRING}", reason="login_failed")
    wish = LoginWish(
        settings=settings,
        address=Address(address.url, address.headers, settings.name),
        scopes=scopes_of(params.scopes, settings),
        timeout_s=float(params.timeout_secs) if params.timeout_secs is not None else DEFAULT_TIMEOUT_S,
        port=config.raw.get("mcp_oauth_callback_port"),
        thread_id=params.thread_id,
    )
    attempt = await services.mcp_logins().begin(wish)
    if attempt.failure is not None:
        raise failed(f"failed to login to MCP server '{params.name}': {attempt.failure}", reason="login_failed")
    return McpServerOauthLoginResponse(authorization_url=attempt.url, login_id=attempt.login_id)


async def call_tool(context: Context, params: McpServerToolCallParams) -> McpServerToolCallResponse:
    """Call a tool for the client itself, whose user needs not be asked."""
    thread = context.services.threads.get(params.thread_id)
    server = await server_of_thread(thread, params.server)
    called = f"{params.server}/{params.tool}"
    request: dict[str, Any] = {"name": params.tool, "_meta": {**(params.meta or {}), "threadId": thread.id}}
    if params.arguments is not None:
        if not isinstance(params.arguments, dict):
            reason = f"MCP tool arguments must be a JSON object, got {compact(params.arguments)}"
            raise failed(f"tool call failed for `{called}`: {reason}")
        request["arguments"] = params.arguments
    try:
        raw = await server.request("tools/call", request)
        read_answer(raw)
    except ServerTrouble as trouble:
        raise refused(trouble, f"tool call failed for `{called}`") from None
    return McpServerToolCallResponse(
        content=raw.get("content", []),
        structured_content=raw.get("structuredContent"),
        is_error=raw.get("isError"),
        meta=raw.get("_meta"),
    )


async def read_resource(context: Context, params: McpResourceReadParams) -> McpResourceReadResponse:
    """Read a resource of a thread's server, or of one of the configuration."""
    services = context.services
    request: dict[str, Any] = {"uri": params.uri}
    if params.meta is not None:
        request["_meta"] = params.meta
    try:
        if params.thread_id is not None:
            attached = await server_of_thread(services.threads.get(params.thread_id), params.server)
            raw = await attached.request("resources/read", request)
        else:
            config = services.config.usable()
            settings = servers_of(config.mcp_servers).get(params.server)
            if settings is None or not settings.is_enabled:
                raise unknown(params.server)
            server = services.mcp_pool().server(settings, str(config.cwd))
            raw = await server.request("resources/read", request, seconds=settings.tool_s)
    except ServerTrouble as trouble:
        raise refused(trouble, f"resources/read failed for `{params.server}` ({params.uri})") from None
    return McpResourceReadResponse(contents=contents_of(raw), origin_call_id=params.origin_call_id)


def contents_of(raw: dict[str, Any]) -> list[Any]:
    """What was read. Raises: CallerError (it is no content)."""
    try:
        return TypeAdapter(list[ResourceContent]).validate_python(raw.get("contents"))
    except ValidationError:
        raise failed("Unexpected response type") from None


def reload(context: Context, params: None) -> McpServerRefreshResponse:  # noqa: ARG001  # part of the interface
    """Start the servers of all loaded threads anew, by the configuration as it is now."""
    context.services.threads.reload()
    return McpServerRefreshResponse()


async def servers_of_thread(thread: Thread) -> ThreadServers:
    """The servers of a thread, which may be starting still."""
    if thread.servers is None:
        await thread.runtime.attach_servers(thread)
    servers: ThreadServers = thread.servers
    return servers


async def server_of_thread(thread: Thread, name: str) -> Attached:
    """One of them. Raises: CallerError (there is none)."""
    server = (await servers_of_thread(thread)).attached.get(name)
    if server is None:
        raise unknown(name)
    return server


def unknown(name: str) -> CallerError:
    """There is no such server, or it is switched off."""
    return failed(f"unknown MCP server '{name}'", reason="not_found")


def failed(text: str, reason: str = "mcp_server") -> CallerError:
    """Something can't be had from a server."""
    return CallerError(text, code=INTERNAL_ERROR, reason=reason)


def refused(trouble: ServerTrouble, what: str) -> CallerError:
    """A server's own refusal as it has worded it, or what else went wrong."""
    match trouble:
        case RemoteError():
            data = trouble.data if isinstance(trouble.data, dict) else None
            return CallerError(trouble.message, code=trouble.code, reason="mcp_server", data=data)
        case NotStarted():
            return failed(f"failed to get client: {trouble}")
    return failed(f"{what}: {trouble}")


ROUTES = [
    route(MCP_SERVER_OAUTH_LOGIN, log_in),
    route(MCP_SERVER_STATUS_LIST, list_statuses),
    route(MCP_SERVER_TOOL_CALL, call_tool),
    route(MCP_SERVER_RESOURCE_READ, read_resource),
    route(CONFIG_MCP_SERVER_RELOAD, reload),
]
