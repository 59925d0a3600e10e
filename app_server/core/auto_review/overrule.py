"""The user's word against the reviewer's: a denied action is approved after all. Source: the reference's answers."""

import json
from typing import Any

from app_server.core.auto_review.briefs import APPROVED
from app_server.core.errors import CallerError
from app_server.core.history_item import message
from app_server.core.thread import Thread
from app_server.core.turn.said import Said

STATUSES = ("in_progress", "approved", "denied", "timed_out", "aborted")
KINDS = ("command", "execve", "write_stdin", "apply_patch", "network_access", "mcp_tool_call", "request_permissions")


def checked(event: Any) -> dict[str, Any]:
    """A denial as a client hands it back. Raises: CallerError."""
    if not isinstance(event, dict):
        kind = {str: "string", bool: "boolean", list: "sequence", type(None): "null"}.get(type(event), "number")
        raise refusal(f"invalid type: {kind}, expected struct GuardianAssessmentEvent")
    for name in ("id", "status", "action"):
        if name not in event:
            raise refusal(f"missing field `{name}`")
        if name == "status" and event["status"] not in STATUSES:
            raise refusal(f"unknown variant `{event['status']}`, expected one of {one_of(STATUSES)}")
    action = event["action"]
    if not isinstance(action, dict) or "type" not in action:
        raise refusal("missing field `type`")
    if action["type"] not in KINDS:
        raise refusal(f"unknown variant `{action['type']}`, expected one of {one_of(KINDS)}")
    if "source" in action and action["source"] not in ("shell", "unified_exec"):
        raise refusal(f"unknown variant `{action['source']}`, expected `shell` or `unified_exec`")
    return event


def one_of(names: tuple[str, ...]) -> str:
    """Names as error texts list them."""
    return ", ".join(f"`{name}`" for name in names)


def refusal(problem: str) -> CallerError:
    """The denial can't be read."""
    return CallerError(f"invalid Guardian denial event: {problem}", reason="invalid_value", data={"field": "event"})


def approve(thread: Thread, event: dict[str, Any]) -> None:
    """Let the model know, and by it the reviewer, that the user approves what was denied; anything else is left as it is."""
    if event["status"] != "denied":
        return
    action = json.dumps(event["action"], ensure_ascii=False)
    note = message(
        thread.new_message_id(), "developer", [f"{APPROVED} {action}\nAsk for exactly this once more, if it is still needed."]
    )
    if thread.turn is not None:
        thread.turn.add(Said(before=(note,), is_urgent=False))
    else:
        thread.record_item_for_model(note)
