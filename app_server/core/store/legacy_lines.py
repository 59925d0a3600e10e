"""Complete items as lines, for files of either kind: what `legacy` reads, this writes.

A thread whose file is of the older kind stays in that kind when it is gone on with, so that everybody who could read it
still can.
"""

from typing import Any

from app_server.core.store.lines import Line, event, item_completed
from app_server.core.store.words import duration, present
from protocol.base import to_wire
from protocol.item import (
    AgentMessageItem,
    ContextCompactionItem,
    EnteredReviewModeItem,
    ExitedReviewModeItem,
    FileChangeItem,
    ImageGenerationItem,
    McpToolCallItem,
    ReasoningItem,
    TimedItem,
    UserMessageItem,
    WebSearchItem,
)


def item_lines(thread_id: str, turn_id: str, item: TimedItem, *, is_numbered: bool) -> list[Line]:
    """The lines that tell a complete item, in a numbered file or in one of the older kind."""
    told = item_completed(thread_id, turn_id, item)
    payload = told[1]
    assert isinstance(payload, dict)
    stored = payload["item"]
    if is_numbered:
        return [told]
    match item:
        case UserMessageItem():
            return [event("user_message", **_user_message(stored["content"]))]
        case AgentMessageItem():
            citation = stored.get("memory_citation")
            return [event("agent_message", message=item.text, phase=item.phase, memory_citation=citation)]
        case ReasoningItem():
            summary = [event("agent_reasoning", text=words) for words in item.summary]
            return summary + [event("agent_reasoning_raw_content", text=words) for words in item.content]
        case McpToolCallItem():
            return [event("mcp_tool_call_end", **_mcp_call(item, stored))]
        case FileChangeItem():
            return [
                _event_of("patch_apply_end", stored, turn_id=turn_id, success=item.status == "completed", stdout="", stderr="")
            ]
        case WebSearchItem():
            return [_event_of("web_search_end", stored)]
        case ImageGenerationItem():
            return [_event_of("image_generation_end", stored)]
        case ContextCompactionItem():
            return [event("context_compacted")]
        case EnteredReviewModeItem():
            return [event("entered_review_mode", target=stored["target"], user_facing_hint=item.review)]
        case ExitedReviewModeItem():
            return [event("exited_review_mode", review_output=stored["review_output"])]
    return [told]


def _event_of(name: str, stored: dict[str, Any], **members: Any) -> Line:
    """An event with the members of a stored item, whose id has another name in it."""
    rest = {key: value for key, value in stored.items() if key not in ("type", "id")}
    return event(name, **{"call_id": stored["id"], **members, **rest})


def _user_message(content: list[dict[str, Any]]) -> dict[str, Any]:
    """The user's words as one text, and what else there is in a list per kind."""
    texts = [part for part in content if part["type"] == "text"]
    return {
        "message": "\n".join(part["text"] for part in texts),
        "images": [part["image_url"] for part in content if part["type"] == "image" and "image_url" in part],
        "local_images": [part["path"] for part in content if part["type"] == "local_image"],
        "audio": [part["audio_url"] for part in content if part["type"] == "audio" and "audio_url" in part],
        "local_audio": [part["path"] for part in content if part["type"] == "local_audio"],
        "text_elements": texts[0]["text_elements"] if len(texts) == 1 else [],
    }


def _mcp_call(item: McpToolCallItem, stored: dict[str, Any]) -> dict[str, Any]:
    failure = to_wire(item.error)
    outcome = {"Ok": stored.get("result") or {"content": []}} if failure is None else {"Err": failure["message"]}
    return {
        "call_id": item.id,
        "invocation": present(server=item.server, tool=item.tool, arguments=item.arguments),
        "duration": duration(item.duration_ms or 0),
        "result": outcome,
    }
