"""Lists of threads and single ones: `thread/list`, `thread/search`, `thread/searchOccurrences`, `thread/loaded/list`,
`thread/read`."""

from collections.abc import Awaitable
from functools import partial

import anyio.to_thread

from app_server.core.catalogue import Catalogue, catalogue_of, user_state_of
from app_server.core.durable import catch_up
from app_server.core.errors import INVALID_PARAMS, CallerError
from app_server.core.frozen import replace
from app_server.core.ids import checked_thread_id
from app_server.core.list_query import Query
from app_server.core.listing import ListPage, Row, list_threads
from app_server.core.paging import InvalidCursor, limit_of
from app_server.core.read_state import wire_read_state
from app_server.core.reading import NotSupported, Source, ThreadNotLoaded, all_turns_of, paged_segments, source_of, turns_of
from app_server.core.search import occurrences, search_threads
from app_server.core.section_listing import list_section
from app_server.core.store.errors import StoreError
from app_server.core.store.source_kinds import ALL, INTERACTIVE, kinds
from app_server.core.store.user_state import UserState
from app_server.core.stored_wire import wire_listed, wire_stored
from app_server.core.thread import Thread
from app_server.core.thread_wire import wire_thread
from app_server.routing import route
from app_server.services import Context
from protocol.notice import DeprecationNoticeNotification
from protocol.thread import Thread as WireThread
from protocol.thread_list import (
    THREAD_LIST,
    THREAD_LOADED_LIST,
    THREAD_READ,
    THREAD_SEARCH,
    THREAD_SEARCH_OCCURRENCES,
    ThreadListParams,
    ThreadListResponse,
    ThreadLoadedListParams,
    ThreadLoadedListResponse,
    ThreadReadParams,
    ThreadReadResponse,
    ThreadSearchOccurrence,
    ThreadSearchOccurrencesParams,
    ThreadSearchOccurrencesResponse,
    ThreadSearchParams,
    ThreadSearchResponse,
    ThreadSearchResult,
    ThreadSearchTextRange,
)
from protocol.thread_state import ThreadReadState

WHOLE_HISTORIES = (
    "Answering with a whole history is deprecated; leave `includeTurns` out and page with `thread/turns/list` and "
    "`thread/items/list`."
)


async def threads(context: Context, params: ThreadListParams) -> ThreadListResponse:
    """A page of the stored threads, newest first unless asked otherwise."""
    query = list_query(params, context.services.config.usable().model_provider)
    runtime = context.services.threads.runtime
    page = await anyio.to_thread.run_sync(page_of, catalogue_of(runtime), user_state_of(runtime), query, params)
    keep_index(context)
    return ThreadListResponse(
        data=[listed(context, row) for row in page.rows],
        read_states={row.facts.head.thread_id: shown_state(context, row) for row in page.rows if is_for_users(row)},
        next_cursor=page.next_cursor,
        backwards_cursor=page.backwards_cursor,
    )


def keep_index(context: Context) -> None:
    """If the index could not answer since it is too far behind, have it brought up to date."""
    threads = context.services.threads
    if catalogue_of(threads.runtime).start_catching_up():
        context.services.spawn(catch_up, threads)


def page_of(catalogue: Catalogue, user_state: UserState, query: Query, params: ThreadListParams) -> ListPage:
    """The page, of a section or a project if one is asked for. Blocks. Raises: CallerError, StoreError."""
    within = query.within
    if params.project_id is not None:
        within = frozenset(user_state.projects.threads(user_state.projects.get(params.project_id).id))
    section_id = params.section_id
    if section_id is None:
        return list_threads(catalogue, user_state, replace(query, within=within))
    members = frozenset(user_state.sections.threads(section_id))
    query = replace(query, within=members if within is None else members & within, has_unspoken=True)
    if params.sort_key == "section_position":
        is_ascending = params.sort_direction != "desc"
        return list_section(catalogue, user_state, section_id, replace(query, is_ascending=is_ascending))
    return list_threads(catalogue, user_state, query)


def wanted_providers(names: list[str] | None, current: str) -> frozenset[str] | None:
    """Of which providers threads are listed: the current one's unless asked otherwise; an empty list means all.

    Threads that know no provider, for which the empty text stands, count as the current one's.
    """
    if names is None:
        return frozenset({current, ""})
    return frozenset({*names, *([""] if current in names else [])}) or None


