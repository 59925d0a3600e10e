"""Our SQLite databases: how one is opened, and brought up to date.

All are in WAL mode, so that readers of several processes never wait for a writer. A database counts the migrations that it
has seen in `user_version`.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path


class NewerDatabase(sqlite3.DatabaseError):
    """A newer version of ours has made the database."""


def open_database(path: Path, migrations: Sequence[str], patience_ms: int) -> sqlite3.Connection:
    """A connection, for one thread at a time, to a database that has had all migrations; it is made if it is not there.

    Raises: sqlite3.Error (it can't be opened, is busy for longer than our patience, or is none), NewerDatabase.
    """
    connection = sqlite3.connect(path, timeout=patience_ms / 1000, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        _migrate(connection, migrations)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection, migrations: Sequence[str]) -> None:
    """Bring the tables up to date. Two processes may try it at once: the second finds it done."""
    if _version(connection) == len(migrations):
        return
    connection.execute("BEGIN IMMEDIATE")
    done = _version(connection)
    if done > len(migrations):
        raise NewerDatabase(f"the database has had {done} migrations, of which only {len(migrations)} are known")
    for number, script in enumerate(migrations[done:], done + 1):
        for statement in script.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number:d}")
    connection.commit()


def _version(connection: sqlite3.Connection) -> int:
    (done,) = connection.execute("PRAGMA user_version").fetchone()
    return int(done)
