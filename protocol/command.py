"""Commands of the client: run in the sandbox of the server, without a thread.

A command that streams or takes input is known by a process id of the client's choice, which counts for its connection.
"""

from typing import Annotated, Any, ClassVar, Literal

from protocol.base import EXPERIMENTAL, I32, I64, U16, U64, Method, Notification, Params, Record, Response, TypeAliasType
from protocol.sandbox import SandboxPolicy


class CommandExecTerminalSize(Record):
    """The size of a terminal, in characters."""

    rows: U16
    """Its height."""
    cols: U16
    """Its width."""


class CommandExecParams(Params):
    """A command to run; answered when it has ended."""

    command: list[str]
    """The program and its arguments; must not be empty."""
    process_id: str | None = None
    """What the client calls the command; needed to stream, to write and to end it. Null: nothing."""
    tty: bool = False
    """Whether it gets a terminal, which implies streaming both ways."""
    stream_stdin: bool = False
    """Whether the client will write to it."""
    stream_stdout_stderr: bool = False
    """Whether its output is sent as it comes instead of in the answer."""
    output_bytes_cap: U64 | None = None
    """The most bytes to keep of each stream; null lets the server choose."""
    disable_output_cap: bool = False
    """Whether all output is kept; not together with `outputBytesCap`."""
    disable_timeout: bool = False
    """Whether it may take any time; not together with `timeoutMs`."""
    timeout_ms: I64 | None = None
    """How long it may take; null lets the server choose."""
    cwd: str | None = None
    """Where it runs; null: where the server does."""
    env: dict[str, str | None] | None = None
    """Variables to set; null as a value removes one. Null: none."""
    size: CommandExecTerminalSize | None = None
    """The size of its terminal; null: 24 rows and 80 columns."""
    sandbox_policy: SandboxPolicy | None = None
    """What it may touch; null: as configured."""
    permission_profile: Annotated[str | None, EXPERIMENTAL] = None
    """A named permission profile instead of `sandboxPolicy`."""


class CommandExecResponse(Response):
    """The command has ended."""

    exit_code: I32
    """Its exit code."""
    stdout: str
    """What it wrote to its output; empty when that was streamed."""
    stderr: str
    """What it wrote to its error output; empty when that was streamed."""


class CommandExecWriteParams(Params):
    """Input for a command."""

    process_id: str
    """The command."""
    delta_base64: str | None = None
    """The bytes, in base64; null: none."""
    close_stdin: bool = False
    """Whether the input ends with them."""


class CommandExecWriteResponse(Response):
    """It is written."""


class CommandExecTerminateParams(Params):
    """A command to end."""

    process_id: str
    """The command."""


class CommandExecTerminateResponse(Response):
    """It is being ended."""


class CommandExecResizeParams(Params):
    """A terminal to resize."""

    process_id: str
    """The command."""
    size: CommandExecTerminalSize
    """The new size."""


class CommandExecResizeResponse(Response):
    """It has the new size."""


CommandExecOutputStream = TypeAliasType("CommandExecOutputStream", Literal["stdout", "stderr"])
"""Where output came from; a terminal has only `stdout`."""


class CommandExecOutputDeltaNotification(Notification):
    """A command wrote something. Sent only to its client."""

    method: ClassVar[str] = "command/exec/outputDelta"

    process_id: str
    """The command."""
    stream: CommandExecOutputStream
    """Where it came from."""
    delta_base64: str
    """The bytes, in base64."""
    cap_reached: bool
    """Whether nothing of this stream will follow, since the most bytes are reached."""


COMMAND_EXEC = Method("command/exec", CommandExecParams, CommandExecResponse)
COMMAND_EXEC_WRITE = Method("command/exec/write", CommandExecWriteParams, CommandExecWriteResponse)
COMMAND_EXEC_TERMINATE = Method("command/exec/terminate", CommandExecTerminateParams, CommandExecTerminateResponse)
COMMAND_EXEC_RESIZE = Method("command/exec/resize", CommandExecResizeParams, CommandExecResizeResponse)

METHODS: tuple[Method[Any, Any], ...] = (COMMAND_EXEC, COMMAND_EXEC_WRITE, COMMAND_EXEC_TERMINATE, COMMAND_EXEC_RESIZE)
NOTIFICATIONS: tuple[type[Notification], ...] = (CommandExecOutputDeltaNotification,)
