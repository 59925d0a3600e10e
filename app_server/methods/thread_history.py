"""A thread's past in pages: `thread/turns/list`, `thread/items/list`, `thread/items/read`, `thread/timeline/list`."""

import anyio.to_thread

from app_server.core.errors import INVALID_PARAMS, CallerError
from app_server.core.ids import checked_thread_id
from app_server.core.paging import (
    Anchor,
    InvalidCursor,
    PlacedItem,
    items_page,
    limit_of,
    placed_items,
    read_cursor,
)
from app_server.core.reading import (
    NotSupported,
    Source,
    ThreadNotLoaded,
    all_turns_of,
    find_source,
    paged_segments,
    read_page,
)
from app_server.core.store.realtime_items import realtime_items
from app_server.core.threads import Threads
from app_server.core.timeline import session_before, timeline_page
from app_server.routing import route
from app_server.services import Context
from protocol.thread_history import (
    THREAD_ITEMS_LIST,
    THREAD_ITEMS_READ,
    THREAD_TIMELINE_LIST,
    THREAD_TURNS_LIST,
    ThreadItemEntry,
    ThreadItemsListParams,
    ThreadItemsListResponse,
    ThreadItemsReadParams,
    ThreadItemsReadResponse,
    ThreadTimelineListParams,
    ThreadTimelineListResponse,
    ThreadTurnsListParams,
    ThreadTurnsListResponse,
)

MOST_ITEMS = 100


async def turns(context: Context, params: ThreadTurnsListParams) -> ThreadTurnsListResponse:
    """A page of turns, newest first unless asked otherwise."""
    threads = context.services.threads
    source = await turns_source(threads, params.thread_id)
    page = await read_page(
        threads,
        source,
        params.cursor,
        limit_of(params.limit),
        params.sort_direction or "desc",
        params.items_view or "summary",
    )
    return ThreadTurnsListResponse(**page.members())


async def turns_source(threads: Threads, thread_id: str) -> Source:
    """Where to read the turns of a thread. Raises: CallerError."""
    thread = threads.find(checked_thread_id(thread_id))
    if thread is not None and thread.options.is_ephemeral:
        raise CallerError("ephemeral threads do not support thread/turns/list", reason="thread_ephemeral")
    if thread is not None and not thread.recorder.is_on_disk:
        raise CallerError(
            f"thread {thread.id} is not materialized yet; thread/turns/list is unavailable before first user message",
            reason="thread_not_materialized",
        )
    source = await find_source(threads, thread_id)
    if source is None:
        raise NotSupported("list_turns") if thread is not None else ThreadNotLoaded(thread_id)
    return source


async def items(context: Context, params: ThreadItemsListParams) -> ThreadItemsListResponse:
    """A page of items, oldest first unless asked otherwise."""
    source, segments = await paged_segments(context.services.threads, params.thread_id, context.method)
    cursor = params.cursor
    if cursor is not None and not isinstance(cursor, str) and params.turn_id is None:
        raise CallerError(
            "turnId is required when cursor is an item anchor",
            reason="missing_field",
            code=INVALID_PARAMS,
            data={"field": "turnId"},
        )
    anchor = read_cursor(cursor, "itemsByCreatedAtOrdinal") if isinstance(cursor, str) else None
    found = placed_items(await all_turns_of(source, segments), params.turn_id)
    if cursor is not None and not isinstance(cursor, str):
        place = next((each for each in found if each.stored.item.id == cursor.item_id), None)
        if place is None:
            raise InvalidCursor(cursor.item_id)
        anchor = Anchor(place.stored.position, None, is_included=True)
    page = items_page(source.thread_id, found, anchor, limit_of(params.limit), params.sort_direction or "asc")
    return ThreadItemsListResponse(
        data=[entry(each) for each in page.data], next_cursor=page.next_cursor, backwards_cursor=page.backwards_cursor
    )


async def read_items(context: Context, params: ThreadItemsReadParams) -> ThreadItemsReadResponse:
    """Some items of a turn, whole."""
    if not 1 <= len(params.item_ids) <= MOST_ITEMS:
        raise CallerError(f"itemIds must contain 1 to {MOST_ITEMS} IDs", data={"field": "itemIds"})
    source, segments = await paged_segments(context.services.threads, params.thread_id, context.method)
    wanted = set(params.item_ids)
    found = placed_items(await all_turns_of(source, segments), params.turn_id)
    return ThreadItemsReadResponse(data=[entry(each) for each in found if each.stored.item.id in wanted])


def entry(placed: PlacedItem) -> ThreadItemEntry:
    """An item of a list."""
    item = placed.stored.item
    return ThreadItemEntry(
        turn_id=placed.turn_id, item=item, started_at_ms=item.started_at_ms, completed_at_ms=item.completed_at_ms
    )


async def timeline(context: Context, params: ThreadTimelineListParams) -> ThreadTimelineListResponse:
    """A page of everything that happened, ending with the newest unless a cursor says where; oldest first within the page."""
    source, segments = await paged_segments(context.services.threads, params.thread_id, context.method)
    found = await all_turns_of(source, segments)
    spoken = await anyio.to_thread.run_sync(realtime_items, segments)
    entries, next_cursor = timeline_page(source.thread_id, found, spoken, params.cursor, limit_of(params.limit))
    running = session_before(spoken, entries[0]) if entries else None
    return ThreadTimelineListResponse(data=entries, next_cursor=next_cursor, active_realtime_session_at_page_start=running)


ROUTES = [
    route(THREAD_TURNS_LIST, turns),
    route(THREAD_ITEMS_LIST, items),
    route(THREAD_ITEMS_READ, read_items),
    route(THREAD_TIMELINE_LIST, timeline),
]
