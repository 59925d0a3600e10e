"""Opening threads and what is done to an open one's past: `thread/resume`, `thread/fork`, `thread/unsubscribe`, `thread/revert`,
`thread/inject_items`."""

from typing import Any

from app_server.core import fork as forks
from app_server.core import resume as resuming
from app_server.core import revert as reverting
from app_server.core.errors import INVALID_PARAMS, CallerError
from app_server.core.history_item import MADE_PREFIXES, named_output
from app_server.core.ids import checked_thread_id
from app_server.core.models.reasoning import offered_tier
from app_server.core.paging import limit_of
from app_server.core.restore import warn_of_other_model
from app_server.core.settings import StartOptions, Wishes, given
from app_server.core.store.turns import StoredTurn
from app_server.core.thread import Thread
from app_server.core.thread_wire import shown_sandbox, wire_settings, wire_thread
from app_server.core.turn.said import Said
from app_server.core.turn.turn import Kind
from app_server.methods import thread_work
from app_server.routing import route
from app_server.services import Context
from protocol.goal import ThreadGoalClearedNotification, ThreadGoalUpdatedNotification
from protocol.notice import DeprecationNoticeNotification
from protocol.responses_items import ResponseItem
from protocol.thread import ThreadStartedNotification
from protocol.thread_open import (
    THREAD_FORK,
    THREAD_INJECT_ITEMS,
    THREAD_PREPARE_APPROVED_PLAN,
    THREAD_RESUME,
    THREAD_REVERT,
    THREAD_UNSUBSCRIBE,
    ThreadForkParams,
    ThreadForkResponse,
    ThreadInjectItemsParams,
    ThreadInjectItemsResponse,
    ThreadPrepareApprovedPlanParams,
    ThreadPrepareApprovedPlanResponse,
    ThreadResumeInitialTurnsPageParams,
    ThreadResumeParams,
    ThreadResumeResponse,
    ThreadRevertedNotification,
    ThreadRevertParams,
    ThreadRevertResponse,
    ThreadUnsubscribeParams,
    ThreadUnsubscribeResponse,
    TurnsPage,
)
from protocol.turn_events import ThreadTokenUsageUpdatedNotification

PLAN, AGENT = "proposed_plan", "agent"
"""What a plan is called that the model is told as if a tool had said it."""
WHOLE_HISTORIES = (
    "Answering with a whole history is deprecated; set `excludeTurns: true` and page with `thread/turns/list` and "
    "`thread/items/list`."
)


async def resume(context: Context, params: ThreadResumeParams) -> None:
    """Load a stored thread, or join a loaded one, and subscribe the asking client to it."""
    services, connection = context.services, context.connection
    request = resuming.Request(
        thread_id=params.thread_id,
        path=params.path,
        history=as_sent(params.history),
        wishes=wishes_of(params),
        options=StartOptions(
            config=params.config,
            base_instructions=params.base_instructions,
            developer_instructions=params.developer_instructions,
        ),
        has_turns=not params.exclude_turns,
        page=page_wish(params.initial_turns_page),
    )
    opened = await resuming.resume(services.threads, request)
    thread, page = opened.thread, opened.extras.page  # nothing may be waited for from here to the answer
    if request.has_turns and thread.recorder.head.history_mode == "paginated":
        services.fanout.send([connection], DeprecationNoticeNotification(summary=WHOLE_HISTORIES, details=None))
    services.fanout.subscribe(thread.id, connection)
    if not opened.was_loaded:
        warn_of_other_model(thread, opened.recorded_model)
        thread.publish_status()
    settings = wire_settings(thread.settings)
    context.reply(
        ThreadResumeResponse(
            **opened_members(thread, opened.turns, opened.first_words),
            collaboration_mode=settings.collaboration_mode,
            initial_turns_page=TurnsPage(**page.members()) if page is not None else None,
            turns_backwards_cursor=opened.extras.turns_cursor,
            items_backwards_cursor=opened.extras.items_cursor,
        )
    )
    is_fork = not opened.was_loaded and thread.recorder.head.forked_from_id is not None
    if (request.has_turns or not opened.was_loaded) and not is_fork:  # the reference does not know what forks have used
        replay_usage(context, thread)
    publish_goal(thread)
    if services.outside.asks is not None:
        services.outside.asks.replay(thread.id, connection)
    if not opened.was_loaded and not thread.has_queue:
        thread.go_on()


