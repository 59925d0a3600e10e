"""The sandbox of this machine: the first rung that works, found once. Where none does, nothing is run unsandboxed in silence."""

import logging
from collections.abc import Mapping
from functools import cached_property
from typing import Protocol

from app_server.core.launch import Launch
from app_server.core.sandbox.bubblewrap import find_bubblewrap
from app_server.core.sandbox.landlock import SHORTCOMING, find_landlock
from app_server.core.sandbox.macos import find_sandbox_exec
from app_server.core.sandbox.mount_points import MountPoints
from app_server.core.sandbox.rules import Rules

MISSING = (
    "no sandbox is available here: install bubblewrap (Debian's package of that name), and make sure that user namespaces "
    "are allowed"
)
NO_DENIALS = "the permission profile denies reading, which only bubblewrap can enforce, and it does not work on this machine"

log = logging.getLogger(__name__)


class NoSandbox(Exception):
    """No rung works on this machine."""


class Rung(Protocol):
    """One way to enforce rules."""

    def confined(self, launch: Launch, rules: Rules) -> Launch:
        """The launch inside a sandbox."""
        ...


class Sandbox:
    """Puts commands into a sandbox. `environment` is the daemon's, in which `bwrap` is looked for."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    @cached_property
    def _found(self) -> tuple[str, Rung] | None:
        """The rung with its name. Each is tried at the first look, which takes some milliseconds."""
        for name, rung in (
            ("bubblewrap", find_bubblewrap(self._environment, MountPoints())),
            ("sandbox-exec", find_sandbox_exec()),
        ):
            if rung is not None:
                return name, rung
        landlock = find_landlock()
        log.warning("%s", SHORTCOMING if landlock is not None else MISSING)
        return ("landlock", landlock) if landlock is not None else None

    @property
    def rung(self) -> str | None:
        """What enforces the rules here, or None."""
        return self._found[0] if self._found is not None else None

    @property
    def shortcoming(self) -> str | None:
        """What people should know of the rung: that it is not the best, or that there is none."""
        if self._found is None:
            return MISSING
        return SHORTCOMING if self.rung == "landlock" else None

    def confined(self, launch: Launch, rules: Rules) -> Launch:
        """The launch inside a sandbox. Raises: NoSandbox."""
        if self._found is None:
            raise NoSandbox(MISSING)
        if rules.denied and self.rung == "landlock":
            raise NoSandbox(NO_DENIALS)
        return self._found[1].confined(launch, rules)
