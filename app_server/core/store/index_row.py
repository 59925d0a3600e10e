"""One row of the index: a rollout's facts as columns, and back.

Columns are what lists filter and sort by; the rest of what they show is one JSON text.
"""

import os
from pathlib import Path
from typing import Any

from app_server.core.store.encoding import encode, without_surrogates
from app_server.core.store.facts import Facts
from app_server.core.store.head import head_of
from app_server.core.store.paths import ARCHIVED, FileName
from app_server.core.store.reader import Line, parse
from app_server.core.store.source_kinds import kinds

COLUMNS = (
    "directory",
    "name",
    "size",
    "changed_ns",
    "thread_id",
    "segment_id",
    "is_archived",
    "base_id",
    "is_listed",
    "preview",
    "model_provider",
    "cwd",
    "kind",
    "helper_kind",
    "parent_id",
    "attached_to_id",
    "created_ms",
    "updated_ms",
    "recency_ms",
    "shown",
)
SHOWN = ("directory", "name", "size", "preview", "model_provider", "created_ms", "updated_ms", "recency_ms", "shown")
"""The columns that facts are made of again, in the order that `facts_of` takes them."""


class Row:
    """What is written of one file. Without facts there is no thread in it, or it can't be read; then no list shows it."""

    __slots__ = ("_facts", "_file", "_is_archived", "thread_id")

    def __init__(self, directory: str, file: str, name: FileName, status: os.stat_result, facts: Facts | None) -> None:
        self.thread_id = name.thread_id
        self._is_archived = directory == ARCHIVED
        ids = name.thread_id, name.segment_id
        self._file = (directory, file, status.st_size, status.st_ctime_ns, *ids, self._is_archived)
        self._facts = facts

    def values(self) -> tuple[Any, ...]:
        """The row's values, in the order of `COLUMNS`."""
        facts = self._facts
        if facts is None:
            return (*self._file, None, False, "", None, None, None, None, None, None, 0, 0, 0, "")
        head = facts.head
        kind, helper_kind = (*sorted(kinds(head.source)), None)[:2]
        shown = {"head": head.payload(), "model": facts.model, "effort": facts.effort, "cwd": facts.cwd}
        return (
            *self._file,
            head.base.segment_id if head.base is not None else None,
            bool(facts.preview or self._is_archived),
            *map(without_surrogates, (facts.preview, facts.model_provider, head.cwd)),
            kind,
            helper_kind,
            head.parent_thread_id,
            (head.forked_from_id or "") if head.is_attached else None,
            facts.created_ms,
            facts.updated_ms,
            facts.recency_ms,
            encode(shown).decode(),
        )


def facts_of(
    home: Path,
    directory: str,
    name: str,
    size: int,
    preview: str,
    model_provider: str | None,
    created_ms: int,
    updated_ms: int,
    recency_ms: int,
    shown: str,
) -> Facts:
    """The facts in a row."""
    rest = parse(shown.encode())
    head = Line(name="session_meta", payload=rest["head"], ordinal=None, stamp="", start=0, end=0)
    return Facts(
        path=home / directory / name,
        head=head_of(head),
        preview=preview,
        model=rest["model"],
        model_provider=model_provider,
        effort=rest["effort"],
        cwd=rest["cwd"],
        created_ms=created_ms,
        updated_ms=updated_ms,
        recency_ms=recency_ms,
        size=size,
    )
