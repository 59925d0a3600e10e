"""Pages of a thread's turns, items and timeline, and the cursors between them.

A cursor names a place in the thread, by the number of a line, and whether the page begins with it; pages after it go on
from there in either direction. Cursors mean nothing to clients. Source: spec/threads.md section 5 (the reference's form).
"""

import json
from collections.abc import Sequence
from typing import Any, Generic, Literal, TypeVar

from app_server.core.errors import CallerError
from app_server.core.frozen import frozen
from app_server.core.store.segment import Segment
from app_server.core.store.turns import StoredItem, StoredTurn
from protocol.turn import Turn, TurnItemsView

T = TypeVar("T")
Direction = Literal["asc", "desc"]
Scope = Literal["turns", "itemsByCreatedAtOrdinal"]

DEFAULT_LIMIT = 25
MAX_LIMIT = 100


class InvalidCursor(CallerError):
    """The cursor is not one of ours, or not one of this list."""

    def __init__(self, cursor: str) -> None:
        super().__init__(
            f"invalid cursor: {cursor}",
            reason="invalid_cursor",
            data={"field": "cursor", "expected": "the nextCursor or backwardsCursor of an earlier page"},
        )


@frozen
class Anchor:
    """A place in a thread: the number of a line, or in unnumbered files a turn's id, and whether it is part of the page."""

    position: int | None
    turn_id: str | None
    is_included: bool


@frozen
class Page(Generic[T]):
    """Entries with the cursors of the pages after and before them."""

    data: list[T]
    next_cursor: str | None
    backwards_cursor: str | None

    def members(self) -> dict[str, Any]:
        """What an answer with a page has."""
        return {"data": self.data, "next_cursor": self.next_cursor, "backwards_cursor": self.backwards_cursor}


def limit_of(wish: int | None) -> int:
    """How many entries a page has."""
    return DEFAULT_LIMIT if wish is None else min(max(wish, 1), MAX_LIMIT)


def read_cursor(cursor: str, scope: Scope) -> Anchor:
    """The place that a cursor names. Raises: InvalidCursor."""
    try:
        data = json.loads(cursor)
        is_included = data["includeAnchor"]
        if "turnId" in data and scope == "turns":
            anchor = Anchor(None, data["turnId"], is_included)
        elif data["scope"]["kind"] == scope:
            anchor = Anchor(data["rolloutOrdinal"], None, is_included)
        else:
            raise InvalidCursor(cursor)
    except (ValueError, KeyError, TypeError):
        raise InvalidCursor(cursor) from None
    if type(is_included) is not bool or not (type(anchor.position) is int or type(anchor.turn_id) is str):
        raise InvalidCursor(cursor)
    return anchor


def write_cursor(thread_id: str, position: int, scope: Scope, *, is_included: bool) -> str:
    """The cursor of a place in a numbered thread."""
    return json.dumps(
        {
            "requestedThreadId": thread_id,
            "rolloutOrdinal": position,
            "includeAnchor": is_included,
            "scope": {"kind": scope},
        },
        separators=(",", ":"),
    )


def turn_cursor(thread_id: str, turn: StoredTurn, *, is_numbered: bool, is_included: bool) -> str:
    """The cursor of a turn."""
    if is_numbered:
        return write_cursor(thread_id, turn.position, "turns", is_included=is_included)
    return json.dumps({"turnId": turn.id, "includeAnchor": is_included}, separators=(",", ":"))


def turns_page(
    thread_id: str,
    turns: Sequence[StoredTurn],
    anchor: Anchor | None,
    limit: int,
    direction: Direction,
    view: TurnItemsView,
    *,
    is_numbered: bool,
) -> Page[Turn]:
    """A page of turns that are given oldest first."""
    if anchor is not None and anchor.turn_id is not None:
        place = next((index for index, turn in enumerate(turns) if turn.id == anchor.turn_id), None)
        chosen = [] if place is None else _beyond(turns, list(range(len(turns))), place, anchor.is_included, direction)
    else:
        positions = [turn.position for turn in turns]
        at = anchor.position if anchor is not None else None
        chosen = _beyond(turns, positions, at, anchor is not None and anchor.is_included, direction)
    page = chosen[:limit]

    def cursor(turn: StoredTurn, is_included: bool) -> str:
        return turn_cursor(thread_id, turn, is_numbered=is_numbered, is_included=is_included)

    return Page(
        [viewed(turn, view) for turn in page],
        cursor(page[-1], False) if len(chosen) > limit else None,
        cursor(page[0], True) if page else None,
    )


@frozen
class PlacedItem:
    """An item, with the turn that it belongs to."""

    turn_id: str
    stored: StoredItem


def placed_items(turns: Sequence[StoredTurn], turn_id: str | None = None) -> list[PlacedItem]:
    """All items, or those of one turn, in the order of the thread."""
    found = [PlacedItem(turn.id, stored) for turn in turns if turn_id is None or turn.id == turn_id for stored in turn.items]
    found.sort(key=lambda each: each.stored.position)
    return found


def items_page(
    thread_id: str, items: Sequence[PlacedItem], anchor: Anchor | None, limit: int, direction: Direction
) -> Page[PlacedItem]:
    """A page of items that are given in the order of the thread."""
    positions = [each.stored.position for each in items]
    at = anchor.position if anchor is not None else None
    chosen = _beyond(items, positions, at, anchor is not None and anchor.is_included, direction)
    page = chosen[:limit]

    def cursor(item: PlacedItem, is_included: bool) -> str:
        return write_cursor(thread_id, item.stored.position, "itemsByCreatedAtOrdinal", is_included=is_included)

    return Page(
        page,
        cursor(page[-1], False) if len(chosen) > limit else None,
        cursor(page[0], True) if page else None,
    )


def viewed(turn: StoredTurn, view: TurnItemsView) -> Turn:
    """A turn with as many of its items as are asked for: all, none, or how it began and what came of it."""
    whole = turn.wire()
    if view == "full":
        return whole
    kept = summary([each.item for each in turn.items]) if view == "summary" else []
    return whole.model_copy(update={"items": kept, "items_view": view})


def summary(items: Sequence[Any]) -> list[Any]:
    """The first message of the user and the last one of the model that is no mere remark."""
    first = next((item for item in items if item.type == "userMessage"), None)
    last = next((item for item in reversed(items) if item.type == "agentMessage" and item.phase != "commentary"), None)
    return [item for item in (first, last) if item is not None]


def newest_cursors(thread_id: str, turns: Sequence[StoredTurn], segments: Sequence[Segment]) -> tuple[str | None, str | None]:
    """The cursors of the newest turn and the newest item, for going back from there; of unnumbered threads there are none."""
    if segments[-1].head.history_mode != "paginated" or not turns:
        return None, None
    items = placed_items(turns)
    return (
        write_cursor(thread_id, turns[-1].position, "turns", is_included=True),
        write_cursor(thread_id, items[-1].stored.position, "itemsByCreatedAtOrdinal", is_included=True) if items else None,
    )


def _beyond(entries: Sequence[T], positions: Sequence[int], at: int | None, is_included: bool, direction: Direction) -> list[T]:
    """The entries that come after a place in a direction, in that direction."""
    found = [
        entry
        for entry, position in zip(entries, positions, strict=True)
        if at is None or (position == at and is_included) or (position > at if direction == "asc" else position < at)
    ]
    return found if direction == "asc" else found[::-1]
