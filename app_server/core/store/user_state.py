"""What users have read of threads, and facts that they have corrected; with what else they have done to threads.

A database that can't be used costs what is in it, never a thread: reading then finds nothing, and a change is lost with an
error in the log. All of it blocks: call it in a worker thread.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app_server.core.store.attachments import Attachments
from app_server.core.store.errors import StoreError
from app_server.core.store.memory_modes import MemoryModes
from app_server.core.store.places import Places
from app_server.core.store.projects import Projects
from app_server.core.store.sections import Sections
from app_server.core.store.state_database import StateDatabase

log = logging.getLogger(__name__)

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
    """What is known of threads by what users have done to them."""

    def __init__(self, home: Path) -> None:
        self._database = StateDatabase(home)
        self.places = Places(self._database)
        self.sections = Sections(self._database)
        self.projects = Projects(self._database)
        self.attachments = Attachments(self._database)
        self.memory_modes = MemoryModes(self._database)

    def read_states(self, thread_ids: Iterable[str]) -> dict[str, ReadState]:
        """The states of these threads."""
        ids = list(thread_ids)
        rows = self._select("SELECT thread_id, first_unread, revision FROM read_states WHERE thread_id = ?", ids)
        known = {thread_id: ReadState(first_unread, revision) for thread_id, first_unread, revision in rows}
        return {each: known.get(each) or untouched(each) for each in ids}

    def put_read_state(self, thread_id: str, first_unread: str | None, revision: str) -> None:
        """Note what is read of a thread now."""
        self._put("INSERT OR REPLACE INTO read_states VALUES (?, ?, ?)", (thread_id, first_unread, revision))

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
        self._put("INSERT OR REPLACE INTO corrections VALUES (?, ?)", (thread_id, json.dumps(members)))
        return changed

    def forget(self, thread_id: str) -> None:
        """The thread is gone for good."""
        try:
            self._database.forget(thread_id)
        except StoreError as error:
            log.error("%s", error)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def _select(self, query: str, ids: list[str]) -> list[tuple[Any, ...]]:
        """The rows that a query finds for each of these threads."""
        try:
            return [row for each in ids for row in self._database.rows(query, (each,))]
        except StoreError as error:
            log.error("%s", error)
            return []

    def _put(self, statement: str, row: tuple[Any, ...]) -> None:
        try:
            with self._database.writing() as connection:
                connection.execute(statement, row)
        except StoreError as error:
            log.error("%s", error)


def _decoded(facts: str) -> Corrections:
    try:
        members: Any = json.loads(facts)
    except ValueError:
        return Corrections()
    known: Mapping[str, Any] = members if isinstance(members, dict) else {}
    return Corrections(**{name: known[name] for name in Corrections.__slots__ if name in known})
