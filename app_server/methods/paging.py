"""Pages of lists whose cursor is the number of entries before the page. Source: the reference's lists of settings."""

from collections.abc import Sequence
from typing import TypeVar

from app_server.core.errors import CallerError

T = TypeVar("T")


def page(entries: Sequence[T], cursor: str | None, limit: int | None, noun: str) -> tuple[list[T], str | None]:
    """One page and the cursor of the next. A limit of 0 counts as 1. Raises: CallerError (no such cursor)."""
    start = 0
    if cursor is not None:
        if not (cursor.isascii() and cursor.isdecimal()):
            raise _invalid(f"invalid cursor: {cursor}")
        start = int(cursor)
        if start > len(entries):
            raise _invalid(f"cursor {start} exceeds total {noun} {len(entries)}")
    end = len(entries) if limit is None else start + max(limit, 1)
    return list(entries[start:end]), str(end) if end < len(entries) else None


def _invalid(text: str) -> CallerError:
    return CallerError(text, reason="invalid_cursor", data={"field": "cursor", "expected": "the nextCursor of an earlier page"})
