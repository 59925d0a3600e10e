"""Taking turns back: the thread goes on from before them.

`revert` begins a new file that continues the old one up to there; the old one stays. `roll_back`, of older servers, only
notes in the file how many turns no longer count. Source: spec/threads.md section 7.
"""

from dataclasses import replace as replace_in

import anyio.to_thread

from app_server.core.catalogue import NoRollout
from app_server.core.durable import save_read_state
from app_server.core.errors import CallerError
from app_server.core.frozen import frozen
from app_server.core.history_item import Entry
from app_server.core.paging import newest_cursors
from app_server.core.reading import source_of, turns_of
from app_server.core.recorder import Recorder
from app_server.core.restore import encoded, fill, warn_of_other_model
from app_server.core.store.head import Head
from app_server.core.store.paths import rollout_path
from app_server.core.store.rebuild import StoredThread, all_turns, rebuild_chain
from app_server.core.store.rollout import Rollout
from app_server.core.store.segment import base_at, until
from app_server.core.store.turns import StoredTurn
from app_server.core.thread import Thread
from app_server.core.threads import Threads
from app_server.core.unload import stop
from protocol.thread import NotLoadedStatus
from protocol.thread_state import ThreadStatusChangedNotification


@frozen
class Reverted:
    """The thread as it is now, and the cursors of its newest turn and item."""

    thread: Thread
    turns_cursor: str | None
    items_cursor: str | None


async def revert(threads: Threads, thread: Thread, before_turn_id: str) -> Reverted:
    """Drop a turn and all after it; what runs is interrupted first. Raises: CallerError, StoreError.

    Clients see the thread being unloaded and loaded again, even if there is no such turn: as with the reference.
    """
    if thread.options.is_ephemeral:
        raise CallerError("ephemeral threads do not support thread/revert", reason="thread_ephemeral")
    if not thread.recorder.is_on_disk:
        raise NoRollout(thread.id)
    if thread.recorder.head.history_mode != "paginated":
        raise CallerError("thread/revert only supports paginated threads", reason="not_supported")
    await stop(thread)
    thread.publish(ThreadStatusChangedNotification(thread_id=thread.id, status=NotLoadedStatus()))
    found = await anyio.to_thread.run_sync(split, threads, thread, before_turn_id)
    if found is None:
        thread.publish_status()
        raise CallerError(f"turn not found: {before_turn_id}", reason="turn_not_found")
    stored, past, dropped = found
    fresh = begin_again(threads, thread, stored, past)
    threads.add(fresh, "resume")
    if fresh.read_mark.first_unread in [turn.id for turn in dropped]:
        fresh.read_mark.move_to(None)
        await save_read_state(fresh)
    warn_of_other_model(fresh, stored.told.model if stored.told is not None else None)
    fresh.publish_status()
    return Reverted(fresh, *newest_cursors(fresh.id, stored.turns, stored.segments))


def split(threads: Threads, thread: Thread, before_turn_id: str) -> tuple[StoredThread, list[Entry], list[StoredTurn]] | None:
    """What is left of a thread before a turn, with its items for the model, and the turns that are dropped.

    None: there is no such turn. The head of what is left is that of the file to be written. Blocks. Raises: StoreError.
    """
    source = source_of(thread)
    segments = source.segments(threads)
    turns = all_turns(segments, has_items=False)
    index = next((index for index, turn in enumerate(turns) if turn.id == before_turn_id), None)
    if index is None:
        return None
    base = base_at(segments, turns[index].position) if index > 0 else None
    head = replace_in(thread.recorder.head, created_ms=threads.runtime.clock.now_ms(), base=base)
    stored = rebuild_chain(until(segments, base)) if base is not None else StoredThread(segments)
    stored.segments = [*stored.segments[:-1], replace_in(stored.segments[-1], head=head)]
    return stored, encoded(stored), turns[index:]


def begin_again(threads: Threads, old: Thread, stored: StoredThread, past: list[Entry]) -> Thread:
    """The thread, written to a new file from here on, with the settings that it has. Raises: StoreError."""
    runtime = old.runtime
    head: Head = stored.head
    path = rollout_path(runtime.home, head.created_ms, head.thread_id, runtime.clock.uuid7())
    rollout = Rollout(path, runtime.clock, first_ordinal=head.base.end_ordinal if head.base is not None else 0)
    recorder = Recorder(runtime, head, rollout, None)
    thread = Thread(runtime, old.config, old.settings, old.options, recorder)
    fill(threads, thread, stored, past)
    if stored.window_id is None:
        thread.window_number, thread.window_id = 0, old.window_id
    thread.preview, thread.name, thread.corrections = old.preview, old.name, old.corrections
    thread.read_mark.restore(old.read_mark.first_unread, old.read_mark.revision)
    recorder.materialize()
    recorder.settings(thread.settings)
    recorder.hold(old.recorder.take_over())
    recorder.sync()
    return thread


async def roll_back(threads: Threads, thread: Thread, turn_count: int) -> list[StoredTurn]:
    """Drop the last turns, or all if there are fewer, and return those that are left. Raises: CallerError, StoreError."""
    if turn_count < 1:
        raise CallerError("numTurns must be >= 1", data={"field": "numTurns"})
    if thread.turn is not None:
        raise CallerError("Cannot rollback while a turn is in progress.", reason="turn_in_progress")
    if not thread.recorder.is_on_disk:
        raise NoRollout(thread.id)
    thread.recorder.rolled_back(turn_count)
    source = source_of(thread)

    def read() -> tuple[StoredThread, list[Entry]]:
        stored = rebuild_chain(source.segments(threads), has_items=False)
        return stored, encoded(stored)

    stored, past = await anyio.to_thread.run_sync(read)
    thread.forget_past()
    fill(threads, thread, stored, past)
    return await turns_of(threads, source_of(thread))
