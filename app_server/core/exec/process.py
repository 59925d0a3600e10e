"""One child process: started in a session of its own, read while it runs, and ended for certain.

A `Process` is a leader and what it starts in its process group. Its output goes to callbacks in chunks; who keeps it
is not this module's business, nor are shells, sandboxes and threads. `supervise` must run as a task while the process
lives: it reads, waits, and at the end kills what is left of the group and reaps the leader. Until then the leader
stays a zombie, so its group's number can't become another's and no signal hits a stranger.
Source: spec/tools.md section 3, spec/exec-fs.md sections 1.3 and 1.6.
"""

import contextlib
import os
import signal
import subprocess
import termios
from collections.abc import Callable

import anyio
import anyio.to_thread

from app_server.core.exec.launch import OnOutput, Pace, TerminalSize, Wiring, full_argv
from app_server.core.launch import Launch

CHUNK_BYTES = 8192
TERM_GRACE_S = 2.0
_READ_BYTES = 8 * CHUNK_BYTES
_DRAIN_S = 0.1
_DRAIN_READS = 32
_KILL_WAIT_S = 2.0
_END_OF_INPUT = b"\n\x04"
"""Ctrl-D is an end only at the beginning of a line."""


class InputClosed(Exception):
    """The process takes no input, or no more."""


class NoTerminal(Exception):
    """The process is not attached to a terminal."""


def start(launch: Launch, wiring: Wiring, *, drain_s: float = _DRAIN_S) -> "Process":
    """Start a process; run its `supervise` at once. `drain_s`: how long output is awaited after the leader's end.

    Raises: OSError (no such program or folder, not executable, out of processes), ValueError (a NUL byte).
    """
    try:
        process = _start_in_terminal(launch, wiring, drain_s) if wiring.terminal else _start_with_pipes(launch, wiring, drain_s)
    except BaseException:
        if launch.when_ended is not None:
            launch.when_ended()
        raise
    process.when_ended = launch.when_ended
    return process


def _start_with_pipes(launch: Launch, wiring: Wiring, drain_s: float) -> "Process":
    argv = full_argv(launch)
    with contextlib.ExitStack() as ours, contextlib.ExitStack() as theirs:
        out, out_end = _pipe(ours, theirs)
        streams = [_Stream(out, wiring.on_output, wiring.pace)]
        error_end = out_end
        if wiring.on_errors:
            errors, error_end = _pipe(ours, theirs)
            streams.append(_Stream(errors, wiring.on_errors, wiring.pace))
        input_fd, input_end = None, subprocess.DEVNULL
        if wiring.has_input:
            input_end, input_fd = _pipe(theirs, ours)
        popen = _spawn(launch, argv, input_end, out_end, error_end)
        ours.pop_all()
    return Process(popen, streams, input_fd, None, drain_s)


def _start_in_terminal(launch: Launch, wiring: Wiring, drain_s: float) -> "Process":
    size = wiring.terminal or TerminalSize()
    with contextlib.ExitStack() as ours, contextlib.ExitStack() as theirs:
        terminal, their_end = os.openpty()
        ours.callback(os.close, terminal)
        theirs.callback(os.close, their_end)
        termios.tcsetwinsize(their_end, (size.rows, size.columns))
        argv = full_argv(launch, os.ttyname(their_end))
        popen = _spawn(launch, argv, their_end, their_end, their_end)
        ours.pop_all()
    return Process(popen, [_Stream(terminal, wiring.on_output, wiring.pace)], terminal, terminal, drain_s)


def _pipe(reader: contextlib.ExitStack, writer: contextlib.ExitStack) -> tuple[int, int]:
    """A pipe whose ends are closed with the given stacks."""
    read_end, write_end = os.pipe()
    reader.callback(os.close, read_end)
    writer.callback(os.close, write_end)
    return read_end, write_end


def _spawn(launch: Launch, argv: tuple[str, ...], stdin: int, stdout: int, stderr: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        argv,
        cwd=launch.cwd,
        env=launch.env,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
        pass_fds=launch.fds,
    )


