"""`turn/start`, `turn/steer`, `turn/interrupt`. Source: spec/turns.md section 1."""

from collections.abc import Awaitable, Mapping
from dataclasses import replace

from app_server.core.errors import INTERNAL_ERROR, CallerError
from app_server.core.models.manager import unknown_model_warning
from app_server.core.settings import Wishes, given
from app_server.core.thread import Thread
from app_server.core.thread_wire import wire_settings
from app_server.core.turn import user_input
from app_server.core.turn.said import Said
from app_server.core.turn.turn import Kind, Turn
from app_server.methods.places import with_environments
from app_server.routing import route
from app_server.services import Context
from protocol.base import to_wire
from protocol.notice import WarningNotification
from protocol.thread_settings import ThreadSettingsUpdatedNotification
from protocol.turn import (
    TURN_INTERRUPT,
    TURN_START,
    TURN_STEER,
    ActiveTurnNotSteerable,
    NonSteerableTurnKind,
    TurnError,
    TurnInterruptParams,
    TurnInterruptResponse,
    TurnStartParams,
    TurnStartResponse,
    TurnSteerParams,
    TurnSteerResponse,
    UnsteerableTurn,
)

WORDS = {Kind.COMPACT: "Compact", Kind.REVIEW: "Review"}
"""The reference's words for turns that take no input."""


def start(context: Context, params: TurnStartParams) -> TurnStartResponse | Awaitable[None] | None:
    """Start a turn, or join the one that runs: its input then reaches the model with the next request."""
    thread = context.services.threads.get(params.thread_id)
    check_start(thread, params)
    apply(thread, params)
    if user_input.needs_reading(params.input):
        return start_with_media(context, thread, params)
    begin(context, thread, params, user_input.NO_MEDIA)
    return None


async def start_with_media(context: Context, thread: Thread, params: TurnStartParams) -> None:
    """The same for an input with images: they are in the thread's file before the answer is sent, and reading them takes time."""
    media = await thread.read_media(params.input)
    check_start(thread, params)
    begin(context, thread, params, media)


def check_start(thread: Thread, params: TurnStartParams) -> None:
    """Refuse what can't be started, or can't be added to the turn that runs. Raises: CallerError."""
    if params.tool_output is not None and params.input:
        raise CallerError(
            "`toolOutput` cannot be combined with nonempty `input`", reason="conflicting_fields", data={"field": "toolOutput"}
        )
    user_input.check(params.input)
    active = thread.turn
    if active is not None and not active.kind.takes_input:
        raise CallerError(
            f"failed to submit turn input: ActiveTurnNotSteerable {{ turn_kind: {WORDS[active.kind]} }}",
            code=INTERNAL_ERROR,
            reason="turn_not_steerable",
        )
    if active is not None and not params.input and params.tool_output is None:
        raise CallerError("failed to submit turn input: EmptyInput", code=INTERNAL_ERROR, data={"field": "input"})


def begin(context: Context, thread: Thread, params: TurnStartParams, media: Mapping[int, user_input.Parts]) -> None:
    """Answer, and start the turn or add the input to the running one."""
    update_metadata(thread, params)
    said = what_is_said(thread, params, media)
    active = thread.turn
    if active is not None:
        thread.accept_input(active, said)
        context.reply(TurnStartResponse(turn=active.wire(is_announced=False)))
        return
    clock = context.services.clock
    turn = Turn(clock.uuid7(), clock.now_ms(), output_schema=params.output_schema, service_tier=params.service_tier_for_turn)
    if thread.model().info.is_fallback:
        thread.publish(WarningNotification(thread_id=thread.id, message=unknown_model_warning(thread.settings.model)))
    answer = TurnStartResponse(turn=turn.wire(is_announced=False))
    thread.begin_turn(turn, lambda: context.reply(answer), said)


def what_is_said(
    thread: Thread, params: TurnStartParams | TurnSteerParams, media: Mapping[int, user_input.Parts] = user_input.NO_MEDIA
) -> Said:
    """The input as it is said: the user's words or the result of a tool, with the context that has changed before it."""
    if isinstance(params, TurnStartParams) and params.tool_output is not None:
        said = user_input.tool_output(params.tool_output, thread.new_item_id("fco"))
    else:
        item_id = thread.runtime.clock.uuid7()
        said = user_input.words(params.input, params.client_user_message_id, item_id, thread.new_item_id, media)
    news = thread.briefing.told_context.news(params.additional_context)
    return replace(said, before=user_input.context_items(news, thread.new_item_id)) if news else said


