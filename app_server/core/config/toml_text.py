"""TOML as text: reading it, and saying where in it a value stands.

Parsing is the standard library's. It keeps no positions, so a second, lenient scan finds the place of a key when
an error has to name it; that scan runs only then, over a text that was parsed already. Lines and columns count
from 1 and an end is inclusive, as clients of the reference know them.
"""

import tomllib
from contextlib import suppress
from typing import Any

from app_server.core.frozen import frozen

Position = tuple[int, int]
Path = tuple[str | int, ...]


@frozen
class Span:
    """A stretch of text from its first to its last character, both as (line, column)."""

    start: Position
    end: Position

    def to_wire(self) -> dict[str, Any]:
        """The `range` of a `configWarning`."""
        return {
            "start": {"line": self.start[0], "column": self.start[1]},
            "end": {"line": self.end[0], "column": self.end[1]},
        }


class TomlError(Exception):
    """The text is no TOML; `span` is one character wide."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


def parse(text: str) -> dict[str, Any]:
    """The data of a document. Raises: TomlError."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _explained(str(error), text) from None


def find(text: str, path: Path) -> Span | None:
    """Where the value at `path` stands: the value itself, a table's header, or the key that implies the table."""
    return _scanned(text).values.get(path)


def find_key(text: str, path: Path) -> Span | None:
    """Where the last key of `path` is written first."""
    return _scanned(text).keys.get(path)


def _scanned(text: str) -> "_Scanner":
    scanner = _Scanner(text)
    with suppress(IndexError, ValueError):  # a text that the library read and we can't: places are missing, nothing else
        scanner.scan()
    return scanner


_TEXTS = (
    ("Cannot overwrite a value", "duplicate key"),
    ("Cannot declare", "duplicate key"),
    ("Cannot mutate immutable namespace", "duplicate key"),
    ("Duplicate inline table key", "duplicate key"),
    ("Expected ']'", "unclosed table, expected `]`"),
    ("Expected '='", "key with no value, expected `=`"),
    ("Unclosed array", "unclosed array, expected `]`"),
    ("Unclosed inline table", "unclosed inline table, expected `}`"),
    ("Unterminated string", 'invalid basic string, expected `"`'),
    ("Expected newline or end of document", "unexpected key or value, expected newline, `#`"),
)
"""What the library says, and what the reference's parser says for the same mistake."""


def _explained(complaint: str, text: str) -> TomlError:
    """The library's error with the reference's words where they are known."""
    message, _, place = complaint.rpartition(" (at ")
    lines = text.split("\n")
    if place.startswith("line "):
        line, column = (int(part.split(" ")[1]) for part in place.rstrip(")").split(", "))
    else:
        line, column = len(lines), len(lines[-1]) + 1
    for ours, theirs in _TEXTS:
        if message.startswith(ours):
            if theirs == "duplicate key":
                # The library notices it behind the value; the reader looks for the key.
                written = lines[line - 1]
                column = len(written) - len(written.lstrip()) + 1
            message = theirs
            break
    else:
        if message == "Invalid value":
            message = "string values must be quoted, expected literal string"
    return TomlError(message, Span((line, column), (line, column)))


class _Scanner:
    """Walks a valid document and notes where its keys and values stand."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n") + "\n"
        self.at = 0
        self.values: dict[Path, Span] = {}
        self.keys: dict[Path, Span] = {}
        self.counts: dict[Path, int] = {}

    def scan(self) -> None:
        prefix: Path = ()
        while self._skip(" \t\n"):
            if self.text[self.at] == "[":
                prefix = self._header()
            else:
                self._entry(prefix)

    def _skip(self, blanks: str) -> bool:
        """Go past blanks and comments; False at the end of the text."""
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == "#":
                self.at = self.text.index("\n", self.at)
            elif character in blanks:
                self.at += 1
            else:
                return True
        return False

    def _note(self, path: Path, start: int, end: int) -> None:
        self.values.setdefault(path, self._span(start, end))

    def _note_key(self, path: Path, start: int, end: int) -> None:
        self.keys.setdefault(path, self._span(start, end))

    def _span(self, start: int, end: int) -> Span:
        return Span(self._position(start), self._position(max(start, end - 1)))

    def _position(self, index: int) -> Position:
        return self.text.count("\n", 0, index) + 1, index - self.text.rfind("\n", 0, index)

    def _header(self) -> Path:
        start = self.at
        is_array = self.text.startswith("[[", start)
        self.at += 2 if is_array else 1
        parts = self._dotted_key()
        self.at = self.text.index("]", self.at) + (2 if is_array else 1)
        path: Path = ()
        for depth, (name, begin, end) in enumerate(parts):
            path += (name,)
            self._note_key(path, begin, end)
            if depth < len(parts) - 1:
                self._note(path, begin, end)
                if path in self.counts:
                    path += (self.counts[path] - 1,)
        if is_array:
            self._note(path, start, self.at)
            self.counts[path] = self.counts.get(path, 0) + 1
            path += (self.counts[path] - 1,)
        self._note(path, start, self.at)
        return path

    def _dotted_key(self) -> list[tuple[str, int, int]]:
        parts = []
        while True:
            self._skip(" \t")
            begin = self.at
            if self.text[begin] in "\"'":
                self._string()
                name = tomllib.loads(f"k = {self.text[begin : self.at]}")["k"]
            else:
                while self.text[self.at].isalnum() or self.text[self.at] in "-_":
                    self.at += 1
                name = self.text[begin : self.at]
            parts.append((name, begin, self.at))
            self._skip(" \t")
            if self.text[self.at] != ".":
                return parts
            self.at += 1

    def _entry(self, prefix: Path) -> None:
        path = prefix
        parts = self._dotted_key()
        for name, begin, end in parts[:-1]:
            path += (name,)
            self._note(path, begin, end)
            self._note_key(path, begin, end)
        name, begin, end = parts[-1]
        path += (name,)
        self._note_key(path, begin, end)
        self.at = self.text.index("=", self.at) + 1
        self._value(path)

    def _value(self, path: Path) -> None:
        self._skip(" \t")
        start = self.at
        opening = self.text[start]
        if opening in "\"'":
            self._string()
        elif opening == "[":
            self._list(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            while self.text[self.at] not in ",]}#\n":
                self.at += 1
            self._note(path, start, start + len(self.text[start : self.at].rstrip()))
        self._note(path, start, self.at)

    def _string(self) -> None:
        quote = self.text[self.at]
        if self.text.startswith(quote * 3, self.at):
            self.at += 3
            while not self.text.startswith(quote * 3, self.at):
                self.at += 2 if self.text[self.at] == "\\" and quote == '"' else 1
            self.at += 3
            while self.text[self.at] == quote:  # up to two quotes may stand before the closing three
                self.at += 1
            return
        self.at += 1
        while self.text[self.at] != quote:
            self.at += 2 if self.text[self.at] == "\\" and quote == '"' else 1
        self.at += 1

    def _list(self, path: Path) -> None:
        self.at += 1
        index = 0
        while self._skip(" \t\n,") and self.text[self.at] != "]":
            self._value((*path, index))
            index += 1
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        while self._skip(" \t\n,") and self.text[self.at] != "}":
            self._entry(path)
        self.at += 1
