"""Asks the user whether a tool of an MCP server may be called: as a form without fields, which clients know how to show.

Source: spec/approvals-sandbox.md section 6, and the reference's own runs.
"""

import logging
from typing import Any

import anyio.to_thread

from app_server.core.config.edit import Edit
from app_server.core.config.writing import write
from app_server.core.errors import CallerError
from app_server.core.ports import NoAnswer
from app_server.core.thread import Thread
from app_server.core.tools.base import Denial, McpAction
from app_server.core.turn.turn import Turn
from protocol.elicitation import MCP_SERVER_ELICITATION_REQUEST, FormElicitation, McpElicitationSchema
from protocol.notice import WarningNotification

log = logging.getLogger(__name__)
REJECTED = Denial("user rejected MCP tool call", whole=True)
CANCELLED = Denial("user cancelled MCP tool call", whole=True)


async def ask_about_mcp(thread: Thread, turn: Turn, action: McpAction) -> Denial | None:
    """The user's decision, None for consent. He may give it for the session, or for always."""
    try:
        answer = await thread.runtime.outside.ask(
            thread.id, MCP_SERVER_ELICITATION_REQUEST, question_about(thread.id, turn.id, action), thread.when_idle
        )
    except NoAnswer:
        return REJECTED
    if answer.action != "accept":
        return CANCELLED if answer.action == "cancel" else REJECTED
    persist = answer.meta.get("persist") if isinstance(answer.meta, dict) else None
    if persist in ("session", "always") and action.mode == "auto":
        thread.gate.grant(action)
    if persist == "always" and action.mode == "auto":
        await allow_always(thread, action)
    return None


def question_about(thread_id: str, turn_id: str, action: McpAction) -> FormElicitation:
    """The question as clients know it."""
    arguments = action.arguments
    meta: dict[str, Any] = {"codex_approval_kind": "mcp_tool_call"}
    if action.mode == "auto":
        meta["persist"] = ["session", "always"]
    meta |= {"tool_name": action.tool, **action.described, "tool_params": arguments}
    if isinstance(arguments, dict):
        meta["tool_params_display"] = [
            {"name": name, "value": arguments[name], "display_name": name} for name in sorted(arguments)
        ]
    return FormElicitation(
        thread_id=thread_id,
        turn_id=turn_id,
        server_name=action.server,
        meta=meta,
        message=f'Allow the {action.server} MCP server to run tool "{action.tool}"?',
        requested_schema=McpElicitationSchema(type="object", properties={}),
    )


async def allow_always(thread: Thread, action: McpAction) -> None:
    """Keep the user's word in his configuration. It holds for this thread, too; that it can't be kept for later is told."""
    plugin_id = thread.config.mcp_servers.get(action.server, {}).get("plugin_id")
    place = ("mcp_servers", action.server) if plugin_id is None else ("plugins", plugin_id, "mcp_servers", action.server)
    edit = Edit((*place, "tools", action.tool, "approval_mode"), "approve", is_merge=True)
    try:
        await anyio.to_thread.run_sync(write, thread.runtime.config, [edit], None, None)
    except (CallerError, OSError) as error:
        log.warning("a consent can't be kept: %s", error)
        text = f"The consent to `{action.tool}` of `{action.server}` holds for this thread only; it could not be written."
        thread.publish(WarningNotification(thread_id=thread.id, message=text))
