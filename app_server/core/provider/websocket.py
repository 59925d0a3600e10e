"""Websocket connections to a provider: dialling, text frames, and how a connection ends. The library stays behind this module.

A connection has no limit of its own on silence, since the answers' readers have one; pings of the other side are answered.
"""

import ssl
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.protocol import State

from app_server.core.provider.http_client import certificates
from app_server.core.provider.proxy import proxy_for
from app_server.core.provider.sse import EVENT_LIMIT_BYTES

CLOSE_S = 1.0


class HandshakeRefused(Exception):
    """The other side answered the handshake with a status of HTTP. Header names are lower case."""

    def __init__(self, status: int, headers: Mapping[str, str], body: str) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.headers = headers
        self.body = body


class HandshakeFailed(Exception):
    """There was no answer to the handshake, or one that makes no sense. The cause says more."""


class SocketClosed(Exception):
    """The connection has ended; `was_orderly` if the other side said so before."""

    def __init__(self, *, was_orderly: bool) -> None:
        super().__init__("closed")
        self.was_orderly = was_orderly


class Socket:
    """An open connection. `headers` are those of the answer to the handshake, with names in lower case."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        response = connection.response
        self.headers = {} if response is None else {name.lower(): value for name, value in response.headers.raw_items()}

    @property
    def is_open(self) -> bool:
        """Whether something can still be sent."""
        return self._connection.state is State.OPEN

    async def send(self, text: bytes) -> None:
        """Send a text frame. Raises: SocketClosed."""
        try:
            await self._connection.send(text, text=True)
        except ConnectionClosed as error:
            raise SocketClosed(was_orderly=error.rcvd is not None) from error

    async def receive(self) -> str | bytes:
        """The next message; bytes if it is binary. Raises: SocketClosed.     Cancel: at any time, nothing is lost."""
        try:
            return await self._connection.recv()
        except ConnectionClosed as error:
            raise SocketClosed(was_orderly=error.rcvd is not None) from error

    async def aclose(self) -> None:
        """End the connection; it is dropped if the other side does not agree soon."""
        await self._connection.close()


class Dialler:
    """Opens connections, through the proxy that the environment names."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._context: ssl.SSLContext | None = None

    async def dial(self, url: str, headers: Sequence[tuple[bytes, bytes]], timeout_s: float) -> Socket:
        """Open a connection to a `ws:` or `wss:` address.

        Raises: HandshakeRefused, HandshakeFailed, ProviderError (a proxy or certificates that can't be used).
        """
        target = urlsplit(url)
        is_encrypted = target.scheme == "wss"
        if is_encrypted and self._context is None:
            self._context = certificates(self._environment)
        proxy = proxy_for("https" if is_encrypted else "http", target.hostname or "", target.port, self._environment)
        try:
            connection = await connect(
                url,
                additional_headers=[(name.decode("ascii"), value.decode("latin-1")) for name, value in headers],
                user_agent_header=None,
                open_timeout=timeout_s,
                ping_interval=None,
                close_timeout=CLOSE_S,
                max_size=EVENT_LIMIT_BYTES,
                ssl=self._context if is_encrypted else None,
                proxy=proxy,
            )
        except InvalidStatus as error:
            response = error.response
            found = {name.lower(): value for name, value in response.headers.raw_items()}
            raise HandshakeRefused(response.status_code, found, bytes(response.body or b"").decode(errors="replace")) from error
        except (OSError, InvalidHandshake, InvalidURI, ConnectionClosed, EOFError) as error:
            raise HandshakeFailed(str(error)) from error
        return Socket(connection)
