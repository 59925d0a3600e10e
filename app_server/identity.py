"""Who we are towards clients and providers: originator, user agent, platform, installation id.

Source: the reference's `userAgent` (spec/server.md section 3). Clients read the protocol version out of it.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from app_server import PROTOCOL_VERSION
from app_server.core.clock import Clock

DEFAULT_ORIGINATOR = "codex_cli_rs"


class Identity:
    """Process-wide facts; the first client's name becomes the originator, the newest client ends the user agent."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._override = environment.get("CODEX_INTERNAL_ORIGINATOR_OVERRIDE") or None
        self._terminal = terminal(environment)
        self._first_client: str | None = None
        self._suffix = ""
        self._system: str | None = None

    @property
    def originator(self) -> str:
        """The name under which requests are sent upstream."""
        return self._override or self._first_client or DEFAULT_ORIGINATOR

    @property
    def user_agent(self) -> str:
        """`<originator>/<version> (<os> <os version>; <arch>) <terminal> (<client>; <client version>)`."""
        if self._system is None:
            self._system = system()
        return f"{self.originator}/{PROTOCOL_VERSION} ({self._system}) {self._terminal}{self._suffix}"

    def greet(self, name: str, version: str) -> None:
        """A client has initialized."""
        if self._first_client is None:
            self._first_client = name
        self._suffix = f" ({name}; {version})"


def terminal(environment: Mapping[str, str]) -> str:
    """The terminal that we were started from, as far as the environment tells."""
    program = environment.get("TERM_PROGRAM")
    if program:
        version = environment.get("TERM_PROGRAM_VERSION")
        return f"{program}/{version}" if version else program
    return environment.get("TERM") or "unknown"


def system() -> str:
    """`Debian 12.0.0; x86_64`."""
    facts = os.uname()
    if facts.sysname == "Linux":
        return f"{linux_distribution()}; {facts.machine}"
    return f"{facts.sysname} {facts.release}; {facts.machine}"


def linux_distribution() -> str:
    """Name and version from os-release, the version filled up to three numbers."""
    facts: dict[str, str] = {}
    try:
        text = Path("/etc/os-release").read_text("utf-8")
    except OSError:
        return "Linux unknown"
    for line in text.splitlines():
        key, found, value = line.partition("=")
        if found:
            facts[key] = value.strip("\"'")
    name = facts.get("NAME", "Linux").split(" ")[0]
    numbers = [part for part in facts.get("VERSION_ID", "").split(".") if part.isdigit()]
    return f"{name} {'.'.join((*numbers, '0', '0', '0')[:3]) if numbers else 'unknown'}"


def installation_id(home: Path, clock: Clock) -> str:
    """The UUID of this installation, from `installation_id` in the home; made at first use.

    Raises: OSError (the home can't be written).
    """
    path = home / "installation_id"
    try:
        known = path.read_text("utf-8").strip()
    except FileNotFoundError:
        known = ""
    if not known:
        known = clock.uuid4()
        path.write_text(known, "utf-8")
    return known
