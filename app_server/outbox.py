"""The bounded queue of lines that wait to be written to one client.

Answers and notifications share it, so their order is by construction. It never drops anything: when it holds more
than `limit_bytes`, `is_full` turns true, requests of this client are not read any more, and turns that stream
to it wait (`wait_room`). The event that they wait on is made when the loop is there.
"""

from collections.abc import Callable
from typing import Protocol

LIMIT_BYTES = 4 << 20


class Event(Protocol):
    """What is needed of anyio.Event."""

    def set(self) -> None:
        """Wake whoever waits."""
        ...

    async def wait(self) -> object:
        """Wait until set."""
        ...


class Outbox:
    """Lines for one client, oldest first."""

    __slots__ = ("_lines", "_make_event", "_room", "is_closed", "limit_bytes", "on_filled", "size_bytes")

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._lines: list[bytes] = []
        self.size_bytes = 0
        self.limit_bytes = limit_bytes
        self.is_closed = False
        self._make_event: Callable[[], Event] | None = None
        self.on_filled: Callable[[], None] | None = None
        """Called whenever a line was queued; the writer's."""
        self._room: Event | None = None

    @property
    def is_full(self) -> bool:
        """Whether the client is too far behind for more."""
        return self.size_bytes > self.limit_bytes

    def append(self, line: bytes) -> None:
        """Queue one whole line, with its newline. After `close` it is discarded."""
        if self.is_closed:
            return
        self._lines.append(line)
        self.size_bytes += len(line)
        if self.on_filled is not None:
            self.on_filled()

    def take(self) -> bytes:
        """All that is queued, joined for one write."""
        lines, self._lines = self._lines, []
        self.size_bytes = 0
        if self._room is not None:
            self._room.set()
            self._room = None
        return lines[0] if len(lines) == 1 else b"".join(lines)

    def close(self) -> None:
        """The client is gone: forget what is queued and let everybody who waits go on."""
        self.is_closed = True
        self.take()

    def end(self) -> None:
        """The server ends: nothing more is queued, and what is there is still to be written."""
        self.is_closed = True

    def wait_with(self, make_event: Callable[[], Event]) -> None:
        """Waiting becomes possible; `make_event` is anyio.Event."""
        self._make_event = make_event

    async def wait_room(self) -> None:
        """Until the queue is not full any more."""
        while self.is_full and not self.is_closed and self._make_event is not None:
            if self._room is None:
                self._room = self._make_event()
            await self._room.wait()
