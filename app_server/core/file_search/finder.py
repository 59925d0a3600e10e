"""A search that can be given up: once, or in a session that follows the typing.

Walking and matching are done in worker threads. A session walks its roots once; while it walks, what was found so far
is told now and then. Source: spec/exec-fs.md sections 5.1 and 5.4.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import anyio
import anyio.to_thread

from app_server.core.file_search.rank import Cancelled, Hit, best_matches
from app_server.core.file_search.walk import nested, plant, walk

TELL_EVERY_S = 0.25
"""How long a session waits before it tells again what was found so far, while it still walks."""

Tell = Callable[[str, Sequence[Hit]], None]


class Finder:
    """The trees below some roots. Its user may give it up at any time, from any thread."""

    def __init__(self, roots: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> None:
        self._trees = plant(roots)
        self._cwd = cwd
        self._environment = environment
        self._is_given_up = False

    def kill(self) -> None:
        """Give it up: nobody wants to know any more."""
        self._is_given_up = True

    def is_given_up(self) -> bool:
        """Whether it was given up."""
        return self._is_given_up

    async def walk(self) -> None:
        """Find everything below the roots. Cancel: gives it up."""
        await self._in_thread(self._walk)

    async def match(self, query: str) -> list[Hit]:
        """The best matches in what was found so far; none when the search is given up. Cancel: gives it up."""
        hits: list[Hit] = []

        def work() -> None:
            with suppress(Cancelled):
                hits.extend(best_matches(self._trees, query, self.is_given_up))

        await self._in_thread(work)
        return hits

    def _walk(self) -> None:
        for tree in self._trees:
            walk(tree, str(self._cwd / tree.root), nested(tree, self._trees), self._environment, self.is_given_up)

    async def _in_thread(self, work: Callable[[], None]) -> None:
        try:
            await anyio.to_thread.run_sync(work, abandon_on_cancel=True)
        except anyio.get_cancelled_exc_class():
            self.kill()
            raise


class Session:
    """A search whose query changes. `tell` gets the matches of the query of that moment, `complete` says that these are all."""

    def __init__(self, finder: Finder, tell: Tell, complete: Callable[[], None]) -> None:
        self._finder = finder
        self._tell = tell
        self._complete = complete
        self._query = ""
        self._number = 0
        self._news = anyio.Event()
        self._has_walked = False

    def kill(self) -> None:
        """End it: nothing more is told."""
        self._finder.kill()
        self._news.set()

    def update(self, query: str) -> None:
        """Look for something else from now on, or for the same again."""
        self._query = query
        self._number += 1
        self._news.set()

    async def run(self) -> None:
        """Walk, and answer every query that is not overtaken by the next, until the session is ended."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._walk)
            while not self._finder.is_given_up():
                self._news = anyio.Event()
                await self._answer(self._number, self._query, self._has_walked)
                with anyio.move_on_after(None if self._has_walked or not self._query else TELL_EVERY_S):
                    await self._news.wait()

    async def _walk(self) -> None:
        await self._finder.walk()
        self._has_walked = True
        self._news.set()

    async def _answer(self, number: int, query: str, is_complete: bool) -> None:
        hits = await self._finder.match(query)
        if number != self._number or self._finder.is_given_up() or not (is_complete or query):
            return
        self._tell(query, hits)
        if is_complete:
            self._complete()
