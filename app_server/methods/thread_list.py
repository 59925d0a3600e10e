"""`thread/loaded/list` and `thread/read` of loaded threads."""

from app_server.core.errors import CallerError, ThreadNotFound
from app_server.core.thread_wire import wire_thread
from app_server.routing import route
from app_server.services import Context
from protocol.thread_list import (
    THREAD_LOADED_LIST,
    THREAD_READ,
    ThreadLoadedListParams,
    ThreadLoadedListResponse,
    ThreadReadParams,
    ThreadReadResponse,
)


def loaded(context: Context, params: ThreadLoadedListParams) -> ThreadLoadedListResponse:
    """The ids of the loaded threads, page by page."""
    ids = context.services.threads.ids()
    if params.cursor is not None:
        if params.cursor not in ids:
            raise CallerError(f"invalid cursor: {params.cursor}", reason="invalid_cursor", data={"field": "cursor"})
        ids = ids[ids.index(params.cursor) + 1 :]
    limit = len(ids) if params.limit is None else max(params.limit, 1)
    return ThreadLoadedListResponse(data=ids[:limit], next_cursor=ids[limit - 1] if len(ids) > limit else None)


def read(context: Context, params: ThreadReadParams) -> ThreadReadResponse:
    """A thread with, if asked for, its turns."""
    try:
        thread = context.services.threads.get(params.thread_id)
    except ThreadNotFound:
        raise CallerError(f"thread not loaded: {params.thread_id}", reason="thread_not_found") from None
    turns = thread.turns() if params.include_turns else []
    return ThreadReadResponse(thread=wire_thread(thread, turns), read_state=thread.read_state())


ROUTES = [route(THREAD_LOADED_LIST, loaded), route(THREAD_READ, read)]