def update_metadata(thread: Thread, params: TurnStartParams | TurnSteerParams) -> None:
    """Set the client's own entries for the provider, and add to them."""
    if params.responsesapi_client_metadata is not None:
        thread.client_metadata = dict(params.responsesapi_client_metadata)
    if params.responsesapi_client_metadata_patch is not None:
        thread.client_metadata = {**thread.client_metadata, **params.responsesapi_client_metadata_patch}


def apply(thread: Thread, params: TurnStartParams) -> None:
    """Make the request's overrides the thread's settings, and announce them if they change anything."""
    wishes = Wishes(
        model=params.model,
        service_tier=given(params, "service_tier"),
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
    changed = thread.settings.changed(with_environments(wishes, params.environments), thread.config)
    if changed != thread.settings:
        thread.settings = changed
        told = ThreadSettingsUpdatedNotification(thread_id=thread.id, thread_settings=wire_settings(changed))
        thread.publish(told)


def steer(context: Context, params: TurnSteerParams) -> TurnSteerResponse | Awaitable[None] | None:
    """Add input to the running turn."""
    thread = context.services.threads.get(params.thread_id)
    if not params.expected_turn_id:
        raise CallerError("expectedTurnId must not be empty", data={"field": "expectedTurnId"})
    steered_turn(thread, params)
    if not params.input:
        raise CallerError("input must not be empty", data={"field": "input"})
    user_input.check(params.input)
    if user_input.needs_reading(params.input):
        return steer_with_media(context, thread, params)
    add(context, thread, params, user_input.NO_MEDIA)
    return None


async def steer_with_media(context: Context, thread: Thread, params: TurnSteerParams) -> None:
    """The same for an input with images; the turn may end while they are read."""
    add(context, thread, params, await thread.read_media(params.input))


def add(context: Context, thread: Thread, params: TurnSteerParams, media: Mapping[int, user_input.Parts]) -> None:
    """The input is in the file before the answer is sent."""
    turn = steered_turn(thread, params)
    update_metadata(thread, params)
    thread.accept_input(turn, what_is_said(thread, params, media))
    context.reply(TurnSteerResponse(turn_id=turn.id))


def steered_turn(thread: Thread, params: TurnSteerParams) -> Turn:
    """The turn that is meant. Raises: CallerError (there is none, it is another one, or it takes no input)."""
    turn = thread.turn
    if turn is None:
        raise CallerError("no active turn to steer", reason="no_active_turn")
    if params.expected_turn_id not in (turn.id, turn.inner_id):
        raise CallerError(
            f"expected active turn id `{params.expected_turn_id}` but found `{turn.id}`",
            reason="turn_mismatch",
            data={"field": "expectedTurnId"},
        )
    if not turn.kind.takes_input:
        kind: NonSteerableTurnKind = "review" if turn.kind is Kind.REVIEW else "compact"
        info = ActiveTurnNotSteerable(active_turn_not_steerable=UnsteerableTurn(turn_kind=kind))
        error = TurnError(message=f"cannot steer a {kind} turn", codex_error_info=info, additional_details=None)
        raise CallerError(error.message, reason="turn_not_steerable", data=to_wire(error))
    return turn


def interrupt(context: Context, params: TurnInterruptParams) -> TurnInterruptResponse | None:
    """Stop the running turn; an empty turn id means whichever runs."""
    thread = context.services.threads.get(params.thread_id)
    turn = thread.turn
    if turn is None:
        raise CallerError("no active turn to interrupt", reason="no_active_turn")
    if params.turn_id and params.turn_id not in (turn.id, turn.inner_id):
        raise CallerError(
            f"expected active turn id {params.turn_id} but found {turn.inner_id}",
            reason="turn_mismatch",
            data={"field": "turnId"},
        )
    context.reply(TurnInterruptResponse())
    thread.interrupt(turn)
    return None


ROUTES = [route(TURN_START, start), route(TURN_STEER, steer), route(TURN_INTERRUPT, interrupt)]
