"""`configRequirements/read`."""

from app_server.routing import route
from app_server.services import Context
from protocol.requirements import CONFIG_REQUIREMENTS_READ, ConfigRequirementsReadResponse


def read(_context: Context, _params: None) -> ConfigRequirementsReadResponse:
    """Nothing is required by an administrator: this server reads no such file."""
    return ConfigRequirementsReadResponse(supports_independent_speed_modes=True, requirements=None)


ROUTES = [route(CONFIG_REQUIREMENTS_READ, read)]
