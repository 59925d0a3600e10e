"""Goals: something that a thread works towards over many turns by itself."""

from typing import Any, ClassVar, Literal

from protocol.base import I64, Method, Notification, Params, Record, Response, TypeAliasType

ThreadGoalMutationOrigin = TypeAliasType("ThreadGoalMutationOrigin", Literal["user", "automatic"])
"""Whether the user or a program changed a goal."""

ThreadGoalStatus = TypeAliasType(
    "ThreadGoalStatus", Literal["active", "paused", "blocked", "usageLimited", "budgetLimited", "complete"]
)
"""How a goal stands."""


class ThreadGoalSetParams(Params):
    """A goal to set, or to change. Members that are null leave things as they are."""

    thread_id: str
    """The thread."""
    origin: ThreadGoalMutationOrigin | None = None
    """Who wants it; null: not told, which gives no authority."""
    objective: str | None = None
    """What to work towards; needed when there is no goal yet."""
    status: ThreadGoalStatus | None = None
    """How it stands."""
    token_budget: I64 | None = None
    """The most tokens to use; null clears it, absent leaves it."""


class ThreadGoal(Record):
    """The goal of a thread."""

    thread_id: str
    """The thread."""
    objective: str
    """What it works towards."""
    status: ThreadGoalStatus
    """How it stands."""
    token_budget: I64 | None = None
    """The most tokens to use; null: no limit."""
    tokens_used: I64
    """The tokens used so far."""
    time_used_seconds: I64
    """The time worked so far, in seconds."""
    created_at: I64
    """When it was set, in Unix seconds."""
    updated_at: I64
    """When it last changed, in Unix seconds."""


class ThreadGoalSetResponse(Response):
    """The goal after the change."""

    goal: ThreadGoal
    """The goal."""


class ThreadGoalGetParams(Params):
    """Whose goal."""

    thread_id: str
    """The thread."""


class ThreadGoalGetResponse(Response):
    """The goal."""

    goal: ThreadGoal | None = None
    """The goal; null: none."""


class ThreadGoalClearParams(Params):
    """Whose goal to give up."""

    thread_id: str
    """The thread."""
    origin: ThreadGoalMutationOrigin | None = None
    """Who wants it; null: not told."""


class ThreadGoalClearResponse(Response):
    """The result."""

    cleared: bool
    """Whether there was a goal."""


class ThreadGoalUpdatedNotification(Notification):
    """The goal of a thread changed."""

    method: ClassVar[str] = "thread/goal/updated"

    thread_id: str
    """The thread."""
    turn_id: str | None = None
    """The turn that changed it; null: none."""
    goal: ThreadGoal
    """The goal."""


class ThreadGoalClearedNotification(Notification):
    """A thread has no goal any more."""

    method: ClassVar[str] = "thread/goal/cleared"

    thread_id: str
    """The thread."""


THREAD_GOAL_SET = Method("thread/goal/set", ThreadGoalSetParams, ThreadGoalSetResponse)
THREAD_GOAL_GET = Method("thread/goal/get", ThreadGoalGetParams, ThreadGoalGetResponse)
THREAD_GOAL_CLEAR = Method("thread/goal/clear", ThreadGoalClearParams, ThreadGoalClearResponse)

METHODS: tuple[Method[Any, Any], ...] = (THREAD_GOAL_SET, THREAD_GOAL_GET, THREAD_GOAL_CLEAR)
NOTIFICATIONS: tuple[type[Notification], ...] = (ThreadGoalUpdatedNotification, ThreadGoalClearedNotification)
