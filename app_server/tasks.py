"""Where tasks are started, also before there is an event loop.

The first requests of a client are served before the loop is imported (see `serve`), and what they want to start
waits here until the loop runs. There is one task group, the root's; no task outlives it.
"""

from collections.abc import Awaitable, Callable
from typing import Any

TaskStarter = Callable[..., Any]
"""A task group's `start_soon`; anyio is not imported yet when this module is first used."""


class Tasks:
    """Starts coroutine functions in the root task group, or keeps them until it is there."""

    def __init__(self) -> None:
        self._start: TaskStarter | None = None
        self._waiting: list[tuple[Callable[..., Awaitable[Any]], tuple[Any, ...]]] = []

    @property
    def has_waiting(self) -> bool:
        """Whether something waits for the loop."""
        return bool(self._waiting)

    def start_soon(self, function: Callable[..., Awaitable[Any]], *arguments: Any) -> None:
        """Run `function(*arguments)` as a task of its own. Never blocks."""
        if self._start is None:
            self._waiting.append((function, arguments))
        else:
            self._start(function, *arguments)

    def run_with(self, start: TaskStarter) -> None:
        """From now on, start tasks with this; those that waited start in their order."""
        self._start = start
        waiting, self._waiting = self._waiting, []
        for function, arguments in waiting:
            start(function, *arguments)

    def end(self) -> None:
        """The server ends: from now on nothing is started any more."""
        self._start = lambda *_: None
