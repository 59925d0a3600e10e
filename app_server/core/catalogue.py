"""The stored threads, as lists and look-ups see them: where each is, and what is shown of it.

The index knows it quickest. Whenever it can't be used, or is too far behind, the directories and files themselves are read,
and somebody is to call `catch_up` until the index is there. All of it blocks: call it in a worker thread.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app_server.core.errors import CallerError
from app_server.core.ids import checked_thread_id
from app_server.core.runtime import Runtime
from app_server.core.store.errors import StoreError
from app_server.core.store.facts import Facts, read_facts
from app_server.core.store.index import Index, IndexUnusable
from app_server.core.store.index_upkeep import Upkeep
from app_server.core.store.names import thread_names
from app_server.core.store.sessions import StoredFile, find_segment, references_to, stored_threads
from app_server.core.store.user_state import UserState

MOST_KEPT = 10_000
"""Of how many files it is remembered what was read of them, as long as their size and time of change stay the same, until
the index has it."""

PATIENCE_S = 0.02
"""How long upkeep stands back at a file for a list."""


class NoRollout(CallerError):
    """No stored thread has this id; clients match the text, and start a thread of their own then."""

    def __init__(self, thread_id: str, what: str = "rollout") -> None:
        super().__init__(f"no {what} found for thread id {thread_id}", reason="thread_not_found")


class IsArchived(CallerError):
    """The thread has to be unarchived first."""

    def __init__(self, thread_id: str) -> None:
        super().__init__(
            f"session {thread_id} is archived. Run `codex unarchive {thread_id}` to unarchive it first.",
            reason="thread_archived",
            remedy="call thread/unarchive first",
        )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored thread of which only its file's name and times are known, in milliseconds.

    `created_ms` is at most a second before the time in its head; `changed_ms` is 0 where nobody asked for it.
    """

    file: StoredFile
    created_ms: int
    changed_ms: int


class Catalogue:
    """All stored threads of a home."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._kept: dict[Path, Facts] = {}
        self._index = Index(home)
        self._upkeep = Upkeep(self._index, self._facts_in_turn)
        self._is_behind = False
        self._is_catching_up = False
        self._lists = 0
        self._no_lists = threading.Condition()

    def index(self) -> Index | None:
        """The index, if it is as the files are. Raises: IndexUnusable."""
        if self._is_catching_up:
            return None
        if self._is_indexed():
            return self._index
        self._is_behind = True
        return None

    def _is_indexed(self) -> bool:
        """Whether the index has all that the files have, so that nothing else need be remembered. Raises: IndexUnusable."""
        is_current = self._upkeep.is_current()
        if is_current:
            self._kept.clear()
        return is_current

    def start_catching_up(self) -> bool:
        """Whether the index is behind and nobody brings it up to date: whoever asks has to do it (`durable.catch_up`)."""
        is_due = self._is_behind and not self._is_catching_up
        self._is_catching_up |= is_due
        return is_due

    def catch_up(self) -> bool:
        """Bring the index a bit further, and return whether there is more to do."""
        try:
            has_more = self._upkeep.catch_up()
        except IndexUnusable:
            has_more = False
        if not has_more:
            self._kept.clear()
            self._is_behind = self._is_catching_up = False
        return has_more

    def close(self) -> None:
        """Close the index."""
        self._index.close()

    def find(self, thread_id: str) -> Path:
        """The current file of a thread that is not archived. Raises: NoRollout, IsArchived."""
        found = self.search(thread_id)
        if found is None:
            raise NoRollout(thread_id)
        if found.is_archived:
            raise IsArchived(thread_id)
        return found.path

    def search(self, thread_id: str) -> StoredFile | None:
        """The current file of a thread, archived or not."""
        try:
            found = self._index.file_of(thread_id) if self._upkeep.knows_all_files() else None
            if found is not None and found.path.exists():
                return found
        except IndexUnusable:
            pass  # the directories tell it too
        for is_archived in (False, True):
            for file in stored_threads(self._home, is_archived=is_archived):
                if file.name.thread_id == thread_id:
                    return file
        return None

    @contextmanager
    def listing_files(self) -> Iterator[None]:
        """While somebody waits for a list that comes from the files, upkeep stands back: two threads would slow each other."""
        with self._no_lists:
            self._lists += 1
        try:
            yield
        finally:
            with self._no_lists:
                self._lists -= 1
                self._no_lists.notify_all()

    def _facts_in_turn(self, path: Path, status: os.stat_result) -> Facts | None:
        """The same as `facts`, for upkeep."""
        if self._is_catching_up and self._lists:
            with self._no_lists:
                self._no_lists.wait_for(lambda: not self._lists, PATIENCE_S)
        return self.facts(path, status)

    def note_moves(self) -> None:
        """Files of threads have been moved or deleted."""
        self._upkeep.note_moves()

    def references_to(self, thread_id: str) -> list[str]:
        """The ids of other threads whose history continues this one's."""
        try:
            if self._is_indexed():
                return self._index.references_to(thread_id)
        except IndexUnusable:
            pass  # the files tell it too
        return references_to(self._home, thread_id)

    def candidates(self, *, is_archived: bool, has_changes: bool = False, until_ms: int | None = None) -> Iterator[Candidate]:
        """All threads, newest first; with `has_changes`, when each was changed; most made after `until_ms` are left out."""
        for file in stored_threads(self._home, is_archived=is_archived, until_ms=until_ms):
            changed_ms = 0
            if has_changes:
                try:
                    changed_ms = os.stat(file.path).st_mtime_ns // 1_000_000  # noqa: PTH116  # for thousands of files
                except OSError:
                    continue  # it has just been moved away
            yield Candidate(file, created_ms(file.path.name), changed_ms)

    def facts(self, path: Path, status: os.stat_result | None = None) -> Facts | None:
        """What lists show of a thread, or None if there is no thread in the file."""
        try:
            status = status or path.stat()
            known = self._kept.get(path)
            if known is not None and (known.size, known.updated_ms) == (status.st_size, status.st_mtime_ns // 1_000_000):
                return known
            facts = read_facts(path, self._segment, status=status)
        except (OSError, StoreError):
            return None
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[path] = facts
        return facts

    def _segment(self, segment_id: str) -> Path | None:
        """The file that another one continues."""
        try:
            found = self._index.segment(segment_id) if self._index.is_there else None
        except IndexUnusable:
            found = None
        return found if found is not None and found.exists() else find_segment(self._home, segment_id)

    def names(self) -> dict[str, str]:
        """The names that threads were given."""
        try:
            return thread_names(self._home)
        except StoreError:
            return {}


def created_ms(name: str) -> int:
    """When a rollout was made, by the local time in its name."""
    numbers = (name[8:12], name[13:15], name[16:18], name[19:21], name[22:24], name[25:27])
    year, month, day, hour, minute, second = (int(number) for number in numbers)
    return int(time.mktime((year, month, day, hour, minute, second, 0, 0, -1))) * 1000


def catalogue_of(runtime: Runtime) -> Catalogue:
    """The process's catalogue."""
    found: Catalogue = runtime.catalogue()
    return found


def user_state_of(runtime: Runtime) -> UserState:
    """The process's knowledge of what users have read and corrected."""
    found: UserState = runtime.user_state()
    return found


def session_id(text: Any) -> str:
    """The id in its usual form. Raises: InvalidThreadId, with the word that those methods use which look for files."""
    return checked_thread_id(str(text), "session")
