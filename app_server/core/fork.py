"""Forks: a new thread that shares another one's past and goes its own way.

In numbered files a fork holds nothing of that past: its head says which lines of which file come before it. Of the older
kind it is a copy. A turn that runs in the source is, in the fork, one that was interrupted. Like a new thread, a fork
takes model, effort and service tier from the request or the configuration; folder and permissions are the source's.
Source: spec/threads.md section 4.
"""

from dataclasses import replace as replace_in
from functools import partial

import anyio.to_thread

from app_server.core.catalogue import NoRollout, catalogue_of, session_id, user_state_of
from app_server.core.config.config import Config
from app_server.core.errors import CallerError
from app_server.core.frozen import frozen, replace
from app_server.core.history import INTERRUPTED_NOTE
from app_server.core.history_item import Entry
from app_server.core.reading import Source, source_of
from app_server.core.recorder import Recorder
from app_server.core.required import require_servers
from app_server.core.restore import configured, encoded, fill
from app_server.core.resume import find_by_path
from app_server.core.settings import StartOptions, ThreadSettings, Wishes, allowed, start_settings, within
from app_server.core.store.errors import StoreError
from app_server.core.store.head import HistoryBase
from app_server.core.store.names import set_name
from app_server.core.store.paths import parse_name
from app_server.core.store.reader import read_forward
from app_server.core.store.rebuild import StoredThread, all_turns, rebuild_chain
from app_server.core.store.rollout import find_end
from app_server.core.store.segment import Segment, base_at, until
from app_server.core.store.turns import StoredTurn
from app_server.core.thread import Thread
from app_server.core.threads import Threads, new_head

NOTHING_BEFORE = 1
"""A fork that leaves its source here would continue nothing but a head."""


@frozen
class ForkRequest:
    """Which thread, up to which turn, and with what settings."""

    thread_id: str
    path: str | None
    last_turn_id: str | None
    before_turn_id: str | None
    wishes: Wishes
    options: StartOptions
    has_turns: bool
    is_attached: bool


@frozen
class Forked:
    """The new thread, with the turns that it shares."""

    thread: Thread
    turns: list[StoredTurn]


@frozen
class Cut:
    """What a fork shares with its source: all that a file continues, or of the older kind, copies up to an offset."""

    stored: StoredThread
    past: list[Entry]
    base: HistoryBase | None
    copied: int
    preview: str
    name: str | None
    project_id: str | None


async def fork(threads: Threads, request: ForkRequest) -> Forked:
    """Make a fork and load it; it is on disk at once. Raises: CallerError, StoreError."""
    if request.last_turn_id is not None and request.before_turn_id is not None:
        raise CallerError("`beforeTurnId` cannot be combined with `lastTurnId`", reason="conflicting_fields")
    source = await fork_source(threads, request)
    taken = await anyio.to_thread.run_sync(cut, threads, source, request)
    head = taken.stored.head
    if request.options.is_ephemeral and request.has_turns and head.history_mode == "paginated":
        raise CallerError(
            "ephemeral paginated thread/fork requires `excludeTurns: true`",
            reason="thread_ephemeral",
            data={"field": "excludeTurns"},
        )
    options = replace(request.options, history_mode=head.history_mode)
    config, settings = forked_settings(threads, source, taken.stored, request.wishes, options)
    own_head = replace_in(
        new_head(threads.runtime, settings, options.base_instructions or head.base_instructions or "", options),
        forked_from_id=head.thread_id,
        originator=head.originator,
        base=taken.base,
        is_attached=request.is_attached,
    )
    recorder = Recorder.for_new_thread(threads.runtime, own_head, options.is_ephemeral)
    thread = Thread(threads.runtime, config, settings, options, recorder)
    fill(threads, thread, taken.stored, taken.past)
    thread.window_id = own_head.window_id or ""
    thread.preview, thread.name, thread.project_id = taken.preview, taken.name, taken.project_id
    await require_servers(thread, "forking")
    await write(thread, taken)
    threads.add(thread, "fork")
    return Forked(thread, taken.stored.turns if request.has_turns else [])


async def fork_source(threads: Threads, request: ForkRequest) -> Source:
    """The thread to fork, as it is now. Raises: NoRollout, IsArchived, InvalidThreadId."""
    if request.path:
        found = await find_by_path(threads, request.thread_id, request.path)
        return source_of(found) if isinstance(found, Thread) else Source("", found)
    thread_id = session_id(request.thread_id)
    thread = threads.find(thread_id)
    if thread is None:
        return Source(thread_id, await anyio.to_thread.run_sync(catalogue_of(threads.runtime).find, thread_id))
    if not thread.recorder.is_on_disk:
        raise NoRollout(thread_id)
    return source_of(thread)


