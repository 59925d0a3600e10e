"""Lists of stored threads: which of them, in what order, page by page.

Reading what a list shows of a thread costs more than finding its file, so files are looked at in the order of what their
names and times promise, and no further than a page needs. All of it blocks: call it in a worker thread.
Source: spec/threads.md section 6. Differs: the cursor for going back always brings the page's first thread again.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from app_server.core.catalogue import Candidate, Catalogue
from app_server.core.frozen import frozen
from app_server.core.paging import InvalidCursor
from app_server.core.store.encoding import milliseconds, timestamp
from app_server.core.store.facts import Facts
from app_server.core.store.user_state import Corrections, ReadState, UserState

SortKey = Literal["created_at", "updated_at", "recency_at"]
INTERACTIVE = frozenset({"cli", "vscode"})
HELPERS = {"review": "subAgentReview", "compact": "subAgentCompact", "thread_spawn": "subAgentThreadSpawn"}
SECOND_MS = 1000


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
    parent_id: str | None = None
    ancestor_id: str | None = None
    attached_to_id: str | None = None
    has_attached: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One thread of a list."""

    facts: Facts
    name: str | None
    read_state: ReadState
    corrections: Corrections


@frozen
class ListPage:
    """Some threads, and the cursors for going on and for going back."""

    rows: list[Row]
    next_cursor: str | None
    backwards_cursor: str | None


@frozen
class Place:
    """Where a page begins: beyond this moment and, at the same moment, beyond this thread."""

    at_ms: int
    thread_id: str | None


def list_threads(catalogue: Catalogue, user_state: UserState, query: Query) -> ListPage:
    """A page of threads. Raises: InvalidCursor."""
    place = read_place(query.cursor) if query.cursor is not None else None
    names = catalogue.names()
    family = descendants(catalogue, query.ancestor_id, query.is_archived) if query.ancestor_id is not None else None
    found = (
        facts
        for facts in in_order(catalogue, query, place)
        if is_wanted(facts, query, names) and (family is None or facts.head.thread_id in family)
    )
    return page_of(found, user_state, query, names)


def page_of(found: Iterable[Facts], user_state: UserState, query: Query, names: Mapping[str, str]) -> ListPage:
    """The page that begins with the first of these threads, which come in the order of the query."""
    page: list[Facts] = []
    has_more = False
    for facts in found:
        if len(page) == query.limit:
            has_more = True
            break
        page.append(facts)
    ids = [facts.head.thread_id for facts in page]
    states, corrections = user_state.read_states(ids), user_state.corrections(ids)
    rows = [Row(facts, names.get(each), states[each], corrections[each]) for facts, each in zip(page, ids, strict=True)]
    if not rows:
        return ListPage([], None, None)
    first, last = page[0], page[-1]
    next_cursor = f"{timestamp(key_of(last, query.sort_key))}|{last.head.thread_id}" if has_more else None
    back_ms = key_of(first, query.sort_key) + (1 if query.is_ascending else -1)
    return ListPage(rows, next_cursor, timestamp(back_ms))


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


def bounds(candidate: Candidate, key: SortKey) -> tuple[int, int]:
    """Between which moments the key of a thread lies that was not read yet."""
    if key == "updated_at":
        return candidate.changed_ms, candidate.changed_ms
    if key == "created_at":
        return candidate.created_ms, candidate.created_ms + SECOND_MS
    return candidate.created_ms, max(candidate.changed_ms, candidate.created_ms + SECOND_MS)


def in_order(catalogue: Catalogue, query: Query, place: Place | None) -> Iterator[Facts]:
    """The threads that the query does not exclude by their ids, sorted, beyond a place."""
    sign = 1 if query.is_ascending else -1
    read: list[tuple[int, Any, Facts]] = []
    for promised, thread_id, candidate in promising(catalogue, query, place):
        while read and read[0][0] < promised:
            yield heapq.heappop(read)[2]
        facts = catalogue.facts(candidate.file.path)
        if facts is None:
            continue
        key = sign * key_of(facts, query.sort_key)
        rank = thread_id if query.is_ascending else Reversed(thread_id)
        if place is None or is_beyond(key, thread_id, place, sign):
            heapq.heappush(read, (key, rank, facts))
    while read:
        yield heapq.heappop(read)[2]


