"""The attachment family of the wire contract."""

from typing import Any, ClassVar, Literal

from protocol.base import I64, U32, Method, Notification, Params, Record, Response, TypeAliasType


class ThreadAttachmentAddParams(Params):
    """What `thread/attachment/add` asks with."""

    thread_id: str
    attachment_type: str
    identity_key: str
    payload: Any


class ThreadAttachment(Record):
    """Thread attachment."""

    id: str
    attachment_type: str
    identity_key: str
    payload: Any
    created_at: I64


ThreadAttachmentAddOutcome = TypeAliasType("ThreadAttachmentAddOutcome", Literal["created", "existing"])
"""Thread attachment add outcome."""


class ThreadAttachmentAddResponse(Response):
    """What `thread/attachment/add` is answered with."""

    outcome: ThreadAttachmentAddOutcome
    attachment: ThreadAttachment


class ThreadAttachmentListParams(Params):
    """What `thread/attachment/list` asks with."""

    thread_id: str
    cursor: str | None = None
    limit: U32 | None = None


class ThreadAttachmentListResponse(Response):
    """What `thread/attachment/list` is answered with."""

    data: list[ThreadAttachment]
    next_cursor: str | None = None


class ThreadAttachmentOwnerListParams(Params):
    """What `thread/attachmentOwner/list` asks with."""

    attachment_type: str
    identity_key: str
    archived: bool | None = None
    cursor: str | None = None
    limit: U32 | None = None


class ThreadAttachmentOwner(Record):
    """Thread attachment owner."""

    thread_id: str
    archived: bool


class ThreadAttachmentOwnerListResponse(Response):
    """What `thread/attachmentOwner/list` is answered with."""

    data: list[ThreadAttachmentOwner]
    next_cursor: str | None = None


class ThreadAttachmentRemoveParams(Params):
    """What `thread/attachment/remove` asks with."""

    thread_id: str
    attachment_type: str
    identity_key: str


class ThreadAttachmentRemoveResponse(Response):
    """What `thread/attachment/remove` is answered with."""


ThreadAttachmentOperation = TypeAliasType("ThreadAttachmentOperation", Literal["created", "deleted"])
"""Thread attachment operation."""


class ThreadAttachmentUpdatedNotification(Notification):
    """Announced as `thread/attachment/updated`."""

    method: ClassVar[str] = "thread/attachment/updated"

    thread_id: str
    attachment_type: str
    identity_key: str
    attachment_id: str
    operation: ThreadAttachmentOperation


THREAD_ATTACHMENT_ADD = Method("thread/attachment/add", ThreadAttachmentAddParams, ThreadAttachmentAddResponse)
THREAD_ATTACHMENT_LIST = Method("thread/attachment/list", ThreadAttachmentListParams, ThreadAttachmentListResponse)
THREAD_ATTACHMENT_OWNER_LIST = Method(
    "thread/attachmentOwner/list", ThreadAttachmentOwnerListParams, ThreadAttachmentOwnerListResponse
)
THREAD_ATTACHMENT_REMOVE = Method("thread/attachment/remove", ThreadAttachmentRemoveParams, ThreadAttachmentRemoveResponse)

METHODS: tuple[Method[Any, Any], ...] = (
    THREAD_ATTACHMENT_ADD,
    THREAD_ATTACHMENT_LIST,
    THREAD_ATTACHMENT_OWNER_LIST,
    THREAD_ATTACHMENT_REMOVE,
)
NOTIFICATIONS: tuple[type[Notification], ...] = (ThreadAttachmentUpdatedNotification,)
