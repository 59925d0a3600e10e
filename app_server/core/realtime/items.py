"""What is kept of a session in its thread: that it began and ended, what was said, which of the agent's items it showed.

Each item is in the thread's file before clients hear that it is complete. Invariant: at most one segment per role is open.
Threads that keep no such items (ephemeral ones, files of the older kind) get none. Source: spec/realtime.md section 11.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from app_server.core.realtime.events import Role
from app_server.core.thread import Thread
from protocol.base import Notification
from protocol.realtime import (
    ThreadRealtimeItemCompletedNotification,
    ThreadRealtimeItemStartedNotification,
    ThreadRealtimeItemTranscriptDeltaNotification,
)
from protocol.realtime_item import (
    BemItemPromotedRealtimeItem,
    RealtimeSessionClosedRealtimeItem,
    RealtimeSessionStartedRealtimeItem,
    ThreadRealtimeBemItemPresentation,
    ThreadRealtimeItem,
    TranscriptSegmentRealtimeItem,
)

Outcome = Literal["ended", "failed"]


@dataclass(slots=True)
class Segment:
    """Words of one side that belong together."""

    id: str
    role: Role
    pieces: list[str] = field(default_factory=list)

    @property
    def has_words(self) -> bool:
        """Whether anything was said yet."""
        return any(self.pieces)


class SessionItems:
    """The items of one session."""

    def __init__(self, thread: Thread, session_id: str, publish: Callable[[Notification], None]) -> None:
        self._thread = thread
        self._publish = publish
        self._session_id = session_id
        self._open: dict[Role, Segment] = {}
        self._untold: list[Notification] = []
        self._is_kept = thread.recorder.rollout is not None and thread.recorder.head.history_mode == "paginated"

    def begin(self) -> None:
        """The session runs. Raises: CallerError."""
        if self._is_kept:
            self._thread.recorder.materialize()
            item = RealtimeSessionStartedRealtimeItem(id=self._new_id(), realtime_session_id=self._session_id)
            self._keep_whole(item)

    def add_delta(self, role: Role, delta: str) -> None:
        """Some words were heard or said. A segment counts as started until it has words, and is told as such till then."""
        if not self._is_kept:
            return
        segment = self._open.get(role)
        if segment is None:
            segment = self._open[role] = Segment(self._new_id(), role)
        if not segment.has_words:
            self._publish(ThreadRealtimeItemStartedNotification(thread_id=self._thread.id, item=self._item(segment)))
        segment.pieces.append(delta)
        self._publish(ThreadRealtimeItemTranscriptDeltaNotification(thread_id=self._thread.id, item_id=segment.id, delta=delta))

    def finish(self, role: Role, text: str) -> None:
        """An utterance is over; its segment keeps the words as they came."""
        if text and role not in self._open:
            self.add_delta(role, text)
        if role in self._open:
            self._seal(role)
            self.tell()

    def seal(self) -> None:
        """What is said from here on is something else. The file knows at once; clients when `tell` is called."""
        for role in list(self._open):
            self._seal(role)

    def tell(self) -> None:
        """Tell clients of the segments that were sealed."""
        untold, self._untold = self._untold, []
        for notification in untold:
            self._publish(notification)

    def promote(self, turn_id: str, item_id: str, presentation: ThreadRealtimeBemItemPresentation) -> None:
        """An item of the agent is shown within the session."""
        if not self._is_kept:
            return
        self.seal()
        self.tell()
        self._keep_whole(
            BemItemPromotedRealtimeItem(
                id=self._new_id(),
                realtime_session_id=self._session_id,
                turn_id=turn_id,
                item_id=item_id,
                presentation=presentation,
            )
        )

    def end(self, outcome: Outcome) -> None:
        """The session is over."""
        if not self._is_kept:
            return
        self.seal()
        self.tell()
        self._keep_whole(
            RealtimeSessionClosedRealtimeItem(id=self._new_id(), realtime_session_id=self._session_id, outcome=outcome)
        )

    def _seal(self, role: Role) -> None:
        """The segment ends; one without words is nothing."""
        segment = self._open.pop(role)
        if segment.has_words:
            item = self._item(segment)
            self._thread.recorder.realtime_item(item)
            self._untold.append(ThreadRealtimeItemCompletedNotification(thread_id=self._thread.id, item=item))

    def _keep_whole(self, item: ThreadRealtimeItem) -> None:
        self._thread.recorder.realtime_item(item)
        self._publish(ThreadRealtimeItemStartedNotification(thread_id=self._thread.id, item=item))
        self._publish(ThreadRealtimeItemCompletedNotification(thread_id=self._thread.id, item=item))

    def _item(self, segment: Segment) -> TranscriptSegmentRealtimeItem:
        return TranscriptSegmentRealtimeItem(
            id=segment.id, realtime_session_id=self._session_id, role=segment.role, text="".join(segment.pieces)
        )

    def _new_id(self) -> str:
        return self._thread.runtime.clock.uuid7()
