"""Puts an action to the user and reads the decision. Source: spec/approvals-sandbox.md section 6."""

import json
import logging
from typing import Any

import anyio.to_thread

from app_server.core.approvals import Question
from app_server.core.exec.script import join_argv
from app_server.core.history_item import message
from app_server.core.ports import NoAnswer
from app_server.core.thread import Thread
from app_server.core.tools.base import (
    BY_USER,
    CANCELLED,
    UNANSWERED,
    Action,
    CommandAction,
    Denial,
    InputAction,
    McpAction,
    Prepared,
    ToolCall,
)
from app_server.core.tools.permission_arguments import wire_files, wire_network
from app_server.core.turn.ask_mcp import ask_about_mcp
from app_server.core.turn.turn import Turn
from protocol.approval_decision import (
    AcceptWithExecpolicyAmendment,
    ApplyNetworkPolicyAmendment,
    CommandExecutionApprovalDecision,
    ExecpolicyAmendmentDecision,
)
from protocol.approval_request import (
    ITEM_COMMAND_EXECUTION_REQUEST_APPROVAL,
    ITEM_FILE_CHANGE_REQUEST_APPROVAL,
    AdditionalPermissionProfile,
    CommandExecutionRequestApprovalParams,
    FileChangeRequestApprovalParams,
)
from protocol.item_parts import UnknownAction
from protocol.notice import WarningNotification

ALLOWED = "The user has allowed commands that begin with {words} from now on; they run without being asked for."

log = logging.getLogger(__name__)


async def ask_user(thread: Thread, turn: Turn, call: ToolCall, prepared: Prepared, question: Question) -> Denial | None:
    """The user's decision about a prepared call, None for consent. To cancel ends the turn too, once the refusal is told."""
    action, outside = prepared.action, thread.runtime.outside
    assert action is not None
    if isinstance(action, McpAction):
        return await ask_about_mcp(thread, turn, action)
    decision: Any
    try:
        if isinstance(action, CommandAction):
            params = about_command(thread, turn, prepared, action, question)
            decision = (await outside.ask(thread.id, ITEM_COMMAND_EXECUTION_REQUEST_APPROVAL, params, thread.when_idle)).decision
        elif isinstance(action, InputAction):
            params = about_input(thread, turn, call, action, question)
            decision = (await outside.ask(thread.id, ITEM_COMMAND_EXECUTION_REQUEST_APPROVAL, params, thread.when_idle)).decision
        else:
            about = about_files(thread, turn, prepared)
            decision = (await outside.ask(thread.id, ITEM_FILE_CHANGE_REQUEST_APPROVAL, about, thread.when_idle)).decision
    except NoAnswer:
        return UNANSWERED
    if decision == "cancel":
        turn.interrupt()
        return CANCELLED
    if isinstance(decision, AcceptWithExecpolicyAmendment):
        words = decision.accept_with_execpolicy_amendment.execpolicy_amendment
        if words:
            turn.notes.append(message(thread.new_message_id(), "developer", [ALLOWED.format(words=json.dumps(words))]))
    return await carry_out(thread, action, decision)


async def carry_out(thread: Thread, action: Action, decision: Any) -> Denial | None:
    """What a decision means, and what it brings with it: a grant for the session, or a rule."""
    match decision:
        case "accept":
            return None
        case "acceptForSession":
            thread.gate.grant(action)
            return None
        case AcceptWithExecpolicyAmendment():
            await add_rule(thread, tuple(decision.accept_with_execpolicy_amendment.execpolicy_amendment))
            return None
        case ApplyNetworkPolicyAmendment():
            amendment = decision.apply_network_policy_amendment.network_policy_amendment
            return None if amendment.action == "allow" else BY_USER
    return BY_USER


async def add_rule(thread: Thread, words: tuple[str, ...]) -> None:
    """Allow commands that begin so. It holds at once; that it can't be kept for later is told."""
    if not words:
        return
    try:
        await anyio.to_thread.run_sync(thread.gate.allow_from_now_on, words)
    except OSError as error:
        log.warning("a rule can't be kept: %s", error)
        text = f"The rule for `{join_argv(words)}` holds for this thread only; it could not be written: {error.strerror}."
        thread.publish(WarningNotification(thread_id=thread.id, message=text))


def about_command(
    thread: Thread, turn: Turn, prepared: Prepared, action: CommandAction, question: Question
) -> CommandExecutionRequestApprovalParams:
    """The request for a command."""
    item: Any = prepared.item
    amendment = list(question.amendment) if question.amendment else None
    decisions: list[CommandExecutionApprovalDecision] = ["accept"]
    more = action.permissions
    if amendment is not None and more is None:
        rule = ExecpolicyAmendmentDecision(execpolicy_amendment=amendment)
        decisions.append(AcceptWithExecpolicyAmendment(accept_with_execpolicy_amendment=rule))
    return CommandExecutionRequestApprovalParams(
        kind="command",
        thread_id=thread.id,
        turn_id=turn.id,
        item_id=item.id,
        started_at_ms=thread.runtime.clock.now_ms(),
        environment_id="local",
        reason=question.reason,
        command=join_argv(action.argv),
        cwd=action.cwd,
        command_actions=item.command_actions,
        additional_permissions=None
        if more is None
        else AdditionalPermissionProfile(network=wire_network(more), file_system=wire_files(more)),
        proposed_execpolicy_amendment=amendment,
        available_decisions=[*decisions, "cancel"],
    )


def about_input(
    thread: Thread, turn: Turn, call: ToolCall, action: InputAction, question: Question
) -> CommandExecutionRequestApprovalParams:
    """The request for input to a running command; the item is that command's."""
    command = join_argv(("write_stdin", "--session-id", str(action.session_id), action.chars))
    return CommandExecutionRequestApprovalParams(
        kind="writeStdin",
        thread_id=thread.id,
        turn_id=turn.id,
        item_id=action.item_id,
        approval_id=call.call_id,
        started_at_ms=thread.runtime.clock.now_ms(),
        environment_id="local",
        reason=question.reason,
        command=command,
        cwd=action.cwd,
        command_actions=[UnknownAction(command=command)],
        available_decisions=["accept", "cancel"],
    )


def about_files(thread: Thread, turn: Turn, prepared: Prepared) -> FileChangeRequestApprovalParams:
    """The request for a patch, whose changes the item shows."""
    item: Any = prepared.item
    now = thread.runtime.clock.now_ms()
    return FileChangeRequestApprovalParams(thread_id=thread.id, turn_id=turn.id, item_id=item.id, started_at_ms=now)
