"""A client in the same process: two ends of a connection that pass bytes to each other without a descriptor.

For tests, and for programs that embed the server. Each end is a Transport; one is for the server (`serve_loop.serve`), the
other is the client's. A sender waits when the other end is behind, like on a pipe.
"""

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

CHUNKS = 16
"""How many writes may wait for the other end."""


class MemoryTransport:
    """One end. Close both, in any order."""

    def __init__(self, sink: MemoryObjectSendStream[bytes], source: MemoryObjectReceiveStream[bytes]) -> None:
        self._sink = sink
        self._source = source

    async def receive(self) -> bytes:
        """The bytes of one write; empty when the other end has been closed."""
        try:
            return await self._source.receive()
        except (anyio.EndOfStream, anyio.ClosedResourceError):
            return b""

    async def send(self, data: bytes) -> None:
        """Hand the bytes over. Raises: BrokenPipeError (the other end has been closed)."""
        if not data:
            return
        try:
            await self._sink.send(data)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            raise BrokenPipeError from None

    def send_nowait(self, data: bytes) -> int:
        """Hand the bytes over if the other end has room. Raises: BrokenPipeError (the other end has been closed)."""
        try:
            self._sink.send_nowait(data)
        except anyio.WouldBlock:
            return 0
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            raise BrokenPipeError from None
        return len(data)

    def close(self) -> None:
        """Send and receive no more; the other end receives what was sent, then the end."""
        self._sink.close()
        self._source.close()

    def close_input(self) -> None:
        """Send no more, but go on receiving."""
        self._sink.close()


def memory_pipe() -> tuple[MemoryTransport, MemoryTransport]:
    """Two ends that are connected to each other."""
    there_sink, there_source = anyio.create_memory_object_stream[bytes](CHUNKS)
    back_sink, back_source = anyio.create_memory_object_stream[bytes](CHUNKS)
    return MemoryTransport(there_sink, back_source), MemoryTransport(back_sink, there_source)
