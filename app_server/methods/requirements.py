"""`configRequirements/read`."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from app_server.core.errors import INTERNAL_ERROR, CallerError, ConfigError
from app_server.routing import route
from app_server.services import Context
from protocol.requirements import CONFIG_REQUIREMENTS_READ, ConfigRequirements, ConfigRequirementsReadResponse

LISTS = {
    "allowed_login_methods": "login_method",
    "allowed_approval_policies": "approval_policy",
    "allowed_approvals_reviewers": "approvals_reviewer",
    "allowed_sandbox_modes": "sandbox_mode",
    "allowed_web_search_modes": "web_search_mode",
}
PLAIN = ("enforce_residency",)


def read(context: Context, _params: None) -> ConfigRequirementsReadResponse:
    """What the administrator of the machine requires, as far as it is kept here."""
    try:
        limits = context.services.config.limits()
    except ConfigError as error:
        raise CallerError(error.detail, code=INTERNAL_ERROR, reason=error.reason) from None
    if not limits.file:
        return ConfigRequirementsReadResponse(supports_independent_speed_modes=True, requirements=None)
    told: dict[str, Any] = {member: limits.allowed.get(setting) for member, setting in LISTS.items()}
    told |= {member: limits.data.get(member) for member in PLAIN}
    told["feature_requirements"] = dict(limits.features) or None
    return ConfigRequirementsReadResponse(supports_independent_speed_modes=True, requirements=checked(told))


def checked(told: Mapping[str, Any]) -> ConfigRequirements:
    """The requirements as clients see them. Raises: CallerError (a word in the file is none of those known)."""
    members = {name: list(value) if isinstance(value, tuple) else value for name, value in told.items() if value is not None}
    try:
        return ConfigRequirements.model_validate({camel(name): value for name, value in members.items()})
    except ValidationError as error:
        text = f"the requirements can't be read: {error.errors()[0]['msg']}"
        raise CallerError(text, code=INTERNAL_ERROR, reason="invalid_config") from None


def camel(name: str) -> str:
    """`enforce_residency` -> `enforceResidency`."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


ROUTES = [route(CONFIG_REQUIREMENTS_READ, read)]
