"""A thread as a line of events: turns begin, items happen, turns end, each at its place in the file.

Source: spec/threads.md section 5.
"""

import json
from collections.abc import Iterator, Sequence

from app_server.core.errors import CallerError
from app_server.core.store.turns import StoredItem, StoredTurn
from protocol.thread_history import (
    ItemTimelineEntry,
    RealtimeTimelineEntry,
    ThreadTimelineEntry,
    TurnCompletedTimelineEntry,
    TurnStartedTimelineEntry,
)

KINDS = {"turnStarted": 0, "item": 1, "turnCompleted": 2, "realtime": 3}


class InvalidTimelineCursor(CallerError):
    """The cursor is not one of this thread's timeline."""

    def __init__(self) -> None:
        super().__init__("invalid thread timeline cursor", reason="invalid_cursor", data={"field": "cursor"})


def timeline_page(
    thread_id: str, turns: Sequence[StoredTurn], spoken: Sequence[StoredItem], cursor: str | None, limit: int
) -> tuple[list[ThreadTimelineEntry], str | None]:
    """The last entries before a cursor, oldest first, and the cursor of the page before them."""
    entries = sorted(timeline(turns, spoken), key=lambda entry: (entry.position, KINDS[entry.type]))
    if cursor is not None:
        before = read_timeline_cursor(cursor, thread_id)
        entries = [entry for entry in entries if (entry.position, KINDS[entry.type]) < before]
    page = entries[-limit:]
    return page, write_timeline_cursor(thread_id, page[0]) if len(entries) > len(page) else None


def session_before(spoken: Sequence[StoredItem], entry: ThreadTimelineEntry) -> str | None:
    """The spoken conversation that ran when an entry came about."""
    running: str | None = None
    for stored in spoken:
        if stored.position >= entry.position:
            break
        if stored.item.type == "realtimeSessionStarted":
            running = stored.item.realtime_session_id
        elif stored.item.type == "realtimeSessionClosed":
            running = None
    return running


def timeline(turns: Sequence[StoredTurn], spoken: Sequence[StoredItem]) -> Iterator[ThreadTimelineEntry]:
    """All entries, turn by turn, and what was spoken."""
    for stored in spoken:
        yield RealtimeTimelineEntry(position=stored.position, item=stored.item)
    for turn in turns:
        yield TurnStartedTimelineEntry(position=turn.position, started_at=turn.started_at, turn_id=turn.id)
        for stored in turn.items:
            yield ItemTimelineEntry(position=stored.position, turn_id=turn.id, item=stored.item)
        if turn.end_position is not None:
            yield TurnCompletedTimelineEntry(
                position=turn.end_position,
                status=turn.status,
                error=turn.error,
                completed_at=turn.completed_at,
                duration_ms=turn.duration_ms,
                started_at=turn.started_at,
                turn_id=turn.id,
            )


def write_timeline_cursor(thread_id: str, entry: ThreadTimelineEntry) -> str:
    """The cursor of what comes before an entry."""
    own_id = entry.item.id if isinstance(entry, ItemTimelineEntry | RealtimeTimelineEntry) else getattr(entry, "turn_id", "")
    members = {"threadId": thread_id, "position": entry.position, "kind": KINDS[entry.type], "id": own_id}
    return json.dumps(members, separators=(",", ":"))


def read_timeline_cursor(cursor: str, thread_id: str) -> tuple[int, int]:
    """The place that a cursor names. Raises: InvalidTimelineCursor."""
    try:
        data = json.loads(cursor)
        place = data["position"], data["kind"]
        is_same = data["threadId"] == thread_id
    except (ValueError, KeyError, TypeError):
        raise InvalidTimelineCursor from None
    if not is_same or not all(type(number) is int for number in place):
        raise InvalidTimelineCursor
    return place
