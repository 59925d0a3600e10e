"""The caller's mistakes, as exceptions with the code and text that clients of the reference know.

    CallerError             what a request gets as its error answer
    ├── ThreadNotFound      the id names no loaded thread
    ├── InvalidThreadId     the id is no UUID
    └── ConfigError         the configuration can't be used as it is

Everything else that goes wrong is either the world (network, disk, model), which ends as an event on the turn,
or our own bug, which propagates to the task boundary.
"""

from typing import Any

INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
OVERLOADED = -32001


class CallerError(Exception):
    """A request that can't be served as it was asked.

    `reason` is a stable name from protocol.errors; `data` holds members that the reference has too, and wins over ours.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: str = "invalid_request",
        code: int = INVALID_REQUEST,
        data: dict[str, Any] | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.code = code
        self.data = data or {}
        self.remedy = remedy


class ThreadNotFound(CallerError):
    """No loaded thread has this id."""

    def __init__(self, thread_id: str) -> None:
        super().__init__(f"thread not found: {thread_id}", reason="thread_not_found", remedy="start or resume the thread first")


class InvalidThreadId(CallerError):
    """The id is no UUID; the text is the reference's, of which clients match the prefix."""

    def __init__(self, detail: str, noun: str = "thread") -> None:
        super().__init__(f"invalid {noun} id: {detail}", reason="invalid_thread_id")


class ConfigError(CallerError):
    """The configuration can't be used; `detail` says where and why."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"failed to load configuration: {detail}", reason="invalid_config")
        self.detail = detail
