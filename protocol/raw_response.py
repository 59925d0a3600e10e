"""What the model provider sends, as it sends it; only for clients that asked for raw events."""

from typing import Any, ClassVar

from protocol.base import Notification, Record
from protocol.responses_items import ResponseItem
from protocol.turn_events import TokenUsageBreakdown


class ResponseUsageMetadata(Record):
    """What a provider charges for a response."""

    amount: str | None = None
    """The amount, as a decimal number; null when not told."""
    metadata: Any = None
    """More, as the provider tells it."""


class RawResponseCompletedNotification(Notification):
    """A response of the provider is complete."""

    method: ClassVar[str] = "rawResponse/completed"

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    response_id: str
    """The provider's id of it."""
    usage: TokenUsageBreakdown | None = None
    """The tokens it used; null when not told."""
    usage_metadata: ResponseUsageMetadata | None = None
    """What it cost; null when not told."""


class RawResponseItemCompletedNotification(Notification):
    """An item of a response is complete."""

    method: ClassVar[str] = "rawResponseItem/completed"

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    item: ResponseItem
    """The item, as the provider sent it."""


NOTIFICATIONS: tuple[type[Notification], ...] = (RawResponseItemCompletedNotification, RawResponseCompletedNotification)
