"""The search family of the wire contract."""

from typing import Any, ClassVar, Literal

from protocol.base import U32, Method, Notification, Params, Response, SnakeRecord, TypeAliasType


class FuzzyFileSearchParams(Params):
    """What `fuzzyFileSearch` asks with."""

    query: str
    roots: list[str]
    cancellation_token: str | None = None


FuzzyFileSearchMatchType = TypeAliasType("FuzzyFileSearchMatchType", Literal["file", "directory"])
"""Fuzzy file search match type."""


class FuzzyFileSearchResult(SnakeRecord):
    """Fuzzy file search result."""

    root: str
    path: str
    match_type: FuzzyFileSearchMatchType
    file_name: str
    score: U32
    indices: list[U32] | None = None


class FuzzyFileSearchResponse(Response):
    """What `fuzzyFileSearch` is answered with."""

    files: list[FuzzyFileSearchResult]


class FuzzyFileSearchSessionStartParams(Params):
    """What `fuzzyFileSearch/sessionStart` asks with."""

    session_id: str
    roots: list[str]


class FuzzyFileSearchSessionStartResponse(Response):
    """What `fuzzyFileSearch/sessionStart` is answered with."""


class FuzzyFileSearchSessionUpdateParams(Params):
    """What `fuzzyFileSearch/sessionUpdate` asks with."""

    session_id: str
    query: str


class FuzzyFileSearchSessionUpdateResponse(Response):
    """What `fuzzyFileSearch/sessionUpdate` is answered with."""


class FuzzyFileSearchSessionStopParams(Params):
    """What `fuzzyFileSearch/sessionStop` asks with."""

    session_id: str


class FuzzyFileSearchSessionStopResponse(Response):
    """What `fuzzyFileSearch/sessionStop` is answered with."""


class FuzzyFileSearchSessionUpdatedNotification(Notification):
    """Announced as `fuzzyFileSearch/sessionUpdated`."""

    method: ClassVar[str] = "fuzzyFileSearch/sessionUpdated"

    session_id: str
    query: str
    files: list[FuzzyFileSearchResult]


class FuzzyFileSearchSessionCompletedNotification(Notification):
    """Announced as `fuzzyFileSearch/sessionCompleted`."""

    method: ClassVar[str] = "fuzzyFileSearch/sessionCompleted"

    session_id: str


FUZZY_FILE_SEARCH = Method("fuzzyFileSearch", FuzzyFileSearchParams, FuzzyFileSearchResponse)
FUZZY_FILE_SEARCH_SESSION_START = Method(
    "fuzzyFileSearch/sessionStart", FuzzyFileSearchSessionStartParams, FuzzyFileSearchSessionStartResponse
)
FUZZY_FILE_SEARCH_SESSION_UPDATE = Method(
    "fuzzyFileSearch/sessionUpdate", FuzzyFileSearchSessionUpdateParams, FuzzyFileSearchSessionUpdateResponse
)
FUZZY_FILE_SEARCH_SESSION_STOP = Method(
    "fuzzyFileSearch/sessionStop", FuzzyFileSearchSessionStopParams, FuzzyFileSearchSessionStopResponse
)

METHODS: tuple[Method[Any, Any], ...] = (
    FUZZY_FILE_SEARCH,
    FUZZY_FILE_SEARCH_SESSION_START,
    FUZZY_FILE_SEARCH_SESSION_UPDATE,
    FUZZY_FILE_SEARCH_SESSION_STOP,
)
NOTIFICATIONS: tuple[type[Notification], ...] = (
    FuzzyFileSearchSessionUpdatedNotification,
    FuzzyFileSearchSessionCompletedNotification,
)
