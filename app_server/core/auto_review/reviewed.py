"""An action under review: for clients, and for the reviewer."""

from typing import Any

from app_server.core.exec.script import join_argv
from app_server.core.tools.base import CommandAction, InputAction, McpAction, PatchAction, Prepared, ToolCall
from protocol.guardian import (
    ApplyPatchGuardianAction,
    CommandGuardianAction,
    GuardianApprovalReviewAction,
    McpToolCallGuardianAction,
    WriteStdinGuardianAction,
)
from protocol.item import CommandExecutionItem
from protocol.item_parts import UnknownAction


def to_clients(call: ToolCall, prepared: Prepared, cwd: str) -> GuardianApprovalReviewAction:
    """The action as clients are told of it."""
    match prepared.action:
        case CommandAction() as command:
            return CommandGuardianAction(source="unifiedExec", command=join_argv(command.argv), cwd=command.cwd)
        case InputAction() as typed:
            return WriteStdinGuardianAction(
                approval_id=call.call_id, process_id=str(typed.session_id), stdin=typed.chars, cwd=typed.cwd
            )
        case PatchAction() as patch:
            return ApplyPatchGuardianAction(cwd=cwd, files=list(patch.paths))
        case McpAction() as asked:
            return McpToolCallGuardianAction(server=asked.server, tool_name=asked.tool)
        case None:
            raise AssertionError("nothing to review")


def to_reviewer(call: ToolCall, prepared: Prepared, cwd: str) -> dict[str, Any]:
    """The action as the reviewer gets it, with all that is known of it."""
    shown: dict[str, Any] = {"tool": call.name, "environment_id": "local", "cwd": cwd}
    match prepared.action:
        case CommandAction() as command:
            asked = "require_escalated" if command.wants_escalation else "use_default"
            if command.permissions is not None:
                shown |= {"additional_permissions": command.permissions.to_model()}
            facts = {"command": list(command.argv), "cwd": command.cwd, "sandbox_permissions": asked, "tty": command.has_terminal}
            return {**shown, **facts, **({"justification": command.justification} if command.justification else {})}
        case InputAction() as typed:
            return {**shown, "cwd": typed.cwd, "session_id": typed.session_id, "chars": typed.chars}
        case PatchAction() as patch:
            return {**shown, "files": list(patch.paths), "patch": call.arguments}
        case _:
            return {**shown, "arguments": call.arguments}


def shown(prepared: Prepared) -> Prepared:
    """What clients see while an action is reviewed: of a command the whole line, as nobody has looked into it yet."""
    item = prepared.item
    if not isinstance(item, CommandExecutionItem):
        return prepared
    line = item.model_copy(update={"command_actions": [UnknownAction(command=item.command)]})
    return Prepared(prepared.arguments, prepared.action, line)
