"""Projects: directories that belong together, in an order of the user's, and which threads are about them.

Making one is tied to a key of the client's, so that an attempt that is made twice makes one project; the key stays taken
when the project is deleted. Source: spec/threads.md section 7.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from sqlite3 import Connection
from typing import Any

from app_server.core.errors import INVALID_PARAMS, CallerError
from app_server.core.store.state_database import StateDatabase

ALL = "SELECT id, name, roots, metadata, position, created_at, updated_at FROM projects ORDER BY position"
ONE = "SELECT id, name, roots, metadata, position, created_at, updated_at FROM projects WHERE id = ?"


@dataclass(frozen=True, slots=True)
class StoredProject:
    """A project; times in seconds."""

    id: str
    name: str
    roots: tuple[str, ...]
    metadata: dict[str, str]
    position: int
    created_at: int
    updated_at: int


class ProjectNotFound(CallerError):
    """No project has this id."""

    def __init__(self, project_id: str, code: int = INVALID_PARAMS, field: str = "projectId", noun: str = "project") -> None:
        super().__init__(f"{noun} not found: {project_id}", reason="project_not_found", code=code, data={"field": field})


class Projects:
    """The projects of a home."""

    def __init__(self, database: StateDatabase) -> None:
        self._database = database

    def all(self) -> list[StoredProject]:
        """All projects in the user's order. Raises: StoreError."""
        return [project_of(row) for row in self._database.rows(ALL)]

    def get(self, project_id: str, code: int = INVALID_PARAMS) -> StoredProject:
        """A project. Raises: ProjectNotFound, StoreError."""
        rows = self._database.rows(ONE, (project_id,))
        if not rows:
            raise ProjectNotFound(project_id, code)
        return project_of(rows[0])

    def attempted(self, key: str) -> StoredProject | None:
        """The project that an attempt of this key has made. Raises: CallerError (it was deleted), StoreError."""
        if not key.strip():
            raise CallerError(
                "idempotencyKey must not be empty", reason="empty", code=INVALID_PARAMS, data={"field": "idempotencyKey"}
            )
        rows = self._database.rows("SELECT project_id FROM project_attempts WHERE idempotency_key = ?", (key,))
        if not rows:
            return None
        try:
            return self.get(rows[0][0])
        except ProjectNotFound:
            raise CallerError(
                f"idempotency key refers to deleted project: {key}",
                reason="not_found",
                code=INVALID_PARAMS,
                data={"field": "idempotencyKey"},
            ) from None

    def create(self, project: StoredProject, key: str, threads: Sequence[str] = ()) -> tuple[StoredProject, bool]:
        """Make a project at the end of the order, with these threads in it; and whether it is new.

        Raises: CallerError (its name or roots won't do), StoreError.
        """
        project = checked(project)
        with self._database.writing() as connection:
            attempt = connection.execute(
                "INSERT OR IGNORE INTO project_attempts VALUES (?, ?)", (key, project.id)
            )  # another process may have been faster with the same key
            if attempt.rowcount == 0:
                found = connection.execute("SELECT project_id FROM project_attempts WHERE idempotency_key = ?", (key,))
                return self.get(found.fetchone()[0]), False
            (count,) = connection.execute("SELECT COUNT(*) FROM projects").fetchone()
            project = replace(project, position=count)
            put(connection, project)
            connection.executemany(
                "INSERT OR REPLACE INTO project_threads VALUES (?, ?)", [(each, project.id) for each in threads]
            )
        return project, True

    def update(self, project_id: str, now_s: int, **changes: Any) -> tuple[StoredProject, bool]:
        """Change a project; and whether anything is different. Raises: CallerError, StoreError."""
        with self._database.writing() as connection:
            row = connection.execute(ONE, (project_id,)).fetchone()
            if row is None:
                raise ProjectNotFound(project_id)
            before = project_of(row)
            project = checked(replace(before, **changes))
            if project == before:
                return before, False
            project = replace(project, updated_at=now_s)
            put(connection, project)
        return project, True

    def move(self, project_id: str, before_id: str | None) -> bool:
        """Put a project before another one, or at the end; and whether that is another place. Raises: CallerError, StoreError."""
        with self._database.writing() as connection:
            order = [each for (each,) in connection.execute("SELECT id FROM projects ORDER BY position")]
            if project_id not in order:
                raise ProjectNotFound(project_id)
            if before_id == project_id:
                text = f"project {project_id} cannot be moved before itself"
                raise CallerError(text, code=INVALID_PARAMS, data={"field": "beforeProjectId"})
            left = [each for each in order if each != project_id]
            if before_id is not None and before_id not in left:
                raise ProjectNotFound(before_id, field="beforeProjectId", noun="before project")
            left.insert(left.index(before_id) if before_id is not None else len(left), project_id)
            renumber(connection, left)
        return left != order

    def delete(self, project_id: str) -> list[str]:
        """Remove a project; its threads stay. Returns their ids. Raises: CallerError, StoreError."""
        with self._database.writing() as connection:
            if connection.execute("DELETE FROM projects WHERE id = ?", (project_id,)).rowcount == 0:
                raise ProjectNotFound(project_id)
            gone = connection.execute("DELETE FROM project_threads WHERE project_id = ? RETURNING thread_id", (project_id,))
            threads = sorted(each for (each,) in gone.fetchall())
            renumber(connection, [each for (each,) in connection.execute("SELECT id FROM projects ORDER BY position")])
        return threads

    def threads(self, project_id: str) -> list[str]:
        """The threads of a project. Raises: StoreError."""
        rows = self._database.rows("SELECT thread_id FROM project_threads WHERE project_id = ?", (project_id,))
        return [each for (each,) in rows]

    def assign(self, thread_id: str, project_id: str) -> bool:
        """Put a thread into a project; and whether it was in none or another one. Raises: ProjectNotFound, StoreError."""
        with self._database.writing() as connection:
            if connection.execute("SELECT 1 FROM projects WHERE id = ?", (project_id,)).fetchone() is None:
                raise ProjectNotFound(project_id)
            row = connection.execute("SELECT project_id FROM project_threads WHERE thread_id = ?", (thread_id,)).fetchone()
            connection.execute("INSERT OR REPLACE INTO project_threads VALUES (?, ?)", (thread_id, project_id))
        return row is None or row[0] != project_id


def put(connection: Connection, project: StoredProject) -> None:
    """Keep a project."""
    connection.execute(
        "INSERT OR REPLACE INTO projects VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            project.id,
            project.name,
            json.dumps(project.roots),
            json.dumps(project.metadata),
            project.position,
            project.created_at,
            project.updated_at,
        ),
    )


def renumber(connection: Connection, order: Sequence[str]) -> None:
    """Make this the order of the projects."""
    connection.executemany("UPDATE projects SET position = ? WHERE id = ?", list(enumerate(order)))


def project_of(row: tuple[Any, ...]) -> StoredProject:
    """The project of a row."""
    project_id, name, roots, metadata, position, created_at, updated_at = row
    return StoredProject(project_id, name, tuple(json.loads(roots)), json.loads(metadata), position, created_at, updated_at)


def checked(project: StoredProject) -> StoredProject:
    """The project with its name trimmed. Raises: CallerError."""
    name = project.name.strip()
    if not name:
        raise CallerError("project name must not be empty", reason="empty", code=INVALID_PARAMS, data={"field": "name"})
    for index, root in enumerate(project.roots):
        if root in project.roots[:index]:
            raise CallerError(f"duplicate project root: {root}", code=INVALID_PARAMS, data={"field": "roots"})
    return replace(project, name=name)
