"""The connection to a speech model: dialling it, text frames, and how it ends. `websockets` stays behind this module.

Errors are three: the handshake was refused, there was no connection, or an open one has ended; each says in the
reference's words what clients are told. Source: spec/realtime.md sections 5 and 12.
"""

import os
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidProxy, InvalidStatus, InvalidURI

STREAM_ERROR = "stream disconnected before completion: "
CANT_CONNECT = f"{STREAM_ERROR}failed to connect realtime websocket: "
RESET = f"{CANT_CONNECT}WebSocket protocol error: Connection reset without closing handshake"
LARGEST_FRAME_BYTES = 64 << 20
CLOSE_S = 1.0
PING_S = 20.0
NORMAL_CODE = 1000
CODE_NAMES = {
    1000: "Normal",
    1001: "Away",
    1002: "Protocol",
    1003: "Unsupported",
    1005: "Status",
    1006: "Abnormal",
    1007: "Invalid",
    1008: "Policy",
    1009: "Size",
    1010: "Extension",
    1011: "Error",
    1012: "Restart",
    1013: "Again",
    1015: "Tls",
}


class RealtimeFailure(Exception):
    """Something that ends a session or keeps it from starting. The text is for the user."""


class Refused(RealtimeFailure):
    """The other side answered the handshake with a status of HTTP."""

    def __init__(self, status: int) -> None:
        try:
            phrase = HTTPStatus(status).phrase
        except ValueError:
            phrase = "<unknown status code>"
        super().__init__(f"unexpected status {status} {phrase}: realtime websocket handshake failed")
        self.status = status


class Unreachable(RealtimeFailure):
    """There is no connection."""


class Lost(RealtimeFailure):
    """The connection broke, without a word."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The other side has closed the connection, with this code (None: without one)."""

    code: int | None
    reason: str

    @property
    def is_normal(self) -> bool:
        """Whether it ended because it was over."""
        return self.code in (None, NORMAL_CODE)

    def __str__(self) -> str:
        reason = self.reason.replace("\\", "\\\\").replace('"', '\\"')
        return f'{STREAM_ERROR}realtime websocket closed unexpectedly: code={code_name(self.code)} reason=Utf8Bytes(b"{reason}")'


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect, and with what."""

    url: str
    headers: Sequence[tuple[str, str]]
    timeout_s: float
    proxy: str | None = None
    tls: ssl.SSLContext | None = None


class RealtimeSocket:
    """An open connection."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send(self, frame: str) -> None:
        """Send a text frame. Raises: Lost.     Cancel: the frame is sent whole or not at all."""
        try:
            await self._connection.send(frame)
        except ConnectionClosed as error:
            raise Lost(RESET if error.rcvd is None else f"{CANT_CONNECT}Connection closed normally") from error

    async def receive(self) -> str | bytes | Ended:
        """The next message; bytes if it is binary. Raises: Lost.     Cancel: at any time, nothing is lost."""
        try:
            return await self._connection.recv()
        except ConnectionClosed as error:
            closed = error.rcvd
            if closed is None:
                raise Lost(RESET) from error
            return Ended(None if closed.code == 1005 else closed.code, closed.reason)

    async def aclose(self) -> None:
        """End the connection; it is dropped if the other side does not agree soon."""
        await self._connection.close()

    def abort(self) -> None:
        """Drop the connection at once."""
        self._connection.transport.abort()


class Dial(connect):
    """The library's way to connect, without following redirects: they would carry the key elsewhere."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """A redirect is a refusal."""
        return exc


async def dial(target: Target) -> RealtimeSocket:
    """Open a connection. Raises: Refused, Unreachable."""
    try:
        connection = await Dial(
            target.url,
            additional_headers=list(target.headers),
            user_agent_header=None,
            open_timeout=target.timeout_s,
            ping_interval=PING_S,
            ping_timeout=PING_S,
            close_timeout=CLOSE_S,
            max_size=LARGEST_FRAME_BYTES,
            compression=None,
            ssl=target.tls,
            proxy=target.proxy,
        )
    except InvalidStatus as error:
        raise Refused(error.response.status_code) from error
    except TimeoutError as error:
        raise Unreachable(f"{CANT_CONNECT}no answer within {target.timeout_s:g} s") from error
    except OSError as error:
        raise Unreachable(f"{CANT_CONNECT}IO error: {os_error_text(error)}") from error
    except (InvalidHandshake, InvalidURI, InvalidProxy, ConnectionClosed, EOFError, ValueError) as error:
        raise Unreachable(f"{CANT_CONNECT}{error}") from error
    return RealtimeSocket(connection)


def code_name(code: int | None) -> str:
    """The reference's name of a close code."""
    if code is None or code in CODE_NAMES:
        return CODE_NAMES[code or 1005]
    kind = "Reserved" if code < 3000 else "Iana" if code < 4000 else "Library"
    return f"{kind}({code})"


def os_error_text(error: OSError) -> str:
    """What the system says of an error."""
    if error.errno is None or error.strerror is None:
        return str(error)
    if error.errno < 0:
        return f"failed to lookup address information: {error.strerror}"
    return f"{os.strerror(error.errno)} (os error {error.errno})"
