"""`threadSection/*`, `thread/section/move`: the groups that the user sorts threads into. Source: spec/threads.md section 7."""

from collections.abc import Callable
from typing import TypeVar

import anyio.to_thread

from app_server.core.catalogue import catalogue_of, user_state_of
from app_server.core.errors import CallerError, ThreadNotFound
from app_server.core.ids import checked_thread_id
from app_server.core.paging import limit_of
from app_server.core.store.places import StoredSection
from app_server.core.store.sections import KEEP, Sections
from app_server.core.thread_wire import wire_section
from app_server.routing import route
from app_server.services import Context
from protocol.base import to_wire
from protocol.section import (
    THREAD_SECTION_CREATE,
    THREAD_SECTION_DELETE,
    THREAD_SECTION_LIST,
    THREAD_SECTION_MOVE,
    THREAD_SECTION_UPDATE,
    ThreadSectionChangedNotification,
    ThreadSectionCreateParams,
    ThreadSectionCreateResponse,
    ThreadSectionDeleteParams,
    ThreadSectionDeleteResponse,
    ThreadSectionListParams,
    ThreadSectionListResponse,
    ThreadSectionMoveParams,
    ThreadSectionMoveResponse,
    ThreadSectionUpdateParams,
    ThreadSectionUpdateResponse,
)
from protocol.thread import ThreadSection

T = TypeVar("T")


async def in_sections(context: Context, do: Callable[[Sections], T]) -> T:
    """Do something with the sections, in a worker thread."""
    sections = user_state_of(context.services.threads.runtime).sections
    return await anyio.to_thread.run_sync(do, sections)


def shown(section: StoredSection) -> ThreadSection:
    """A section as clients see it."""
    wire = wire_section(section)
    assert wire is not None
    return wire


async def list_sections(context: Context, params: ThreadSectionListParams) -> ThreadSectionListResponse:
    """The sections in pages; a cursor is the id of the last section before the page."""
    found, has_more = await in_sections(context, lambda sections: sections.page(params.cursor, limit_of(params.limit)))
    return ThreadSectionListResponse(data=[shown(each) for each in found], next_cursor=found[-1].id if has_more else None)


async def create(context: Context, params: ThreadSectionCreateParams) -> ThreadSectionCreateResponse:
    """Make a section. Its id sorts it behind all that were made before."""
    section_id = context.services.clock.uuid7()
    look = to_wire(params.appearance) if params.appearance is not None else None
    made = await in_sections(context, lambda sections: sections.create(section_id, params.name, look))
    return ThreadSectionCreateResponse(section=shown(made))


async def update(context: Context, params: ThreadSectionUpdateParams) -> ThreadSectionUpdateResponse:
    """Change a section; an appearance that is left out stays."""
    look = to_wire(params.appearance) if params.appearance is not None else None
    if "appearance" not in params.model_fields_set:
        look = KEEP
    changed = await in_sections(context, lambda sections: sections.update(params.section_id, params.name, look))
    return ThreadSectionUpdateResponse(section=shown(changed))


async def delete(context: Context, params: ThreadSectionDeleteParams) -> ThreadSectionDeleteResponse:
    """Remove a section; its threads are in none then."""
    await in_sections(context, lambda sections: sections.delete(params.section_id))
    return ThreadSectionDeleteResponse()


async def move(context: Context, params: ThreadSectionMoveParams) -> None:
    """Put a thread into a section, or into none. It need not be loaded, and has a file from now on."""
    threads = context.services.threads
    thread_id = checked_thread_id(params.thread_id)
    thread = threads.find(thread_id)
    if thread is not None:
        if thread.options.is_ephemeral:
            raise CallerError(f"ephemeral thread does not support section moves: {thread_id}", reason="thread_ephemeral")
        thread.recorder.materialize()
        thread.recorder.sync()
    elif await anyio.to_thread.run_sync(catalogue_of(threads.runtime).search, thread_id) is None:
        raise ThreadNotFound(thread_id)
    now_s = context.services.clock.now_s()
    section_id, before_id = params.section_id, params.before_thread_id
    await in_sections(context, lambda sections: sections.move(thread_id, section_id, before_id, now_s))
    context.reply(ThreadSectionMoveResponse())
    notice = ThreadSectionChangedNotification(thread_id=thread_id, section_id=section_id)
    context.services.fanout.publish(thread_id, notice)


ROUTES = [
    route(THREAD_SECTION_LIST, list_sections),
    route(THREAD_SECTION_CREATE, create),
    route(THREAD_SECTION_UPDATE, update),
    route(THREAD_SECTION_DELETE, delete),
    route(THREAD_SECTION_MOVE, move),
]
