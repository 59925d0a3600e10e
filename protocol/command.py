"""The command family of the wire contract."""

from typing import Annotated, Any, ClassVar, Literal

from protocol.base import EXPERIMENTAL, I32, I64, U16, U64, Method, Notification, Params, Record, Response, TypeAliasType
from protocol.sandbox import SandboxPolicy


class CommandExecTerminalSize(Record):
    """Command exec terminal size."""

    rows: U16
    cols: U16


class CommandExecParams(Params):
    """What `command/exec` asks with."""

    command: list[str]
    process_id: str | None = None
    tty: bool = False
    stream_stdin: bool = False
    stream_stdout_stderr: bool = False
    output_bytes_cap: U64 | None = None
    disable_output_cap: bool = False
    disable_timeout: bool = False
    timeout_ms: I64 | None = None
    cwd: str | None = None
    env: dict[str, str | None] | None = None
    size: CommandExecTerminalSize | None = None
    sandbox_policy: SandboxPolicy | None = None
    permission_profile: Annotated[str | None, EXPERIMENTAL] = None


class CommandExecResponse(Response):
    """What `command/exec` is answered with."""

    exit_code: I32
    stdout: str
    stderr: str


class CommandExecWriteParams(Params):
    """What `command/exec/write` asks with."""

    process_id: str
    delta_base64: str | None = None
    close_stdin: bool = False


class CommandExecWriteResponse(Response):
    """What `command/exec/write` is answered with."""


class CommandExecTerminateParams(Params):
    """What `command/exec/terminate` asks with."""

    process_id: str


class CommandExecTerminateResponse(Response):
    """What `command/exec/terminate` is answered with."""


class CommandExecResizeParams(Params):
    """What `command/exec/resize` asks with."""

    process_id: str
    size: CommandExecTerminalSize


class CommandExecResizeResponse(Response):
    """What `command/exec/resize` is answered with."""


CommandExecOutputStream = TypeAliasType("CommandExecOutputStream", Literal["stdout", "stderr"])
"""Command exec output stream."""


class CommandExecOutputDeltaNotification(Notification):
    """Announced as `command/exec/outputDelta`."""

    method: ClassVar[str] = "command/exec/outputDelta"

    process_id: str
    stream: CommandExecOutputStream
    delta_base64: str
    cap_reached: bool


COMMAND_EXEC = Method("command/exec", CommandExecParams, CommandExecResponse)
COMMAND_EXEC_WRITE = Method("command/exec/write", CommandExecWriteParams, CommandExecWriteResponse)
COMMAND_EXEC_TERMINATE = Method("command/exec/terminate", CommandExecTerminateParams, CommandExecTerminateResponse)
COMMAND_EXEC_RESIZE = Method("command/exec/resize", CommandExecResizeParams, CommandExecResizeResponse)

METHODS: tuple[Method[Any, Any], ...] = (COMMAND_EXEC, COMMAND_EXEC_WRITE, COMMAND_EXEC_TERMINATE, COMMAND_EXEC_RESIZE)
NOTIFICATIONS: tuple[type[Notification], ...] = (CommandExecOutputDeltaNotification,)
