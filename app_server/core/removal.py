"""Putting threads away: archiving them, bringing them back, deleting them for good.

Whatever runs in a thread is ended first, and threads that were started by it go the same way.
Source: spec/threads.md section 7.
"""

from functools import partial
from pathlib import Path

import anyio.to_thread

from app_server.core.catalogue import NoRollout, catalogue_of, user_state_of
from app_server.core.errors import CallerError
from app_server.core.listing import descendants
from app_server.core.store import sessions
from app_server.core.threads import Threads
from app_server.core.unload import unload


async def archive(threads: Threads, thread_id: str) -> list[str]:
    """Move a thread's files into the archive, and those of its descendants. Returns the ids. Raises: NoRollout, StoreError."""
    thread = threads.find(thread_id)
    if thread is not None:
        if thread.options.is_ephemeral:
            raise NoRollout(thread_id)
        thread.recorder.materialize()
    elif await current_file(threads, thread_id) is None:
        raise NoRollout(thread_id)
    found = partial(descendants, catalogue_of(threads.runtime), thread_id, False)
    moved = [thread_id, *sorted(await anyio.to_thread.run_sync(found))]
    for each in moved:
        if (loaded := threads.find(each)) is not None:
            await unload(threads, loaded)
        await anyio.to_thread.run_sync(sessions.archive, threads.runtime.home, each)
    catalogue_of(threads.runtime).note_moves()
    return moved


async def unarchive(threads: Threads, thread_id: str) -> Path:
    """Move a thread's files back and return the current one. Raises: NoRollout, StoreError."""
    if await current_file(threads, thread_id, is_archived=True) is None:
        raise NoRollout(thread_id, "archived rollout")
    path = await anyio.to_thread.run_sync(sessions.unarchive, threads.runtime.home, thread_id)
    catalogue_of(threads.runtime).note_moves()
    return path


async def delete(threads: Threads, thread_id: str) -> list[str]:
    """Remove a thread and its descendants for good. Returns the ids. Raises: CallerError, StoreError."""
    thread = threads.find(thread_id)
    if thread is not None and thread.options.is_ephemeral:
        raise CallerError(f"thread is not persisted and cannot be deleted: {thread_id}", reason="thread_ephemeral")
    file = await anyio.to_thread.run_sync(catalogue_of(threads.runtime).search, thread_id)
    if thread is None and file is None:
        raise NoRollout(thread_id)
    gone = [thread_id]
    for is_archived in (False, True):
        find = partial(descendants, catalogue_of(threads.runtime), thread_id, is_archived)
        gone += sorted(await anyio.to_thread.run_sync(find))
    for each in gone:
        if (loaded := threads.find(each)) is not None:
            await unload(threads, loaded)
    users = await anyio.to_thread.run_sync(catalogue_of(threads.runtime).references_to, thread_id)
    if set(users) - set(gone):
        raise CallerError(
            f"cannot delete thread {thread_id}: forked history still references it",
            reason="thread_referenced",
            remedy=f"delete the forks first: {', '.join(users)}",
        )
    for each in reversed(gone):
        await anyio.to_thread.run_sync(forget, threads, each)
    return gone


def forget(threads: Threads, thread_id: str) -> None:
    """Remove a thread's files and all that is known of it. Blocks. Raises: StoreError."""
    sessions.delete(threads.runtime.home, thread_id)
    catalogue_of(threads.runtime).note_moves()
    user_state_of(threads.runtime).forget(thread_id)


async def current_file(threads: Threads, thread_id: str, *, is_archived: bool = False) -> Path | None:
    """Where a thread is, among the archived ones or among the others."""
    find = partial(sessions.find_thread, threads.runtime.home, thread_id, is_archived=is_archived)
    return await anyio.to_thread.run_sync(find)
