"""What can be taken over from Claude Code, for the user or for a project, and taking it over.

Nothing that is there already is written over: a target that exists is not offered. Source: the reference's migration.
Not taken over: its sessions, its memory, and plugins, which lie in repositories.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from app_server.core.config.edit import Edit, edited
from app_server.core.external_agent import settings, texts
from app_server.core.frozen import frozen

Pair = tuple[str, str]
"""What was taken over: its source and its target."""


@frozen
class Place:
    """Where things are taken from and brought to, for the user (`cwd` None) or a project."""

    cwd: Path | None
    source: Path
    """The other agent's folder, `.claude`."""
    servers: Path
    """The file of its MCP servers."""
    instructions: tuple[Path, ...]
    """Its instructions; the first that is there counts."""
    target: Path
    """Our folder."""
    skills: Path
    agents_md: Path

    @property
    def config(self) -> Path:
        """Our configuration."""
        return self.target / "config.toml"

    @property
    def hooks(self) -> Path:
        """Our hooks."""
        return self.target / "hooks.json"


@frozen
class Kind:
    """A kind of thing. `find` gives the names of what can be taken over; `bring` does it for the names that are wanted."""

    item_type: str
    member: str | None
    """The member of an item's details that lists the names; None when there is one thing, of which a file is the name."""
    describe: Callable[[Place], str]
    find: Callable[[Place], list[str]]
    bring: Callable[[Place, list[str]], list[Pair]]


def for_user(home: Path, codex_home: Path) -> Place:
    """The user's own things."""
    source = home / ".claude"
    return Place(
        cwd=None,
        source=source,
        servers=home / ".claude.json",
        instructions=(source / "CLAUDE.md",),
        target=codex_home,
        skills=home / ".agents" / "skills",
        agents_md=codex_home / "AGENTS.md",
    )


def for_project(root: Path) -> Place:
    """Those of a project."""
    source = root / ".claude"
    return Place(
        cwd=root,
        source=source,
        servers=root / ".mcp.json",
        instructions=(root / "CLAUDE.md", source / "CLAUDE.md"),
        target=root / ".codex",
        skills=root / ".agents" / "skills",
        agents_md=root / "AGENTS.md",
    )


def _wanted_config(place: Place) -> dict[str, Any]:
    return settings.missing(settings.config(_json(place.source / "settings.json")), _toml(place.config))


def _find_config(place: Place) -> list[str]:
    return [str(place.source / "settings.json")] if _wanted_config(place) else []


def _bring_config(place: Place, names: list[str]) -> list[Pair]:
    _edit(place.config, [Edit((name,), value, is_merge=True) for name, value in _wanted_config(place).items()])
    return [(name, str(place.config)) for name in names]


def _wanted_servers(place: Place) -> dict[str, Any]:
    return settings.missing(settings.servers(_json(place.servers)), _toml(place.config).get("mcp_servers", {}))


def _find_servers(place: Place) -> list[str]:
    known = _toml(place.config).get("mcp_servers", {})
    return [name for name in _wanted_servers(place) if name not in known]


def _bring_servers(place: Place, names: list[str]) -> list[Pair]:
    wanted = _wanted_servers(place)
    _edit(place.config, [Edit(("mcp_servers", name), wanted[name], is_merge=False) for name in names])
    return [(name, name) for name in names]


def _find_hooks(place: Place) -> list[str]:
    return [] if _json(place.hooks) else list(settings.hooks(_json(place.source / "settings.json")))


def _bring_hooks(place: Place, names: list[str]) -> list[Pair]:
    found = settings.hooks(_json(place.source / "settings.json"))
    _write(place.hooks, json.dumps({"hooks": {name: found[name] for name in names}}, indent=2, ensure_ascii=False) + "\n")
    return [(name, name) for name in names]


def _find_skills(place: Place) -> list[str]:
    found = sorted(file.parent.name for file in (place.source / "skills").glob("*/SKILL.md"))
    return [name for name in found if not (place.skills / name).exists()]


def _bring_skills(place: Place, names: list[str]) -> list[Pair]:
    for name in names:
        target = place.skills / name
        shutil.copytree(place.source / "skills" / name, target, symlinks=True)
        _write(target / "SKILL.md", texts.ours(_text(target / "SKILL.md")))
    return [(name, name) for name in names]


