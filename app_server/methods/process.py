"""`process/*`: like `command/exec`, but never sandboxed, answered at once, and ended by a notification.

Source: spec/exec-fs.md section 2.
"""

import json
from base64 import b64encode
from pathlib import Path
from typing import Literal

from app_server.core.exec.client_command import DEFAULT_CAP_BYTES, DEFAULT_TIMEOUT_MS, ClientCommand, CommandOptions
from app_server.core.exec.launch import TerminalSize
from app_server.core.launch import Launch
from app_server.methods.client_commands import bad_params, environment, input_bytes, refuse, resize, started, terminal_size, write
from app_server.routing import route
from app_server.services import Context
from protocol.process import (
    PROCESS_KILL,
    PROCESS_RESIZE_PTY,
    PROCESS_SPAWN,
    PROCESS_WRITE_STDIN,
    ProcessExitedNotification,
    ProcessKillParams,
    ProcessKillResponse,
    ProcessOutputDeltaNotification,
    ProcessResizePtyParams,
    ProcessResizePtyResponse,
    ProcessSpawnParams,
    ProcessSpawnResponse,
    ProcessWriteStdinParams,
    ProcessWriteStdinResponse,
)

KIND = "process"


async def spawn(context: Context, params: ProcessSpawnParams) -> ProcessSpawnResponse | None:
    """Start a process; its end is announced."""
    size = check(params)
    services, connection, handle = context.services, context.connection, params.process_handle
    if services.commands.find(connection, KIND, handle, ClientCommand) is not None:
        refuse(f"duplicate active process handle: {json.dumps(handle)}", "duplicate")

    def announce(stream: Literal["stdout", "stderr"], data: bytes, is_capped: bool) -> None:
        message = ProcessOutputDeltaNotification(
            process_handle=handle, stream=stream, delta_base64=b64encode(data).decode(), cap_reached=is_capped
        )
        services.fanout.send([connection], message)

    given = params.model_fields_set
    timeout_ms = params.timeout_ms if "timeout_ms" in given else DEFAULT_TIMEOUT_MS
    options = CommandOptions(
        cap_bytes=params.output_bytes_cap if "output_bytes_cap" in given else DEFAULT_CAP_BYTES,
        timeout_s=None if timeout_ms is None else timeout_ms / 1000,
        has_input=params.tty or params.stream_stdin,
        terminal=size,
        on_delta=announce if params.tty or params.stream_stdout_stderr else None,
    )
    launch = Launch(tuple(params.command), params.cwd, environment(services, Path(params.cwd), params.env, has_network=True))
    command = started(launch, options, "process")
    services.commands.add(connection, KIND, handle, command)
    context.reply(ProcessSpawnResponse())
    services.spawn(announce_end, context, handle, command)
    return None


async def announce_end(context: Context, handle: str, command: ClientCommand) -> None:
    """Tell the client how the process ended."""
    try:
        end = await command.run()
    finally:
        context.services.commands.remove(context.connection, KIND, handle)
    message = ProcessExitedNotification(
        process_handle=handle,
        exit_code=end.exit_code,
        output_drain_timed_out=end.is_output_cut,
        stdout=end.stdout,
        stdout_cap_reached=end.stdout_capped,
        stderr=end.stderr,
        stderr_cap_reached=end.stderr_capped,
    )
    context.services.fanout.send([context.connection], message)


def check(params: ProcessSpawnParams) -> TerminalSize | None:
    """Refuse what does not go together; gives the terminal's size. Raises: CallerError."""
    if not params.command:
        refuse("command must not be empty", "empty")
    if not params.process_handle:
        refuse("processHandle must not be empty", "empty")
    if params.size is not None and not params.tty:
        raise bad_params("process/spawn size requires tty: true", "size")
    if params.timeout_ms is not None and params.timeout_ms < 0:
        raise bad_params(f"process/spawn timeoutMs must be non-negative, got {params.timeout_ms}", "timeoutMs")
    if not params.tty:
        return None
    return terminal_size(params.size, "process") if params.size is not None else TerminalSize()


def running(context: Context, handle: str) -> ClientCommand:
    """The client's process of this handle. Raises: CallerError."""
    command = context.services.commands.find(context.connection, KIND, handle, ClientCommand)
    if command is None:
        refuse(f"no active process for process handle {json.dumps(handle)}")
    return command


async def write_input(context: Context, params: ProcessWriteStdinParams) -> ProcessWriteStdinResponse:
    """Write to a process's input, close it, or both."""
    data = input_bytes(params.delta_base64, params.close_stdin, "process/writeStdin")
    await write(running(context, params.process_handle), data, params.close_stdin, "process")
    return ProcessWriteStdinResponse()


def resize_terminal(context: Context, params: ProcessResizePtyParams) -> ProcessResizePtyResponse:
    """Change the size of a process's terminal."""
    size = terminal_size(params.size, "process")
    resize(running(context, params.process_handle), size)
    return ProcessResizePtyResponse()


def kill(context: Context, params: ProcessKillParams) -> ProcessKillResponse:
    """End a process at once."""
    running(context, params.process_handle).kill()
    return ProcessKillResponse()


ROUTES = [
    route(PROCESS_SPAWN, spawn),
    route(PROCESS_WRITE_STDIN, write_input),
    route(PROCESS_RESIZE_PTY, resize_terminal),
    route(PROCESS_KILL, kill),
]
