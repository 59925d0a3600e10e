"""Projects as lists show them, with when their newest thread was used. All of it blocks."""

from collections.abc import Sequence

from app_server.core.catalogue import Catalogue
from app_server.core.errors import INVALID_PARAMS, CallerError
from app_server.core.frozen import frozen
from app_server.core.store.projects import StoredProject
from app_server.core.store.user_state import UserState
from protocol.project import Project, ProjectRoot, ProjectSortKey


@frozen
class ProjectPage:
    """Some projects, and the cursor of those after them."""

    data: list[Project]
    next_cursor: str | None


def list_projects(
    catalogue: Catalogue,
    user_state: UserState,
    sort_key: ProjectSortKey,
    *,
    is_descending: bool,
    cursor: str | None,
    limit: int,
) -> ProjectPage:
    """A page of the projects; those without threads come last where it is about use. Raises: CallerError, StoreError.

    A cursor names the order that it belongs to and the last project before the page.
    """
    projects = user_state.projects.all()
    if sort_key == "recencyAt":
        used = last_uses(catalogue, user_state, projects)
        projects.sort(key=lambda each: used[each.id], reverse=is_descending)
        projects.sort(key=lambda each: used[each.id][0] == 0)
    elif is_descending:
        projects.reverse()
    if cursor is not None:
        order, _, last_id = cursor.partition("|")
        place = next((place for place, each in enumerate(projects) if each.id == last_id), None)
        if order != sort_key or place is None:
            raise CallerError(
                "invalid project cursor: malformed or mismatched sort anchor",
                code=INVALID_PARAMS,
                reason="invalid_cursor",
                data={"field": "cursor"},
            )
        projects = projects[place + 1 :]
    page = shown_projects(catalogue, user_state, projects[:limit])
    return ProjectPage(page, f"{sort_key}|{page[-1].id}" if len(projects) > limit else None)


def last_uses(catalogue: Catalogue, user_state: UserState, projects: Sequence[StoredProject]) -> dict[str, tuple[int, str]]:
    """When the newest thread of each project was used, in milliseconds, and which that is; 0: it has none. Raises: StoreError.

    Files tell only the second, so that of two threads the one that was made later counts as the newer one.
    """
    threads = {each.id: user_state.projects.threads(each.id) for each in projects}
    files = {}
    if any(threads.values()):
        for is_archived in (False, True):
            for candidate in catalogue.candidates(is_archived=is_archived):
                files[candidate.file.name.thread_id] = candidate.file.path

    def newest(project_id: str) -> tuple[int, str]:
        known = [facts for each in threads[project_id] if each in files and (facts := catalogue.facts(files[each])) is not None]
        return max(((facts.recency_ms, facts.head.thread_id) for facts in known if facts.preview), default=(0, ""))

    return {each.id: newest(each.id) for each in projects}


def shown_projects(catalogue: Catalogue, user_state: UserState, projects: Sequence[StoredProject]) -> list[Project]:
    """Projects as clients see them. Raises: StoreError."""
    used = last_uses(catalogue, user_state, projects)
    return [
        Project(
            id=each.id,
            name=each.name,
            roots=[ProjectRoot(path=root) for root in each.roots],
            metadata=each.metadata,
            position=each.position,
            created_at=each.created_at,
            updated_at=each.updated_at,
            recency_at=used[each.id][0] // 1000 or None,
        )
        for each in projects
    ]
