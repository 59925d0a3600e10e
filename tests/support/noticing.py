"""Waiting for what an object in this process does: it is looked at whenever one of its methods has been called."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import anyio

DEADLINE_S = 5.0
Until = Callable[[Callable[[], bool]], Awaitable[None]]


@contextmanager
def noticing(owner: Any, method: str) -> Iterator[Until]:
    """Gives `await until(lambda: ...)`, which looks at once and after each call of the method."""
    call, news = getattr(owner, method), anyio.Event()

    def noticed(*arguments: Any, **options: Any) -> Any:
        nonlocal news
        try:
            return call(*arguments, **options)
        finally:
            news.set()
            news = anyio.Event()

    async def until(is_so: Callable[[], bool]) -> None:
        with anyio.fail_after(DEADLINE_S):
            while not is_so():
                await news.wait()

    with patch.object(owner, method, noticed):
        yield until
