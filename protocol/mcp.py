"""The mcp family of the wire contract."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import I64, OMIT_NONE, U32, Method, Notification, Params, Record, Response, TypeAliasType, Variant

McpServerOauthClientRegistration = TypeAliasType("McpServerOauthClientRegistration", Literal["auto", "cimd", "dcr"])
"""Mcp server oauth client registration."""


class McpServerOauthLoginParams(Params):
    """What `mcpServer/oauth/login` asks with."""

    name: str
    thread_id: str | None = None
    client_registration: McpServerOauthClientRegistration | None = None
    scopes: list[str] | None = None
    timeout_secs: I64 | None = None


class McpServerOauthLoginResponse(Response):
    """What `mcpServer/oauth/login` is answered with."""

    authorization_url: str
    login_id: Annotated[str | None, OMIT_NONE] = None


class McpServerRefreshResponse(Response):
    """What `config/mcpServer/reload` is answered with."""


McpServerStatusDetail = TypeAliasType("McpServerStatusDetail", Literal["full", "toolsAndAuthOnly"])
"""Mcp server status detail."""


class ListMcpServerStatusParams(Params):
    """What `mcpServerStatus/list` asks with."""

    cursor: str | None = None
    limit: U32 | None = None
    detail: McpServerStatusDetail | None = None
    thread_id: str | None = None
    server_name: str | None = None


McpAuthStatus = TypeAliasType("McpAuthStatus", Literal["unknown", "unsupported", "notLoggedIn", "bearerToken", "oAuth"])
"""Mcp auth status."""


class ResourceTemplate(Record):
    """Resource template."""

    annotations: Annotated[Any, OMIT_NONE] = None
    uri_template: str
    name: str
    title: Annotated[str | None, OMIT_NONE] = None
    description: Annotated[str | None, OMIT_NONE] = None
    mime_type: Annotated[str | None, OMIT_NONE] = None


class Resource(Record):
    """Resource."""

    annotations: Annotated[Any, OMIT_NONE] = None
    description: Annotated[str | None, OMIT_NONE] = None
    mime_type: Annotated[str | None, OMIT_NONE] = None
    name: str
    size: Annotated[I64 | None, OMIT_NONE] = None
    title: Annotated[str | None, OMIT_NONE] = None
    uri: str
    icons: Annotated[list[Any] | None, OMIT_NONE] = None
    meta: Annotated[Any, Field(alias="_meta"), OMIT_NONE] = None


McpServerConnectionStatus = TypeAliasType(
    "McpServerConnectionStatus",
    Literal["notStarted", "starting", "connected", "authenticationRequired", "failed", "cancelled", "disabled"],
)
"""Mcp server connection status."""


class McpServerInfo(Record):
    """Mcp server info."""

    name: str
    title: str | None = None
    version: str
    description: str | None = None
    icons: list[Any] | None = None
    website_url: str | None = None


class Tool(Record):
    """Tool."""

    name: str
    title: Annotated[str | None, OMIT_NONE] = None
    description: Annotated[str | None, OMIT_NONE] = None
    input_schema: Any
    output_schema: Annotated[Any, OMIT_NONE] = None
    annotations: Annotated[Any, OMIT_NONE] = None
    icons: Annotated[list[Any] | None, OMIT_NONE] = None
    meta: Annotated[Any, Field(alias="_meta"), OMIT_NONE] = None


class McpServerStatus(Record):
    """Mcp server status."""

    name: str
    runtime_status: McpServerConnectionStatus | None = None
    plugin_id: str | None = None
    http_origin: str | None = None
    server_info: McpServerInfo | None = None
    server_capabilities: Any = None
    tool_list_meta: Any = None
    tools: dict[str, Tool]
    tools_error: str | None = None
    resources: list[Resource]
    resource_templates: list[ResourceTemplate]
    auth_status: McpAuthStatus


class ListMcpServerStatusResponse(Response):
    """What `mcpServerStatus/list` is answered with."""

    data: list[McpServerStatus]
    next_cursor: str | None = None


class McpResourceReadTarget(Record):
    """Mcp resource read target."""

    connector_id: str
    link_id: str | None


class McpResourceReadParams(Params):
    """What `mcpServer/resource/read` asks with."""

    meta: Annotated[dict[str, Any] | None, Field(alias="_meta")] = None
    thread_id: str | None = None
    origin_call_id: str | None = None
    server: str
    uri: str
    connector_id: str | None = None
    target: McpResourceReadTarget | None = None


class TextResourceContent(Variant):
    """Text resource content."""

    uri: str
    mime_type: Annotated[str | None, OMIT_NONE] = None
    text: str
    meta: Annotated[Any, Field(alias="_meta"), OMIT_NONE] = None


class BlobResourceContent(Variant):
    """Blob resource content."""

    uri: str
    mime_type: Annotated[str | None, OMIT_NONE] = None
    blob: str
    meta: Annotated[Any, Field(alias="_meta"), OMIT_NONE] = None


ResourceContent = TypeAliasType("ResourceContent", TextResourceContent | BlobResourceContent)
"""Resource content."""


class McpResourceReadResponse(Response):
    """What `mcpServer/resource/read` is answered with."""

    contents: list[ResourceContent]
    origin_call_id: str | None = None


class McpServerEventStreamStartParams(Params):
    """What `mcpServer/event/stream/start` asks with."""

    thread_id: str
    server: str
    subscription_id: str
    name: str
    arguments: Any
    meta: Annotated[Any, Field(alias="_meta")] = None


class McpServerEventStreamStartResponse(Response):
    """What `mcpServer/event/stream/start` is answered with."""


class McpServerEventStreamStopParams(Params):
    """What `mcpServer/event/stream/stop` asks with."""

    subscription_id: str


class McpServerEventStreamStopResponse(Response):
    """What `mcpServer/event/stream/stop` is answered with."""


class McpServerToolCallParams(Params):
    """What `mcpServer/tool/call` asks with."""

    thread_id: str
    server: str
    tool: str
    arguments: Any = None
    meta: Annotated[Any, Field(alias="_meta")] = None


class McpServerToolCallResponse(Response):
    """What `mcpServer/tool/call` is answered with."""

    content: list[Any]
    structured_content: Annotated[Any, OMIT_NONE] = None
    is_error: Annotated[bool | None, OMIT_NONE] = None
    meta: Annotated[Any, Field(alias="_meta"), OMIT_NONE] = None


class McpServerOauthLoginCompletedNotification(Notification):
    """Announced as `mcpServer/oauthLogin/completed`."""

    method: ClassVar[str] = "mcpServer/oauthLogin/completed"

    name: str
    thread_id: str | None = None
    login_id: str | None = None
    success: bool
    error: Annotated[str | None, OMIT_NONE] = None


McpServerStartupFailureReason = TypeAliasType("McpServerStartupFailureReason", Literal["reauthenticationRequired"])
"""Mcp server startup failure reason."""

McpServerStartupState = TypeAliasType("McpServerStartupState", Literal["starting", "ready", "failed", "cancelled"])
"""Mcp server startup state."""


class McpServerStatusUpdatedNotification(Notification):
    """Announced as `mcpServer/startupStatus/updated`."""

    method: ClassVar[str] = "mcpServer/startupStatus/updated"

    thread_id: str | None = None
    name: str
    status: McpServerStartupState
    error: str | None = None
    failure_reason: McpServerStartupFailureReason | None = None


class McpServerEventNotification(Record):
    """Mcp server event notification."""

    method: str
    params: Any


class McpServerEventStreamNotification(Notification):
    """Announced as `mcpServer/event/stream/notification`."""

    method: ClassVar[str] = "mcpServer/event/stream/notification"

    subscription_id: str
    notification: McpServerEventNotification


MCP_SERVER_OAUTH_LOGIN = Method("mcpServer/oauth/login", McpServerOauthLoginParams, McpServerOauthLoginResponse)
CONFIG_MCP_SERVER_RELOAD: Method[None, McpServerRefreshResponse] = Method(
    "config/mcpServer/reload", None, McpServerRefreshResponse
)
MCP_SERVER_STATUS_LIST = Method("mcpServerStatus/list", ListMcpServerStatusParams, ListMcpServerStatusResponse)
MCP_SERVER_RESOURCE_READ = Method("mcpServer/resource/read", McpResourceReadParams, McpResourceReadResponse)
MCP_SERVER_EVENT_STREAM_START = Method(
    "mcpServer/event/stream/start", McpServerEventStreamStartParams, McpServerEventStreamStartResponse
)
MCP_SERVER_EVENT_STREAM_STOP = Method(
    "mcpServer/event/stream/stop", McpServerEventStreamStopParams, McpServerEventStreamStopResponse
)
MCP_SERVER_TOOL_CALL = Method("mcpServer/tool/call", McpServerToolCallParams, McpServerToolCallResponse)

METHODS: tuple[Method[Any, Any], ...] = (
    MCP_SERVER_OAUTH_LOGIN,
    CONFIG_MCP_SERVER_RELOAD,
    MCP_SERVER_STATUS_LIST,
    MCP_SERVER_RESOURCE_READ,
    MCP_SERVER_EVENT_STREAM_START,
    MCP_SERVER_EVENT_STREAM_STOP,
    MCP_SERVER_TOOL_CALL,
)
NOTIFICATIONS: tuple[type[Notification], ...] = (
    McpServerOauthLoginCompletedNotification,
    McpServerStatusUpdatedNotification,
    McpServerEventStreamNotification,
)
