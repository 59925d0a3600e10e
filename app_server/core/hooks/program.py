"""Running a hook's command: in a shell, with what has happened on its input, for a limited time.

It has a process group of its own; what is left of it when the time is over, or when nobody waits any more, is killed.
Of its output so much is kept as anybody could want, and the rest is read and dropped. Source: spec/config-auth.md section 8.
"""

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress

import anyio
from anyio.abc import ByteReceiveStream, ByteSendStream, Process

from app_server.core.frozen import frozen

KEPT_BYTES = 1 << 20
REAP_S = 2.0
DEFAULT_SHELL = "/bin/sh"


@frozen
class Result:
    """How a run has ended. `exit_code` is None after a signal; `error` says why it has not ended by itself."""

    exit_code: int | None = None
    stdout: str = ""
    stderr: str = ""
    error: str | None = None
    duration_ms: int = 0


async def run_program(command: str, told: bytes, cwd: str, environment: Mapping[str, str], timeout_s: float) -> Result:
    """Run a command to its end. Cancel: at any time; its process group is killed."""
    began = time.monotonic()
    argv = [environment.get("SHELL") or DEFAULT_SHELL, "-lc", command]
    try:
        process = await anyio.open_process(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=dict(environment),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        return Result(error=os_text(error), duration_ms=since(began))
    stdout, stderr = bytearray(), bytearray()
    try:
        with anyio.move_on_after(timeout_s) as scope:
            async with anyio.create_task_group() as group:
                group.start_soon(tell, process.stdin, told)
                group.start_soon(keep, process.stdout, stdout)
                group.start_soon(keep, process.stderr, stderr)
            await process.wait()
    finally:
        await end(process)
    if scope.cancelled_caught:
        return Result(error=f"hook timed out after {timeout_s:g}s", duration_ms=since(began))
    code = process.returncode
    return Result(
        exit_code=code if code is not None and code >= 0 else None,
        stdout=stdout.decode(errors="replace"),
        stderr=stderr.decode(errors="replace"),
        duration_ms=since(began),
    )


async def tell(stream: ByteSendStream | None, told: bytes) -> None:
    """Give the program its input. One that does not read it is not to blame."""
    if stream is not None:
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
            await stream.send(told)
        with suppress(OSError):
            await stream.aclose()


async def keep(stream: ByteReceiveStream | None, kept: bytearray) -> None:
    """Read an output to its end."""
    if stream is not None:
        async for chunk in stream:
            kept += chunk[: KEPT_BYTES - len(kept)]


async def end(process: Process) -> None:
    """Leave nothing behind."""
    with anyio.move_on_after(REAP_S, shield=True):
        with suppress(ProcessLookupError, PermissionError):  # it has ended, and all that it had started
            os.killpg(process.pid, signal.SIGKILL)
        await process.aclose()


def since(began: float) -> int:
    """Milliseconds."""
    return round((time.monotonic() - began) * 1000)


def os_text(error: OSError | ValueError) -> str:
    """A refusal of the system in its own words."""
    if isinstance(error, OSError) and error.errno is not None:
        return f"{os.strerror(error.errno)} (os error {error.errno})"
    return str(error)
