"""The turn events family of the wire contract."""

from typing import Any, ClassVar, Literal

from protocol.base import I64, Notification, Record, TypeAliasType
from protocol.turn import Turn


class TokenUsageBreakdown(Record):
    """Token usage breakdown."""

    total_tokens: I64
    input_tokens: I64
    cached_input_tokens: I64
    cache_write_input_tokens: I64 = 0
    output_tokens: I64
    reasoning_output_tokens: I64


class ThreadTokenUsage(Record):
    """Thread token usage."""

    total: TokenUsageBreakdown
    last: TokenUsageBreakdown
    model_context_window: I64 | None = None


class ThreadTokenUsageUpdatedNotification(Notification):
    """Announced as `thread/tokenUsage/updated`."""

    method: ClassVar[str] = "thread/tokenUsage/updated"

    thread_id: str
    turn_id: str
    token_usage: ThreadTokenUsage


class TurnCompletedNotification(Notification):
    """Announced as `turn/completed`."""

    method: ClassVar[str] = "turn/completed"

    thread_id: str
    turn: Turn


class TurnDiffUpdatedNotification(Notification):
    """Announced as `turn/diff/updated`."""

    method: ClassVar[str] = "turn/diff/updated"

    thread_id: str
    turn_id: str
    diff: str


TurnPlanStepStatus = TypeAliasType("TurnPlanStepStatus", Literal["pending", "inProgress", "completed"])
"""Turn plan step status."""


class TurnPlanStep(Record):
    """Turn plan step."""

    step: str
    status: TurnPlanStepStatus


class TurnPlanUpdatedNotification(Notification):
    """Announced as `turn/plan/updated`."""

    method: ClassVar[str] = "turn/plan/updated"

    thread_id: str
    turn_id: str
    explanation: str | None = None
    plan: list[TurnPlanStep]


class TurnModerationMetadataNotification(Notification):
    """Announced as `turn/moderationMetadata`."""

    method: ClassVar[str] = "turn/moderationMetadata"

    thread_id: str
    turn_id: str
    metadata: Any


NOTIFICATIONS: tuple[type[Notification], ...] = (
    ThreadTokenUsageUpdatedNotification,
    TurnCompletedNotification,
    TurnDiffUpdatedNotification,
    TurnPlanUpdatedNotification,
    TurnModerationMetadataNotification,
)
