"""Commands that the user types: in a turn of their own, or beside the turn that runs.

In a turn of its own there is no model, unless something is said to it meanwhile. Beside another turn, the model of that
turn is asked once more when the command has ended. Source: spec/turns.md section 2.7.
"""

from typing import Any

import anyio

from app_server.core.errors import CallerError
from app_server.core.history_item import message
from app_server.core.thread import Thread
from app_server.core.turn.conversation import Conversation, say_last
from app_server.core.turn.item_log import ItemLog
from app_server.core.turn.said import Said
from app_server.core.turn.turn import Outcome, Phase, Turn
from app_server.core.turn.user_command import UserCommand
from app_server.core.turn.work import CommandLine

NOTE_KIND = "shell.user_command"
NO_SHELL = "shell is unavailable in this session"


class CommandWork:
    """The work of a turn that a command is all of. Input that is added to it is said to the model afterwards."""

    def __init__(self, thread: Thread, turn: Turn) -> None:
        self._thread = thread
        self._turn = turn
        self._log = log_of(thread, turn)
        self._conversation: Conversation | None = None
        self.hooks: Any = None

    async def run(self) -> None:
        """Run the command. Raises: ProviderError, StoreError."""
        turn = self._turn
        if not self._thread.settings.has_environment:
            raise CallerError(NO_SHELL, reason="unknown_environment")
        turn.move(Phase.RUNNING_COMMAND)
        command = UserCommand(self._thread, turn.id, self._log, self._turn.work)
        try:
            await command.run()
        finally:
            self._thread.record_note(command.note, NOTE_KIND)
        if turn.waiting:
            self._conversation = Conversation(self._thread, turn)
            self.hooks = self._conversation.hooks
            await self._conversation.run()

    def close(self, outcome: Outcome) -> None:
        """Leave nothing open."""
        self._log.close_all()
        if self._conversation is not None:
            self._conversation.close(outcome)
        else:
            say_last(self._thread, self._turn, outcome)


class RunningBeside:
    """A command that runs beside a turn."""

    def __init__(self, scope: anyio.CancelScope) -> None:
        self._scope = scope
        self.ended = anyio.Event()

    def cancel(self) -> None:
        """End it."""
        self._scope.cancel()

    async def wait(self) -> None:
        """Until it has ended."""
        await self.ended.wait()


async def run_beside(thread: Thread, turn: Turn, line: CommandLine) -> None:
    """Run a command beside the turn that runs; its item belongs to that turn, also if it outlives it."""
    command = UserCommand(thread, turn.id, log_of(thread, turn), line)
    with anyio.CancelScope() as scope, thread.beside(scope):
        this = RunningBeside(scope)
        turn.beside.append(this)
        try:
            await command.run()
        finally:
            this.ended.set()
            note = message(thread.new_item_id("msg"), "user", [command.note], NOTE_KIND)
            if turn.is_running:
                turn.add(Said(message=note, is_urgent=False))
            else:
                thread.record_item_for_model(note)


def log_of(thread: Thread, turn: Turn) -> ItemLog:
    """A log for the items of a turn."""
    return ItemLog(thread.id, turn.id, thread.runtime.outside, thread.runtime.clock, thread.closed_item)
