"""The notice family of the wire contract."""

from typing import Annotated, ClassVar

from protocol.base import OMIT_NONE, U64, Notification, Record


class WarningNotification(Notification):
    """Announced as `warning`."""

    method: ClassVar[str] = "warning"

    thread_id: str | None = None
    message: str


class GuardianWarningNotification(Notification):
    """Announced as `guardianWarning`."""

    method: ClassVar[str] = "guardianWarning"

    thread_id: str
    message: str


class DeprecationNoticeNotification(Notification):
    """Announced as `deprecationNotice`."""

    method: ClassVar[str] = "deprecationNotice"

    summary: str
    details: str | None = None


class TextPosition(Record):
    """Text position."""

    line: U64
    column: U64


class TextRange(Record):
    """Text range."""

    start: TextPosition
    end: TextPosition


class ConfigWarningNotification(Notification):
    """Announced as `configWarning`."""

    method: ClassVar[str] = "configWarning"

    summary: str
    details: str | None = None
    path: Annotated[str | None, OMIT_NONE] = None
    range: Annotated[TextRange | None, OMIT_NONE] = None


NOTIFICATIONS: tuple[type[Notification], ...] = (
    WarningNotification,
    GuardianWarningNotification,
    DeprecationNoticeNotification,
    ConfigWarningNotification,
)
