"""What `command/exec` and `process/*` have in common: checks of their params, input, size, environment."""

from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from app_server.core.errors import INTERNAL_ERROR, INVALID_PARAMS, CallerError
from app_server.core.exec.client_command import ClientCommand, CommandOptions, InputClosed, NoInput, NoTerminal, with_changes
from app_server.core.exec.launch import TerminalSize
from app_server.core.exec.shell import EnvironmentPolicy, child_environment
from app_server.core.launch import Launch
from app_server.methods.base64_text import decode
from app_server.services import Services
from protocol.command import CommandExecTerminalSize
from protocol.process import ProcessTerminalSize

Size = CommandExecTerminalSize | ProcessTerminalSize


def bad_params(message: str, field: str) -> CallerError:
    """Params that do not go together."""
    return CallerError(message, code=INVALID_PARAMS, reason="conflicting_fields", data={"field": field})


def refuse(message: str, reason: str = "not_found") -> NoReturn:
    """Refuse with the usual code."""
    raise CallerError(message, reason=reason)


def terminal_size(size: Size, noun: str) -> TerminalSize:
    """A size that a terminal can have. Raises: CallerError."""
    if size.rows == 0 or size.cols == 0:
        raise bad_params(f"{noun} size rows and cols must be greater than 0", "size")
    return TerminalSize(rows=size.rows, columns=size.cols)


def environment(services: Services, cwd: Path, changes: Mapping[str, str | None] | None, has_network: bool) -> dict[str, str]:
    """The server's environment by the configured policy, with the client's changes."""
    policy = EnvironmentPolicy.from_table(services.config.load(cwd).shell_environment_policy)
    base = child_environment(policy, services.settings.environment)
    base["CODEX_APPLY_PATCH_PRESERVE_LINE_ENDINGS"] = "1"
    if not has_network:
        base["CODEX_SANDBOX_NETWORK_DISABLED"] = "1"
    return with_changes(base, changes or {})


def started(launch: Launch, options: CommandOptions, noun: str) -> ClientCommand:
    """The running command. Raises: CallerError with the system's words."""
    try:
        return ClientCommand(launch, options)
    except OSError as error:
        message = f"failed to spawn {noun}: {error.strerror} (os error {error.errno})"
        raise CallerError(message, code=INTERNAL_ERROR, reason="spawn_failed") from None
    except ValueError:
        message = f"failed to spawn {noun}: nul byte found in provided data"
        raise CallerError(message, code=INTERNAL_ERROR, reason="spawn_failed") from None


def input_bytes(delta: str | None, is_last: bool, method: str) -> bytes:
    """What is to be written. Raises: CallerError."""
    if delta is None and not is_last:
        raise bad_params(f"{method} requires deltaBase64 or closeStdin", "deltaBase64")
    try:
        return decode(delta or "")
    except ValueError as error:
        raise bad_params(f"invalid deltaBase64: {error}", "deltaBase64") from None


async def write(command: ClientCommand, data: bytes, is_last: bool, noun: str) -> None:
    """Write input. Raises: CallerError."""
    try:
        await command.write(data, is_last)
    except NoInput:
        refuse(f"stdin streaming is not enabled for this {noun}", "no_input")
    except InputClosed:
        refuse("stdin is already closed", "input_closed")


def resize(command: ClientCommand, size: TerminalSize) -> None:
    """Change a terminal's size. Raises: CallerError."""
    try:
        command.resize(size)
    except NoTerminal:
        refuse("failed to resize PTY: process is not attached to a PTY", "no_terminal")
