"""The real server with a clock that stands still and ids that are counted, so that a dialog always gives the same bytes.

`served` serves it over memory, `python -m tests.support.deterministic` over stdio. What else depends on the machine or the
moment is settled by `steady`: the time zone, the working directory, and how long a command is waited for before it and
its output are shown.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from app_server.cli import parse
from app_server.compose import compose
from app_server.connection import Connection
from app_server.core.clock import Clock, dashed, format_uuid7
from app_server.core.tools import exec_command
from app_server.identity import Identity
from app_server.serve import serve_stdio
from app_server.serve_loop import serve
from app_server.server import Server
from app_server.tasks import Tasks
from app_server.transport.base import LineSplitter
from app_server.transport.memory import MemoryTransport, memory_pipe
from tests.support.client import Client, connected
from tests.support.home import Home, make_home
from tests.support.provider import Script, ScriptedProvider

NOW_MS = 1_767_323_045_000
"""2026-01-02T03:04:05Z."""
REPOSITORY = Path(__file__).parents[2]
PATIENCE_S = 60.0


class StillClock(Clock):
    """Time stands still; ids count up, whatever their kind."""

    def __init__(self) -> None:
        self._count = 0

    def now_ms(self) -> int:
        return NOW_MS

    def uuid7(self) -> str:
        return format_uuid7(NOW_MS, self._next().to_bytes(10, "big"))

    def uuid4(self) -> str:
        return dashed((0x4000 << 64 | 0x8 << 60 | self._next()).to_bytes(16, "big"))

    def _next(self) -> int:
        self._count += 1
        return self._count


@contextmanager
def steady(folder: Path) -> Iterator[None]:
    """Settle in this process what is settled for a process of its own by its start."""
    before = Path.cwd()
    with patch.dict(os.environ, TZ="UTC"), patch.multiple(exec_command, _START_S=0, _QUIET_S=PATIENCE_S):
        time.tzset()
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)
    time.tzset()


@asynccontextmanager
async def served(home: Home, clock: Clock | None = None) -> AsyncIterator[MemoryTransport]:
    """The client's end of a connection to a server in this process. Leaving ends the connection, and with it the server."""
    with steady(home.work):
        server = compose(parse(["app-server"], home.environment), Identity(home.environment), clock or StillClock(), Tasks())
        async with _serving(server) as ours:
            yield ours


@asynccontextmanager
async def _serving(server: Server) -> AsyncIterator[MemoryTransport]:
    ours, theirs = memory_pipe()
    connection = Connection()
    server.open(connection)

    async def run() -> None:
        await serve(server, connection, theirs, LineSplitter())
        theirs.close()

    task = asyncio.create_task(run())  # no task group, which would wrap what the test itself raises
    try:
        yield ours
    finally:
        ours.close()
        await task


@dataclass(frozen=True, slots=True)
class Talk:
    """An initialized client of a server in this process, the server's home, and the provider that the server asks."""

    client: Client
    home: Home
    provider: ScriptedProvider
    pipe: MemoryTransport

    async def start_thread(self, **params: Any) -> str:
        """A thread with full access that asks nobody, unless told otherwise; gives its id."""
        usual = {"cwd": str(self.home.work), "approvalPolicy": "never", "sandbox": "danger-full-access"}
        thread: str = (await self.client.request("thread/start", {**usual, **params}))["thread"]["id"]
        return thread

    async def start_turn(self, thread: str, text: str = "go", **params: Any) -> str:
        """A turn with these words; gives its id."""
        words = [{"type": "text", "text": text}]
        turn: str = (await self.client.request("turn/start", {"threadId": thread, "input": words, **params}))["turn"]["id"]
        return turn

    def recorded(self, *kinds: str) -> list[Any]:
        """The payloads of these kinds of lines in the file of the only thread, in order."""
        (file,) = self.home.codex_home.glob("sessions/*/*/*/rollout-*.jsonl")
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        return [line["payload"] for line in lines if line["type"] in kinds]


@asynccontextmanager
async def conversing(folder: Path, script: Script = (), clock: Clock | None = None, **options: Any) -> AsyncIterator[Talk]:
    """A conversation in this process; options go to `make_home`."""
    async with ScriptedProvider(script) as provider:
        home = make_home(folder, provider.url, **options)
        async with served(home, clock) as pipe, connected(pipe) as client:
            await client.initialize()
            yield Talk(client, home, provider, pipe)


def main() -> None:
    """Serve stdio."""
    with steady(Path.cwd()):
        code = serve_stdio(parse(sys.argv[1:], os.environ), StillClock)
    sys.exit(code)


if __name__ == "__main__":
    main()
