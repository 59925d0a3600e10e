"""Lists of threads out of the index: a query in the words of SQL. It finds what `listing` finds in the files."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from app_server.core.list_query import Place, Query, SortKey, key_of
from app_server.core.store.encoding import encode, without_surrogates
from app_server.core.store.facts import Facts
from app_server.core.store.index import CURRENT, LISTED, Index

COLUMNS: Mapping[SortKey, str] = {"created_at": "created_ms", "updated_at": "updated_ms", "recency_at": "recency_ms"}


class Conditions:
    """What rows must meet, and the values in it."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.values: list[Any] = []

    def add(self, text: str, *values: Any) -> None:
        """Rows must meet this as well; `{0}` stands for the first value, `{1}` for the second."""
        first = len(self.values) + 1
        self.values += [without_surrogates(value) for value in values]
        self.texts.append(text.format(*(f"?{first + number}" for number in range(len(values)))))

    def add_any(self, text: str, values: Iterable[str]) -> None:
        """Rows must meet this as well; `{0}` stands for the members of a set."""
        self.add(text.format("(SELECT value FROM json_each({0}))"), encode(sorted(values)).decode())


def from_index(index: Index, query: Query, place: Place | None, names: Mapping[str, str]) -> Iterator[Facts]:
    """The threads of a list, sorted, beyond a place. Raises: IndexUnusable."""
    column, way = COLUMNS[query.sort_key], "ASC" if query.is_ascending else "DESC"
    family = index.descendants(query.ancestor_id, query.is_archived) if query.ancestor_id is not None else None
    size = query.limit + 1
    while True:
        conditions = filters(query, names, family)
        if place is not None:
            add_place(conditions, column, query.is_ascending, place)
        found = index.select(conditions.texts, f"{column} {way}, thread_id {way}", size, *conditions.values)
        yield from found
        if len(found) < size:
            return
        place = Place(key_of(found[-1], query.sort_key), found[-1].head.thread_id)


def filters(query: Query, names: Mapping[str, str], family: Collection[str] | None) -> Conditions:
    """What the query keeps."""
    found = Conditions()
    found.add(CURRENT if query.has_unspoken else LISTED)
    found.add("is_archived = {0}", query.is_archived)
    found.add_any("(kind IN {0} OR helper_kind IN {0})", query.source_kinds)
    if query.model_providers is not None:
        found.add_any("coalesce(model_provider, '') IN {0}", query.model_providers)
    if query.cwds is not None:
        found.add_any("cwd IN {0}", query.cwds)
    if query.excluded:
        found.add_any("thread_id NOT IN {0}", query.excluded)
    if query.within is not None:
        found.add_any("thread_id IN {0}", query.within)
    if query.parent_id is not None:
        found.add("parent_id = {0}", query.parent_id)
    if family is not None:
        found.add_any("thread_id IN {0}", family)
    if query.attached_to_id is not None:
        found.add("attached_to_id = {0}", query.attached_to_id)
    elif not query.has_attached:
        found.add("attached_to_id IS NULL")
    if query.search_term:
        named = encode([each for each, name in names.items() if query.search_term in name]).decode()
        within = "(instr(preview, {0}) OR thread_id IN (SELECT value FROM json_each({1})))"
        found.add(within, query.search_term, named)
    return found


def add_place(conditions: Conditions, column: str, is_ascending: bool, place: Place) -> None:
    """Keep what comes after a place."""
    sign = ">" if is_ascending else "<"
    if place.thread_id is None:
        conditions.add(f"{column} {sign} {{0}}", place.at_ms)
    else:
        conditions.add(f"({column}, thread_id) {sign} ({{0}}, {{1}})", place.at_ms, place.thread_id)
