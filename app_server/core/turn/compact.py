"""Compacting a thread's history within a turn: asking for the summary, and putting it in the place of what it sums up.

It happens in a turn of its own when a client asks for it, before a turn's first request, or between two of them when the
model's limit is reached. Until the summary is there nothing is changed, so a failed or interrupted compaction leaves the
thread as it was. Source: spec/turns.md section 8.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic_core import to_json

from app_server.core.compaction import prompt_message, summary_message, summary_text
from app_server.core.history import History
from app_server.core.history_item import noted
from app_server.core.model_settings import ModelSettings
from app_server.core.provider.base import Event, Provider, ProviderError, TurnState
from app_server.core.thread import Thread
from app_server.core.tools.base import Tool
from app_server.core.turn.answer import Completed, read_completed
from app_server.core.turn.item_log import ItemLog
from app_server.core.turn.model_items import message_text
from app_server.core.turn.provider_news import ProviderNews
from app_server.core.turn.request import make_request
from app_server.core.turn.sampling import ENDED_EARLY, Patience
from app_server.core.turn.turn import Kind, Phase, Turn
from protocol.item import ContextCompactionItem

TRIGGER = to_json({"type": "compaction_trigger"})
REMOTE_FAILED = "Error running remote compact task: "

When = Literal["standalone_turn", "pre_turn", "mid_turn"]


@dataclass(frozen=True, slots=True)
class Way:
    """How a turn reaches its provider, and how often it tries."""

    provider: Provider
    patience: Patience


class Compaction:
    """One compaction. `is_remote`: the provider makes the item by itself."""

    def __init__(self, thread: Thread, turn: Turn, log: ItemLog, way: Way, news: ProviderNews, is_remote: bool) -> None:
        self._thread = thread
        self._turn = turn
        self._log = log
        self._way = way
        self._news = news
        self._is_remote = is_remote

    async def run(self, when: When, model: ModelSettings, tools: Sequence[Tool], state: TurnState) -> None:
        """Compact the history. Raises: ProviderError. Cancel: at any time; the history is as it was then."""
        thread, turn = self._thread, self._turn
        item = ContextCompactionItem(id=thread.runtime.clock.uuid7())
        self._log.open(item)
        history = thread.history
        while True:
            turn.move(Phase.COMPACTING)
            try:
                made = await self._ask(history, when, model, tools, state)
                break
            except ProviderError as error:
                if error.info == "contextWindowExceeded" and not self._is_remote and len(history) > 1:
                    history = shortened(history, model)
                    continue
                self._news.refused(error)
                await self._wait(error)
        self._way.patience.renew()
        text = summary_text(message_text(made.item)) if not self._is_remote else ""
        summary = made.item if self._is_remote else summary_message(thread.new_item_id("msg"), text)
        if self._is_remote:
            thread.window.record_beside(turn, made.completed.response_id, made.completed.usage)
        else:
            if made.item:
                thread.recorder.item_for_model(noted(made.item, turn.id, None))
            thread.window.count(turn, made.completed.response_id, made.completed.usage)
            self._tell_usage(model)
        thread.window.compact(turn, summary, text, made.completed.response_id)
        self._news.publish_usage()
        self._log.close(item)

    def _tell_usage(self, model: ModelSettings) -> None:
        """Tell what is used of the window of the model that sums up."""
        self._thread.recorder.token_count(self._thread.usage.wire(model.effective_window))
        self._news.publish_usage(model.effective_window)

    async def _wait(self, error: ProviderError) -> None:
        self._turn.move(Phase.WAITING)
        try:
            await self._way.patience.wait(error)
        except ProviderError as last:
            if self._is_remote:
                last.message = f"{REMOTE_FAILED}{last.message}"
            raise last from None

    async def _ask(
        self, history: History, when: When, model: ModelSettings, tools: Sequence[Tool], state: TurnState
    ) -> "Summary":
        """One request for the summary. Raises: ProviderError."""
        thread, turn = self._thread, self._turn
        offered = tools if self._is_remote else ()
        items = history.for_request(model.reads, has_notes=self._is_remote)
        request = make_request(thread, turn, model, offered, state, "compaction", items, told_of(turn, when))
        last = TRIGGER if self._is_remote else to_json(prompt_message(thread.config.compact_prompt))
        is_parallel = request.parallel_tool_calls and self._is_remote
        request = replace(request, input=[*request.input, last], parallel_tool_calls=is_parallel)
        summary = Summary(self._is_remote)
        async with self._way.provider.stream(request) as stream:
            self._news.started(stream.started)
            if not self._is_remote and not stream.started.is_socket:
                self._tell_usage(model)
            async for events in stream:
                for event in events:
                    summary.receive(event)
                    if "response" in event:
                        self._news.event(event)
        summary.check()
        return summary


def told_of(turn: Turn, when: When) -> dict[str, Any]:
    """What the provider is told of why there is a compaction."""
    is_manual = turn.kind is Kind.COMPACT
    return {
        "trigger": "manual" if is_manual else "auto",
        "reason": "user_requested" if is_manual else "context_limit",
        "implementation": "responses",
        "phase": when,
        "strategy": "memento",
    }


def shortened(history: History, model: ModelSettings) -> History:
    """The history without its oldest items: one, or as many as the estimate says are too much."""
    window = model.info.context_window
    return history.without_oldest(history.tokens - window if window is not None else 0)


class Summary:
    """What is taken from the answer: the last message, or the one encrypted item."""

    def __init__(self, is_remote: bool) -> None:
        self._is_remote = is_remote
        self._items: list[dict[str, Any]] = []
        self._completed: Completed | None = None
        self.item: dict[str, Any] = {}

    @property
    def completed(self) -> Completed:
        """The end of the answer."""
        assert self._completed is not None
        return self._completed

    def receive(self, event: Event) -> None:
        """Take an event. Raises: ProviderError (an end that can't be used)."""
        if event.get("type") == "response.output_item.done" and isinstance(event.get("item"), dict):
            self._items.append(event["item"])
        elif event.get("type") == "response.completed":
            self._completed = read_completed(event)

    def check(self) -> None:
        """The answer is over. Raises: ProviderError (it is not what was asked for)."""
        if self._completed is None:
            raise ProviderError(ENDED_EARLY, is_retryable=True)
        kind = "compaction" if self._is_remote else "message"
        found = [item for item in self._items if item.get("type") == kind]
        if self._is_remote and len(found) != 1:
            raise ProviderError(
                f"Fatal error: remote compaction v2 expected exactly one compaction output item, got {len(found)} "
                f"from {len(self._items)} output items"
            )
        self.item = found[-1] if found else {}
