"""Reads one streamed answer: provider events in, items and deltas out.

One branch per event that has an effect (`HANDLERS`); everything else is passed over. A text delta takes the shortest
way there is: one notification, no validation, no copy. Source: spec/upstream.md section 3, spec/turns.md section 2.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from app_server.core.ports import Outside
from app_server.core.provider.base import Event, ProviderError, ResponseStarted
from app_server.core.provider.outgoing import PLAIN_TOOLS
from app_server.core.tools.base import ToolCall
from app_server.core.tools.tool_search import search_call
from app_server.core.turn.item_log import ItemLog
from app_server.core.turn.messages import Messages
from app_server.core.turn.model_items import Item, ModelItems, message_text, phase_of
from protocol.item import AgentMessageItem, ReasoningItem, WebSearchItem
from protocol.item_events import (
    ReasoningSummaryPartAddedNotification,
    ReasoningSummaryTextDeltaNotification,
    ReasoningTextDeltaNotification,
)
from protocol.item_parts import FindInPageWebAction, OpenPageWebAction, OtherWebAction, SearchWebAction, WebSearchAction

TOOL_CALLS = frozenset({"function_call", "custom_tool_call", "tool_search_call"})


@dataclass(slots=True)
class Completed:
    """What `response.completed` told."""

    response_id: str
    usage: dict[str, Any] | None
    wants_more: bool


class News(Protocol):
    """Who wants to know what a provider tells beside the answer."""

    def started(self, started: ResponseStarted) -> None:
        """An answer has begun."""
        ...

    def event(self, event: Event) -> None:
        """An event that has more than an answer's members."""
        ...


@dataclass(frozen=True, slots=True)
class Hearers:
    """Who is told of what an answer brings, at once: finished items for the history, tool calls, its end, and news."""

    item: Callable[[dict[str, Any]], None]
    call: Callable[[ToolCall], None]
    completed: Callable[[Completed], None]
    news: News


class Answer:
    """The state of one answer. `messages` says how the model's messages are shown, `new_id` makes the ids that are missing."""

    def __init__(
        self,
        thread_id: str,
        turn_id: str,
        outside: Outside,
        log: ItemLog,
        messages: Messages,
        hearers: Hearers,
        new_id: Callable[[str], str],
    ) -> None:
        self._thread_id = thread_id
        self._turn_id = turn_id
        self._outside = outside
        self._log = log
        self._messages = messages
        self._hearers = hearers
        self._news = hearers.news
        self._items = ModelItems(new_id)
        self._reasoning: ReasoningItem | None = None
        self.last_message: Any = None
        self.last_text: str | None = None
        """All text of the last message, as the model wrote it."""
        self.completed: Completed | None = None
        self.has_limits = False
        """The answer has told of the account's limits, if only that there are none, as all do over HTTP."""

    def started(self, started: ResponseStarted) -> None:
        """The provider has begun to answer."""
        self.has_limits = not started.is_socket
        self._news.started(started)

    def receive(self, events: list[Event]) -> None:
        """Take one batch of events. Raises: ProviderError (a `response.completed` that can't be used)."""
        for event in events:
            handler = HANDLERS.get(event.get("type", ""))
            if handler is not None:
                handler(self, event)
            if "response" in event or "headers" in event or "metadata" in event or "safety_buffering" in event:
                self._news.event(event)

    def abandon(self) -> None:
        """The answer was cut: close what it had opened, with what had come so far."""
        self._messages.abandon()
        if self._reasoning is not None:
            self._log.close(self._reasoning, is_recorded=False)
            self._reasoning = None

    def _added(self, event: Event) -> None:
        item = self._items.begun(event.get("item"))
        if item is None:
            return
        kind = item["type"]
        if kind == "message" and item["role"] == "assistant":
            self._messages.begin(AgentMessageItem(id=str(item["id"]), text=message_text(item), phase=phase_of(item)))
        elif kind == "reasoning":
            self._reasoning = ReasoningItem(id=str(item["id"]), summary=[], content=[])
            self._log.open(self._reasoning)
        elif kind == "web_search_call":
            self._log.open(web_search(item))

    def _text_delta(self, event: Event) -> None:
        delta = event.get("delta")
        if isinstance(delta, str):
            self._messages.grow(delta)

    def _summary_part(self, event: Event) -> None:
        if self._reasoning is not None:
            self._outside.publish(
                self._thread_id,
                ReasoningSummaryPartAddedNotification(
                    thread_id=self._thread_id,
                    turn_id=self._turn_id,
                    item_id=self._reasoning.id,
                    summary_index=int(event.get("summary_index", 0)),
                ),
            )

    def _summary_delta(self, event: Event) -> None:
        if self._reasoning is not None:
            self._outside.publish(
                self._thread_id,
                ReasoningSummaryTextDeltaNotification(
                    thread_id=self._thread_id,
                    turn_id=self._turn_id,
                    item_id=self._reasoning.id,
                    delta=str(event.get("delta", "")),
                    summary_index=int(event.get("summary_index", 0)),
                ),
            )

    def _reasoning_delta(self, event: Event) -> None:
        if self._reasoning is not None:
            self._outside.publish(
                self._thread_id,
                ReasoningTextDeltaNotification(
                    thread_id=self._thread_id,
                    turn_id=self._turn_id,
                    item_id=self._reasoning.id,
                    delta=str(event.get("delta", "")),
                    content_index=int(event.get("content_index", 0)),
                ),
            )

    def _done(self, event: Event) -> None:
        item = self._items.finished(event.get("item"))
        if item is None:
            return
        kind = item["type"]
        if kind == "message":
            self._finish_message(item)
        elif kind == "reasoning":
            self._finish_reasoning(item)
        elif kind == "web_search_call":
            self._log.close(web_search(item))
        self._hearers.item(item)
        if kind in TOOL_CALLS:
            self._hearers.call(tool_call(item))

    def _finish_message(self, item: Item) -> None:
        if item["role"] != "assistant":
            return
        text = message_text(item)
        closed = self._messages.end(AgentMessageItem(id=str(item["id"]), text=text, phase=phase_of(item)))
        if text and phase_of(item) != "commentary":
            self.last_text = text
            self.last_message = closed

    def _finish_reasoning(self, item: Item) -> None:
        self._reasoning = None
        summary = [part["text"] for part in item["summary"]]
        content = [str(part.get("text", "")) for part in item.get("content") or [] if isinstance(part, dict)]
        self._log.close(ReasoningItem(id=str(item["id"]), summary=summary, content=content))

    def _limits(self, event: Event) -> None:
        self.has_limits = True
        self._news.event(event)

    def _completed(self, event: Event) -> None:
        self.completed = read_completed(event)
        self._hearers.completed(self.completed)


