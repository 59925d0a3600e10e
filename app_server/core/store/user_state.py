"""What users have done to threads that no rollout holds: what they have read, and facts that they have corrected.

It is the truth, unlike an index, so it has a database of its own, `app_server_state.sqlite` in the home. A database that
can't be used costs what is in it, never a thread. All of it blocks: call it in a worker thread.
"""

import json
import logging
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app_server.core.store.database import open_database

log = logging.getLogger(__name__)

FILE = "app_server_state.sqlite"
MIGRATIONS = (
    """
    CREATE TABLE read_states (thread_id TEXT PRIMARY KEY, first_unread TEXT, revision TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE corrections (thread_id TEXT PRIMARY KEY, facts TEXT NOT NULL) WITHOUT ROWID;
    """,
)
"""Applied once each, in this order."""
BUSY_MS = 2000
THREAD_START = ""
"""Stands for the start of a thread, where a turn's id is expected."""


@dataclass(frozen=True, slots=True)
class ReadState:
    """The first turn that was not read, or the thread's start, or None; and a mark that changes with every change."""

    first_unread: str | None
    revision: str


@dataclass(frozen=True, slots=True)
class Corrections:
    """Facts of a thread that were set by hand, and win over what its file says."""

    has_git: bool = False
    git_sha: str | None = None
    git_branch: str | None = None
    git_origin_url: str | None = None
    is_daybreak_enabled: bool | None = None


def untouched(thread_id: str) -> ReadState:
    """The state of a thread in which nothing was ever unread."""
    return ReadState(None, f"initial:{thread_id}")


class UserState:
    """The database. May be used from any worker thread; one at a time gets in."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def read_states(self, thread_ids: Iterable[str]) -> dict[str, ReadState]:
        """The states of these threads."""
        ids = list(thread_ids)
        rows = self._select("SELECT thread_id, first_unread, revision FROM read_states WHERE thread_id = ?", ids)
        known = {thread_id: ReadState(first_unread, revision) for thread_id, first_unread, revision in rows}
        return {each: known.get(each) or untouched(each) for each in ids}

    def put_read_state(self, thread_id: str, first_unread: str | None, revision: str) -> None:
        """Note what is read of a thread now."""
        with self._lock:
            self._execute("INSERT OR REPLACE INTO read_states VALUES (?, ?, ?)", [(thread_id, first_unread, revision)])

    def corrections(self, thread_ids: Iterable[str]) -> dict[str, Corrections]:
        """What was corrected of these threads."""
        ids = list(thread_ids)
        rows = self._select("SELECT thread_id, facts FROM corrections WHERE thread_id = ?", ids)
        found = {thread_id: _decoded(facts) for thread_id, facts in rows}
        return {each: found.get(each) or Corrections() for each in ids}

    def correct(self, thread_id: str, **facts: Any) -> Corrections:
        """Change some of what was corrected, and return all of it."""
        changed = replace(self.corrections([thread_id])[thread_id], **facts)
        members = {name: getattr(changed, name) for name in Corrections.__slots__}
        with self._lock:
            self._execute("INSERT OR REPLACE INTO corrections VALUES (?, ?)", [(thread_id, json.dumps(members))])
        return changed

    def forget(self, thread_id: str) -> None:
        """The thread is gone for good."""
        if not self._path.exists():
            return
        with self._lock:
            self._execute("DELETE FROM read_states WHERE thread_id = ?", [(thread_id,)])
            self._execute("DELETE FROM corrections WHERE thread_id = ?", [(thread_id,)])

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _select(self, query: str, ids: list[str]) -> list[tuple[Any, ...]]:
        """The rows that a query finds for each of these threads. A database that nobody has made yet has none."""
        if self._connection is None and not self._path.exists():
            return []
        with self._lock:
            try:
                connection = self._open()
                return [row for each in ids for row in connection.execute(query, (each,))]
            except (sqlite3.Error, OSError) as error:
                log.error("%s can't be read: %s", self._path, error)
                return []

    def _execute(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        """Run a statement for every row, in one transaction. The lock is held."""
        try:
            with self._open() as connection:
                connection.executemany(statement, rows)
        except (sqlite3.Error, OSError) as error:
            log.error("%s can't be written: %s", self._path, error)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = open_database(self._path, MIGRATIONS, BUSY_MS)
        return self._connection


def _decoded(facts: str) -> Corrections:
    try:
        members: Any = json.loads(facts)
    except ValueError:
        return Corrections()
    known: Mapping[str, Any] = members if isinstance(members, dict) else {}
    return Corrections(**{name: known[name] for name in Corrections.__slots__ if name in known})
