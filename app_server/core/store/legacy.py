"""Turns from the lines of the older, unnumbered files (the reference up to 0.116, and its `historyMode: "legacy"`).

There, events of many shapes stand for items, most without an id: items are numbered `item-1`, `item-2` and so on
through the thread. A turn whose beginning is not told begins with the user's message; its id is made of the number of
that line. Source: what the reference reads from a file with every event in it. Differs: events of commands, viewed
images and client tools, which the reference passes over there, are shown; an `error` in a turn makes it failed.
"""

from collections.abc import Callable, Mapping
from typing import Any

from app_server.core.store.fields import table, text, texts
from app_server.core.store.items import read_item
from app_server.core.store.reader import Line, Warn, ignore
from app_server.core.store.turns import TURN_NAMES, StoredTurn, TurnReader, read_error
from protocol.item import AgentMessageItem, ReasoningItem, UserMessageItem

Payload = Mapping[str, Any]
NO_FAILURE = ("threadRollbackFailed",)
"""Errors about a request, not about the turn in which they happen to come."""
TOLD_TWICE = (UserMessageItem, AgentMessageItem, ReasoningItem)
"""Items that have events of their own in these files."""


class LegacyTurnReader(TurnReader):
    """Collects turns from lines of unnumbered files."""

    def __init__(self, warn: Warn = ignore) -> None:
        super().__init__(warn)
        self._current: StoredTurn | None = None
        self._is_told = False
        self._number = 1

    def feed(self, line: Line) -> None:
        """Take a line; those of other kinds change nothing."""
        if line.name in TURN_NAMES:
            super().feed(line)
            return
        payload = line.payload
        match line.name:
            case "user_message":
                if self._current is None or not self._is_told:
                    self._close()
                    self._open_untold(line)
                self._put(line, user_message(payload))
                self._take_same(text(payload, "message"))
            case "agent_message":
                self._put(line, agent_message(payload))
            case "agent_reasoning":
                self._add_reasoning(line, "summary_text", text(payload, "text"))
            case "agent_reasoning_raw_content":
                self._add_reasoning(line, "raw_content", text(payload, "text"))
            case "error":
                self._note_error(payload)
            case name if name in EVENTS:
                self._put(line, EVENTS[name](payload))

    @property
    def untold_id(self) -> str | None:
        """The turn that is open without that its beginning was told."""
        return self._current.id if self._current is not None and not self._is_told else None

    def turns(self, running_id: str | None = None) -> list[StoredTurn]:
        """The turns so far, oldest first, if nothing more comes except for the one that is running."""
        self._close()
        return super().turns(running_id)

    def roll_back(self, line: Line) -> list[str]:
        """Drop the turns that a line says no longer count; the numbers of items go on after those that are left."""
        self._close()
        dropped = super().roll_back(line)
        self._number = 1 + sum(len(turn.kept) for turn in self._turns.values())
        return dropped

    def _begin(self, line: Line) -> None:
        self._close()
        super()._begin(line)
        self._current, self._is_told = self._turns.get(text(line.payload, "turn_id") or ""), True

    def _end(self, line: Line) -> None:
        super()._end(line)
        if self._current is not None and self._current.status != "inProgress":
            self._current = None

    def _add_item(self, line: Line) -> None:
        """Only kinds that no event stands for are told like this here."""
        item = read_item(line.payload.get("item"))
        if item is not None and not isinstance(item, TOLD_TWICE):
            self._put(line, item)

    def _take_same(self, words: str | None) -> None:
        """Accepted words are taken when they come as a message; these have no id here, so the text has to tell."""
        for each in self._accepted.values():
            if [part.text for part in each.item.item.content if part.type == "text"] == [words]:
                self._take(each.item.item)
                return

    def _open_untold(self, line: Line) -> StoredTurn:
        turn_id = f"rollout-{line.position}"
        self._current = self._turns[turn_id] = StoredTurn(turn_id, line.position)
        self._is_told = False
        return self._current

    def _close(self) -> None:
        """A turn whose beginning was not told has no end either: it ends where the next one begins."""
        if self._current is not None and not self._is_told and self._current.status == "inProgress":
            self._current.status = "completed"
        self._current = None

    def _put(self, line: Line, stored: Any) -> None:
        """Add an item, given as files hold them or as the wire does; one without an id gets the next number."""
        turn = self._turns.get(text(line.payload, "turn_id") or "") or self._current or self._open_untold(line)
        item = stored
        if isinstance(stored, Mapping):
            item = read_item(stored if stored.get("id") else {**stored, "id": f"item-{self._number}"}, None, stored.get("at_ms"))
            self._number += not stored.get("id")
        if item is None:
            self._warn(f"passed over an event {line.name} that makes no sense, in line {line.position}")
        else:
            turn.add(line.position, item)

    def _add_reasoning(self, line: Line, member: str, words: str | None) -> None:
        """Pieces of reasoning that follow each other are one item."""
        if words is None:
            return
        last = next(reversed(self._current.kept.items()), None) if self._current is not None else None
        if last is None or not isinstance(last[1].item, ReasoningItem):
            self._put(line, {"type": "Reasoning", "summary_text": [], "raw_content": [], member: [words]})
            return
        known = last[1].item
        is_summary = member == "summary_text"
        last[1].item = ReasoningItem(
            id=known.id,
            summary=[*known.summary, words] if is_summary else known.summary,
            content=known.content if is_summary else [*known.content, words],
        )

    def _note_error(self, payload: Payload) -> None:
        error = read_error(payload)
        if self._current is not None and error is not None and error.codex_error_info not in NO_FAILURE:
            self._current.error = error


