"""Who gets which notification. A message is encoded once, however many clients get it.

Publishing never blocks: it appends to each client's bounded outbox. A turn that streams asks `wait_room`
between chunks, so that a client that stops reading stops the stream instead of filling memory.
Source: spec/server.md sections 4 and 7.
"""

from collections.abc import Callable, Iterable

from app_server import encode
from app_server.connection import Connection
from app_server.core.clock import Clock
from app_server.deltas import MERGED, merge
from app_server.outbox import wait_any_room
from protocol.base import Notification
from protocol.methods import SERVER_NOTIFICATIONS

BROADCAST = frozenset(
    {
        "account/login/completed",
        "account/updated",
        "app/list/updated",
        "mcpServer/oauthLogin/completed",
        "project/changed",
        "remoteControl/status/changed",
        "skills/changed",
        "thread/archived",
        "thread/attachment/updated",
        "thread/closed",
        "thread/deleted",
        "thread/goal/cleared",
        "thread/goal/updated",
        "thread/name/updated",
        "thread/project/updated",
        "thread/section/changed",
        "thread/started",
        "thread/status/changed",
        "thread/unarchived",
    }
)
"""Notifications for every initialized client; the others are for the clients of their thread."""
WITHHELD = frozenset(row.name for row in SERVER_NOTIFICATIONS if row.is_experimental)


class Fanout:
    """All clients, and which of them listen to which thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._connections: list[Connection] = []
        self._subscribers: dict[str, list[Connection]] = {}
        self._when_unheard: Callable[[str], None] | None = None

    @property
    def connections(self) -> list[Connection]:
        """All clients that are connected."""
        return self._connections

    def add(self, connection: Connection) -> None:
        """A client has connected."""
        self._connections.append(connection)

    def remove(self, connection: Connection) -> None:
        """A client is gone; its subscriptions end."""
        self._connections.remove(connection)
        for thread_id in list(connection.subscriptions):
            self.unsubscribe(thread_id, connection)

    def subscribe(self, thread_id: str, connection: Connection) -> None:
        """From now on the client gets the thread's notifications."""
        if thread_id not in connection.subscriptions:
            connection.subscriptions.add(thread_id)
            self._subscribers.setdefault(thread_id, []).append(connection)

    def unsubscribe(self, thread_id: str, connection: Connection) -> bool:
        """End a subscription; False when there was none."""
        if thread_id not in connection.subscriptions:
            return False
        connection.subscriptions.remove(thread_id)
        listeners = self._subscribers[thread_id]
        listeners.remove(connection)
        if not listeners:
            del self._subscribers[thread_id]
            self.note_idle(thread_id)
        return True

    def when_unheard(self, call: Callable[[str], None]) -> None:
        """Call this with a thread to which nobody listens, when that has come about or the thread has nothing to do."""
        self._when_unheard = call

    def note_idle(self, thread_id: str) -> None:
        """The thread has nothing to do."""
        if thread_id not in self._subscribers and self._when_unheard is not None:
            self._when_unheard(thread_id)

    def has_listeners(self, thread_id: str) -> bool:
        """Whether anybody listens to a thread."""
        return thread_id in self._subscribers

    def forget(self, thread_id: str) -> None:
        """The thread is not loaded any more: all subscriptions to it end."""
        for connection in self._subscribers.pop(thread_id, []):
            connection.subscriptions.discard(thread_id)

    def subscribers(self, thread_id: str) -> list[Connection]:
        """The clients that listen to a thread."""
        return self._subscribers.get(thread_id, [])

    def publish(self, thread_id: str | None, message: Notification) -> None:
        """Send a notification to those whom it concerns. Never blocks."""
        is_for_all = thread_id is None or message.method in BROADCAST
        self.send(self._connections if is_for_all else self.subscribers(thread_id or ""), message)

    def send(self, targets: Iterable[Connection], message: Notification) -> None:
        """Send a notification to these clients, unless they opted out of it or may not see it."""
        method = message.method
        is_withheld = method in WITHHELD
        line = None
        for connection in targets:
            if (
                not connection.is_initialized
                or method in connection.opted_out
                or (is_withheld and not connection.is_experimental)
            ):
                continue
            if connection.outbox.is_behind and method in MERGED:
                merge(connection.outbox, message, self._clock.now_ms())
                continue
            if line is None:
                line = encode.notification(message, self._clock.now_ms())
            connection.outbox.append(line)

    def has_room(self, thread_id: str) -> bool:
        """Whether no listener of the thread is behind: `wait_room` would return at once."""
        for connection in self.subscribers(thread_id):  # noqa: SIM110 - a generator would cost more than the question.
            if connection.outbox.is_full:
                return False
        return True

    async def wait_room(self, thread_id: str) -> None:
        """Until every listener of the thread has room for more. Those that are given up on when they stay behind are waited
        for only while all listeners are behind, so that none of them slows the rest."""
        for connection in list(self.subscribers(thread_id)):
            if connection.outbox.is_full and connection.outbox.on_full is None:
                await connection.outbox.wait_room()
        if listeners := self.subscribers(thread_id):
            await wait_any_room([connection.outbox for connection in listeners])
