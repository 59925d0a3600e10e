"""What of a thread goes into its file, and when: the one place between a thread and the store.

The file comes into being with the first turn. An ephemeral thread has none; then everything here does nothing.
Source: spec/threads.md sections 2, 8 and 9 (the order of lines is the reference's).
"""

from pathlib import Path
from typing import Any

from app_server import PROTOCOL_VERSION
from app_server.core import git
from app_server.core.model_settings import ModelSettings
from app_server.core.runtime import Runtime
from app_server.core.settings import ThreadSettings
from app_server.core.store import lines
from app_server.core.store.head import Head
from app_server.core.store.lock import WriterLock, lock_writer
from app_server.core.store.paths import rollout_path
from app_server.core.store.rollout import Rollout
from app_server.core.turn.turn import Outcome, Turn
from app_server.core.usage import TokenCount, TokenTotals
from protocol.base import Record


class Recorder:
    """Writes one thread's file."""

    def __init__(self, runtime: Runtime, thread_id: str, rollout: Rollout | None, lock: WriterLock | None) -> None:
        self._runtime = runtime
        self._thread_id = thread_id
        self._rollout = rollout
        self._lock = lock
        self._recorded_settings: ThreadSettings | None = None
        self.originator = runtime.originator()
        self.git: git.GitFacts | None = None

    @classmethod
    def for_new_thread(cls, runtime: Runtime, thread_id: str, is_ephemeral: bool) -> "Recorder":
        """A recorder whose file does not exist yet. Raises: StoreError (the home can't be written)."""
        if is_ephemeral:
            return cls(runtime, thread_id, None, None)
        path = rollout_path(runtime.home, runtime.clock.now_ms(), thread_id)
        return cls(runtime, thread_id, Rollout(path, runtime.clock), lock_writer(runtime.home, thread_id))

    @property
    def path(self) -> str | None:
        """Where the thread's file is or will be."""
        return str(self._rollout.path) if self._rollout is not None else None

    @property
    def is_on_disk(self) -> bool:
        """Whether the thread has a file."""
        return self._rollout is not None and self._rollout.is_on_disk

    def materialize(self, settings: ThreadSettings, base_instructions: str, window_id: str) -> None:
        """Create the file, if it is not there yet. Raises: StoreError."""
        if self._rollout is None or self._rollout.is_on_disk:
            return
        self.git = git.facts(Path(settings.cwd))
        head = Head(
            thread_id=self._thread_id,
            session_id=self._thread_id,
            created_ms=self._runtime.clock.now_ms(),
            cwd=settings.cwd,
            workspace_roots=settings.runtime_workspace_roots,
            originator=self.originator,
            cli_version=PROTOCOL_VERSION,
            source="vscode",
            model_provider=settings.model_provider,
            base_instructions=base_instructions,
            window_id=window_id,
            git=self.git.known() if self.git else None,
        )
        self._rollout.materialize(lines.session_meta(head)[1])

    def turn_started(self, turn: Turn, window: int | None, settings: ThreadSettings) -> None:
        """A turn begins."""
        self._append(lines.task_started(turn.id, started_at=turn.started_at_ms // 1000, window=window, mode=settings.mode))

    def turn_context(self, turn: Turn, settings: ThreadSettings, model: ModelSettings) -> None:
        """What the turn runs with; and the thread's settings, when they were not recorded like this before."""
        asked = model.asked
        self._append(lines.turn_context(turn.id, settings, effort=asked.effort, summary=asked.summary or "none"))
        if settings != self._recorded_settings:
            self._recorded_settings = settings
            self._append(lines.thread_settings_applied(self._thread_id, settings))

    def item_for_model(self, item: dict[str, Any]) -> None:
        """An item of the model's input or output."""
        self._append(lines.response_item(item))

    def closed_item(self, turn_id: str, item: Record) -> None:
        """An item that clients have seen is complete."""
        self._append(lines.item_completed(self._thread_id, turn_id, item))

    def usage(self, turn: Turn, response_id: str, count: TokenCount | None, totals: TokenTotals, window: int | None) -> None:
        """An answer has come."""
        if count is not None:
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
        self._append(lines.token_count(totals.wire(window)))

    def turn_ended(self, turn: Turn) -> None:
        """The turn is over; from here on it is on the disk for good."""
        started, ended = turn.started_at_ms, turn.ended_at_ms or turn.started_at_ms
        start_s, end_s, duration_ms = started // 1000, ended // 1000, ended - started
        if turn.outcome is Outcome.INTERRUPTED:
            line = lines.turn_aborted(turn.id, started_at=start_s, completed_at=end_s, duration_ms=duration_ms)
        else:
            line = lines.task_complete(
                turn.id,
                last_agent_message=turn.last_message.text if turn.last_message is not None else None,
                started_at=start_s,
                completed_at=end_s,
                duration_ms=duration_ms,
                error=turn.error,
            )
        self._append(line)
        if self._rollout is not None:
            self._rollout.sync()

    def close(self) -> None:
        """Let other processes have the thread."""
        if self._lock is not None:
            self._lock.release()

    def _append(self, line: lines.Line) -> None:
        if self._rollout is not None:
            self._rollout.append(*line)
