"""The skills of a folder or a thread: which there are, which are on, and which the user's words name."""

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from app_server.core.config.config import Config
from app_server.core.skills.discovery import Discovery, Found, Read, roots
from app_server.core.skills.skill import Root, Skill

LINKED = re.compile(r"\[\$([A-Za-z0-9_:-]+)\]\(([^)\s]+)\)")
NAMED = re.compile(r"\$([A-Za-z0-9_:-]+)")
SCHEME = "skill://"


class Skills:
    """Looks for skills whenever it is asked, so that what it says is always what is there."""

    def __init__(self, environment: Mapping[str, str], read: Read) -> None:
        self._environment = environment
        self._discovery = Discovery(read)
        self._extra: tuple[Path, ...] = ()

    def set_extra_roots(self, paths: Sequence[Path]) -> None:
        """Look in these folders too, from now on and in place of those that were set before."""
        self._extra = tuple(paths)

    def forget(self) -> None:
        """Read the files of all skills anew."""
        self._discovery.forget()

    def roots(self, config: Config) -> list[Root]:
        """Where skills are looked for."""
        return roots(config, self._environment, self._extra)

    def find(self, config: Config) -> Found:
        """All skills of the configuration's folder."""
        return self._discovery.find(self.roots(config))

    def below(self, places: Sequence[Root]) -> tuple[Skill, ...]:
        """The skills of some roots alone."""
        return self._discovery.find(places).skills

    def on(self, config: Config, without: Collection[str] = ()) -> list[Skill]:
        """Those that are on, `without` those of some plugins."""
        return [
            skill for skill in self.find(config).skills if is_on(skill, config.skills) and skill.root.plugin_id not in without
        ]


def entries(table: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The lines of the configuration that turn skills on and off."""
    listed = table.get("config")
    return [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []


def is_on(skill: Skill, table: Mapping[str, Any]) -> bool:
    """Whether a skill is on: what the last line says that is about it."""
    about = [entry for entry in entries(table) if entry.get("name") == skill.name or same_path(entry.get("path"), skill.path)]
    return about[-1].get("enabled") is not False if about else True


def same_path(told: Any, path: Path) -> bool:
    """Whether a path of the configuration is this one: the file, or the folder that it is in."""
    if not isinstance(told, str) or not told:
        return False
    named = Path(told)
    return named in (path, path.parent) or named.resolve() == path.resolve()


def mentioned(skills: Sequence[Skill], texts: Sequence[str], named_already: Sequence[str]) -> list[Skill]:
    """The skills that the user's words name, as `$name` or as a link to the file, in the order of the skills.

    A name that several skills have names none of them; a file that is among the input already does not count again.
    """
    text = "\n".join(texts)
    paths = {path.removeprefix(SCHEME) for _, path in LINKED.findall(text)}
    names = set(NAMED.findall(LINKED.sub(" ", text)))
    count = {name: sum(skill.name == name for skill in skills) for name in names}
    return [
        skill
        for skill in skills
        if str(skill.path) not in named_already and (str(skill.path) in paths or count.get(skill.name) == 1)
    ]


def may_mention(text: str) -> bool:
    """Whether words may name a skill."""
    return "$" in text and NAMED.search(text) is not None
