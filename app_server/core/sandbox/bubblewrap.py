"""The first rung on Linux: namespaces by Debian's `bwrap`, with our own system call filter and no helper program.

The whole file system is read-only, the writable roots are bound over it, their protected names are covered again;
processes, IPC and, unless allowed, the network are namespaces of their own. Source: spec/approvals-sandbox.md section 11.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from app_server.core.frozen import frozen
from app_server.core.launch import Launch
from app_server.core.sandbox.mount_points import MountPoints
from app_server.core.sandbox.rules import Rules
from app_server.core.sandbox.seccomp import NUMBERS, open_program, program

PROBE_S = 5.0
KERNEL_SETTINGS = tuple(f"/proc/{name}" for name in ("sys", "sysrq-trigger", "irq", "bus", "fs", "acpi", "scsi", "mtrr"))
"""What root may write in a new `/proc` without any capability, and which concerns the whole machine."""


@frozen
class Bubblewrap:
    """A `bwrap` that works here."""

    program: str
    mount_points: MountPoints

    def confined(self, launch: Launch, rules: Rules) -> Launch:
        """The launch inside a sandbox. What it holds (a descriptor, mount points) is given back when the command has ended."""
        missing = tuple(path for path in rules.protected() if not os.path.lexists(path) or self.mount_points.is_ours(path))
        filter_fd = open_program(program(os.uname().machine, rules.has_network))
        self.mount_points.hold(missing)
        empty_fds = [os.memfd_create("denied") for path in rules.denied if not Path(path).is_dir()]
        argv = (*self._argv(rules, frozenset(missing), filter_fd, empty_fds), "--chdir", launch.cwd, "--", *launch.argv)

        def give_back() -> None:
            for descriptor in (filter_fd, *empty_fds):
                os.close(descriptor)
            self.mount_points.release(missing)

        return Launch(argv, "/", launch.env, fds=(filter_fd, *empty_fds), dies_with_parent=True, when_ended=give_back)

    def _argv(self, rules: Rules, missing: frozenset[str], filter_fd: int, empty_fds: Sequence[int]) -> list[str]:
        argv = [self.program, "--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev"]
        for root in rules.writable:
            argv += ["--bind", root, root]
        for path in rules.protected():
            if path in missing:
                argv += ["--perms", "555", "--tmpfs", path, "--remount-ro", path]
            else:
                argv += ["--ro-bind", path, path]
        empty = iter(empty_fds)
        for path in rules.denied:
            if Path(path).is_dir():
                argv += ["--perms", "000", "--tmpfs", path, "--remount-ro", path]
            else:
                argv += ["--perms", "000", "--ro-bind-data", str(next(empty)), path]
        argv += ["--unshare-user", "--unshare-pid", "--unshare-ipc", "--proc", "/proc"]
        for path in KERNEL_SETTINGS:
            argv += ["--ro-bind-try", path, path]
        if not rules.has_network:
            argv.append("--unshare-net")
        return [*argv, "--cap-drop", "ALL", "--seccomp", str(filter_fd)]


def find_bubblewrap(environment: Mapping[str, str], mount_points: MountPoints) -> Bubblewrap | None:
    """The `bwrap` on PATH, if a sandbox made with it really works here: it is tried once."""
    found = shutil.which("bwrap", path=environment.get("PATH"))
    if found is None or os.uname().machine not in NUMBERS:
        return None
    candidate = Bubblewrap(str(Path(found).resolve()), mount_points)
    launch = candidate.confined(Launch(("/bin/true",), "/", {}), Rules((), has_network=False))
    try:
        ended = subprocess.run(launch.argv, pass_fds=launch.fds, capture_output=True, timeout=PROBE_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    finally:
        if launch.when_ended is not None:
            launch.when_ended()
    return candidate if ended.returncode == 0 else None
