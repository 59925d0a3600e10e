"""Notices that a provider has been silent for too long.

A scope around every read would cost more than everything else about a small event. Instead there is one scope around
the whole answer, and a timer that now and then looks since when an event has been waited for.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import anyio


class Loop(Protocol):
    """What is needed of an event loop."""

    def time(self) -> float:
        """Seconds, counted from anywhere."""
        ...

    def call_later(self, delay: float, callback: Callable[[], object]) -> Any:
        """Call once, after so many seconds; the result has `cancel`."""
        ...


class IdleTimer:
    """Cancels `scope` when nothing has been heard for `idle_s` seconds while somebody waited. Close it. `loop` is for tests."""

    __slots__ = ("_idle_s", "_loop", "_scope", "_timer", "_waiting_since")

    def __init__(self, idle_s: float, scope: anyio.CancelScope, loop: Loop | None = None) -> None:
        self._idle_s = idle_s
        self._scope = scope
        self._loop = loop or asyncio.get_running_loop()
        self._waiting_since: float | None = None
        self._timer = self._loop.call_later(idle_s, self._look)

    def wait(self) -> None:
        """Somebody waits for an event from now on, if not since before."""
        if self._waiting_since is None:
            self._waiting_since = self._loop.time()

    def heard(self) -> None:
        """An event has come."""
        self._waiting_since = None

    def close(self) -> None:
        """The answer is over."""
        self._timer.cancel()

    def _look(self) -> None:
        """Whether the provider has been silent for too long; else, when to look again."""
        waited_s = self._loop.time() - self._waiting_since if self._waiting_since is not None else 0.0
        if waited_s >= self._idle_s:
            self._scope.cancel()
        else:
            self._timer = self._loop.call_later(self._idle_s - waited_s, self._look)