def list_query(params: ThreadListParams, current_provider: str) -> Query:
    """What the request asks for. Raises: CallerError."""
    if params.originators:
        raise refused("originator filtering is not supported by the local app-server", "originators", INVALID_PARAMS)
    if params.sort_key == "section_position" and params.section_id is None:
        raise refused("section-position sorting requires a section filter", "sortKey")
    if params.parent_thread_id is not None and params.ancestor_thread_id is not None:
        raise refused("parentThreadId and ancestorThreadId are mutually exclusive", "ancestorThreadId")
    if params.include_attached_threads and not params.search_term:
        raise refused("includeAttachedThreads requires a non-empty searchTerm", "includeAttachedThreads")
    providers = wanted_providers(params.model_providers, current_provider)
    cwd = params.cwd
    cwds = None if cwd is None else frozenset([cwd] if isinstance(cwd, str) else cwd)
    is_family = params.parent_thread_id is not None or params.ancestor_thread_id is not None
    return Query(
        sort_key=params.sort_key if params.sort_key and params.sort_key != "section_position" else "created_at",
        is_ascending=params.sort_direction == "asc",
        cursor=params.cursor,
        limit=limit_of(params.limit),
        is_archived=bool(params.archived),
        model_providers=providers,
        source_kinds=frozenset(params.source_kinds or (ALL if is_family else INTERACTIVE)),
        cwds=cwds,
        search_term=params.search_term or "",
        excluded=frozenset(excluded_id(each) for each in params.excluded_thread_ids or []),
        parent_id=related_id(params.parent_thread_id, "parent thread"),
        ancestor_id=related_id(params.ancestor_thread_id, "ancestor thread"),
        attached_to_id=related_id(params.attached_to_thread_id, "attached thread"),
        has_attached=params.include_attached_threads,
    )


def refused(text: str, field: str, code: int = -32600) -> CallerError:
    """The list can't be had in this way."""
    return CallerError(text, code=code, data={"field": field})


def excluded_id(text: str) -> str:
    """An id to leave out. Raises: CallerError."""
    try:
        return checked_thread_id(text, "excluded thread")
    except CallerError as error:
        raise CallerError(error.message, reason=error.reason, code=INVALID_PARAMS, data={"field": "excludedThreadIds"}) from None


def related_id(text: str | None, noun: str) -> str | None:
    """The id of a related thread. Raises: InvalidThreadId."""
    return None if text is None else checked_thread_id(text, noun)


def listed(context: Context, row: Row) -> WireThread:
    """A thread of a list."""
    return wire_listed(row, context.services.threads.find(row.facts.head.thread_id))


def is_for_users(row: Row) -> bool:
    """Whether it is kept what the user has read of a thread; agents' own threads are nobody's to read."""
    return "subAgent" not in kinds(row.facts.head.source)


def shown_state(context: Context, row: Row) -> ThreadReadState:
    """What the user has not read of a listed thread."""
    loaded = context.services.threads.find(row.facts.head.thread_id)
    return (
        loaded.read_mark.wire() if loaded is not None else wire_read_state(row.read_state.first_unread, row.read_state.revision)
    )


async def search(context: Context, params: ThreadSearchParams) -> ThreadSearchResponse:
    """A page of the threads in which some words were said."""
    query = Query(
        sort_key=params.sort_key or "created_at",
        is_ascending=params.sort_direction == "asc",
        cursor=params.cursor,
        limit=limit_of(params.limit),
        is_archived=bool(params.archived),
        source_kinds=frozenset(params.source_kinds) if params.source_kinds else INTERACTIVE,
        has_attached=params.include_attached_threads,
    )
    runtime = context.services.threads.runtime
    find = partial(search_threads, catalogue_of(runtime), user_state_of(runtime), query, params.search_term)
    found = await anyio.to_thread.run_sync(find)
    keep_index(context)
    return ThreadSearchResponse(
        data=[
            ThreadSearchResult(thread=listed(context, row), snippet=snippet)
            for row, snippet in zip(found.page.rows, found.snippets, strict=True)
        ],
        next_cursor=found.page.next_cursor,
        backwards_cursor=found.page.backwards_cursor,
    )


async def search_occurrences(context: Context, params: ThreadSearchOccurrencesParams) -> ThreadSearchOccurrencesResponse:
    """Where in one thread some words were said."""
    if not params.search_term.strip():
        raise CallerError(
            "thread/searchOccurrences requires a non-empty searchTerm", reason="empty", data={"field": "searchTerm"}
        )
    source, segments = await paged_segments(context.services.threads, params.thread_id, context.method)
    turns = await all_turns_of(source, segments)
    found, next_cursor = occurrences(source.thread_id, turns, params.search_term, params.cursor, limit_of(params.limit))
    return ThreadSearchOccurrencesResponse(
        data=[
            ThreadSearchOccurrence(
                turn_id=each.turn_id,
                item_id=each.item_id,
                snippet=each.snippet,
                snippet_match_range=ThreadSearchTextRange(start=each.start, end=each.end),
                turn_cursor=each.turn_cursor,
            )
            for each in found
        ],
        next_cursor=next_cursor,
    )


