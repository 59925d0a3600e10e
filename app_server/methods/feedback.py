"""`feedback/*`: an archive for whoever maintains the client. Nothing is sent anywhere: uploads go to OpenAI in the reference."""

from functools import partial
from pathlib import Path

import anyio.to_thread

from app_server.core.catalogue import catalogue_of
from app_server.core.config.store import os_text
from app_server.core.errors import INTERNAL_ERROR, CallerError
from app_server.core.feedback import NotReadable, report, save
from app_server.core.ids import checked_thread_id
from app_server.routing import route
from app_server.services import Context
from protocol.feedback import (
    FEEDBACK_SAVE,
    FEEDBACK_UPLOAD,
    FeedbackSaveParams,
    FeedbackSaveResponse,
    FeedbackUploadParams,
    FeedbackUploadResponse,
)


async def save_archive(context: Context, params: FeedbackSaveParams) -> FeedbackSaveResponse:
    """Write the archive. With `includeLogs` the thread's file is in it."""
    services = context.services
    archive = Path(params.save_path)
    if not archive.is_absolute():
        text = "feedback savePath must be an absolute host path"
        raise CallerError(text, reason="invalid_value", data={"field": "savePath", "expected": "an absolute path"})
    files = [Path(file) for file in params.extra_log_files or ()]
    thread_id = f"no-active-thread-{services.clock.uuid7()}"
    if params.thread_id is not None:
        thread_id = checked_thread_id(params.thread_id)
        stored = catalogue_of(services.threads.runtime).search(thread_id) if params.include_logs else None
        files = [*([stored.path] if stored is not None else []), *files]
    told = report(
        services.clock.uuid4(), thread_id, services.clock.now_ms(), params.classification, params.reason, params.tags or {}
    )
    try:
        await anyio.to_thread.run_sync(partial(save, archive, told, files))
    except NotReadable as error:
        raise CallerError(f"failed to save feedback: {error}", code=INTERNAL_ERROR, reason="io_error") from None
    except OSError as error:
        text = f'failed to save feedback: {os_text(error)} at path "{archive}"'
        raise CallerError(text, code=INTERNAL_ERROR, reason="io_error") from None
    return FeedbackSaveResponse(saved_path=str(archive), thread_id=thread_id)


def upload(context: Context, _params: FeedbackUploadParams) -> FeedbackUploadResponse:
    """Refused: there is nobody to send it to."""
    told = context.services.config.load().raw.get("feedback", {}).get("enabled")
    if told is False:
        raise CallerError("sending feedback is disabled by configuration", reason="not_available")
    text = "failed to upload feedback: this server sends nothing to OpenAI"
    raise CallerError(text, code=INTERNAL_ERROR, reason="not_available", remedy="save it with feedback/save")


ROUTES = [route(FEEDBACK_UPLOAD, upload), route(FEEDBACK_SAVE, save_archive)]
