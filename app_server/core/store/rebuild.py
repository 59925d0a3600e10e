"""A stored thread, rebuilt from its lines: what clients are shown, what the model is shown, and how it was set up.

Reading a big thread takes a while (a second for some hundred megabytes): call it in a worker thread.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app_server.core.store.fields import table, text, whole
from app_server.core.store.head import Head
from app_server.core.store.legacy import LEGACY_NAMES, LegacyTurnReader
from app_server.core.store.model_input import MODEL_NAMES, CompactedAway, ModelInput
from app_server.core.store.reader import Line, Warn, ignore
from app_server.core.store.segment import Segment, chain, chain_backward, chain_forward
from app_server.core.store.settings import StoredSettings, read_settings, with_context
from app_server.core.store.turns import TURN_NAMES, StoredTurn, TurnReader
from protocol.goal import ThreadGoal
from protocol.turn_events import ThreadTokenUsage, TokenUsageBreakdown

GOAL_NAMES = frozenset({"thread_goal_updated", "thread_goal_cleared"})
STATE_NAMES = frozenset({"thread_settings_applied", "turn_context", "token_count", "token_usage_record", *GOAL_NAMES})
SETTINGS_NAMES = frozenset({"thread_settings_applied", "turn_context"})
UNTAKEN = frozenset({"input_accepted"})
USAGE_MEMBERS = (
    "total_tokens",
    "input_tokens",
    "cached_input_tokens",
    "cache_write_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
)


@dataclass(slots=True)
class StoredThread:
    """All that a thread's files say."""

    segments: list[Segment]
    turns: list[StoredTurn] = field(default_factory=list)
    """Oldest first; without items if they were not asked for and the files are numbered."""
    model_items: list[dict[str, Any]] = field(default_factory=list)
    world_state: dict[str, Any] | None = None
    window_number: int = 0
    window_id: str | None = None
    settings: StoredSettings = field(default_factory=StoredSettings)
    told: StoredSettings | None = None
    """The settings that the model was last told; None if it was told none."""
    usage: ThreadTokenUsage | None = None
    usage_turn_id: str | None = None
    """The turn whose tokens were counted last."""
    goal: ThreadGoal | None = None

    @property
    def path(self) -> Path:
        """The thread's current file."""
        return self.segments[-1].path

    @property
    def head(self) -> Head:
        """What the current file says about the thread."""
        return self.segments[-1].head


def rebuild(home: Path, path: Path, *, has_items: bool = True, warn: Warn = ignore) -> StoredThread:
    """The thread whose current file this is. Without items it takes a fraction of the time. Raises: StoreError."""
    return rebuild_chain(chain(home, path, warn), has_items=has_items, warn=warn)


def rebuild_chain(segments: list[Segment], *, has_items: bool = True, warn: Warn = ignore) -> StoredThread:
    """The thread that these files hold, read no further than their ends. Raises: StoreError."""
    try:
        return _rebuild(segments, has_items, warn, keeps_all=False)
    except CompactedAway:
        return _rebuild(segments, has_items, ignore, keeps_all=True)


def all_turns(
    segments: list[Segment], *, has_items: bool = True, running_id: str | None = None, warn: Warn = ignore
) -> list[StoredTurn]:
    """The turns alone, oldest first; the one with `running_id` is not over yet. Raises: StoreError."""
    reader, names = turn_reader(segments, has_items, warn)
    for line in chain_forward(segments, names, warn):
        reader.feed(line)
    return reader.turns(running_id)


def newest_turns(home: Path, path: Path, count: int, *, warn: Warn = ignore) -> list[StoredTurn]:
    """The last turns of the thread whose current file this is, oldest of them first. Raises: StoreError."""
    return last_turns(chain(home, path, warn), count, warn=warn)


def last_turns(
    segments: list[Segment], count: int, *, before: int | None = None, running_id: str | None = None, warn: Warn = ignore
) -> list[StoredTurn]:
    """The last turns, oldest of them first, read from the end; with `before`, the last of those that begin before it.

    In unnumbered files items are numbered from the start, so there it takes as long as reading all. Raises: StoreError.
    """
    if count <= 0:
        return []
    lines: list[Line] = []
    wanted = count
    if segments[-1].head.history_mode == "paginated":
        for line in chain_backward(segments, TURN_NAMES, warn):
            if line.name == "thread_rolled_back" and before is not None:
                wanted, lines = 0, []  # which turns count can't be told from this end
                break
            if line.name == "thread_rolled_back":
                wanted += whole(line.payload, "num_turns") or 0
            if wanted <= 0 and line.name not in ("item_completed", "input_accepted"):
                break  # the end of the turn before; items that came ahead of a turn's beginning are read by now
            if before is not None and line.name == "task_started" and line.position >= before:
                lines.clear()
                continue
            lines.append(line)
            wanted -= line.name == "task_started"
    if not lines:
        every = all_turns(segments, running_id=running_id, warn=warn)
        return [turn for turn in every if before is None or turn.position < before][-count:]
    reader = TurnReader(warn)
    for line in reversed(lines):
        reader.feed(line)
    return [turn for turn in reader.turns(running_id) if turn.is_placed][-count:]


