"""Finding files by a few letters of their path: once, or in a session that follows the typing."""

from typing import Any, ClassVar, Literal

from protocol.base import U32, Method, Notification, Params, Response, SnakeRecord, TypeAliasType


class FuzzyFileSearchParams(Params):
    """What to look for, and where."""

    query: str
    """The letters; spaces part several that must all match."""
    roots: list[str]
    """The directories to look in."""
    cancellation_token: str | None = None
    """A newer search with the same token ends this one; null: none does."""


FuzzyFileSearchMatchType = TypeAliasType("FuzzyFileSearchMatchType", Literal["file", "directory"])
"""What was found."""


class FuzzyFileSearchResult(SnakeRecord):
    """Something that was found."""

    root: str
    """The directory it was found under, as the client wrote it."""
    path: str
    """Its path from there."""
    match_type: FuzzyFileSearchMatchType
    """What it is."""
    file_name: str
    """Its name."""
    score: U32
    """How well it matches; more is better."""
    indices: list[U32] | None = None
    """The letters of the path that match, counted from 0."""


class FuzzyFileSearchResponse(Response):
    """What was found."""

    files: list[FuzzyFileSearchResult]
    """The best matches first."""


class FuzzyFileSearchSessionStartParams(Params):
    """A session to begin."""

    session_id: str
    """What the client calls it."""
    roots: list[str]
    """The directories to look in."""


class FuzzyFileSearchSessionStartResponse(Response):
    """It has begun."""


class FuzzyFileSearchSessionUpdateParams(Params):
    """What to look for now."""

    session_id: str
    """The session."""
    query: str
    """The letters."""


class FuzzyFileSearchSessionUpdateResponse(Response):
    """The search goes on."""


class FuzzyFileSearchSessionStopParams(Params):
    """A session to end."""

    session_id: str
    """The session."""


class FuzzyFileSearchSessionStopResponse(Response):
    """It is ended."""


class FuzzyFileSearchSessionUpdatedNotification(Notification):
    """What was found so far."""

    method: ClassVar[str] = "fuzzyFileSearch/sessionUpdated"

    session_id: str
    """The session."""
    query: str
    """What it was found for."""
    files: list[FuzzyFileSearchResult]
    """The best matches first."""


class FuzzyFileSearchSessionCompletedNotification(Notification):
    """Everything was looked at."""

    method: ClassVar[str] = "fuzzyFileSearch/sessionCompleted"

    session_id: str
    """The session."""


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
