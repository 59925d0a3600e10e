"""The initialize family of the wire contract."""

from typing import Any

from protocol.base import Method, Params, Record, Response
from protocol.scalars import AbsolutePathBuf


class InitializeCapabilities(Record):
    """Initialize capabilities."""

    required_human_approval: bool = False
    explicit_gateway_oauth: bool = False
    experimental_api: bool = False
    request_attestation: bool = False
    mcp_server_openai_form_elicitation: bool = False
    opt_out_notification_methods: list[str] | None = None
    extensions: dict[str, Any] | None = None


class ClientInfo(Record):
    """Client info."""

    name: str
    title: str | None = None
    version: str


class InitializeParams(Params):
    """What `initialize` asks with."""

    client_info: ClientInfo
    capabilities: InitializeCapabilities | None = None


class InitializeResponse(Response):
    """What `initialize` is answered with."""

    user_agent: str
    codex_home: AbsolutePathBuf
    platform_family: str
    platform_os: str


INITIALIZE = Method("initialize", InitializeParams, InitializeResponse)

METHODS: tuple[Method[Any, Any], ...] = (INITIALIZE,)