def loaded(context: Context, params: ThreadLoadedListParams) -> ThreadLoadedListResponse:
    """The ids of the loaded threads, page by page."""
    ids = context.services.threads.ids()
    if params.cursor is not None:
        try:
            after = checked_thread_id(params.cursor)
        except CallerError:
            raise InvalidCursor(params.cursor) from None
        ids = [each for each in ids if each > after]
    limit = len(ids) if params.limit is None else max(params.limit, 1)
    return ThreadLoadedListResponse(data=ids[:limit], next_cursor=ids[limit - 1] if len(ids) > limit else None)


def read(context: Context, params: ThreadReadParams) -> ThreadReadResponse | Awaitable[ThreadReadResponse]:
    """A thread with, if asked for, its turns; it need not be loaded."""
    thread_id = checked_thread_id(params.thread_id)
    thread = context.services.threads.find(thread_id)
    if thread is None:
        return read_stored(context, thread_id, params.include_turns)
    if params.include_turns:
        return read_whole(context, thread)
    is_kept = thread.recorder.is_on_disk or thread.corrections is not None
    return ThreadReadResponse(thread=wire_thread(thread, []), read_state=thread.read_mark.wire() if is_kept else None)


async def read_stored(context: Context, thread_id: str, has_turns: bool) -> ThreadReadResponse:
    """A thread that is not loaded."""
    runtime = context.services.threads.runtime
    catalogue, user_state = catalogue_of(runtime), user_state_of(runtime)

    def look_up() -> tuple[WireThread, ThreadReadState, Source]:
        file = catalogue.search(thread_id)
        facts = catalogue.facts(file.path) if file is not None else None
        if facts is None:
            raise ThreadNotLoaded(thread_id)
        name, corrections = catalogue.names().get(thread_id), user_state.corrections([thread_id])[thread_id]
        state = user_state.read_states([thread_id])[thread_id]
        return (
            wire_stored(facts, name, corrections, user_state.places.of([thread_id])[thread_id]),
            wire_read_state(state.first_unread, state.revision),
            Source(thread_id, facts.path),
        )

    wire, state, source = await anyio.to_thread.run_sync(look_up)
    if has_turns:
        warn_of_whole_history(context, wire.history_mode == "paginated")
        try:
            turns = await turns_of(context.services.threads, source)
        except StoreError:
            raise ThreadNotLoaded(thread_id) from None
        wire = wire.model_copy(update={"turns": [turn.wire() for turn in turns]})
    return ThreadReadResponse(thread=wire, read_state=state)


async def read_whole(context: Context, thread: Thread) -> ThreadReadResponse:
    """A loaded thread with its turns. One that has no file yet gets it, so that it can be forked and resumed."""
    recorder = thread.recorder
    if thread.options.is_ephemeral:
        raise CallerError("ephemeral threads do not support includeTurns", reason="thread_ephemeral")
    if not recorder.is_on_disk and recorder.head.history_mode != "paginated":
        raise CallerError(
            f"thread {thread.id} is not materialized yet; includeTurns is unavailable before first user message",
            reason="thread_not_materialized",
        )
    if not recorder.is_on_disk:
        recorder.materialize()
        recorder.sync()
        thread.has_untold_turns = True
    if thread.has_untold_turns:
        raise NotSupported("list_turns")
    warn_of_whole_history(context, recorder.head.history_mode == "paginated")
    turns = await turns_of(context.services.threads, source_of(thread))
    return ThreadReadResponse(thread=wire_thread(thread, [turn.wire() for turn in turns]), read_state=thread.read_mark.wire())


def warn_of_whole_history(context: Context, is_paged: bool) -> None:
    """Tell the client that there is a better way, where there is."""
    if is_paged:
        notice = DeprecationNoticeNotification(summary=WHOLE_HISTORIES, details=None)
        context.services.fanout.send([context.connection], notice)


ROUTES = [
    route(THREAD_LIST, threads),
    route(THREAD_SEARCH, search),
    route(THREAD_SEARCH_OCCURRENCES, search_occurrences),
    route(THREAD_LOADED_LIST, loaded),
    route(THREAD_READ, read),
]
