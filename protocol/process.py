"""Processes of the client: run on the machine of the server without a sandbox.

A process is known by a handle of the client's choice, which counts for its connection; it ends with the connection.
"""

from typing import Any, ClassVar, Literal

from protocol.base import I32, I64, U16, U64, Method, Notification, Params, Record, Response, TypeAliasType
from protocol.scalars import AbsolutePathBuf


class ProcessTerminalSize(Record):
    """The size of a terminal, in characters."""

    rows: U16
    """Its height."""
    cols: U16
    """Its width."""


class ProcessSpawnParams(Params):
    """A process to start; answered when it runs."""

    command: list[str]
    """The program and its arguments; must not be empty."""
    process_handle: str
    """What the client calls it; free again when it has ended."""
    cwd: AbsolutePathBuf
    """Where it runs."""
    tty: bool = False
    """Whether it gets a terminal, which implies streaming both ways."""
    stream_stdin: bool = False
    """Whether the client will write to it."""
    stream_stdout_stderr: bool = False
    """Whether its output is sent as it comes instead of at its end."""
    output_bytes_cap: U64 | None = None
    """The most bytes to keep of each stream; null: all; absent lets the server choose."""
    timeout_ms: I64 | None = None
    """How long it may take; null: any time; absent lets the server choose."""
    env: dict[str, str | None] | None = None
    """Variables to set; null as a value removes one. Null: none."""
    size: ProcessTerminalSize | None = None
    """The size of its terminal; null: 24 rows and 80 columns."""


class ProcessSpawnResponse(Response):
    """It runs."""


class ProcessWriteStdinParams(Params):
    """Input for a process."""

    process_handle: str
    """The process."""
    delta_base64: str | None = None
    """The bytes, in base64; null: none."""
    close_stdin: bool = False
    """Whether the input ends with them."""


class ProcessWriteStdinResponse(Response):
    """It is written."""


class ProcessKillParams(Params):
    """A process to end."""

    process_handle: str
    """The process."""


class ProcessKillResponse(Response):
    """It is being ended."""


class ProcessResizePtyParams(Params):
    """A terminal to resize."""

    process_handle: str
    """The process."""
    size: ProcessTerminalSize
    """The new size."""


class ProcessResizePtyResponse(Response):
    """It has the new size."""


ProcessOutputStream = TypeAliasType("ProcessOutputStream", Literal["stdout", "stderr"])
"""Where output came from; a terminal has only `stdout`."""


class ProcessOutputDeltaNotification(Notification):
    """A process wrote something. Sent only to its client."""

    method: ClassVar[str] = "process/outputDelta"

    process_handle: str
    """The process."""
    stream: ProcessOutputStream
    """Where it came from."""
    delta_base64: str
    """The bytes, in base64."""
    cap_reached: bool
    """Whether nothing of this stream will follow, since the most bytes are reached."""


class ProcessExitedNotification(Notification):
    """A process has ended. Sent only to its client."""

    method: ClassVar[str] = "process/exited"

    process_handle: str
    """The process."""
    exit_code: I32
    """Its exit code."""
    output_drain_timed_out: bool | None = None
    """Whether something else kept its output open, so that the rest was not waited for."""
    stdout: str
    """What it wrote to its output; empty when that was streamed."""
    stdout_cap_reached: bool
    """Whether the most bytes of it were reached."""
    stderr: str
    """What it wrote to its error output; empty when that was streamed."""
    stderr_cap_reached: bool
    """Whether the most bytes of it were reached."""


PROCESS_SPAWN = Method("process/spawn", ProcessSpawnParams, ProcessSpawnResponse)
PROCESS_WRITE_STDIN = Method("process/writeStdin", ProcessWriteStdinParams, ProcessWriteStdinResponse)
PROCESS_KILL = Method("process/kill", ProcessKillParams, ProcessKillResponse)
PROCESS_RESIZE_PTY = Method("process/resizePty", ProcessResizePtyParams, ProcessResizePtyResponse)

METHODS: tuple[Method[Any, Any], ...] = (PROCESS_SPAWN, PROCESS_WRITE_STDIN, PROCESS_KILL, PROCESS_RESIZE_PTY)
NOTIFICATIONS: tuple[type[Notification], ...] = (ProcessOutputDeltaNotification, ProcessExitedNotification)
