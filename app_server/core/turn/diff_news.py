"""Tells the clients of a turn how its files differ from its beginning. Source: spec/turns.md section 2.3."""

from collections.abc import Sequence
from pathlib import Path

from app_server.core import git
from app_server.core.patch.plan import Change
from app_server.core.patch.turn_diff import TurnDiff
from app_server.core.thread import Thread
from app_server.core.turn.turn import Turn
from protocol.turn_events import TurnDiffUpdatedNotification


class DiffNews:
    """The diff of one turn, made when the first patch was carried out."""

    def __init__(self, thread: Thread, turn: Turn) -> None:
        self._thread = thread
        self._turn = turn
        self._diff: TurnDiff | None = None
        self._told = ""

    def add(self, changes: Sequence[Change]) -> None:
        """A patch was carried out."""
        if self._diff is None:
            self._diff = TurnDiff(self._root())
        self._diff.add(changes)

    def publish(self) -> None:
        """Tell how the files differ, again also if nothing has changed; that they do not differ any more is told once."""
        text = self._diff.text() if self._diff is not None else ""
        if text or self._told:
            self._thread.publish(TurnDiffUpdatedNotification(thread_id=self._thread.id, turn_id=self._turn.id, diff=text))
        self._told = text

    def _root(self) -> str:
        """The folder that paths are shown from: the repository's, or the thread's own."""
        cwd = Path(self._thread.settings.cwd)
        return str(git.root(cwd) or cwd)
