"""What happens to a turn as a whole: its end, its plan, its diff, its use of tokens."""

from typing import Any, ClassVar, Literal

from protocol.base import I64, Notification, Record, TypeAliasType
from protocol.turn import Turn


class TokenUsageBreakdown(Record):
    """Tokens by kind."""

    total_tokens: I64
    """All of them."""
    input_tokens: I64
    """What the model read."""
    cached_input_tokens: I64
    """What of that came from the provider's cache."""
    cache_write_input_tokens: I64 = 0
    """What of that was written into the provider's cache."""
    output_tokens: I64
    """What the model wrote."""
    reasoning_output_tokens: I64
    """What of that was reasoning."""


class ThreadTokenUsage(Record):
    """How many tokens a thread has used."""

    total: TokenUsageBreakdown
    """Over all requests of the thread."""
    last: TokenUsageBreakdown
    """In the last request; its total tells how full the context is."""
    model_context_window: I64 | None = None
    """How many tokens fit into the context; null when unknown."""


class ThreadTokenUsageUpdatedNotification(Notification):
    """The model's use of tokens changed."""

    method: ClassVar[str] = "thread/tokenUsage/updated"

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    token_usage: ThreadTokenUsage
    """The numbers so far."""


class TurnCompletedNotification(Notification):
    """A turn ended, whatever its outcome."""

    method: ClassVar[str] = "turn/completed"

    thread_id: str
    """The thread."""
    turn: Turn
    """The turn, with its outcome, without items."""


class TurnDiffUpdatedNotification(Notification):
    """The files differ in another way from the beginning of the turn."""

    method: ClassVar[str] = "turn/diff/updated"

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    diff: str
    """All differences of the turn so far, as one unified diff."""


TurnPlanStepStatus = TypeAliasType("TurnPlanStepStatus", Literal["pending", "inProgress", "completed"])
"""How a step of a plan stands."""


class TurnPlanStep(Record):
    """A step of a plan."""

    step: str
    """What is to be done."""
    status: TurnPlanStepStatus
    """How it stands."""


class TurnPlanUpdatedNotification(Notification):
    """The agent wrote down or changed its plan for the turn."""

    method: ClassVar[str] = "turn/plan/updated"

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    explanation: str | None = None
    """Why; null: no word."""
    plan: list[TurnPlanStep]
    """All steps, in place of those told before."""


class TurnModerationMetadataNotification(Notification):
    """What the provider's moderation said about the turn."""

    method: ClassVar[str] = "turn/moderationMetadata"

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    metadata: Any
    """As it said it."""


NOTIFICATIONS: tuple[type[Notification], ...] = (
    ThreadTokenUsageUpdatedNotification,
    TurnCompletedNotification,
    TurnDiffUpdatedNotification,
    TurnPlanUpdatedNotification,
    TurnModerationMetadataNotification,
)
