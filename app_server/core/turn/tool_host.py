"""What a tool sees of the turn that it runs in."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, TypeVar

from app_server.core.patch.plan import Change
from app_server.core.store.errors import StoreError
from app_server.core.thread import Thread
from app_server.core.turn.diff_news import DiffNews
from app_server.core.turn.item_log import ItemLog
from app_server.core.turn.turn import Turn
from protocol.base import Method, Notification, Record

log = logging.getLogger(__name__)
R = TypeVar("R", bound=Record)


class TurnToolHost:
    """The ToolHost of one turn."""

    def __init__(self, thread: Thread, turn: Turn, log: ItemLog, diff: DiffNews) -> None:
        self._thread = thread
        self._log = log
        self._diff = diff
        self.thread_id = thread.id
        self.turn_id = turn.id
        self.cwd = thread.settings.cwd
        self.mode = thread.settings.mode
        self.clock = thread.runtime.clock
        self.patience = thread.patience

    def publish(self, notification: Notification) -> None:
        """Announce something to the thread's clients."""
        self._thread.publish(notification)

    def open_item(self, item: Record) -> None:
        """Announce an item's start once."""
        self._log.open(item)

    def close_item(self, item: Record) -> None:
        """Announce and record an item's end. A disk that does not take it is told in the log: a command ends when it does."""
        try:
            self._log.close(item)
        except StoreError as error:
            log.error("the end of item %s is not on disk: %s", getattr(item, "id", ""), error)

    def keep_open(self, item_id: str) -> None:
        """The item is closed by what the tool has started."""
        self._log.keep_open(item_id)

    def note_changes(self, changes: Sequence[Change]) -> None:
        """A patch was carried out."""
        self._diff.add(changes)
        self._diff.publish()

    async def ask(self, method: Method[Any, R], params: Record) -> R:
        """Ask the thread's clients."""
        return await self._thread.runtime.outside.ask(self.thread_id, method, params, self._thread.when_idle)

    @contextmanager
    def waiting(self, flag: Literal["waitingOnApproval", "waitingOnUserInput"]) -> Iterator[None]:
        """The thread's status carries the flag while inside; what breaks out ends the turn, whose end tells the status."""
        self._thread.add_flag(flag)
        yield
        self._thread.remove_flag(flag)
