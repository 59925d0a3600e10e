"""Reading and writing a pipe or socket in the event loop, at the least cost per message.

anyio's `wait_readable` registers and unregisters the descriptor for every wait; here it stays registered while it is
being read, and the bytes are read in the callback itself. So this is one of the few modules that use asyncio directly.
"""

import asyncio
import os


class DescriptorReader:
    """Reads a non-blocking descriptor. One task at a time may wait."""

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor = descriptor
        self._size = size
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Future[bytes] | None = None
        self._read_ahead: bytes | None = None
        self._is_registered = False

    async def receive(self) -> bytes:
        """Some bytes; empty at the end. Cancel: safe, nothing is lost."""
        if self._read_ahead is not None:
            data, self._read_ahead = self._read_ahead, None
            return data
        if not self._is_registered:
            self._loop.add_reader(self._descriptor, self._read)
            self._is_registered = True
        self._waiting = self._loop.create_future()
        try:
            return await self._waiting
        except asyncio.CancelledError:
            if self._waiting is not None and self._waiting.done() and not self._waiting.cancelled():
                self._read_ahead = self._waiting.result()
            raise
        finally:
            self._waiting = None

    def close(self) -> None:
        """Let go of the descriptor, which is about to be closed."""
        if self._is_registered:
            self._stop()

    def _read(self) -> None:
        waiting = self._waiting
        if waiting is None or waiting.done():
            self._stop()  # nobody takes it now: the next wait begins anew
            return
        try:
            data = os.read(self._descriptor, self._size)
        except BlockingIOError:
            return
        except OSError:
            data = b""  # the other side was reset
        if not data:
            self._stop()
        waiting.set_result(data)

    def _stop(self) -> None:
        self._loop.remove_reader(self._descriptor)
        self._is_registered = False


async def wait_writable(descriptor: int) -> None:
    """Until the descriptor takes more."""
    loop = asyncio.get_running_loop()
    writable = loop.create_future()
    loop.add_writer(descriptor, lambda: None if writable.done() else writable.set_result(None))
    try:
        await writable
    finally:
        loop.remove_writer(descriptor)
