"""`thread/guardianReview`, `thread/approveGuardianDeniedAction`: automatic review on request, and the user's word against it.

Source: the reference's answers.
"""

from typing import Any

from app_server.core.approvals import Denied, Rights
from app_server.core.auto_review import overrule
from app_server.core.auto_review.verdict import Verdict
from app_server.core.errors import CallerError
from app_server.core.settings import active_profile
from app_server.core.thread import Thread
from app_server.core.tools.base import Prepared, ToolCall, ToolFailure
from app_server.core.turn.diff_news import DiffNews
from app_server.core.turn.item_log import ItemLog
from app_server.core.turn.tool_host import TurnToolHost
from app_server.core.turn.turn import Turn
from app_server.routing import route
from app_server.services import Context
from protocol.guardian import (
    THREAD_APPROVE_GUARDIAN_DENIED_ACTION,
    THREAD_GUARDIAN_REVIEW,
    ThreadApproveGuardianDeniedActionParams,
    ThreadApproveGuardianDeniedActionResponse,
    ThreadGuardianAssessment,
    ThreadGuardianReviewParams,
    ThreadGuardianReviewResponse,
)

CALLS = {"function_call": "arguments", "custom_tool_call": "input"}
REVIEWED = frozenset({"exec_command", "apply_patch"})
NO_CALL = "expected a final plaintext exec_command, apply_patch, request_permissions, or MCP call"


async def review(context: Context, params: ThreadGuardianReviewParams) -> ThreadGuardianReviewResponse:
    """Have the call judged that an idle thread ends with."""
    thread = context.services.threads.get(params.thread_id)
    context.services.fanout.subscribe(thread.id, context.connection)
    if thread.turn is not None:
        raise CallerError("thread has an active turn", reason="turn_in_progress")
    call = last_call(thread)
    prepared = wanted(thread, call)
    if prepared is None:
        return ThreadGuardianReviewResponse(call_id=call.call_id, assessment=None)
    verdict: Verdict = await thread.reviewer.judge(call, prepared, context.services.clock.uuid7())
    assessment = ThreadGuardianAssessment(
        outcome=verdict.outcome,
        risk_level=verdict.risk_level or "high",
        user_authorization=verdict.user_authorization or "unknown",
        rationale=verdict.rationale,
    )
    return ThreadGuardianReviewResponse(call_id=call.call_id, assessment=assessment)


def last_call(thread: Thread) -> ToolCall:
    """The call that the history ends with. Raises: CallerError (there is none)."""
    items = thread.history.items()
    last: dict[str, Any] = items[-1] if items else {}
    kind = last.get("type")
    if kind not in CALLS or last.get("name") not in REVIEWED or last.get("namespace"):
        raise CallerError(NO_CALL, reason="not_available")
    is_custom = kind == "custom_tool_call"
    return ToolCall(last["call_id"], last["name"], str(last.get(CALLS[kind], "")), is_custom=is_custom)


def wanted(thread: Thread, call: ToolCall) -> Prepared | None:
    """The call with what it wants, if somebody would have to decide about it. Raises: CallerError."""
    tool = thread.toolbox.tools(thread.model()).get((None, call.name))
    if tool is None:
        raise CallerError(NO_CALL, reason="not_available")
    clock, settings = thread.runtime.clock, thread.settings
    turn = Turn(clock.uuid7(), clock.now_ms())
    log = ItemLog(thread.id, turn.id, thread.runtime.outside, clock, thread.closed_item)
    profile, environment = active_profile(settings, thread.config), thread.runtime.environment
    rights = Rights(settings.approval_policy, settings.sandbox, settings.runtime_workspace_roots, environment, profile=profile)
    try:
        prepared: Prepared = tool.prepare(call, TurnToolHost(thread, turn, log, DiffNews(thread, turn)))
        judgement = thread.gate.judge(prepared.action, rights)
    except ToolFailure as failure:
        raise CallerError(f"the call can't be reviewed: {failure.content}", reason="invalid_value") from None
    except Denied:
        return None
    return prepared if judgement.question is not None else None


def approve(context: Context, params: ThreadApproveGuardianDeniedActionParams) -> ThreadApproveGuardianDeniedActionResponse:
    """The user approves something that the reviewer has denied."""
    event = overrule.checked(params.event)
    overrule.approve(context.services.threads.get(params.thread_id), event)
    return ThreadApproveGuardianDeniedActionResponse()


ROUTES = [route(THREAD_GUARDIAN_REVIEW, review), route(THREAD_APPROVE_GUARDIAN_DENIED_ACTION, approve)]