def _commands(place: Place) -> dict[str, str]:
    root = place.source / "commands"
    named = ((texts.command_name(root, file), file) for file in sorted(root.rglob("*.md")))
    found = {name: texts.command_skill(name, _text(file)) for name, file in named if not (place.skills / name).exists()}
    return {name: skill for name, skill in found.items() if skill is not None}


def _bring_commands(place: Place, names: list[str]) -> list[Pair]:
    found = _commands(place)
    for name in names:
        _write(place.skills / name / "SKILL.md", found[name])
    return [(name, name) for name in names]


def _roles(place: Place) -> dict[str, tuple[Path, str]]:
    found = {}
    for file in sorted((place.source / "agents").glob("*.md")):
        target, role = place.target / "agents" / f"{file.stem}.toml", texts.role(_text(file))
        if role is not None and not target.exists():
            found[role[0]] = target, role[1]
    return found


def _bring_roles(place: Place, names: list[str]) -> list[Pair]:
    found = _roles(place)
    for name in names:
        _write(*found[name])
    return [(name, name) for name in names]


def _find_instructions(place: Place) -> list[str]:
    if _text(place.agents_md).strip():
        return []
    return [str(file) for file in place.instructions if _text(file).strip()][:1]


def _bring_instructions(place: Place, names: list[str]) -> list[Pair]:
    for name in names:
        _write(place.agents_md, texts.ours(_text(Path(name))))
    return [(name, str(place.agents_md)) for name in names]


KINDS = (
    Kind("CONFIG", None, lambda at: f"Migrate {at.source / 'settings.json'} into {at.config}", _find_config, _bring_config),
    Kind(
        "MCP_SERVER_CONFIG",
        "mcpServers",
        lambda at: f"Migrate MCP servers from {at.servers.parent} into {at.config}",
        _find_servers,
        _bring_servers,
    ),
    Kind("HOOKS", "hooks", lambda at: f"Migrate hooks from {at.source} to {at.hooks}", _find_hooks, _bring_hooks),
    Kind(
        "SKILLS", "skills", lambda at: f"Migrate skills from {at.source / 'skills'} to {at.skills}", _find_skills, _bring_skills
    ),
    Kind(
        "COMMANDS",
        "commands",
        lambda at: f"Migrate commands from {at.source / 'commands'} to {at.skills}",
        lambda at: list(_commands(at)),
        _bring_commands,
    ),
    Kind(
        "SUBAGENTS",
        "subagents",
        lambda at: f"Migrate subagents from {at.source / 'agents'} to {at.target / 'agents'}",
        lambda at: list(_roles(at)),
        _bring_roles,
    ),
    Kind(
        "AGENTS_MD",
        None,
        lambda at: f"Migrate {next(iter(_find_instructions(at)), at.instructions[0])} to {at.agents_md}",
        _find_instructions,
        _bring_instructions,
    ),
)


def detect(place: Place) -> Iterator[tuple[Kind, list[str]]]:
    """The kinds of which there is something to take over, with its names."""
    for kind in KINDS:
        if names := kind.find(place):
            yield kind, names


def bring(place: Place, item_type: str, wanted: list[str] | None) -> list[Pair]:
    """Take over what is wanted of a kind (None: all), as far as it is still there to take. Raises: OSError, KeyError."""
    kind = next(kind for kind in KINDS if kind.item_type == item_type)
    names = [name for name in kind.find(place) if wanted is None or name in wanted]
    return kind.bring(place, names) if names else []


def can_bring(item_type: str) -> bool:
    """Whether a kind is one that is taken over."""
    return any(kind.item_type == item_type for kind in KINDS)


def _edit(file: Path, edits: list[Edit]) -> None:
    _write(file, edited(_text(file), edits))


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.new")
    fresh.write_text(text, "utf-8")
    fresh.replace(file)


def _text(file: Path) -> str:
    """The text of a file; empty where there is none that can be read."""
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _json(file: Path) -> Mapping[str, Any]:
    try:
        document = json.loads(_text(file) or "{}")
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _toml(file: Path) -> Mapping[str, Any]:
    try:
        return tomlkit.parse(_text(file)).unwrap()
    except TOMLKitError:
        return {}