def promising(catalogue: Catalogue, query: Query, place: Place | None) -> Iterator[tuple[int, str, Candidate]]:
    """Threads that were not read yet, with the best that each can be, in that order."""
    sign = 1 if query.is_ascending else -1
    is_as_found = query.sort_key == "created_at" and not query.is_ascending
    found = (
        (promised, candidate.file.name.thread_id, candidate)
        for candidate in catalogue.candidates(is_archived=query.is_archived, has_changes=query.sort_key != "created_at")
        for promised, last in [best_and_worst(candidate, query)]
        if candidate.file.name.thread_id not in query.excluded and (place is None or last >= sign * place.at_ms)
    )
    return found if is_as_found else iter(sorted(found, key=lambda each: each[:2]))


def best_and_worst(candidate: Candidate, query: Query) -> tuple[int, int]:
    """The places in the order that a thread can have: the first and the last."""
    earliest, latest = bounds(candidate, query.sort_key)
    return (earliest, latest) if query.is_ascending else (-latest, -earliest)


class Reversed(str):
    """A text that sorts the other way round."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        return str.__gt__(self, other)


def is_beyond(key: int, thread_id: str, place: Place, sign: int) -> bool:
    """Whether a thread comes after the place."""
    at = sign * place.at_ms
    if key != at or place.thread_id is None:
        return key > at
    return thread_id > place.thread_id if sign > 0 else thread_id < place.thread_id


def is_wanted(facts: Facts, query: Query, names: Mapping[str, str]) -> bool:
    """Whether a thread passes the filters. Threads in which the user has said nothing are in no list."""
    head = facts.head
    return (
        bool(facts.preview)
        and (query.model_providers is None or facts.model_provider in query.model_providers)
        and bool(query.source_kinds & kinds(head.source))
        and (query.cwds is None or head.cwd in query.cwds)
        and (query.parent_id is None or head.parent_thread_id == query.parent_id)
        and is_attached_as_wanted(facts, query)
        and (query.search_term in facts.preview or query.search_term in names.get(head.thread_id, ""))
    )


def is_attached_as_wanted(facts: Facts, query: Query) -> bool:
    """Threads that are attached to another one are shown only where they are asked for."""
    head = facts.head
    if query.attached_to_id is not None:
        return head.is_attached and head.forked_from_id == query.attached_to_id
    return query.has_attached or not head.is_attached


def kinds(source: str | Mapping[str, Any]) -> frozenset[str]:
    """The kinds that a thread's source counts as."""
    if isinstance(source, str):
        return frozenset(
            {"appServer" if source == "mcp" else source if source in ("cli", "vscode", "exec", "appServer") else "unknown"}
        )
    helper = source.get("subagent", source.get("sub_agent"))
    name = next(iter(helper), "") if isinstance(helper, Mapping) else helper
    return frozenset({"subAgent", HELPERS.get(str(name), "subAgentOther")}) if helper is not None else frozenset({"unknown"})


def descendants(catalogue: Catalogue, ancestor_id: str, is_archived: bool) -> set[str]:
    """The threads that were started by a thread, by threads that it started, and so on."""
    children: dict[str, list[str]] = {}
    for candidate in catalogue.candidates(is_archived=is_archived):
        facts = catalogue.facts(candidate.file.path)
        if facts is not None and facts.head.parent_thread_id is not None:
            children.setdefault(facts.head.parent_thread_id, []).append(facts.head.thread_id)
    found: set[str] = set()
    open_ids = [ancestor_id]
    while open_ids:
        for child in children.get(open_ids.pop(), []):
            if child not in found:
                found.add(child)
                open_ids.append(child)
    return found
