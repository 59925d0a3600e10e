"""Sessions of a thread that go on after the tool call that opened them."""

from typing import Any

from protocol.base import U32, U64, Method, Params, Record, Response
from protocol.scalars import LegacyAppPathString


class ThreadBackgroundTerminalsCleanParams(Params):
    """Whose sessions to end."""

    thread_id: str
    """The thread."""


class ThreadBackgroundTerminalsCleanResponse(Response):
    """They are ended."""


class ThreadBackgroundTerminalsListParams(Params):
    """Whose sessions, and which page of them."""

    thread_id: str
    """The thread."""
    cursor: str | None = None
    """Where to go on: the `nextCursor` of the page before; null begins at the first page."""
    limit: U32 | None = None
    """The most entries to return; null lets the server choose."""


class ThreadBackgroundTerminal(Record):
    """A session."""

    item_id: str
    """The item of its command."""
    process_id: str
    """Its id."""
    command: str
    """Its command, as the model wrote it."""
    cwd: LegacyAppPathString
    """Where it runs."""
    os_pid: U32 | None = None
    """Its process id in the operating system; null when unknown."""
    cpu_percent: float | None = None
    """The processor time it takes, in percent; null when unknown."""
    rss_kb: U64 | None = None
    """The memory it takes, in KiB; null when unknown."""


class ThreadBackgroundTerminalsListResponse(Response):
    """The sessions."""

    data: list[ThreadBackgroundTerminal]
    """One page of them."""
    next_cursor: str | None = None
    """What to ask for the next page with; null on the last page."""


class ThreadBackgroundTerminalsTerminateParams(Params):
    """Which session to end."""

    thread_id: str
    """The thread."""
    process_id: str
    """The session."""


class ThreadBackgroundTerminalsTerminateResponse(Response):
    """The result."""

    terminated: bool
    """Whether there was such a session."""


THREAD_BACKGROUND_TERMINALS_CLEAN = Method(
    "thread/backgroundTerminals/clean", ThreadBackgroundTerminalsCleanParams, ThreadBackgroundTerminalsCleanResponse
)
THREAD_BACKGROUND_TERMINALS_LIST = Method(
    "thread/backgroundTerminals/list", ThreadBackgroundTerminalsListParams, ThreadBackgroundTerminalsListResponse
)
THREAD_BACKGROUND_TERMINALS_TERMINATE = Method(
    "thread/backgroundTerminals/terminate", ThreadBackgroundTerminalsTerminateParams, ThreadBackgroundTerminalsTerminateResponse
)

METHODS: tuple[Method[Any, Any], ...] = (
    THREAD_BACKGROUND_TERMINALS_CLEAN,
    THREAD_BACKGROUND_TERMINALS_LIST,
    THREAD_BACKGROUND_TERMINALS_TERMINATE,
)
