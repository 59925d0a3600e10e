"""A command as clients see it: one item that opens when the command has outlived its start and closes when it has ended.

The item outlives the tool call and, for a background terminal, the turn; whoever watches the session closes it here.
A quick command opens and closes its item in one moment and has no deltas, so commands that run side by side appear in the
order in which they end, or have lasted for long enough.
Source: spec/turns.md sections 2.2 and 3; differs: what was held back follows as a delta when the command outlives its
start, where the reference shows it only in the closed item.
"""

import codecs
from typing import Any

from app_server.core.exec.command_actions import command_actions
from app_server.core.exec.script import join_argv
from app_server.core.exec.sessions import ExecSession
from app_server.core.tools.base import ToolHost
from protocol.item import CommandExecutionItem
from protocol.item_events import CommandExecutionOutputDeltaNotification

_MAX_HELD_BYTES = 65536
SPAWN_FAILED = -1


def proposed_item(item_id: str, argv: tuple[str, ...], script: str, cwd: str) -> CommandExecutionItem:
    """The item of a command that has not been started, as it is shown while the user is asked."""
    return CommandExecutionItem(
        id=item_id,
        command=join_argv(argv),
        cwd=cwd,
        source="agent",
        status="inProgress",
        command_actions=command_actions(script, cwd),
    )


class CommandItem:
    """The item of a command that is being run. Invariant: once opened, it is closed exactly once."""

    def __init__(self, host: ToolHost, item: CommandExecutionItem, *, is_forgettable: bool = False) -> None:
        """`is_forgettable`: an end before anybody has seen the item is kept back until `show`."""
        self._is_forgettable = is_forgettable
        self._unseen: ExecSession | None = None
        self._host = host
        self._item = _changed(item, source="unifiedExecStartup")
        self._started_ms = host.clock.now_ms()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held: list[bytes] | None = []
        self._held_bytes = 0
        self._is_open = False

    def show(self) -> None:
        """The end that was kept back counts after all."""
        ended, self._unseen, self._is_forgettable = self._unseen, None, False
        if ended is not None:
            self.close(ended)

    @property
    def is_open(self) -> bool:
        """Whether clients know of it."""
        return self._is_open

    def started(self, session: ExecSession) -> None:
        """The command runs."""
        self._item = _changed(self._item, process_id=str(session.id))

    def open(self) -> None:
        """The item is announced, unless the command has ended or it was done before."""
        if not self._is_open:
            self._is_open = True
            self._host.open_item(self._item)
            self._host.keep_open(self._item.id)

    def output(self, data: bytes) -> None:
        """The command has printed something."""
        if self._held is None:
            self._publish(self._decoder.decode(data))
            return
        self._held.append(data)
        self._held_bytes += len(data)
        if self._held_bytes > _MAX_HELD_BYTES:
            self.go_live()

    def go_live(self) -> None:
        """From now on the command's output is shown as it comes."""
        self.open()
        held, self._held = self._held or [], None
        for data in held:
            self._publish(self._decoder.decode(data))

    def close(self, session: ExecSession) -> None:
        """The command has ended."""
        if self._is_forgettable and not self._is_open:
            self._unseen = session
            return
        if self._held is None:
            self._publish(self._decoder.decode(b"", final=True))
        self._close(session.exit_code, session.output.read_all().text or None)

    def fail(self, text: str) -> None:
        """The command could not be started."""
        self._close(SPAWN_FAILED, text)

    def _close(self, exit_code: int | None, output: str | None) -> None:
        self.open()
        ended = _changed(
            self._item,
            status="completed" if exit_code == 0 else "failed",
            aggregated_output=output,
            exit_code=exit_code,
            duration_ms=self._host.clock.now_ms() - self._started_ms,
        )
        self._host.close_item(ended)

    def _publish(self, delta: str) -> None:
        if delta:
            self._host.publish(
                CommandExecutionOutputDeltaNotification(
                    thread_id=self._host.thread_id, turn_id=self._host.turn_id, item_id=self._item.id, delta=delta
                )
            )


def _changed(item: CommandExecutionItem, **changes: Any) -> CommandExecutionItem:
    return item.model_copy(update=changes)
