"""Items of a turn as files hold them, and as the wire has them; one function each way per kind.

Writing, the wire's item loses nothing that a reader needs; a few members that only the reference's own core knows (the
target of a review, a patch's output) are filled with the nearest thing. Reading is lenient: members may be missing, and
an item that makes no sense is left out rather than its thread refused. Source: the reference's files, and what the
reference reads back from files with every kind in them.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from app_server.core.store import item_messages as messages
from app_server.core.store import item_tools as tools
from app_server.core.store.words import camel, file_path, file_url, present, snake
from protocol import item as wire
from protocol.base import Record, to_wire

Data = Mapping[str, Any]

MODELS: dict[str, type[wire.TimedItem]] = {
    "UserMessage": wire.UserMessageItem,
    "HookPrompt": wire.HookPromptItem,
    "AgentMessage": wire.AgentMessageItem,
    "FunctionCallOutput": wire.FunctionCallOutputItem,
    "Plan": wire.PlanItem,
    "Reasoning": wire.ReasoningItem,
    "CommandExecution": wire.CommandExecutionItem,
    "FileChange": wire.FileChangeItem,
    "McpToolCall": wire.McpToolCallItem,
    "DynamicToolCall": wire.DynamicToolCallItem,
    "CollabAgentToolCall": wire.CollabAgentToolCallItem,
    "SubAgentActivity": wire.SubAgentActivityItem,
    "WebSearch": wire.WebSearchItem,
    "ImageView": wire.ImageViewItem,
    "Sleep": wire.SleepItem,
    "ImageGeneration": wire.ImageGenerationItem,
    "EnteredReviewMode": wire.EnteredReviewModeItem,
    "ExitedReviewMode": wire.ExitedReviewModeItem,
    "ContextCompaction": wire.ContextCompactionItem,
}


def stored_item(item: Record) -> dict[str, Any]:
    """An item of the wire as files hold it. Its times are not in it: they stand beside it."""
    data = to_wire(item)
    kind = data["type"][:1].upper() + data["type"][1:]
    return {"type": kind, "id": data["id"], **STORE[kind](data)}


def read_item(stored: object, started_ms: object = None, completed_ms: object = None) -> Any:
    """An item of the wire (one of `ThreadItem`) from a file, or None if nothing can be made of it."""
    if not isinstance(stored, Mapping):
        return None
    kind = stored.get("type")
    model = MODELS.get(kind) if isinstance(kind, str) else None
    if model is None:
        return None
    try:
        data = READ[str(kind)](stored)
        data.update(id=stored.get("id"), startedAtMs=started_ms, completedAtMs=completed_ms)
        return model.model_validate(data)
    except (ValidationError, KeyError, TypeError, AttributeError, ValueError):
        return None


def store_same(data: Data) -> dict[str, Any]:
    return present(**{snake(name): value for name, value in data.items() if name not in NOT_MEMBERS})


def read_same(stored: Data) -> dict[str, Any]:
    return {camel(name): value for name, value in stored.items() if name not in NOT_MEMBERS}


NOT_MEMBERS = frozenset({"type", "id", "startedAtMs", "completedAtMs"})

STORE: dict[str, Callable[[Data], dict[str, Any]]] = {
    **dict.fromkeys(MODELS, store_same),
    "UserMessage": messages.store_user_message,
    "AgentMessage": messages.store_agent_message,
    "FunctionCallOutput": messages.store_output,
    "Reasoning": messages.store_reasoning,
    "CommandExecution": tools.store_command,
    "FileChange": tools.store_file_change,
    "McpToolCall": tools.store_mcp_call,
    "DynamicToolCall": tools.store_dynamic_call,
    "CollabAgentToolCall": tools.store_collab_call,
    "SubAgentActivity": tools.store_activity,
    "WebSearch": tools.store_search,
    "ImageView": lambda data: {"path": file_url(data["path"])},
    "EnteredReviewMode": messages.store_review_begin,
    "ExitedReviewMode": messages.store_review_end,
}

READ: dict[str, Callable[[Data], dict[str, Any]]] = {
    **dict.fromkeys(MODELS, read_same),
    "UserMessage": messages.read_user_message,
    "AgentMessage": messages.read_agent_message,
    "FunctionCallOutput": messages.read_output,
    "Reasoning": messages.read_reasoning,
    "CommandExecution": tools.read_command,
    "FileChange": tools.read_file_change,
    "McpToolCall": tools.read_mcp_call,
    "DynamicToolCall": tools.read_dynamic_call,
    "CollabAgentToolCall": tools.read_collab_call,
    "WebSearch": tools.read_search,
    "ImageView": lambda stored: {"path": file_path(stored["path"])},
    "EnteredReviewMode": messages.read_review_begin,
    "ExitedReviewMode": messages.read_review_end,
}
