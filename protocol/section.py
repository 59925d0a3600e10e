"""Sections: the groups that the user sorts threads into."""

from typing import Any, ClassVar

from protocol.base import U32, Method, Notification, Params, Response
from protocol.thread import ThreadSection, ThreadSectionAppearance


class ThreadSectionMoveParams(Params):
    """Where to put a thread."""

    thread_id: str
    """The thread."""
    section_id: str | None
    """The section; null: none."""
    before_thread_id: str | None = None
    """The thread in it to stand before; null: at the end."""


class ThreadSectionMoveResponse(Response):
    """It is there."""


class ThreadSectionListParams(Params):
    """Which page of the sections."""

    cursor: str | None = None
    """Where to go on: the `nextCursor` of the page before; null begins at the first page."""
    limit: U32 | None = None
    """The most entries to return; null lets the server choose."""


class ThreadSectionListResponse(Response):
    """The sections."""

    data: list[ThreadSection]
    """One page of them."""
    next_cursor: str | None = None
    """What to ask for the next page with; null on the last page."""


class ThreadSectionCreateParams(Params):
    """A section to make."""

    name: str
    """Its name."""
    appearance: ThreadSectionAppearance | None = None
    """How it looks; null: plain."""


class ThreadSectionCreateResponse(Response):
    """The new section."""

    section: ThreadSection
    """The section."""


class ThreadSectionUpdateParams(Params):
    """A section to change."""

    section_id: str
    """The section."""
    name: str
    """Its name."""
    appearance: ThreadSectionAppearance | None = None
    """How it looks; null: plain; absent leaves it."""


class ThreadSectionUpdateResponse(Response):
    """The section after the change."""

    section: ThreadSection
    """The section."""


class ThreadSectionDeleteParams(Params):
    """A section to remove; its threads stay."""

    section_id: str
    """The section."""


class ThreadSectionDeleteResponse(Response):
    """It is gone."""


class ThreadSectionChangedNotification(Notification):
    """A thread was put somewhere else."""

    method: ClassVar[str] = "thread/section/changed"

    thread_id: str
    """The thread."""
    section_id: str | None
    """The section; null: none."""


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
