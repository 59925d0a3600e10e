"""A voice provider on loopback that a test plays itself: real websockets, and real answers to posted offers.

async with VoiceServer() as voice:            `voice.url` is the base URL for a config
    line = await voice.answer()               the next connection of the server under test
    frame = await line.next()                 what it sends; `line.send(...)`, `line.close(...)`, `line.drop()` in turn

Connections are refused with the statuses in `refusals` first, one each. Posted offers are answered by `CallServer`.
Every wait has a deadline. Nothing is waited for by time.
"""

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import anyio
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

DEADLINE_S = 5.0
Json = dict[str, Any]


class Line:
    """One connection. `path`, `query` and `headers` are those of its handshake; `frames` has all that came."""

    def __init__(self, connection: ServerConnection) -> None:
        request = connection.request
        assert request is not None
        parts = urlsplit(request.path)
        self.path = parts.path
        self.query = parts.query
        self.headers = {name.lower(): value for name, value in request.headers.raw_items()}
        self.frames: list[Json] = []
        self.ended = anyio.Event()
        self._connection = connection

    @property
    def asked(self) -> dict[str, str]:
        """The query, decoded."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    async def next(self) -> Json:
        """The next frame. Raises: TimeoutError, ConnectionClosed."""
        with anyio.fail_after(DEADLINE_S):
            frame: Json = json.loads(await self._connection.recv())
        self.frames.append(frame)
        return frame

    async def next_of(self, kind: str) -> Json:
        """Read on to a frame of that type."""
        while (frame := await self.next())["type"] != kind:
            pass
        return frame

    async def send(self, *events: Json) -> None:
        """Tell something."""
        for event in events:
            await self._connection.send(json.dumps(event))

    async def send_raw(self, message: str | bytes) -> None:
        """Send a frame as it is."""
        await self._connection.send(message)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End the connection in order."""
        await self._connection.close(code, reason)

    def stop_reading(self) -> None:
        """Take nothing any more, not even from the network."""
        self._connection.transport.pause_reading()

    def drop(self) -> None:
        """Break the connection off."""
        self._connection.transport.abort()

    async def wait_ended(self) -> int | None:
        """Wait until the server under test has ended the connection; the code that it gave, or None for a dropped one."""
        with anyio.fail_after(DEADLINE_S):
            while True:
                try:
                    self.frames.append(json.loads(await self._connection.recv()))
                except ConnectionClosed as closed:
                    return None if closed.rcvd is None else closed.rcvd.code

    async def is_silent(self) -> bool:
        """Whether nothing more has come, after everything that was sent to the other side was surely read."""
        with anyio.fail_after(DEADLINE_S):
            await (await self._connection.ping())
        with anyio.move_on_after(0.05):
            self.frames.append(json.loads(await self._connection.recv()))
            return False
        return True


class VoiceServer:
    """Takes connections. `handshakes` has the paths with query of all that were tried, refused ones too."""

    def __init__(self, *, is_hanging: bool = False) -> None:
        self.url = ""
        self.port = 0
        self.handshakes: list[str] = []
        self.refusals: deque[int] = deque()
        self._is_hanging = is_hanging
        self._lines: deque[Line] = deque()
        self._news = anyio.Event()
        self._over = anyio.Event()
        self._server: Server | None = None

    def hang(self) -> None:
        """Answer no handshake from now on."""
        self._is_hanging = True

    @property
    def is_quiet(self) -> bool:
        """Whether no connection waits to be answered."""
        return not self._lines

    async def answer(self) -> Line:
        """The next connection. Raises: TimeoutError."""
        with anyio.fail_after(DEADLINE_S):
            while not self._lines:
                self._news = anyio.Event()
                await self._news.wait()
        return self._lines.popleft()

    async def __aenter__(self) -> "VoiceServer":
        self._server = await serve(self._serve, "127.0.0.1", self.port, process_request=self._check, close_timeout=0.2)
        self.port = next(iter(self._server.sockets)).getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._server is not None
        self._over.set()
        self._server.close()
        with anyio.fail_after(DEADLINE_S):
            await self._server.wait_closed()

    async def _check(self, connection: ServerConnection, request: Request) -> Response | None:
        self.handshakes.append(request.path)
        if self.refusals:
            return connection.respond(HTTPStatus(self.refusals.popleft()), "")
        if self._is_hanging:
            await self._over.wait()
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        line = Line(connection)
        self._lines.append(line)
        self._news.set()
        await connection.wait_closed()
        line.ended.set()


@dataclass(slots=True)
class Offer:
    """What was posted."""

    path: str
    headers: Mapping[str, str]
    body: str


@dataclass(slots=True)
class CallServer:
    """Answers every POST with the same; `url` is the base URL, `offers` has what came."""

    status: int = 200
    location: str | None = "/v1/realtime/calls/rtc_test1?x=y"
    body: str = "v=answer\r\n"
    url: str = ""
    offers: list[Offer] = field(default_factory=list)
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> "CallServer":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._server is not None
        self._server.close()
        with anyio.fail_after(DEADLINE_S):
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        start, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().rstrip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.offers.append(Offer(start.split(" ")[1], headers, body.decode()))
        location = f"location: {self.location}\r\n" if self.location is not None else ""
        content = self.body.encode()
        head = f"HTTP/1.1 {self.status} X\r\n{location}content-length: {len(content)}\r\nconnection: close\r\n\r\n"
        writer.write(head.encode() + content)
        await writer.drain()
        writer.close()
