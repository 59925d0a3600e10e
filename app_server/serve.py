"""The composition root: builds the services, serves one client over stdio, and shuts everything down in order.

Start-up is staged, since a client measures it: the handshake is answered with the standard library alone; then the
services load, and what the client has sent meanwhile is served, as far as it needs no event loop; then the loop is
imported and takes over. Only this module sees everything.
"""

import gc
import sys
from collections.abc import Callable
from typing import NoReturn

from app_server import handshake, lean_imports
from app_server.cli import Settings
from app_server.connection import Connection, NotUtf8
from app_server.core.clock import Clock
from app_server.identity import Identity
from app_server.lazy import lazy, load
from app_server.tasks import Tasks
from app_server.transport.base import LineSplitter
from app_server.transport.stdio import StdioTransport

__all__ = ["lean_imports", "serve_stdio"]
LOGS = "app_server.logs:configure"
SERVICES = "app_server.compose:compose"
LOOP = "app_server.serve_loop:run"
on_signal = lazy("signal:signal")
INT, TERM = 2, 15
SignalHandler = Callable[[int, object], None]


def serve_stdio(settings: Settings, make_clock: Callable[[], Clock] = Clock) -> int:
    """Serve the client on stdin and stdout until it ends. Returns the exit code."""
    gc.disable()  # nothing of what is loaded now will ever be garbage
    transport = StdioTransport.take_over()
    on_signals(leave)  # nothing has begun
    connection, identity, splitter = Connection(), Identity(settings.environment), LineSplitter()
    lines = splitter.feed(transport.receive_first())
    on_signals(lambda *_: transport.end_input())  # until the loop watches them
    hello = handshake.read_plain(lines[0]) if lines else None
    if hello is not None:
        connection.outbox.put_back(transport.send_ready(handshake.answer_plain(connection, identity, str(settings.home), hello)))
        del lines[0]
    load(LOGS)(settings.environment)
    server = load(SERVICES)(settings, identity, make_clock(), Tasks())
    server.open(connection, was_greeted=hello is not None)
    while True:
        try:
            for line in lines:
                server.receive(connection, line)
        except NotUtf8:
            transport.end_input()
        connection.outbox.put_back(transport.send_ready(connection.outbox.take()))
        must_wait = server.tasks.has_waiting or connection.outbox.size_bytes
        more = None if must_wait else transport.receive_ready()
        if not more:  # nothing yet, or the end of input, which the loop sees again
            break
        lines = splitter.feed(more)
    gc.freeze()
    gc.enable()
    return int(load(LOOP)(server, connection, transport, splitter))


def on_signals(handler: SignalHandler) -> None:
    """Call this when somebody asks the process to end."""
    for number in (INT, TERM):
        on_signal(number, handler)


def leave(*_: object) -> NoReturn:
    """End the process at once, and well."""
    sys.exit(0)
