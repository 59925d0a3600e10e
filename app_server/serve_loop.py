"""The event loop's part of serving stdio: a reader, a writer, the root task group, and an orderly end.

Source: spec/server.md section 9; spec/decisions.md: end of input, TERM and INT interrupt running turns, which are
recorded, and everything is gone within two seconds.
"""

import logging
import os
import signal
from functools import partial

import anyio
import anyio.to_thread

from app_server.asks import Asks
from app_server.connection import Connection
from app_server.dispatcher import NotUtf8
from app_server.server import Server
from app_server.transport.base import LineSplitter, Transport
from app_server.transport.stdio import StdioTransport

log = logging.getLogger(__name__)
GRACE_S = 1.5
"""How long turns and children may take to end when the server does."""
WARM_UP = ("app_server.core.turn.loop", "app_server.core.tools.toolbox", "app_server.core.provider.open")
"""What a first turn needs, imported while the client is still busy with the answer to its handshake."""


class AnyioWaits:
    """What the stdio transport needs of the event loop."""

    async def wait_readable(self, descriptor: int) -> None:
        """Until it can be read."""
        await anyio.wait_readable(descriptor)

    async def wait_writable(self, descriptor: int) -> None:
        """Until it can be written."""
        await anyio.wait_writable(descriptor)

    async def read_in_thread(self, descriptor: int, size: int) -> bytes:
        """Read in a worker thread, which is left behind when the server ends first."""
        return await anyio.to_thread.run_sync(os.read, descriptor, size, abandon_on_cancel=True)


def run(server: Server, connection: Connection, transport: StdioTransport, splitter: LineSplitter) -> int:
    """Serve until the client ends or a signal comes. Returns the exit code."""
    anyio.run(partial(serve, server, connection, transport, splitter), backend="asyncio")
    return 0


async def serve(server: Server, connection: Connection, transport: StdioTransport, splitter: LineSplitter) -> None:
    """The root task: everything that runs, runs inside."""
    transport.enter_loop(AnyioWaits())
    connection.outbox.wait_with(anyio.Event)
    server.services.outside.asks = Asks(server.services.fanout, anyio.Event)
    async with anyio.create_task_group() as root:
        root.start_soon(write_lines, connection, transport)
        async with anyio.create_task_group() as work:
            server.tasks.run_with(work.start_soon)
            with anyio.CancelScope() as reading:
                root.start_soon(end_on_signal, reading)
                await read_lines(server, connection, transport, splitter)
            await interrupt_everything(server)
            work.cancel_scope.deadline = anyio.current_time() + GRACE_S
        server.services.threads.close()
        root.cancel_scope.cancel()


async def read_lines(server: Server, connection: Connection, transport: Transport, splitter: LineSplitter) -> None:
    """Serve what the client sends until it ends; a client that does not read is not read from either."""
    try:
        while data := await transport.receive():
            for line in splitter.feed(data):
                server.receive(connection, line)
            await connection.outbox.wait_room()
        for line in splitter.finish():
            server.receive(connection, line)
    except NotUtf8:
        log.error("a line that is not UTF-8 ends the connection")


async def write_lines(connection: Connection, transport: Transport) -> None:
    """Write what is queued, as much as there is at once."""
    try:
        while True:
            await connection.outbox.wait_filled()
            await transport.send(connection.outbox.take())
    except (BrokenPipeError, ConnectionResetError):
        connection.outbox.close()  # the reader sees the end of input, which ends the server


async def end_on_signal(scope: anyio.CancelScope) -> None:
    """TERM and INT end the server like the end of its input."""
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for _ in signals:
            scope.cancel()


async def interrupt_everything(server: Server) -> None:
    """Interrupt the turns, which record it by themselves, and end all commands."""
    threads = server.services.threads.loaded()
    for thread in threads:
        if thread.turn is not None:
            thread.turn.interrupt()
    with anyio.move_on_after(GRACE_S, shield=True):
        async with anyio.create_task_group() as group:
            for thread in threads:
                group.start_soon(thread.end_commands)
