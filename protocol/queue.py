"""The queue of a thread: input that waits for its turn."""

from typing import Any, ClassVar

from protocol.base import U32, Method, Notification, Params, Record, Response
from protocol.input import UserInput
from protocol.turn import Turn


class ThreadQueueAddParams(Params):
    """Input to put at the end."""

    thread_id: str
    """The thread."""
    input: list[UserInput]
    """What the user says."""
    client_user_message_id: str
    """The client's own id of the message."""
    responsesapi_client_metadata: dict[str, str] | None = None
    """Metadata for the provider, kept with the input; null: none."""


class QueuedSubmission(Record):
    """Input that waits."""

    id: str
    """Its id."""
    input: list[UserInput]
    """What the user says."""
    client_user_message_id: str
    """The client's own id of the message."""
    responsesapi_client_metadata: dict[str, str] | None = None
    """Metadata for the provider; null: none."""


class ThreadQueueAddResponse(Response):
    """It waits."""

    queued_submission: QueuedSubmission
    """The input."""


class ThreadQueueListParams(Params):
    """Which page of the queue."""

    thread_id: str
    """The thread."""
    cursor: str | None = None
    """Where to go on: the `nextCursor` of the page before; null begins at the first page."""
    limit: U32 | None = None
    """The most entries to return; null lets the server choose."""


class ThreadQueueListResponse(Response):
    """The queue."""

    data: list[QueuedSubmission]
    """One page of it, the next one first."""
    next_cursor: str | None = None
    """What to ask for the next page with; null on the last page."""


class ThreadQueueUpdateParams(Params):
    """Input to change."""

    thread_id: str
    """The thread."""
    queued_submission_id: str
    """Which."""
    input: list[UserInput]
    """What the user says instead."""
    responsesapi_client_metadata: dict[str, str] | None = None
    """Metadata instead; null or empty leaves it."""


class ThreadQueueUpdateResponse(Response):
    """The input after the change."""

    queued_submission: QueuedSubmission
    """The input."""


class ThreadQueueDeleteParams(Params):
    """Input to drop."""

    thread_id: str
    """The thread."""
    queued_submission_id: str
    """Which."""


class ThreadQueueDeleteResponse(Response):
    """The result."""

    deleted: bool
    """Whether it was there."""


class ThreadQueueReorderParams(Params):
    """The order of the queue."""

    thread_id: str
    """The thread."""
    queued_submission_ids: list[str]
    """All that wait, the next one first."""


class ThreadQueueReorderResponse(Response):
    """They are in that order."""


class ThreadQueueStartParams(Params):
    """Begin with what waits."""

    thread_id: str
    """The thread."""
    queued_submission_id: str | None = None
    """With which; null: with the first."""


class ThreadQueueStartResponse(Response):
    """A turn has begun."""

    turn: Turn
    """The turn."""


class ThreadQueueChangedNotification(Notification):
    """The queue of a thread changed; list it anew."""

    method: ClassVar[str] = "thread/queue/changed"

    thread_id: str
    """The thread."""


THREAD_QUEUE_ADD = Method("thread/queue/add", ThreadQueueAddParams, ThreadQueueAddResponse)
THREAD_QUEUE_LIST = Method("thread/queue/list", ThreadQueueListParams, ThreadQueueListResponse)
THREAD_QUEUE_UPDATE = Method("thread/queue/update", ThreadQueueUpdateParams, ThreadQueueUpdateResponse)
THREAD_QUEUE_DELETE = Method("thread/queue/delete", ThreadQueueDeleteParams, ThreadQueueDeleteResponse)
THREAD_QUEUE_REORDER = Method("thread/queue/reorder", ThreadQueueReorderParams, ThreadQueueReorderResponse)
THREAD_QUEUE_START = Method("thread/queue/start", ThreadQueueStartParams, ThreadQueueStartResponse)

METHODS: tuple[Method[Any, Any], ...] = (
    THREAD_QUEUE_ADD,
    THREAD_QUEUE_LIST,
    THREAD_QUEUE_UPDATE,
    THREAD_QUEUE_DELETE,
    THREAD_QUEUE_REORDER,
    THREAD_QUEUE_START,
)
NOTIFICATIONS: tuple[type[Notification], ...] = (ThreadQueueChangedNotification,)
