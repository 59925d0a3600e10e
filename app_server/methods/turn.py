"""`turn/start`, `turn/steer`, `turn/interrupt`."""

from collections.abc import Awaitable, Mapping

from app_server.core.errors import CallerError
from app_server.core.models.manager import unknown_model_warning
from app_server.core.settings import UNSET, Wishes
from app_server.core.thread import Thread
from app_server.core.thread_wire import wire_settings
from app_server.core.turn import user_input
from app_server.core.turn.turn import Turn
from app_server.routing import route
from app_server.services import Context
from protocol.notice import WarningNotification
from protocol.thread_settings import ThreadSettingsUpdatedNotification
from protocol.turn import (
    TURN_INTERRUPT,
    TURN_START,
    TURN_STEER,
    TurnInterruptParams,
    TurnInterruptResponse,
    TurnStartParams,
    TurnStartResponse,
    TurnSteerParams,
    TurnSteerResponse,
)


def start(context: Context, params: TurnStartParams) -> TurnStartResponse | Awaitable[None] | None:
    """Start a turn, or join the one that runs: its input then reaches the model with the next request."""
    thread = context.services.threads.get(params.thread_id)
    user_input.check(params.input)
    apply(thread, params)
    if thread.turn is None and user_input.has_media(params.input):
        return start_with_media(context, thread, params)
    begin(context, thread, params, user_input.NO_MEDIA)
    return None


async def start_with_media(context: Context, thread: Thread, params: TurnStartParams) -> None:
    """The same for an input with images: they are in the thread's file before the answer is sent, and reading them takes time."""
    begin(context, thread, params, await thread.read_media(params.input))


def begin(context: Context, thread: Thread, params: TurnStartParams, media: Mapping[int, user_input.Parts]) -> None:
    """Answer, and start the turn or add the input to the running one."""
    active = thread.turn
    if active is not None:
        thread.accept_input(active, params.input, params.client_user_message_id)
        context.reply(TurnStartResponse(turn=active.wire(is_announced=False)))
        return
    if thread.model().info.is_fallback:
        thread.publish(WarningNotification(thread_id=thread.id, message=unknown_model_warning(thread.settings.model)))
    clock = context.services.clock
    turn = Turn(clock.uuid7(), clock.now_ms(), params.output_schema, params.responsesapi_client_metadata)
    answer = TurnStartResponse(turn=turn.wire(is_announced=False))
    thread.begin_turn(turn, params.input, params.client_user_message_id, lambda: context.reply(answer), media)


def apply(thread: Thread, params: TurnStartParams) -> None:
    """Make the request's overrides the thread's settings, and announce them if they change anything."""
    wishes = Wishes(
        model=params.model,
        service_tier=params.service_tier if "service_tier" in params.model_fields_set and params.service_tier else UNSET,
        cwd=params.cwd,
        runtime_workspace_roots=params.runtime_workspace_roots,
        approval_policy=params.approval_policy,
        approvals_reviewer=params.approvals_reviewer,
        sandbox=params.sandbox_policy,
        permissions=params.permissions,
        effort=params.effort,
        summary=params.summary,
        personality=params.personality,
        collaboration_mode=params.collaboration_mode,
        disabled_plugin_ids=params.disabled_plugin_ids,
    )
    changed = thread.settings.changed(wishes, thread.config)
    if changed != thread.settings:
        thread.settings = changed
        told = ThreadSettingsUpdatedNotification(thread_id=thread.id, thread_settings=wire_settings(changed))
        thread.publish(told)


def steer(context: Context, params: TurnSteerParams) -> TurnSteerResponse:
    """Add input to the running turn."""
    thread = context.services.threads.get(params.thread_id)
    turn = thread.turn
    if not params.expected_turn_id:
        raise CallerError("expectedTurnId must not be empty", data={"field": "expectedTurnId"})
    if turn is None:
        raise CallerError("no active turn to steer", reason="no_active_turn")
    if turn.id != params.expected_turn_id:
        raise CallerError(
            f"expected active turn id `{params.expected_turn_id}` but found `{turn.id}`",
            reason="turn_mismatch",
            data={"field": "expectedTurnId"},
        )
    if not params.input:
        raise CallerError("input must not be empty", data={"field": "input"})
    user_input.check(params.input)
    thread.accept_input(turn, params.input, params.client_user_message_id)
    return TurnSteerResponse(turn_id=turn.id)


def interrupt(context: Context, params: TurnInterruptParams) -> TurnInterruptResponse | None:
    """Stop the running turn; an empty turn id means whichever runs."""
    turn = context.services.threads.get(params.thread_id).turn
    if turn is None:
        raise CallerError("no active turn to interrupt", reason="no_active_turn")
    if params.turn_id and turn.id != params.turn_id:
        raise CallerError(
            f"expected active turn id {params.turn_id} but found {turn.id}", reason="turn_mismatch", data={"field": "turnId"}
        )
    context.reply(TurnInterruptResponse())
    turn.interrupt()
    return None


ROUTES = [route(TURN_START, start), route(TURN_STEER, steer), route(TURN_INTERRUPT, interrupt)]
