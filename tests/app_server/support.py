"""A server, or parts of it, without transport: lines in, lines out."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from app_server.cli import parse
from app_server.compose import compose
from app_server.connection import Connection
from app_server.core.clock import Clock
from app_server.identity import Identity
from app_server.server import Server
from app_server.tasks import Tasks
from tests.support.deterministic import StillClock
from tests.support.home import Home, make_home

HELLO = {"clientInfo": {"name": "tests", "version": "1"}}


def quiet_home(folder: Path) -> Home:
    """A home whose provider nobody asks."""
    return make_home(folder, "http://127.0.0.1:9/v1")


def bare_server(home: Home, clock: Clock | None = None, tasks: Tasks | None = None) -> Server:
    """A server of this home without clients."""
    settings = parse(["app-server"], home.environment)
    return compose(settings, Identity(home.environment), clock or StillClock(), tasks or Tasks())


def said(connection: Connection) -> list[Any]:
    """What the connection's client would now read, decoded."""
    return [json.loads(line) for line in connection.outbox.take().splitlines()]


def line(**message: Any) -> bytes:
    """A message as a line."""
    return json.dumps(message).encode()


def initialized(server: Server, **capabilities: Any) -> Connection:
    """A connected client that has shaken hands and read the answer."""
    connection = Connection()
    server.open(connection)
    server.receive(connection, line(id=0, method="initialize", params={**HELLO, "capabilities": capabilities or None}))
    assert connection.is_initialized
    connection.outbox.take()
    return connection


class Started:
    """A task starter that keeps what is to be started, for the test to run when it likes."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Callable[..., Awaitable[Any]], tuple[Any, ...]]] = []

    def __call__(self, function: Callable[..., Awaitable[Any]], *arguments: Any) -> None:
        self.waiting.append((function, arguments))

    async def run_next(self) -> None:
        """Run the task that has waited longest to its end."""
        function, arguments = self.waiting.pop(0)
        await function(*arguments)
