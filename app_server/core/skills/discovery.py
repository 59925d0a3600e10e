"""Finds skills: in the project from its root down to the folder, in the user's own folders, in plugins, and in the machine's.

A project need not be trusted for it: skills are read, not run. What was read of a skill's files is remembered while they
stay as they are, so looking again costs little more than looking at folders. Source: spec/config-auth.md section 8.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from app_server.core.config.config import Config
from app_server.core.config.store import Signature, signature
from app_server.core.config.trust import between
from app_server.core.frozen import frozen
from app_server.core.plugins.installed import enabled
from app_server.core.plugins.parts import skill_roots
from app_server.core.skills.skill import FILE, ORDER, BadSkill, Described, Fault, Root, Skill

DEEPEST = 6
"""How many levels below a root skills are looked for."""
MOST_FOLDERS = 2000
"""How many folders of one root are looked at."""
IN_PROJECT = (".agents/skills", ".codex/skills")
ADMIN = Path("/etc/codex/skills")
Read = Callable[[Path], Described]


@frozen
class Found:
    """What was found: skills in the order in which they are listed, and those that can't be used."""

    skills: tuple[Skill, ...]
    faults: tuple[Fault, ...]


def roots(config: Config, environment: Mapping[str, str], extra: Sequence[Path]) -> list[Root]:
    """Where skills may lie, whether the folders are there or not."""
    project = [folder / name for folder in between(config.project_root, config.cwd) for name in IN_PROJECT]
    own = [config.home / "skills", *([Path(home, ".agents", "skills")] if (home := environment.get("HOME")) else []), *extra]
    found = [
        *(Root(path, "repo") for path in project),
        *(Root(path, "user") for path in own),
        *(
            Root(path, "user", plugin.id, f"{plugin.name}:")
            for plugin in enabled(config)
            for path in skill_roots(plugin.root, plugin.manifest)
        ),
        Root(config.home / "skills" / ".system", "system"),
        Root(ADMIN, "admin"),
    ]
    return list({root.path: root for root in reversed(found)}.values())[::-1]  # of a folder that counts twice, the first


def folders(root: Path) -> Iterator[Path]:
    """The folders below a root in which skills may lie, itself included; nothing where there is none."""
    waiting = [(root, 0)]
    seen: set[str] = set()
    while waiting and len(seen) < MOST_FOLDERS:
        folder, depth = waiting.pop()
        real = os.path.realpath(folder)
        if real in seen:
            continue
        seen.add(real)
        try:
            with os.scandir(folder) as entries:
                inner = sorted(entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir())
        except OSError:
            continue
        yield folder
        if depth < DEEPEST:
            waiting += [(folder / name, depth + 1) for name in reversed(inner)]


class Discovery:
    """Looks for skills, and remembers what it has read. `read` is `files.read`, which is loaded when there is a skill."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._known: dict[Path, tuple[tuple[Signature, Signature], Described | str]] = {}

    def forget(self) -> None:
        """Read everything anew."""
        self._known.clear()

    def find(self, places: Sequence[Root]) -> Found:
        """All skills below these roots. A file that two roots lead to counts for the first."""
        skills, faults, seen = [], [], set[str]()
        for root in places:
            for folder in folders(root.path):
                file = folder / FILE
                if not file.is_file() or (real := os.path.realpath(file)) in seen:
                    continue
                seen.add(real)
                told = self._told(file)
                if isinstance(told, str):
                    faults.append(Fault(file, told))
                else:
                    skills.append(Skill(file, root, told))
        skills.sort(key=lambda skill: (ORDER.index(skill.root.scope), skill.name, str(skill.path)))
        faults.sort(key=lambda fault: str(fault.path))
        return Found(tuple(skills), tuple(faults))

    def _told(self, file: Path) -> Described | str:
        """What a skill's files say, or why they say nothing that can be used."""
        seen = (signature(file), signature(file.parent / "agents" / "openai.yaml"))
        known = self._known.get(file)
        if known is not None and known[0] == seen:
            return known[1]
        try:
            told: Described | str = self._read(file)
        except BadSkill as error:
            told = str(error)
        self._known[file] = seen, told
        return told
