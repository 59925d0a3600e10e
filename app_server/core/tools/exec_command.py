"""The tool that runs a shell command, and leaves it running as a session if it takes longer than the model will wait.

What it hands back is laid out as models know it from the reference. The command itself is a session of the thread
(`core.exec.sessions`), what clients see of it a `CommandItem`. Source: spec/tools.md section 3.
"""

import os.path
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio

from app_server.core.exec.command_item import CommandItem, proposed_item
from app_server.core.exec.output import OutputRead
from app_server.core.exec.sessions import ExecSession, ExecSessions, SessionFacts
from app_server.core.exec.shell import resolve_shell, shell_argv, tool_environment
from app_server.core.launch import Launch
from app_server.core.models.metadata import Truncation
from app_server.core.sandbox.denial import looks_denied
from app_server.core.sandbox.rules import Rules
from app_server.core.tools.apply_patch import PatchCall, carry_out, decline, patch_in_script, prepare_patch
from app_server.core.tools.arguments import BOOL, TEXT, U64, USIZE, Choice, Many, Maybe, Member, Struct, parse_arguments, quoted
from app_server.core.tools.base import (
    CommandAction,
    Denial,
    Permit,
    Prepared,
    SandboxDenied,
    ToolCall,
    ToolFailure,
    ToolHost,
    ToolOutput,
)
from app_server.core.tools.permission_arguments import PROFILE, SCHEMA, permissions_of
from app_server.core.tools.permissions import Permissions
from app_server.core.tools.time_limit import at_most
from app_server.core.tools.truncation import byte_budget, estimate_tokens, narrowed, truncate_output, with_slack
from protocol.item import CommandExecutionItem

DEFAULT_YIELD_MS = 10_000
MIN_YIELD_MS = 250
MAX_YIELD_MS = 30_000
_START_S = 0.18
"""How long a command may take before clients are told that it runs; most have ended by then, and are told of as a whole."""
_QUIET_S = 0.18
"""How long its output is held back, from the same moment on."""
_ABORT_WAIT_S = 0.5
_ESCALATED = "require_escalated"
_WITH_MORE_PERMISSIONS = "with_additional_permissions"
_MORE_PERMISSIONS_OFF = (
    "additional permissions are disabled; enable `features.exec_permission_approvals` before using `with_additional_permissions`"
)
_NO_PERMISSIONS = (
    "missing `additional_permissions`; provide at least one of `network` or `file_system` when using "
    "`with_additional_permissions`"
)
_EMPTY_PERMISSIONS = "`additional_permissions` must include at least one requested permission in `network` or `file_system`"
_NOT_ESCALATED_TOO = "`additional_permissions` requires `sandbox_permissions` set to `with_additional_permissions`"
_NO_SANDBOX = "exec_command failed: no sandbox is available for this command"
_ARGUMENTS = Struct(
    "ExecCommandArgs",
    Member("cmd", TEXT, is_required=True),
    Member("workdir", Maybe(TEXT)),
    Member("shell", Maybe(TEXT)),
    Member("login", Maybe(BOOL)),
    Member("tty", BOOL),
    Member("yield_time_ms", U64),
    Member("max_output_tokens", Maybe(USIZE)),
    Member("sandbox_permissions", Choice("use_default", _ESCALATED, _WITH_MORE_PERMISSIONS)),
    Member("additional_permissions", Maybe(PROFILE)),
    Member("justification", Maybe(TEXT)),
    Member("prefix_rule", Maybe(Many(TEXT))),
)


@dataclass(frozen=True, slots=True)
class ExecSetup:
    """What commands are run with at the moment. `environment` is what the environment policy has left."""

    shell: str
    environment: Mapping[str, str]
    session_id: str
    version: str
    truncation: Truncation
    allows_login_shell: bool = True
    is_network_disabled: bool = False
    profile: str | None = None
    """The permission profile that holds, by its id."""
    may_ask_for_more: bool = False
    """Whether a command may ask for permissions beyond its sandbox."""


Confine = Callable[[Launch, Rules], Launch]
"""Puts a sandbox around a launch. Raises: ToolFailure where there is none."""


@dataclass(frozen=True, slots=True)
class ExecCall:
    """The parsed arguments of a call, completed."""

    argv: tuple[str, ...]
    script: str
    cwd: str
    has_terminal: bool
    yield_s: float
    truncation: Truncation
    room: int
    environment: dict[str, str]
    item: CommandExecutionItem


