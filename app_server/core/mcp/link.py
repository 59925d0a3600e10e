"""One connection to a server, in the library's hands: requests and answers as plain JSON, with progress and cancelling.

What is in them is not checked here, so that whatever a server says can be passed on as it is.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import anyio
from anyio.abc import TaskStatus
from mcp.shared.dispatcher import CallOptions, DispatchContext
from mcp.shared.exceptions import MCPError
from mcp.shared.inbound import MCP_PROTOCOL_VERSION_HEADER
from mcp.shared.jsonrpc_dispatcher import JSONRPCDispatcher
from mcp.shared.transport_context import TransportContext
from mcp_types import CONNECTION_CLOSED
from mcp_types.version import LATEST_HANDSHAKE_VERSION

from app_server import RELEASE
from app_server.core.mcp.errors import LinkClosed, Refusal, RemoteError

Json = dict[str, Any]
Answer = Callable[[str, Mapping[str, Any]], Awaitable[Json]]
"""Answers a request of the server's. Raises: Refusal."""
Progress = Callable[[str | None], None]
"""Is told what a server says of its progress."""

CLIENT = {"name": "app-server", "title": "app-server", "version": RELEASE}
CLOSED_TEXT = "Connection closed"
"""How the library words the end of a connection, of which a server may use the code, too."""
CAPABILITIES: Json = {"elicitation": {"form": {}, "url": {}}}


class Link:
    """A connection whose transport is open. `run` it as a task; it ends with the transport."""

    def __init__(self, read: Any, write: Any, answer: Answer) -> None:
        self._dispatcher: JSONRPCDispatcher[TransportContext] = JSONRPCDispatcher(read, write)
        self._answer = answer
        self._headers: dict[str, str] = {}
        self.ended = anyio.Event()

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Receive until the transport ends."""
        try:
            await self._dispatcher.run(self._on_request, self._on_notify, task_status=task_status)
        finally:
            self.ended.set()

    async def greet(self) -> Json:
        """The handshake; gives what the server says of itself. Raises: ServerTrouble."""
        params = {"protocolVersion": LATEST_HANDSHAKE_VERSION, "capabilities": CAPABILITIES, "clientInfo": CLIENT}
        hello = await self.request("initialize", params, may_cancel=False)
        self._headers = {MCP_PROTOCOL_VERSION_HEADER: str(hello.get("protocolVersion", LATEST_HANDSHAKE_VERSION))}
        await self._dispatcher.notify("notifications/initialized", None, {"headers": self._headers})
        return hello

    async def request(
        self, method: str, params: Json | None = None, on_progress: Progress | None = None, *, may_cancel: bool = True
    ) -> Json:
        """Ask the server. Raises: ServerTrouble. Cancel: the server is told."""
        options: CallOptions = {"headers": self._headers, "cancel_on_abandon": may_cancel}
        if on_progress is not None:
            options["on_progress"] = _teller(on_progress)
        try:
            return await self._dispatcher.send_raw_request(method, params, options)
        except MCPError as error:
            if error.code == CONNECTION_CLOSED and error.message == CLOSED_TEXT:
                raise LinkClosed from None
            raise RemoteError(error.code, error.message, error.data) from None

    async def _on_request(
        self, _context: DispatchContext[TransportContext], method: str, params: Mapping[str, Any] | None
    ) -> Json:
        try:
            return await self._answer(method, params or {})
        except Refusal as refusal:
            raise MCPError(refusal.code, refusal.message) from None

    async def _on_notify(
        self, _context: DispatchContext[TransportContext], _method: str, _params: Mapping[str, Any] | None
    ) -> None:
        """Nothing of what servers announce changes anything here: tools are listed when a server starts."""


def _teller(on_progress: Progress) -> Any:
    async def tell(_progress: float, _total: float | None, message: str | None) -> None:
        on_progress(message)

    return tell
