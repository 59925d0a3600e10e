"""The tool that types into a running command, or only looks at what it has printed since.

A session is gone once its end was told to the model. Source: spec/tools.md section 4, and the reference's own runs
(which announce an empty look at a running command too).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app_server.core.exec.process import InputClosed
from app_server.core.exec.sessions import ExecSession, ExecSessions
from app_server.core.models.metadata import Truncation
from app_server.core.tools.arguments import I32, TEXT, U64, USIZE, Maybe, Member, Struct, parse_arguments
from app_server.core.tools.base import Denial, InputAction, Permit, Prepared, ToolCall, ToolFailure, ToolHost, ToolOutput
from app_server.core.tools.exec_command import MAX_YIELD_MS, MIN_YIELD_MS, report
from app_server.core.tools.time_limit import at_most
from app_server.core.tools.truncation import byte_budget, narrowed, with_slack
from protocol.item_events import TerminalInteractionNotification

DEFAULT_MAX_POLL_MS = 300_000
_MIN_POLL_MS = 5_000
_DEFAULT_YIELD_MS = 250
_INTERRUPT = "\x03"
_INPUT_CLOSED = "write_stdin failed: stdin is closed for this session; rerun exec_command with tty=true to keep stdin open"
_NOT_READ = "write_stdin failed: the program does not read its input"
_ARGUMENTS = Struct(
    "WriteStdinArgs",
    Member("session_id", I32, is_required=True),
    Member("chars", TEXT),
    Member("yield_time_ms", U64),
    Member("max_output_tokens", Maybe(USIZE)),
)


@dataclass(frozen=True, slots=True)
class StdinCall:
    """The parsed arguments of a call, completed."""

    session_id: int
    chars: str
    yield_s: float
    max_output_tokens: int | None


class WriteStdin:
    """The tool `write_stdin` of one thread."""

    name = "write_stdin"
    is_parallel = True

    def __init__(
        self,
        sessions: ExecSessions,
        truncation: Callable[[], Truncation],
        max_poll_ms: int = DEFAULT_MAX_POLL_MS,
        asks_before_input: bool = True,
    ) -> None:
        """`truncation` is asked anew by every call; `max_poll_ms` limits how long an empty look may wait.

        `asks_before_input`: what is typed into a terminal outside of the sandbox passes the gate.
        """
        self._sessions = sessions
        self._truncation = truncation
        self._max_poll_ms = max_poll_ms
        self._asks_before_input = asks_before_input

    def spec(self) -> dict[str, Any]:
        """The tool as the model sees it."""
        return {
            "type": "function",
            "name": self.name,
            "description": _DESCRIPTION,
            "strict": False,
            "parameters": {
                "type": "object",
                "properties": _PARAMETERS,
                "required": ["session_id"],
                "additionalProperties": False,
            },
        }

    def prepare(self, call: ToolCall, host: ToolHost) -> Prepared:  # noqa: ARG002  # part of the interface
        """Parse the call. Raises: ToolFailure (malformed arguments)."""
        given = parse_arguments(call.arguments, _ARGUMENTS)
        chars = given.get("chars", "")
        least, most = (MIN_YIELD_MS, MAX_YIELD_MS) if chars else (_MIN_POLL_MS, max(self._max_poll_ms, _MIN_POLL_MS))
        yield_ms = min(max(given.get("yield_time_ms", _DEFAULT_YIELD_MS), least), most)
        parsed = StdinCall(given["session_id"], chars, yield_ms / 1000, given.get("max_output_tokens"))
        session = self._sessions.get(parsed.session_id)
        if session is None or not chars or not self._asks_before_input:
            return Prepared(parsed)
        facts = session.facts
        return Prepared(parsed, InputAction(session.id, chars, facts.cwd, facts.item_id, facts.is_unsandboxed))

    async def run(self, call: ToolCall, prepared: Prepared, permit: Permit, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """Type, wait, and report. Raises: ToolFailure. Cancel: the session lives on, its unread output stays unread."""
        parsed: StdinCall = prepared.arguments
        began = time.monotonic()
        session = self._sessions.get(parsed.session_id)
        if session is None:
            raise ToolFailure(f"write_stdin failed: Unknown process id {parsed.session_id}")
        self._sessions.touch(session)
        with at_most(parsed.yield_s, host.patience):
            if parsed.chars:
                await self._type(session, parsed.chars)
                _announce(session, parsed.chars, host)
            await session.ended.wait()
        has_ended = session.ended.is_set()
        if has_ended:
            self._sessions.forget(session)
        elif not parsed.chars:
            _announce(session, "", host)
        read = session.output.take_new(is_last=has_ended)
        policy = narrowed(self._truncation(), parsed.max_output_tokens)
        room = byte_budget(with_slack(self._truncation()))
        content = report(session, read, time.monotonic() - began, policy, room)
        about = (session.facts.item_id, session.facts.script)
        return ToolOutput(content, response=read.text, is_over=has_ended, about=about)

    async def _type(self, session: ExecSession, chars: str) -> None:
        if session.facts.has_terminal:
            try:
                await session.process.write(chars.encode())
            except InputClosed:
                return  # it has just ended, which the report will tell
        elif chars == _INTERRUPT:
            session.process.interrupt()
        else:
            raise ToolFailure(_INPUT_CLOSED)

    def declined(self, call: ToolCall, prepared: Prepared, denial: Denial, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """It may not be typed."""
        return ToolOutput(f"write_stdin rejected: {denial.reason}")


def _announce(session: ExecSession, chars: str, host: ToolHost) -> None:
    host.publish(
        TerminalInteractionNotification(
            thread_id=host.thread_id,
            turn_id=host.turn_id,
            item_id=session.facts.item_id,
            process_id=str(session.id),
            stdin=chars,
        )
    )


_DESCRIPTION = "Send input to a running exec_command session, or only wait for more of its output."
_PARAMETERS: dict[str, dict[str, Any]] = {
    "chars": {
        "type": "string",
        "description": "What to type, with control characters as they are (\\u0003 interrupts). Default: only read.",
    },
    "max_output_tokens": {
        "type": "number",
        "description": "At most so much output is returned; more is cut in the middle. Default: 10000.",
    },
    "session_id": {"type": "number", "description": "The session ID that exec_command gave."},
    "yield_time_ms": {
        "type": "number",
        "description": ("How long to wait for output: 250 to 30000 after input (default 250), at least 5000 when only reading."),
    },
}
