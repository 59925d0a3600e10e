"""Clients that come by websocket: to a server in this process, or to one that is a process of its own."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import anyio
from websockets.asyncio.client import ClientConnection, connect, unix_connect
from websockets.exceptions import ConnectionClosed

from app_server import listen_loop
from app_server.cli import parse
from app_server.compose import compose
from app_server.core.clock import Clock
from app_server.identity import Identity
from app_server.server import Server
from app_server.tasks import Tasks
from app_server.transport.socket import listen_tcp
from tests.support.client import Client, reading
from tests.support.deterministic import StillClock, steady
from tests.support.home import Home
from tests.support.process import ServerProcess, started

DEADLINE_S = 5.0


class WebSocketPipe:
    """A websocket as a `Pipe` of lines: a message for each line."""

    def __init__(self, websocket: ClientConnection) -> None:
        self.websocket = websocket

    async def receive(self) -> bytes:
        try:
            message = await self.websocket.recv(decode=False)
        except ConnectionClosed:
            return b""
        assert b"\n" not in message, "a message with more than one line"
        return message + b"\n"

    async def send(self, data: bytes) -> None:
        await self.websocket.send(data.removesuffix(b"\n").decode())


class WebSocketClient(Client):
    """A client over a websocket."""

    def __init__(self, websocket: ClientConnection, *, deadline_s: float = DEADLINE_S) -> None:
        super().__init__(WebSocketPipe(websocket), deadline_s=deadline_s)
        self.websocket = websocket

    async def hang_up(self) -> None:
        """Close the connection."""
        await self.websocket.close()


@asynccontextmanager
async def joined(url: str, *, name: str = "tests", headers: Mapping[str, str] | None = None) -> AsyncIterator[WebSocketClient]:
    """A client that has shaken hands; `url` may name a socket in the file system (`unix://PATH`)."""
    async with dialed(url, headers) as websocket:
        client = WebSocketClient(websocket)
        async with reading(client):
            await client.initialize(name=name)
            yield client


def dialed(url: str, headers: Mapping[str, str] | None = None) -> connect:
    """A bare websocket, to be entered."""
    if url.startswith("unix://"):
        return unix_connect(url.removeprefix("unix://"), compression=None, max_size=None)
    return connect(url, compression=None, max_size=None, additional_headers=headers, proxy=None)


@asynccontextmanager
async def listening(home: Home, clock: Clock | None = None) -> AsyncIterator[tuple[Server, str]]:
    """A server in this process and the URL at which it listens. Leaving ends it."""
    with steady(home.work):
        server = compose(parse(["app-server"], home.environment), Identity(home.environment), clock or StillClock(), Tasks())
        listener = listen_tcp("127.0.0.1", 0)
        url = f"ws://127.0.0.1:{listener.getsockname()[1]}"
        ending = anyio.Event()
        task = asyncio.create_task(listen_loop.serve(server, listener, lambda _: None, ending.wait))
        try:
            yield server, url
        finally:
            ending.set()
            await task


@asynccontextmanager
async def listening_process(
    command: Sequence[str], home: Home, listen: str = "ws://127.0.0.1:0", *options: str
) -> AsyncIterator[tuple[ServerProcess, str]]:
    """A server process that listens, and its URL. On leaving it is killed."""
    said, url = anyio.Event(), ""

    def hear(line: str) -> None:
        nonlocal url
        _, found, rest = line.partition("listening on: ")
        if found:
            url = rest.strip()
            said.set()

    async with started([*command, "--listen", listen, *options], home, hear=hear) as server:
        with anyio.fail_after(DEADLINE_S):
            await said.wait()
        yield server, url
