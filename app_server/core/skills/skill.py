"""What a skill is, and where skills are looked for."""

from pathlib import Path
from typing import Any, Literal

from app_server.core.frozen import frozen

Scope = Literal["repo", "user", "system", "admin"]
ORDER: tuple[Scope, ...] = ("repo", "user", "system", "admin")
FILE = "SKILL.md"


@frozen
class Root:
    """A folder below which skills lie. Those of a plugin (`plugin_id`) have its name before their own."""

    path: Path
    scope: Scope
    plugin_id: str | None = None
    prefix: str = ""


@frozen
class Described:
    """What a skill's files say of it. `interface` and `tools` have the members of the wire, as far as they are told."""

    name: str
    description: str
    short_description: str | None
    interface: dict[str, Any]
    tools: tuple[dict[str, Any], ...]
    is_implicit: bool
    """Whether the model may use it without being told to."""


@frozen
class Skill:
    """A skill that was found."""

    path: Path
    root: Root
    described: Described

    @property
    def name(self) -> str:
        """Its name."""
        return f"{self.root.prefix}{self.described.name}"


@frozen
class Fault:
    """A skill that can't be used, and why."""

    path: Path
    message: str


class BadSkill(Exception):
    """The files make no skill; the text says why."""
