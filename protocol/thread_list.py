"""The thread list family of the wire contract."""

from typing import Annotated, Any, Literal

from protocol.base import EXPERIMENTAL, U32, Method, Params, Record, Response, TypeAliasType
from protocol.scalars import SortDirection
from protocol.thread import Thread
from protocol.thread_state import ThreadReadState

ThreadListCwdFilter = TypeAliasType("ThreadListCwdFilter", str | list[str])
"""Thread list cwd filter."""

ThreadSortKey = TypeAliasType("ThreadSortKey", Literal["created_at", "updated_at", "recency_at", "section_position"])
"""Thread sort key."""

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
"""Thread source kind."""


class ThreadListParams(Params):
    """What `thread/list` asks with."""

    include_attached_threads: Annotated[bool, EXPERIMENTAL] = False
    current_account_only: bool = False
    cursor: str | None = None
    limit: U32 | None = None
    excluded_thread_ids: list[str] | None = None
    sort_key: ThreadSortKey | None = None
    sort_direction: SortDirection | None = None
    model_providers: list[str] | None = None
    source_kinds: list[ThreadSourceKind] | None = None
    originators: list[str] | None = None
    archived: bool | None = None
    section_id: str | None = None
    project_id: Annotated[str | None, EXPERIMENTAL] = None
    cwd: ThreadListCwdFilter | None = None
    use_state_db_only: bool = False
    search_term: str | None = None
    parent_thread_id: Annotated[str | None, EXPERIMENTAL] = None
    ancestor_thread_id: Annotated[str | None, EXPERIMENTAL] = None
    attached_to_thread_id: Annotated[str | None, EXPERIMENTAL] = None


class ThreadListResponse(Response):
    """What `thread/list` is answered with."""

    data: list[Thread]
    read_states: Annotated[dict[str, ThreadReadState] | None, EXPERIMENTAL] = None
    next_cursor: str | None = None
    backwards_cursor: str | None = None


ThreadSearchSortKey = TypeAliasType("ThreadSearchSortKey", Literal["created_at", "updated_at", "recency_at"])
"""Thread search sort key."""


class ThreadSearchParams(Params):
    """What `thread/search` asks with."""

    include_attached_threads: bool = False
    current_account_only: bool = False
    cursor: str | None = None
    limit: U32 | None = None
    sort_key: ThreadSearchSortKey | None = None
    sort_direction: SortDirection | None = None
    source_kinds: list[ThreadSourceKind] | None = None
    archived: bool | None = None
    search_term: str


class ThreadSearchResult(Record):
    """Thread search result."""

    thread: Thread
    snippet: str


class ThreadSearchResponse(Response):
    """What `thread/search` is answered with."""

    data: list[ThreadSearchResult]
    next_cursor: str | None = None
    backwards_cursor: str | None = None


class ThreadSearchOccurrencesParams(Params):
    """What `thread/searchOccurrences` asks with."""

    thread_id: str
    search_term: str
    cursor: str | None = None
    limit: U32 | None = None


class ThreadSearchTextRange(Record):
    """Thread search text range."""

    start: U32
    end: U32


class ThreadSearchOccurrence(Record):
    """Thread search occurrence."""

    turn_id: str
    item_id: str
    snippet: str
    snippet_match_range: ThreadSearchTextRange
    turn_cursor: str


class ThreadSearchOccurrencesResponse(Response):
    """What `thread/searchOccurrences` is answered with."""

    data: list[ThreadSearchOccurrence]
    next_cursor: str | None = None


class ThreadLoadedListParams(Params):
    """What `thread/loaded/list` asks with."""

    cursor: str | None = None
    limit: U32 | None = None


class ThreadLoadedListResponse(Response):
    """What `thread/loaded/list` is answered with."""

    data: list[str]
    next_cursor: str | None = None


class ThreadReadParams(Params):
    """What `thread/read` asks with."""

    thread_id: str
    include_turns: bool = False


class ThreadReadResponse(Response):
    """What `thread/read` is answered with."""

    thread: Thread
    read_state: Annotated[ThreadReadState | None, EXPERIMENTAL] = None


THREAD_LIST = Method("thread/list", ThreadListParams, ThreadListResponse)
THREAD_SEARCH = Method("thread/search", ThreadSearchParams, ThreadSearchResponse)
THREAD_SEARCH_OCCURRENCES = Method("thread/searchOccurrences", ThreadSearchOccurrencesParams, ThreadSearchOccurrencesResponse)
THREAD_LOADED_LIST = Method("thread/loaded/list", ThreadLoadedListParams, ThreadLoadedListResponse)
THREAD_READ = Method("thread/read", ThreadReadParams, ThreadReadResponse)

METHODS: tuple[Method[Any, Any], ...] = (THREAD_LIST, THREAD_SEARCH, THREAD_SEARCH_OCCURRENCES, THREAD_LOADED_LIST, THREAD_READ)
