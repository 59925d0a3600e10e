"""Looking for words in what users and models have said, in all threads or in one.

Letters count the same in either case. Only lines in which the words can be at all are parsed. All of it blocks: call it in a
worker thread. Source: spec/threads.md section 5.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from app_server.core.catalogue import Catalogue
from app_server.core.errors import CallerError
from app_server.core.frozen import frozen
from app_server.core.list_query import Query
from app_server.core.listing import ListPage, list_threads
from app_server.core.paging import InvalidCursor, turn_cursor
from app_server.core.store.errors import StoreError
from app_server.core.store.facts import Facts, user_words
from app_server.core.store.fields import table, text
from app_server.core.store.reader import Line, read_forward
from app_server.core.store.turns import StoredTurn
from app_server.core.store.user_state import UserState

SAID = frozenset({"item_completed", "user_message", "agent_message"})
BEFORE, AFTER = 49, 96
"""How many characters of context stand before and after what was found."""


@frozen
class Found:
    """Threads in which the words are, and where they are first in each."""

    page: ListPage
    snippets: list[str]


@frozen
class Occurrence:
    """One place where the words are; `start` and `end` count characters in the snippet."""

    turn_id: str
    item_id: str
    snippet: str
    start: int
    end: int
    turn_cursor: str


def search_threads(catalogue: Catalogue, user_state: UserState, query: Query, term: str) -> Found:
    """A page of threads in which the words are. Raises: InvalidCursor, CallerError (no words)."""
    term = term.strip()
    if not term:
        raise CallerError("thread/search requires a non-empty searchTerm", reason="empty", data={"field": "searchTerm"})
    snippets: dict[Path, str] = {}

    def has_words(facts: Facts) -> bool:
        snippet = first_snippet(facts.path, term)
        if snippet is not None:
            snippets[facts.path] = snippet
        return snippet is not None

    page = list_threads(catalogue, user_state, query, has_words)
    return Found(page, [snippets[row.facts.path] for row in page.rows])


def first_snippet(path: Path, term: str) -> str | None:
    """Where the words stand first in a file, with their context; None if they don't."""
    wanted = term.lower()
    try:
        for line in read_forward(path, names=SAID):
            said = words(line)
            at = said.lower().find(wanted)
            if at >= 0:
                before, shown, after = context(said, at, at + len(term))
                return f"{before}{shown.rstrip() if after else shown}{after}"
    except StoreError:
        return None
    return None


def words(line: Line) -> str:
    """What a user or a model said in a line; of other lines, nothing."""
    if line.name == "agent_message":
        return text(line.payload, "message") or ""
    item = table(line.payload, "item")
    if item.get("type") == "AgentMessage":
        content = item.get("content")
        parts = content if isinstance(content, list) else []
        return "".join(str(part.get("text", "")) for part in parts if isinstance(part, dict))
    return user_words(line)


def context(said: str, start: int, end: int) -> tuple[str, str, str]:
    """What stands before the words, the words with what comes after, and the sign that there is more."""
    before = said[max(start - BEFORE, 0) : start]
    after = said[end : end + AFTER]
    return (
        ("... " if start > BEFORE else "") + before,
        said[start:end] + after,
        " ..." if len(said) > end + AFTER else "",
    )


def occurrences(
    thread_id: str, turns: Sequence[StoredTurn], term: str, cursor: str | None, limit: int
) -> tuple[list[Occurrence], str | None]:
    """A page of the places in a thread where the words are, and the cursor of the next. Raises: InvalidCursor."""
    first = read_occurrence(cursor, thread_id, term) if cursor is not None else (0, 0)
    found: list[Occurrence] = []
    for turn, position, item_id, said in sayings(turns):
        for index, at in enumerate(places(said, term)):
            if (position, index) < first:
                continue
            if len(found) == limit:
                return found, write_occurrence(thread_id, term, position, index)
            before, shown, after = context(said, at, at + len(term))
            mark = turn_cursor(thread_id, turn, is_numbered=True, is_included=True)
            start = len(before)
            found.append(Occurrence(turn.id, item_id, before + shown + after, start, start + len(term), mark))
    return found, None


def sayings(turns: Sequence[StoredTurn]) -> Iterator[tuple[StoredTurn, int, str, str]]:
    """Everything that was said, in order: the turn, the place of the item, its id, the words."""
    for turn in turns:
        for stored in turn.items:
            said = item_words(stored.item)
            if said:
                yield turn, stored.position, stored.item.id, said


def item_words(item: Any) -> str:
    """What a user or a model said in an item."""
    if item.type == "agentMessage":
        return str(item.text)
    if item.type == "userMessage":
        return "\n".join(part.text for part in item.content if part.type == "text")
    return ""


def places(said: str, term: str) -> Iterator[int]:
    """Where words begin in a text."""
    lowered, wanted = said.lower(), term.lower()
    at = lowered.find(wanted)
    while at >= 0:
        yield at
        at = lowered.find(wanted, at + len(wanted))


def write_occurrence(thread_id: str, term: str, position: int, index: int) -> str:
    """The cursor of an occurrence."""
    members = {"threadId": thread_id, "searchTerm": term, "nextRolloutOrdinal": position, "nextOccurrenceIndex": index}
    return json.dumps(members, separators=(",", ":"))


def read_occurrence(cursor: str, thread_id: str, term: str) -> tuple[int, int]:
    """The place that a cursor names. Raises: InvalidCursor."""
    try:
        data = json.loads(cursor)
        place = data["nextRolloutOrdinal"], data["nextOccurrenceIndex"]
        is_same = data["threadId"] == thread_id and data["searchTerm"] == term
    except (ValueError, KeyError, TypeError):
        raise InvalidCursor(cursor) from None
    if not is_same or not all(type(number) is int for number in place):
        raise InvalidCursor(cursor)
    return place
