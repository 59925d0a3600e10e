"""Projects: directories that belong together, and the threads about them."""

from typing import Any, ClassVar, Literal

from protocol.base import I64, U32, Method, Notification, Params, Record, Response, TypeAliasType
from protocol.scalars import AbsolutePathBuf, SortDirection

ProjectSortKey = TypeAliasType("ProjectSortKey", Literal["position", "recencyAt"])
"""What projects are sorted by."""


class ProjectListParams(Params):
    """Which page of the projects, in which order."""

    cursor: str | None = None
    """Where to go on: the `nextCursor` of the page before; null begins at the first page."""
    limit: U32 | None = None
    """The most entries to return; null lets the server choose."""
    sort_key: ProjectSortKey | None = None
    """What to sort by; null: the user's order."""
    sort_direction: SortDirection | None = None
    """Which end comes first; only with `sortKey`. Null: the first of the user's order, or the newest."""


class ProjectRoot(Record):
    """A directory of a project."""

    path: AbsolutePathBuf
    """The directory."""


class Project(Record):
    """A project."""

    id: str
    """Its id."""
    name: str
    """Its name."""
    roots: list[ProjectRoot]
    """Its directories."""
    metadata: dict[str, str]
    """What clients keep about it."""
    position: I64
    """Its place in the user's order."""
    created_at: I64
    """When it was made, in Unix seconds."""
    updated_at: I64
    """When it last changed, in Unix seconds."""
    recency_at: I64 | None = None
    """When its newest thread was used, in Unix seconds; null: it has none."""


class ProjectListResponse(Response):
    """The projects."""

    data: list[Project]
    """One page of them."""
    next_cursor: str | None = None
    """What to ask for the next page with; null on the last page."""


class ProjectReadParams(Params):
    """Which project."""

    project_id: str
    """The project."""


class ProjectReadResponse(Response):
    """The project."""

    project: Project
    """The project."""


class ProjectCreateParams(Params):
    """A project to make."""

    name: str
    """Its name."""
    roots: list[ProjectRoot]
    """Its directories."""
    metadata: dict[str, str] | None = None
    """What to keep about it; null: nothing."""
    idempotency_key: str
    """Names this attempt; the same key again makes no second project."""


class ProjectCreateResponse(Response):
    """The new project."""

    project: Project
    """The project."""


class ProjectImportParams(Params):
    """A project to make, with threads that exist."""

    name: str
    """Its name."""
    roots: list[ProjectRoot]
    """Its directories."""
    metadata: dict[str, str] | None = None
    """What to keep about it; null: nothing."""
    threads: list[str] | None = None
    """The threads; null: none."""
    idempotency_key: str
    """Names this attempt; the same key again makes no second project."""


class ProjectImportResponse(Response):
    """The new project."""

    project: Project
    """The project."""


class ProjectUpdateParams(Params):
    """What to change about a project. What is null stays."""

    project_id: str
    """The project."""
    name: str | None = None
    """Its name."""
    roots: list[ProjectRoot] | None = None
    """Its directories."""
    metadata: dict[str, str] | None = None
    """What to keep about it."""


class ProjectUpdateResponse(Response):
    """The project after the change."""

    project: Project
    """The project."""


class ProjectMoveParams(Params):
    """Where to put a project."""

    project_id: str
    """The project."""
    before_project_id: str | None = None
    """The project to stand before; null: at the end."""


class ProjectMoveResponse(Response):
    """It is there."""


class ProjectDeleteParams(Params):
    """A project to remove; its threads stay."""

    project_id: str
    """The project."""


class ProjectDeleteResponse(Response):
    """It is gone."""


ProjectChangeType = TypeAliasType("ProjectChangeType", Literal["created", "updated", "deleted"])
"""What happened to a project."""


class ProjectChangedNotification(Notification):
    """A project came, changed or went."""

    method: ClassVar[str] = "project/changed"

    project_id: str
    """The project."""
    change_type: ProjectChangeType
    """What happened."""


class ThreadProjectUpdatedNotification(Notification):
    """A thread belongs to another project now."""

    method: ClassVar[str] = "thread/project/updated"

    thread_id: str
    """The thread."""
    project_id: str | None
    """The project; null: none."""


PROJECT_LIST = Method("project/list", ProjectListParams, ProjectListResponse)
PROJECT_READ = Method("project/read", ProjectReadParams, ProjectReadResponse)
PROJECT_CREATE = Method("project/create", ProjectCreateParams, ProjectCreateResponse)
PROJECT_IMPORT = Method("project/import", ProjectImportParams, ProjectImportResponse)
PROJECT_UPDATE = Method("project/update", ProjectUpdateParams, ProjectUpdateResponse)
PROJECT_MOVE = Method("project/move", ProjectMoveParams, ProjectMoveResponse)
PROJECT_DELETE = Method("project/delete", ProjectDeleteParams, ProjectDeleteResponse)

METHODS: tuple[Method[Any, Any], ...] = (
    PROJECT_LIST,
    PROJECT_READ,
    PROJECT_CREATE,
    PROJECT_IMPORT,
    PROJECT_UPDATE,
    PROJECT_MOVE,
    PROJECT_DELETE,
)
NOTIFICATIONS: tuple[type[Notification], ...] = (ProjectChangedNotification, ThreadProjectUpdatedNotification)
