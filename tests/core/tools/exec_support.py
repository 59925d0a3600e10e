"""A turn for the command tools to run in: it notes what is announced, and runs the background."""

import json
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import anyio

from app_server.core.clock import Clock
from app_server.core.exec.sessions import ExecSessions
from app_server.core.models.metadata import Truncation
from app_server.core.patch.plan import Change
from app_server.core.patience import Patience
from app_server.core.ports import NoAnswer
from app_server.core.tools.base import Permit, Tool, ToolCall, ToolFailure
from app_server.core.tools.exec_command import Confine, ExecCommand, ExecSetup
from app_server.core.tools.write_stdin import WriteStdin
from protocol.base import Method, Notification, Record, to_wire
from protocol.mode import ModeKind

R = TypeVar("R", bound=Record)
DEADLINE_S = 20
UNSANDBOXED = Permit(None)


class Host:
    """A turn's ToolHost."""

    thread_id = "thread"
    turn_id = "turn"
    mode: ModeKind

    def __init__(self, cwd: str, mode: ModeKind = "default") -> None:
        self.cwd = cwd
        self.mode = mode
        self.clock = Clock()
        self.patience = Patience()
        self.events: list[tuple[str, Any]] = []
        self.kept: set[str] = set()
        self.answers: list[Any] = []
        self.flags: list[str] = []
        self._open: set[str] = set()
        self._more = anyio.Event()

    def _note(self, kind: str, value: Any) -> None:
        self.events.append((kind, value))
        self._more.set()
        self._more = anyio.Event()

    def publish(self, notification: Notification) -> None:
        """Note an announcement."""
        self._note(notification.method, to_wire(notification))

    def open_item(self, item: Record) -> None:
        """Note a start, once."""
        wire = to_wire(item)
        if wire["id"] not in self._open:
            self._open.add(wire["id"])
            self._note("item/started", without_times(wire))

    def close_item(self, item: Record) -> None:
        """Note an end, and before it the start of what nobody has seen yet."""
        self.open_item(item)
        wire = to_wire(item)
        self._open.remove(wire["id"])
        self._note("item/completed", without_times(wire))

    def keep_open(self, item_id: str) -> None:
        """Note that the end of the turn is not to close an item."""
        assert item_id in self._open
        self.kept.add(item_id)

    def note_changes(self, changes: Sequence[Change]) -> None:
        """Note the files that a patch has changed."""
        self._note("changes", [change.path for change in changes])

    async def ask(self, method: Method[Any, R], params: Record) -> R:
        """Note a question and answer it as was said beforehand."""
        self._note(method.name, to_wire(params))
        answer = self.answers.pop(0)
        if isinstance(answer, NoAnswer):
            raise answer
        return method.result.model_validate(answer)

    @contextmanager
    def waiting(self, flag: str) -> Iterator[None]:
        """Note what is waited for."""
        self.flags.append(flag)
        yield

    def kinds(self) -> list[str]:
        """The names of what was announced, in order."""
        return [kind for kind, _ in self.events]

    def of(self, kind: str) -> list[Any]:
        """What was announced under a name."""
        return [value for name, value in self.events if name == kind]

    async def wait_for(self, kind: str) -> Any:
        """The first announcement of a name."""
        while not self.of(kind):
            await self._more.wait()
        return self.of(kind)[0]

    async def wait_shown(self, text: str) -> None:
        """Until a text was in the deltas."""
        while text not in "".join(delta["delta"] for delta in self.of("item/commandExecution/outputDelta")):
            await self._more.wait()


async def call(tool: Tool, host: Host, arguments: Any, call_id: str = "call") -> Any:
    """What the model gets of a call: the output, or the text of the failure."""
    made = ToolCall(call_id, tool.name, arguments if isinstance(arguments, str) else json.dumps(arguments))
    try:
        return (await tool.run(made, tool.prepare(made, host), UNSANDBOXED, host)).content
    except ToolFailure as failure:
        return failure.text


def without_times(item: dict[str, Any]) -> dict[str, Any]:
    """An item without the times, which the turn's own log fills in."""
    return {name: value for name, value in item.items() if name not in ("startedAtMs", "completedAtMs")}


class Bench:
    """The two tools of one thread."""

    def __init__(self, host: Host, sessions: ExecSessions, setup: ExecSetup, confine: Confine | None) -> None:
        self.host = host
        self.sessions = sessions
        self.exec_command = ExecCommand(sessions, lambda: setup, confine)
        self.write_stdin = WriteStdin(sessions, lambda: setup.truncation)

    async def execute(self, script: str, call_id: str = "call", permit: Permit = UNSANDBOXED, **arguments: Any) -> str:
        """Run a command as the model would; what the model gets."""
        call = ToolCall(call_id, "exec_command", json.dumps({"cmd": script, **arguments}))
        output = await self.exec_command.run(call, self.exec_command.prepare(call, self.host), permit, self.host)
        assert isinstance(output.content, str)
        return output.content

    async def write(self, session_id: int, chars: str = "", **arguments: Any) -> str:
        """Type into a session as the model would; what the model gets."""
        call = ToolCall("write", "write_stdin", json.dumps({"session_id": session_id, "chars": chars, **arguments}))
        output = await self.write_stdin.run(call, self.write_stdin.prepare(call, self.host), UNSANDBOXED, self.host)
        assert isinstance(output.content, str)
        return output.content


@asynccontextmanager
async def bench(cwd: object = "/", confine: Confine | None = None, **setup: Any) -> AsyncIterator[Bench]:
    """The tools and their background; what still runs at the end is ended."""
    facts: dict[str, Any] = {
        "shell": "/bin/sh",
        "environment": {"PATH": os.environ["PATH"]},
        "session_id": "session",
        "version": "1.0",
        "truncation": Truncation("tokens", 10_000),
        **setup,
    }
    with anyio.fail_after(DEADLINE_S):
        async with anyio.create_task_group() as group:
            sessions = ExecSessions(group.start_soon)
            yield Bench(Host(str(cwd)), sessions, ExecSetup(**facts), confine)
            await sessions.aclose()
