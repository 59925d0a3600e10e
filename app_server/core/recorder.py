"""What of a thread goes into its file, and when: the one place between a thread and the store.

The file comes into being with the first turn. An ephemeral thread has none; then everything here does nothing.
Source: spec/threads.md sections 2, 8 and 9 (the order of lines is the reference's).
"""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

from app_server.core import git
from app_server.core.frozen import frozen
from app_server.core.model_settings import ModelSettings
from app_server.core.runtime import Runtime
from app_server.core.settings import ThreadSettings
from app_server.core.store import lines
from app_server.core.store.errors import StoreError
from app_server.core.store.head import Head
from app_server.core.store.legacy_lines import item_lines
from app_server.core.store.lock import WriterLock, lock_writer
from app_server.core.store.paths import rollout_path
from app_server.core.store.rollout import Rollout
from app_server.core.turn.turn import Outcome, Turn
from app_server.core.usage import TokenCount, TokenTotals
from protocol.base import Record
from protocol.goal import ThreadGoal
from protocol.turn_events import ThreadTokenUsage


@frozen
class Window:
    """A window of the model's context: each compaction begins the next one."""

    number: int
    id: str
    before: str


log = logging.getLogger(__name__)


class Recorder:
    """Writes one thread's file.

    `head` is what the thread was made as; it is the file's first line. `updated_ms` is when anything was last written.
    """

    def __init__(self, runtime: Runtime, head: Head, rollout: Rollout | None, lock: WriterLock | None) -> None:
        self._runtime = runtime
        self._thread_id = head.thread_id
        self._rollout = rollout
        self._lock = lock
        self._is_over = False
        self.head = head
        self.updated_ms = head.created_ms
        self.recorded_settings: ThreadSettings | None = None
        """The settings that the file says the thread has."""
        self._noted_settings: ThreadSettings | None = None

    @classmethod
    def for_new_thread(cls, runtime: Runtime, head: Head, is_ephemeral: bool) -> "Recorder":
        """A recorder whose file does not exist yet; lines are numbered on from those that the thread continues.

        Raises: StoreError (the home can't be written).
        """
        if is_ephemeral:
            return cls(runtime, head, None, None)
        path = rollout_path(runtime.home, head.created_ms, head.thread_id)
        first = head.base.end_ordinal if head.base is not None else 0
        rollout = Rollout(path, runtime.clock, first_ordinal=first, is_numbered=head.history_mode == "paginated")
        return cls(runtime, head, rollout, lock_writer(runtime.home, head.thread_id))

    @property
    def path(self) -> str | None:
        """Where the thread's file is or will be."""
        return str(self._rollout.path) if self._rollout is not None else None

    @property
    def rollout(self) -> Rollout | None:
        """The file, if the thread has or will have one."""
        return self._rollout

    @property
    def is_on_disk(self) -> bool:
        """Whether the thread has a file."""
        return self._rollout is not None and self._rollout.is_on_disk

    def materialize(self) -> None:
        """Create the file, if it is not there yet. Raises: StoreError."""
        if self._rollout is None or self._rollout.is_on_disk:
            return
        facts = git.facts(Path(self.head.cwd))
        self.head = replace(self.head, git=facts.known() if facts else None)
        self._rollout.materialize(lines.session_meta(self.head)[1])
        self.updated_ms = self._runtime.clock.now_ms()

    def turn_started(self, turn: Turn, window: int | None, settings: ThreadSettings) -> None:
        """A turn begins."""
        started_at = turn.started_at_ms // 1000
        self._append(
            lines.task_started(turn.id, started_at=started_at, window=window, root_turn_id=turn.root_id, mode=settings.mode)
        )

    def turn_context(self, turn_id: str, settings: ThreadSettings, model: ModelSettings, *, is_realtime: bool = False) -> None:
        """What the turn runs with; and the thread's settings, when they were not recorded like this before."""
        summary = model.asked.summary or "none"
        self._append(lines.turn_context(turn_id, settings, effort=settings.effort, summary=summary, is_realtime=is_realtime))
        self.settings(settings)

    def settings(self, settings: ThreadSettings) -> None:
        """The thread's settings, unless the file says them already."""
        if settings != self.recorded_settings:
            self.recorded_settings = settings
            self._append(lines.thread_settings_applied(self._thread_id, settings))

    def forget_settings(self) -> None:
        """The settings are recorded once more when they come next, so that nobody need look further back than that."""
        self.recorded_settings = None

    def note_settings(self, settings: ThreadSettings) -> None:
        """The same for a turn without a model; the first real turn repeats them, as in the reference."""
        if settings not in (self.recorded_settings, self._noted_settings):
            self._noted_settings = settings
            self._append(lines.thread_settings_applied(self._thread_id, settings))

    def world_state(self, state: dict[str, Any], *, is_full: bool) -> None:
        """What the model has been told of its surroundings: all of it, or what has changed."""
        if state:
            self._append(lines.world_state(state, is_full=is_full))

    def item_for_model(self, item: dict[str, Any]) -> None:
        """An item of the model's input or output."""
        self._append(lines.response_item(item))

    def closed_item(self, turn_id: str, item: Any) -> None:
        """An item that clients have seen is complete."""
        for line in item_lines(self._thread_id, turn_id, item, is_numbered=self.head.history_mode == "paginated"):
            self._append(line)

    def realtime_item(self, item: Record) -> None:
        """Something of a spoken conversation."""
        self._append(lines.realtime_item(item))

    def accepted_input(self, turn_id: str, item: Record, message: dict[str, Any]) -> None:
        """The user's words for a turn that runs have arrived; the turn takes them later."""
        self._append(lines.input_accepted(turn_id, item, message))

    def goal(self, goal: ThreadGoal | None) -> None:
        """What the thread works towards, or that it has no goal any more."""
        self._append(lines.thread_goal_cleared(self._thread_id) if goal is None else lines.thread_goal_updated(goal))

    def rolled_back(self, turn_count: int) -> None:
        """The last turns no longer count."""
        self._append(lines.thread_rolled_back(turn_count))

    def usage(self, turn: Turn, response_id: str, count: TokenCount, totals: TokenTotals) -> None:
        """An answer has used tokens."""
        self._append(
            lines.token_usage_record(
                self._thread_id,
                turn.id,
                response_id,
                usage=count.wire(),
                turn_usage=turn.usage.wire(),
                thread_usage=totals.total.wire(),
            )
        )

    def token_count(self, usage: ThreadTokenUsage, *, includes_reasoning: bool = False) -> None:
        """The tokens that the thread has used by now; after a compaction they are estimated."""
        self._append(lines.token_count(usage, includes_reasoning=includes_reasoning))

    def compacted(self, text: str, items: list[dict[str, Any]], window: Window, response_id: str) -> None:
        """From here on the model sees these items instead of all before."""
        line = lines.compacted(
            text,
            items,
            window_number=window.number,
            window_id=window.id,
            previous_window_id=window.before,
            first_window_id=self.head.window_id or window.before,
            response_id=response_id,
        )
        self._append(line)

    def turn_ended(self, turn: Turn) -> None:
        """The turn is over, and put on the disk for good; even a disk that does not take it can't undo its end."""
        started, ended = turn.started_at_ms, turn.ended_at_ms or turn.started_at_ms
        start_s, end_s, duration_ms = started // 1000, ended // 1000, ended - started
        if turn.outcome is Outcome.INTERRUPTED:
            reason = "replaced" if turn.is_replaced else "interrupted"
            line = lines.turn_aborted(
                turn.id, started_at=start_s, completed_at=end_s, duration_ms=duration_ms, reason=reason, root_turn_id=turn.root_id
            )
        else:
            line = lines.task_complete(
                turn.id,
                last_agent_message=turn.last_message.text if turn.last_message is not None else None,
                started_at=start_s,
                completed_at=end_s,
                duration_ms=duration_ms,
                error=turn.error,
                root_turn_id=turn.root_id,
            )
        try:
            self._append(line)
        except StoreError as error:
            log.error("the end of turn %s is not on disk: %s", turn.id, error)
        self.sync()

    def turn_cut(self, turn_id: str, started_at: int | None) -> None:
        """A turn of the thread that this one continues is over here, whatever becomes of it there."""
        self._append(lines.turn_aborted(turn_id, started_at=started_at))

    def sync(self) -> None:
        """Have what was written put on the disk, which nobody waits for but the server's end."""
        descriptor = self._rollout.detach() if self._rollout is not None else None
        if descriptor is not None:
            self._runtime.spawn(self._runtime.sync_file, descriptor, self.path)

    def take_over(self) -> WriterLock | None:
        """Give the right to write the thread to another recorder; this one writes no more."""
        lock, self._lock = self._lock, None
        self.sync()
        self._is_over = True
        return lock

    def hold(self, lock: WriterLock | None) -> None:
        """From now on this recorder has the right to write the thread."""
        self._lock = lock

    def close(self) -> None:
        """Let other processes have the thread."""
        lock = self.take_over()
        if lock is not None:
            lock.release()

    def end(self) -> None:
        """The server ends: put what was written on the disk at once, and let other processes have the thread."""
        if self._rollout is not None:
            self._rollout.sync()
        self.close()

    def _append(self, line: lines.Line) -> None:
        if self._is_over:
            return  # what comes late has no place any more: the file may be somebody else's by now
        self.updated_ms = self._runtime.clock.now_ms()
        if self._rollout is not None:
            self._rollout.append(*line)
