"""What is needed before a process exists: what to run, where its streams lead, and what is put in front of its argv.

Wrappers keep two promises without running code between fork and exec, which would be unsafe beside threads: the
kernel kills the child when the daemon dies (`setpriv --pdeathsig`, a sandbox has its own way), and a child gets
its terminal. Source: spec/decisions.md ("Machines").
"""

import errno
import os
import shutil
import subprocess
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app_server.core.launch import Launch

_SETPRIV = ("/usr/bin/setpriv", "/bin/setpriv")
_PROBE_TIMEOUT_S = 5.0
_TAKE_TERMINAL = ': <>"$0" && exec "$@"'

OnOutput = Callable[[bytes], None]
Pace = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class TerminalSize:
    """The size of a terminal in characters."""

    rows: int = 24
    columns: int = 80


@dataclass(frozen=True, slots=True)
class Wiring:
    """Where a process's streams lead.

    Without `on_errors`, standard error is merged into the output in arrival order; a terminal always merges. Without
    a terminal and `has_input`, standard input is empty. `pace` is awaited between reads, so that a process waits for
    whoever takes its output.
    """

    on_output: OnOutput
    on_errors: OnOutput | None = None
    has_input: bool = False
    terminal: TerminalSize | None = None
    pace: Pace | None = None


def full_argv(launch: Launch, terminal_name: str | None = None) -> tuple[str, ...]:
    """The argv with its wrappers. Raises: FileNotFoundError, PermissionError, which a wrapper could not report."""
    require_program(launch.argv[0], launch.cwd, launch.env)
    argv = launch.argv if launch.dies_with_parent else (*parent_death_prefix(), *launch.argv)
    if terminal_name is None:
        return argv
    # A session leader without a terminal gets the first one that it opens: so a shell opens it and becomes the command.
    return ("/bin/sh", "-c", _TAKE_TERMINAL, terminal_name, *argv)


def require_program(program: str, cwd: str, env: Mapping[str, str]) -> None:
    """See that a program is there. Raises: FileNotFoundError, PermissionError."""
    if "/" in program:
        path = Path(cwd, program)
        if not path.exists():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), program)
        if not path.is_file() or not os.access(path, os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), program)
    elif shutil.which(program, path=env.get("PATH", os.defpath)) is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), program)


@cache
def parent_death_prefix(signal: str = "KILL") -> tuple[str, ...]:
    """What makes the kernel send a child a signal when the daemon dies; nothing where `setpriv` is missing or can't do it."""
    for path in _SETPRIV:
        prefix = (path, "--pdeathsig", signal, "--")
        if os.access(path, os.X_OK):
            probe = subprocess.run((*prefix, path, "--version"), capture_output=True, timeout=_PROBE_TIMEOUT_S, check=False)
            if probe.returncode == 0:
                return prefix
    return ()