class Process:
    """A running process. Invariant: until `ended` is set the leader isn't reaped, and its file descriptors are open."""

    def __init__(
        self,
        popen: "subprocess.Popen[bytes]",
        streams: "list[_Stream]",
        input_fd: int | None,
        terminal_fd: int | None,
        drain_s: float,
    ) -> None:
        self.pid = popen.pid
        self.exit_code: int | None = None
        """128 + n after signal n; 1 after any signal in a terminal; -1 if it could not be ended."""
        self.is_output_cut = False
        """Whether output was given up while someone could still have written."""
        self.ended = anyio.Event()
        self.when_ended: Callable[[], None] | None = None
        """Gives back what the launch holds."""
        self._popen = popen
        self._streams = streams
        self._input_fd = input_fd
        self._terminal_fd = terminal_fd
        self._exit_fd = _open_exit_fd(popen.pid)
        self._has_exited = False
        self._drain_s = drain_s
        self._grace_s = TERM_GRACE_S
        self._running = anyio.CancelScope()
        self._writing = anyio.Lock()
        for fd in {stream.fd for stream in streams} | ({input_fd} if input_fd is not None else set()):
            os.set_blocking(fd, False)

    async def supervise(self) -> int:
        """Read the process until it has ended; gives its exit code. Cancel: ends it first, which takes 4 s at most."""
        try:
            with self._running:
                await self._follow(self._drain_s)
            if self._running.cancelled_caught:
                await self._end_group()
        except anyio.get_cancelled_exc_class():
            with anyio.CancelScope(shield=True):
                await self._end_group()
            raise
        finally:
            self._settle()
        return self.exit_code if self.exit_code is not None else -1

    async def terminate(self, grace_s: float = TERM_GRACE_S) -> None:
        """TERM to the group, KILL after the grace, and wait for the end. Only while `supervise` runs."""
        self._grace_s = grace_s
        self._running.cancel()
        await self.ended.wait()

    def interrupt(self) -> None:
        """What Ctrl-C does: SIGINT to the group."""
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        """SIGKILL to the group, without waiting."""
        self._signal(signal.SIGKILL)

    async def write(self, data: bytes) -> None:
        """Write to the process's input; waits while it doesn't read. Raises: InputClosed. Cancel: part may be written."""
        async with self._writing:
            rest = memoryview(data)
            while rest:
                fd = self._input_fd
                if fd is None:
                    raise InputClosed
                try:
                    await anyio.wait_writable(fd)
                    # It may have been closed while we waited, and its number given to another file.
                    if fd == self._input_fd:
                        rest = rest[os.write(fd, rest) :]
                except BlockingIOError:
                    continue
                except (OSError, anyio.ClosedResourceError):
                    raise InputClosed from None

    async def close_input(self) -> None:
        """End the input: closes a pipe, types Ctrl-D into a terminal. Raises: InputClosed."""
        if self._terminal_fd is not None:
            await self.write(_END_OF_INPUT)
            return
        if self._input_fd is None:
            raise InputClosed
        _close(self._input_fd)
        self._input_fd = None

    def resize(self, size: TerminalSize) -> None:
        """Change the terminal's size. Raises: NoTerminal."""
        if self._terminal_fd is None:
            raise NoTerminal
        termios.tcsetwinsize(self._terminal_fd, (size.rows, size.columns))

    async def _follow(self, drain_s: float) -> None:
        """Read until the leader has exited and the streams are at their ends; the latter is awaited for a while only."""
        async with anyio.create_task_group() as readers:
            for stream in self._streams:
                readers.start_soon(stream.read_all)
            await self._wait_exit()
            readers.cancel_scope.deadline = anyio.current_time() + drain_s

    async def _wait_exit(self) -> None:
        if self._has_exited:
            return
        if self._exit_fd is not None:
            await anyio.wait_readable(self._exit_fd)
        else:
            await anyio.to_thread.run_sync(self._popen.wait, abandon_on_cancel=True, limiter=anyio.CapacityLimiter(1))
        self._has_exited = True

    async def _end_group(self) -> None:
        for stream in self._streams:
            stream.pace = None  # nobody's slowness may draw out the end
        self._signal(signal.SIGTERM)
        with anyio.move_on_after(self._grace_s):
            await self._follow(self._grace_s)
        self._signal(signal.SIGKILL)
        with anyio.move_on_after(_KILL_WAIT_S):
            await self._follow(self._drain_s)

    def _settle(self) -> None:
        """Take what the pipes still hold, kill what is left of the group, reap the leader, close everything."""
        for stream in self._streams:
            stream.drain()
        self.is_output_cut = not all(stream.is_done for stream in self._streams)
        self._signal(signal.SIGKILL)
        code = self._popen.poll()
        if code is not None and code < 0:
            code = 1 if self._terminal_fd is not None else 128 - code
        self.exit_code = -1 if code is None else code
        for fd in {stream.fd for stream in self._streams} | {self._input_fd, self._exit_fd}:
            if fd is not None:
                _close(fd)
        self._input_fd = self._exit_fd = self._terminal_fd = None
        if self.when_ended is not None:
            self.when_ended()
        self.ended.set()

    def _signal(self, number: signal.Signals) -> None:
        if not self.ended.is_set():
            # The group may be gone, or hold only processes of another user.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)


class _Stream:
    """One readable end and where its bytes go."""

    def __init__(self, fd: int, on_output: OnOutput, pace: Pace | None) -> None:
        self.fd = fd
        self.is_done = False
        self._on_output = on_output
        self.pace = pace

    async def read_all(self) -> None:
        """Hand on what comes until the end. Cancel: safe, nothing that was read is lost."""
        while not self.is_done:
            await anyio.wait_readable(self.fd)
            if self._read_once() and self.pace:
                await self.pace()

    def drain(self) -> None:
        """Hand on what is there without waiting; bounded, since someone else may still be writing."""
        for _ in range(_DRAIN_READS):
            if self.is_done or not self._read_once():
                return

    def _read_once(self) -> bool:
        """Whether there was anything to read."""
        try:
            data = os.read(self.fd, _READ_BYTES)
        except BlockingIOError:
            return False
        except OSError:
            data = b""  # a terminal whose other side is closed reports an error instead of an end
        if not data:
            self.is_done = True
        for start_at in range(0, len(data), CHUNK_BYTES):
            self._on_output(data[start_at : start_at + CHUNK_BYTES])
        return bool(data)


def _open_exit_fd(pid: int) -> int | None:
    """A file descriptor that becomes readable when the process exits, without reaping it; None where there is none."""
    if not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None


def _close(fd: int) -> None:
    anyio.notify_closing(fd)
    os.close(fd)
