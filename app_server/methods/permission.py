"""`permissionProfile/list`."""

from collections.abc import Mapping

from app_server.core.config.config import PROFILES
from app_server.core.errors import INTERNAL_ERROR, CallerError, ConfigError
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
    try:
        tables = context.services.config.layers(params.cwd).merged.get("permissions")
    except ConfigError as error:
        text = f"failed to reload config: {error.detail}"
        raise CallerError(text, code=INTERNAL_ERROR, reason=error.reason) from None
    named = tables if isinstance(tables, Mapping) else {}
    configured = {name: table for name, table in named.items() if isinstance(table, Mapping)}
    limits = context.services.config.limits()
    profiles = [
        PermissionProfileSummary(id=name, description=None, allowed=limits.allows("sandbox_mode", mode))
        for name, mode in PROFILES.items()
    ]
    profiles += [
        PermissionProfileSummary(id=name, description=table.get("description"), allowed="sandbox_mode" not in limits.allowed)
        for name, table in sorted(configured.items())
    ]
    data, cursor = page(profiles, params.cursor, params.limit, "permission profiles")
    return PermissionProfileListResponse(data=data, next_cursor=cursor)


ROUTES = [route(PERMISSION_PROFILE_LIST, list_profiles)]
