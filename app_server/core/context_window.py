"""How full the model's context is: what the provider has counted, what has come since, and the windows that follow each other.

A compaction begins the next window. Source: spec/turns.md sections 4 and 8.
"""

from typing import Any, Protocol

from app_server.core.briefing import Briefing, Items
from app_server.core.compaction import layout
from app_server.core.history import History
from app_server.core.model_settings import ModelSettings
from app_server.core.recorder import Recorder, Window
from app_server.core.runtime import Runtime
from app_server.core.turn.turn import Turn
from app_server.core.usage import TokenTotals, count_from
from protocol.goal import ThreadGoal


class Owner(Protocol):
    """The thread whose context it is."""

    briefing: Briefing
    usage: TokenTotals
    usage_turn_id: str | None
    usage_window: int | None
    history: History
    recorder: Recorder
    runtime: Runtime
    goal: ThreadGoal | None
    window_number: int
    window_id: str

    def model(self) -> ModelSettings:
        """What is asked of the model."""
        ...

    def turn_model(self, turn: Turn) -> ModelSettings:
        """What is asked of the model in a turn."""
        ...

    def publish_tokens(self, turn: Turn) -> None:
        """Tell the clients what the thread has used."""
        ...


class ContextWindow:
    """The context of one thread. `is_full`: the provider has said so, whatever the numbers say."""

    def __init__(self, thread: Owner) -> None:
        self._thread = thread
        self._counted = 0
        self._has_answers = False
        self._is_full = False

    def count(self, turn: Turn, response_id: str, usage: dict[str, Any] | None) -> None:
        """A whole answer has come: count its tokens, if the provider tells them."""
        thread = self._thread
        self._is_full = False
        self._has_answers = True
        if usage is None:
            return
        count = count_from(usage)
        thread.usage.add(count)
        turn.usage += count
        self.note_counted()
        thread.usage_turn_id, thread.usage_window = turn.id, thread.model().effective_window
        thread.recorder.usage(turn, response_id, count, thread.usage)
        if thread.goal is not None:
            thread.runtime.goal_used(thread, turn, count)

    def record_beside(self, turn: Turn, response_id: str, usage: dict[str, Any] | None) -> None:
        """The provider has compacted by itself: what that has used is in the file, and in no count that clients see."""
        if usage is not None:
            count, totals = count_from(usage), TokenTotals()
            totals.add(self._thread.usage.total)
            totals.add(count)
            turn.usage += count
            self._thread.recorder.usage(turn, response_id, count, totals)

    def publish(self, turn: Turn) -> None:
        """Tell clients what an answer has used; nothing, as long as the provider has never told of any."""
        thread = self._thread
        if not thread.usage.is_known:
            return
        thread.recorder.token_count(thread.usage.wire(thread.model().effective_window))
        thread.publish_tokens(turn)
        if thread.goal is not None:
            thread.runtime.goal_told(thread, turn)

    def note_counted(self) -> None:
        """What the history holds now is in the count of the last answer's tokens."""
        self._has_answers = True
        self._counted = self._thread.history.tokens

    @property
    def used_tokens(self) -> int:
        """The tokens in use: what the provider has counted last, and an estimate of what has come since."""
        return self._thread.usage.last.total + self._thread.history.tokens - self._counted

    def needs_room(self, model: ModelSettings) -> bool:
        """Whether the history has to be compacted before this model is asked again; a model that was not asked yet has room."""
        limit = model.info.compaction_limit
        return self._is_full or (self._has_answers and limit is not None and self.used_tokens >= limit)

    def note_full(self, turn: Turn) -> None:
        """The provider says that the context is full: counted as such, so that the next turn makes room first."""
        self._is_full = True
        window = self._thread.model().effective_window
        if window is not None:
            self._thread.usage.fill(window)
            self._thread.publish_tokens(turn)

    def compact(self, turn: Turn, summary: dict[str, Any], text: str, response_id: str) -> None:
        """Put a summary in the place of everything but the user's own words, and begin the next window."""
        thread = self._thread
        before, thread.window_id = thread.window_id, thread.runtime.clock.uuid7()
        thread.window_number += 1
        window = Window(thread.window_number, thread.window_id, before)

        def new_history(situation: Items) -> Items:
            items = layout(thread.history, situation, summary)
            thread.recorder.compacted(text, items, window, response_id)
            return items

        thread.recorder.forget_settings()
        thread.briefing.restart_history(turn, new_history)
        self._is_full = False
        thread.usage.estimate(thread.history.tokens)
        self.note_counted()
        thread.recorder.token_count(thread.usage.wire(thread.turn_model(turn).effective_window), includes_reasoning=True)
