"""The index of stored threads: what lists show of every rollout, kept in a database, `app_server_index.sqlite` in the home.

It is a cache of the files and holds nothing else, so whatever is wrong with it is mended by throwing it away: a damaged
database, or one that a newer version of ours has made, is deleted. One that is busy or that the disk refuses is left alone
for a moment. Both are an `IndexUnusable` to the caller, who goes to the files. What is in it is brought up to date by
`index_upkeep`. May be used from any worker thread; one at a time gets in.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app_server.core.store.database import NewerDatabase, open_database
from app_server.core.store.facts import Facts
from app_server.core.store.index_row import COLUMNS, SHOWN, Row, facts_of
from app_server.core.store.paths import ARCHIVED, parse_name
from app_server.core.store.sessions import StoredFile

log = logging.getLogger(__name__)

FILE = "app_server_index.sqlite"
MIGRATIONS = (
    """
    CREATE TABLE directories (path TEXT PRIMARY KEY, changed_ns INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE files (
        directory TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, changed_ns INTEGER NOT NULL,
        thread_id TEXT NOT NULL, segment_id TEXT NOT NULL, base_id TEXT,
        is_archived INTEGER NOT NULL, is_current INTEGER NOT NULL,
        is_listed INTEGER NOT NULL, preview TEXT NOT NULL, model_provider TEXT, cwd TEXT, kind TEXT, helper_kind TEXT,
        parent_id TEXT, attached_to_id TEXT,
        created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, recency_ms INTEGER NOT NULL, shown TEXT NOT NULL,
        PRIMARY KEY (directory, name)
    );
    CREATE INDEX files_by_thread ON files (thread_id);
    CREATE INDEX files_by_segment ON files (segment_id);
    CREATE INDEX files_by_base ON files (base_id) WHERE base_id IS NOT NULL;
    CREATE INDEX files_by_parent ON files (parent_id) WHERE parent_id IS NOT NULL;
    CREATE INDEX files_by_creation ON files (is_archived, created_ms, thread_id) WHERE is_current AND is_listed;
    CREATE INDEX files_by_change ON files (is_archived, updated_ms, thread_id) WHERE is_current AND is_listed;
    CREATE INDEX files_by_recency ON files (is_archived, recency_ms, thread_id) WHERE is_current AND is_listed;
    """,
)
"""Applied once each, in this order. Moments are in milliseconds, `changed_ns` is the time of the last change of an inode."""
CURRENT = "is_current AND shown <> ''"
"""What a row is that stands for a thread."""
LISTED = "is_current AND is_listed"
"""What a row is that lists may show. The indexes by time are about these, so queries for lists say it in these words."""
SELECT = f"SELECT {', '.join(SHOWN)} FROM files WHERE {{conditions}} ORDER BY {{order}} LIMIT {{limit:d}}"  # noqa: S608  # no values
SIGNATURES = "SELECT directory, name, size, changed_ns FROM files"
SIGNATURES_OF = """
    SELECT directory, name, size, changed_ns FROM files WHERE thread_id IN (SELECT value FROM json_each(?))
"""
REFERENCES = """
    SELECT DISTINCT thread_id FROM files
    WHERE base_id IN (SELECT segment_id FROM files WHERE thread_id = ?1) AND thread_id <> ?1
"""
DESCENDANTS = """
    WITH RECURSIVE family (id) AS (
        VALUES (?1) UNION
        SELECT files.thread_id FROM files JOIN family ON parent_id = family.id WHERE is_current AND is_archived = ?2
    )
    SELECT id FROM family
"""
UPSERT = (
    f"INSERT INTO files ({', '.join(COLUMNS)}, is_current) VALUES ({', '.join('?' * len(COLUMNS))}, 1) "  # noqa: S608  # no values
    f"ON CONFLICT (directory, name) DO UPDATE SET {', '.join(f'{each} = excluded.{each}' for each in COLUMNS[2:])} "
    "WHERE excluded.changed_ns >= files.changed_ns"
)
MARK_CURRENT = """
    UPDATE files SET is_current = NOT is_current WHERE thread_id = ? AND is_current = EXISTS (
        SELECT 1 FROM files AS newer
        WHERE newer.thread_id = files.thread_id AND newer.is_archived = files.is_archived
        AND (newer.directory, newer.name) > (files.directory, files.name)
    )
"""
BUSY_MS = 250
REST_S = 5.0
"""How long a database is left alone that could not be used."""
DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})
"""Errors of a database that will not get better by itself; `ERROR` is said of tables that are not as we have made them."""


class IndexUnusable(Exception):
    """The index can't be used at this moment; the files are there all the same."""


@dataclass(slots=True)
class Changes:
    """What is to be written. `is_all` says that nothing else was found that differs."""

    rows: list[Row]
    removed: list[tuple[str, str]]
    """Directory and name of files that are gone."""
    directories: dict[str, int]
    """Directories that were compared, and when they were changed last; 0: they are to be compared again."""
    gone: list[str]
    """Directories that are no more."""
    is_all: bool = True


class Index:
    """The database."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._path = home / FILE
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._rests_until = 0.0

    @property
    def is_there(self) -> bool:
        """Whether anybody has ever made the database."""
        return self._connection is not None or self._path.exists()

    def directories(self) -> dict[str, int]:
        """The directories that were looked at, and when they were changed last by then. Raises: IndexUnusable."""
        return dict(self.query("SELECT path, changed_ns FROM directories"))

    def names_in(self, directory: str) -> set[str]:
        """The files of a directory. Raises: IndexUnusable."""
        return {name for (name,) in self.query("SELECT name FROM files WHERE directory = ?", directory)}

    def signatures(self, thread_ids: str | None = None) -> list[tuple[str, str, int, int]]:
        """Directory, name, size and time of change, of all files or those of threads in a JSON list. Raises: IndexUnusable."""
        if thread_ids is None:
            return self.query(SIGNATURES)
        return self.query(SIGNATURES_OF, thread_ids)

    def file_of(self, thread_id: str) -> StoredFile | None:
        """A thread's current file; one that is not archived if there is one. Raises: IndexUnusable."""
        asked = "SELECT directory, name FROM files WHERE thread_id = ? AND is_current ORDER BY is_archived LIMIT 1"
        for directory, file in self.query(asked, thread_id):
            name = parse_name(file)
            if name is not None:
                return StoredFile(self.home / directory / file, name, directory == ARCHIVED)
        return None

    def segment(self, segment_id: str) -> Path | None:
        """The file with this segment id. Raises: IndexUnusable."""
        found = self.query("SELECT directory, name FROM files WHERE segment_id = ? ORDER BY is_archived LIMIT 1", segment_id)
        return self.home.joinpath(*found[0]) if found else None

    def references_to(self, thread_id: str) -> list[str]:
        """The other threads whose history continues this one's. Raises: IndexUnusable."""
        return [found for (found,) in self.query(REFERENCES, thread_id)]

    def descendants(self, ancestor_id: str, is_archived: bool) -> set[str]:
        """The threads that were started by a thread, by threads that it started, and so on. Raises: IndexUnusable."""
        return {found for (found,) in self.query(DESCENDANTS, ancestor_id, is_archived)} - {ancestor_id}

    def select(self, conditions: Sequence[str], order: str, limit: int, *values: Any) -> list[Facts]:
        """What is shown of the threads that meet all conditions, of which one is `LISTED` or `CURRENT`. Raises: IndexUnusable."""
        asked = SELECT.format(conditions=" AND ".join(conditions), order=order, limit=limit)
        return [facts_of(self.home, *row) for row in self.query(asked, *values)]

    def write(self, changes: Changes) -> None:
        """Write changes, all or none. What another process has read of a file later than we have stays. Raises: IndexUnusable."""
        touched = {row.thread_id for row in changes.rows}
        with self._used() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            for directory, name in changes.removed:
                gone = "DELETE FROM files WHERE directory = ? AND name = ? RETURNING thread_id"
                touched.update(found for (found,) in connection.execute(gone, (directory, name)).fetchall())
            for directory in changes.gone:
                gone = "DELETE FROM files WHERE directory = ? RETURNING thread_id"
                touched.update(found for (found,) in connection.execute(gone, (directory,)).fetchall())
                connection.execute("DELETE FROM directories WHERE path = ?", (directory,))
            connection.executemany(UPSERT, [row.values() for row in changes.rows])
            connection.executemany(MARK_CURRENT, [(each,) for each in touched])
            connection.executemany("INSERT OR REPLACE INTO directories VALUES (?, ?)", changes.directories.items())

    def query(self, asked: str, *values: Any) -> list[Any]:
        """The rows of a query. Raises: IndexUnusable."""
        with self._used() as connection:
            return connection.execute(asked, values).fetchall()

    def close(self) -> None:
        """Close the database; it is opened again when it is needed."""
        with self._lock:
            self._close()

    @contextmanager
    def _used(self) -> Iterator[sqlite3.Connection]:
        """The connection, for this thread alone. Raises: IndexUnusable."""
        with self._lock:
            if time.monotonic() < self._rests_until:
                raise IndexUnusable
            try:
                if self._connection is None:
                    self._connection = open_database(self._path, MIGRATIONS, BUSY_MS)
                yield self._connection
            except sqlite3.Error as error:
                self._give_up(error)
                raise IndexUnusable from error

    def _give_up(self, error: Exception) -> None:
        self._close()
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if isinstance(error, NewerDatabase) or code in DAMAGED:
            log.warning("%s is made anew: %s", self._path, error)
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(FILE + suffix).unlink(missing_ok=True)
        else:
            log.warning("%s can't be used: %s", self._path, error)
            self._rests_until = time.monotonic() + REST_S

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
