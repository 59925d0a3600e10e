"""The project family of the wire contract."""

from typing import Any, ClassVar, Literal

from protocol.base import I64, U32, Method, Notification, Params, Record, Response, TypeAliasType
from protocol.scalars import AbsolutePathBuf, SortDirection

ProjectSortKey = TypeAliasType("ProjectSortKey", Literal["position", "recencyAt"])
"""Project sort key."""


class ProjectListParams(Params):
    """What `project/list` asks with."""

    cursor: str | None = None
    limit: U32 | None = None
    sort_key: ProjectSortKey | None = None
    sort_direction: SortDirection | None = None


class ProjectRoot(Record):
    """Project root."""

    path: AbsolutePathBuf


class Project(Record):
    """Project."""

    id: str
    name: str
    roots: list[ProjectRoot]
    metadata: dict[str, str]
    position: I64
    created_at: I64
    updated_at: I64
    recency_at: I64 | None = None


class ProjectListResponse(Response):
    """What `project/list` is answered with."""

    data: list[Project]
    next_cursor: str | None = None


class ProjectReadParams(Params):
    """What `project/read` asks with."""

    project_id: str


class ProjectReadResponse(Response):
    """What `project/read` is answered with."""

    project: Project


class ProjectCreateParams(Params):
    """What `project/create` asks with."""

    name: str
    roots: list[ProjectRoot]
    metadata: dict[str, str] | None = None
    idempotency_key: str


class ProjectCreateResponse(Response):
    """What `project/create` is answered with."""

    project: Project


class ProjectImportParams(Params):
    """What `project/import` asks with."""

    name: str
    roots: list[ProjectRoot]
    metadata: dict[str, str] | None = None
    threads: list[str] | None = None
    idempotency_key: str


class ProjectImportResponse(Response):
    """What `project/import` is answered with."""

    project: Project


class ProjectUpdateParams(Params):
    """What `project/update` asks with."""

    project_id: str
    name: str | None = None
    roots: list[ProjectRoot] | None = None
    metadata: dict[str, str] | None = None


class ProjectUpdateResponse(Response):
    """What `project/update` is answered with."""

    project: Project


class ProjectMoveParams(Params):
    """What `project/move` asks with."""

    project_id: str
    before_project_id: str | None = None


class ProjectMoveResponse(Response):
    """What `project/move` is answered with."""


class ProjectDeleteParams(Params):
    """What `project/delete` asks with."""

    project_id: str


class ProjectDeleteResponse(Response):
    """What `project/delete` is answered with."""


ProjectChangeType = TypeAliasType("ProjectChangeType", Literal["created", "updated", "deleted"])
"""Project change type."""


class ProjectChangedNotification(Notification):
    """Announced as `project/changed`."""

    method: ClassVar[str] = "project/changed"

    project_id: str
    change_type: ProjectChangeType


class ThreadProjectUpdatedNotification(Notification):
    """Announced as `thread/project/updated`."""

    method: ClassVar[str] = "thread/project/updated"

    thread_id: str
    project_id: str | None


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
