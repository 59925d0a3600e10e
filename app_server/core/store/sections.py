"""The sections that the user sorts threads into, and the order of the threads in them.

Sections stand in the order in which they were made, after the one that there always is. Source: spec/threads.md section 7.
"""

import json
from sqlite3 import Connection
from typing import Any

from app_server.core.errors import INVALID_PARAMS, CallerError
from app_server.core.store.places import PINNED, PINNED_ID, StoredSection, section_of
from app_server.core.store.state_database import StateDatabase

KEEP: Any = object()
"""Stands for an appearance that is left as it is."""


class SectionNotFound(CallerError):
    """No section has this id."""

    def __init__(self, section_id: str) -> None:
        super().__init__(
            f"thread section not found: {section_id}", reason="not_found", code=INVALID_PARAMS, data={"field": "sectionId"}
        )


class Sections:
    """The sections of a home."""

    def __init__(self, database: StateDatabase) -> None:
        self._database = database

    def page(self, after: str | None, limit: int) -> tuple[list[StoredSection], bool]:
        """Sections from the first one, or from the one after an id; and whether there are more. Raises: StoreError."""
        found = [PINNED] if after is None else []
        number = 0
        if after not in (None, PINNED_ID):
            rows = self._database.rows("SELECT number FROM sections WHERE id = ?", (after,))
            if not rows:
                return [], False
            number = rows[0][0]
        rows = self._database.rows(
            "SELECT id, name, appearance FROM sections WHERE number > ? ORDER BY number LIMIT ?", (number, limit + 1)
        )
        found += [section for row in rows if (section := section_of(*row)) is not None]
        return found[:limit], len(found) > limit

    def create(self, section_id: str, name: str, appearance: dict[str, Any] | None) -> StoredSection:
        """Make a section. Raises: CallerError, StoreError."""
        section = StoredSection(section_id, checked_name(name), appearance)
        with self._database.writing() as connection:
            connection.execute("INSERT INTO sections (id, name, appearance) VALUES (?, ?, ?)", row_of(section))
        return section

    def update(self, section_id: str, name: str, appearance: dict[str, Any] | None) -> StoredSection:
        """Change a section; `KEEP` leaves its appearance. Raises: CallerError, StoreError."""
        if section_id == PINNED_ID:
            raise built_in("renamed")
        name = checked_name(name)
        with self._database.writing() as connection:
            row = connection.execute("SELECT id, name, appearance FROM sections WHERE id = ?", (section_id,)).fetchone()
            before = section_of(*row) if row is not None else None
            if before is None:
                raise SectionNotFound(section_id)
            section = StoredSection(section_id, name, before.appearance if appearance is KEEP else appearance)
            connection.execute("UPDATE sections SET id = ?1, name = ?2, appearance = ?3 WHERE id = ?1", row_of(section))
        return section

    def delete(self, section_id: str) -> None:
        """Remove a section; its threads stay, in none. Raises: CallerError, StoreError."""
        if section_id == PINNED_ID:
            raise built_in("deleted")
        with self._database.writing() as connection:
            if connection.execute("DELETE FROM sections WHERE id = ?", (section_id,)).rowcount == 0:
                raise SectionNotFound(section_id)
            connection.execute("DELETE FROM section_threads WHERE section_id = ?", (section_id,))

    def threads(self, section_id: str) -> list[str]:
        """The threads of a section, in its order. Raises: StoreError."""
        rows = self._database.rows("SELECT thread_id FROM section_threads WHERE section_id = ? ORDER BY position", (section_id,))
        return [thread_id for (thread_id,) in rows]

    def move(self, thread_id: str, section_id: str | None, before_id: str | None, now_s: int) -> None:
        """Put a thread into a section, before another one of it or at its end; or into none. Raises: CallerError, StoreError."""
        if section_id is None and before_id is not None:
            raise CallerError("beforeThreadId requires a non-null sectionId", data={"field": "beforeThreadId"})
        if before_id == thread_id:
            raise CallerError(f"thread {thread_id} cannot be moved before itself", data={"field": "beforeThreadId"})
        with self._database.writing() as connection:
            if section_id is None:
                connection.execute("DELETE FROM section_threads WHERE thread_id = ?", (thread_id,))
            else:
                place(connection, thread_id, section_id, before_id, now_s)


def place(connection: Connection, thread_id: str, section_id: str, before_id: str | None, now_s: int) -> None:
    """Put a thread into a section and number the section's threads anew. Raises: CallerError."""
    known = connection.execute("SELECT 1 FROM sections WHERE id = ?", (section_id,)).fetchone()
    if known is None and section_id != PINNED_ID:
        raise CallerError(f"section {section_id} does not exist", reason="not_found", data={"field": "sectionId"})
    rows = connection.execute(
        "SELECT thread_id, entered_at FROM section_threads WHERE section_id = ? ORDER BY position", (section_id,)
    )
    entered = dict(rows.fetchall())
    entered_at = entered.pop(thread_id, now_s)
    order = list(entered)
    if before_id is not None and before_id not in entered:
        raise CallerError(f"before thread {before_id} is not in section {section_id}", data={"field": "beforeThreadId"})
    order.insert(order.index(before_id) if before_id is not None else len(order), thread_id)
    entered[thread_id] = entered_at
    connection.executemany(
        "INSERT OR REPLACE INTO section_threads VALUES (?, ?, ?, ?)",
        [(each, section_id, position, entered[each]) for position, each in enumerate(order)],
    )


def row_of(section: StoredSection) -> tuple[str, str, str | None]:
    """What is kept of a section."""
    appearance = json.dumps(section.appearance) if section.appearance is not None else None
    return section.id, section.name, appearance


def checked_name(name: str) -> str:
    """A name without blanks around it. Raises: CallerError."""
    if not name.strip():
        raise CallerError("section name must not be empty", reason="empty", code=INVALID_PARAMS, data={"field": "name"})
    return name.strip()


def built_in(done: str) -> CallerError:
    """The section that there always is stays as it is."""
    return CallerError(f"the built-in pinned section cannot be {done}", code=INVALID_PARAMS, data={"field": "sectionId"})
