"""The event loop's part of a server that listens: it accepts clients, and ends in order.

The first TERM or INT drains: clients are served, new ones too, until no turn runs, or for ten seconds. The second, or the
end of that time, interrupts the turns. Then the clients get their last messages and everything is gone within two seconds.
Source: spec/server.md section 9.
"""

import errno
import logging
import socket
from collections.abc import Awaitable, Callable
from functools import partial

import anyio

from app_server.asks import Asks
from app_server.contained import contained, starter
from app_server.listen_client import serve_client
from app_server.serve_loop import GRACE_S, LAST_WORDS_S, SIGNALS, interrupt_everything, tune_interpreter
from app_server.server import Server
from app_server.transport.socket import accept
from app_server.transport.websocket import Admit

log = logging.getLogger(__name__)
NO_DESCRIPTORS = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
DRAIN_S = 10.0
"""How long turns may go on after the first signal."""
BREATH_S = 0.2
"""How long to wait before the next client is accepted when there are no descriptors left."""


def run(server: Server, listener: socket.socket, admit: Admit) -> None:
    """Serve until signals end the server."""
    tune_interpreter()
    anyio.run(partial(serve, server, listener, admit, partial(drained, server)), backend="asyncio")


async def serve(server: Server, listener: socket.socket, admit: Admit, wait_end: Callable[[], Awaitable[object]]) -> None:
    """The root task: everything that runs, runs inside. It ends when `wait_end` has."""
    server.services.outside.asks = Asks(server.services.fanout, anyio.Event)
    async with anyio.create_task_group() as root:
        ending = anyio.Event()
        async with anyio.create_task_group() as work:
            server.tasks.run_with(starter(work))
            async with anyio.create_task_group() as accepting:
                accepting.start_soon(accept_clients, server, listener, admit, root, ending)
                await wait_end()
                accepting.cancel_scope.cancel()
            listener.close()
            work.cancel_scope.deadline = anyio.current_time() + GRACE_S
            for connection in server.services.fanout.connections:
                server.services.commands.end_all(connection)
            await interrupt_everything(server)
        server.tasks.end()
        with anyio.move_on_after(LAST_WORDS_S):
            await server.services.threads.aclose()
        ending.set()
        root.cancel_scope.deadline = anyio.current_time() + LAST_WORDS_S


async def accept_clients(
    server: Server, listener: socket.socket, admit: Admit, clients: anyio.abc.TaskGroup, ending: anyio.Event
) -> None:
    """A task for every client that comes."""
    while True:
        try:
            client = await accept(listener)
        except OSError as error:
            if error.errno in NO_DESCRIPTORS:
                log.error("a client can't be accepted: %s", error)
                await anyio.sleep(BREATH_S)
            continue  # else the client was gone before it was accepted
        clients.start_soon(contained, serve_client, server, client, admit, ending)


async def drained(server: Server) -> None:
    """Until a signal has come and no turn runs any more, or another signal has come, or there is no more time."""
    with anyio.open_signal_receiver(*SIGNALS) as signals:
        heard = aiter(signals)
        await anext(heard)
        async with anyio.create_task_group() as group:
            group.cancel_scope.deadline = anyio.current_time() + DRAIN_S
            group.start_soon(wait_idle, server, group.cancel_scope)
            await anext(heard)
            group.cancel_scope.cancel()


async def wait_idle(server: Server, scope: anyio.CancelScope) -> None:
    """End the scope when no turn runs."""
    while running := [thread for thread in server.services.threads.loaded() if thread.turn is not None]:
        ended = anyio.Event()
        running[0].when_idle(ended.set)
        await ended.wait()
    scope.cancel()
