"""The thread history family of the wire contract."""

from typing import Annotated, Any, Literal

from pydantic import Field

from protocol.base import (
    EXPERIMENTAL,
    I64,
    OMIT_EMPTY,
    U32,
    U64,
    Method,
    Params,
    Record,
    Response,
    SnakeVariant,
    TypeAliasType,
    Variant,
)
from protocol.item import ThreadItem
from protocol.realtime_item import ThreadRealtimeItem
from protocol.scalars import SortDirection
from protocol.turn import Turn, TurnError, TurnItemsView, TurnStatus


class ThreadTurnsListParams(Params):
    """What `thread/turns/list` asks with."""

    thread_id: str
    cursor: str | None = None
    limit: U32 | None = None
    sort_direction: SortDirection | None = None
    items_view: TurnItemsView | None = None


class ThreadTurnsListResponse(Response):
    """What `thread/turns/list` is answered with."""

    data: list[Turn]
    next_cursor: str | None = None
    backwards_cursor: str | None = None


class ItemThreadItemsListAnchor(Variant):
    """Item thread items list anchor."""

    type: Literal["item"] = "item"
    item_id: str


ThreadItemsListAnchor = TypeAliasType("ThreadItemsListAnchor", ItemThreadItemsListAnchor)
"""Thread items list anchor."""

ThreadItemsListCursor = TypeAliasType("ThreadItemsListCursor", str | ThreadItemsListAnchor)
"""Thread items list cursor."""


class ThreadItemOutputDeferral(Record):
    """Thread item output deferral."""

    command_execution: Annotated[bool, EXPERIMENTAL] = False
    mcp_tool_call: Annotated[bool, EXPERIMENTAL] = False


class ThreadItemsListParams(Params):
    """What `thread/items/list` asks with."""

    thread_id: str
    turn_id: str | None = None
    cursor: ThreadItemsListCursor | None = None
    limit: U32 | None = None
    sort_direction: SortDirection | None = None
    defer_output: ThreadItemOutputDeferral | None = None


class ThreadItemEntry(Record):
    """Thread item entry."""

    turn_id: str
    item: ThreadItem
    output_deferred: Annotated[bool, EXPERIMENTAL, OMIT_EMPTY] = False
    started_at_ms: I64 | None = None
    completed_at_ms: I64 | None = None


class ThreadItemsListResponse(Response):
    """What `thread/items/list` is answered with."""

    data: list[ThreadItemEntry]
    next_cursor: str | None = None
    backwards_cursor: str | None = None


class ThreadItemsReadParams(Params):
    """What `thread/items/read` asks with."""

    thread_id: str
    turn_id: str
    item_ids: list[str]


class ThreadItemsReadResponse(Response):
    """What `thread/items/read` is answered with."""

    data: list[ThreadItemEntry]


class ThreadTimelineListParams(Params):
    """What `thread/timeline/list` asks with."""

    thread_id: str
    cursor: str | None = None
    limit: U32 | None = None


class ItemTimelineEntry(Variant):
    """Item timeline entry."""

    type: Literal["item"] = "item"
    position: U64
    turn_id: str
    item: ThreadItem


class RealtimeTimelineEntry(Variant):
    """Realtime timeline entry."""

    type: Literal["realtime"] = "realtime"
    position: U64
    item: ThreadRealtimeItem


class TurnStartedTimelineEntry(SnakeVariant):
    """Turn started timeline entry."""

    type: Literal["turnStarted"] = "turnStarted"
    position: U64
    started_at: I64 | None = None
    turn_id: str


class TurnCompletedTimelineEntry(SnakeVariant):
    """Turn completed timeline entry."""

    type: Literal["turnCompleted"] = "turnCompleted"
    position: U64
    status: TurnStatus
    error: TurnError | None = None
    completed_at: I64 | None = None
    duration_ms: I64 | None = None
    started_at: I64 | None = None
    turn_id: str


ThreadTimelineEntry = TypeAliasType(
    "ThreadTimelineEntry",
    Annotated[
        ItemTimelineEntry | RealtimeTimelineEntry | TurnStartedTimelineEntry | TurnCompletedTimelineEntry,
        Field(discriminator="type"),
    ],
)
"""Thread timeline entry."""


class ThreadTimelineListResponse(Response):
    """What `thread/timeline/list` is answered with."""

    data: list[ThreadTimelineEntry]
    next_cursor: str | None = None
    active_realtime_session_at_page_start: str | None = None


THREAD_TURNS_LIST = Method("thread/turns/list", ThreadTurnsListParams, ThreadTurnsListResponse)
THREAD_ITEMS_LIST = Method("thread/items/list", ThreadItemsListParams, ThreadItemsListResponse)
THREAD_ITEMS_READ = Method("thread/items/read", ThreadItemsReadParams, ThreadItemsReadResponse)
THREAD_TIMELINE_LIST = Method("thread/timeline/list", ThreadTimelineListParams, ThreadTimelineListResponse)

METHODS: tuple[Method[Any, Any], ...] = (THREAD_TURNS_LIST, THREAD_ITEMS_LIST, THREAD_ITEMS_READ, THREAD_TIMELINE_LIST)
