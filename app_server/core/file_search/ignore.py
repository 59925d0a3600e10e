"""What a tree's ignore files leave out: `.ignore` anywhere, `.gitignore` and `.git/info/exclude` inside a git repository.

Patterns become regular expressions by pathspec; here is decided which file applies and which line wins: the last line
of a file that matches, and of several files the deepest. Source: spec/exec-fs.md section 5.1; gitignore(5).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from app_server.core.frozen import frozen

GITIGNORE, IGNORE, EXCLUDE = ".gitignore", ".ignore", Path(".git", "info", "exclude")
DIRECTORY_ONLY = "(?P<ps_d>/)"
EITHER = f"(?:{DIRECTORY_ONLY}|$)"
"""How pathspec's expressions end that match a directory, or a directory and a file."""


class Rules:
    """The lines of one ignore file. Paths are relative to its folder, with a slash behind those of directories."""

    def __init__(self, lines: Iterable[str]) -> None:
        found = list(_expressions(lines))
        runs = groupby(reversed(found), key=lambda each: each[0])
        self._runs: list[tuple[bool, re.Pattern[str]]] = [
            (ignores, re.compile("|".join(text for _, text in run), re.DOTALL)) for ignores, run in runs
        ]

    def __bool__(self) -> bool:
        return bool(self._runs)

    def decide(self, path: str) -> bool | None:
        """Whether the path is left out; None: no line is about it."""
        for ignores, expression in self._runs:
            if expression.fullmatch(path):
                return ignores
        return None


def _expressions(lines: Iterable[str]) -> Iterator[tuple[bool, str]]:
    for line in lines:
        try:
            pattern = GitIgnoreSpecPattern(line)
        except ValueError:
            continue  # git ignores such a line too
        if pattern.include is None or pattern.regex is None:
            continue
        text = pattern.regex.pattern
        if text.endswith(EITHER):
            text = text.removesuffix(EITHER) + "/?"
        elif text.endswith(DIRECTORY_ONLY):
            text = text.removesuffix(DIRECTORY_ONLY) + "/"
        elif text.endswith("/"):
            text += ".+"
        yield pattern.include, f"(?:{text})"


@frozen
class Level:
    """The rules of one folder. `start` is how many characters its own path has in the paths that are asked about."""

    start: int
    ignore: Rules | None
    git: tuple[Rules, ...]
    is_repository: bool


@frozen
class Ignored:
    """What applies in a folder of the walk: the levels from the folder up, without those that have no rules."""

    levels: tuple[Level, ...]
    of_user: Rules | None
    in_repository: bool

    def __call__(self, path: str) -> bool:
        """Whether an entry is left out; a directory's path ends with a slash."""
        for level in self.levels:
            if level.ignore is not None and (decided := level.ignore.decide(path[level.start :])) is not None:
                return decided
        if not self.in_repository:
            return False
        for level in self.levels:
            for rules in level.git:
                if (decided := rules.decide(path[level.start :])) is not None:
                    return decided
            if level.is_repository:
                break  # what lies above belongs to another repository
        return self.of_user is not None and self.of_user.decide(path) is True


def above(root: str, environment: Mapping[str, str]) -> Ignored:
    """What applies to a root by the folders above it, and by the user's own ignore file."""
    found = Ignored((), _of_user(environment), False)
    for folder in reversed(Path(root).parents):
        found = inside(found, str(folder), {name for name in (IGNORE, GITIGNORE, ".git") if (folder / name).exists()})
    return found


def inside(outer: Ignored, folder: str, names: set[str]) -> Ignored:
    """What applies in a folder that holds these names. `folder` is how paths below it begin, without the slash."""
    ignore = _read(folder, IGNORE) if IGNORE in names else None
    git = [_read(folder, GITIGNORE)] if GITIGNORE in names else []
    is_repository = ".git" in names
    if is_repository:
        git.append(_read(folder, EXCLUDE))
    rules = tuple(each for each in git if each is not None)
    if ignore is None and not rules and not is_repository:
        return outer
    level = Level(len(folder.rstrip("/")) + 1, ignore, rules, is_repository)
    return Ignored((level, *outer.levels), outer.of_user, outer.in_repository or is_repository)


def _of_user(environment: Mapping[str, str]) -> Rules | None:
    """The user's ignore file for all repositories."""
    return _read(environment.get("XDG_CONFIG_HOME") or f"{environment.get('HOME', '')}/.config", Path("git", "ignore"))


def _read(folder: str, name: str | Path) -> Rules | None:
    try:
        text = Path(folder, name).read_text("utf-8", "replace")
    except OSError:
        return None
    rules = Rules(text.removeprefix("\ufeff").splitlines())
    return rules or None
