"""The feedback family of the wire contract."""

from typing import Any

from protocol.base import Method, Params, Response
from protocol.scalars import LegacyAppPathString


class FeedbackUploadParams(Params):
    """What `feedback/upload` asks with."""

    classification: str
    reason: str | None = None
    thread_id: str | None = None
    include_logs: bool = False
    extra_log_files: list[str] | None = None
    tags: dict[str, str] | None = None


class FeedbackUploadResponse(Response):
    """What `feedback/upload` is answered with."""

    thread_id: str
    prompt_hash: str | None = None


class FeedbackSaveParams(Params):
    """What `feedback/save` asks with."""

    save_path: LegacyAppPathString
    classification: str
    reason: str | None = None
    thread_id: str | None = None
    include_logs: bool = False
    extra_log_files: list[str] | None = None
    tags: dict[str, str] | None = None


class FeedbackSaveResponse(Response):
    """What `feedback/save` is answered with."""

    saved_path: LegacyAppPathString
    thread_id: str
    prompt_hash: str | None = None


FEEDBACK_UPLOAD = Method("feedback/upload", FeedbackUploadParams, FeedbackUploadResponse)
FEEDBACK_SAVE = Method("feedback/save", FeedbackSaveParams, FeedbackSaveResponse)

METHODS: tuple[Method[Any, Any], ...] = (FEEDBACK_UPLOAD, FEEDBACK_SAVE)
