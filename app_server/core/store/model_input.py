"""What the model had been shown when a thread's file ends: from lines to the items of the next request.

It is what the last compaction put in the place of everything before, and the items since. Turns that no longer count
are cut off, which needs to be told where each of them began. Source: spec/threads.md section 9, spec/turns.md section 8.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app_server.core.store.fields import table, text, whole
from app_server.core.store.reader import Line

MODEL_NAMES = frozenset({"response_item", "compacted", "world_state", "session_meta"})
"""The lines that a `ModelInput` reads."""


class CompactedAway(Exception):
    """Turns are to be cut off that began before a compaction, and what was before it has been let go."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How things stood when a turn began."""

    items: list[dict[str, Any]]
    count: int
    world_state: dict[str, Any] | None
    window_number: int
    window_id: str | None


class ModelInput:
    """Collects the model's items. With `keeps_all`, what a compaction replaces is kept for turns that are cut off later."""

    def __init__(self, window_id: str | None = None, *, keeps_all: bool = False) -> None:
        self.items: list[dict[str, Any]] = []
        self.world_state: dict[str, Any] | None = None
        self.window_number = 0
        self.window_id = window_id
        self._keeps_all = keeps_all
        self._marks: dict[str, Mark] = {}
        self._has_let_go = False

    def begin(self, turn_id: str, *, after_user_message: bool = False) -> None:
        """A turn begins here; or, in files that don't tell that, just before the user's message that came last."""
        count = len(self.items)
        if after_user_message and self.items and self.items[-1].get("role") == "user":
            count -= 1
        self._marks.setdefault(turn_id, Mark(self.items, count, self.world_state, self.window_number, self.window_id))

    def feed(self, line: Line) -> None:
        """Take a line; those of other kinds change nothing."""
        match line.name:
            case "response_item":
                self.items.append(line.payload)
            case "compacted":
                self._compact(line.payload)
            case "session_meta":  # a fork begins a window of its own
                self.window_id = text(table(line.payload, "context_window"), "window_id") or self.window_id
            case "world_state":
                state = line.payload.get("state")
                if isinstance(state, dict):
                    is_full = line.payload.get("full") is True
                    self.world_state = state if is_full else {**(self.world_state or {}), **state}

    def cut(self, turn_ids: Iterable[str]) -> None:
        """Forget what came since the first of these turns began. Raises: CompactedAway."""
        for turn_id in turn_ids:
            mark = self._marks.pop(turn_id, None)
            if mark is not None:
                self.items = mark.items[: mark.count]
                self.world_state, self.window_number, self.window_id = mark.world_state, mark.window_number, mark.window_id
                return
            if self._has_let_go:
                raise CompactedAway

    def _compact(self, payload: dict[str, Any]) -> None:
        history = payload.get("replacement_history")
        if isinstance(history, list):
            self.items = [item for item in history if isinstance(item, dict)]
        else:  # older files only have the summary
            kept = [item for item in self.items if item.get("role") == "user"]
            part = {"type": "input_text", "text": text(payload, "message") or ""}
            self.items = [*kept, {"type": "message", "role": "user", "content": [part]}]
        number = whole(payload, "window_number")
        self.window_number = number if number is not None else self.window_number + 1
        self.window_id = text(payload, "window_id") or self.window_id
        if not self._keeps_all and self._marks:
            self._marks.clear()
            self._has_let_go = True
