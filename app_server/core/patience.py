"""How long a thread's tools wait, while a client asks the user something of its own: then their time stands still.

Questions that a client asks outside of the protocol are only counted here. Source: spec/server.md section 12.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Limit(Protocol):
    """A time that runs out."""

    def stop(self) -> None:
        """It does not run out any more."""
        ...

    def go_on(self) -> None:
        """It runs again, from where it was."""
        ...


class Patience:
    """Counts the open questions about one thread, and stops its times while there are any."""

    def __init__(self) -> None:
        self._questions = 0
        self._limits: list[Limit] = []

    @property
    def is_held(self) -> bool:
        """Whether time stands still."""
        return self._questions > 0

    def hold(self) -> int:
        """One more question is open. Returns how many are."""
        self._questions += 1
        if self._questions == 1:
            for limit in self._limits:
                limit.stop()
        return self._questions

    def release(self) -> int:
        """One question is answered. Returns how many are left."""
        self._questions -= 1
        if self._questions == 0:
            for limit in self._limits:
                limit.go_on()
        return self._questions

    @contextmanager
    def during(self, limit: Limit) -> Iterator[None]:
        """A time that runs while inside, unless it has to stand still."""
        self._limits.append(limit)
        if self.is_held:
            limit.stop()
        try:
            yield
        finally:
            self._limits.remove(limit)
