"""The sandbox of Windows, which is not there anywhere else."""

from app_server.routing import route
from app_server.services import Context
from protocol.windows import (
    WINDOWS_SANDBOX_READINESS,
    WINDOWS_SANDBOX_SETUP_START,
    WindowsSandboxReadinessResponse,
    WindowsSandboxSetupCompletedNotification,
    WindowsSandboxSetupStartParams,
    WindowsSandboxSetupStartResponse,
)

SETUPS = {"elevated": "elevated", "unelevated": "legacy"}


def readiness(_context: Context, _params: None) -> WindowsSandboxReadinessResponse:
    """It is not set up."""
    return WindowsSandboxReadinessResponse(status="notConfigured")


def setup(context: Context, params: WindowsSandboxSetupStartParams) -> None:
    """Begin, and tell at once that it can't be done on this system."""
    context.reply(WindowsSandboxSetupStartResponse(started=True))
    error = f"{SETUPS[params.mode]} Windows sandbox setup is only supported on Windows"
    outcome = WindowsSandboxSetupCompletedNotification(mode=params.mode, success=False, error=error)
    context.services.fanout.send([context.connection], outcome)


ROUTES = [route(WINDOWS_SANDBOX_READINESS, readiness), route(WINDOWS_SANDBOX_SETUP_START, setup)]
