"""The client on standard input and output.

The real descriptors are taken aside at the very start: 0 becomes /dev/null and 1 becomes stderr, so that neither
a stray print nor a child process can tear a frame or eat a request.
"""

import os
import select
import stat
from typing import Protocol

READ_BYTES = 1 << 18


class Waits(Protocol):
    """What is needed of anyio, which is not imported yet when the first bytes arrive."""

    async def wait_readable(self, descriptor: int) -> None:
        """Until it can be read."""
        ...

    async def wait_writable(self, descriptor: int) -> None:
        """Until it can be written."""
        ...

    async def read_in_thread(self, descriptor: int, size: int) -> bytes:
        """Read without blocking the loop."""
        ...


class StdioTransport:
    """Bytes over two private descriptors. Works before an event loop exists (`receive_ready`, `send_blocking`) and in it."""

    def __init__(self, source: int, sink: int) -> None:
        self.source = source
        self.sink = sink
        self._is_pollable = _is_pipe(source)
        self._is_nonblocking = _is_pipe(sink)
        self._has_ended = False

    @classmethod
    def take_over(cls) -> "StdioTransport":
        """Move stdin and stdout to private descriptors and guard the public ones."""
        source, sink = os.dup(0), os.dup(1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        os.dup2(2, 1)
        return cls(source, sink)

    def receive_first(self) -> bytes:
        """Wait for the first bytes without an event loop; empty when the client has ended."""
        return os.read(self.source, READ_BYTES)

    def receive_ready(self) -> bytes | None:
        """The bytes that are there already, or None when there are none yet."""
        if self._has_ended:
            return b""
        if self._is_pollable and not select.select([self.source], [], [], 0)[0]:
            return None
        return os.read(self.source, READ_BYTES)

    def end_input(self) -> None:
        """Read no more: from here on, the client's input counts as ended."""
        self._has_ended = True

    def send_blocking(self, data: bytes) -> None:
        """Write all of it, waiting if need be. A client that does not take it has gone, which its input will tell."""
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self.sink, view) :]
        except (BrokenPipeError, ConnectionResetError):
            self.end_input()

    def enter_loop(self, loop: Waits) -> None:
        """From here on, the event loop does the waiting."""
        self._loop = loop
        if self._is_nonblocking:
            os.set_blocking(self.sink, False)

    async def receive(self) -> bytes:
        if self._has_ended:
            return b""
        if self._is_pollable:
            await self._loop.wait_readable(self.source)
            return os.read(self.source, READ_BYTES)
        return await self._loop.read_in_thread(self.source, READ_BYTES)  # files and terminals can't be polled everywhere

    async def send(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self.sink, view) :]
            except BlockingIOError:
                await self._loop.wait_writable(self.sink)


def _is_pipe(descriptor: int) -> bool:
    """Pipes and sockets, which can be polled; a descriptor that only we hold may also be made non-blocking."""
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
