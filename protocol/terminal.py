"""The terminal family of the wire contract."""

from typing import Any

from protocol.base import U32, U64, Method, Params, Record, Response
from protocol.scalars import LegacyAppPathString


class ThreadBackgroundTerminalsCleanParams(Params):
    """What `thread/backgroundTerminals/clean` asks with."""

    thread_id: str


class ThreadBackgroundTerminalsCleanResponse(Response):
    """What `thread/backgroundTerminals/clean` is answered with."""


class ThreadBackgroundTerminalsListParams(Params):
    """What `thread/backgroundTerminals/list` asks with."""

    thread_id: str
    cursor: str | None = None
    limit: U32 | None = None


class ThreadBackgroundTerminal(Record):
    """Thread background terminal."""

    item_id: str
    process_id: str
    command: str
    cwd: LegacyAppPathString
    os_pid: U32 | None = None
    cpu_percent: float | None = None
    rss_kb: U64 | None = None


class ThreadBackgroundTerminalsListResponse(Response):
    """What `thread/backgroundTerminals/list` is answered with."""

    data: list[ThreadBackgroundTerminal]
    next_cursor: str | None = None


class ThreadBackgroundTerminalsTerminateParams(Params):
    """What `thread/backgroundTerminals/terminate` asks with."""

    thread_id: str
    process_id: str


class ThreadBackgroundTerminalsTerminateResponse(Response):
    """What `thread/backgroundTerminals/terminate` is answered with."""

    terminated: bool


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
