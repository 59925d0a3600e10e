"""Words to the user about the server: warnings, and what is going away."""

from typing import Annotated, ClassVar

from protocol.base import OMIT_NONE, U64, Notification, Record


class WarningNotification(Notification):
    """Something is not as it should be."""

    method: ClassVar[str] = "warning"

    thread_id: str | None = None
    """The thread that it concerns; null: all."""
    message: str
    """What, for the user."""


class GuardianWarningNotification(Notification):
    """The reviewer of approvals has a word for the user."""

    method: ClassVar[str] = "guardianWarning"

    thread_id: str
    """The thread."""
    message: str
    """The word."""


class DeprecationNoticeNotification(Notification):
    """Something that is in use will go away."""

    method: ClassVar[str] = "deprecationNotice"

    summary: str
    """What."""
    details: str | None = None
    """What to do instead; null: no word."""


class TextPosition(Record):
    """A place in a file."""

    line: U64
    """The line, counted from 1."""
    column: U64
    """The character, counted from 1."""


class TextRange(Record):
    """A stretch of a file."""

    start: TextPosition
    """Where it begins."""
    end: TextPosition
    """Where it ends."""


class ConfigWarningNotification(Notification):
    """Something about the configuration is not as it should be."""

    method: ClassVar[str] = "configWarning"

    summary: str
    """What."""
    details: str | None = None
    """More about it; null: nothing."""
    path: Annotated[str | None, OMIT_NONE] = None
    """The file; left out when it is about none."""
    range: Annotated[TextRange | None, OMIT_NONE] = None
    """Where in the file; left out when that is unknown."""


NOTIFICATIONS: tuple[type[Notification], ...] = (
    WarningNotification,
    GuardianWarningNotification,
    DeprecationNoticeNotification,
    ConfigWarningNotification,
)
