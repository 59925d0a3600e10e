"""Writes what is queued for one client: all that was queued in one round of the event loop goes out with one write.

A transport that does not send lines as they are gives a `frame`, which turns them into what is sent.

There is no task for it while the client keeps up: the first line of a round asks the loop to call `_flush` in the next.
Only what does not go without waiting gets a task, until it is gone.
"""

from collections.abc import Callable
from typing import Any, Protocol

import anyio

from app_server.outbox import Outbox


class Sink(Protocol):
    """What is needed of a transport."""

    def send_nowait(self, data: bytes) -> int:
        """Write what goes without waiting and say how many bytes that were."""
        ...

    async def send(self, data: bytes) -> None:
        """Write all of it."""
        ...


class Loop(Protocol):
    """What is needed of the event loop."""

    def call_soon(self, callback: Callable[[], object]) -> Any:
        """Call it in the next round."""
        ...


def as_it_is(lines: bytes) -> bytes:
    """The frame of a transport that sends lines."""
    return lines


class LineWriter:
    """The writing side of one connection. Invariant: one write at a time, in the order of the outbox."""

    def __init__(
        self,
        outbox: Outbox,
        transport: Sink,
        loop: Loop,
        start_soon: Callable[..., object],
        frame: Callable[[bytes], bytes] = as_it_is,
    ) -> None:
        self._outbox = outbox
        self._frame = frame
        self._transport = transport
        self._loop = loop
        self._start_soon = start_soon
        self._is_due = False
        self._rest: bytes = b""
        self._drained: anyio.Event | None = None
        outbox.on_filled = self.wake
        if outbox.size_bytes:
            self.wake()

    async def finish(self) -> None:
        """Write the last that is queued. Cancel: the client does not take it."""
        if self._drained is not None:
            await self._drained.wait()
        else:
            await self._drain()

    def wake(self) -> None:
        """There is something to write, in the outbox or elsewhere behind `frame`."""
        if not self._is_due and self._drained is None:
            self._is_due = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._is_due = False
        data = self._frame(self._outbox.take())
        if not data:
            return
        try:
            sent = self._transport.send_nowait(data)
        except (BrokenPipeError, ConnectionResetError):
            self._outbox.close()  # the reader sees the end of input, which ends the connection
            return
        if sent < len(data):
            self._rest = data[sent:]
            self._drained = anyio.Event()
            self._start_soon(self._drain)

    async def _drain(self) -> None:
        """Write what waits, until all is gone."""
        try:
            while data := self._rest or self._frame(self._outbox.take()):
                self._rest = data
                await self._transport.send(data)
                self._rest = b""
        except (BrokenPipeError, ConnectionResetError):
            self._rest = b""
            self._outbox.close()
        finally:
            if self._drained is not None:
                self._drained.set()
                self._drained = None
