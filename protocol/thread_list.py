"""Finding threads: lists, searches, and reading one without loading it."""

from typing import Annotated, Any, Literal

from protocol.base import EXPERIMENTAL, U32, Method, Params, Record, Response, TypeAliasType
from protocol.scalars import SortDirection
from protocol.thread import Thread
from protocol.thread_state import ThreadReadState

ThreadListCwdFilter = TypeAliasType("ThreadListCwdFilter", str | list[str])
"""One working directory, or several."""

ThreadSortKey = TypeAliasType("ThreadSortKey", Literal["created_at", "updated_at", "recency_at", "section_position"])
"""What a list is sorted by."""

ThreadSourceKind = TypeAliasType(
    "ThreadSourceKind",
    Literal[
        "cli",
        "vscode",
        "exec",
        "appServer",
        "subAgent",
        "subAgentReview",
        "subAgentCompact",
        "subAgentThreadSpawn",
        "subAgentOther",
        "unknown",
    ],
)
"""What kind of client or helper started a thread."""


class ThreadListParams(Params):
    """Which threads, in which order."""

    include_attached_threads: Annotated[bool, EXPERIMENTAL] = False
    """Whether threads count that are kept with others, when searching."""
    current_account_only: bool = False
    """Whether only those of the account count that is logged in."""
    cursor: str | None = None
    """Where to go on: the `nextCursor` of the page before; null begins at the first page."""
    limit: U32 | None = None
    """The most entries to return; null lets the server choose."""
    excluded_thread_ids: list[str] | None = None
    """Threads to leave out, at most 100; the same on each page. Null: none."""
    sort_key: ThreadSortKey | None = None
    """What to sort by; null: when they were started."""
    sort_direction: SortDirection | None = None
    """Which end comes first; null: the newest."""
    model_providers: list[str] | None = None
    """Their providers; empty: any; null lets the server choose."""
    source_kinds: list[ThreadSourceKind] | None = None
    """What started them; empty or null: people."""
    originators: list[str] | None = None
    """The programs that started them. Refused here unless empty: only hosted servers know."""
    archived: bool | None = None
    """Whether to list those in the archive instead of the others."""
    section_id: str | None = None
    """Their section; null: none; absent: any."""
    project_id: Annotated[str | None, EXPERIMENTAL] = None
    """Their project; null: none; absent: any."""
    cwd: ThreadListCwdFilter | None = None
    """Their working directories; null: any."""
    use_state_db_only: bool = False
    """Whether to trust the index without looking at the files."""
    search_term: str | None = None
    """A part of their title; null: any."""
    parent_thread_id: Annotated[str | None, EXPERIMENTAL] = None
    """The thread that started them; null: any."""
    ancestor_thread_id: Annotated[str | None, EXPERIMENTAL] = None
    """A thread that started them or those that did; null: any."""
    attached_to_thread_id: Annotated[str | None, EXPERIMENTAL] = None
    """The thread that they are kept with; null: none."""


class ThreadListResponse(Response):
    """The threads."""

    data: list[Thread]
    """One page of them, without turns."""
    read_states: Annotated[dict[str, ThreadReadState] | None, EXPERIMENTAL] = None
    """What is unread in them, by thread; null when that is not kept."""
    next_cursor: str | None = None
    """What to ask for the next page with; null on the last page."""
    backwards_cursor: str | None = None
    """What to ask with to go the other way; null when the page is empty."""


ThreadSearchSortKey = TypeAliasType("ThreadSearchSortKey", Literal["created_at", "updated_at", "recency_at"])
"""What found threads are sorted by."""


class ThreadSearchParams(Params):
    """What to look for."""

    include_attached_threads: bool = False
    """Whether threads count that are kept with others."""
    current_account_only: bool = False
    """Whether only those of the account count that is logged in."""
    cursor: str | None = None
    """Where to go on: the `nextCursor` of the page before; null begins at the first page."""
    limit: U32 | None = None
    """The most entries to return; null lets the server choose."""
    sort_key: ThreadSearchSortKey | None = None
    """What to sort by; null: when they were started."""
    sort_direction: SortDirection | None = None
    """Which end comes first; null: the newest."""
    source_kinds: list[ThreadSourceKind] | None = None
    """What started them; empty or null: people."""
    archived: bool | None = None
    """Whether to search in the archive instead."""
    search_term: str
    """The words."""


class ThreadSearchResult(Record):
    """A thread that was found."""

    thread: Thread
    """The thread, without turns."""
    snippet: str
    """The words where they were found."""


class ThreadSearchResponse(Response):
    """What was found."""

    data: list[ThreadSearchResult]
    """One page of it."""
    next_cursor: str | None = None
    """What to ask for the next page with; null on the last page."""
    backwards_cursor: str | None = None
    """What to ask with to go the other way; null when the page is empty."""


class ThreadSearchOccurrencesParams(Params):
    """What to look for in one thread."""

    thread_id: str
    """The thread."""
    search_term: str
    """The words, in any case of letters."""
    cursor: str | None = None
    """Where to go on: the `nextCursor` of the page before; null begins at the first page."""
    limit: U32 | None = None
    """The most entries to return; null lets the server choose."""


class ThreadSearchTextRange(Record):
    """A stretch of a snippet, in UTF-16 code units."""

    start: U32
    """Where it begins, counted from 0."""
    end: U32
    """Where it ends; this unit is no longer part of it."""


class ThreadSearchOccurrence(Record):
    """A place where the words are."""

    turn_id: str
    """The turn."""
    item_id: str
    """The item."""
    snippet: str
    """The text around them."""
    snippet_match_range: ThreadSearchTextRange
    """Where in it they are."""
    turn_cursor: str
    """What to ask `thread/turns/list` with to read this turn."""


class ThreadSearchOccurrencesResponse(Response):
    """Where the words are."""

    data: list[ThreadSearchOccurrence]
    """One page of the places, the oldest first."""
    next_cursor: str | None = None
    """What to ask for the next page with; null on the last page."""


class ThreadLoadedListParams(Params):
    """Which page of the loaded threads."""

    cursor: str | None = None
    """Where to go on: the `nextCursor` of the page before; null begins at the first page."""
    limit: U32 | None = None
    """The most entries to return; null lets the server choose."""


class ThreadLoadedListResponse(Response):
    """The loaded threads."""

    data: list[str]
    """One page of their ids."""
    next_cursor: str | None = None
    """What to ask for the next page with; null on the last page."""


class ThreadReadParams(Params):
    """Which thread to read; it is not loaded."""

    thread_id: str
    """The thread."""
    include_turns: bool = False
    """Whether to answer with its turns too."""


class ThreadReadResponse(Response):
    """The thread."""

    thread: Thread
    """The thread."""
    read_state: Annotated[ThreadReadState | None, EXPERIMENTAL] = None
    """What is unread in it; null when that is not kept."""


THREAD_LIST = Method("thread/list", ThreadListParams, ThreadListResponse)
THREAD_SEARCH = Method("thread/search", ThreadSearchParams, ThreadSearchResponse)
THREAD_SEARCH_OCCURRENCES = Method("thread/searchOccurrences", ThreadSearchOccurrencesParams, ThreadSearchOccurrencesResponse)
THREAD_LOADED_LIST = Method("thread/loaded/list", ThreadLoadedListParams, ThreadLoadedListResponse)
THREAD_READ = Method("thread/read", ThreadReadParams, ThreadReadResponse)

METHODS: tuple[Method[Any, Any], ...] = (THREAD_LIST, THREAD_SEARCH, THREAD_SEARCH_OCCURRENCES, THREAD_LOADED_LIST, THREAD_READ)
