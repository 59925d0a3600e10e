"""What a list of threads is asked for, and the places in it that cursors name. Source: spec/threads.md section 6."""

from datetime import datetime
from typing import Literal

from app_server.core.frozen import frozen
from app_server.core.paging import InvalidCursor
from app_server.core.store.encoding import milliseconds
from app_server.core.store.facts import Facts
from app_server.core.store.source_kinds import INTERACTIVE

SortKey = Literal["created_at", "updated_at", "recency_at"]


@frozen
class Query:
    """What is asked for. A filter that is None lets everything pass."""

    sort_key: SortKey = "created_at"
    is_ascending: bool = False
    cursor: str | None = None
    limit: int = 25
    is_archived: bool = False
    model_providers: frozenset[str] | None = None
    source_kinds: frozenset[str] = INTERACTIVE
    cwds: frozenset[str] | None = None
    search_term: str = ""
    excluded: frozenset[str] = frozenset()
    within: frozenset[str] | None = None
    has_unspoken: bool = False
    """Whether threads count in which the user has said nothing; among archived ones they always do."""
    parent_id: str | None = None
    ancestor_id: str | None = None
    attached_to_id: str | None = None
    has_attached: bool = False


@frozen
class Place:
    """Where a page begins: beyond this moment and, at the same moment, beyond this thread."""

    at_ms: int
    thread_id: str | None


def read_place(cursor: str) -> Place:
    """The place that a cursor names. Raises: InvalidCursor."""
    moment, separator, thread_id = cursor.partition("|")
    at_ms = milliseconds(moment) if "T" in moment and is_zoned(moment) else None
    if at_ms is None:
        raise InvalidCursor(cursor)
    return Place(at_ms, thread_id if separator else None)


def is_zoned(moment: str) -> bool:
    """Whether a timestamp names its zone."""
    try:
        return datetime.fromisoformat(moment).tzinfo is not None
    except ValueError:
        return False


def key_of(facts: Facts, key: SortKey) -> int:
    """By what a thread is sorted, in milliseconds."""
    if key == "created_at":
        return facts.created_ms
    return facts.updated_ms if key == "updated_at" else facts.recency_ms
