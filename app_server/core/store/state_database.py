"""The database of what users have done to threads that no rollout holds, `app_server_state.sqlite` in the home.

It is the truth, unlike an index. What is kept in it has a module each: what was read and corrected, sections, projects,
attachments, memory modes. A home in which nobody has done any of that has no such database. All of it blocks.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app_server.core.store.database import open_database
from app_server.core.store.errors import StoreError

FILE = "app_server_state.sqlite"
MIGRATIONS = (
    """
    CREATE TABLE read_states (thread_id TEXT PRIMARY KEY, first_unread TEXT, revision TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE corrections (thread_id TEXT PRIMARY KEY, facts TEXT NOT NULL) WITHOUT ROWID;
    """,
    """
    CREATE TABLE sections (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, appearance TEXT);
    CREATE TABLE section_threads (
        thread_id TEXT PRIMARY KEY, section_id TEXT NOT NULL, position INTEGER NOT NULL, entered_at INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX threads_of_section ON section_threads (section_id, position);
    CREATE TABLE projects (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, roots TEXT NOT NULL, metadata TEXT NOT NULL, position INTEGER NOT NULL,
        created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE project_attempts (idempotency_key TEXT PRIMARY KEY, project_id TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE project_threads (thread_id TEXT PRIMARY KEY, project_id TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX threads_of_project ON project_threads (project_id);
    CREATE TABLE attachments (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL, thread_id TEXT NOT NULL, attachment_type TEXT NOT NULL,
        identity_key TEXT NOT NULL, payload TEXT NOT NULL, created_at INTEGER NOT NULL,
        UNIQUE (thread_id, attachment_type, identity_key)
    );
    CREATE INDEX owners_of_attachment ON attachments (attachment_type, identity_key, thread_id);
    CREATE TABLE memory_modes (thread_id TEXT PRIMARY KEY, mode TEXT NOT NULL) WITHOUT ROWID
    """,
)
"""Applied once each, in this order."""
BUSY_MS = 2000
FORGET = (
    "DELETE FROM read_states WHERE thread_id = ?",
    "DELETE FROM corrections WHERE thread_id = ?",
    "DELETE FROM section_threads WHERE thread_id = ?",
    "DELETE FROM project_threads WHERE thread_id = ?",
    "DELETE FROM attachments WHERE thread_id = ?",
    "DELETE FROM memory_modes WHERE thread_id = ?",
)


class StateDatabase:
    """The database. May be used from any worker thread; one at a time gets in."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._path

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """What a query finds. A database that nobody has made yet has nothing. Raises: StoreError."""
        with self._lock:
            if self._connection is None and not self._path.exists():
                return []
            try:
                return self._open().execute(query, parameters).fetchall()
            except (sqlite3.Error, OSError) as error:
                raise StoreError(f"could not read {self._path}: {error}") from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction, which an exception inside takes back; what was read in it still holds at its end. Raises: StoreError."""
        with self._lock:
            try:
                with self._open() as connection:
                    connection.execute("BEGIN IMMEDIATE")
                    yield connection
            except (sqlite3.Error, OSError) as error:
                raise StoreError(f"could not write {self._path}: {error}") from error

    def forget(self, thread_id: str) -> None:
        """A thread is gone for good. Raises: StoreError."""
        if self._path.exists():
            with self.writing() as connection:
                for statement in FORGET:
                    connection.execute(statement, (thread_id,))

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = open_database(self._path, MIGRATIONS, BUSY_MS)
        return self._connection
