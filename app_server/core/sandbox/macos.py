"""The rung on macOS: `sandbox-exec` with a profile that allows reading, and writing within the writable roots only.

Built and tested as text; nobody has verified it on a Mac yet. Source: spec/approvals-sandbox.md section 11.
"""

import sys
from pathlib import Path

from app_server.core.frozen import frozen
from app_server.core.launch import Launch
from app_server.core.sandbox.rules import Rules

PROGRAM = "/usr/bin/sandbox-exec"
BASE = """\
(version 1)
(deny default)
(allow process-exec)
(allow process-fork)
(allow signal (target same-sandbox))
(allow process-info* (target same-sandbox))
(allow sysctl-read)
(allow mach-lookup (global-name "com.apple.system.opendirectoryd.libinfo"))
(allow ipc-posix-sem)
(allow pseudo-tty)
(allow file-read*)
(allow file-write-data file-ioctl (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty"))
(allow file-read* file-write* file-ioctl (literal "/dev/ptmx") (regex #"^/dev/ttys[0-9]+"))
"""
NETWORK = """\
(allow network-outbound)
(allow network-inbound)
(allow system-socket)
(allow mach-lookup (global-name "com.apple.SecurityServer") (global-name "com.apple.trustd.agent"))
"""


@frozen
class SandboxExec:
    """`sandbox-exec`, which is part of macOS."""

    def confined(self, launch: Launch, rules: Rules) -> Launch:
        """The launch inside a sandbox."""
        text, places = profile(rules)
        definitions = [f"-D{name}={place}" for name, place in places.items()]
        argv = (PROGRAM, "-p", text, *definitions, "--", *launch.argv)
        return Launch(argv, launch.cwd, {**launch.env, "CODEX_SANDBOX": "seatbelt"}, launch.fds, when_ended=launch.when_ended)


def profile(rules: Rules) -> tuple[str, dict[str, str]]:
    """The profile's text, and the places that it names: they are handed over apart, so that no path is read as a rule."""
    places: dict[str, str] = {}
    clauses: list[str] = []
    protected = rules.protected()
    for index, root in enumerate(rules.writable):
        places[f"ROOT_{index}"] = root
        inside = [path for path in protected if path.startswith(f"{root.rstrip('/')}/")]
        spared: list[str] = []
        for number, path in enumerate(inside):
            name = f"ROOT_{index}_SPARED_{number}"
            places[name] = path
            spared.append(f'(require-not (subpath (param "{name}")))')
        clauses.append(f'(require-all (subpath (param "ROOT_{index}")) {" ".join(spared)})')
    text = BASE
    if clauses:
        text += "(allow file-write*\n" + "\n".join(f"  {clause}" for clause in clauses) + "\n)\n"
    for number, path in enumerate(rules.denied):
        places[f"DENIED_{number}"] = path
        text += f'(deny file-read* file-write* (subpath (param "DENIED_{number}")))\n'
    return text + (NETWORK if rules.has_network else ""), places


def find_sandbox_exec() -> SandboxExec | None:
    """`sandbox-exec`, where there is one."""
    return SandboxExec() if sys.platform == "darwin" and Path(PROGRAM).exists() else None
