"""A folder's contents in a few lines: two levels, the directories first, without what nobody looks for."""

import os
from pathlib import Path

DEPTH = 2
MOST_ENTRIES = 20
SKIPPED = frozenset(
    {
        ".git",
        ".next",
        ".pytest_cache",
        ".ruff_cache",
        "__pycache__",
        "build",
        "dist",
        "node_modules",
        "out",
        "target",
    }
)


def tree(folder: Path, depth: int = DEPTH) -> list[str]:
    """The lines; none if there is nothing to show."""
    entries = shown(folder)
    lines: list[str] = []
    for name, is_folder in entries[:MOST_ENTRIES]:
        lines.append(f"- {name}/" if is_folder else f"- {name}")
        if is_folder and depth > 1:
            lines += [f"  {line}" for line in tree(folder / name, depth - 1)]
    if len(entries) > MOST_ENTRIES:
        lines.append(f"- ... {len(entries) - MOST_ENTRIES} more entries")
    return lines


def shown(folder: Path) -> list[tuple[str, bool]]:
    """The entries to show, with whether they are directories."""
    try:
        with os.scandir(folder) as found:
            entries = [
                (entry.name, entry.is_dir(follow_symlinks=False))
                for entry in found
                if not entry.name.startswith(".") and entry.name not in SKIPPED
            ]
    except OSError:
        return []
    return sorted(entries, key=lambda entry: (not entry[1], entry[0]))
