"""The world of clients, as the core sees it: publishing by the fan-out, asking by the pending questions."""

from collections.abc import Callable
from typing import Any, TypeVar

from app_server.asks import Asks
from app_server.core.ports import NoAnswer, WhenOver
from app_server.fanout import Fanout
from protocol.base import Method, Notification, Record

R = TypeVar("R", bound=Record)


class ClientsOutside:
    """Implements core.ports.Outside. Questions become possible with the event loop (`asks`)."""

    def __init__(self, fanout: Fanout) -> None:
        self._fanout = fanout
        self.asks: Asks | None = None
        self._watchers: dict[str, Callable[[Record], None]] = {}

    def publish(self, thread_id: str | None, message: Notification) -> None:
        """Announce something to those whom it concerns. Never blocks."""
        if thread_id in self._watchers:
            self._watchers[thread_id](message)
        self._fanout.publish(thread_id, message)

    def watch(self, thread_id: str, see: Callable[[Record], None] | None) -> None:
        """Show what is announced about a thread, and asked in it, to somebody inside first."""
        if see is None:
            self._watchers.pop(thread_id, None)
        else:
            self._watchers[thread_id] = see

    def has_listeners(self, thread_id: str) -> bool:
        """Whether anybody listens to a thread."""
        return self._fanout.has_listeners(thread_id)

    def share(self, thread_id: str, other_id: str) -> None:
        """Those who listen to a thread listen to another one too."""
        for connection in list(self._fanout.subscribers(thread_id)):
            self._fanout.subscribe(other_id, connection)

    def forget(self, thread_id: str) -> None:
        """Nobody listens to a thread any more, since it is not loaded."""
        self._fanout.forget(thread_id)

    def has_room(self, thread_id: str) -> bool:
        """Whether the thread's clients can take more."""
        return self._fanout.has_room(thread_id)

    async def wait_room(self, thread_id: str) -> None:
        """Until the thread's clients can take more."""
        await self._fanout.wait_room(thread_id)

    async def ask(self, thread_id: str | None, method: Method[Any, R], params: Record, when_over: WhenOver | None = None) -> R:
        """Ask the thread's clients. Raises: NoAnswer."""
        if self.asks is None:
            raise NoAnswer("nobody can be asked yet")
        if thread_id in self._watchers:
            self._watchers[thread_id](params)
        return await self.asks.ask(thread_id, method, params, when_over)

    def resolve(self, request_id: Any, message: dict[str, Any]) -> None:
        """A client has answered a question."""
        if self.asks is not None:
            self.asks.resolve(request_id, message)