def turn_reader(segments: list[Segment], has_items: bool = True, warn: Warn = ignore) -> tuple[TurnReader, frozenset[str]]:
    """A reader for these files, and the lines that it reads. Items are numbered through unnumbered files, so all count there."""
    if segments[-1].head.history_mode == "legacy":
        return LegacyTurnReader(warn), LEGACY_NAMES
    return TurnReader(warn), TURN_NAMES if has_items else TURN_NAMES - {"item_completed", "input_accepted"}


def _rebuild(segments: list[Segment], has_items: bool, warn: Warn, *, keeps_all: bool) -> StoredThread:
    head = segments[-1].head
    turns, names = turn_reader(segments, has_items, warn)
    model = ModelInput(head.window_id, keeps_all=keeps_all)
    thread = StoredThread(segments)
    _feed_all(thread, turns, model, chain_forward(segments, names | MODEL_NAMES | STATE_NAMES | UNTAKEN, warn))
    thread.turns = turns.turns()
    thread.model_items = model.items + [dict(words.message) for words in turns.untaken()]
    thread.world_state = model.world_state
    thread.window_number, thread.window_id = model.window_number, model.window_id
    thread.settings = _with_head(thread.settings, head)
    return thread


def _feed_all(thread: StoredThread, turns: TurnReader, model: ModelInput, lines: Iterable[Line]) -> None:
    turn_id: str | None = None
    told: dict[str, StoredSettings | None] = {}
    last = ""
    for line in lines:
        if line.name == "thread_rolled_back":
            dropped = turns.roll_back(line)
            model.cut(dropped)
            thread.told = told.get(dropped[0], thread.told) if dropped else thread.told
        elif line.name in MODEL_NAMES:
            model.feed(line)
            last = ""
        elif line.name in STATE_NAMES:
            _note_state(thread, line, turn_id)
            if line.name in SETTINGS_NAMES:  # right after a turn's context, all settings say the same and more of it
                if "turn_context" in (line.name, last):
                    thread.told = thread.settings
                last = line.name
        else:
            if line.name == "task_started":
                turn_id = text(line.payload, "turn_id")
                model.begin(turn_id or "")
                told.setdefault(turn_id or "", thread.told)
            turns.feed(line)
            if isinstance(turns, LegacyTurnReader) and turns.untold_id is not None:
                model.begin(turns.untold_id, after_user_message=True)


def _note_state(thread: StoredThread, line: Line, turn_id: str | None) -> None:
    payload = line.payload
    match line.name:
        case "thread_settings_applied":
            read = read_settings(table(payload, "thread_settings"))
            thread.settings = replace(read, is_realtime=thread.settings.is_realtime)
        case "turn_context":
            thread.settings = with_context(thread.settings, payload)
        case "token_count":
            usage = read_usage(payload.get("info"))
            if usage is not None:
                thread.usage, thread.usage_turn_id = usage, turn_id
        case "token_usage_record":
            thread.usage_turn_id = text(payload, "turn_id") or thread.usage_turn_id
        case "thread_goal_updated":
            thread.goal = read_goal(payload.get("goal"))
        case "thread_goal_cleared":
            thread.goal = None


def read_usage(info: object) -> ThreadTokenUsage | None:
    """The counts of a `token_count` line, or None if it has none."""
    if not isinstance(info, Mapping):
        return None
    total, last = (_breakdown(table(info, name)) for name in ("total_token_usage", "last_token_usage"))
    return ThreadTokenUsage(total=total, last=last, model_context_window=whole(info, "model_context_window"))


def _breakdown(stored: Mapping[str, Any]) -> TokenUsageBreakdown:
    return TokenUsageBreakdown(**{name: whole(stored, name) or 0 for name in USAGE_MEMBERS})


def read_goal(stored: object) -> ThreadGoal | None:
    """The goal of a `thread_goal_updated` line."""
    try:
        return ThreadGoal.model_validate(stored)
    except ValidationError:
        return None


def _with_head(settings: StoredSettings, head: Head) -> StoredSettings:
    """The settings, with what only the head says where nothing else does."""
    cwd = settings.cwd or head.cwd
    return replace(
        settings,
        cwd=cwd,
        runtime_workspace_roots=settings.runtime_workspace_roots or head.workspace_roots or (cwd,),
        model_provider=settings.model_provider or head.model_provider,
    )
