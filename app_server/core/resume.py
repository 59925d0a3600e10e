"""Loading stored threads again: by id, by path, or from items that a client has kept.

Source: spec/threads.md section 3 (order of precedence, errors, and what of a thread is restored).
"""

from pathlib import Path
from typing import Any

import anyio.to_thread

from app_server.core.catalogue import IsArchived, NoRollout, catalogue_of, session_id
from app_server.core.errors import CallerError
from app_server.core.frozen import frozen, replace
from app_server.core.paging import Direction, Page, newest_cursors
from app_server.core.reading import NotSupported, Source, read_page, source_of, turns_of
from app_server.core.required import require_servers
from app_server.core.restore import load, thread_of
from app_server.core.settings import StartOptions, Wishes
from app_server.core.store.errors import StoreError
from app_server.core.store.facts import message_words
from app_server.core.store.head import read_head
from app_server.core.store.paths import ARCHIVED
from app_server.core.store.rebuild import last_turns
from app_server.core.store.turns import StoredTurn
from app_server.core.thread import Thread
from app_server.core.threads import Threads
from protocol.turn import Turn, TurnItemsView

CURSOR_TURNS = 5
"""How many turns are looked at for the newest item."""
ATTEMPTS = 3


@frozen
class PageWish:
    """A page of turns that is wanted beside the thread."""

    limit: int
    direction: Direction
    view: TurnItemsView


@frozen
class Request:
    """Which thread, and with what on top of its settings."""

    thread_id: str
    path: str | None
    history: list[dict[str, Any]] | None
    wishes: Wishes
    options: StartOptions
    has_turns: bool
    page: PageWish | None = None


@frozen
class Extras:
    """The cursors of the newest turn and item, and the page that was wanted."""

    turns_cursor: str | None
    items_cursor: str | None
    page: Page[Turn] | None


@frozen
class Opened:
    """A thread that is loaded now.

    `recorded_model` is what it was last run with, if it was just read; `first_words` are those of a history that it was
    given, which count as nobody's in it.
    """

    thread: Thread
    turns: list[StoredTurn]
    was_loaded: bool
    extras: Extras
    recorded_model: str | None = None
    first_words: str = ""


async def resume(threads: Threads, request: Request) -> Opened:
    """Load a thread, or find it loaded. Raises: CallerError, WriterBusy, StoreError."""
    if request.history is not None:
        return await from_history(threads, request)
    if request.path:
        path = await find_by_path(threads, request.thread_id, request.path)
    else:
        thread_id = session_id(request.thread_id)
        thread = threads.find(thread_id)
        if thread is not None:
            return await join(threads, thread, request)
        path = await anyio.to_thread.run_sync(catalogue_of(threads.runtime).find, thread_id)
    if isinstance(path, Thread):
        return await join(threads, path, request)
    return await open_stored(threads, path, request)


async def join(threads: Threads, thread: Thread, request: Request) -> Opened:
    """The thread is loaded already: its settings stay as they are."""
    if not thread.recorder.is_on_disk:
        raise NoRollout(thread.id)
    if thread.has_untold_turns:
        raise NotSupported("list_turns")
    extras = await extras_of(threads, thread, request.page)
    turns = await turns_of(threads, source_of(thread)) if request.has_turns else []
    return Opened(thread, turns, True, extras)


async def open_stored(threads: Threads, path: Path, request: Request) -> Opened:
    """Read a thread and load it."""
    loaded = await anyio.to_thread.run_sync(load, threads.runtime, path, request.has_turns)
    head = loaded.stored.head
    options = replace(request.options, thread_source=head.thread_source, history_mode=head.history_mode)
    try:
        thread = thread_of(threads, loaded, request.wishes, options)
        extras = await extras_of(threads, thread, request.page)
        await require_servers(thread, "resuming")
    except BaseException:
        loaded.lock.release()
        raise
    threads.add(thread, "resume")
    told = loaded.stored.told or loaded.stored.settings
    return Opened(thread, loaded.stored.turns if request.has_turns else [], False, extras, told.model)


async def find_by_path(threads: Threads, thread_id: str, text: str) -> Path | Thread:
    """The file that a path names, or the loaded thread of which it is the file.

    Raises: CallerError (no such file, or it is not the thread's current one).
    """
    path = threads.runtime.home / text
    named = threads.find(thread_id)
    if named is not None and named.recorder.path != str(path):
        raise stale_of_running(named, path)
    try:
        head = await anyio.to_thread.run_sync(read_head, path)
    except StoreError:
        why = "it holds no thread" if path.is_file() else "file does not exist"  # one look, for a message
        raise CallerError(
            f"failed to resolve rollout path `{path}`: {why}", reason="thread_not_found", data={"field": "path"}
        ) from None
    thread = threads.find(head.thread_id)
    if thread is None and path.parent.name == ARCHIVED:
        raise IsArchived(head.thread_id)
    if thread is not None:
        current = Path(thread.recorder.path or "")
    else:
        file = await anyio.to_thread.run_sync(catalogue_of(threads.runtime).search, head.thread_id)
        current = file.path if file is not None else path
    if current != path and head.history_mode == "paginated":
        raise CallerError(
            f"cannot resume paginated thread {head.thread_id} with stale path: requested {path}, current {current}; "
            "omit path and resume by thread id",
            reason="stale_path",
            data={"field": "path"},
        )
    if thread is not None and current != path:
        raise stale_of_running(thread, path)
    return thread if thread is not None else path


def stale_of_running(thread: Thread, path: Path) -> CallerError:
    """The thread is loaded from another file."""
    return CallerError(
        f"cannot resume running thread {thread.id} with stale path: requested `{path}`, active `{thread.recorder.path}`",
        reason="stale_path",
        data={"field": "path"},
    )


async def from_history(threads: Threads, request: Request) -> Opened:
    """A new thread that begins with items which a client has kept."""
    items = request.history or []
    if not items:
        raise CallerError("history must not be empty", reason="empty", data={"field": "history"})
    named = threads.find(request.thread_id)
    if named is not None:
        raise CallerError(f"cannot resume thread {named.id} with history while it is already running", reason="thread_loaded")
    thread = threads.start(request.wishes, request.options)
    thread.recorder.materialize()
    for item in items:
        thread.record_item_for_model({"id": thread.new_item_id("msg"), **item} if item.get("type") == "message" else item)
    thread.recorder.settings(thread.settings)
    thread.recorder.sync()
    words = next((words for item in items if (words := message_words(item))), "")
    return Opened(thread, [], False, await extras_of(threads, thread, request.page), first_words=words)


async def extras_of(threads: Threads, thread: Thread, wish: PageWish | None) -> Extras:
    """What is told beside a thread. A turn that runs may write while this is read: then it is read again."""
    for _ in range(ATTEMPTS):
        source = source_of(thread)
        extras = await read_extras(threads, source, wish)
        if thread.recorder.rollout is None or thread.recorder.rollout.size == source.size:
            break
    return extras


async def read_extras(threads: Threads, source: Source, wish: PageWish | None) -> Extras:
    """The same as it was when the source was looked at."""
    running_id = source.running_id

    def read() -> tuple[str | None, str | None]:
        segments = source.segments(threads)
        return newest_cursors(source.thread_id, last_turns(segments, CURSOR_TURNS, running_id=running_id), segments)

    cursors = await anyio.to_thread.run_sync(read)
    page = await read_page(threads, source, None, wish.limit, wish.direction, wish.view) if wish is not None else None
    return Extras(*cursors, page)
