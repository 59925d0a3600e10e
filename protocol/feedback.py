"""Feedback of the user, sent to the vendor or saved to a file."""

from typing import Any

from protocol.base import Method, Params, Response
from protocol.scalars import LegacyAppPathString


class FeedbackUploadParams(Params):
    """Feedback to send."""

    classification: str
    """What kind."""
    reason: str | None = None
    """The words; null: none."""
    thread_id: str | None = None
    """The thread that it is about; null: none."""
    include_logs: bool = False
    """Whether logs go with it."""
    extra_log_files: list[str] | None = None
    """Further files that go with it; null: none."""
    tags: dict[str, str] | None = None
    """Labels; null: none."""


class FeedbackUploadResponse(Response):
    """It is sent."""

    thread_id: str
    """The thread that it is filed under."""
    prompt_hash: str | None = None
    """A hash of the instructions of the thread; null when unknown."""


class FeedbackSaveParams(Params):
    """Feedback to save."""

    save_path: LegacyAppPathString
    """The zip file to write, which must not exist."""
    classification: str
    """What kind."""
    reason: str | None = None
    """The words; null: none."""
    thread_id: str | None = None
    """The thread that it is about; null: none."""
    include_logs: bool = False
    """Whether logs go with it."""
    extra_log_files: list[str] | None = None
    """Further files that go with it; null: none."""
    tags: dict[str, str] | None = None
    """Labels; null: none."""


class FeedbackSaveResponse(Response):
    """It is saved."""

    saved_path: LegacyAppPathString
    """The zip file."""
    thread_id: str
    """The thread that it is filed under."""
    prompt_hash: str | None = None
    """A hash of the instructions of the thread; null when unknown."""


FEEDBACK_UPLOAD = Method("feedback/upload", FeedbackUploadParams, FeedbackUploadResponse)
FEEDBACK_SAVE = Method("feedback/save", FeedbackSaveParams, FeedbackSaveResponse)

METHODS: tuple[Method[Any, Any], ...] = (FEEDBACK_UPLOAD, FEEDBACK_SAVE)
