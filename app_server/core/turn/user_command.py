"""A command line of the user's own, run unsandboxed in the thread's folder, with an item that shows it.

The model is told of it in the user's place. Source: spec/turns.md section 2.7; differs: the item of a command that was
ended keeps what it had printed.
"""

import codecs

import anyio

from app_server.core.exec import process
from app_server.core.exec.command_actions import command_actions
from app_server.core.exec.launch import Wiring
from app_server.core.exec.output import BoundedBuffer
from app_server.core.exec.script import join_argv
from app_server.core.exec.shell import shell_argv
from app_server.core.launch import Launch
from app_server.core.thread import Thread
from app_server.core.tools.truncation import truncate_output
from app_server.core.turn.item_log import ItemLog
from app_server.core.turn.work import CommandLine
from protocol.item import CommandExecutionItem
from protocol.item_events import CommandExecutionOutputDeltaNotification

ENDED = -1
"""The exit code of a command that was ended or could not be started."""
ABORTED = "command aborted by user"


class UserCommand:
    """One command; `run` it once."""

    def __init__(self, thread: Thread, turn_id: str, log: ItemLog, line: CommandLine) -> None:
        self._thread = thread
        self._turn_id = turn_id
        self._log = log
        self._script = line.script
        self._timeout_s = line.timeout_s
        self._output = BoundedBuffer()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._started_s = 0.0
        self._started_ms = 0
        self._item_id = ""
        self._exit_code = ENDED
        self._remark = ABORTED
        self.note = ""
        """What the model is told, once the command has ended."""

    async def run(self) -> None:
        """Run to the end. Cancel: ends the command first; its item is closed and the note is there all the same."""
        argv = shell_argv(self._thread.toolbox.shell, self._script)
        item = self._item(argv)
        self._item_id = item.id
        self._log.open(item)
        self._started_s = anyio.current_time()
        self._started_ms = self._thread.runtime.clock.now_ms()
        try:
            await self._execute(argv)
        finally:
            self._end(item)

    async def _execute(self, argv: tuple[str, ...]) -> None:
        thread = self._thread
        launch = Launch(argv, thread.settings.cwd, thread.toolbox.environment)
        wiring = Wiring(on_output=self._print, pace=lambda: thread.runtime.outside.wait_room(thread.id))
        try:
            running = process.start(launch, wiring)
        except (OSError, ValueError) as error:
            self._remark = f"the command could not be started: {error}"
            return
        with anyio.move_on_after(self._timeout_s) as timer:
            self._exit_code = await running.supervise()
            self._remark = ""
        if timer.cancelled_caught:
            self._remark = f"command timed out after {self._timeout_s * 1000:.0f} milliseconds"

    def _item(self, argv: tuple[str, ...]) -> CommandExecutionItem:
        thread = self._thread
        return CommandExecutionItem(
            id=thread.runtime.clock.uuid4(),
            command=join_argv(argv),
            cwd=thread.settings.cwd,
            source="userShell",
            status="inProgress",
            command_actions=command_actions(self._script, thread.settings.cwd),
        )

    def _print(self, data: bytes) -> None:
        self._output.append(data)
        self._show(self._decoder.decode(data))

    def _show(self, text: str) -> None:
        if text:
            self._thread.publish(
                CommandExecutionOutputDeltaNotification(
                    thread_id=self._thread.id, turn_id=self._turn_id, item_id=self._item_id, delta=text
                )
            )

    def _end(self, item: CommandExecutionItem) -> None:
        self._show(self._decoder.decode(b"", final=True))
        seconds = anyio.current_time() - self._started_s
        output = self._output.read().text
        if self._remark:
            output = f"{output}{'' if output.endswith(chr(10)) or not output else chr(10)}{self._remark}"
        changes = {
            "status": "completed" if self._exit_code == 0 else "failed",
            "aggregated_output": output or None,
            "exit_code": self._exit_code,
            "duration_ms": self._thread.runtime.clock.now_ms() - self._started_ms,
        }
        self.note = self._told(output, seconds)
        self._log.close(item.model_copy(update=changes))

    def _told(self, output: str, seconds: float) -> str:
        shown = truncate_output(output, self._thread.model().info.truncation_policy)
        return (
            f"<user_shell_command>\n<command>\n{self._script}\n</command>\n<result>\nExit code: {self._exit_code}\n"
            f"Duration: {seconds:.4f} seconds\nOutput:\n{shown}\n</result>\n</user_shell_command>"
        )