class ExecCommand:
    """The tool `exec_command` of one thread."""

    name = "exec_command"
    is_parallel = True

    def __init__(self, sessions: ExecSessions, setup: Callable[[], ExecSetup], confine: Confine | None = None) -> None:
        """`setup` is asked anew by every call. Without `confine`, commands that need a sandbox are refused."""
        self._sessions = sessions
        self._setup = setup
        self._confine = confine

    def spec(self) -> dict[str, Any]:
        """The tool as the model sees it."""
        parameters, setup = _PARAMETERS, self._setup()
        if setup.may_ask_for_more:
            parameters = {"additional_permissions": SCHEMA, **parameters, "sandbox_permissions": _MORE_CHOICES}
        if not setup.allows_login_shell:
            parameters = {name: schema for name, schema in parameters.items() if name != "login"}
        return {
            "type": "function",
            "name": self.name,
            "description": _DESCRIPTION,
            "strict": False,
            "parameters": {"type": "object", "properties": parameters, "required": ["cmd"], "additionalProperties": False},
        }

    def prepare(self, call: ToolCall, host: ToolHost) -> Prepared:
        """Parse the call. Raises: ToolFailure (malformed arguments, permissions that are switched off)."""
        given = parse_arguments(call.arguments, _ARGUMENTS)
        choice = given.get("sandbox_permissions")
        parsed = self._complete(given, call, host)
        permissions = self._permissions(given, choice, parsed.cwd)
        patch = patch_in_script(parsed.script, parsed.cwd)
        if patch is not None:
            return prepare_patch(call.call_id, *patch)
        action = CommandAction(
            argv=parsed.argv,
            script=parsed.script,
            cwd=parsed.cwd,
            has_terminal=parsed.has_terminal,
            wants_escalation=choice == _ESCALATED,
            justification=given.get("justification"),
            prefix_rule=tuple(given["prefix_rule"]) if given.get("prefix_rule") else None,
            permissions=permissions,
        )
        return Prepared(parsed, action, parsed.item)

    def _permissions(self, given: dict[str, Any], choice: str | None, cwd: str) -> Permissions | None:
        """What the command asks for beyond its sandbox. Raises: ToolFailure (switched off, nothing, or not together)."""
        asked = given.get("additional_permissions")
        if choice != _WITH_MORE_PERMISSIONS and asked is None:
            return None
        if not self._setup().may_ask_for_more:
            raise ToolFailure(_MORE_PERMISSIONS_OFF)
        if choice == _ESCALATED:
            raise ToolFailure(_NOT_ESCALATED_TOO)
        if asked is None:
            raise ToolFailure(_NO_PERMISSIONS)
        wanted = permissions_of(asked, cwd)
        if wanted == Permissions():
            raise ToolFailure(_EMPTY_PERMISSIONS)
        return wanted

    def _complete(self, given: dict[str, Any], call: ToolCall, host: ToolHost) -> ExecCall:
        setup = self._setup()
        shell = resolve_shell(given.get("shell"), setup.shell, setup.environment.get("PATH"))
        is_login = setup.allows_login_shell and given.get("login") is not False
        yield_ms = min(max(given.get("yield_time_ms", DEFAULT_YIELD_MS), MIN_YIELD_MS), MAX_YIELD_MS)
        environment = tool_environment(
            setup.environment,
            thread_id=host.thread_id,
            session_id=setup.session_id,
            call_id=call.call_id,
            version=setup.version,
            is_network_disabled=setup.is_network_disabled,
            profile=setup.profile,
        )
        argv = shell_argv(shell, given["cmd"], is_login=is_login)
        cwd = os.path.normpath(Path(host.cwd, given.get("workdir") or ""))
        return ExecCall(
            argv=argv,
            script=given["cmd"],
            cwd=cwd,
            has_terminal=given.get("tty", False),
            yield_s=yield_ms / 1000,
            truncation=narrowed(setup.truncation, given.get("max_output_tokens")),
            room=byte_budget(with_slack(setup.truncation)),
            environment=environment,
            item=proposed_item(call.call_id, argv, given["cmd"], cwd),
        )

    async def run(self, call: ToolCall, prepared: Prepared, permit: Permit, host: ToolHost) -> ToolOutput:
        """Run the command until it ends or the model's patience does. Cancel: the command is ended, as nobody can reach it."""
        if isinstance(prepared.arguments, PatchCall):
            return ToolOutput(f"Wall time: 0.0000 seconds\nOutput:\n{await carry_out(prepared.arguments, host)}")
        parsed: ExecCall = prepared.arguments
        began = time.monotonic()
        session, item = self._start(call, prepared, permit, host)
        try:
            since = anyio.current_time()
            for reached_s, reach in ((_START_S, item.open), (_QUIET_S, item.go_live)):
                with anyio.CancelScope(deadline=since + reached_s):
                    await session.ended.wait()
                if session.ended.is_set():
                    break
                reach()
            with at_most(since + parsed.yield_s - anyio.current_time(), host.patience):
                await session.ended.wait()
        except anyio.get_cancelled_exc_class():
            item.show()
            item.open()  # it has run, and within this turn
            self._sessions.end_soon(session)
            # Most commands end at once; the item of one that does not is closed later, and the turn needn't wait for it.
            with anyio.move_on_after(_ABORT_WAIT_S, shield=True):
                await session.ended.wait()
            raise
        has_ended = session.ended.is_set()
        session.is_held = not has_ended
        if has_ended and permit.may_be_retried and not item.is_open:
            if looks_denied(session.exit_code, session.output.read_all().text):
                raise SandboxDenied
            item.show()
        read = session.output.take_new(is_last=has_ended)
        content = report(session, read, time.monotonic() - began, parsed.truncation, parsed.room)
        return ToolOutput(content, response=read.text, is_over=has_ended)

    def _start(self, call: ToolCall, prepared: Prepared, permit: Permit, host: ToolHost) -> tuple[ExecSession, CommandItem]:
        """The started command and its item. Raises: ToolFailure."""
        parsed: ExecCall = prepared.arguments
        item = CommandItem(host, parsed.item, is_forgettable=permit.may_be_retried)
        launch = Launch(parsed.argv, parsed.cwd, parsed.environment)
        if permit.rules is not None:
            if self._confine is None:
                raise ToolFailure(_NO_SANDBOX)
            launch = self._confine(launch, permit.rules)
        facts = SessionFacts(call.call_id, parsed.script, parsed.cwd, parsed.has_terminal, permit.is_unsandboxed)
        try:
            session = self._sessions.start(launch, facts, on_output=item.output, on_end=item.close)
        except (OSError, ValueError) as error:
            text = f"Failed to create unified exec process: {_reason(error)}"
            item.fail(text)
            raise ToolFailure(rejection(text)) from error
        item.started(session)
        return session, item

    def declined(self, call: ToolCall, prepared: Prepared, denial: Denial, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """The command may not run."""
        if isinstance(prepared.arguments, PatchCall):
            return ToolOutput(decline(prepared.arguments, denial, host))
        parsed: ExecCall = prepared.arguments
        item = prepared.item or parsed.item
        host.open_item(item)
        host.close_item(item.model_copy(update={"status": "failed" if denial.has_failed else "declined"}))
        return ToolOutput(denial.reason if denial.whole else rejection(denial.reason))


def report(session: ExecSession, read: OutputRead, wall_s: float, policy: Truncation, room: int) -> str:
    """What the model gets to know of a command: how it stands, and what it has printed since the last look.

    What it has printed is cut by the policy, and so that the whole report fits into so many bytes.
    """
    has_ended = session.ended.is_set()
    state = f"exited with code {session.exit_code}" if has_ended else f"running with session ID {session.id}"
    head = (
        f"Chunk ID: {secrets.token_hex(3)}\n"
        f"Wall time: {wall_s:.4f} seconds\n"
        f"Process {state}\n"
        f"Original token count: {estimate_tokens(read.byte_count)}\n"
        "Output:\n"
    )
    left = max(room - len(head), 0)
    return head + truncate_output(read.text, policy, true_bytes=read.byte_count, omitted_bytes=read.omitted_bytes, room=left)


def rejection(reason: str) -> str:
    """What the model is told of a command that was not run."""
    return f"exec_command failed: CreateProcess {{ message: {quoted(f'Rejected({quoted(reason)})')} }}"


def _reason(error: OSError | ValueError) -> str:
    """Why a process could not be started, in the operating system's words."""
    if isinstance(error, OSError) and error.errno is not None:
        return f"{os.strerror(error.errno)} (os error {error.errno})"
    return "nul byte found in provided data"


_DESCRIPTION = (
    "Run a command in a shell and get its output. A command that is still running after `yield_time_ms` goes on in the "
    "background: you get a session ID, with which write_stdin reads further output and sends input."
)
_PARAMETERS: dict[str, dict[str, Any]] = {
    "cmd": {"type": "string", "description": "The command line, as the shell will read it."},
    "justification": {
        "type": "string",
        "description": "Only with `require_escalated`: one short question to the user that says why the command needs it.",
    },
    "login": {"type": "boolean", "description": "Start the shell as a login shell, so that profiles are read. Default: true."},
    "max_output_tokens": {
        "type": "number",
        "description": "At most so much output is returned; more is cut in the middle. Default: 10000.",
    },
    "prefix_rule": {
        "type": "array",
        "items": {"type": "string"},
        "description": (
            "Only with `require_escalated`: the first words of the command, offered to the user as a rule that allows similar "
            'commands from now on, such as ["npm", "run"].'
        ),
    },
    "sandbox_permissions": {
        "type": "string",
        "enum": ["use_default", _ESCALATED],
        "description": "`require_escalated` asks the user to run the command outside the sandbox. Default: use_default.",
    },
    "shell": {"type": "string", "description": "Another shell than the user's own: its name or path."},
    "tty": {
        "type": "boolean",
        "description": "Run in a terminal, for interactive programs and for input by write_stdin. Default: false, without input.",
    },
    "workdir": {"type": "string", "description": "The folder to run in, relative to the turn's. Default: the turn's folder."},
    "yield_time_ms": {
        "type": "number",
        "description": "How long to wait for the end before the command goes to the background: 250 to 30000. Default: 10000.",
    },
}
_MORE_CHOICES = {
    "type": "string",
    "enum": ["use_default", _WITH_MORE_PERMISSIONS, _ESCALATED],
    "description": (
        "`with_additional_permissions` asks the user for what `additional_permissions` names, within the sandbox; "
        "`require_escalated` to run the command outside of it. Default: use_default."
    ),
}
