"""The client on standard input and output.

The real descriptors are taken aside at the very start: 0 becomes /dev/null and 1 becomes stderr, so that neither
a stray print nor a child process can tear a frame or eat a request.
"""

import os
import select
import stat
from collections.abc import Awaitable, Callable
from typing import Protocol

READ_BYTES = 1 << 18
HANG_UP = select.POLLHUP | getattr(select, "POLLRDHUP", 0)
"""The other side of a pipe or socket has been closed, whatever is still to be read."""


class Reader(Protocol):
    """Reads the client's input in the event loop; made by whoever runs the loop, which is not imported yet when we begin."""

    async def receive(self) -> bytes:
        """Some bytes; empty at the end."""
        ...


class StdioTransport:
    """Bytes over two private descriptors. Works before an event loop exists (`receive_ready`, `send_ready`) and in it."""

    def __init__(self, source: int, sink: int) -> None:
        self.source = source
        self.sink = sink
        self.is_pollable = _is_pipe(source)
        self._is_nonblocking = _is_pipe(sink)
        self._has_ended = False
        self._written_bytes = 0
        self._noted_bytes = 0
        if self._is_nonblocking:
            os.set_blocking(sink, False)

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
        if self.is_pollable and not select.select([self.source], [], [], 0)[0]:
            return None
        return os.read(self.source, READ_BYTES)

    def end_input(self) -> None:
        """Read no more: from here on, the client's input counts as ended."""
        self._has_ended = True

    def send_ready(self, data: bytes) -> bytes:
        """Write what goes without waiting and give back the rest. A client that takes nothing any more has gone, which its
        input will tell."""
        rest = data
        try:
            while rest and (count := self.send_nowait(rest)):
                rest = rest[count:]
        except (BrokenPipeError, ConnectionResetError):
            self.end_input()
            return b""
        return rest

    def is_gone(self) -> bool:
        """Whether the client has ended its side, and has taken nothing since this was last asked."""
        has_taken = self._written_bytes > self._noted_bytes
        self._noted_bytes = self._written_bytes
        if has_taken or not self.is_pollable:
            return False
        poll = select.poll()
        poll.register(self.source, HANG_UP)
        return bool(poll.poll(0))

    def enter_loop(self, reader: Reader, wait_writable: Callable[[int], Awaitable[None]]) -> None:
        """From here on, the event loop does the waiting."""
        self._reader = reader
        self._wait_writable = wait_writable
        if self.is_pollable:
            os.set_blocking(self.source, False)

    async def receive(self) -> bytes:
        if self._has_ended:
            return b""
        return await self._reader.receive()

    def send_nowait(self, data: bytes | memoryview) -> int:
        try:
            count = os.write(self.sink, data)
        except BlockingIOError:
            return 0
        self._written_bytes += count
        return count

    async def send(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            count = self.send_nowait(view)
            view = view[count:]
            if not count:
                await self._wait_writable(self.sink)


def _is_pipe(descriptor: int) -> bool:
    """Pipes and sockets, which can be polled; a descriptor that only we hold may also be made non-blocking."""
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
