"""Which project a directory belongs to, and whether the user trusts it.

Settings inside a project run programs and decide where data goes, so its files count only after the user trusted
the project, by an entry in the user's own configuration file. Starting a thread that may write there counts as
trust: that adds the entry.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from app_server.core.config.toml_text import find, parse

TRUSTED = "trusted"
UNTRUSTED = "untrusted"
DEFAULT_MARKERS = (".git",)
Exists = Callable[[Path], bool]


def project_root(cwd: Path, markers: Sequence[str], exists: Exists = Path.exists) -> Path:
    """The nearest directory at or above `cwd` that holds one of `markers`, else `cwd`."""
    if not markers:
        return cwd
    for directory in (cwd, *cwd.parents):
        if any(exists(directory / marker) for marker in markers):
            return directory
    return cwd


def between(root: Path, cwd: Path) -> list[Path]:
    """The directories from the root down to `cwd`, both included."""
    chain = [cwd]
    while chain[-1] != root and chain[-1].parent != chain[-1]:
        chain.append(chain[-1].parent)
    return chain[::-1]


def main_worktree(root: Path) -> Path | None:
    """The main worktree of a linked one: where `.git` is a file that points into the main repository."""
    pointer = root / ".git"
    try:
        text = pointer.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    label, _, target = text.strip().partition(": ")
    if label != "gitdir":
        return None
    # <main>/.git/worktrees/<name>
    location = (root / target).resolve()
    repository = location.parent.parent
    return repository.parent if location.parent.name == "worktrees" and repository.name == ".git" else None


def trust_level(projects: Mapping[str, Any], cwd: Path, root: Path) -> tuple[str | None, str]:
    """What the `[projects]` table says about `cwd`, its root or its main worktree, and the entry's (or future entry's) key."""
    candidates = [cwd] if cwd == root else [cwd, root]
    main = main_worktree(root)
    if main is not None:
        candidates.append(main)
    for candidate in candidates:
        for key in {str(candidate): None, str(candidate.resolve()): None}:
            level = projects.get(key, {}).get("trust_level")
            if level is not None:
                return level, key
    return None, str(candidates[-1])


def with_trust(text: str, project: str) -> str:
    """The text of a configuration file with an entry that trusts `project`; everything else stays as it is written."""
    projects = parse(text).get("projects", {})
    key = _quoted(project)
    entry = 'trust_level = "trusted"'
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    section = find(text, ("projects",))
    own = find(text, ("projects", project))
    if own is not None and project in projects:
        line = lines[own.start[0] - 1]
        if line.lstrip().startswith("["):
            lines.insert(own.start[0], f"{entry}\n")
            return "".join(lines)
    if section is not None and not lines[section.start[0] - 1].lstrip().startswith("["):
        # `projects = { ... }`: the entry has to stand inside the braces.
        row, column = section.start[0] - 1, section.start[1]
        tail = lines[row][column:]
        comma = ", " if projects else ""
        lines[row] = f"{lines[row][:column]} {key} = {{ {entry} }}{comma}{tail.lstrip()}"
        return "".join(lines)
    gap = "\n" if lines else ""
    return "".join(lines) + f"{gap}[projects.{key}]\n{entry}\n"


def _quoted(text: str) -> str:
    """A key in double quotes; JSON's escapes are TOML's."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " else f"\\u{ord(c):04x}" for c in escaped) + '"'
