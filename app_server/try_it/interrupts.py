"""Ctrl-C: what it does depends on what the program is doing, and there is no moment at which it does nothing.

One receiver listens for the program's life. Whoever is at work says what an interrupt means meanwhile: a turn is
interrupted, a prompt is given up; otherwise the program ends.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import anyio

INTERRUPTED = 130
"""The exit code of a program that Ctrl-C ended, as shells know it."""


class Quit(Exception):
    """The person wants to end the program."""

    def __init__(self, exit_code: int = 0) -> None:
        super().__init__()
        self.exit_code = exit_code


def end_the_program() -> None:
    """What Ctrl-C does when nobody says otherwise. Raises: Quit."""
    raise Quit(INTERRUPTED)


class Interrupts:
    """Who is told of Ctrl-C: the innermost `handled_by`."""

    def __init__(self) -> None:
        self._handler: Callable[[], None] = end_the_program

    @contextmanager
    def handled_by(self, handler: Callable[[], None]) -> Iterator[None]:
        """As long as the context is open, Ctrl-C calls this function, which must not block and may raise Quit."""
        before, self._handler = self._handler, handler
        try:
            yield
        finally:
            self._handler = before

    async def listen(self, *, task_status: anyio.abc.TaskStatus[None]) -> None:
        """Listen until cancelled; started once somebody listens. Raises: Quit."""
        with anyio.open_signal_receiver(signal.SIGINT) as signals:
            task_status.started()
            async for _ in signals:
                self._handler()
