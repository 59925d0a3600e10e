"""`permissionProfile/list`."""

from app_server.core.config.config import PROFILES
from app_server.methods.paging import page
from app_server.routing import route
from app_server.services import Context
from protocol.permission import (
    PERMISSION_PROFILE_LIST,
    PermissionProfileListParams,
    PermissionProfileListResponse,
    PermissionProfileSummary,
)


def list_profiles(context: Context, params: PermissionProfileListParams) -> PermissionProfileListResponse:
    """The profiles that a thread can be started with: those that are always there, then the configured ones by name."""
    configured = context.services.config.load(params.cwd).permissions
    profiles = [PermissionProfileSummary(id=name, description=None, allowed=True) for name in PROFILES]
    profiles += [
        PermissionProfileSummary(id=name, description=table.get("description"), allowed=True)
        for name, table in sorted(configured.items())
    ]
    data, cursor = page(profiles, params.cursor, params.limit, "permission profiles")
    return PermissionProfileListResponse(data=data, next_cursor=cursor)


ROUTES = [route(PERMISSION_PROFILE_LIST, list_profiles)]
