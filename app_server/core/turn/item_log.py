"""The items of a turn: opened once, closed once, and on disk when closed.

Whatever happens to a turn, `close_all` at its end closes what is still open, so no client waits for an end that never comes.
"""

from collections.abc import Callable
from typing import Any

from app_server.core.clock import Clock
from app_server.core.ports import Outside
from protocol.base import Record
from protocol.item_events import ItemCompletedNotification, ItemStartedNotification


class ItemLog:
    """Open items of one turn, by id."""

    def __init__(
        self, thread_id: str, turn_id: str, outside: Outside, clock: Clock, record: Callable[[str, Record], None]
    ) -> None:
        self._thread_id = thread_id
        self._turn_id = turn_id
        self._outside = outside
        self._clock = clock
        self._record = record
        self._open: dict[str, Any] = {}
        self._kept: set[str] = set()

    def is_open(self, item_id: str) -> bool:
        """Whether an item is open."""
        return item_id in self._open

    def open(self, item: Any) -> None:
        """Announce an item's start, unless it is open already; then only its newest state is kept."""
        known = self._open.get(item.id)
        now = self._clock.now_ms()
        started = known.started_at_ms if known is not None else now
        item = item.model_copy(update={"started_at_ms": started, "completed_at_ms": None})
        self._open[item.id] = item
        if known is None:
            message = ItemStartedNotification(item=item, thread_id=self._thread_id, turn_id=self._turn_id, started_at_ms=now)
            self._outside.publish(self._thread_id, message)

    def close(self, item: Any, is_recorded: bool = True) -> Any:
        """Record an item and announce its end, opening it first if nobody has seen it yet. Returns it with its times.

        Raises: StoreError; the end is announced all the same, since nobody would close the item later.
        """
        if item.id not in self._open:
            self.open(item)
        now = self._clock.now_ms()
        item = item.model_copy(update={"started_at_ms": self._open[item.id].started_at_ms, "completed_at_ms": now})
        try:
            if is_recorded:
                self._record(self._turn_id, item)
        finally:
            del self._open[item.id]
            message = ItemCompletedNotification(
                item=item, thread_id=self._thread_id, turn_id=self._turn_id, content_token_count=None, completed_at_ms=now
            )
            self._outside.publish(self._thread_id, message)
        return item

    def update(self, item: Any) -> None:
        """Keep an open item's newest state, for the case that it is closed by `close_all`."""
        if item.id in self._open:
            times = {"started_at_ms": self._open[item.id].started_at_ms, "completed_at_ms": None}
            self._open[item.id] = item.model_copy(update=times)

    def keep_open(self, item_id: str) -> None:
        """The item belongs to something that outlives the turn and closes it: a command that runs on."""
        self._kept.add(item_id)

    def close_all(self) -> None:
        """Close what is still open and not kept, as it is; what was in progress has failed. None of it is kept on disk."""
        for item in [item for item in self._open.values() if item.id not in self._kept]:
            is_cut = getattr(item, "status", None) == "inProgress"
            self.close(item.model_copy(update={"status": "failed"}) if is_cut else item, is_recorded=False)
