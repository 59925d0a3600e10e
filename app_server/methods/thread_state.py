"""What threads are called and known by, and putting them away: `thread/name/set`, `thread/metadata/update`,
`thread/readState/update`, `thread/archive`, `thread/unarchive`, `thread/delete`."""

from functools import partial
from typing import Any

import anyio.to_thread

from app_server.core import removal
from app_server.core.catalogue import NoRollout, catalogue_of, session_id, user_state_of
from app_server.core.durable import save_read_state
from app_server.core.errors import INVALID_REQUEST, CallerError
from app_server.core.ids import checked_thread_id
from app_server.core.listing import Row
from app_server.core.read_state import wire_read_state
from app_server.core.reading import ThreadNotLoaded
from app_server.core.store.names import set_name as store_name
from app_server.core.store.user_state import THREAD_START
from app_server.core.stored_wire import wire_listed, wire_stored
from app_server.core.thread import Thread
from app_server.core.thread_wire import git_info, wire_thread
from app_server.core.threads import Threads
from app_server.routing import route
from app_server.services import Context
from protocol.base import to_wire
from protocol.project import ThreadProjectUpdatedNotification
from protocol.thread import Thread as WireThread
from protocol.thread_state import (
    THREAD_ARCHIVE,
    THREAD_DECREMENT_ELICITATION,
    THREAD_DELETE,
    THREAD_INCREMENT_ELICITATION,
    THREAD_METADATA_UPDATE,
    THREAD_NAME_SET,
    THREAD_READ_STATE_UPDATE,
    THREAD_UNARCHIVE,
    ReadReadState,
    ThreadArchivedNotification,
    ThreadArchiveParams,
    ThreadArchiveResponse,
    ThreadDecrementElicitationParams,
    ThreadDecrementElicitationResponse,
    ThreadDeletedNotification,
    ThreadDeleteParams,
    ThreadDeleteResponse,
    ThreadIncrementElicitationParams,
    ThreadIncrementElicitationResponse,
    ThreadMetadataGitInfoUpdateParams,
    ThreadMetadataUpdateParams,
    ThreadMetadataUpdateResponse,
    ThreadNameUpdatedNotification,
    ThreadReadState,
    ThreadReadStateChangedNotification,
    ThreadReadStateUpdateParams,
    ThreadReadStateUpdateResponse,
    ThreadSetNameParams,
    ThreadSetNameResponse,
    ThreadUnarchivedNotification,
    ThreadUnarchiveParams,
    ThreadUnarchiveResponse,
)


async def set_name(context: Context, params: ThreadSetNameParams) -> None:
    """Give a thread a name; it need not be loaded, nor ours to write."""
    threads = context.services.threads
    thread_id = checked_thread_id(params.thread_id)
    name = params.name.strip()
    if not name:
        raise CallerError("thread name must not be empty", reason="empty", data={"field": "name"})
    thread = threads.find(thread_id)
    if thread is not None:
        refuse_ephemeral(thread)
        thread.recorder.materialize()
        thread.recorder.sync()
    elif await removal.current_file(threads, thread_id) is None:
        raise NoRollout(thread_id)
    runtime = threads.runtime
    await anyio.to_thread.run_sync(partial(store_name, runtime.home, thread_id, name, runtime.clock.now_ms()))
    if thread is not None:
        thread.name = name
    context.reply(ThreadSetNameResponse())
    context.services.fanout.publish(thread_id, ThreadNameUpdatedNotification(thread_id=thread_id, thread_name=name))


def refuse_ephemeral(thread: Thread) -> None:
    """An ephemeral thread is known by nothing. Raises: CallerError."""
    if thread.options.is_ephemeral:
        raise CallerError(f"ephemeral thread does not support metadata updates: {thread.id}", reason="thread_ephemeral")


