"""The event loop's part of serving stdio: a reader, a writer, the root task group, and an orderly end.

Source: spec/server.md section 9; spec/decisions.md: end of input, TERM and INT interrupt running turns, which are
recorded, and everything is gone within two seconds.
"""

import os
import signal
from functools import partial

import anyio
import anyio.to_thread

from app_server.asks import Asks
from app_server.connection import Connection, NotUtf8
from app_server.server import Server
from app_server.transport.base import LineSplitter, Transport
from app_server.transport.stdio import StdioTransport

SIGNALS = (signal.SIGTERM, signal.SIGINT)
GRACE_S = 1.5
"""How long turns and children may take to end when the server does."""
LAST_WORDS_S = 0.3
"""How long the client may then take to read what was queued for it."""
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
    transport.enter_loop(AnyioWaits())
    anyio.run(partial(serve, server, connection, transport, splitter, SIGNALS), backend="asyncio")
    return 0


async def serve(
    server: Server,
    connection: Connection,
    transport: Transport,
    splitter: LineSplitter,
    signals: tuple[signal.Signals, ...] = (),
) -> None:
    """The root task: everything that runs, runs inside. Ends with the client's input, or at one of `signals`."""
    connection.outbox.wait_with(anyio.Event)
    server.services.outside.asks = Asks(server.services.fanout, anyio.Event)
    async with anyio.create_task_group() as root:
        written = anyio.Event()
        root.start_soon(write_lines, connection, transport, written)
        async with anyio.create_task_group() as work:
            server.tasks.run_with(work.start_soon)
            with anyio.CancelScope() as reading:
                if signals:
                    root.start_soon(end_on_signal, reading, signals)
                await read_lines(server, connection, transport, splitter)
            work.cancel_scope.deadline = anyio.current_time() + GRACE_S
            await interrupt_everything(server)
        connection.outbox.end()
        with anyio.move_on_after(LAST_WORDS_S):
            await server.services.threads.aclose()
            await written.wait()
        root.cancel_scope.cancel()


async def read_lines(server: Server, connection: Connection, transport: Transport, splitter: LineSplitter) -> None:
    """Serve what the client sends until it ends; a client that does not read is not read from either."""
    try:
        while data := await transport.receive():
            for line in splitter.feed(data):
                server.receive(connection, line)
                if connection.outbox.is_full:
                    await connection.outbox.wait_room()
        for line in splitter.finish():
            server.receive(connection, line)
    except NotUtf8:
        return  # as if the input had ended


async def write_lines(connection: Connection, transport: Transport, written: anyio.Event) -> None:
    """Write what is queued, as much as there is at once, until the outbox ends; `written` tells that."""
    try:
        while True:
            await connection.outbox.wait_filled()
            lines = connection.outbox.take()
            if not lines:
                break
            await transport.send(lines)
    except (BrokenPipeError, ConnectionResetError):
        connection.outbox.close()  # the reader sees the end of input, which ends the server
    finally:
        written.set()


async def end_on_signal(scope: anyio.CancelScope, numbers: tuple[signal.Signals, ...]) -> None:
    """The signals end the server like the end of its input."""
    with anyio.open_signal_receiver(*numbers) as signals:
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
