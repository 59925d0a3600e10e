"""The bounded queue of lines that wait to be written to one client.

Answers and notifications share it, so their order is by construction. It never drops anything: when it holds more
than `limit_bytes`, `is_full` turns true, requests of this client are not read any more, and turns that stream
to it wait (`wait_room`), unless a policy (`on_full`) ends the connection of a client that reads too slowly. The event
that they wait on is made when the loop is there.
"""

from collections.abc import Callable, Sequence
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


class Later(Protocol):
    """A line that is made when it is taken."""

    def line(self) -> bytes:
        """The whole line, with its newline."""
        ...


class Outbox:
    """Lines for one client, oldest first."""

    __slots__ = (
        *("_lines", "_make_event", "_waiting", "is_closed", "limit_bytes", "merge_from_bytes", "on_filled", "on_full"),
        *("open_lines", "size_bytes"),
    )

    def __init__(self, limit_bytes: int = LIMIT_BYTES, merge_from_bytes: int | None = None) -> None:
        self._lines: list[bytes | Later] = []
        self.size_bytes = 0
        self.limit_bytes = limit_bytes
        self.merge_from_bytes = merge_from_bytes
        """With how much in the queue text may be merged (see `deltas`); None: never."""
        self.open_lines: dict[object, Later] = {}
        """The lines at the end of the queue that may still grow, by what they are about."""
        self.is_closed = False
        self._make_event: Callable[[], Event] | None = None
        self.on_filled: Callable[[], None] | None = None
        """Called whenever a line was queued; the writer's."""
        self.on_full: Callable[[int], None] | None = None
        """Called with its size when a line was queued and the queue is full: a policy that gives up on the client in the
        end. Where there is none, whoever writes to the client waits for it."""
        self._waiting: list[Event] = []

    @property
    def is_full(self) -> bool:
        """Whether the client is too far behind for more."""
        return self.size_bytes > self.limit_bytes

    @property
    def is_behind(self) -> bool:
        """Whether text for this client is to be merged."""
        return self.merge_from_bytes is not None and self.size_bytes > self.merge_from_bytes

    def append(self, line: bytes) -> None:
        """Queue one whole line, with its newline. After `close` it is discarded."""
        if self.is_closed:
            return
        if self.open_lines:
            self.open_lines.clear()
        self._lines.append(line)
        self._note(len(line))

    def append_later(self, line: Later, size_bytes: int) -> None:
        """Queue a line that is made when it is taken; `size_bytes` is what it counts for. Not for a closed queue."""
        self._lines.append(line)
        self._note(size_bytes)

    def grow(self, size_bytes: int) -> None:
        """A line that is made when it is taken has become longer."""
        self._note(size_bytes)

    def _note(self, size_bytes: int) -> None:
        self.size_bytes += size_bytes
        if self.on_filled is not None:
            self.on_filled()
        if self.on_full is not None and self.size_bytes > self.limit_bytes:
            self.on_full(size_bytes)

    def take(self) -> bytes:
        """All that is queued, joined for one write."""
        taken, self._lines = self._lines, []
        self.size_bytes = 0
        if self.open_lines:
            self.open_lines.clear()
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            for event in waiting:
                event.set()
        lines = [line if isinstance(line, bytes) else line.line() for line in taken]
        return lines[0] if len(lines) == 1 else b"".join(lines)

    def put_back(self, rest: bytes) -> None:
        """What was taken and could not be written yet; it may begin in the middle of a line."""
        if rest:
            self._lines.insert(0, rest)
            self.size_bytes += len(rest)

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
        await wait_any_room([self])


async def wait_any_room(outboxes: Sequence[Outbox]) -> None:
    """Until one of these queues is not full any more."""
    while all(outbox.is_full and not outbox.is_closed for outbox in outboxes):
        make_event = outboxes[0]._make_event
        if make_event is None:
            return
        event = make_event()
        for outbox in outboxes:
            outbox._waiting.append(event)
        await event.wait()
