"""`project/*`: directories that belong together, and the threads about them. Source: spec/threads.md section 7.

What has changed is told before the request is answered.
"""

from typing import Any

import anyio.to_thread

from app_server.core.catalogue import catalogue_of, user_state_of
from app_server.core.errors import INVALID_PARAMS, CallerError, InvalidThreadId
from app_server.core.ids import checked_thread_id
from app_server.core.paging import limit_of
from app_server.core.project_listing import ProjectPage, list_projects, shown_projects
from app_server.core.store.projects import StoredProject
from app_server.routing import route
from app_server.services import Context
from protocol.project import (
    PROJECT_CREATE,
    PROJECT_DELETE,
    PROJECT_IMPORT,
    PROJECT_LIST,
    PROJECT_MOVE,
    PROJECT_READ,
    PROJECT_UPDATE,
    Project,
    ProjectChangedNotification,
    ProjectChangeType,
    ProjectCreateParams,
    ProjectCreateResponse,
    ProjectDeleteParams,
    ProjectDeleteResponse,
    ProjectImportParams,
    ProjectImportResponse,
    ProjectListParams,
    ProjectListResponse,
    ProjectMoveParams,
    ProjectMoveResponse,
    ProjectReadParams,
    ProjectReadResponse,
    ProjectUpdateParams,
    ProjectUpdateResponse,
    ThreadProjectUpdatedNotification,
)


async def list_all(context: Context, params: ProjectListParams) -> ProjectListResponse:
    """The projects in pages: in the user's order, or by use."""
    if params.sort_direction is not None and params.sort_key is None:
        raise CallerError("sortDirection requires sortKey", code=INVALID_PARAMS, data={"field": "sortDirection"})
    sort_key = params.sort_key or "position"
    is_descending = params.sort_direction == "desc" or (params.sort_direction is None and sort_key == "recencyAt")
    runtime = context.services.threads.runtime

    def find() -> ProjectPage:
        return list_projects(
            catalogue_of(runtime),
            user_state_of(runtime),
            sort_key,
            is_descending=is_descending,
            cursor=params.cursor,
            limit=limit_of(params.limit),
        )

    page = await anyio.to_thread.run_sync(find)
    return ProjectListResponse(data=page.data, next_cursor=page.next_cursor)


async def read(context: Context, params: ProjectReadParams) -> ProjectReadResponse:
    """One project."""
    runtime = context.services.threads.runtime
    found = await anyio.to_thread.run_sync(lambda: shown(context, user_state_of(runtime).projects.get(params.project_id)))
    return ProjectReadResponse(project=found)


async def create(context: Context, params: ProjectCreateParams) -> ProjectCreateResponse:
    """Make a project, unless this attempt has made it already."""
    return ProjectCreateResponse(project=await make(context, params, []))


async def import_threads(context: Context, params: ProjectImportParams) -> ProjectImportResponse:
    """Make a project with threads that there are."""
    threads: list[str] = []
    for each in params.threads or []:
        thread_id = known_id(each)
        if thread_id in threads:
            raise CallerError(f"duplicate thread id: {each}", code=INVALID_PARAMS, data={"field": "threads"})
        threads.append(thread_id)
    return ProjectImportResponse(project=await make(context, params, threads))


async def make(context: Context, params: ProjectCreateParams | ProjectImportParams, threads: list[str]) -> Project:
    """Make a project, or find the one that an earlier attempt has made."""
    services = context.services
    user_state, now_s = user_state_of(services.threads.runtime), services.clock.now_s()
    wish = StoredProject(
        id=services.clock.uuid7(),
        name=params.name,
        roots=tuple(root.path for root in params.roots),
        metadata=params.metadata or {},
        position=0,
        created_at=now_s,
        updated_at=now_s,
    )

    def put() -> tuple[Project, bool]:
        earlier = user_state.projects.attempted(params.idempotency_key)
        if earlier is not None:
            return shown(context, earlier), False
        for each in threads:
            if catalogue_of(services.threads.runtime).search(each) is None:
                raise no_thread(each)
        made, is_new = user_state.projects.create(wish, params.idempotency_key, threads)
        return shown(context, made), is_new

    project, is_new = await anyio.to_thread.run_sync(put)
    if is_new:
        tell(context, project.id, "created")
        for each in threads:
            tell_thread(context, each, project.id)
    return project


async def update(context: Context, params: ProjectUpdateParams) -> ProjectUpdateResponse:
    """Change a project; what is null stays."""
    services = context.services
    changes: dict[str, Any] = {name: value for name in ("name", "metadata") if (value := getattr(params, name)) is not None}
    if params.roots is not None:
        changes["roots"] = tuple(root.path for root in params.roots)

    def put() -> tuple[Project, bool]:
        projects = user_state_of(services.threads.runtime).projects
        changed, is_different = projects.update(params.project_id, services.clock.now_s(), **changes)
        return shown(context, changed), is_different

    project, is_different = await anyio.to_thread.run_sync(put)
    if is_different:
        tell(context, project.id, "updated")
    return ProjectUpdateResponse(project=project)


async def move(context: Context, params: ProjectMoveParams) -> ProjectMoveResponse:
    """Put a project before another one, or at the end."""
    projects = user_state_of(context.services.threads.runtime).projects
    if await anyio.to_thread.run_sync(projects.move, params.project_id, params.before_project_id):
        tell(context, params.project_id, "updated")
    return ProjectMoveResponse()


async def delete(context: Context, params: ProjectDeleteParams) -> ProjectDeleteResponse:
    """Remove a project; its threads belong to none then."""
    projects = user_state_of(context.services.threads.runtime).projects
    threads = await anyio.to_thread.run_sync(projects.delete, params.project_id)
    tell(context, params.project_id, "deleted")
    for each in threads:
        tell_thread(context, each, None)
    return ProjectDeleteResponse()


def shown(context: Context, project: StoredProject) -> Project:
    """A project as clients see it. Blocks. Raises: StoreError."""
    runtime = context.services.threads.runtime
    return shown_projects(catalogue_of(runtime), user_state_of(runtime), [project])[0]


def tell(context: Context, project_id: str, change: ProjectChangeType) -> None:
    """Announce what happened to a project."""
    context.services.fanout.publish(None, ProjectChangedNotification(project_id=project_id, change_type=change))


def tell_thread(context: Context, thread_id: str, project_id: str | None) -> None:
    """Announce that a thread belongs to another project."""
    thread = context.services.threads.find(thread_id)
    if thread is not None:
        thread.project_id = project_id
    notice = ThreadProjectUpdatedNotification(thread_id=thread_id, project_id=project_id)
    context.services.fanout.publish(thread_id, notice)


def known_id(thread_id: str) -> str:
    """The id in its usual form. Raises: CallerError; what is no id names no thread."""
    try:
        return checked_thread_id(thread_id)
    except InvalidThreadId:
        raise no_thread(thread_id) from None


def no_thread(thread_id: str) -> CallerError:
    """There is no such thread."""
    return CallerError(
        f"thread not found: {thread_id}", code=INVALID_PARAMS, reason="thread_not_found", data={"field": "threads"}
    )


ROUTES = [
    route(PROJECT_LIST, list_all),
    route(PROJECT_READ, read),
    route(PROJECT_CREATE, create),
    route(PROJECT_IMPORT, import_threads),
    route(PROJECT_UPDATE, update),
    route(PROJECT_MOVE, move),
    route(PROJECT_DELETE, delete),
]
