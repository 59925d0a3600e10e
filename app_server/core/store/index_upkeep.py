"""Keeping the index as the files are, whoever has written them.

What has changed is found by looking, since other programs write files too. A directory's time of change tells whether a
file has come, gone or been moved; new threads are in the newest ones, so the others are looked at once in a while, and
whenever we ourselves have moved something. A file's time of change tells whether somebody has written it; but thousands of
files are not looked at for every list: while a thread is written its lock is held, so as long as no lock has come or gone,
only files of locked threads can have changed. From time to time all are looked at, for writers that know no locks.

A time of change within the last moments proves nothing, since more can happen within the same tick: it is not believed.
A file is recorded with its times from before it was read, so what is appended meanwhile makes it differ again.
"""

import os
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from app_server.core.store.encoding import encode
from app_server.core.store.facts import Facts
from app_server.core.store.index import Changes, Index
from app_server.core.store.index_row import Row
from app_server.core.store.paths import ARCHIVED, LOCKS, SESSIONS, parse_name

ReadFacts = Callable[[Path, os.stat_result], Facts | None]
MOST_AT_ONCE = 64
"""How many files are read while somebody waits for a list; where more have changed, lists come from the files meanwhile."""
BATCH = 250
FRESH_NS = 2_000_000_000
CHECK_S = 10.0
"""How long it is believed that nobody has written a file without holding a lock."""
WALK_S = 1.0
"""How long it is believed that nobody else has moved a file from or to a day that is over."""
NEWEST = 2
"""How many days are looked at each time: clocks and zones of other programs may differ."""
UNKNOWN, MISSING = 0, -1


class Upkeep:
    """What was looked at when. Blocks: for worker threads. `read_facts` gives what is to be known of a file."""

    def __init__(self, index: Index, read_facts: ReadFacts) -> None:
        self._index = index
        self._read_facts = read_facts
        self._home = index.home
        self._root = str(index.home)
        self._locks_ns = UNKNOWN
        self._checked_at = self._walked_at = float("-inf")
        self._moves = 0

    def is_current(self) -> bool:
        """Whether the index is as the files are; small differences are mended. Raises: IndexUnusable."""
        return self._mend(MOST_AT_ONCE, has_files=True, is_partly_done=False)

    def knows_all_files(self) -> bool:
        """The same, but for what is in files that were there before. An index that nobody has made is not made here.

        Raises: IndexUnusable.
        """
        return self._index.is_there and self._mend(MOST_AT_ONCE, has_files=False, is_partly_done=False)

    def note_moves(self) -> None:
        """Files have been moved or deleted by ourselves: look everywhere the next time."""
        self._moves += 1
        self._walked_at = float("-inf")

    def catch_up(self) -> bool:
        """Do a part of the work, and return whether there is more. Raises: IndexUnusable."""
        return not self._mend(BATCH, has_files=True, is_partly_done=True)

    def _mend(self, most: int, *, has_files: bool, is_partly_done: bool) -> bool:
        """Write what differs, if it is no more than so many files, or that many of them. Returns whether that was all."""
        changes, now, moves = Changes([], [], {}, []), time.monotonic(), self._moves
        is_walk_due = is_partly_done or now - self._walked_at > WALK_S
        files = self._compare_directories(changes, most, is_everywhere=is_walk_due)
        locks_ns = changed_ns(f"{self._root}/{LOCKS}")
        is_check_due = locks_ns == UNKNOWN or locks_ns != self._locks_ns or now - self._checked_at > CHECK_S
        if has_files and changes.is_all:
            known = self._index.signatures(None if is_check_due else self._locked())
            for directory, name in self._written(known):
                if len(files) == most:
                    changes.is_all = False
                    break
                files.append((directory, name))
        if not changes.is_all and not is_partly_done:
            return False
        changes.rows = [row for file in files if (row := self._read(*file)) is not None]
        if changes.rows or changes.removed or changes.directories or changes.gone:
            self._index.write(changes)
        if is_walk_due and changes.is_all and moves == self._moves:
            self._walked_at = now
        if has_files and is_check_due and changes.is_all:
            self._locks_ns, self._checked_at = locks_ns, now
        return changes.is_all

    def _compare_directories(self, changes: Changes, most: int, *, is_everywhere: bool) -> list[tuple[str, str]]:
        """Note which directories differ, and return new files in them, no more than so many."""
        known = self._index.directories()
        files: list[tuple[str, str]] = []
        for directory in self._directories(is_everywhere=is_everywhere):
            was_ns, is_ns = known.pop(directory, None), changed_ns(f"{self._root}/{directory}")
            if was_ns == is_ns != UNKNOWN:
                continue
            there = {name for name in listing(f"{self._root}/{directory}") if parse_name(name) is not None}
            recorded = self._index.names_in(directory)
            new = sorted(there - recorded)
            gone = recorded - there
            changes.removed += [(directory, name) for name in gone]
            room = most - len(files)
            files += [(directory, name) for name in new[:room]]
            if len(new) > room:
                changes.is_all = False
                return files
            if gone or new or was_ns != is_ns:
                changes.directories[directory] = is_ns
        changes.gone = list(known) if is_everywhere else []
        return files

    def _directories(self, *, is_everywhere: bool) -> Iterator[str]:
        """Where rollouts can be: all days, oldest first, so that what others continue is known before them; or the newest."""
        if is_everywhere:
            yield from reversed(list(self._days()))
        else:
            yield from islice(self._days(), NEWEST)
        if (self._home / ARCHIVED).is_dir():
            yield ARCHIVED

    def _days(self) -> Iterator[str]:
        """The directories of all days, newest first."""
        root = f"{self._root}/{SESSIONS}"
        for year in numbers(root):
            for month in numbers(f"{root}/{year}"):
                for day in numbers(f"{root}/{year}/{month}"):
                    yield f"{SESSIONS}/{year}/{month}/{day}"

    def _written(self, known: list[tuple[str, str, int, int]]) -> Iterator[tuple[str, str]]:
        """The files that are not as they were."""
        for directory, name, size, was_ns in known:
            try:
                status = os.stat(f"{self._root}/{directory}/{name}")  # noqa: PTH116  # for thousands of files
            except OSError:
                continue  # it has just been moved, which its directory tells
            if (status.st_size, status.st_ctime_ns) != (size, was_ns):
                yield directory, name

    def _locked(self) -> str:
        """The threads whose locks are there, as a JSON list."""
        return encode([name.removesuffix(".lock") for name in listing(f"{self._root}/{LOCKS}")]).decode()

    def _read(self, directory: str, file: str) -> Row | None:
        """What is to be written of a file; None if it has just gone."""
        path, name = self._home / directory / file, parse_name(file)
        try:
            status = path.stat()
        except OSError:
            return None
        if name is None:
            return None
        return Row(directory, file, name, status, self._read_facts(path, status))


def changed_ns(directory: str) -> int:
    """When a directory was changed last, or `MISSING`, or `UNKNOWN` if the time proves nothing."""
    try:
        found = os.stat(directory).st_ctime_ns  # noqa: PTH116  # for hundreds of directories
    except FileNotFoundError:
        return MISSING
    except OSError:
        return UNKNOWN
    return found if time.time_ns() - found > FRESH_NS else UNKNOWN


def numbers(directory: str) -> list[str]:
    """The directories of years, months or days, latest first."""
    return sorted((name for name in listing(directory) if name.isdigit()), reverse=True)


def listing(directory: str) -> list[str]:
    """What is in a directory; nothing if it can't be read."""
    try:
        return os.listdir(directory)  # noqa: PTH208  # names are enough
    except OSError:
        return []
