"""The sandbox of this machine: the first rung that works, found once. Where none does, nothing is run unsandboxed in silence."""

from collections.abc import Mapping
from functools import cached_property

from app_server.core.exec.launch import Launch
from app_server.core.sandbox.bubblewrap import Bubblewrap, find_bubblewrap
from app_server.core.sandbox.mount_points import MountPoints
from app_server.core.sandbox.rules import Rules

MISSING = (
    "no sandbox is available here: install bubblewrap (Debian's package of that name), and make sure that user namespaces "
    "are allowed"
)


class NoSandbox(Exception):
    """No rung works on this machine."""


class Sandbox:
    """Puts commands into a sandbox. `environment` is the daemon's, in which `bwrap` is looked for."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    @cached_property
    def _bubblewrap(self) -> Bubblewrap | None:
        return find_bubblewrap(self._environment, MountPoints())

    @property
    def rung(self) -> str | None:
        """What enforces the rules here, or None. Tried at the first look, which takes some milliseconds."""
        return "bubblewrap" if self._bubblewrap is not None else None

    def confined(self, launch: Launch, rules: Rules) -> Launch:
        """The launch inside a sandbox. Raises: NoSandbox."""
        if self._bubblewrap is None:
            raise NoSandbox(MISSING)
        return self._bubblewrap.confined(launch, rules)
