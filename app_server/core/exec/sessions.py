"""The commands of one thread that are running or not yet read to their end.

A session is a process, its output and what the thread knows of it. It lives until its command has ended and its end
was read, beyond the turn that started it. `ExecSessions` gives them their numbers, keeps their count bounded and ends
them all with the thread. It knows neither tools nor items: an end is told by a callback.
Source: spec/tools.md section 3, spec/exec-fs.md section 3.
"""

import itertools
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import anyio

from app_server.core.exec.launch import OnOutput, Pace, TerminalSize, Wiring
from app_server.core.exec.output import CommandOutput
from app_server.core.exec.process import TERM_GRACE_S, Process, start
from app_server.core.launch import Launch

MAX_SESSIONS = 64
_IDS = range(1000, 100_000)
_CLOSE_GRACE_S = 1.0
ENDED_BY_SERVER = -1

Spawn = Callable[[Callable[[], Awaitable[object]]], None]
"""Runs a coroutine function in the background; a task group's `start_soon`."""


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What is known of a command when it is started. `script` is the model's own text; `item_id` names what clients see."""

    item_id: str
    script: str
    cwd: str
    has_terminal: bool = False
    is_unsandboxed: bool = False


@dataclass(eq=False)
class ExecSession:
    """One command. Invariant: `ended` is set after `exit_code` is known and the end was told."""

    id: int
    facts: SessionFacts
    process: Process
    output: CommandOutput
    on_end: Callable[["ExecSession"], None]
    is_held: bool = False
    """Whether the model knows the id; others are of no use once their call is over."""
    exit_code: int | None = None
    last_use: int = 0
    ended: anyio.Event = field(default_factory=anyio.Event)
    _told_exit_code: int | None = None

    async def watch(self) -> None:
        """See the process to its end and tell it; the session's one background task."""
        try:
            await self.process.supervise()
        finally:
            self.exit_code = self.process.exit_code if self._told_exit_code is None else self._told_exit_code
            self.on_end(self)
            self.ended.set()

    async def end(self, *, exit_code: int | None = None, grace_s: float = TERM_GRACE_S) -> None:
        """End the command and wait for it. `exit_code`: what is told instead of the process's own."""
        if not self.process.ended.is_set():
            self._told_exit_code = exit_code
            await self.process.terminate(grace_s)
        await self.ended.wait()


class ExecSessions:
    """The sessions of one thread by id. Invariant: at most `MAX_SESSIONS`; ids are unique among them."""

    def __init__(self, spawn: Spawn, pace: Pace | None = None) -> None:
        """`pace` is awaited between reads of a command's output: a command waits for clients that can't keep up."""
        self._spawn = spawn
        self._pace = pace
        self._sessions: dict[int, ExecSession] = {}
        self._uses = itertools.count(1)

    def start(
        self,
        launch: Launch,
        facts: SessionFacts,
        *,
        on_output: OnOutput,
        on_end: Callable[[ExecSession], None],
    ) -> ExecSession:
        """Start a command. Its callbacks are called from the background, the last one exactly once.

        Raises: OSError, ValueError, as `process.start`.
        """
        output = CommandOutput()

        def take(data: bytes) -> None:
            output.append(data)
            on_output(data)

        wiring = Wiring(take, terminal=TerminalSize() if facts.has_terminal else None, pace=self._pace)
        process = start(launch, wiring)
        self._make_room()
        session = ExecSession(self._free_id(), facts, process, output, on_end)
        self._sessions[session.id] = session
        self.touch(session)

        async def watch() -> None:
            try:
                await session.watch()
            finally:
                if not session.is_held:
                    self.forget(session)

        self._spawn(watch)
        return session

    def end_soon(self, session: ExecSession) -> None:
        """End a command in the background."""
        self._spawn(session.end)

    def get(self, session_id: int) -> ExecSession | None:
        """The session that the model holds under this id."""
        session = self._sessions.get(session_id)
        return session if session and session.is_held else None

    def touch(self, session: ExecSession) -> None:
        """Note that the session is in use."""
        session.last_use = next(self._uses)

    def forget(self, session: ExecSession) -> None:
        """Drop a session whose end was read."""
        self._sessions.pop(session.id, None)

    def running(self) -> list[ExecSession]:
        """The background terminals: held sessions whose commands still run, by id."""
        return [self._sessions[key] for key in sorted(self._sessions) if self._is_terminal(self._sessions[key])]

    def terminate(self, session_id: int) -> bool:
        """Begin to end one background terminal, which is told to end with -1; false if there is none of this id."""
        session = self._sessions.get(session_id)
        if session is None or not self._is_terminal(session):
            return False
        self._end_for_good(session)
        return True

    def clean(self) -> None:
        """Begin to end every background terminal; likewise."""
        for session in self.running():
            self._end_for_good(session)

    def _end_for_good(self, session: ExecSession) -> None:
        self.forget(session)

        async def end() -> None:
            await session.end(exit_code=ENDED_BY_SERVER)

        self._spawn(end)

    async def aclose(self, grace_s: float = _CLOSE_GRACE_S) -> None:
        """End everything; for the end of the thread. Cancel: shielded by whoever must not leave processes behind."""
        sessions = list(self._sessions.values())

        async def end(session: ExecSession) -> None:
            await session.end(exit_code=ENDED_BY_SERVER, grace_s=grace_s)

        for session in sessions:
            self.forget(session)
        async with anyio.create_task_group() as group:
            for session in sessions:
                group.start_soon(end, session)

    @staticmethod
    def _is_terminal(session: ExecSession) -> bool:
        return session.is_held and not session.ended.is_set()

    def _free_id(self) -> int:
        while (candidate := random.choice(_IDS)) in self._sessions:  # noqa: S311  # a name, not a secret
            continue
        return candidate

    def _make_room(self) -> None:
        """Drop the session that will be missed least: finished ones first, then the one unused for longest."""
        if len(self._sessions) < MAX_SESSIONS:
            return
        candidates = [each for each in self._sessions.values() if each.is_held] or list(self._sessions.values())
        least = min(candidates, key=lambda each: (not each.ended.is_set(), each.last_use))
        self.forget(least)
        if not least.ended.is_set():
            self.end_soon(least)
