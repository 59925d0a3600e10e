"""Running a provider's `auth.command`, which prints a bearer token.

The program gets a process group of its own and a deadline; what it leaves behind when the deadline passes is killed.
Source: spec/upstream.md section 2; the error texts are the reference's.
"""

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress

import anyio
from anyio.abc import ByteReceiveStream, Process

from app_server.core.provider.base import ProviderError
from app_server.core.provider.settings import AuthCommand

OUTPUT_KEPT_BYTES = 64 << 10
"""More than any token or message needs; what comes beyond it is read and dropped."""

REAP_S = 2.0


async def run_auth_command(auth: AuthCommand, environment: Mapping[str, str]) -> str:
    """The token that the program prints, trimmed.

    Raises: ProviderError, which may be tried again.     Cancel: at any time; the program's process group is killed.
    """
    try:
        process = await anyio.open_process(
            [auth.command, *auth.args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=auth.cwd,
            env=dict(environment),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise _failure(auth, f"failed to start: {_os_text(error)}") from error
    captured = _Captured()
    try:
        with anyio.move_on_after(auth.timeout_ms / 1000) as scope:
            await captured.read(process)
            await process.wait()
    finally:
        await _end(process)
    if scope.cancelled_caught:
        raise _failure(auth, f"timed out after {auth.timeout_ms} ms")
    return _token(auth, process.returncode, captured)


class _Captured:
    """The beginnings of a program's two outputs."""

    def __init__(self) -> None:
        self.stdout = bytearray()
        self.stderr = bytearray()

    async def read(self, process: Process) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_read_into, self.stdout, process.stdout)
            tasks.start_soon(_read_into, self.stderr, process.stderr)


async def _read_into(kept: bytearray, stream: ByteReceiveStream | None) -> None:
    if stream is None:
        return
    async for chunk in stream:
        kept += chunk[: OUTPUT_KEPT_BYTES - len(kept)]


async def _end(process: Process) -> None:
    """Leave nothing behind: neither a program past its deadline nor its open pipes."""
    with anyio.move_on_after(REAP_S, shield=True):
        if process.returncode is None:
            with suppress(ProcessLookupError):  # It may have ended by itself meanwhile.
                os.killpg(process.pid, signal.SIGKILL)
        await process.aclose()


def _token(auth: AuthCommand, returncode: int | None, captured: _Captured) -> str:
    if returncode != 0:
        text = f"exited with status {_status_text(returncode)}"
        complaint = captured.stderr.decode(errors="replace").strip()
        raise _failure(auth, f"{text}: {complaint}" if complaint else text)
    try:
        token = captured.stdout.decode().strip()
    except UnicodeDecodeError as error:
        raise _failure(auth, "wrote non-UTF-8 data to stdout") from error
    if not token:
        raise _failure(auth, "produced an empty token")
    return token


def _failure(auth: AuthCommand, what: str) -> ProviderError:
    return ProviderError(f"provider auth command `{auth.command}` {what}", is_retryable=True)


def _status_text(returncode: int | None) -> str:
    if returncode is not None and returncode < 0:
        try:
            return f"signal: {-returncode} ({signal.Signals(-returncode).name})"
        except ValueError:
            return f"signal: {-returncode}"
    return f"exit status: {returncode}"


def _os_text(error: OSError | ValueError) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return f"{os.strerror(error.errno)} (os error {error.errno})"
    return str(error)
