"""The raw response family of the wire contract."""

from typing import Any, ClassVar

from protocol.base import Notification, Record
from protocol.responses_items import ResponseItem
from protocol.turn_events import TokenUsageBreakdown


class ResponseUsageMetadata(Record):
    """Response usage metadata."""

    amount: str | None = None
    metadata: Any = None


class RawResponseCompletedNotification(Notification):
    """Announced as `rawResponse/completed`."""

    method: ClassVar[str] = "rawResponse/completed"

    thread_id: str
    turn_id: str
    response_id: str
    usage: TokenUsageBreakdown | None = None
    usage_metadata: ResponseUsageMetadata | None = None


class RawResponseItemCompletedNotification(Notification):
    """Announced as `rawResponseItem/completed`."""

    method: ClassVar[str] = "rawResponseItem/completed"

    thread_id: str
    turn_id: str
    item: ResponseItem


NOTIFICATIONS: tuple[type[Notification], ...] = (RawResponseItemCompletedNotification, RawResponseCompletedNotification)
