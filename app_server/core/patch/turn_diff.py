"""How the files differ from the beginning of a turn, by what its patches did; in git's form, with git's object ids.

Only patches count: what commands write is not seen. A file that ends as it began is not shown, wherever it was meanwhile.
Source: spec/turns.md section 2.3.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass

from app_server.core.patch.diffs import unified
from app_server.core.patch.plan import Change, text_of

_CONTEXT = 3
_NO_BLOB = "0" * 40
_MODE = "100644"


@dataclass(slots=True)
class _Tracked:
    """A file of the beginning (`origin`, None if there was none) and where it is now (`path`, None if it is gone)."""

    origin: str | None
    before: bytes | None
    path: str | None
    after: bytes | None


class TurnDiff:
    """The files that a turn's patches have touched."""

    def __init__(self, root: str) -> None:
        """`root` is the folder from which paths are shown."""
        self._root = root
        self._files: list[_Tracked] = []

    def add(self, changes: Sequence[Change]) -> None:
        """Take in a patch that was carried out."""
        for change in changes:
            file = self._at(change.path, change.before)
            if change.target != change.path:
                replaced = self._at(change.target, change.overwritten)
                replaced.path, replaced.after = None, None
            file.path = change.target if change.after is not None else None
            file.after = change.after
            self._rejoin(file)

    @property
    def has_files(self) -> bool:
        """Whether any patch has done anything."""
        return bool(self._files)

    def text(self) -> str:
        """The diff; empty when everything is as it was."""
        shown = [file for file in self._files if (file.origin, file.before) != (file.path, file.after)]
        sections = sorted((file.origin or file.path or "", self._section(file)) for file in shown)
        return "".join(section for _, section in sections)

    def _at(self, path: str, content: bytes | None) -> _Tracked:
        """The file that is at a path now."""
        for file in self._files:
            if file.path == path:
                return file
        file = _Tracked(path if content is not None else None, content, path if content is not None else None, content)
        self._files.append(file)
        return file

    def _rejoin(self, file: _Tracked) -> None:
        """A new file where one was at the beginning, which is gone, continues that one."""
        if file.origin is not None or file.path is None:
            return
        for gone in self._files:
            if gone.origin == file.path and gone.path is None:
                gone.path, gone.after = file.path, file.after
                self._files.remove(file)
                return

    def _section(self, file: _Tracked) -> str:
        old = self._shown(file.origin or file.path or "")
        new = self._shown(file.path or file.origin or "")
        head = f"diff --git a/{old} b/{new}\n"
        if file.origin is None:
            head += f"new file mode {_MODE}\n"
        elif file.path is None:
            head += f"deleted file mode {_MODE}\n"
        hunks = unified(text_of(file.before), text_of(file.after), _CONTEXT)
        head += f"index {blob_id(file.before)}..{blob_id(file.after)}\n"
        if not hunks:
            return head
        from_name = f"a/{old}" if file.origin is not None else "/dev/null"
        to_name = f"b/{new}" if file.path is not None else "/dev/null"
        return f"{head}--- {from_name}\n+++ {to_name}\n{hunks}"

    def _shown(self, path: str) -> str:
        inside = path.startswith(f"{self._root.rstrip(os.sep)}{os.sep}")
        return os.path.relpath(path, self._root) if inside else path


def blob_id(content: bytes | None) -> str:
    """The name that git gives to a file's content."""
    if content is None:
        return _NO_BLOB
    return hashlib.sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest()
