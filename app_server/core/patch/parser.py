"""The patch language: a text into the changes that it asks for.

More lenient than the grammar that the model is given: blanks around marker lines, a here-document around the whole, and
a first chunk without its `@@` are accepted. Error texts are those that models know how to repair.
Source: spec/tools.md section 5, and the reference's answers to malformed patches.
"""

from typing import Literal

from app_server.core.frozen import frozen

BEGIN, END = "*** Begin Patch", "*** End Patch"
ADD, DELETE, UPDATE = "*** Add File: ", "*** Delete File: ", "*** Update File: "
MOVE, END_OF_FILE, ENVIRONMENT = "*** Move to: ", "*** End of File", "*** Environment ID: "
HEREDOC_STARTS = frozenset({"<<EOF", "<<'EOF'", '<<"EOF"'})
HEADERS = "Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'"
LINE_KINDS = "Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)"

Sign = Literal[" ", "+", "-"]


class PatchError(Exception):
    """A patch that can't be carried out; the text is for the model."""


@frozen
class Chunk:
    """A place in a file and what to do there. `lines` are kept (" "), removed ("-") or added ("+").

    `anchor` is a line that comes before; `is_at_end`: the lines are the file's last ones.
    """

    anchor: str | None
    lines: tuple[tuple[Sign, str], ...]
    is_at_end: bool = False


@frozen
class AddFile:
    """Write a new file, over whatever is there."""

    path: str
    content: str


@frozen
class DeleteFile:
    """Remove a file."""

    path: str


@frozen
class UpdateFile:
    """Change a file, and perhaps move it."""

    path: str
    move_to: str | None
    chunks: tuple[Chunk, ...]


Hunk = AddFile | DeleteFile | UpdateFile


def parse_patch(text: str) -> list[Hunk]:
    """The changes of a patch; paths are as written. Raises: PatchError."""
    lines = _lines(text.strip())
    if len(lines) >= 4 and lines[0] in HEREDOC_STARTS and lines[-1].endswith("EOF"):
        lines = _lines("\n".join(lines[1:-1]).strip())
    if lines and lines[0].strip() != BEGIN:
        raise _wrong(f"invalid patch: The first line of the patch must be '{BEGIN}'")
    if not lines or lines[-1].strip() != END:
        raise _wrong(f"invalid patch: The last line of the patch must be '{END}'")
    return _Parser(lines[:-1]).hunks()


def _lines(text: str) -> list[str]:
    return [line.removesuffix("\r") for line in text.split("\n")] if text else []


def _wrong(text: str) -> PatchError:
    return PatchError(f"apply_patch verification failed: {text}")


def _wrong_at(index: int, text: str) -> PatchError:
    return _wrong(f"invalid hunk at line {index + 1}, {text}")


class _Parser:
    """Reads the lines between the markers; `at` is the index of the next one."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.at = 1

    def hunks(self) -> list[Hunk]:
        hunks: list[Hunk] = []
        if self.at < len(self.lines) and self.lines[self.at].strip().startswith(ENVIRONMENT):
            raise PatchError("apply_patch environment selection is unavailable for this turn")
        while self.at < len(self.lines):
            hunks.append(self.hunk())
        return hunks

    def hunk(self) -> Hunk:
        header = self.lines[self.at].strip()
        start = self.at
        self.at += 1
        if header.startswith(ADD):
            return AddFile(header.removeprefix(ADD), self.added())
        if header.startswith(DELETE):
            return DeleteFile(header.removeprefix(DELETE))
        if header.startswith(UPDATE):
            return self.update(header.removeprefix(UPDATE), start)
        raise _wrong_at(start, f"'{header}' is not a valid hunk header. {HEADERS}")

    def added(self) -> str:
        content = ""
        while self.at < len(self.lines) and self.lines[self.at].startswith("+"):
            content += f"{self.lines[self.at][1:]}\n"
            self.at += 1
        return content

    def update(self, path: str, start: int) -> UpdateFile:
        move_to = None
        if self.at < len(self.lines) and self.lines[self.at].startswith(MOVE):
            move_to = self.lines[self.at].removeprefix(MOVE)
            self.at += 1
        chunks: list[Chunk] = []
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if not line.strip():
                self.at += 1
            elif line.startswith("***"):
                break
            else:
                chunks.append(self.chunk(is_first=not chunks))
        if not chunks:
            raise _wrong_at(start, f"Update file hunk for path '{path}' is empty")
        return UpdateFile(path, move_to, tuple(chunks))

    def chunk(self, *, is_first: bool) -> Chunk:
        anchor = None
        head = self.lines[self.at]
        if head == "@@" or head.startswith("@@ "):
            anchor = head[3:] if head != "@@" else None
            self.at += 1
        elif not is_first:
            raise _wrong_at(self.at, f"Expected update hunk to start with a @@ context marker, got: '{head}'")
        body: list[tuple[Sign, str]] = []
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if line == END_OF_FILE and body:
                self.at += 1
                return Chunk(anchor, tuple(body), is_at_end=True)
            sign: Sign | None = " " if not line else line[0] if line[0] in (" ", "+", "-") else None  # type: ignore[assignment]
            if sign is None:
                break
            body.append((sign, line[1:]))
            self.at += 1
        if not body:
            self.refuse_empty_chunk()
        return Chunk(anchor, tuple(body))

    def refuse_empty_chunk(self) -> None:
        line = self.lines[self.at] if self.at < len(self.lines) else END
        if line.startswith("***"):
            raise _wrong_at(self.at, "Update hunk does not contain any lines")
        raise _wrong_at(self.at, f"Unexpected line found in update hunk: '{line}'. {LINE_KINDS}")
