"""The event loop's part of serving stdio: a reader, a writer, the root task group, and an orderly end.

Source: spec/server.md section 9; spec/decisions.md: end of input, TERM and INT interrupt running turns, which are
recorded, and everything is gone within two seconds.
"""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable
from functools import partial

import anyio
import anyio.to_thread

from app_server.asks import Asks
from app_server.connection import Connection, NotUtf8
from app_server.contained import starter
from app_server.line_writer import LineWriter
from app_server.server import Server
from app_server.transport.base import LineSplitter, Transport
from app_server.transport.descriptor import DescriptorReader, wait_writable
from app_server.transport.stdio import READ_BYTES, StdioTransport

SIGNALS = (signal.SIGTERM, signal.SIGINT)
SWITCH_INTERVAL_S = 0.0005
"""For how long a worker thread, which may import or compress, can keep the interpreter from the event loop."""
GARBAGE_THRESHOLDS = (20_000, 10, 10)
"""Python's own (700, 10, 10) spend a third of a short turn on looking for cycles, of which turns leave hardly any."""
GRACE_S = 1.5
"""How long turns and children may take to end when the server does."""
LAST_WORDS_S = 0.3
"""How long the client may then take to read what was queued for it, and how long it may take nothing after it has hung up."""


class ThreadReader:
    """Reads files and terminals, which can't be polled everywhere: in a worker thread, which may be left behind."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    async def receive(self) -> bytes:
        """Some bytes; empty at the end."""
        return await anyio.to_thread.run_sync(os.read, self._descriptor, READ_BYTES, abandon_on_cancel=True)


def run(server: Server, connection: Connection, transport: StdioTransport, splitter: LineSplitter) -> int:
    """Serve until the client ends or a signal comes. Returns the exit code."""
    tune_interpreter()
    anyio.run(partial(serve_process, server, connection, transport, splitter), backend="asyncio")
    return 0


def tune_interpreter() -> None:
    """Suit the interpreter to a process that streams: short waits for worker threads, few searches for garbage."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.set_threshold(*GARBAGE_THRESHOLDS)


async def serve_process(server: Server, connection: Connection, transport: StdioTransport, splitter: LineSplitter) -> None:
    """Serve the client that started this process."""
    reader = DescriptorReader(transport.source, READ_BYTES) if transport.is_pollable else ThreadReader(transport.source)
    transport.enter_loop(reader, wait_writable)
    await serve(server, connection, transport, splitter, SIGNALS, transport.is_gone)


async def serve(
    server: Server,
    connection: Connection,
    transport: Transport,
    splitter: LineSplitter,
    signals: tuple[signal.Signals, ...] = (),
    is_gone: Callable[[], bool] = lambda: False,
) -> None:
    """The root task: everything that runs, runs inside. Ends with the client's input, at one of `signals`, or when the client
    takes nothing and `is_gone`."""
    connection.outbox.wait_with(anyio.Event)
    server.services.outside.asks = Asks(server.services.fanout, anyio.Event)
    async with anyio.create_task_group() as root:
        writer = LineWriter(connection.outbox, transport, asyncio.get_running_loop(), root.start_soon)
        async with anyio.create_task_group() as work:
            server.tasks.run_with(starter(work))
            with anyio.CancelScope() as reading:
                if signals:
                    root.start_soon(end_on_signal, reading, signals)
                await read_lines(server, connection, transport, splitter, is_gone)
            work.cancel_scope.deadline = anyio.current_time() + GRACE_S
            server.services.commands.end_all(connection)
            await interrupt_everything(server)
        connection.outbox.end()
        with anyio.move_on_after(LAST_WORDS_S):
            await server.services.threads.aclose()
            await writer.finish()
        root.cancel_scope.cancel()


async def read_lines(
    server: Server, connection: Connection, transport: Transport, splitter: LineSplitter, is_gone: Callable[[], bool]
) -> None:
    """Serve what the client sends until it ends; a client that does not read is not read from either."""
    try:
        while data := await transport.receive():
            for line in splitter.feed(data):
                server.receive(connection, line)
                while connection.outbox.is_full:
                    with anyio.move_on_after(LAST_WORDS_S):
                        await connection.outbox.wait_room()
                    if connection.outbox.is_full and is_gone():
                        return  # whatever else it has asked, nobody would read the answers
        for line in splitter.finish():
            server.receive(connection, line)
    except NotUtf8:
        return  # as if the input had ended


async def end_on_signal(scope: anyio.CancelScope, numbers: tuple[signal.Signals, ...]) -> None:
    """The signals end the server like the end of its input."""
    with anyio.open_signal_receiver(*numbers) as signals:
        async for _ in signals:
            scope.cancel()


async def interrupt_everything(server: Server) -> None:
    """Interrupt the turns, which record it by themselves, and end all commands, MCP servers and spoken conversations."""
    server.services.threads.end_timers()
    for pool in server.services.mcp_pool.made:
        pool.stop()
    threads = server.services.threads.loaded()
    for thread in threads:
        if thread.turn is not None:
            thread.turn.interrupt()
    with anyio.move_on_after(GRACE_S, shield=True):
        async with anyio.create_task_group() as group:
            for thread in threads:
                group.start_soon(thread.end_commands)
                if thread.voice is not None:
                    group.start_soon(partial(thread.voice.aclose, is_announced=False))
