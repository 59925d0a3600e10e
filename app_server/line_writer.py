"""Writes what is queued for one client: all that was queued in one round of the event loop goes out with one write.

There is no task for it while the client keeps up: the first line of a round asks the loop to call `_flush` in the next.
Only what does not go without waiting gets a task, until it is gone.
"""

from collections.abc import Callable
from typing import Any, Protocol

import anyio

from app_server.outbox import Outbox
from app_server.transport.base import Transport


class Loop(Protocol):
    """What is needed of the event loop."""

    def call_soon(self, callback: Callable[[], object]) -> Any:
        """Call it in the next round."""
        ...


class LineWriter:
    """The writing side of one connection. Invariant: one write at a time, in the order of the outbox."""

    def __init__(self, outbox: Outbox, transport: Transport, loop: Loop, start_soon: Callable[..., object]) -> None:
        self._outbox = outbox
        self._transport = transport
        self._loop = loop
        self._start_soon = start_soon
        self._is_due = False
        self._rest: bytes = b""
        self._drained: anyio.Event | None = None
        outbox.on_filled = self._wake
        if outbox.size_bytes:
            self._wake()

    async def finish(self) -> None:
        """Write the last that is queued. Cancel: the client does not take it."""
        if self._drained is not None:
            await self._drained.wait()
        else:
            await self._drain()

    def _wake(self) -> None:
        if not self._is_due and self._drained is None:
            self._is_due = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._is_due = False
        data = self._outbox.take()
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
            while data := self._rest or self._outbox.take():
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
