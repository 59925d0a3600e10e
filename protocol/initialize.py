"""The handshake: who the client is and what it can do.

The first request of every connection. Kept apart from all else, since it is answered before anything else is loaded.
"""

from typing import Any

from protocol.base import Method, Params, Record, Response
from protocol.scalars import AbsolutePathBuf


class InitializeCapabilities(Record):
    """What a client can do and wants, settled once per connection."""

    required_human_approval: bool = False
    """Whether the client shows approvals that a person must answer afresh each time. Needs `experimentalApi`."""
    explicit_gateway_oauth: bool = False
    """Whether the client starts gateway logins itself instead of having a browser opened for it."""
    experimental_api: bool = False
    """Whether methods and members that may still change are open to this connection."""
    request_attestation: bool = False
    """Whether the client answers `attestation/generate`."""
    mcp_server_openai_form_elicitation: bool = False
    """Older way to say that the client shows `openai/form` elicitations; `extensions` is the newer one."""
    opt_out_notification_methods: list[str] | None = None
    """Notifications that are never sent to this connection, by exact name; unknown names do no harm. Null: none."""
    extensions: dict[str, Any] | None = None
    """MCP extensions that the client supports, by name, each with its settings. Null: none."""


class ClientInfo(Record):
    """The program on the other side."""

    name: str
    """Its name as a machine knows it; part of the user agent, so it must be a valid header value."""
    title: str | None = None
    """Its name as a person knows it; null when it has no other."""
    version: str
    """Its version."""


class InitializeParams(Params):
    """What the client tells about itself."""

    client_info: ClientInfo
    """The client."""
    capabilities: InitializeCapabilities | None = None
    """What it can do; null means nothing beyond the stable surface."""


class InitializeResponse(Response):
    """What the server tells about itself."""

    user_agent: str
    """What the server calls itself towards model providers."""
    codex_home: AbsolutePathBuf
    """The directory that holds configuration, login and threads."""
    platform_family: str
    """The kind of platform the server runs on: `unix` or `windows`."""
    platform_os: str
    """The operating system: `linux`, `macos` or `windows`."""


INITIALIZE = Method("initialize", InitializeParams, InitializeResponse)

METHODS: tuple[Method[Any, Any], ...] = (INITIALIZE,)
