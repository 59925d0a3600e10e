"""The thread state family of the wire contract."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import EXPERIMENTAL, I64, OMIT_NONE, Method, Notification, Params, Record, Response, TypeAliasType, Variant
from protocol.thread import Thread, ThreadStatus


class ThreadArchiveParams(Params):
    """What `thread/archive` asks with."""

    thread_id: str


class ThreadArchiveResponse(Response):
    """What `thread/archive` is answered with."""


class ThreadDeleteParams(Params):
    """What `thread/delete` asks with."""

    thread_id: str


class ThreadDeleteResponse(Response):
    """What `thread/delete` is answered with."""


class ThreadIncrementElicitationParams(Params):
    """What `thread/increment_elicitation` asks with."""

    thread_id: str


class ThreadIncrementElicitationResponse(Response):
    """What `thread/increment_elicitation` is answered with."""

    count: I64
    paused: bool


class ThreadDecrementElicitationParams(Params):
    """What `thread/decrement_elicitation` asks with."""

    thread_id: str


class ThreadDecrementElicitationResponse(Response):
    """What `thread/decrement_elicitation` is answered with."""

    count: I64
    paused: bool


class ThreadSetNameParams(Params):
    """What `thread/name/set` asks with."""

    thread_id: str
    name: str


class ThreadSetNameResponse(Response):
    """What `thread/name/set` is answered with."""


class ThreadMetadataGitInfoUpdateParams(Record):
    """Thread metadata git info update params."""

    sha: str | None = None
    branch: str | None = None
    origin_url: str | None = None


class ThreadMetadataUpdateParams(Params):
    """What `thread/metadata/update` asks with."""

    thread_id: str
    project_id: Annotated[str | None, EXPERIMENTAL] = None
    git_info: ThreadMetadataGitInfoUpdateParams | None = None
    daybreak_enabled: Annotated[bool | None, EXPERIMENTAL] = None


class ThreadMetadataUpdateResponse(Response):
    """What `thread/metadata/update` is answered with."""

    thread: Thread


class ThreadUnarchiveParams(Params):
    """What `thread/unarchive` asks with."""

    thread_id: str


class ThreadUnarchiveResponse(Response):
    """What `thread/unarchive` is answered with."""

    thread: Thread


class ThreadStartThreadUnreadPosition(Variant):
    """Thread start thread unread position."""

    type: Literal["threadStart"] = "threadStart"


class TurnThreadUnreadPosition(Variant):
    """Turn thread unread position."""

    type: Literal["turn"] = "turn"
    turn_id: str


ThreadUnreadPosition = TypeAliasType(
    "ThreadUnreadPosition", Annotated[ThreadStartThreadUnreadPosition | TurnThreadUnreadPosition, Field(discriminator="type")]
)
"""Thread unread position."""


class ThreadReadState(Record):
    """Thread read state."""

    first_unread: ThreadUnreadPosition | None = None
    revision: str


class ReadReadState(Variant):
    """Read read state."""

    type: Literal["read"] = "read"


class UnreadReadState(Variant):
    """Unread read state."""

    type: Literal["unread"] = "unread"


ThreadReadStateOperation = TypeAliasType(
    "ThreadReadStateOperation", Annotated[ReadReadState | UnreadReadState, Field(discriminator="type")]
)
"""Thread read state operation."""


class ThreadReadStateUpdateParams(Params):
    """What `thread/readState/update` asks with."""

    thread_id: str
    operation: ThreadReadStateOperation
    expected_revision: str


class ThreadReadStateUpdateResponse(Response):
    """What `thread/readState/update` is answered with."""

    read_state: ThreadReadState


class ThreadStatusChangedNotification(Notification):
    """Announced as `thread/status/changed`."""

    method: ClassVar[str] = "thread/status/changed"

    thread_id: str
    status: ThreadStatus


class ThreadReadStateChangedNotification(Notification):
    """Announced as `thread/readState/changed`."""

    method: ClassVar[str] = "thread/readState/changed"

    thread_id: str
    read_state: ThreadReadState


class ThreadArchivedNotification(Notification):
    """Announced as `thread/archived`."""

    method: ClassVar[str] = "thread/archived"

    thread_id: str


class ThreadDeletedNotification(Notification):
    """Announced as `thread/deleted`."""

    method: ClassVar[str] = "thread/deleted"

    thread_id: str


class ThreadUnarchivedNotification(Notification):
    """Announced as `thread/unarchived`."""

    method: ClassVar[str] = "thread/unarchived"

    thread_id: str


class ThreadClosedNotification(Notification):
    """Announced as `thread/closed`."""

    method: ClassVar[str] = "thread/closed"

    thread_id: str


class ThreadNameUpdatedNotification(Notification):
    """Announced as `thread/name/updated`."""

    method: ClassVar[str] = "thread/name/updated"

    thread_id: str
    thread_name: Annotated[str | None, OMIT_NONE] = None


THREAD_ARCHIVE = Method("thread/archive", ThreadArchiveParams, ThreadArchiveResponse)
THREAD_DELETE = Method("thread/delete", ThreadDeleteParams, ThreadDeleteResponse)
THREAD_INCREMENT_ELICITATION = Method(
    "thread/increment_elicitation", ThreadIncrementElicitationParams, ThreadIncrementElicitationResponse
)
THREAD_DECREMENT_ELICITATION = Method(
    "thread/decrement_elicitation", ThreadDecrementElicitationParams, ThreadDecrementElicitationResponse
)
THREAD_NAME_SET = Method("thread/name/set", ThreadSetNameParams, ThreadSetNameResponse)
THREAD_METADATA_UPDATE = Method("thread/metadata/update", ThreadMetadataUpdateParams, ThreadMetadataUpdateResponse)
THREAD_UNARCHIVE = Method("thread/unarchive", ThreadUnarchiveParams, ThreadUnarchiveResponse)
THREAD_READ_STATE_UPDATE = Method("thread/readState/update", ThreadReadStateUpdateParams, ThreadReadStateUpdateResponse)

METHODS: tuple[Method[Any, Any], ...] = (
    THREAD_ARCHIVE,
    THREAD_DELETE,
    THREAD_INCREMENT_ELICITATION,
    THREAD_DECREMENT_ELICITATION,
    THREAD_NAME_SET,
    THREAD_METADATA_UPDATE,
    THREAD_UNARCHIVE,
    THREAD_READ_STATE_UPDATE,
)
NOTIFICATIONS: tuple[type[Notification], ...] = (
    ThreadStatusChangedNotification,
    ThreadReadStateChangedNotification,
    ThreadArchivedNotification,
    ThreadDeletedNotification,
    ThreadUnarchivedNotification,
    ThreadClosedNotification,
    ThreadNameUpdatedNotification,
)
