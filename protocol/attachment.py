"""Attachments: what clients keep with a thread, such as links to things outside.

An attachment is known by its type and a key; what it holds is for clients alone.
"""

from typing import Any, ClassVar, Literal

from protocol.base import I64, U32, Method, Notification, Params, Record, Response, TypeAliasType


class ThreadAttachmentAddParams(Params):
    """Something to keep with a thread."""

    thread_id: str
    """The thread."""
    attachment_type: str
    """What kind of thing."""
    identity_key: str
    """Which thing of that kind."""
    payload: Any
    """What to keep about it."""


class ThreadAttachment(Record):
    """Something kept with a thread."""

    id: str
    """Its id."""
    attachment_type: str
    """What kind of thing."""
    identity_key: str
    """Which thing of that kind."""
    payload: Any
    """What is kept about it."""
    created_at: I64
    """Since when, in Unix seconds."""


ThreadAttachmentAddOutcome = TypeAliasType("ThreadAttachmentAddOutcome", Literal["created", "existing"])
"""Whether it is new."""


class ThreadAttachmentAddResponse(Response):
    """It is kept."""

    outcome: ThreadAttachmentAddOutcome
    """Whether it is new."""
    attachment: ThreadAttachment
    """The attachment, which is the older one when it is not new."""


class ThreadAttachmentListParams(Params):
    """Whose attachments, and which page of them."""

    thread_id: str
    """The thread."""
    cursor: str | None = None
    """Where to go on: the `nextCursor` of the page before; null begins at the first page."""
    limit: U32 | None = None
    """The most entries to return; null lets the server choose."""


class ThreadAttachmentListResponse(Response):
    """The attachments."""

    data: list[ThreadAttachment]
    """One page of them."""
    next_cursor: str | None = None
    """What to ask for the next page with; null on the last page."""


class ThreadAttachmentOwnerListParams(Params):
    """Which threads have a thing attached?"""

    attachment_type: str
    """What kind of thing."""
    identity_key: str
    """Which thing of that kind."""
    archived: bool | None = None
    """Whether to look in the archive or outside of it; null: both."""
    cursor: str | None = None
    """Where to go on: the `nextCursor` of the page before; null begins at the first page."""
    limit: U32 | None = None
    """The most entries to return; null lets the server choose."""


class ThreadAttachmentOwner(Record):
    """A thread that has it."""

    thread_id: str
    """The thread."""
    archived: bool
    """Whether it is in the archive."""


class ThreadAttachmentOwnerListResponse(Response):
    """The threads."""

    data: list[ThreadAttachmentOwner]
    """One page of them."""
    next_cursor: str | None = None
    """What to ask for the next page with; null on the last page."""


class ThreadAttachmentRemoveParams(Params):
    """What to keep no longer."""

    thread_id: str
    """The thread."""
    attachment_type: str
    """What kind of thing."""
    identity_key: str
    """Which thing of that kind."""


class ThreadAttachmentRemoveResponse(Response):
    """It is not kept any more."""


ThreadAttachmentOperation = TypeAliasType("ThreadAttachmentOperation", Literal["created", "deleted"])
"""What happened to an attachment."""


class ThreadAttachmentUpdatedNotification(Notification):
    """An attachment came or went."""

    method: ClassVar[str] = "thread/attachment/updated"

    thread_id: str
    """The thread."""
    attachment_type: str
    """What kind of thing."""
    identity_key: str
    """Which thing of that kind."""
    attachment_id: str
    """Its id."""
    operation: ThreadAttachmentOperation
    """What happened."""


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