def user_message(payload: Payload) -> dict[str, Any]:
    """The user's words, then the images and sounds, each kind in its own list."""
    content: list[dict[str, Any]] = []
    message, elements = text(payload, "message"), payload.get("text_elements")
    if message or elements:
        content.append({"type": "text", "text": message or "", "text_elements": elements or []})
    content += [{"type": "image", "image_url": url} for url in texts(payload.get("images"))]
    content += [{"type": "local_image", "path": path} for path in texts(payload.get("local_images"))]
    content += [{"type": "audio", "audio_url": url} for url in texts(payload.get("audio"))]
    content += [{"type": "local_audio", "path": path} for path in texts(payload.get("local_audio"))]
    return {"type": "UserMessage", "content": content}


def agent_message(payload: Payload) -> dict[str, Any]:
    """The model's words."""
    content = [{"type": "Text", "text": payload.get("message")}]
    return {**payload, "type": "AgentMessage", "content": content}


def mcp_call(payload: Payload) -> dict[str, Any]:
    """A call of an MCP tool; what came of it is `{"Ok": …}` or `{"Err": …}`."""
    outcome = table(payload, "result")
    answer, failure = outcome.get("Ok"), outcome.get("Err")
    has_failed = failure is not None or (isinstance(answer, Mapping) and answer.get("isError") is True)
    return {
        **payload,
        **table(payload, "invocation"),
        "type": "McpToolCall",
        "id": payload.get("call_id"),
        "status": "failed" if has_failed else "completed",
        "result": answer,
        "error": {"message": str(failure)} if failure is not None else None,
    }


def dynamic_call(payload: Payload) -> dict[str, Any]:
    """A call of a client's tool."""
    status = "completed" if payload.get("success") else "failed"
    return {**payload, "type": "DynamicToolCall", "id": payload.get("call_id"), "status": status}


def activity(payload: Payload) -> dict[str, Any]:
    """Something that a sub-agent does."""
    return {**payload, "type": "SubAgentActivity", "id": payload.get("event_id"), "at_ms": payload.get("occurred_at_ms")}


def called(kind: str) -> Callable[[Payload], dict[str, Any]]:
    """An event with the members of its item, and the item's id under another name."""
    return lambda payload: {**payload, "type": kind, "id": payload.get("call_id")}


EVENTS: dict[str, Callable[[Payload], dict[str, Any]]] = {
    "exec_command_end": called("CommandExecution"),
    "patch_apply_end": called("FileChange"),
    "web_search_end": called("WebSearch"),
    "image_generation_end": called("ImageGeneration"),
    "view_image_tool_call": called("ImageView"),
    "mcp_tool_call_end": mcp_call,
    "dynamic_tool_call_response": dynamic_call,
    "sub_agent_activity": activity,
    "context_compacted": lambda _payload: {"type": "ContextCompaction"},
    "entered_review_mode": lambda payload: {**payload, "type": "EnteredReviewMode"},
    "exited_review_mode": lambda payload: {**payload, "type": "ExitedReviewMode"},
}

LEGACY_NAMES = (
    TURN_NAMES | {"user_message", "agent_message", "agent_reasoning", "agent_reasoning_raw_content", "error"} | set(EVENTS)
)
"""The lines that a `LegacyTurnReader` reads."""
