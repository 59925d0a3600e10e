"""The goal family of the wire contract."""

from typing import Any, ClassVar, Literal

from protocol.base import I64, Method, Notification, Params, Record, Response, TypeAliasType

ThreadGoalMutationOrigin = TypeAliasType("ThreadGoalMutationOrigin", Literal["user", "automatic"])
"""Thread goal mutation origin."""

ThreadGoalStatus = TypeAliasType(
    "ThreadGoalStatus", Literal["active", "paused", "blocked", "usageLimited", "budgetLimited", "complete"]
)
"""Thread goal status."""


class ThreadGoalSetParams(Params):
    """What `thread/goal/set` asks with."""

    thread_id: str
    origin: ThreadGoalMutationOrigin | None = None
    objective: str | None = None
    status: ThreadGoalStatus | None = None
    token_budget: I64 | None = None


class ThreadGoal(Record):
    """Thread goal."""

    thread_id: str
    objective: str
    status: ThreadGoalStatus
    token_budget: I64 | None = None
    tokens_used: I64
    time_used_seconds: I64
    created_at: I64
    updated_at: I64


class ThreadGoalSetResponse(Response):
    """What `thread/goal/set` is answered with."""

    goal: ThreadGoal


class ThreadGoalGetParams(Params):
    """What `thread/goal/get` asks with."""

    thread_id: str


class ThreadGoalGetResponse(Response):
    """What `thread/goal/get` is answered with."""

    goal: ThreadGoal | None = None


class ThreadGoalClearParams(Params):
    """What `thread/goal/clear` asks with."""

    thread_id: str
    origin: ThreadGoalMutationOrigin | None = None


class ThreadGoalClearResponse(Response):
    """What `thread/goal/clear` is answered with."""

    cleared: bool


class ThreadGoalUpdatedNotification(Notification):
    """Announced as `thread/goal/updated`."""

    method: ClassVar[str] = "thread/goal/updated"

    thread_id: str
    turn_id: str | None = None
    goal: ThreadGoal


class ThreadGoalClearedNotification(Notification):
    """Announced as `thread/goal/cleared`."""

    method: ClassVar[str] = "thread/goal/cleared"

    thread_id: str


THREAD_GOAL_SET = Method("thread/goal/set", ThreadGoalSetParams, ThreadGoalSetResponse)
THREAD_GOAL_GET = Method("thread/goal/get", ThreadGoalGetParams, ThreadGoalGetResponse)
THREAD_GOAL_CLEAR = Method("thread/goal/clear", ThreadGoalClearParams, ThreadGoalClearResponse)

METHODS: tuple[Method[Any, Any], ...] = (THREAD_GOAL_SET, THREAD_GOAL_GET, THREAD_GOAL_CLEAR)
NOTIFICATIONS: tuple[type[Notification], ...] = (ThreadGoalUpdatedNotification, ThreadGoalClearedNotification)
