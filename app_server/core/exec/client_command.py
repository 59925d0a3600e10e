"""One command that a client runs by itself, outside of any thread: streams kept apart, output capped, ended in time.

Source: spec/exec-fs.md sections 1 and 2. A command that outlives its time is killed at once and ends with 124.
"""

import codecs
from collections.abc import Callable, Mapping
from typing import Literal

import anyio

from app_server.core.exec.launch import TerminalSize, Wiring
from app_server.core.exec.process import InputClosed, NoTerminal, Process, start
from app_server.core.frozen import frozen
from app_server.core.launch import Launch

DEFAULT_CAP_BYTES = 1 << 20
DEFAULT_TIMEOUT_MS = 10_000
TIMED_OUT = 124
DRAIN_S = 2.0
Stream = Literal["stdout", "stderr"]
OnDelta = Callable[[Stream, bytes, bool], None]
"""Stream, bytes, whether the cap is reached with them."""


@frozen
class CommandOptions:
    """How a command is run. `cap_bytes` None: no cap; `timeout_s` None: no limit; `on_delta` None: the output is kept."""

    cap_bytes: int | None
    timeout_s: float | None
    has_input: bool
    terminal: TerminalSize | None
    on_delta: OnDelta | None


@frozen
class CommandEnd:
    """How a command ended. Its texts are empty where they were streamed."""

    exit_code: int
    stdout: str
    stderr: str
    stdout_capped: bool
    stderr_capped: bool
    is_output_cut: bool


class NoInput(Exception):
    """The command was started without an input that can be written."""


class CappedStream:
    """One output stream: kept or handed on up to the cap, thrown away beyond it."""

    def __init__(self, name: Stream, cap_bytes: int | None, on_delta: OnDelta | None) -> None:
        self._name = name
        self._left = cap_bytes
        self._on_delta = on_delta
        self._kept: list[bytes] = []
        self.is_capped = cap_bytes == 0

    def take(self, data: bytes) -> None:
        """Some output. The cap counts as reached when it is filled to the last byte."""
        if self._left is not None:
            data = data[: self._left]
            self._left -= len(data)
            was_capped, self.is_capped = self.is_capped, self._left == 0
            if was_capped:
                return
        if self._on_delta is not None:
            self._on_delta(self._name, data, self.is_capped)
        else:
            self._kept.append(data)

    def text(self) -> str:
        """What was kept; bytes that are no UTF-8 are read as UTF-16 if they begin with its mark, else as Windows' letters."""
        raw = b"".join(self._kept)
        try:
            if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                return raw.decode("utf-16", "replace")
            return raw.decode()
        except UnicodeDecodeError:
            return raw.decode("cp1252", "replace")


class ClientCommand:
    """A running command. `run` has to be awaited as a task from the start."""

    def __init__(self, launch: Launch, options: CommandOptions) -> None:
        """Start it. Raises: OSError, ValueError, as `process.start`."""
        self._options = options
        self._stdout = CappedStream("stdout", options.cap_bytes, options.on_delta)
        self._stderr = CappedStream("stderr", options.cap_bytes, options.on_delta)
        self._is_input_closed = False
        wiring = Wiring(self._stdout.take, on_errors=self._stderr.take, has_input=options.has_input, terminal=options.terminal)
        self._process: Process = start(launch, wiring, drain_s=DRAIN_S)

    async def run(self) -> CommandEnd:
        """Wait for the end. Cancel: ends the command."""
        has_timed_out = False
        async with anyio.create_task_group() as group:
            group.start_soon(self._process.supervise)
            with anyio.move_on_after(self._options.timeout_s):
                await self._process.ended.wait()
            if not self._process.ended.is_set():
                has_timed_out = True
                self._process.kill()
        code = self._process.exit_code if self._process.exit_code is not None else -1
        return CommandEnd(
            exit_code=TIMED_OUT if has_timed_out else code,
            stdout=self._stdout.text(),
            stderr=self._stderr.text(),
            stdout_capped=self._stdout.is_capped,
            stderr_capped=self._stderr.is_capped,
            is_output_cut=self._process.is_output_cut,
        )

    async def write(self, data: bytes, is_last: bool) -> None:
        """Write to the command's input, and close it if that was all. Raises: NoInput, InputClosed."""
        if not self._options.has_input:
            raise NoInput
        if self._is_input_closed:
            if data:
                raise InputClosed
            return
        if data:
            await self._process.write(data)
        if is_last:
            self._is_input_closed = True
            await self._process.close_input()

    def resize(self, size: TerminalSize) -> None:
        """Change the size of its terminal. Raises: NoTerminal."""
        self._process.resize(size)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()


def with_changes(environment: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    """An environment with variables set, or unset where null."""
    merged: dict[str, str | None] = {**environment, **changes}
    return {name: value for name, value in merged.items() if value is not None}


__all__ = ["ClientCommand", "CommandEnd", "CommandOptions", "InputClosed", "NoInput", "NoTerminal"]
