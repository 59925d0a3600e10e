"""A thread's turns from its lines: what clients are shown of the past.

`TurnReader` is fed lines, oldest first. In numbered files every item stands in a line of its own with its turn's id;
`LegacyTurnReader` (in `legacy`) knows the older kind. A turn stands where it began, or, if nothing says so, where it
ended; one that neither began nor ended, where its first item stands. A turn that never ended was interrupted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from app_server.core.store.fields import table, text, whole
from app_server.core.store.items import read_item
from app_server.core.store.reader import Line, Warn, ignore
from app_server.core.store.words import camel_keys, wire_error_info
from protocol.turn import Turn, TurnError, TurnStatus

TURN_NAMES = frozenset(
    {"task_started", "task_complete", "turn_aborted", "item_completed", "input_accepted", "thread_rolled_back"}
)
"""The lines that a `TurnReader` reads."""
SAID = frozenset({"agentMessage", "reasoning"})


@dataclass(slots=True)
class StoredItem:
    """An item and where its line stands in the thread."""

    position: int
    item: Any
    """One of `ThreadItem`."""


@dataclass(slots=True)
class Accepted:
    """Words that the user was told have arrived, for a turn that has not taken them yet."""

    turn_id: str
    item: StoredItem
    message: Mapping[str, Any]
    """The same for the model."""


@dataclass(slots=True)
class StoredTurn:
    """A turn as its lines tell it."""

    id: str
    position: int
    root_id: str | None = None
    status: TurnStatus = "inProgress"
    error: TurnError | None = None
    started_at: int | None = None
    completed_at: int | None = None
    duration_ms: int | None = None
    kept: dict[tuple[str, ...], StoredItem] = field(default_factory=dict)
    end_position: int | None = None
    is_placed: bool = True
    """Whether its position is that of a line about the turn itself, not of an item."""

    @property
    def items(self) -> list[StoredItem]:
        """The items, in the order of their lines."""
        return list(self.kept.values())

    def add(self, position: int, item: Any) -> None:
        """Add an item. A tool's that is told again takes the place of what was told first; models may use an id twice."""
        key = (item.type, item.id) if item.type not in SAID else (item.type, item.id, str(position))
        known = self.kept.get(key)
        self.kept[key] = StoredItem(position if known is None else known.position, item)

    def wire(self) -> Turn:
        """The turn as clients see it, with all its items."""
        return Turn(
            id=self.id,
            root_turn_id=self.root_id,
            items=[each.item for each in self.kept.values()],
            items_view="full",
            status=self.status,
            error=self.error,
            started_at=self.started_at,
            completed_at=self.completed_at,
            duration_ms=self.duration_ms,
        )


class TurnReader:
    """Collects turns from lines of numbered files."""

    names = TURN_NAMES

    def __init__(self, warn: Warn = ignore) -> None:
        self._turns: dict[str, StoredTurn] = {}
        self._accepted: dict[str, Accepted] = {}
        self._warn = warn

    def feed(self, line: Line) -> None:
        """Take a line; those of other kinds change nothing."""
        match line.name:
            case "task_started":
                self._begin(line)
            case "task_complete" | "turn_aborted":
                self._end(line)
            case "item_completed":
                self._add_item(line)
            case "input_accepted":
                self._accept(line)
            case "thread_rolled_back":
                self.roll_back(line)

    def turns(self, running_id: str | None = None) -> list[StoredTurn]:
        """The turns so far, oldest first, if nothing more comes except for the one that is running."""
        for turn in self._turns.values():
            if turn.status == "inProgress" and turn.id != running_id:
                turn.status = "interrupted"
        for words in self.untaken(running_id):
            self._turns[words.turn_id].add(words.item.position, words.item.item)
        return list(self._turns.values())

    def untaken(self, running_id: str | None = None) -> list[Accepted]:
        """Words that arrived for a turn which could never take them, since its process died."""
        return [each for each in self._accepted.values() if each.turn_id in self._turns and each.turn_id != running_id]

    def _begin(self, line: Line) -> None:
        turn = self._placed(line)
        if turn is not None:
            turn.root_id = text(line.payload, "root_turn_id") or turn.root_id
            turn.started_at = whole(line.payload, "started_at")

    def _end(self, line: Line) -> None:
        turn = self._placed(line)
        if turn is None:
            return
        payload = line.payload
        error = read_error(payload.get("error"))
        turn.error = error or turn.error
        if line.name == "turn_aborted":
            turn.status, turn.error = "interrupted", None
        else:
            turn.status = "completed" if turn.error is None else "failed"
        turn.root_id = turn.root_id or text(payload, "root_turn_id")
        turn.started_at = turn.started_at if turn.started_at is not None else whole(payload, "started_at")
        turn.completed_at = whole(payload, "completed_at")
        turn.duration_ms = whole(payload, "duration_ms")
        turn.end_position = line.position
        for words in [each for each in self._accepted.values() if each.turn_id == turn.id]:
            self._take(words.item.item)  # a turn that ends in order has dropped on purpose what it did not take

    def _add_item(self, line: Line) -> None:
        payload = line.payload
        turn_id = text(payload, "turn_id")
        item = read_item(payload.get("item"), whole(payload, "started_at_ms"), whole(payload, "completed_at_ms"))
        if turn_id is None or item is None:
            self._warn(f"passed over an item that makes no sense, in line {line.position}")
            return
        self._take(item)
        turn = self._turns.get(turn_id)
        if turn is None:
            turn = self._turns[turn_id] = StoredTurn(turn_id, line.position, is_placed=False)
        turn.add(line.position, item)

    def _accept(self, line: Line) -> None:
        payload = line.payload
        turn_id, item = text(payload, "turn_id"), read_item(payload.get("item"), line.time_ms, line.time_ms)
        if turn_id is not None and item is not None:
            self._accepted[item.id] = Accepted(turn_id, StoredItem(line.position, item), table(payload, "message"))

    def _take(self, item: Any) -> None:
        """A turn has taken what was accepted for it."""
        self._accepted.pop(item.id, None)

    def roll_back(self, line: Line) -> list[str]:
        """Drop the turns that a line says no longer count, and return their ids."""
        count = whole(line.payload, "num_turns") or 0
        dropped = list(self._turns)[max(len(self._turns) - count, 0) :]
        for turn_id in dropped:
            del self._turns[turn_id]
        return dropped

    def _placed(self, line: Line) -> StoredTurn | None:
        """The turn that a line is about, moved to where that line stands unless it has its place already."""
        turn_id = text(line.payload, "turn_id")
        if turn_id is None:
            return None
        turn = self._turns.get(turn_id)
        if turn is not None and not turn.is_placed:
            del self._turns[turn_id]
            turn.position, turn.is_placed = line.position, True
            self._turns[turn_id] = turn
        elif turn is None:
            turn = self._turns[turn_id] = StoredTurn(turn_id, line.position)
        return turn


def read_error(stored: object) -> TurnError | None:
    """Why a turn failed, from its last line or an `error` event."""
    if not isinstance(stored, Mapping) or not isinstance(message := stored.get("message"), str):
        return None
    data = {
        "message": message,
        "codexErrorInfo": wire_error_info(stored.get("codex_error_info")),
        "additionalDetails": stored.get("additional_details"),
        "misalignment": camel_keys(stored.get("misalignment")),
    }
    try:
        return TurnError.model_validate(data)
    except ValidationError:
        return TurnError(message=message)