def publish_goal(thread: Thread) -> None:
    """Tell how the thread's goal stands, or that it has none."""
    if thread.goal is None:
        thread.publish(ThreadGoalClearedNotification(thread_id=thread.id))
    else:
        thread.publish(ThreadGoalUpdatedNotification(thread_id=thread.id, turn_id=None, goal=thread.goal))


def as_sent(history: list[ResponseItem] | None) -> list[dict[str, Any]] | None:
    """Items as the client has sent them."""
    if history is None:
        return None
    return [item.model_dump(mode="json", by_alias=True, exclude_unset=True) for item in history]


def page_wish(params: ThreadResumeInitialTurnsPageParams | None) -> resuming.PageWish | None:
    """The page of turns that the request asks for beside the thread."""
    if params is None:
        return None
    return resuming.PageWish(limit_of(params.limit), params.sort_direction or "desc", params.items_view or "summary")


def replay_usage(context: Context, thread: Thread) -> None:
    """Tell the asking client what tokens the thread has used, if it has any."""
    if thread.usage_turn_id is not None:
        usage = thread.usage.wire(thread.usage_window)
        told = ThreadTokenUsageUpdatedNotification(thread_id=thread.id, turn_id=thread.usage_turn_id, token_usage=usage)
        context.services.fanout.send([context.connection], told)


async def fork(context: Context, params: ThreadForkParams) -> None:
    """Make a thread that shares another one's past, and subscribe the asking client to it."""
    services, connection = context.services, context.connection
    request = forks.ForkRequest(
        thread_id=params.thread_id,
        path=params.path,
        last_turn_id=params.last_turn_id,
        before_turn_id=params.before_turn_id,
        wishes=wishes_of(params),
        options=StartOptions(
            config=params.config,
            base_instructions=params.base_instructions,
            developer_instructions=params.developer_instructions,
            is_ephemeral=params.ephemeral,
            thread_source=params.thread_source,
        ),
        has_turns=not params.exclude_turns,
        is_attached=params.attach_to_source,
    )
    forked = await forks.fork(services.threads, request)
    thread = forked.thread
    services.fanout.subscribe(thread.id, connection)
    if request.has_turns and thread.recorder.head.history_mode == "paginated":
        services.fanout.send([connection], DeprecationNoticeNotification(summary=WHOLE_HISTORIES, details=None))
    context.reply(ThreadForkResponse(**opened_members(thread, forked.turns)))
    if request.has_turns:
        replay_usage(context, thread)
    if not request.is_attached:
        thread.publish(ThreadStartedNotification(thread=wire_thread(thread, [])))


def wishes_of(params: ThreadResumeParams | ThreadForkParams) -> Wishes:
    """What a request wants of the thread's settings."""
    return Wishes(
        model=params.model,
        model_provider=params.model_provider,
        service_tier=given(params, "service_tier"),
        cwd=params.cwd,
        runtime_workspace_roots=params.runtime_workspace_roots,
        approval_policy=params.approval_policy,
        approvals_reviewer=params.approvals_reviewer,
        sandbox=params.sandbox,
        permissions=params.permissions,
        personality=getattr(params, "personality", None),
    )


def opened_members(thread: Thread, turns: list[StoredTurn], first_words: str = "") -> dict[str, Any]:
    """What the answers to `thread/resume` and `thread/fork` have in common."""
    settings = thread.settings
    wire = wire_thread(thread, [turn.wire() for turn in turns])
    return {
        "thread": wire.model_copy(update={"preview": first_words}) if first_words else wire,
        "model": settings.model,
        "model_provider": settings.model_provider,
        "service_tier": offered_tier(thread.model().info, settings.service_tier)[0],
        "disabled_plugin_ids": list(settings.disabled_plugin_ids),
        "cwd": settings.cwd,
        "runtime_workspace_roots": list(settings.runtime_workspace_roots),
        "instruction_sources": thread.briefing.instruction_sources(),
        "approval_policy": settings.approval_policy,
        "approvals_reviewer": settings.approvals_reviewer,
        "sandbox": shown_sandbox(settings),
        "active_permission_profile": settings.active_permission_profile,
        "reasoning_effort": settings.effort,
        "multi_agent_mode": "explicitRequestOnly",
    }


