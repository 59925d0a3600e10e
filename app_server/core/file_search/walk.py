"""Walks a tree for everything in it that is not ignored: hidden entries too, links followed, names that are not text left out.

The order is the disk's. Reads folders only, no files but those that say what is ignored; blocking, for a worker thread.
Source: spec/exec-fs.md section 5.1.
"""

import os
import stat
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from app_server.core.file_search.ignore import GITIGNORE, IGNORE, Ignored, above, inside

SPECIAL = frozenset((IGNORE, GITIGNORE, ".git"))


Seen = frozenset[tuple[int, int]]
"""Folders that links have led to."""


class Tree:
    """What was found so far below one root: paths relative to it, in parallel lists. It only grows."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.names: list[str] = []
        self.is_directory: list[bool] = []
        self.paths: list[str] = []

    def add(self, path: str, name: str, is_directory: bool) -> None:
        """Something was found. A reader of another thread that goes by the number of paths sees all lists whole."""
        self.names.append(name)
        self.is_directory.append(is_directory)
        self.paths.append(path)


Visit = tuple[str, Tree, int, Ignored, Seen]
"""A folder to look into: its path, the tree that it counts to, how many characters come before its paths there, ..."""


def plant(roots: Sequence[str]) -> list[Tree]:
    """A tree for each root, empty yet."""
    return [Tree(root) for root in roots]


def nested(tree: Tree, trees: Sequence[Tree]) -> dict[str, Tree]:
    """The roots that lie in another, by their path from there: what is found in them counts as theirs."""
    start = tree.root.rstrip("/") + "/"
    return {each.root.rstrip("/")[len(start) :]: each for each in trees if each.root.rstrip("/").startswith(start)}


def walk(
    tree: Tree, folder: str, inner: Mapping[str, Tree], environment: Mapping[str, str], is_cancelled: Callable[[], bool]
) -> None:
    """Fill a tree from its folder, an absolute path; nothing happens where there is none. A link that leads nowhere, or round
    in a circle, is left out."""
    folder = os.path.realpath(folder)
    if not Path(folder).exists():
        return
    tree.add("", "", Path(folder).is_dir())
    start = len(folder.rstrip("/")) + 1
    outermost = start
    waiting: list[Visit] = [(folder, tree, start, above(folder, environment), frozenset())]
    while waiting and not is_cancelled():
        here, tree, start, ignored, seen = waiting.pop()
        if inner and (other := inner.get(here[outermost:])) is not None:
            tree, start = other, len(here) + 1
        try:
            with os.scandir(here) as found:
                entries = list(found)
        except OSError:
            continue  # gone, or not for us to see
        names = {entry.name for entry in entries}
        if not SPECIAL.isdisjoint(names):
            ignored = inside(ignored, here, names & SPECIAL)
        is_anything_ignored = bool(ignored.levels)
        for entry in entries:
            path = entry.path
            deeper = _behind(entry, seen) if entry.is_symlink() else seen
            if deeper is None:
                continue
            is_directory = entry.is_dir()
            if is_anything_ignored and ignored(f"{path}/" if is_directory else path):
                continue
            if not _is_text(path):
                continue
            if is_directory and inner and (other := inner.get(path[outermost:])) is not None:
                other.add("", "", True)
            else:
                tree.add(path[start:], entry.name, is_directory)
            if is_directory:
                waiting.append((path, tree, start, ignored, deeper))


def _is_text(path: str) -> bool:
    """Whether a name is UTF-8: what is not was read as lone surrogates."""
    return path.isascii() or path.isprintable() or not any("\ud800" <= letter <= "\udfff" for letter in path)


def _behind(entry: os.DirEntry[str], seen: Seen) -> Seen | None:
    """The folders that links have led to, with that of this link; None: it leads nowhere, or round in a circle."""
    try:
        found = entry.stat()
        if not stat.S_ISDIR(found.st_mode):
            return seen
        place = (found.st_dev, found.st_ino)
        ways = [Path(parent).stat() for parent in Path(entry.path).parents]
    except OSError:
        return None
    if place in seen or any((each.st_dev, each.st_ino) == place for each in ways):
        return None
    return seen | {place}