def cut(threads: Threads, source: Source, request: ForkRequest) -> Cut:
    """Read what the fork shares. Blocks. Raises: CallerError (no such turn), StoreError."""
    segments = source.segments(threads)
    head = segments[-1].head
    ordinal = leaving_point(segments, source.running_id, request)
    if head.history_mode == "paginated":
        end = base_at(segments, ordinal) if ordinal is not None else end_of(source)
        base = end if end.end_ordinal > NOTHING_BEFORE else None
        kept, copied = (until(segments, base) if base is not None else []), 0
    else:
        base, copied = None, offset_of(source, ordinal)
        kept = [replace_in(segments[-1], end_offset=copied)]
    stored = rebuild_chain(kept, has_items=request.has_turns) if kept else StoredThread(segments)
    stored.segments = segments
    catalogue = catalogue_of(threads.runtime)
    if source.thread is not None:
        preview, name = source.thread.preview, source.thread.name
    else:
        facts = catalogue.facts(source.path)
        preview, name = facts.preview if facts is not None else "", catalogue.names().get(head.thread_id)
    place = user_state_of(threads.runtime).places.of([head.thread_id])[head.thread_id]
    words = preview if stored.turns or ordinal is None else ""
    return Cut(stored, encoded(stored), base, copied, words, name, place.project_id)


def leaving_point(segments: list[Segment], running_id: str | None, request: ForkRequest) -> int | None:
    """The line before which the fork leaves its source; None: at the end. Raises: CallerError."""
    wanted = request.last_turn_id if request.last_turn_id is not None else request.before_turn_id
    if wanted is None:
        return None
    turns = all_turns(segments, has_items=False, running_id=running_id)
    index = next((index for index, turn in enumerate(turns) if turn.id == wanted), None)
    if index is None:
        raise CallerError(f"turn not found: {wanted}", reason="turn_not_found")
    if request.last_turn_id is None:
        return turns[index].position
    if wanted == running_id:
        raise CallerError(f"lastTurnId '{wanted}' identifies an in-progress turn", reason="turn_in_progress")
    return turns[index + 1].position if index + 1 < len(turns) else None


def end_of(source: Source) -> HistoryBase:
    """Where the source's newest file ends, or ended when it was looked at. Blocks. Raises: StoreError."""
    name = parse_name(source.path.name)
    if name is None:
        raise StoreError(f"{source.path.name} is no rollout's name")
    if source.ordinal is not None and source.size is not None:
        return HistoryBase(name.segment_id, source.ordinal, source.size)
    end = find_end(source.path)
    return HistoryBase(name.segment_id, end.ordinal, end.size)


def offset_of(source: Source, index: int | None) -> int:
    """Where a line of an unnumbered file begins; None: where the file ends. Blocks. Raises: StoreError."""
    if index is None:
        return source.size if source.size is not None else find_end(source.path).size
    return next(line.start for line in read_forward(source.path) if line.index == index)


def forked_settings(
    threads: Threads, source: Source, stored: StoredThread, wishes: Wishes, options: StartOptions
) -> tuple[Config, ThreadSettings]:
    """The configuration and the settings of a fork. Raises: CallerError, ConfigError."""
    if source.thread is not None:
        inherited = source.thread.settings
    else:
        inherited = configured(threads, stored.settings, Wishes(), StartOptions())[1]
    config = threads.load_config(replace(wishes, cwd=wishes.cwd or inherited.cwd), options)
    model = wishes.model or config.model or threads.runtime.models.default(config).slug
    settings = start_settings(Wishes(model_provider=wishes.model_provider), config, model)
    settings = replace(
        settings,
        cwd=inherited.cwd,
        runtime_workspace_roots=inherited.runtime_workspace_roots,
        approval_policy=inherited.approval_policy,
        approvals_reviewer=inherited.approvals_reviewer,
        sandbox=inherited.sandbox,
        active_permission_profile=inherited.active_permission_profile,
        disabled_plugin_ids=inherited.disabled_plugin_ids,
    )
    return config, within(settings, config).changed(allowed(wishes, config), config)


async def write(thread: Thread, taken: Cut) -> None:
    """Put the fork on disk, with what makes it a thread of its own. Raises: StoreError."""
    recorder, stored = thread.recorder, taken.stored
    recorder.materialize()
    is_copied = recorder.rollout is not None and taken.copied > 0
    if is_copied:
        assert recorder.rollout is not None
        await anyio.to_thread.run_sync(recorder.rollout.copy, stored.path, taken.copied)
    else:
        recorder.settings(thread.settings)
    last = stored.turns[-1] if stored.turns else None
    if last is not None and last.status == "interrupted" and last.end_position is None:
        thread.record_note(INTERRUPTED_NOTE)
        recorder.turn_cut(last.id, last.started_at)
    if is_copied:
        recorder.settings(thread.settings)
    recorder.sync()
    if thread.name is not None and recorder.is_on_disk:
        runtime = thread.runtime
        await anyio.to_thread.run_sync(partial(set_name, runtime.home, thread.id, thread.name, runtime.clock.now_ms()))
    if thread.project_id is not None and recorder.is_on_disk:
        assign = user_state_of(thread.runtime).projects.assign
        await anyio.to_thread.run_sync(assign, thread.id, thread.project_id)
