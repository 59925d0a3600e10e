"""The process family of the wire contract."""

from typing import Any, ClassVar, Literal

from protocol.base import I32, I64, U16, U64, Method, Notification, Params, Record, Response, TypeAliasType
from protocol.scalars import AbsolutePathBuf


class ProcessTerminalSize(Record):
    """Process terminal size."""

    rows: U16
    cols: U16


class ProcessSpawnParams(Params):
    """What `process/spawn` asks with."""

    command: list[str]
    process_handle: str
    cwd: AbsolutePathBuf
    tty: bool = False
    stream_stdin: bool = False
    stream_stdout_stderr: bool = False
    output_bytes_cap: U64 | None = None
    timeout_ms: I64 | None = None
    env: dict[str, str | None] | None = None
    size: ProcessTerminalSize | None = None


class ProcessSpawnResponse(Response):
    """What `process/spawn` is answered with."""


class ProcessWriteStdinParams(Params):
    """What `process/writeStdin` asks with."""

    process_handle: str
    delta_base64: str | None = None
    close_stdin: bool = False


class ProcessWriteStdinResponse(Response):
    """What `process/writeStdin` is answered with."""


class ProcessKillParams(Params):
    """What `process/kill` asks with."""

    process_handle: str


class ProcessKillResponse(Response):
    """What `process/kill` is answered with."""


class ProcessResizePtyParams(Params):
    """What `process/resizePty` asks with."""

    process_handle: str
    size: ProcessTerminalSize


class ProcessResizePtyResponse(Response):
    """What `process/resizePty` is answered with."""


ProcessOutputStream = TypeAliasType("ProcessOutputStream", Literal["stdout", "stderr"])
"""Process output stream."""


class ProcessOutputDeltaNotification(Notification):
    """Announced as `process/outputDelta`."""

    method: ClassVar[str] = "process/outputDelta"

    process_handle: str
    stream: ProcessOutputStream
    delta_base64: str
    cap_reached: bool


class ProcessExitedNotification(Notification):
    """Announced as `process/exited`."""

    method: ClassVar[str] = "process/exited"

    process_handle: str
    exit_code: I32
    output_drain_timed_out: bool | None = None
    stdout: str
    stdout_cap_reached: bool
    stderr: str
    stderr_cap_reached: bool


PROCESS_SPAWN = Method("process/spawn", ProcessSpawnParams, ProcessSpawnResponse)
PROCESS_WRITE_STDIN = Method("process/writeStdin", ProcessWriteStdinParams, ProcessWriteStdinResponse)
PROCESS_KILL = Method("process/kill", ProcessKillParams, ProcessKillResponse)
PROCESS_RESIZE_PTY = Method("process/resizePty", ProcessResizePtyParams, ProcessResizePtyResponse)

METHODS: tuple[Method[Any, Any], ...] = (PROCESS_SPAWN, PROCESS_WRITE_STDIN, PROCESS_KILL, PROCESS_RESIZE_PTY)
NOTIFICATIONS: tuple[type[Notification], ...] = (ProcessOutputDeltaNotification, ProcessExitedNotification)
