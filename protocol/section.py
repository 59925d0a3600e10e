"""The section family of the wire contract."""

from typing import Any, ClassVar

from protocol.base import U32, Method, Notification, Params, Response
from protocol.thread import ThreadSection, ThreadSectionAppearance


class ThreadSectionMoveParams(Params):
    """What `thread/section/move` asks with."""

    thread_id: str
    section_id: str | None
    before_thread_id: str | None = None


class ThreadSectionMoveResponse(Response):
    """What `thread/section/move` is answered with."""


class ThreadSectionListParams(Params):
    """What `threadSection/list` asks with."""

    cursor: str | None = None
    limit: U32 | None = None


class ThreadSectionListResponse(Response):
    """What `threadSection/list` is answered with."""

    data: list[ThreadSection]
    next_cursor: str | None = None


class ThreadSectionCreateParams(Params):
    """What `threadSection/create` asks with."""

    name: str
    appearance: ThreadSectionAppearance | None = None


class ThreadSectionCreateResponse(Response):
    """What `threadSection/create` is answered with."""

    section: ThreadSection


class ThreadSectionUpdateParams(Params):
    """What `threadSection/update` asks with."""

    section_id: str
    name: str
    appearance: ThreadSectionAppearance | None = None


class ThreadSectionUpdateResponse(Response):
    """What `threadSection/update` is answered with."""

    section: ThreadSection


class ThreadSectionDeleteParams(Params):
    """What `threadSection/delete` asks with."""

    section_id: str


class ThreadSectionDeleteResponse(Response):
    """What `threadSection/delete` is answered with."""


class ThreadSectionChangedNotification(Notification):
    """Announced as `thread/section/changed`."""

    method: ClassVar[str] = "thread/section/changed"

    thread_id: str
    section_id: str | None


THREAD_SECTION_MOVE = Method("thread/section/move", ThreadSectionMoveParams, ThreadSectionMoveResponse)
THREAD_SECTION_LIST = Method("threadSection/list", ThreadSectionListParams, ThreadSectionListResponse)
THREAD_SECTION_CREATE = Method("threadSection/create", ThreadSectionCreateParams, ThreadSectionCreateResponse)
THREAD_SECTION_UPDATE = Method("threadSection/update", ThreadSectionUpdateParams, ThreadSectionUpdateResponse)
THREAD_SECTION_DELETE = Method("threadSection/delete", ThreadSectionDeleteParams, ThreadSectionDeleteResponse)

METHODS: tuple[Method[Any, Any], ...] = (
    THREAD_SECTION_MOVE,
    THREAD_SECTION_LIST,
    THREAD_SECTION_CREATE,
    THREAD_SECTION_UPDATE,
    THREAD_SECTION_DELETE,
)
NOTIFICATIONS: tuple[type[Notification], ...] = (ThreadSectionChangedNotification,)
