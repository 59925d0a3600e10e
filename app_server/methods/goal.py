"""`thread/goal/set`, `thread/goal/get`, `thread/goal/clear`. Source: spec/threads.md section 7."""

from app_server.core import goals
from app_server.core.errors import CallerError
from app_server.core.goal_store import StoredGoal, stored_goal
from app_server.core.thread import Thread
from app_server.routing import route
from app_server.services import Context
from protocol.goal import (
    THREAD_GOAL_CLEAR,
    THREAD_GOAL_GET,
    THREAD_GOAL_SET,
    ThreadGoalClearedNotification,
    ThreadGoalClearParams,
    ThreadGoalClearResponse,
    ThreadGoalGetParams,
    ThreadGoalGetResponse,
    ThreadGoalSetParams,
    ThreadGoalSetResponse,
    ThreadGoalUpdatedNotification,
)


async def set_goal(context: Context, params: ThreadGoalSetParams) -> None:
    """Give a thread a goal, or change the one it has. An idle thread that is loaded begins to work towards an active one."""
    owner = await find(context, params.thread_id)
    if isinstance(owner, Thread):
        goals.count_time(owner)
    has_budget = "token_budget" in params.model_fields_set
    made = goals.changed(owner, params.objective, params.status, params.token_budget, has_budget=has_budget)
    if isinstance(owner, Thread):
        goals.tell_objective(owner, made)
        goals.put(owner, made)
        context.reply(ThreadGoalSetResponse(goal=made))
        goals.publish(owner, None)
        owner.go_on()
        return
    await owner.put(made)
    context.reply(ThreadGoalSetResponse(goal=made))
    context.services.fanout.publish(owner.id, ThreadGoalUpdatedNotification(thread_id=owner.id, turn_id=None, goal=made))


async def get(context: Context, params: ThreadGoalGetParams) -> ThreadGoalGetResponse:
    """The goal of a thread, loaded or not."""
    return ThreadGoalGetResponse(goal=(await find(context, params.thread_id)).goal)


async def clear(context: Context, params: ThreadGoalClearParams) -> None:
    """Give up the goal of a thread."""
    owner = await find(context, params.thread_id)
    had_goal = owner.goal is not None
    if isinstance(owner, Thread):
        goals.clear(owner)
    elif had_goal:
        await owner.put(None)
    context.reply(ThreadGoalClearResponse(cleared=had_goal))
    if had_goal:
        context.services.fanout.publish(owner.id, ThreadGoalClearedNotification(thread_id=owner.id))


async def find(context: Context, thread_id: str) -> Thread | StoredGoal:
    """Whose goal it is. Raises: InvalidThreadId, ThreadNotFound, CallerError (the thread is ephemeral)."""
    threads = context.services.threads
    thread = threads.find(thread_id)
    if thread is not None and thread.options.is_ephemeral:
        raise CallerError(f"ephemeral thread does not support goals: {thread_id}", reason="thread_ephemeral")
    return thread if thread is not None else await stored_goal(threads, thread_id)


ROUTES = [route(THREAD_GOAL_SET, set_goal), route(THREAD_GOAL_GET, get), route(THREAD_GOAL_CLEAR, clear)]
