"""The history of a thread, page by page: turns, items, or everything in one line."""

from typing import Annotated, Any, Literal

from pydantic import Field

from protocol.base import (
    EXPERIMENTAL,
    I64,
    OMIT_EMPTY,
    SNAKE_IN_SCHEMA,
    U32,
    U64,
    Method,
    Params,
    Record,
    Response,
    TypeAliasType,
    Variant,
)
from protocol.item import ThreadItem
from protocol.realtime_item import ThreadRealtimeItem
from protocol.scalars import SortDirection
from protocol.turn import Turn, TurnError, TurnItemsView, TurnStatus


class ThreadTurnsListParams(Params):
    """Which page of the turns."""

    thread_id: str
    """The thread."""
    cursor: str | None = None
    """Where to go on: the `nextCursor` of the page before; null begins at the first page."""
    limit: U32 | None = None
    """The most entries to return; null lets the server choose."""
    sort_direction: SortDirection | None = None
    """Which end comes first; null: the newest."""
    items_view: TurnItemsView | None = None
    """How much of each turn; null: an overview."""


class ThreadTurnsListResponse(Response):
    """The turns."""

    data: list[Turn]
    """One page of them."""
    next_cursor: str | None = None
    """What to ask for the next page with; null on the last page."""
    backwards_cursor: str | None = None
    """What to ask with to go the other way; null when the page is empty."""


class ItemThreadItemsListAnchor(Variant):
    """Beside an item, without it."""

    type: Literal["item"] = "item"
    """The tag of this alternative."""
    item_id: str
    """The item, which must be one of the turn asked for."""


ThreadItemsListAnchor = TypeAliasType("ThreadItemsListAnchor", ItemThreadItemsListAnchor)
"""A place in a list of items."""

ThreadItemsListCursor = TypeAliasType("ThreadItemsListCursor", str | ThreadItemsListAnchor)
"""Where to go on: a cursor of the page before, or a place."""


class ThreadItemOutputDeferral(Record):
    """Which outputs to leave out, to be read later."""

    command_execution: Annotated[bool, EXPERIMENTAL] = False
    """Those of commands that succeeded."""
    mcp_tool_call: Annotated[bool, EXPERIMENTAL] = False
    """Those of MCP tools that succeeded."""


class ThreadItemsListParams(Params):
    """Which page of the items."""

    thread_id: str
    """The thread."""
    turn_id: str | None = None
    """The turn; null: all."""
    cursor: ThreadItemsListCursor | None = None
    """Where to go on; null begins at the first page."""
    limit: U32 | None = None
    """The most entries to return; null lets the server choose."""
    sort_direction: SortDirection | None = None
    """Which end comes first; null: the oldest."""
    defer_output: ThreadItemOutputDeferral | None = None
    """Which outputs to leave out; null: none."""


class ThreadItemEntry(Record):
    """An item in its turn."""

    turn_id: str
    """The turn."""
    item: ThreadItem
    """The item."""
    output_deferred: Annotated[bool, EXPERIMENTAL, OMIT_EMPTY] = False
    """Whether its output was left out; not written when false."""
    started_at_ms: I64 | None = None
    """When it began, in Unix milliseconds; null when not recorded."""
    completed_at_ms: I64 | None = None
    """When it was done, in Unix milliseconds; null when not recorded."""


class ThreadItemsListResponse(Response):
    """The items."""

    data: list[ThreadItemEntry]
    """One page of them."""
    next_cursor: str | None = None
    """What to ask for the next page with; null on the last page."""
    backwards_cursor: str | None = None
    """What to ask with to go the other way; null when the page is empty."""


class ThreadItemsReadParams(Params):
    """Which items to read."""

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    item_ids: list[str]
    """From 1 to 100 of them."""


class ThreadItemsReadResponse(Response):
    """The items."""

    data: list[ThreadItemEntry]
    """In the order of the history."""


class ThreadTimelineListParams(Params):
    """Which page of the history."""

    thread_id: str
    """The thread."""
    cursor: str | None = None
    """Where to go on: the `nextCursor` of the page before; null begins at the first page."""
    limit: U32 | None = None
    """The most entries to return; null lets the server choose."""


class ItemTimelineEntry(Variant):
    """An item."""

    type: Literal["item"] = "item"
    """The tag of this alternative."""
    position: U64
    """Its place in the history."""
    turn_id: str
    """The turn."""
    item: ThreadItem
    """The item."""


class RealtimeTimelineEntry(Variant):
    """Something of a realtime session."""

    type: Literal["realtime"] = "realtime"
    """The tag of this alternative."""
    position: U64
    """Its place in the history."""
    item: ThreadRealtimeItem
    """What it is."""


class TurnStartedTimelineEntry(Variant):
    """A turn began."""

    type: Literal["turnStarted"] = "turnStarted"
    """The tag of this alternative."""
    position: U64
    """Its place in the history."""
    started_at: Annotated[I64 | None, SNAKE_IN_SCHEMA] = None
    """When, in Unix seconds; null when not recorded."""
    turn_id: Annotated[str, SNAKE_IN_SCHEMA]
    """The turn."""


class TurnCompletedTimelineEntry(Variant):
    """A turn ended."""

    type: Literal["turnCompleted"] = "turnCompleted"
    """The tag of this alternative."""
    position: U64
    """Its place in the history."""
    status: TurnStatus
    """How."""
    error: TurnError | None = None
    """Why it failed; null otherwise."""
    completed_at: Annotated[I64 | None, SNAKE_IN_SCHEMA] = None
    """When, in Unix seconds; null when not recorded."""
    duration_ms: Annotated[I64 | None, SNAKE_IN_SCHEMA] = None
    """How long it took; null when unknown."""
    started_at: Annotated[I64 | None, SNAKE_IN_SCHEMA] = None
    """When it began, in Unix seconds; null when not recorded."""
    turn_id: Annotated[str, SNAKE_IN_SCHEMA]
    """The turn."""


ThreadTimelineEntry = TypeAliasType(
    "ThreadTimelineEntry",
    Annotated[
        ItemTimelineEntry | RealtimeTimelineEntry | TurnStartedTimelineEntry | TurnCompletedTimelineEntry,
        Field(discriminator="type"),
    ],
)
"""An entry of the history."""


class ThreadTimelineListResponse(Response):
    """The history."""

    data: list[ThreadTimelineEntry]
    """One page of it, the oldest first."""
    next_cursor: str | None = None
    """What to ask for the next page with; null on the last page."""
    active_realtime_session_at_page_start: str | None = None
    """The realtime session that ran when the page begins; null: none."""


THREAD_TURNS_LIST = Method("thread/turns/list", ThreadTurnsListParams, ThreadTurnsListResponse)
THREAD_ITEMS_LIST = Method("thread/items/list", ThreadItemsListParams, ThreadItemsListResponse)
THREAD_ITEMS_READ = Method("thread/items/read", ThreadItemsReadParams, ThreadItemsReadResponse)
THREAD_TIMELINE_LIST = Method("thread/timeline/list", ThreadTimelineListParams, ThreadTimelineListResponse)

METHODS: tuple[Method[Any, Any], ...] = (THREAD_TURNS_LIST, THREAD_ITEMS_LIST, THREAD_ITEMS_READ, THREAD_TIMELINE_LIST)
