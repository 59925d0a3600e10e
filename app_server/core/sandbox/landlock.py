"""The second rung on Linux, for machines where user namespaces are forbidden: Landlock with the same system call filter.

It keeps writing within the writable roots and commands off the network, and gives up less than the first rung: names within
a writable root can't be protected, modes and times of files outside can be changed by their owner, processes outside can
be seen, and of a killed server's commands only the first process is sure to end. `SHORTCOMING` says so to people.
Source: spec/approvals-sandbox.md section 12, spec/decisions.md ("Machines").
"""

import os
import subprocess
import sys
from pathlib import Path

from app_server.core.frozen import frozen
from app_server.core.launch import Launch
from app_server.core.sandbox.rules import Rules
from app_server.core.sandbox.seccomp import NUMBERS, open_program, program

PROBE_S = 5.0
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty")
"""What commands write to that changes nothing."""
WRAPPER = Path(__file__).with_name("landlock_wrapper.py")
SHORTCOMING = (
    "Commands are confined by Landlock, since bubblewrap does not work on this machine. It can't protect `.git`, `.codex`, "
    "`.agents` and `.aws` within writable folders, and the modes and times of files outside can be changed, and what "
    "a command has left in the background may outlive a server that is killed. Allow user namespaces and install bubblewrap for "
    "the full protection."
)


@frozen
class Landlock:
    """Landlock works here."""

    python: str

    def confined(self, launch: Launch, rules: Rules) -> Launch:
        """The launch inside a sandbox; its descriptor is given back when the command has ended."""
        filter_fd = open_program(program(os.uname().machine, rules.has_network))
        facts = (str(os.getpid()), str(int(rules.has_network)), str(filter_fd), *rules.writable, *DEVICES)
        argv = (self.python, "-I", "-S", str(WRAPPER), *facts, "--", *launch.argv)
        give_back = lambda: os.close(filter_fd)  # noqa: E731
        return Launch(argv, launch.cwd, launch.env, fds=(filter_fd,), dies_with_parent=True, when_ended=give_back)


def find_landlock() -> Landlock | None:
    """Landlock, if a sandbox made with it really works here: it is tried once, on something that it has to refuse."""
    if not sys.platform.startswith("linux") or os.uname().machine not in NUMBERS or not sys.executable:
        return None
    candidate = Landlock(sys.executable)
    test = f"echo x > /dev/null && ! touch {WRAPPER.parent}/probe 2>/dev/null"
    launch = candidate.confined(Launch(("/bin/sh", "-c", test), "/", {}), Rules((), has_network=False))
    try:
        ended = subprocess.run(
            launch.argv, cwd="/", env={}, pass_fds=launch.fds, capture_output=True, timeout=PROBE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    finally:
        if launch.when_ended is not None:
            launch.when_ended()
    return candidate if ended.returncode == 0 else None
