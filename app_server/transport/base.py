"""What a transport is, and how a stream of bytes becomes lines."""

from typing import Protocol


class Transport(Protocol):
    """One client's byte stream."""

    async def receive(self) -> bytes:
        """Some bytes, at least one; empty when the client has ended. Cancel: safe, nothing is lost."""
        ...

    def send_nowait(self, data: bytes) -> int:
        """Write what goes without waiting and say how many bytes that were, none at all if need be. Raises: BrokenPipeError."""
        ...

    async def send(self, data: bytes) -> None:
        """Write all of it. Raises: BrokenPipeError (the client is gone). Cancel: may leave a torn line."""
        ...


class LineSplitter:
    """Collects bytes until a line is whole. There is no limit to a line's length."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that these bytes complete, without their newlines."""
        if b"\n" not in data:
            if data:
                self._pieces.append(data)
            return []
        *lines, rest = data.split(b"\n")
        if self._pieces:
            lines[0] = b"".join([*self._pieces, lines[0]])
            self._pieces = []
        if rest:
            self._pieces.append(rest)
        return lines

    def finish(self) -> list[bytes]:
        """What is left as a last line without newline when the stream has ended."""
        pieces, self._pieces = self._pieces, []
        return [b"".join(pieces)] if pieces else []
