"""MCP servers: how they stand, what they offer, calling their tools and reading their resources.

What servers offer is passed on in the shapes of the Model Context Protocol.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import I64, OMIT_NONE, U32, Method, Notification, Params, Record, Response, TypeAliasType, Variant

McpServerOauthClientRegistration = TypeAliasType("McpServerOauthClientRegistration", Literal["auto", "cimd", "dcr"])
"""How the server makes itself known for a login."""


class McpServerOauthLoginParams(Params):
    """Log in at an MCP server."""

    name: str
    """The server."""
    thread_id: str | None = None
    """The thread whose server it is; null: that of the configuration."""
    client_registration: McpServerOauthClientRegistration | None = None
    """How to make oneself known; null lets the server choose."""
    scopes: list[str] | None = None
    """The scopes to ask for; null: those of the configuration."""
    timeout_secs: I64 | None = None
    """How long to wait for the user, in seconds; null: as usual."""


class McpServerOauthLoginResponse(Response):
    """The user has to go on in a browser."""

    authorization_url: str
    """The page to open."""
    login_id: Annotated[str | None, OMIT_NONE] = None
    """The id of the login."""


class McpServerRefreshResponse(Response):
    """The servers are started anew."""


McpServerStatusDetail = TypeAliasType("McpServerStatusDetail", Literal["full", "toolsAndAuthOnly"])
"""How much to tell about a server."""


class ListMcpServerStatusParams(Params):
    """Which servers, and how much about each."""

    cursor: str | None = None
    """Where to go on: the `nextCursor` of the page before; null begins at the first page."""
    limit: U32 | None = None
    """The most entries to return; null lets the server choose."""
    detail: McpServerStatusDetail | None = None
    """How much; null: everything."""
    thread_id: str | None = None
    """The thread whose servers to list; null: those of the configuration."""
    server_name: str | None = None
    """One server only; null: all."""


McpAuthStatus = TypeAliasType("McpAuthStatus", Literal["unknown", "unsupported", "notLoggedIn", "bearerToken", "oAuth"])
"""How the login at a server stands."""


class ResourceTemplate(Record):
    """A pattern of resources that a server can give."""

    annotations: Annotated[Any, OMIT_NONE] = None
    """Hints for clients."""
    uri_template: str
    """The pattern of their URIs."""
    name: str
    """Its name."""
    title: Annotated[str | None, OMIT_NONE] = None
    """Its name for people."""
    description: Annotated[str | None, OMIT_NONE] = None
    """What they are."""
    mime_type: Annotated[str | None, OMIT_NONE] = None
    """Their type."""


class Resource(Record):
    """A resource that a server can give."""

    annotations: Annotated[Any, OMIT_NONE] = None
    """Hints for clients."""
    description: Annotated[str | None, OMIT_NONE] = None
    """What it is."""
    mime_type: Annotated[str | None, OMIT_NONE] = None
    """Its type."""
    name: str
    """Its name."""
    size: Annotated[I64 | None, OMIT_NONE] = None
    """Its size in bytes."""
    title: Annotated[str | None, OMIT_NONE] = None
    """Its name for people."""
    uri: str
    """Its URI."""
    icons: Annotated[list[Any] | None, OMIT_NONE] = None
    """Its icons."""
    meta: Annotated[Any, Field(alias="_meta"), OMIT_NONE] = None
    """What the server adds."""


McpServerConnectionStatus = TypeAliasType(
    "McpServerConnectionStatus",
    Literal["notStarted", "starting", "connected", "authenticationRequired", "failed", "cancelled", "disabled"],
)
"""How the connection to a server stands."""


class McpServerInfo(Record):
    """What a server says of itself. Null: not told."""

    name: str
    """Its name."""
    title: str | None = None
    """Its name for people."""
    version: str
    """Its version."""
    description: str | None = None
    """What it is for."""
    icons: list[Any] | None = None
    """Its icons."""
    website_url: str | None = None
    """Its page."""


class Tool(Record):
    """A tool that a server offers."""

    name: str
    """Its name."""
    title: Annotated[str | None, OMIT_NONE] = None
    """Its name for people."""
    description: Annotated[str | None, OMIT_NONE] = None
    """What it does."""
    input_schema: Any
    """A JSON Schema of its arguments."""
    output_schema: Annotated[Any, OMIT_NONE] = None
    """A JSON Schema of its answers."""
    annotations: Annotated[Any, OMIT_NONE] = None
    """Hints for clients."""
    icons: Annotated[list[Any] | None, OMIT_NONE] = None
    """Its icons."""
    meta: Annotated[Any, Field(alias="_meta"), OMIT_NONE] = None
    """What the server adds."""


class McpServerStatus(Record):
    """How a server stands."""

    name: str
    """Its name in the configuration."""
    runtime_status: McpServerConnectionStatus | None = None
    """How the connection stands; null when there is none to speak of."""
    plugin_id: str | None = None
    """The plugin that brings it; null: none."""
    http_origin: str | None = None
    """Where it is, without path; null when it is not reached over HTTP."""
    server_info: McpServerInfo | None = None
    """What it says of itself; null before it was asked."""
    server_capabilities: Any = None
    """What it can do; null before it was asked."""
    tool_list_meta: Any = None
    """What it adds to the list of its tools; null: nothing."""
    tools: dict[str, Tool]
    """Its tools by name."""
    tools_error: str | None = None
    """Why they cannot be listed; null when they can."""
    resources: list[Resource]
    """Its resources."""
    resource_templates: list[ResourceTemplate]
    """Its patterns of resources."""
    auth_status: McpAuthStatus
    """How the login stands."""


class ListMcpServerStatusResponse(Response):
    """The servers."""

    data: list[McpServerStatus]
    """One page of them."""
    next_cursor: str | None = None
    """What to ask for the next page with; null on the last page."""


class McpResourceReadTarget(Record):
    """The app and account that a resource is read through."""

    connector_id: str
    """The connector of the app."""
    link_id: str | None
    """The account link; null: without an account."""


class McpResourceReadParams(Params):
    """Which resource."""

    meta: Annotated[dict[str, Any] | None, Field(alias="_meta")] = None
    """What to add to the request; null: nothing."""
    thread_id: str | None = None
    """The thread whose server it is; null: that of the configuration."""
    origin_call_id: str | None = None
    """The tool call that led to it; null: none."""
    server: str
    """The server."""
    uri: str
    """The resource."""
    connector_id: str | None = None
    """The connector to read through; null: none."""
    target: McpResourceReadTarget | None = None
    """The app and account to read through; null: none."""


class TextResourceContent(Variant):
    """Text."""

    uri: str
    """The resource."""
    mime_type: Annotated[str | None, OMIT_NONE] = None
    """Its type."""
    text: str
    """The text."""
    meta: Annotated[Any, Field(alias="_meta"), OMIT_NONE] = None
    """What the server adds."""


class BlobResourceContent(Variant):
    """Anything else."""

    uri: str
    """The resource."""
    mime_type: Annotated[str | None, OMIT_NONE] = None
    """Its type."""
    blob: str
    """The bytes, in base64."""
    meta: Annotated[Any, Field(alias="_meta"), OMIT_NONE] = None
    """What the server adds."""


ResourceContent = TypeAliasType("ResourceContent", TextResourceContent | BlobResourceContent)
"""The content of a resource."""


class McpResourceReadResponse(Response):
    """The resource."""

    contents: list[ResourceContent]
    """Its content."""
    origin_call_id: str | None = None
    """The tool call by which it was found; null: none."""


class McpServerEventStreamStartParams(Params):
    """Events of a server to get."""

    thread_id: str
    """The thread whose server it is."""
    server: str
    """The server."""
    subscription_id: str
    """What the client calls the stream."""
    name: str
    """The kind of events."""
    arguments: Any
    """What to tell the server about them."""
    meta: Annotated[Any, Field(alias="_meta")] = None
    """What to add to the request."""


class McpServerEventStreamStartResponse(Response):
    """The events will come."""


class McpServerEventStreamStopParams(Params):
    """Events to get no longer."""

    subscription_id: str
    """The stream."""


class McpServerEventStreamStopResponse(Response):
    """No more events will come."""


class McpServerToolCallParams(Params):
    """Call a tool past the model."""

    thread_id: str
    """The thread whose server it is."""
    server: str
    """The server."""
    tool: str
    """The tool."""
    arguments: Any = None
    """What it is given; null: nothing."""
    meta: Annotated[Any, Field(alias="_meta")] = None
    """What to add to the request; null: nothing."""


class McpServerToolCallResponse(Response):
    """What the tool answered."""

    content: list[Any]
    """Its content blocks."""
    structured_content: Annotated[Any, OMIT_NONE] = None
    """The answer as data."""
    is_error: Annotated[bool | None, OMIT_NONE] = None
    """Whether it failed."""
    meta: Annotated[Any, Field(alias="_meta"), OMIT_NONE] = None
    """What the server adds."""


class McpServerOauthLoginCompletedNotification(Notification):
    """A login at a server ended."""

    method: ClassVar[str] = "mcpServer/oauthLogin/completed"

    name: str
    """The server."""
    thread_id: str | None = None
    """The thread whose server it is; null: that of the configuration."""
    login_id: str | None = None
    """The id of the login."""
    success: bool
    """Whether it worked."""
    error: Annotated[str | None, OMIT_NONE] = None
    """Why it did not."""


McpServerStartupFailureReason = TypeAliasType("McpServerStartupFailureReason", Literal["reauthenticationRequired"])
"""What the user can do about a server that does not start."""

McpServerStartupState = TypeAliasType("McpServerStartupState", Literal["starting", "ready", "failed", "cancelled"])
"""How far a server is in starting."""


class McpServerStatusUpdatedNotification(Notification):
    """A server of a thread got further, or failed."""

    method: ClassVar[str] = "mcpServer/startupStatus/updated"

    thread_id: str | None = None
    """The thread; null: none."""
    name: str
    """The server."""
    status: McpServerStartupState
    """How far it is."""
    error: str | None = None
    """Why it failed; null when it did not."""
    failure_reason: McpServerStartupFailureReason | None = None
    """What the user can do; null: nothing special."""


class McpServerEventNotification(Record):
    """A notification of a server, as it came."""

    method: str
    """Its method."""
    params: Any
    """Its params."""


class McpServerEventStreamNotification(Notification):
    """An event."""

    method: ClassVar[str] = "mcpServer/event/stream/notification"

    subscription_id: str
    """The stream that it belongs to."""
    notification: McpServerEventNotification
    """The event."""


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
