"""The server as a process of its own, spoken to over its standard input and output."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import anyio

from tests.support.client import Client, reading
from tests.support.home import Home

READ_BYTES = 1 << 16
SHOWN_LOG_CHARACTERS = 4000
LAST_READ_S = 1.0


class ServerProcess:
    """A running server. It is a `Pipe`; what it writes to stderr goes to the home's log."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process, self._log = process, log
        self._sink, self._source = process.stdin, process.stdout
        self._was_signalled = False
        self.pid = process.pid

    async def receive(self) -> bytes:
        return await self._source.read(READ_BYTES)

    async def send(self, data: bytes) -> None:
        self._sink.write(data)
        await self._sink.drain()

    def close_input(self) -> None:
        """End the server's standard input, which asks it to end."""
        self._sink.close()

    def hang_up(self) -> None:
        """End the server's standard input at once, whatever was still to be sent."""
        self._sink.transport.abort()

    def send_signal(self, number: signal.Signals) -> None:
        """Send the server a signal; from then on any exit code is accepted at the end."""
        self._was_signalled = True
        self._process.send_signal(number)

    async def wait_exit(self, *, deadline_s: float = 5) -> int:
        """Wait for the process to end and give its exit code, negative for a signal. Raises: TimeoutError."""
        with anyio.move_on_after(deadline_s):
            return await self._exit_code()
        raise TimeoutError(f"the server did not end within {deadline_s} s; {self.log_text()}")

    def log_text(self) -> str:
        """The end of what it wrote to stderr."""
        return f"its stderr: {self._log.read_text(errors='replace')[-SHOWN_LOG_CHARACTERS:]}"

    async def end(self) -> None:
        """Close its input and wait. Raises: TimeoutError; AssertionError (it ended badly, though nobody sent a signal)."""
        self.close_input()
        code = await self.wait_exit()
        assert code == 0 or self._was_signalled, f"the server ended with code {code}; {self.log_text()}"

    async def kill(self) -> None:
        """End it, and whatever is left in its process group, at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        with anyio.CancelScope(shield=True):
            await self._exit_code()
            # What nobody has read keeps the pipe open; with it read, asyncio closes everything.
            with anyio.move_on_after(LAST_READ_S):
                while await self._source.read(READ_BYTES):
                    pass
                await self._process.wait()

    async def _exit_code(self) -> int:
        """Wait for the end of the process alone: asyncio's own `wait` may also wait until all that it said is read."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):  # reaped already
                descriptor = os.pidfd_open(self.pid)
                try:
                    await anyio.wait_readable(descriptor)
                finally:
                    os.close(descriptor)
        while self._process.returncode is None:  # asyncio is about to note it
            await anyio.lowlevel.checkpoint()
        return self._process.returncode


class SpawnedClient(Client):
    """The client of a server process."""

    def __init__(self, process: ServerProcess, *, deadline_s: float) -> None:
        super().__init__(process, deadline_s=deadline_s)
        self.process = process

    def report(self) -> str:
        return f"{super().report()}\n{self.process.log_text()}"


@asynccontextmanager
async def started(
    command: Sequence[str],
    home: Home,
    environment: Mapping[str, str] | None = None,
    hear: Callable[[str], None] | None = None,
) -> AsyncIterator[ServerProcess]:
    """Run the server in a home, for a test that reads and writes its bytes by itself. On leaving it is killed.

    `hear` is called with each line that it writes to stderr, when the line is in the log.
    """
    with home.log.open("ab", buffering=0) as log:
        process = await asyncio.create_subprocess_exec(
            *command,
            env={**home.environment, **(environment or {})},
            cwd=home.work,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log if hear is None else asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        server = ServerProcess(process, home.log)
        copying = asyncio.create_task(_copy(process, log, hear)) if hear is not None else None
        try:
            yield server
        finally:
            await server.kill()
            if copying is not None:
                await copying


async def _copy(process: asyncio.subprocess.Process, log: BinaryIO, hear: Callable[[str], None]) -> None:
    """Write what the server says on stderr into the log, and show it."""
    assert process.stderr is not None
    while line := await process.stderr.readline():
        log.write(line)
        hear(line.decode(errors="replace"))


@asynccontextmanager
async def spawned(command: Sequence[str], home: Home, *, deadline_s: float = 5) -> AsyncIterator[SpawnedClient]:
    """Run the server in a home, with a client. On leaving, its input ends, and it has to end by itself and well."""
    async with started(command, home) as server:
        client = SpawnedClient(server, deadline_s=deadline_s)
        async with reading(client):
            yield client
            await server.end()
            await client.wait_closed()
