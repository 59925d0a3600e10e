"""Methods that the reference still answers and no schema lists."""

from app_server.core.revert import roll_back
from app_server.core.thread_wire import wire_thread
from app_server.methods.account import requires_openai_auth
from app_server.routing import route
from app_server.services import Context
from protocol.legacy import (
    GET_AUTH_STATUS,
    THREAD_ROLLBACK,
    GetAuthStatusParams,
    GetAuthStatusResponse,
    ThreadRollbackParams,
    ThreadRollbackResponse,
)
from protocol.turn_events import ThreadTokenUsageUpdatedNotification


def auth_status(context: Context, params: GetAuthStatusParams) -> GetAuthStatusResponse:
    """How the server is logged in."""
    login = context.services.logins.current()
    return GetAuthStatusResponse(
        auth_method=None if login is None else login.mode,
        auth_token=login.token if login is not None and params.include_token else None,
        requires_openai_auth=requires_openai_auth(context.services),
    )


async def rollback(context: Context, params: ThreadRollbackParams) -> ThreadRollbackResponse:
    """Drop the last turns of a thread in which no turn runs."""
    threads = context.services.threads
    thread = threads.get(params.thread_id)
    left = await roll_back(threads, thread, params.num_turns)
    if thread.usage_turn_id is not None:
        usage = thread.usage.wire(thread.usage_window)
        thread.publish(ThreadTokenUsageUpdatedNotification(thread_id=thread.id, turn_id=thread.usage_turn_id, token_usage=usage))
    return ThreadRollbackResponse(thread=wire_thread(thread, [turn.wire() for turn in left]))


ROUTES = [route(GET_AUTH_STATUS, auth_status), route(THREAD_ROLLBACK, rollback)]
