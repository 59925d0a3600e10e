"""What a running command has printed, kept in bounded memory: the first and the last half of the limit.

A `BoundedBuffer` counts every byte and keeps the ends; a `CommandOutput` holds two of them, one for the whole run
and one for what nobody has read yet. Nothing here knows a process or who reads.
Source: spec/tools.md section 3 ("Buffer"), spec/turns.md section 3 (aggregatedOutput).
"""

from collections import deque
from dataclasses import dataclass

LIMIT_BYTES = 1024 * 1024
_SMALL_CHUNK_BYTES = 4096


@dataclass(frozen=True, slots=True)
class OutputRead:
    """Some output as text. `byte_count` is its true size, of which `omitted_bytes` are not in `text`."""

    text: str
    byte_count: int
    omitted_bytes: int = 0


class BoundedBuffer:
    """The first and last bytes of a stream. Invariant: at most `limit` bytes and one chunk are held; `byte_count` counts all."""

    def __init__(self, limit: int = LIMIT_BYTES) -> None:
        self.byte_count = 0
        self._head = bytearray()
        self._head_limit = limit // 2
        self._tail: deque[bytes | bytearray] = deque()
        self._tail_bytes = 0
        self._tail_limit = limit - self._head_limit

    def append(self, data: bytes) -> None:
        """Take in more of the stream."""
        self.byte_count += len(data)
        room = self._head_limit - len(self._head)
        self._head += data[:room]
        data = data[room:]
        if not data:
            return
        last = self._tail[-1] if self._tail else b""
        # Small chunks are gathered, since each would carry the weight of an object of its own.
        if isinstance(last, bytearray) and len(last) < _SMALL_CHUNK_BYTES:
            last += data
        else:
            self._tail.append(bytearray(data) if len(data) < _SMALL_CHUNK_BYTES else data)
        self._tail_bytes += len(data)
        while self._tail_bytes - len(self._tail[0]) >= self._tail_limit:
            self._tail_bytes -= len(self._tail.popleft())

    def read(self) -> OutputRead:
        """What is kept as text, with a note in the middle of how much is not. Invalid UTF-8 becomes U+FFFD."""
        head, tail = bytes(self._head), b"".join(self._tail)
        if len(head) + min(len(tail), self._tail_limit) == self.byte_count:
            return OutputRead((head + tail).decode(errors="replace"), self.byte_count)
        head = head[: len(head) - partial_character(head)]
        tail = _from_whole_character(tail[-self._tail_limit :])
        omitted = self.byte_count - len(head) - len(tail)
        text = f"{head.decode(errors='replace')}\n... {omitted} bytes omitted ...\n{tail.decode(errors='replace')}"
        return OutputRead(text, self.byte_count, omitted)


class CommandOutput:
    """All output of one command, and what of it hasn't been read yet."""

    def __init__(self, limit: int = LIMIT_BYTES) -> None:
        self._limit = limit
        self._whole = BoundedBuffer(limit)
        self._unread = BoundedBuffer(limit)
        self._partial = b""

    def append(self, data: bytes) -> None:
        """Take in more output."""
        self._whole.append(data)
        data = self._partial + data
        complete = len(data) - partial_character(data)
        self._unread.append(data[:complete])
        self._partial = data[complete:]

    def read_all(self) -> OutputRead:
        """The output from the start on."""
        return self._whole.read()

    def take_new(self, *, is_last: bool = False) -> OutputRead:
        """The output since the last call. A character that has come in part waits for its rest, unless none will come."""
        if is_last:
            self._unread.append(self._partial)
            self._partial = b""
        unread, self._unread = self._unread, BoundedBuffer(self._limit)
        return unread.read()


def partial_character(data: bytes) -> int:
    """How many bytes at the end are the beginning of a UTF-8 character whose rest is missing: 0 to 3."""
    for count in range(1, min(3, len(data)) + 1):
        byte = data[-count]
        if byte & 0xC0 != 0x80:
            length = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
            return count if length > count else 0
    return 0


def _from_whole_character(data: bytes) -> bytes:
    """The data without the end of a character whose start is missing."""
    start = 0
    while start < min(3, len(data)) and data[start] & 0xC0 == 0x80:
        start += 1
    return data[start:]
