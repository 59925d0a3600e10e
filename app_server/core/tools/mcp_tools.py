"""All tools that a thread has from MCP servers, made anew only when the servers' have changed."""

from typing import Any

from app_server.core.mcp.names import namespace_of, tool_names
from app_server.core.mcp.thread_servers import Attached, ThreadServers
from app_server.core.model_settings import ModelSettings
from app_server.core.thread import Thread
from app_server.core.tools.base import Tool, ToolCall
from app_server.core.tools.mcp_content import ReadImage
from app_server.core.tools.mcp_resources import resource_tools
from app_server.core.tools.mcp_tool import McpTool
from app_server.core.tools.specs import Group
from app_server.core.turn.turn import Turn


class McpTools:
    """The tools of one thread's servers."""

    def __init__(self, thread: Thread, read_image: ReadImage) -> None:
        self._thread = thread
        self._read_image = read_image
        self._resources = resource_tools(self._attached)
        self._made: dict[tuple[int, int, bool], list[Tool]] = {}

    @property
    def resources(self) -> list[Tool]:
        """The tools for what servers have to read."""
        return self._resources if self._attached() else []

    def tools(self, is_deferred: bool) -> list[Tool]:
        """The servers' own tools; `is_deferred`: the model has to look for them."""
        servers: ThreadServers | None = self._thread.servers
        if servers is None:
            return []
        key = (id(servers), servers.version, is_deferred)
        if key not in self._made:
            self._made = {key: [tool for each in servers.attached.values() for tool in self._of(each, is_deferred)]}
        return self._made[key]

    def _of(self, server: Attached, is_deferred: bool) -> list[Tool]:
        names = tool_names(server.name, server.tools)
        group = Group.named(namespace_of(server.name), server.instructions)
        return [
            McpTool(server, raw, names[name], group, is_deferred, self, self._read_image) for name, raw in server.tools.items()
        ]

    def _attached(self) -> dict[str, Attached]:
        servers: ThreadServers | None = self._thread.servers
        return {} if servers is None else servers.attached

    def model(self) -> ModelSettings:
        """The model of the moment."""
        return self._thread.model()

    def call_meta(self, call: ToolCall) -> dict[str, Any]:
        """What servers are told of a call: whose it is, and with what the turn runs. The names are the reference's."""
        thread = self._thread
        meta: dict[str, Any] = {
            "callId": call.call_id,
            "sessionId": thread.session_id,
            "threadId": thread.id,
            "windowId": f"{thread.id}:{thread.window_number}",
        }
        if thread.turn is not None:
            meta["x-codex-turn-metadata"] = turn_facts(thread, thread.turn)
        return meta


def turn_facts(thread: Thread, turn: Turn) -> dict[str, Any]:
    """What servers may know of a turn."""
    model, kind = thread.turn_model(turn), thread.settings.sandbox.type
    facts = {
        "session_id": thread.session_id,
        "thread_id": thread.id,
        "turn_id": turn.id,
        "turn_started_at_unix_ms": turn.started_at_ms,
        "model": model.name,
        "reasoning_effort": model.asked.effort,
        "sandbox": "none" if kind == "dangerFullAccess" else "seccomp",
        "sandbox_mode": SANDBOX_MODES.get(kind, kind),
        "auto_review_enabled": thread.settings.approvals_reviewer == "auto_review",
    }
    return {name: value for name, value in facts.items() if value is not None}


SANDBOX_MODES = {"dangerFullAccess": "danger-full-access", "readOnly": "read-only", "workspaceWrite": "workspace-write"}
