"""What is known of environments. There is one, the server's own machine, under the name `local`."""

from pathlib import Path

from app_server.core.errors import CallerError
from app_server.core.exec.shell import login_shell
from app_server.methods.places import LOCAL
from app_server.routing import route
from app_server.services import Context
from protocol.environment import (
    ENVIRONMENT_INFO,
    ENVIRONMENT_STATUS,
    EnvironmentInfoParams,
    EnvironmentInfoResponse,
    EnvironmentShellInfo,
    EnvironmentStatusParams,
    EnvironmentStatusResponse,
)


def info(context: Context, params: EnvironmentInfoParams) -> EnvironmentInfoResponse:
    """The shell and the directory of an environment."""
    if params.environment_id != LOCAL:
        raise CallerError(unknown(params.environment_id), reason="not_found", data={"field": "environmentId"})
    services = context.services
    shell = Path(login_shell(services.settings.environment.get("PATH")))
    return EnvironmentInfoResponse(shell=EnvironmentShellInfo(name=shell.stem, path=str(shell)), cwd=services.config.cwd.as_uri())


def status(_context: Context, params: EnvironmentStatusParams) -> EnvironmentStatusResponse:
    """Whether an environment can be reached."""
    if params.environment_id != LOCAL:
        return EnvironmentStatusResponse(status="unknown", error=unknown(params.environment_id))
    return EnvironmentStatusResponse(status="ready")


def unknown(environment_id: str) -> str:
    """What is said of an environment that is not there."""
    return f"unknown environment id `{environment_id}`"


ROUTES = [route(ENVIRONMENT_INFO, info), route(ENVIRONMENT_STATUS, status)]