async def update_metadata(context: Context, params: ThreadMetadataUpdateParams) -> ThreadMetadataUpdateResponse:
    """Correct what is known of a thread; members of `gitInfo` that are left out stay, and null clears them."""
    threads = context.services.threads
    thread_id = checked_thread_id(params.thread_id)
    if params.git_info is None and params.project_id is None and params.daybreak_enabled is None:
        raise CallerError("thread metadata update must include at least one field", reason="empty")
    git = git_changes(params.git_info) if params.git_info is not None else {}
    thread = threads.find(thread_id)
    if thread is not None:
        refuse_ephemeral(thread)
    if params.project_id is not None:
        await assign(context, thread_id, params.project_id)

    def correct() -> WireThread:
        row = row_of(threads, thread_id)
        if row is None and thread is None:
            raise NoRollout(thread_id)
        head = row.facts.head if row is not None else thread.recorder.head if thread is not None else None
        known = row.corrections if row is not None else thread.corrections if thread is not None else None
        changes: dict[str, Any] = {}
        if git:
            before = git_info(head.git if head is not None else None, known)
            parts = {"git_sha": "sha", "git_branch": "branch", "git_origin_url": "origin_url"}
            changes = {name: getattr(before, part, None) for name, part in parts.items()} | git | {"has_git": True}
        if params.daybreak_enabled is not None:
            changes["is_daybreak_enabled"] = params.daybreak_enabled
        corrections = user_state_of(threads.runtime).correct(thread_id, **changes)
        if thread is not None:
            thread.corrections = corrections
        if row is None:
            assert thread is not None
            return wire_thread(thread, []).model_copy(update={"can_accept_direct_input": None})
        return wire_listed(Row(row.facts, row.name, row.read_state, corrections, row.place), thread)

    return ThreadMetadataUpdateResponse(thread=await anyio.to_thread.run_sync(correct))


async def assign(context: Context, thread_id: str, project_id: str) -> None:
    """Put a thread into a project. Raises: CallerError, StoreError."""
    threads = context.services.threads
    thread, projects = threads.find(thread_id), user_state_of(threads.runtime).projects

    def put() -> bool:
        if thread is None and catalogue_of(threads.runtime).search(thread_id) is None:
            raise NoRollout(thread_id)
        projects.get(project_id, INVALID_REQUEST)
        return projects.assign(thread_id, project_id)

    is_new = await anyio.to_thread.run_sync(put)
    if thread is not None:
        thread.project_id = project_id
    if is_new:
        notice = ThreadProjectUpdatedNotification(thread_id=thread_id, project_id=project_id)
        context.services.fanout.publish(thread_id, notice)


def row_of(threads: Threads, thread_id: str) -> Row | None:
    """What lists show of a thread, archived or not. Blocks."""
    catalogue, user_state = catalogue_of(threads.runtime), user_state_of(threads.runtime)
    file = catalogue.search(thread_id)
    facts = catalogue.facts(file.path) if file is not None else None
    if facts is None:
        return None
    name, corrections = catalogue.names().get(thread_id), user_state.corrections([thread_id])[thread_id]
    state, place = user_state.read_states([thread_id])[thread_id], user_state.places.of([thread_id])[thread_id]
    return Row(facts, name, state, corrections, place)


def git_changes(wish: ThreadMetadataGitInfoUpdateParams) -> dict[str, str | None]:
    """What of the git state is to be changed. Raises: CallerError."""
    members = {"sha": ("git_sha", "sha"), "branch": ("git_branch", "branch"), "origin_url": ("git_origin_url", "originUrl")}
    changes: dict[str, str | None] = {}
    for name, (stored, shown) in members.items():
        if name in wish.model_fields_set:
            value = getattr(wish, name)
            if value is not None and not value.strip():
                raise CallerError(f"gitInfo.{shown} must not be empty", reason="empty", data={"field": f"gitInfo.{shown}"})
            changes[stored] = value.strip() if value is not None else None
    if not changes:
        raise CallerError("gitInfo must include at least one field", reason="empty", data={"field": "gitInfo"})
    return changes


