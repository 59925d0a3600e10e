"""The stored threads: finding their files, listing them, moving them away and back, deleting them.

Everything is found by walking the directories, newest first; file names carry the creation time and the ids, so a walk
opens no file. What a list shows of a thread is read by `facts`. The index stands in for both where it can.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app_server.core.store.errors import StoreError, disk_error
from app_server.core.store.head import Head, read_head
from app_server.core.store.names import forget_name
from app_server.core.store.paths import ARCHIVED, SESSIONS, FileName, archived_path, parse_name, unarchived_path

NAME_START = "rollout-%Y-%m-%dT%H-%M-%S"
SEGMENT_SIGN = "_"
"""In the names of files that are not the first of their thread."""
MARGIN_S = 2 * 3600
"""Names have local times, which jump twice a year."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A rollout in a directory."""

    path: Path
    name: FileName
    is_archived: bool


def stored_files(home: Path, *, is_archived: bool = False, until_ms: int | None = None) -> Iterator[StoredFile]:
    """All rollouts, newest first by time of creation, every segment of every thread.

    With `until_ms`, first files of threads that were made later are left out; it costs less than to look at their names.
    """
    newest = time.strftime(NAME_START, time.localtime(until_ms // 1000 + MARGIN_S)) if until_ms is not None else None
    if is_archived:
        yield from _files_in(home / ARCHIVED, newest, is_archived=True)
        return
    for year in _numbered(home / SESSIONS):
        for month in _numbered(year):
            for day in _numbered(month):
                yield from _files_in(day, newest, is_archived=False)


def stored_threads(home: Path, *, is_archived: bool = False, until_ms: int | None = None) -> Iterator[StoredFile]:
    """The current file of each thread, newest first. A revert's file stands before what it reverts."""
    seen: set[str] = set()
    for file in stored_files(home, is_archived=is_archived, until_ms=until_ms):
        if file.name.thread_id not in seen:
            seen.add(file.name.thread_id)
            yield file


def find_thread(home: Path, thread_id: str, *, is_archived: bool = False) -> Path | None:
    """The current file of a thread, or None."""
    return next((file.path for file in stored_threads(home, is_archived=is_archived) if file.name.thread_id == thread_id), None)


def find_segment(home: Path, segment_id: str) -> Path | None:
    """The file with this segment id, archived or not, or None."""
    return next((file.path for file in _everything(home) if file.name.segment_id == segment_id), None)


def archive(home: Path, thread_id: str) -> Path:
    """Move a thread's files into the archive and return where its current one is now. Raises: StoreError."""
    moved = [_move(file.path, archived_path(home, file.path)) for file in _segments(home, thread_id, is_archived=False)]
    return moved[0]


def unarchive(home: Path, thread_id: str) -> Path:
    """Move a thread's files back to their days and return where its current one is now. Raises: StoreError."""
    moved = [_move(file.path, unarchived_path(home, file.path)) for file in _segments(home, thread_id, is_archived=True)]
    return moved[0]


def references_to(home: Path, thread_id: str) -> list[str]:
    """The ids of other threads whose history continues this one's. Reads the first line of every thread's every file."""
    own = {file.name.segment_id for file in _everything(home) if file.name.thread_id == thread_id}
    found: dict[str, None] = {}
    for file in _everything(home):
        if file.name.thread_id != thread_id:
            head = try_head(file.path)
            if head is not None and head.base is not None and head.base.segment_id in own:
                found[file.name.thread_id] = None
    return list(found)


def delete(home: Path, thread_id: str) -> None:
    """Remove a thread's files, archived or not, and its name. Raises: StoreError.

    The caller has made sure that nobody writes the thread and no other thread's history needs it (`references_to`).
    """
    for file in [file for file in _everything(home) if file.name.thread_id == thread_id]:
        try:
            file.path.unlink(missing_ok=True)
        except OSError as error:
            raise disk_error("delete", file.path, error) from error
    forget_name(home, thread_id)


def try_head(path: Path) -> Head | None:
    """The head of a file, or None if it has none that can be read."""
    try:
        return read_head(path)
    except StoreError:
        return None


def _segments(home: Path, thread_id: str, *, is_archived: bool) -> list[StoredFile]:
    """All files of a thread, the current one first. Raises: StoreError (there are none)."""
    found = [file for file in stored_files(home, is_archived=is_archived) if file.name.thread_id == thread_id]
    if not found:
        raise StoreError(f"no file of thread {thread_id}")
    return found


def _everything(home: Path) -> Iterator[StoredFile]:
    yield from stored_files(home)
    yield from stored_files(home, is_archived=True)


def _files_in(directory: Path, newest: str | None, *, is_archived: bool) -> Iterator[StoredFile]:
    for text in sorted(_listing(directory), reverse=True):
        if newest is not None and text > newest and SEGMENT_SIGN not in text:
            continue
        name = parse_name(text)
        if name is not None:
            yield StoredFile(directory / text, name, is_archived)


def _numbered(directory: Path) -> list[Path]:
    """The directories for years, months or days, latest first."""
    return [directory / text for text in sorted(_listing(directory), reverse=True) if text.isdigit()]


def _listing(directory: Path) -> list[str]:
    try:
        return os.listdir(directory)  # noqa: PTH208  # names are enough; paths would cost a walk over thousands of files dearly
    except OSError:
        return []  # no such day, or it has just gone


def _move(source: Path, target: Path) -> Path:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
    except OSError as error:
        raise disk_error("move", source, error) from error
    return target
