"""`thread/attachment/*`, `thread/attachmentOwner/list`: what clients keep with threads. Source: spec/threads.md section 7."""

import anyio.to_thread

from app_server.core.catalogue import catalogue_of, user_state_of
from app_server.core.errors import INVALID_PARAMS, CallerError, InvalidThreadId
from app_server.core.ids import checked_thread_id
from app_server.core.paging import limit_of
from app_server.core.store.attachments import Attachment
from app_server.routing import route
from app_server.services import Context
from protocol.attachment import (
    THREAD_ATTACHMENT_ADD,
    THREAD_ATTACHMENT_LIST,
    THREAD_ATTACHMENT_OWNER_LIST,
    THREAD_ATTACHMENT_REMOVE,
    ThreadAttachment,
    ThreadAttachmentAddParams,
    ThreadAttachmentAddResponse,
    ThreadAttachmentListParams,
    ThreadAttachmentListResponse,
    ThreadAttachmentOwner,
    ThreadAttachmentOwnerListParams,
    ThreadAttachmentOwnerListResponse,
    ThreadAttachmentRemoveParams,
    ThreadAttachmentRemoveResponse,
    ThreadAttachmentUpdatedNotification,
)


async def add(context: Context, params: ThreadAttachmentAddParams) -> None:
    """Keep something with a thread; what is kept already stays as it is."""
    services, thread_id = context.services, checked_id(params.thread_id)
    check_named(params.attachment_type, params.identity_key)
    new_id, now_s = services.clock.uuid7(), services.clock.now_s()

    def keep() -> tuple[Attachment, bool]:
        check_stored(context, thread_id)
        attachments = user_state_of(services.threads.runtime).attachments
        return attachments.add(thread_id, params.attachment_type, params.identity_key, params.payload, new_id, now_s)

    kept, is_new = await anyio.to_thread.run_sync(keep)
    context.reply(ThreadAttachmentAddResponse(outcome="created" if is_new else "existing", attachment=shown(kept)))
    if is_new:
        notice = ThreadAttachmentUpdatedNotification(
            thread_id=thread_id,
            attachment_type=kept.attachment_type,
            identity_key=kept.identity_key,
            attachment_id=kept.id,
            operation="created",
        )
        services.fanout.publish(thread_id, notice)


async def remove(context: Context, params: ThreadAttachmentRemoveParams) -> None:
    """Keep something no longer, if it is kept."""
    services, thread_id = context.services, checked_id(params.thread_id)

    def drop() -> str | None:
        check_stored(context, thread_id)
        attachments = user_state_of(services.threads.runtime).attachments
        return attachments.remove(thread_id, params.attachment_type, params.identity_key)

    gone = await anyio.to_thread.run_sync(drop)
    context.reply(ThreadAttachmentRemoveResponse())
    if gone is not None:
        notice = ThreadAttachmentUpdatedNotification(
            thread_id=thread_id,
            attachment_type=params.attachment_type,
            identity_key=params.identity_key,
            attachment_id=gone,
            operation="deleted",
        )
        services.fanout.publish(thread_id, notice)


async def list_attachments(context: Context, params: ThreadAttachmentListParams) -> ThreadAttachmentListResponse:
    """What is kept with a thread, the oldest first; nothing of a thread that there is not."""
    thread_id, limit = checked_id(params.thread_id), limit_of(params.limit)
    after = 0
    if params.cursor is not None:
        if not (params.cursor.isascii() and params.cursor.isdecimal()):
            raise invalid_cursor()
        after = int(params.cursor)
    attachments = user_state_of(context.services.threads.runtime).attachments
    found = await anyio.to_thread.run_sync(attachments.of, thread_id, after, limit + 1)
    page = found[:limit]
    next_cursor = str(page[-1].number) if len(found) > limit else None
    return ThreadAttachmentListResponse(data=[shown(each) for each in page], next_cursor=next_cursor)


async def list_owners(context: Context, params: ThreadAttachmentOwnerListParams) -> ThreadAttachmentOwnerListResponse:
    """The threads that have something attached, in pages."""
    check_named(params.attachment_type, params.identity_key)
    after = ""
    if params.cursor is not None:
        try:
            after = checked_thread_id(params.cursor)
        except InvalidThreadId:
            raise invalid_cursor() from None
    runtime, limit = context.services.threads.runtime, limit_of(params.limit)

    def find() -> list[ThreadAttachmentOwner]:
        ids = user_state_of(runtime).attachments.owners(params.attachment_type, params.identity_key)
        page: list[ThreadAttachmentOwner] = []
        for each in ids:
            file = catalogue_of(runtime).search(each) if each > after else None
            if file is not None and params.archived in (None, file.is_archived):
                page.append(ThreadAttachmentOwner(thread_id=each, archived=file.is_archived))
            if len(page) > limit:
                break
        return page

    found = await anyio.to_thread.run_sync(find)
    next_cursor = found[limit - 1].thread_id if len(found) > limit else None
    return ThreadAttachmentOwnerListResponse(data=found[:limit], next_cursor=next_cursor)


def checked_id(thread_id: str) -> str:
    """The id in its usual form. Raises: CallerError."""
    try:
        return checked_thread_id(thread_id)
    except InvalidThreadId as error:
        raise CallerError(error.message, code=INVALID_PARAMS, reason=error.reason) from None


def check_stored(context: Context, thread_id: str) -> None:
    """Attachments outlive the server, so the thread has to as well. Blocks. Raises: CallerError."""
    if catalogue_of(context.services.threads.runtime).search(thread_id) is None:
        raise CallerError(f"thread not found: {thread_id}", code=INVALID_PARAMS, reason="thread_not_found")


def check_named(attachment_type: str, identity_key: str) -> None:
    """An attachment is known by both. Raises: CallerError."""
    for name, value in (("attachmentType", attachment_type), ("identityKey", identity_key)):
        if not value.strip():
            raise CallerError(f"{name} must not be empty", code=INVALID_PARAMS, reason="empty", data={"field": name})


def invalid_cursor() -> CallerError:
    """The cursor is none of ours."""
    return CallerError("invalid pagination cursor", code=INVALID_PARAMS, reason="invalid_cursor", data={"field": "cursor"})


def shown(kept: Attachment) -> ThreadAttachment:
    """An attachment as clients see it."""
    return ThreadAttachment(
        id=kept.id,
        attachment_type=kept.attachment_type,
        identity_key=kept.identity_key,
        payload=kept.payload,
        created_at=kept.created_at,
    )


ROUTES = [
    route(THREAD_ATTACHMENT_ADD, add),
    route(THREAD_ATTACHMENT_REMOVE, remove),
    route(THREAD_ATTACHMENT_LIST, list_attachments),
    route(THREAD_ATTACHMENT_OWNER_LIST, list_owners),
]