async def update_read_state(context: Context, params: ThreadReadStateUpdateParams) -> ThreadReadStateUpdateResponse:
    """Mark a thread as read or unread, unless it has changed since the client looked at it."""
    threads = context.services.threads
    thread_id = checked_thread_id(params.thread_id)
    position = None if isinstance(params.operation, ReadReadState) else THREAD_START
    thread = threads.find(thread_id)
    if thread is not None:
        if not thread.recorder.is_on_disk:
            raise CallerError("thread read state unavailable", reason="thread_not_materialized")
        refuse_stale(thread.read_mark.wire(), params.expected_revision)
        thread.read_mark.move_to(position)
        await save_read_state(thread)
        return ThreadReadStateUpdateResponse(read_state=thread.read_mark.wire())
    row = await anyio.to_thread.run_sync(row_of, threads, thread_id)
    if row is None:
        raise ThreadNotLoaded(thread_id)
    refuse_stale(wire_read_state(row.read_state.first_unread, row.read_state.revision), params.expected_revision)
    revision = threads.runtime.clock.uuid4()
    await anyio.to_thread.run_sync(user_state_of(threads.runtime).put_read_state, thread_id, position, revision)
    state = wire_read_state(position, revision)
    context.services.fanout.publish(thread_id, ThreadReadStateChangedNotification(thread_id=thread_id, read_state=state))
    return ThreadReadStateUpdateResponse(read_state=state)


def refuse_stale(state: ThreadReadState, expected_revision: str) -> None:
    """The client has seen an older state. Raises: CallerError."""
    if state.revision != expected_revision:
        data = {"reason": "readStateConflict", "readState": to_wire(state)}
        raise CallerError("read state changed", reason="readStateConflict", data=data)


async def archive(context: Context, params: ThreadArchiveParams) -> None:
    """Put a thread away; it can be brought back."""
    moved = await removal.archive(context.services.threads, session_id(params.thread_id))
    context.reply(ThreadArchiveResponse())
    for thread_id in moved:
        context.services.fanout.publish(thread_id, ThreadArchivedNotification(thread_id=thread_id))


async def unarchive(context: Context, params: ThreadUnarchiveParams) -> None:
    """Bring a thread back from the archive."""
    threads = context.services.threads
    thread_id = session_id(params.thread_id)
    await removal.unarchive(threads, thread_id)
    row = await anyio.to_thread.run_sync(row_of, threads, thread_id)
    if row is None:
        raise NoRollout(thread_id)
    context.reply(ThreadUnarchiveResponse(thread=wire_stored(row.facts, row.name, row.corrections, row.place)))
    context.services.fanout.publish(thread_id, ThreadUnarchivedNotification(thread_id=thread_id))


async def delete(context: Context, params: ThreadDeleteParams) -> None:
    """Remove a thread for good."""
    gone = await removal.delete(context.services.threads, checked_thread_id(params.thread_id))
    context.reply(ThreadDeleteResponse())
    for thread_id in gone:
        context.services.fanout.publish(thread_id, ThreadDeletedNotification(thread_id=thread_id))


def increment_elicitation(context: Context, params: ThreadIncrementElicitationParams) -> ThreadIncrementElicitationResponse:
    """The client asks the user something of its own: the time of the thread's commands stands still."""
    patience = context.services.threads.get(params.thread_id).patience
    return ThreadIncrementElicitationResponse(count=patience.hold(), paused=True)


def decrement_elicitation(context: Context, params: ThreadDecrementElicitationParams) -> ThreadDecrementElicitationResponse:
    """It has its answer."""
    patience = context.services.threads.get(params.thread_id).patience
    if not patience.is_held:
        raise CallerError("out-of-band elicitation count is already zero")
    return ThreadDecrementElicitationResponse(count=patience.release(), paused=patience.is_held)


ROUTES = [
    route(THREAD_INCREMENT_ELICITATION, increment_elicitation),
    route(THREAD_DECREMENT_ELICITATION, decrement_elicitation),
    route(THREAD_NAME_SET, set_name),
    route(THREAD_METADATA_UPDATE, update_metadata),
    route(THREAD_READ_STATE_UPDATE, update_read_state),
    route(THREAD_ARCHIVE, archive),
    route(THREAD_UNARCHIVE, unarchive),
    route(THREAD_DELETE, delete),
]
