"""How a method finds its handler, and what a handler may use.

A route ties a row of the protocol (name, params, result) to one function; `route` is generic, so the type checker
refuses a handler of another shape. A plain function runs at once, within the reading of its line: most handlers
cannot block, and a task costs more than they do. A coroutine function gets a task of its own, and so does a coroutine
that a plain function returns because this one request has to wait.
"""

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import Any, Generic, TypeVar

from app_server.connection import Connection
from app_server.core.frozen import frozen
from protocol.base import Method, Record

P = TypeVar("P")
R = TypeVar("R")
S = TypeVar("S")


class Context(Generic[S]):
    """One request being handled: whose it is, and the services of the process."""

    __slots__ = ("_reply", "connection", "has_replied", "method", "request_id", "services")

    def __init__(
        self, services: S, connection: Connection, method: str, reply: Callable[[Any], None], request_id: str | int = 0
    ) -> None:
        self.services = services
        self.connection = connection
        self.method = method
        self.request_id = request_id
        self._reply = reply
        self.has_replied = False

    def reply(self, result: Record | bytes | None) -> None:
        """Answer now, before the effects that follow are announced. A handler that has replied returns None."""
        if not self.has_replied:
            self.has_replied = True
            self._reply(result)


class Later:
    """What a handler returns whose request is answered by `Context.reply` when something has ended."""


LATER = Later()
Handler = Callable[[Context[S], P], Any]


@frozen
class Route(Generic[S]):
    """A method with its handler."""

    method: Method[Any, Any]
    handler: Handler[S, Any]
    is_async: bool


def route(
    method: Method[P, R], handler: Callable[[Context[S], P], R | bytes | Later | Awaitable[R | bytes | Later | None] | None]
) -> Route[S]:
    """Tie a handler to its method. It returns the result, or None when it has replied by itself."""
    return Route(method, handler, iscoroutinefunction(handler))


class Scopes:
    """Requests of one scope take effect in the order they were sent; different scopes run side by side.

    Shared entries (reads) of one scope run together. Source: spec/server.md section 5.
    """

    def __init__(self) -> None:
        self._queues: dict[object, list[tuple[bool, Callable[[], bool]]]] = {}
        self._running: dict[object, tuple[bool, int]] = {}

    def enter(self, key: object, start: Callable[[], bool], is_shared: bool = False) -> None:
        """Run `start` as soon as everything before it in the scope is done. It returns whether it is done already;
        if not, `leave(key)` is called later."""
        queue = self._queues.get(key)
        if queue is None and self._may_run(key, is_shared):
            self._run(key, start, is_shared)
        else:
            self._queues.setdefault(key, []).append((is_shared, start))

    def leave(self, key: object) -> None:
        """An entry that was not done at once is done now; those that waited for it start."""
        is_shared, count = self._running[key]
        if count > 1:
            self._running[key] = (is_shared, count - 1)
        else:
            del self._running[key]
        queue = self._queues.get(key)
        while queue and self._may_run(key, queue[0][0]):
            shared, start = queue.pop(0)
            self._run(key, start, shared)
        if queue is not None and not queue:
            self._queues.pop(key, None)

    @property
    def waiting(self) -> int:
        """How many entries have not started."""
        return sum(map(len, self._queues.values()))

    def _may_run(self, key: object, is_shared: bool) -> bool:
        running = self._running.get(key)
        return running is None or (is_shared and running[0])

    def _run(self, key: object, start: Callable[[], bool], is_shared: bool) -> None:
        _, count = self._running.get(key, (is_shared, 0))
        self._running[key] = (is_shared, count + 1)
        if start():
            left = self._running[key][1] - 1
            if left:
                self._running[key] = (is_shared, left)
            else:
                del self._running[key]
