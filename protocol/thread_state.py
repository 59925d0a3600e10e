"""What happens to a whole thread: archive, name, facts about it, what is unread in it; and the notifications that tell of it."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import EXPERIMENTAL, I64, OMIT_NONE, Method, Notification, Params, Record, Response, TypeAliasType, Variant
from protocol.thread import Thread, ThreadStatus


class ThreadArchiveParams(Params):
    """Which thread to put into the archive, with its sub-agents."""

    thread_id: str
    """The thread."""


class ThreadArchiveResponse(Response):
    """It is in the archive."""


class ThreadDeleteParams(Params):
    """Which thread to delete for good, with its sub-agents."""

    thread_id: str
    """The thread."""


class ThreadDeleteResponse(Response):
    """It is gone."""


class ThreadIncrementElicitationParams(Params):
    """The client asks the user something of its own about this thread."""

    thread_id: str
    """The thread."""


class ThreadIncrementElicitationResponse(Response):
    """Tool calls of the thread wait without their time running out."""

    count: I64
    """How many such questions are open."""
    paused: bool
    """Whether time stands still."""


class ThreadDecrementElicitationParams(Params):
    """The client's question is answered."""

    thread_id: str
    """The thread."""


class ThreadDecrementElicitationResponse(Response):
    """One question fewer is open."""

    count: I64
    """How many are open."""
    paused: bool
    """Whether time still stands still."""


class ThreadSetNameParams(Params):
    """A title for a thread."""

    thread_id: str
    """The thread."""
    name: str
    """The title."""


class ThreadSetNameResponse(Response):
    """It has the title."""


class ThreadMetadataGitInfoUpdateParams(Record):
    """What to change about the recorded git state. What is absent stays."""

    sha: str | None = None
    """The commit; null clears it."""
    branch: str | None = None
    """The branch; null clears it."""
    origin_url: str | None = None
    """The address of the remote `origin`; null clears it."""


class ThreadMetadataUpdateParams(Params):
    """What to change about a thread. What is absent stays."""

    thread_id: str
    """The thread."""
    project_id: Annotated[str | None, EXPERIMENTAL] = None
    """The project; empty: none."""
    git_info: ThreadMetadataGitInfoUpdateParams | None = None
    """The recorded git state; null leaves it."""
    daybreak_enabled: Annotated[bool | None, EXPERIMENTAL] = None
    """The Daybreak choice; null leaves it."""


class ThreadMetadataUpdateResponse(Response):
    """The thread after the change."""

    thread: Thread
    """The thread, without turns."""


class ThreadUnarchiveParams(Params):
    """Which thread to take out of the archive."""

    thread_id: str
    """The thread."""


class ThreadUnarchiveResponse(Response):
    """The thread that was taken out."""

    thread: Thread
    """The thread, without turns."""


class ThreadStartThreadUnreadPosition(Variant):
    """Everything is unread."""

    type: Literal["threadStart"] = "threadStart"
    """The tag of this alternative."""


class TurnThreadUnreadPosition(Variant):
    """A turn and all that follow are unread."""

    type: Literal["turn"] = "turn"
    """The tag of this alternative."""
    turn_id: str
    """The turn."""


ThreadUnreadPosition = TypeAliasType(
    "ThreadUnreadPosition", Annotated[ThreadStartThreadUnreadPosition | TurnThreadUnreadPosition, Field(discriminator="type")]
)
"""Where the unread part begins."""


class ThreadReadState(Record):
    """What is unread in a thread."""

    first_unread: ThreadUnreadPosition | None = None
    """Where the unread part begins; null: nothing is unread."""
    revision: str
    """A mark of this state, by which a writer sees changes of others."""


class ReadReadState(Variant):
    """Everything is read."""

    type: Literal["read"] = "read"
    """The tag of this alternative."""


class UnreadReadState(Variant):
    """The last turn is unread."""

    type: Literal["unread"] = "unread"
    """The tag of this alternative."""


ThreadReadStateOperation = TypeAliasType(
    "ThreadReadStateOperation", Annotated[ReadReadState | UnreadReadState, Field(discriminator="type")]
)
"""What to say about a thread."""


class ThreadReadStateUpdateParams(Params):
    """Say what is read."""

    thread_id: str
    """The thread."""
    operation: ThreadReadStateOperation
    """What to say."""
    expected_revision: str
    """The mark of the state that the user saw; refused when it is no longer the state."""


class ThreadReadStateUpdateResponse(Response):
    """The state now."""

    read_state: ThreadReadState
    """What is unread."""


class ThreadStatusChangedNotification(Notification):
    """A thread does something else now."""

    method: ClassVar[str] = "thread/status/changed"

    thread_id: str
    """The thread."""
    status: ThreadStatus
    """What it does."""


class ThreadReadStateChangedNotification(Notification):
    """Something became read or unread."""

    method: ClassVar[str] = "thread/readState/changed"

    thread_id: str
    """The thread."""
    read_state: ThreadReadState
    """What is unread now."""


class ThreadArchivedNotification(Notification):
    """A thread is in the archive now."""

    method: ClassVar[str] = "thread/archived"

    thread_id: str
    """The thread."""


class ThreadDeletedNotification(Notification):
    """A thread is gone."""

    method: ClassVar[str] = "thread/deleted"

    thread_id: str
    """The thread."""


class ThreadUnarchivedNotification(Notification):
    """A thread left the archive."""

    method: ClassVar[str] = "thread/unarchived"

    thread_id: str
    """The thread."""


class ThreadClosedNotification(Notification):
    """A thread is no longer loaded."""

    method: ClassVar[str] = "thread/closed"

    thread_id: str
    """The thread."""


class ThreadNameUpdatedNotification(Notification):
    """A thread has another title."""

    method: ClassVar[str] = "thread/name/updated"

    thread_id: str
    """The thread."""
    thread_name: Annotated[str | None, OMIT_NONE] = None
    """The title; null: none."""


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
