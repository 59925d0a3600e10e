"""A child process that is spoken with in lines, and that never outlives us, nor does anything that it has started.

A small shell script stands between us and the program: it ends the whole process group when the program has ended, or when the
kernel tells it that this server has died. Source: spec/decisions.md ("Machines").
"""

import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import anyio

from app_server.core.exec.launch import Wiring, parent_death_prefix, require_program
from app_server.core.exec.process import InputClosed, Process, start
from app_server.core.launch import Launch

log = logging.getLogger(__name__)
GUARD = """\
trap 'kill -KILL 0' USR1
trap : TERM
exec 3<&0 </dev/null
(exec "$@") <&3 3<&- &
program=$!
until wait "$program"; ! kill -0 "$program" 2>/dev/null; do :; done
kill -KILL 0
"""
"""Input goes through descriptor 3, since shells give an empty one to what runs in the background. USR1 comes from the kernel
when this server is gone. TERM is for the program, which gets it as one of the group."""
MOST_LINE_BYTES = 64 * 1024 * 1024
WAIT_FOR_END_S = 0.35
"""How long a program may take to end by itself when its input has ended, and then again when it is told to."""


class LineProcess:
    """A running program. Made by `running`."""

    def __init__(self, argv: tuple[str, ...], environment: Mapping[str, str], cwd: str) -> None:
        require_program(argv[0], cwd, environment)
        guarded = (*parent_death_prefix("USR1"), "/bin/sh", "-c", GUARD, "sh", *argv)
        launch = Launch(guarded, cwd, environment, dies_with_parent=True)
        self._name = argv[0]
        self._rest = bytearray()
        self._lines: deque[bytes] = deque()
        self._news = anyio.Event()
        self._room = anyio.Event()
        self._has_ended = False
        self._is_ending = False
        self._process: Process = start(launch, Wiring(self._take, self._note_error, has_input=True, pace=self._wait_taken))

    @property
    def pid(self) -> int:
        """The process group."""
        return self._process.pid

    async def follow(self) -> None:
        """Read until the program has ended. Cancel: not at all; `end` ends it sooner than cancelling would."""
        try:
            with anyio.CancelScope(shield=True):
                await self._process.supervise()
        finally:
            self._has_ended = True
            self._news.set()

    async def next_line(self) -> bytes | None:
        """The next line; None when the program says nothing any more."""
        while not self._lines:
            if self._has_ended:
                return None
            self._news = anyio.Event()
            await self._news.wait()
        line = self._lines.popleft()
        self._room.set()
        return line

    async def send_line(self, line: bytes) -> None:
        """Say a line. Raises: BrokenPipeError (it listens no more)."""
        try:
            await self._process.write(line + b"\n")
        except InputClosed:
            raise BrokenPipeError from None

    async def end(self) -> None:
        """End the program: first its input, then by a signal, then for certain."""
        with contextlib.suppress(InputClosed):
            await self._process.close_input()
        self._is_ending = True
        self._room.set()
        with anyio.move_on_after(WAIT_FOR_END_S):
            await self._process.ended.wait()
        if not self._process.ended.is_set():
            await self._process.terminate(WAIT_FOR_END_S)

    def _take(self, data: bytes) -> None:
        if self._is_ending:
            return
        self._rest += data
        if b"\n" in data:
            *lines, rest = self._rest.split(b"\n")
            self._lines.extend(bytes(line) for line in lines)
            self._rest = bytearray(rest)
            self._news.set()
        elif len(self._rest) > MOST_LINE_BYTES:
            log.error("%s has written a line of more than %d bytes", self._name, MOST_LINE_BYTES)
            self._process.kill()

    async def _wait_taken(self) -> None:
        """Read on when what has come is taken, so that a program that is too fast waits."""
        while self._lines and not self._has_ended and not self._is_ending:
            self._room = anyio.Event()
            await self._room.wait()

    def _note_error(self, data: bytes) -> None:
        for line in data.decode(errors="replace").splitlines():
            log.info("%s: %s", self._name, line)


@asynccontextmanager
async def running(argv: tuple[str, ...], environment: Mapping[str, str], cwd: str) -> AsyncIterator[LineProcess]:
    """A program that runs until the block is left. Raises: OSError (it can't be started)."""
    process = LineProcess(argv, environment, cwd)
    async with anyio.create_task_group() as group:
        group.start_soon(process.follow)
        try:
            yield process
        finally:
            with anyio.CancelScope(shield=True):
                await process.end()
