"""Lists of stored threads: which of them, in what order, page by page.

They come from the index, or as long as there is none from the files. Reading what a list shows of a thread costs more than
finding its file, so files are looked at in the order of what their names and times promise, and no further than a page
needs. All of it blocks: call it in a worker thread.
Source: spec/threads.md section 6. Differs: the cursor for going back always brings the page's first thread again.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app_server.core.catalogue import Candidate, Catalogue
from app_server.core.frozen import frozen
from app_server.core.indexed_listing import from_index
from app_server.core.list_query import Place, Query, SortKey, key_of, read_place
from app_server.core.store.encoding import timestamp
from app_server.core.store.facts import Facts
from app_server.core.store.index import IndexUnusable
from app_server.core.store.places import Place as Shelf
from app_server.core.store.source_kinds import kinds
from app_server.core.store.user_state import Corrections, ReadState, UserState

SECOND_MS = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """One thread of a list."""

    facts: Facts
    name: str | None
    read_state: ReadState
    corrections: Corrections
    place: Shelf


@frozen
class ListPage:
    """Some threads, and the cursors for going on and for going back."""

    rows: list[Row]
    next_cursor: str | None
    backwards_cursor: str | None


def list_threads(
    catalogue: Catalogue, user_state: UserState, query: Query, keeps: Callable[[Facts], bool] = lambda _: True
) -> ListPage:
    """A page of threads, of those that `keeps` wants to keep. Raises: InvalidCursor."""
    place = read_place(query.cursor) if query.cursor is not None else None
    names = catalogue.names()
    try:
        index = catalogue.index()
        if index is not None:
            return page_of(filter(keeps, from_index(index, query, place, names)), user_state, query, names)
    except IndexUnusable:
        pass  # the files tell it too
    with catalogue.listing_files():
        return page_of(filter(keeps, from_files(catalogue, query, place, names)), user_state, query, names)


def from_files(catalogue: Catalogue, query: Query, place: Place | None, names: Mapping[str, str]) -> Iterator[Facts]:
    """The threads of a list, sorted, beyond a place, as the files say."""
    family = descendants(catalogue, query.ancestor_id, query.is_archived) if query.ancestor_id is not None else None
    for facts in in_order(catalogue, query, place):
        if is_wanted(facts, query, names) and (family is None or facts.head.thread_id in family):
            yield facts


def page_of(found: Iterable[Facts], user_state: UserState, query: Query, names: Mapping[str, str]) -> ListPage:
    """The page that begins with the first of these threads, which come in the order of the query."""
    page: list[Facts] = []
    has_more = False
    for facts in found:
        if len(page) == query.limit:
            has_more = True
            break
        page.append(facts)
    rows = rows_of(page, user_state, names)
    if not rows:
        return ListPage([], None, None)
    first, last = page[0], page[-1]
    next_cursor = f"{timestamp(key_of(last, query.sort_key))}|{last.head.thread_id}" if has_more else None
    back_ms = key_of(first, query.sort_key) + (1 if query.is_ascending else -1)
    return ListPage(rows, next_cursor, timestamp(back_ms))


def rows_of(page: list[Facts], user_state: UserState, names: Mapping[str, str]) -> list[Row]:
    """What lists show of threads."""
    ids = [facts.head.thread_id for facts in page]
    states, corrections, places = user_state.read_states(ids), user_state.corrections(ids), user_state.places.of(ids)
    return [
        Row(facts, names.get(each), states[each], corrections[each], places[each]) for facts, each in zip(page, ids, strict=True)
    ]


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
    until_ms = place.at_ms if is_as_found and place is not None else None
    has_changes = query.sort_key != "created_at"
    found = (
        (promised, candidate.file.name.thread_id, candidate)
        for candidate in catalogue.candidates(is_archived=query.is_archived, has_changes=has_changes, until_ms=until_ms)
        for promised, last in [best_and_worst(candidate, query)]
        if is_asked_for(candidate.file.name.thread_id, query) and (place is None or last >= sign * place.at_ms)
    )
    return found if is_as_found else iter(sorted(found, key=lambda each: each[:2]))


def is_asked_for(thread_id: str, query: Query) -> bool:
    """Whether a thread may be in the list, by its id."""
    return thread_id not in query.excluded and (query.within is None or thread_id in query.within)


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
    """Whether a thread passes the filters. Threads in which the user has said nothing are only in lists of archived ones."""
    head = facts.head
    return (
        (query.has_unspoken or query.is_archived or bool(facts.preview))
        and (query.model_providers is None or (facts.model_provider or "") in query.model_providers)
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


def descendants(catalogue: Catalogue, ancestor_id: str, is_archived: bool) -> set[str]:
    """The threads that were started by a thread, by threads that it started, and so on."""
    try:
        index = catalogue.index()
        if index is not None:
            return index.descendants(ancestor_id, is_archived)
    except IndexUnusable:
        pass  # the files tell it too
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
