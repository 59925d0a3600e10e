"""What concerns Windows only: its sandbox, and directories that everyone can write."""

from typing import Any, ClassVar, Literal

from protocol.base import U64, Method, Notification, Params, Response, TypeAliasType
from protocol.scalars import AbsolutePathBuf

WindowsSandboxSetupMode = TypeAliasType("WindowsSandboxSetupMode", Literal["elevated", "unelevated"])
"""With or without the rights of an administrator."""


class WindowsSandboxSetupStartParams(Params):
    """The sandbox to set up."""

    mode: WindowsSandboxSetupMode
    """How."""
    cwd: AbsolutePathBuf | None = None
    """For which directory; null: none in particular."""


class WindowsSandboxSetupStartResponse(Response):
    """The result."""

    started: bool
    """Whether the work has begun."""


WindowsSandboxReadiness = TypeAliasType("WindowsSandboxReadiness", Literal["ready", "notConfigured", "updateRequired"])
"""Whether the sandbox can be used."""


class WindowsSandboxReadinessResponse(Response):
    """The sandbox."""

    status: WindowsSandboxReadiness
    """Whether it can be used."""


class WindowsWorldWritableWarningNotification(Notification):
    """Everyone can write into these directories, so the sandbox cannot protect them."""

    method: ClassVar[str] = "windows/worldWritableWarning"

    sample_paths: list[str]
    """Some of them."""
    extra_count: U64
    """How many more there are."""
    failed_scan: bool
    """Whether some could not be looked at."""


class WindowsSandboxSetupCompletedNotification(Notification):
    """The work on the sandbox has ended."""

    method: ClassVar[str] = "windowsSandbox/setupCompleted"

    mode: WindowsSandboxSetupMode
    """How it was set up."""
    success: bool
    """Whether it worked."""
    error: str | None = None
    """Why it did not; null when it did."""


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
