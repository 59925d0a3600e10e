"""Where users have put a thread: into a section, at a place of it, and into a project."""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app_server.core.store.errors import StoreError
from app_server.core.store.state_database import StateDatabase

log = logging.getLogger(__name__)

PINNED_ID, PINNED_NAME = "01984de2-8f74-7c91-a3b2-5c5e937cf318", "Pinned"
"""The section that there always is."""
PLACES = """
    SELECT wanted.value, section_threads.section_id, sections.name, sections.appearance, section_threads.entered_at,
        project_threads.project_id
    FROM json_each(?) AS wanted
    LEFT JOIN section_threads ON section_threads.thread_id = wanted.value
    LEFT JOIN sections ON sections.id = section_threads.section_id
    LEFT JOIN project_threads ON project_threads.thread_id = wanted.value
"""


@dataclass(frozen=True, slots=True)
class StoredSection:
    """A section; `appearance` as clients have sent it."""

    id: str
    name: str
    appearance: dict[str, Any] | None


PINNED = StoredSection(PINNED_ID, PINNED_NAME, None)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thread is; `entered_at` is since when it is in its section, in seconds."""

    section: StoredSection | None = None
    entered_at: int | None = None
    project_id: str | None = None


NOWHERE = Place()


class Places:
    """Looks up where threads are."""

    def __init__(self, database: StateDatabase) -> None:
        self._database = database

    def of(self, thread_ids: Iterable[str]) -> dict[str, Place]:
        """The places of these threads; a database that can't be read costs no more than that."""
        ids = list(thread_ids)
        try:
            rows = self._database.rows(PLACES, (json.dumps(ids),))
        except StoreError as error:
            log.error("%s", error)
            rows = []
        found = dict.fromkeys(ids, NOWHERE)
        for thread_id, section_id, name, appearance, entered_at, project_id in rows:
            section = section_of(section_id, name, appearance)
            found[thread_id] = Place(section, entered_at if section is not None else None, project_id)
        return found


def section_of(section_id: str | None, name: str | None, appearance: str | None) -> StoredSection | None:
    """The section of a row."""
    if section_id == PINNED_ID:
        return PINNED
    if section_id is None or name is None:
        return None
    return StoredSection(section_id, name, json.loads(appearance) if appearance is not None else None)
