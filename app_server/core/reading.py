"""A thread's past, read from its files, whether it is loaded or not.

Files of unknown size are read in worker threads. What a running turn writes meanwhile is caught up with at the end, on
the event loop, so that what is given out is what holds at that moment. Source: spec/threads.md sections 2 and 5.
"""

from pathlib import Path
from typing import Any

import anyio.to_thread

from app_server.core.catalogue import catalogue_of
from app_server.core.errors import METHOD_NOT_FOUND, CallerError
from app_server.core.frozen import frozen
from app_server.core.ids import checked_thread_id
from app_server.core.paging import Direction, InvalidCursor, Page, read_cursor, turns_page
from app_server.core.store.errors import StoreError
from app_server.core.store.reader import read_backward
from app_server.core.store.rebuild import all_turns, last_turns, turn_reader
from app_server.core.store.segment import Segment, chain, chain_forward, limited
from app_server.core.store.turns import StoredTurn
from app_server.core.thread import Thread
from app_server.core.threads import Threads
from protocol.turn import Turn, TurnItemsView


class ThreadNotLoaded(CallerError):
    """There is no such thread, loaded or stored."""

    def __init__(self, thread_id: str) -> None:
        super().__init__(f"thread not loaded: {thread_id}", reason="thread_not_found")


class NotSupported(CallerError):
    """The thread's history can't be read in this way."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not supported yet", code=METHOD_NOT_FOUND, reason="not_supported")


@frozen
class Source:
    """Where a thread's past is read from.

    `size` is how far the newest file was written when it was looked at, `ordinal` the number that its next line had then.
    """

    thread_id: str
    path: Path
    thread: Thread | None = None
    size: int | None = None
    ordinal: int | None = None
    is_archived: bool = False

    @property
    def running_id(self) -> str | None:
        """The turn that runs."""
        return self.thread.turn.id if self.thread is not None and self.thread.turn is not None else None

    def segments(self, threads: Threads) -> list[Segment]:
        """The files, as far as they are to be read. Blocks. Raises: StoreError."""
        found = chain(threads.runtime.home, self.path)
        return found if self.size is None else limited(found, self.size)


def source_of(thread: Thread) -> Source:
    """A loaded thread that is on disk, as it is now."""
    rollout = thread.recorder.rollout
    assert rollout is not None
    return Source(thread.id, rollout.path, thread, rollout.size, rollout.ordinal)


async def find_source(threads: Threads, thread_id: str) -> Source | None:
    """Where to read a thread, or None if there is nothing to read. Raises: InvalidThreadId."""
    known_id = checked_thread_id(thread_id)
    thread = threads.find(known_id)
    if thread is not None:
        return source_of(thread) if thread.recorder.is_on_disk and not thread.has_untold_turns else None
    file = await anyio.to_thread.run_sync(catalogue_of(threads.runtime).search, known_id)
    return Source(known_id, file.path, is_archived=file.is_archived) if file is not None else None


async def turns_of(threads: Threads, source: Source) -> list[StoredTurn]:
    """All turns with all their items, oldest first, up to this moment. Raises: StoreError."""

    def read() -> Any:
        segments = source.segments(threads)
        reader, names = turn_reader(segments)
        for line in chain_forward(segments, names):
            reader.feed(line)
        return reader, names

    reader, names = await anyio.to_thread.run_sync(read)
    rollout = source.thread.recorder.rollout if source.thread is not None else None
    if rollout is not None and rollout.path == source.path and rollout.size != source.size:
        news = list(read_backward(source.path, end=rollout.size, start=source.size or 0, names=names))
        for line in reversed(news):
            reader.feed(line)
    turns: list[StoredTurn] = reader.turns(source.running_id)
    return turns


async def paged_segments(threads: Threads, thread_id: str, method: str) -> tuple[Source, list[Segment]]:
    """The files of a thread whose history can be read in pages of items. Raises: NotSupported, InvalidThreadId."""
    source = await find_source(threads, thread_id)
    if source is None:
        raise NotSupported(method)
    try:
        segments = await anyio.to_thread.run_sync(source.segments, threads)
    except StoreError:
        raise NotSupported(method) from None
    if segments[-1].head.history_mode != "paginated":
        raise NotSupported(method)
    return source, segments


async def all_turns_of(source: Source, segments: list[Segment], *, has_items: bool = True) -> list[StoredTurn]:
    """The turns in these files, oldest first."""
    running_id = source.running_id
    return await anyio.to_thread.run_sync(lambda: all_turns(segments, has_items=has_items, running_id=running_id))


async def read_page(
    threads: Threads, source: Source, cursor: str | None, limit: int, direction: Direction, view: TurnItemsView
) -> Page[Turn]:
    """A page of a thread's turns. Going back from the end, no more is read than the page needs. Raises: InvalidCursor."""
    anchor = read_cursor(cursor, "turns") if cursor is not None else None
    running_id = source.running_id

    def read() -> Page[Turn]:
        segments = source.segments(threads)
        is_numbered = segments[-1].head.history_mode == "paginated"
        if anchor is not None and (anchor.turn_id is None) != is_numbered:
            raise InvalidCursor(cursor or "")
        if direction == "desc" and is_numbered:
            before = None if anchor is None or anchor.position is None else anchor.position + anchor.is_included
            found = last_turns(segments, limit + 1, before=before, running_id=running_id)
        else:
            found = all_turns(segments, has_items=view != "notLoaded", running_id=running_id)
        return turns_page(source.thread_id, found, anchor, limit, direction, view, is_numbered=is_numbered)

    try:
        return await anyio.to_thread.run_sync(read)
    except StoreError:
        raise ThreadNotLoaded(source.thread_id) from None