HANDLERS: dict[str, Callable[[Answer, Event], None]] = {
    "response.output_text.delta": Answer._text_delta,
    "response.output_item.added": Answer._added,
    "response.output_item.done": Answer._done,
    "response.reasoning_summary_part.added": Answer._summary_part,
    "response.reasoning_summary_text.delta": Answer._summary_delta,
    "response.reasoning_text.delta": Answer._reasoning_delta,
    "response.completed": Answer._completed,
    "codex.rate_limits": Answer._limits,
}


def read_completed(event: Event) -> Completed:
    """What `response.completed` tells. Raises: ProviderError (it can't be used)."""
    response = event.get("response")
    if not isinstance(response, dict) or not isinstance(response.get("id"), str):
        raise ProviderError(
            "stream disconnected before completion: failed to parse ResponseCompleted: missing field `id`", is_retryable=True
        )
    usage = response.get("usage")
    return Completed(response["id"], usage if isinstance(usage, dict) else None, response.get("end_turn") is False)


def web_search(item: dict[str, Any]) -> WebSearchItem:
    """A hosted search as clients see it; before it has happened its action is unknown."""
    action = item.get("action") if isinstance(item.get("action"), dict) else None
    return WebSearchItem(id=str(item.get("id", "")), query=search_query(action), action=search_action(action), results=None)


def search_query(action: dict[str, Any] | None) -> str:
    """One line that says what was looked for."""
    if action is None:
        return ""
    if action.get("type") == "find_in_page":
        return f"'{action.get('pattern', '')}' in {action.get('url', '')}"
    queries = action.get("queries")
    if not action.get("query") and isinstance(queries, list) and queries:
        return f"{queries[0]} ..." if len(queries) > 1 else str(queries[0])
    return str(action.get("query") or action.get("url") or "")


def search_action(action: dict[str, Any] | None) -> WebSearchAction:
    """The action in the wire's words."""
    if action is not None and action.get("type") == "search":
        return SearchWebAction(query=action.get("query"), queries=action.get("queries"))
    if action is not None and action.get("type") == "open_page":
        return OpenPageWebAction(url=action.get("url"))
    if action is not None and action.get("type") == "find_in_page":
        return FindInPageWebAction(url=action.get("url"), pattern=action.get("pattern"))
    return OtherWebAction()


def tool_call(item: dict[str, Any]) -> ToolCall:
    """The call that an item asks for."""
    if item.get("type") == "tool_search_call":
        return search_call(str(item.get("call_id", "")), item.get("arguments"))
    is_custom = item.get("type") == "custom_tool_call"
    namespace = item.get("namespace")
    arguments = item.get("input" if is_custom else "arguments", "")
    return ToolCall(
        call_id=str(item.get("call_id", "")),
        name=str(item.get("name", "")),
        arguments=arguments if isinstance(arguments, str) else "",
        namespace=None if namespace == PLAIN_TOOLS else namespace,
        is_custom=is_custom,
    )
