"""What clients keep with threads. An attachment is known by its type and its key. Source: spec/threads.md section 7."""

import json
from dataclasses import dataclass
from typing import Any

from app_server.core.errors import INVALID_PARAMS, CallerError
from app_server.core.store.state_database import StateDatabase

ONE = """
    SELECT number, id, attachment_type, identity_key, payload, created_at FROM attachments
    WHERE thread_id = ? AND attachment_type = ? AND identity_key = ?
"""
PAGE = """
    SELECT number, id, attachment_type, identity_key, payload, created_at FROM attachments
    WHERE thread_id = ? AND number > ? ORDER BY number LIMIT ?
"""
MOST = 100
"""How many things may be kept with one thread."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something kept with a thread; `number` is its place among all, `created_at` in seconds."""

    number: int
    id: str
    attachment_type: str
    identity_key: str
    payload: Any
    created_at: int


class TooManyAttachments(CallerError):
    """A thread has as many attachments as it may have."""

    def __init__(self) -> None:
        super().__init__(f"thread attachment identity count exceeds {MOST}", code=INVALID_PARAMS, reason="too_many")


class Attachments:
    """The attachments of a home."""

    def __init__(self, database: StateDatabase) -> None:
        self._database = database

    def add(
        self, thread_id: str, attachment_type: str, identity_key: str, payload: Any, new_id: str, now_s: int
    ) -> tuple[Attachment, bool]:
        """Keep something with a thread, unless it is kept already; and whether it is new. Raises: CallerError, StoreError."""
        with self._database.writing() as connection:
            added = connection.execute(
                "INSERT OR IGNORE INTO attachments"
                " (id, thread_id, attachment_type, identity_key, payload, created_at) VALUES (?, ?, ?, ?, ?, ?)",
                (new_id, thread_id, attachment_type, identity_key, json.dumps(payload), now_s),
            )
            (count,) = connection.execute("SELECT COUNT(*) FROM attachments WHERE thread_id = ?", (thread_id,)).fetchone()
            if count > MOST:
                raise TooManyAttachments
            row = connection.execute(ONE, (thread_id, attachment_type, identity_key)).fetchone()
        return attachment_of(row), added.rowcount > 0

    def remove(self, thread_id: str, attachment_type: str, identity_key: str) -> str | None:
        """Keep something no longer. Returns its id, or None if it was not kept. Raises: StoreError."""
        with self._database.writing() as connection:
            row = connection.execute(
                "DELETE FROM attachments WHERE thread_id = ? AND attachment_type = ? AND identity_key = ? RETURNING id",
                (thread_id, attachment_type, identity_key),
            ).fetchone()
        return row[0] if row is not None else None

    def of(self, thread_id: str, after: int, limit: int) -> list[Attachment]:
        """A thread's attachments after a number, the oldest first. Raises: StoreError."""
        rows = self._database.rows(PAGE, (thread_id, after, limit))
        return [attachment_of(row) for row in rows]

    def owners(self, attachment_type: str, identity_key: str) -> list[str]:
        """The threads that have something attached, in the order of their ids. Raises: StoreError."""
        rows = self._database.rows(
            "SELECT thread_id FROM attachments WHERE attachment_type = ? AND identity_key = ? ORDER BY thread_id",
            (attachment_type, identity_key),
        )
        return [thread_id for (thread_id,) in rows]


def attachment_of(row: tuple[Any, ...]) -> Attachment:
    """The attachment of a row."""
    number, attachment_id, attachment_type, identity_key, payload, created_at = row
    return Attachment(number, attachment_id, attachment_type, identity_key, json.loads(payload), created_at)
