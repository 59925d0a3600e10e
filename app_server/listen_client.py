"""One client that came over the network: shaking hands, reading, writing, and what is done about a client that stalls.

A client that does not read is not read from. It is given up on, with a reason, when it takes nothing at all for a
while, or when too much waits for it: other clients and turns do not wait for it. Source: spec/decisions.md.
"""

import asyncio
import logging
import socket
from collections.abc import Callable
from contextlib import suppress

import anyio

from app_server.connection import Connection, NotUtf8
from app_server.line_writer import LineWriter
from app_server.outbox import LIMIT_BYTES, Outbox
from app_server.server import Server
from app_server.transport.socket import SocketTransport
from app_server.transport.websocket import GOING_AWAY, NOT_UTF8, TRY_AGAIN_LATER, Admit, WebSocket

log = logging.getLogger(__name__)
MOST_REQUESTS = 1024
"""How many requests of one client may be without an answer; the next are refused."""
HANDSHAKE_S = 10.0
"""How long a client may take to ask for its websocket."""
STALLED_S = 10.0
"""How long a client that is behind may take nothing at all."""
MOST_BYTES = 64 << 20
"""How much may wait for a client that takes something."""
BEHIND_BYTES = 64 << 10
"""With how much waiting for a client its text comes in larger pieces."""
FAREWELL_S = 2.0
"""How long a client may take to read our last words and to close its side."""


async def serve_client(server: Server, client: socket.socket, admit: Admit, ending: anyio.Event) -> None:
    """Serve one client until it, or the server (`ending`), ends."""
    transport, websocket = SocketTransport(client), WebSocket(admit)
    try:
        first = None
        with anyio.move_on_after(HANDSHAKE_S):
            first = await shake_hands(transport, websocket)
        if first is not None:
            await Session(server, transport, websocket).run(first, ending)
        await part(transport)
    finally:
        transport.close()


async def shake_hands(transport: SocketTransport, websocket: WebSocket) -> list[bytes] | None:
    """Read the client's request and answer it; the messages that came right behind it, or None when it was refused."""
    while not websocket.has_said_all and (data := await transport.receive()):
        messages = websocket.feed(data)
        with suppress(BrokenPipeError):
            await transport.send(websocket.frame(b""))
        if websocket.is_open:
            return messages
    return None


async def part(transport: SocketTransport) -> None:
    """Wait a little for the client to close its side, so that it gets what it was told last."""
    transport.end_output()
    with anyio.move_on_after(FAREWELL_S):
        while await transport.receive():
            pass


class Session:
    """A client's websocket, from its first message to its last."""

    def __init__(self, server: Server, transport: SocketTransport, websocket: WebSocket) -> None:
        self._server = server
        self._transport = transport
        self._websocket = websocket
        self._reading = anyio.CancelScope()
        self._connection = Connection(Outbox(LIMIT_BYTES, BEHIND_BYTES), MOST_REQUESTS)

    async def run(self, messages: list[bytes], ending: anyio.Event) -> None:
        """Serve until either side ends. The client's subscriptions and commands end then; its turns go on."""
        connection, loop = self._connection, asyncio.get_running_loop()
        connection.outbox.wait_with(anyio.Event)
        patience = Patience(connection.outbox, self._transport, loop, self._give_up)
        self._server.open(connection)
        async with anyio.create_task_group() as group:
            writer = LineWriter(connection.outbox, self._transport, loop, group.start_soon, self._websocket.frame)
            group.start_soon(self._end_with, ending)
            with self._reading:
                await self._read(messages, writer)
            patience.end()
            if ending.is_set():
                connection.outbox.end()  # what is queued is still written
                await writer.finish()
                self._websocket.close(GOING_AWAY, "the server ends")
            self._server.close(connection)
            with anyio.move_on_after(FAREWELL_S):
                await writer.finish()
            group.cancel_scope.cancel()

    async def _read(self, messages: list[bytes], writer: LineWriter) -> None:
        """Serve the client's messages until it has closed, or is not understood any more."""
        connection = self._connection
        while True:
            for message in messages:
                try:
                    self._server.receive(connection, message)
                except NotUtf8:
                    self._websocket.close(NOT_UTF8, "a message is not UTF-8")
                    return
                if connection.outbox.is_full:
                    await connection.outbox.wait_room()
            if self._websocket.has_said_all or not (data := await self._transport.receive()):
                return
            messages = self._websocket.feed(data)
            writer.wake()

    async def _end_with(self, ending: anyio.Event) -> None:
        await ending.wait()
        self._reading.cancel()

    def _give_up(self, reason: str) -> None:
        log.warning("a client was disconnected: %s", reason)
        self._connection.outbox.close()
        self._websocket.close(TRY_AGAIN_LATER, reason)
        self._reading.cancel()


class Patience:
    """What is done about a client that is behind (see the module's words)."""

    def __init__(
        self, outbox: Outbox, transport: SocketTransport, loop: asyncio.AbstractEventLoop, give_up: Callable[[str], None]
    ) -> None:
        self._outbox = outbox
        self._transport = transport
        self._loop = loop
        self._give_up = give_up
        self._timer: asyncio.TimerHandle | None = None
        outbox.on_full = self._note

    def end(self) -> None:
        """The connection ends anyway."""
        self._outbox.on_full = None
        if self._timer is not None:
            self._timer.cancel()

    def _note(self, line_bytes: int) -> None:
        if self._outbox.size_bytes - line_bytes > MOST_BYTES:
            self._give_up(f"{self._outbox.size_bytes} bytes wait for it")
        elif self._timer is None:
            self._watch()

    def _watch(self) -> None:
        self._timer = self._loop.call_later(STALLED_S, self._check, self._transport.written_bytes)

    def _check(self, written_bytes: int) -> None:
        self._timer = None
        if not self._outbox.is_full:
            return
        if self._transport.written_bytes == written_bytes:
            self._give_up(f"it has read nothing for {STALLED_S:.0f} s while {self._outbox.size_bytes} bytes wait for it")
        else:
            self._watch()
