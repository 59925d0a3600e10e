"""What a patch does to the files that are there: checked as a whole, then carried out as a whole or not at all.

`plan_patch` reads and changes nothing; `Plan.carry_out` writes, and puts everything back when that fails half-way.
Source: spec/tools.md section 5; differs: the reference leaves a patch half carried out when a file can't be written.
"""

import os
from pathlib import Path
from typing import Literal

from app_server.core.frozen import frozen
from app_server.core.patch.diffs import unified
from app_server.core.patch.matching import NotFound, apply_chunks
from app_server.core.patch.parser import AddFile, DeleteFile, Hunk, PatchError, UpdateFile, parse_patch
from protocol.item_parts import AddPatch, DeletePatch, FileUpdateChange, UpdatePatch

_ITEM_CONTEXT = 1
_LETTERS = {"add": "A", "update": "M", "delete": "D"}


@frozen
class Change:
    """What happens to one file. Paths are absolute, except that `shown` is as the model wrote it; None is no file.

    `target` is where the file is afterwards; the patch may also name the same place (`is_move`). `overwritten` is what
    was at the target, if that is another file.
    """

    kind: Literal["add", "update", "delete"]
    path: str
    target: str
    shown: str
    before: bytes | None
    after: bytes | None
    is_move: bool = False
    overwritten: bytes | None = None

    def to_wire(self) -> FileUpdateChange:
        """The change as clients see it."""
        before, after = text_of(self.before), text_of(self.after)
        if self.kind == "delete":
            return FileUpdateChange(path=self.path, kind=DeletePatch(), diff=before)
        if self.kind == "add":
            return FileUpdateChange(path=self.path, kind=AddPatch(), diff=after)
        diff = unified(before, after, _ITEM_CONTEXT)
        if not self.is_move:
            return FileUpdateChange(path=self.path, kind=UpdatePatch(move_path=None), diff=diff)
        diff += f"\n\nMoved to: {self.target}"
        return FileUpdateChange(path=self.path, kind=UpdatePatch(move_path=self.target), diff=diff)

    def writes(self) -> list[tuple[str, bytes | None]]:
        """The files to write, with None for those to remove."""
        removed: list[tuple[str, bytes | None]] = [(self.path, None)] if self.after is None or self.target != self.path else []
        return removed if self.after is None else [(self.target, self.after), *removed]


@frozen
class Plan:
    """All changes of a patch, in its order; each file is touched by one of them only."""

    changes: tuple[Change, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path that is touched."""
        return tuple(dict.fromkeys(path for change in self.changes for path in (change.path, change.target)))

    def to_wire(self) -> list[FileUpdateChange]:
        """The changes as clients see them, sorted by path."""
        return [change.to_wire() for change in sorted(self.changes, key=lambda change: change.path)]

    def summary(self) -> str:
        """What the model is told that was done."""
        ordered = sorted(self.changes, key=lambda change: "AMD".index(_LETTERS[change.kind]))
        listed = "".join(f"{_LETTERS[change.kind]} {change.shown}\n" for change in ordered)
        return f"Success. Updated the following files:\n{listed}"

    def carry_out(self) -> None:
        """Write everything. Raises: PatchError (a file can't be written; nothing is changed then)."""
        done = _Done()
        try:
            for change in self.changes:
                mode = _mode(change.path) if change.target != change.path else None
                for path, content in change.writes():
                    done.write(path, content, mode)
        except PatchError:
            done.put_back()
            raise


def plan_patch(text: str, cwd: str) -> Plan:
    """The plan of a patch, with paths that count from `cwd`. Raises: PatchError."""
    hunks = parse_patch(text)
    if not hunks:
        raise PatchError("patch rejected: empty patch")
    touched: set[str] = set()
    for hunk in hunks:
        for path in _paths(hunk, cwd):
            if path in touched:
                raise _wrong(f"invalid patch: multiple operations target {path}")
            touched.add(path)
    return Plan(tuple(_change(hunk, cwd) for hunk in hunks))


def text_of(content: bytes | None) -> str:
    """A file's content for display."""
    return (content or b"").decode(errors="replace")


def _paths(hunk: Hunk, cwd: str) -> set[str]:
    move_to = hunk.move_to if isinstance(hunk, UpdateFile) else None
    return {_absolute(path, cwd) for path in (hunk.path, move_to) if path is not None}


def _absolute(path: str, cwd: str) -> str:
    return os.path.normpath(Path(cwd, path))


def _change(hunk: Hunk, cwd: str) -> Change:
    path = _absolute(hunk.path, cwd)
    if isinstance(hunk, AddFile):
        return Change("add", path, path, hunk.path, _content_if_any(path), hunk.content.encode())
    if isinstance(hunk, DeleteFile):
        return Change("delete", path, path, hunk.path, _content(path, "Failed to read"), None)
    before = _content(path, "Failed to read file to update")
    try:
        after = apply_chunks(before.decode(), hunk.chunks).encode()
    except UnicodeDecodeError:
        raise _wrong(f"Failed to read file to update {path}: stream did not contain valid UTF-8") from None
    except NotFound as error:
        raise _wrong(f"{error.what}{path}{error.sought}") from None
    if hunk.move_to is None:
        return Change("update", path, path, hunk.path, before, after)
    target = _absolute(hunk.move_to, cwd)
    overwritten = _content_if_any(target) if target != path else None
    return Change("update", path, target, hunk.move_to, before, after, is_move=True, overwritten=overwritten)


def _content(path: str, failure: str) -> bytes:
    file = Path(path)
    if file.exists() and not file.is_file():
        raise _wrong(f"{failure} {path}: path `{path}` is not a file")
    try:
        return file.read_bytes()
    except OSError as error:
        raise _wrong(f"{failure} {path}: {error.strerror} (os error {error.errno})") from None


def _content_if_any(path: str) -> bytes | None:
    file = Path(path)
    try:
        return file.read_bytes() if file.is_file() else None
    except OSError:
        return None  # writing it will say what is wrong


def _mode(path: str) -> int | None:
    try:
        return Path(path).stat().st_mode & 0o7777
    except OSError:
        return None


def _wrong(text: str) -> PatchError:
    return PatchError(f"apply_patch verification failed: {text}")


class _Done:
    """What was written so far, with what was there before."""

    def __init__(self) -> None:
        self._files: list[tuple[Path, bytes | None, int | None]] = []
        self._folders: list[Path] = []

    def write(self, path: str, content: bytes | None, mode: int | None) -> None:
        """Write a file, or remove it. Raises: PatchError."""
        file = Path(path)
        what = "delete" if content is None else "write"
        try:
            before = (file.read_bytes(), _mode(path)) if file.is_file() else (None, None)
            if content is None:
                self._files.append((file, *before))
                file.unlink()
                return
            self._make_folders(file.parent)
            self._files.append((file, *before))
            file.write_bytes(content)
            if mode is not None:
                file.chmod(mode)
        except OSError:
            raise PatchError(f"Failed to {what} file {path}") from None

    def put_back(self) -> None:
        """Undo everything as far as that can be done; what can't be is lost to the failure itself."""
        for file, before, mode in reversed(self._files):
            try:
                if before is None:
                    file.unlink(missing_ok=True)
                else:
                    file.write_bytes(before)
                    file.chmod(mode or 0o644)
            except OSError:
                continue
        for folder in reversed(self._folders):
            try:
                folder.rmdir()
            except OSError:
                continue

    def _make_folders(self, folder: Path) -> None:
        missing = []
        while not folder.exists():
            missing.append(folder)
            folder = folder.parent
        for each in reversed(missing):
            each.mkdir()
            self._folders.append(each)
