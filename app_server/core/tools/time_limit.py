"""A wait of a tool that has an end, which comes later when the thread's patience is held."""

from collections.abc import Iterator
from contextlib import contextmanager

import anyio

from app_server.core.patience import Patience


class ScopeLimit:
    """The deadline of a cancel scope."""

    def __init__(self, scope: anyio.CancelScope) -> None:
        self._scope = scope
        self._left_s = 0.0

    def stop(self) -> None:
        """There is no deadline now."""
        self._left_s = max(self._scope.deadline - anyio.current_time(), 0.0)
        self._scope.deadline = float("inf")

    def go_on(self) -> None:
        """As much time is left as there was."""
        self._scope.deadline = anyio.current_time() + self._left_s


@contextmanager
def at_most(seconds: float, patience: Patience) -> Iterator[None]:
    """Stop waiting after so many seconds, of which those do not count in which the patience is held."""
    with anyio.move_on_after(seconds) as scope, patience.during(ScopeLimit(scope)):
        yield
