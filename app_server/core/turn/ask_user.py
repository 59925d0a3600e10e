"""Puts an action to the user and reads the decision. Source: spec/approvals-sandbox.md, the recordings of approval-*."""

from typing import Any

from app_server.core.approvals import Answer
from app_server.core.exec.script import join_argv
from app_server.core.ports import NoAnswer
from app_server.core.thread import Thread
from app_server.core.tools.base import Action, CommandAction, Prepared
from app_server.core.turn.turn import Turn
from protocol.approval_request import (
    ITEM_COMMAND_EXECUTION_REQUEST_APPROVAL,
    ITEM_FILE_CHANGE_REQUEST_APPROVAL,
    CommandExecutionRequestApprovalParams,
    FileChangeRequestApprovalParams,
)

ANSWERS = {
    "accept": Answer.ACCEPTED,
    "acceptForSession": Answer.ACCEPTED,
    "decline": Answer.DECLINED,
    "cancel": Answer.CANCELLED,
}


async def ask_user(thread: Thread, turn: Turn, prepared: Prepared) -> Answer:
    """The user's decision about a prepared call; whatever can't be understood counts as a refusal."""
    action, outside = prepared.action, thread.runtime.outside
    assert action is not None
    try:
        if isinstance(action, CommandAction):
            params = command_question(thread, turn, prepared, action)
            decision: Any = (await outside.ask(thread.id, ITEM_COMMAND_EXECUTION_REQUEST_APPROVAL, params)).decision
        else:
            question = FileChangeRequestApprovalParams(
                thread_id=thread.id, turn_id=turn.id, item_id=item_id(prepared), started_at_ms=thread.runtime.clock.now_ms()
            )
            decision = (await outside.ask(thread.id, ITEM_FILE_CHANGE_REQUEST_APPROVAL, question)).decision
    except NoAnswer:
        return Answer.FAILED
    return read_decision(thread, action, decision)


def read_decision(thread: Thread, action: Action, decision: Any) -> Answer:
    """What a decision means; a grant for the session is remembered by the gate."""
    if not isinstance(decision, str):  # an amendment of the rules comes with the consent to this one command
        return Answer.ACCEPTED
    if decision == "acceptForSession":
        thread.gate.grant(action)
    return ANSWERS.get(decision, Answer.DECLINED)


def command_question(
    thread: Thread, turn: Turn, prepared: Prepared, action: CommandAction
) -> CommandExecutionRequestApprovalParams:
    """The request for a command."""
    item: Any = prepared.item
    return CommandExecutionRequestApprovalParams(
        kind="command",
        thread_id=thread.id,
        turn_id=turn.id,
        item_id=item_id(prepared),
        started_at_ms=thread.runtime.clock.now_ms(),
        environment_id="local",
        reason=action.justification,
        command=join_argv(action.argv),
        cwd=action.cwd,
        command_actions=item.command_actions if item is not None else None,
        available_decisions=["accept", "acceptForSession", "decline", "cancel"],
    )


def item_id(prepared: Prepared) -> str:
    """The item that the question is about."""
    item: Any = prepared.item
    return str(item.id) if item is not None else ""