def unsubscribe(context: Context, params: ThreadUnsubscribeParams) -> ThreadUnsubscribeResponse:
    """Hear no more of a thread."""
    thread_id = checked_thread_id(params.thread_id)
    if context.services.threads.find(thread_id) is None:
        return ThreadUnsubscribeResponse(status="notLoaded")
    was_subscribed = context.services.fanout.unsubscribe(thread_id, context.connection)
    return ThreadUnsubscribeResponse(status="unsubscribed" if was_subscribed else "notSubscribed")


async def revert(context: Context, params: ThreadRevertParams) -> None:
    """Drop a turn and all after it."""
    threads = context.services.threads
    reverted = await reverting.revert(threads, threads.get(params.thread_id), params.before_turn_id)
    thread = reverted.thread
    context.reply(
        ThreadRevertResponse(
            thread=wire_thread(thread, []),
            turns_backwards_cursor=reverted.turns_cursor,
            items_backwards_cursor=reverted.items_cursor,
        )
    )
    thread.publish(ThreadRevertedNotification(thread_id=thread.id))


def inject_items(context: Context, params: ThreadInjectItemsParams) -> ThreadInjectItemsResponse:
    """Put items for the model into the thread's history, without a turn. One that runs takes them up behind its next answer."""
    thread = context.services.threads.get(params.thread_id)
    if not params.items:
        raise CallerError("items must not be empty", reason="empty", data={"field": "items"})
    for index, item in enumerate(params.items):
        check_item(index, item)
    prefixes = [MADE_PREFIXES.get(item["type"]) for item in params.items]
    items = [
        {"id": thread.new_item_id(prefix), **item} if prefix is not None else item
        for prefix, item in zip(prefixes, params.items, strict=True)
    ]
    if thread.turn is not None and thread.turn.kind is not Kind.COMMAND:
        thread.turn.add(Said(before=tuple(items), is_urgent=False))
        return ThreadInjectItemsResponse()
    thread.recorder.materialize()
    thread.briefing.tell_ahead()
    for item in items:
        thread.record_item_for_model(item)
    thread.recorder.sync()
    return ThreadInjectItemsResponse()


def prepare_plan(context: Context, params: ThreadPrepareApprovedPlanParams) -> ThreadPrepareApprovedPlanResponse:
    """Tell the model a plan that the user has agreed to, before the turn in which it is carried out."""
    if params.attachment_path is not None and not params.attachment_path.startswith("/"):
        raise CallerError(
            "`attachmentPath` must be absolute on the app server",
            code=INVALID_PARAMS,
            reason="invalid_value",
            data={"field": "attachmentPath", "expected": "an absolute path"},
        )
    thread = context.services.threads.get(params.thread_id)
    if not params.markdown.strip():
        raise CallerError("The approved plan is empty.", reason="empty", data={"field": "markdown", "expected": "a plan"})
    thread.recorder.materialize()
    thread.briefing.tell_ahead()
    thread.record_item_for_model(named_output(thread.new_item_id("fco"), PLAN, params.markdown, AGENT))
    thread.recorder.sync()
    return ThreadPrepareApprovedPlanResponse(prompt="Implement the plan.")


def check_item(index: int, item: Any) -> None:
    """Refuse what can be no item for the model; items of unknown kinds may come from a newer provider. Raises: CallerError."""
    why = None
    if not isinstance(item, dict):
        why = f"invalid type: {kind_of(item)}, expected internally tagged enum ResponseItem"
    elif not isinstance(item.get("type"), str):
        why = "missing field `type`" if "type" not in item else f"invalid type: {kind_of(item['type'])}, expected a string"
    elif item["type"] == "message":
        why = next((f"missing field `{name}`" for name in ("role", "content") if name not in item), None)
    if why is not None:
        raise CallerError(
            f"items[{index}] is not a valid response item: {why}", reason="invalid_item", data={"field": f"items[{index}]"}
        )


def kind_of(value: Any) -> str:
    """A value as the reference's parser names it."""
    match value:
        case None:
            return "null"
        case bool():
            return f"boolean `{str(value).lower()}`"
        case int():
            return f"integer `{value}`"
        case float():
            return f"floating point `{value}`"
        case str():
            return f'string "{value}"'
    return "sequence" if isinstance(value, list) else "map"


ROUTES = [
    route(THREAD_RESUME, resume),
    route(THREAD_FORK, fork),
    route(THREAD_UNSUBSCRIBE, unsubscribe),
    route(THREAD_REVERT, revert),
    route(THREAD_INJECT_ITEMS, inject_items),
    route(THREAD_PREPARE_APPROVED_PLAN, prepare_plan),
    *thread_work.ROUTES,
]
