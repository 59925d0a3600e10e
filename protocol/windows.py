"""The windows family of the wire contract."""

from typing import Any, ClassVar, Literal

from protocol.base import U64, Method, Notification, Params, Response, TypeAliasType
from protocol.scalars import AbsolutePathBuf

WindowsSandboxSetupMode = TypeAliasType("WindowsSandboxSetupMode", Literal["elevated", "unelevated"])
"""Windows sandbox setup mode."""


class WindowsSandboxSetupStartParams(Params):
    """What `windowsSandbox/setupStart` asks with."""

    mode: WindowsSandboxSetupMode
    cwd: AbsolutePathBuf | None = None


class WindowsSandboxSetupStartResponse(Response):
    """What `windowsSandbox/setupStart` is answered with."""

    started: bool


WindowsSandboxReadiness = TypeAliasType("WindowsSandboxReadiness", Literal["ready", "notConfigured", "updateRequired"])
"""Windows sandbox readiness."""


class WindowsSandboxReadinessResponse(Response):
    """What `windowsSandbox/readiness` is answered with."""

    status: WindowsSandboxReadiness


class WindowsWorldWritableWarningNotification(Notification):
    """Announced as `windows/worldWritableWarning`."""

    method: ClassVar[str] = "windows/worldWritableWarning"

    sample_paths: list[str]
    extra_count: U64
    failed_scan: bool


class WindowsSandboxSetupCompletedNotification(Notification):
    """Announced as `windowsSandbox/setupCompleted`."""

    method: ClassVar[str] = "windowsSandbox/setupCompleted"

    mode: WindowsSandboxSetupMode
    success: bool
    error: str | None = None


WINDOWS_SANDBOX_SETUP_START = Method(
    "windowsSandbox/setupStart", WindowsSandboxSetupStartParams, WindowsSandboxSetupStartResponse
)
WINDOWS_SANDBOX_READINESS: Method[None, WindowsSandboxReadinessResponse] = Method(
    "windowsSandbox/readiness", None, WindowsSandboxReadinessResponse
)

METHODS: tuple[Method[Any, Any], ...] = (WINDOWS_SANDBOX_SETUP_START, WINDOWS_SANDBOX_READINESS)
NOTIFICATIONS: tuple[type[Notification], ...] = (
    WindowsWorldWritableWarningNotification,
    WindowsSandboxSetupCompletedNotification,
)
