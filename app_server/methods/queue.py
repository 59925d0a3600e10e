"""`thread/queue/*`: input that waits for its turn. Source: spec/threads.md section 7."""

from collections.abc import Awaitable

import anyio.to_thread

from app_server.core import queues
from app_server.core.catalogue import catalogue_of
from app_server.core.errors import INTERNAL_ERROR, CallerError
from app_server.core.ids import checked_thread_id
from app_server.core.thread import Thread
from app_server.core.turn import user_input
from app_server.core.turn.turn import Turn
from app_server.routing import route
from app_server.services import Context
from protocol.queue import (
    THREAD_QUEUE_ADD,
    THREAD_QUEUE_DELETE,
    THREAD_QUEUE_LIST,
    THREAD_QUEUE_REORDER,
    THREAD_QUEUE_START,
    THREAD_QUEUE_UPDATE,
    QueuedSubmission,
    ThreadQueueAddParams,
    ThreadQueueAddResponse,
    ThreadQueueDeleteParams,
    ThreadQueueDeleteResponse,
    ThreadQueueListParams,
    ThreadQueueListResponse,
    ThreadQueueReorderParams,
    ThreadQueueReorderResponse,
    ThreadQueueStartParams,
    ThreadQueueStartResponse,
    ThreadQueueUpdateParams,
    ThreadQueueUpdateResponse,
)

DEFAULT_PAGE = 100


def add(context: Context, params: ThreadQueueAddParams) -> ThreadQueueAddResponse:
    """Put input at the end; an idle thread begins with it at once."""
    thread = context.services.threads.get(params.thread_id)
    queues.check(params.input)
    entry = QueuedSubmission(
        id=context.services.clock.uuid7(),
        input=params.input,
        client_user_message_id=params.client_user_message_id,
        responsesapi_client_metadata=params.responsesapi_client_metadata,
    )
    queues.keep(thread, [*queues.queue_of(thread).entries, entry])
    answer = ThreadQueueAddResponse(queued_submission=entry)
    first = queues.queue_of(thread).entries[0]
    if thread.turn is None and not user_input.needs_reading(first.input):
        queues.begin(thread, first, user_input.NO_MEDIA, lambda _: context.reply(answer))
    else:
        context.reply(answer)
        thread.go_on()
    return answer


async def list_entries(context: Context, params: ThreadQueueListParams) -> ThreadQueueListResponse:
    """The queue in pages; the thread need not be loaded."""
    threads = context.services.threads
    thread = threads.find(params.thread_id)
    if thread is not None:
        entries = queues.queue_of(thread).entries
    else:
        thread_id = checked_thread_id(params.thread_id)
        if await anyio.to_thread.run_sync(catalogue_of(threads.runtime).search, thread_id) is None:
            text = f"failed to read thread: invalid thread-store request: no rollout found for thread id {thread_id}"
            raise CallerError(text, reason="thread_not_found", code=INTERNAL_ERROR)
        entries = (await anyio.to_thread.run_sync(queues.Queue, threads.runtime.home, thread_id)).entries
    start = 0
    if params.cursor is not None:
        if not (params.cursor.isascii() and params.cursor.isdecimal()):
            raise CallerError(
                "invalid queue pagination cursor: invalid digit found in string",
                reason="invalid_cursor",
                data={"field": "cursor"},
            )
        start = int(params.cursor)
    end = start + max(params.limit if params.limit is not None else DEFAULT_PAGE, 1)
    return ThreadQueueListResponse(data=entries[start:end], next_cursor=str(end) if end < len(entries) else None)


def update(context: Context, params: ThreadQueueUpdateParams) -> ThreadQueueUpdateResponse:
    """Change what waits."""
    thread = context.services.threads.get(params.thread_id)
    queues.check(params.input)
    queue = queues.queue_of(thread)
    entry = queue.find(params.queued_submission_id)
    changes: dict[str, object] = {"input": params.input}
    if params.responsesapi_client_metadata:
        changes["responsesapi_client_metadata"] = params.responsesapi_client_metadata
    changed = entry.model_copy(update=changes)
    queues.keep(thread, [changed if each is entry else each for each in queue.entries])
    return ThreadQueueUpdateResponse(queued_submission=changed)


def delete(context: Context, params: ThreadQueueDeleteParams) -> ThreadQueueDeleteResponse:
    """Drop what waits."""
    thread = context.services.threads.get(params.thread_id)
    queue = queues.queue_of(thread)
    left = [entry for entry in queue.entries if entry.id != params.queued_submission_id]
    is_deleted = len(left) < len(queue.entries)
    if is_deleted:
        queues.keep(thread, left)
    return ThreadQueueDeleteResponse(deleted=is_deleted)


def reorder(context: Context, params: ThreadQueueReorderParams) -> ThreadQueueReorderResponse:
    """Set the order."""
    thread = context.services.threads.get(params.thread_id)
    by_id = {entry.id: entry for entry in queues.queue_of(thread).entries}
    wanted = params.queued_submission_ids
    if len(wanted) != len(by_id) or set(wanted) != set(by_id):
        raise CallerError(
            "queue reorder must include every queued submission exactly once", data={"field": "queuedSubmissionIds"}
        )
    queues.keep(thread, [by_id[entry_id] for entry_id in wanted])
    return ThreadQueueReorderResponse()


def start(context: Context, params: ThreadQueueStartParams) -> ThreadQueueStartResponse | Awaitable[None] | None:
    """Begin a turn with the first entry, or with the one that is named."""
    thread = context.services.threads.get(params.thread_id)
    queue = queues.queue_of(thread)
    if params.queued_submission_id is not None:
        entry = queue.find(params.queued_submission_id)
    elif queue.entries:
        entry = queue.entries[0]
    else:
        raise CallerError("queue is empty", reason="empty")
    refuse_active(thread)
    if user_input.needs_reading(entry.input):
        return start_read(context, thread, entry)
    queues.begin(thread, entry, user_input.NO_MEDIA, lambda turn: answer(context, turn))
    return None


async def start_read(context: Context, thread: Thread, entry: QueuedSubmission) -> None:
    """The same for an entry with images."""
    media = await thread.read_media(entry.input)
    refuse_active(thread)
    queues.queue_of(thread).find(entry.id)
    queues.begin(thread, entry, media, lambda turn: answer(context, turn))


def refuse_active(thread: Thread) -> None:
    """A thread runs one turn at a time. Raises: CallerError."""
    if thread.turn is not None:
        raise CallerError("thread already has an active or pending turn", reason="turn_active")


def answer(context: Context, turn: Turn) -> None:
    """The turn begins."""
    context.reply(ThreadQueueStartResponse(turn=turn.wire(is_announced=False)))


ROUTES = [
    route(THREAD_QUEUE_ADD, add),
    route(THREAD_QUEUE_LIST, list_entries),
    route(THREAD_QUEUE_UPDATE, update),
    route(THREAD_QUEUE_DELETE, delete),
    route(THREAD_QUEUE_REORDER, reorder),
    route(THREAD_QUEUE_START, start),
]
