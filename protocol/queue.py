"""The queue family of the wire contract."""

from typing import Any, ClassVar

from protocol.base import U32, Method, Notification, Params, Record, Response
from protocol.input import UserInput
from protocol.turn import Turn


class ThreadQueueAddParams(Params):
    """What `thread/queue/add` asks with."""

    thread_id: str
    input: list[UserInput]
    client_user_message_id: str
    responsesapi_client_metadata: dict[str, str] | None = None


class QueuedSubmission(Record):
    """Queued submission."""

    id: str
    input: list[UserInput]
    client_user_message_id: str
    responsesapi_client_metadata: dict[str, str] | None = None


class ThreadQueueAddResponse(Response):
    """What `thread/queue/add` is answered with."""

    queued_submission: QueuedSubmission


class ThreadQueueListParams(Params):
    """What `thread/queue/list` asks with."""

    thread_id: str
    cursor: str | None = None
    limit: U32 | None = None


class ThreadQueueListResponse(Response):
    """What `thread/queue/list` is answered with."""

    data: list[QueuedSubmission]
    next_cursor: str | None = None


class ThreadQueueUpdateParams(Params):
    """What `thread/queue/update` asks with."""

    thread_id: str
    queued_submission_id: str
    input: list[UserInput]
    responsesapi_client_metadata: dict[str, str] | None = None


class ThreadQueueUpdateResponse(Response):
    """What `thread/queue/update` is answered with."""

    queued_submission: QueuedSubmission


class ThreadQueueDeleteParams(Params):
    """What `thread/queue/delete` asks with."""

    thread_id: str
    queued_submission_id: str


class ThreadQueueDeleteResponse(Response):
    """What `thread/queue/delete` is answered with."""

    deleted: bool


class ThreadQueueReorderParams(Params):
    """What `thread/queue/reorder` asks with."""

    thread_id: str
    queued_submission_ids: list[str]


class ThreadQueueReorderResponse(Response):
    """What `thread/queue/reorder` is answered with."""


class ThreadQueueStartParams(Params):
    """What `thread/queue/start` asks with."""

    thread_id: str
    queued_submission_id: str | None = None


class ThreadQueueStartResponse(Response):
    """What `thread/queue/start` is answered with."""

    turn: Turn


class ThreadQueueChangedNotification(Notification):
    """Announced as `thread/queue/changed`."""

    method: ClassVar[str] = "thread/queue/changed"

    thread_id: str


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
