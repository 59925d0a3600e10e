"""The arguments of a function call: JSON text from the model, checked against what a tool takes.

Answers to malformed calls are worded as models know them from the reference (`missing field `cmd` at line 1
column 8`), since they repair their next call by them. They name positions, which the standard library's parser
doesn't keep: hence the small one here. Columns count bytes. The whole text must be JSON before any member is
looked at; unknown members are ignored. This module knows no tool: a tool says what it takes as a `Struct`.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from json import JSONDecodeError, JSONDecoder
from typing import Any

from app_server.core.tools.base import ToolFailure

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORDS = {"t": ("true", True), "f": ("false", False), "n": ("null", None)}
_MAX_DEPTH = 127
NOT_PARSED = "failed to parse function arguments: "
_DECODER = JSONDecoder()


def parse_arguments(text: str, struct: "Struct") -> dict[str, Any]:
    """The members that the model gave, by name. Raises: ToolFailure, with a text that says what is wrong where."""
    try:
        return struct.read(_Parser(text).document())
    except _Invalid as invalid:
        raise ToolFailure(f"{NOT_PARSED}{invalid.text}{_place(text, invalid.at)}") from None


def parse_json(text: str) -> Any:
    """Any JSON value, for tools whose arguments are checked elsewhere. Raises: ToolFailure, likewise."""
    try:
        return Anything().read(_Parser(text).document())
    except _Invalid as invalid:
        raise ToolFailure(f"{NOT_PARSED}{invalid.text}{_place(text, invalid.at)}") from None


@dataclass(frozen=True, slots=True)
class Node:
    """A parsed value; it stands in the text from `start` up to `end`."""

    value: "str | int | float | bool | tuple[Node, ...] | Entries | None"
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Entries:
    """The members of an object in their order; each with the offset behind its key."""

    pairs: tuple[tuple[str, int, Node], ...]


class Kind:
    """A type of value that a tool takes."""

    expected = "any value"

    def read(self, node: Node) -> Any:
        """The value, checked. Raises: _Invalid."""
        raise NotImplementedError


class Text(Kind):
    """A string."""

    expected = "a string"

    def read(self, node: Node) -> str:
        if not isinstance(node.value, str):
            raise _mismatch(node, self)
        return node.value


class Bool(Kind):
    """True or false."""

    expected = "a boolean"

    def read(self, node: Node) -> bool:
        if not isinstance(node.value, bool):
            raise _mismatch(node, self)
        return node.value


class Whole(Kind):
    """An integer within limits; `expected` is the name that error texts give its type."""

    def __init__(self, expected: str, lowest: int, highest: int) -> None:
        self.expected = expected
        self.lowest = lowest
        self.highest = highest

    def read(self, node: Node) -> int:
        if isinstance(node.value, bool) or not isinstance(node.value, int):
            raise _mismatch(node, self)
        if not self.lowest <= node.value <= self.highest:
            raise _Invalid(f"invalid value: {_description(node, self)}, expected {self.expected}", node.end)
        return node.value


U64 = Whole("u64", 0, 2**64 - 1)
USIZE = Whole("usize", 0, 2**64 - 1)
I64 = Whole("i64", -(2**63), 2**63 - 1)
I32 = Whole("i32", -(2**31), 2**31 - 1)
TEXT = Text()
BOOL = Bool()


class Choice(Kind):
    """One of some strings."""

    def __init__(self, *variants: str) -> None:
        self.variants = variants

    def read(self, node: Node) -> str:
        if not isinstance(node.value, str):
            raise _Invalid("expected value", node.start + 1)
        if node.value not in self.variants:
            raise _Invalid(f"unknown variant `{node.value}`, expected {_one_of(self.variants)}", node.end)
        return node.value


class Many(Kind):
    """A list of values of one kind."""

    expected = "a sequence"

    def __init__(self, element: Kind) -> None:
        self.element = element

    def read(self, node: Node) -> list[Any]:
        if not isinstance(node.value, tuple):
            raise _mismatch(node, self)
        return [self.element.read(each) for each in node.value]


class Maybe(Kind):
    """A value or null."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    def read(self, node: Node) -> Any:
        return None if node.value is None else self.kind.read(node)


class Anything(Kind):
    """Any JSON value, in the standard library's terms."""

    def read(self, node: Node) -> Any:
        if isinstance(node.value, tuple):
            return [self.read(each) for each in node.value]
        if isinstance(node.value, Entries):
            return {key: self.read(each) for key, _, each in node.value.pairs}
        return node.value


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object. One that is absent and not required is missing from the result."""

    name: str
    kind: Kind
    is_required: bool = False


class Struct(Kind):
    """An object with known members; the result is a dict of those that were given. `name` is for error texts.

    `is_closed`: a member that is not known is an error.
    """

    def __init__(self, name: str, *members: Member, is_closed: bool = False) -> None:
        self.expected = f"struct {name}"
        self.members = {member.name: member for member in members}
        self.is_closed = is_closed

    def read(self, node: Node) -> dict[str, Any]:
        if not isinstance(node.value, Entries):
            raise _mismatch(node, self)
        given: dict[str, Any] = {}
        for key, key_end, value in node.value.pairs:
            member = self.members.get(key)
            if member is None:
                if self.is_closed:
                    raise _Invalid(f"unknown field `{key}`, expected {_one_of(self.members)}", key_end)
                continue
            if key in given:
                raise _Invalid(f"duplicate field `{key}`", key_end)
            given[key] = member.kind.read(value)
        for name, member in self.members.items():
            if member.is_required and name not in given:
                raise _Invalid(f"missing field `{name}`", node.end)
        return given


class _Invalid(Exception):
    """What is wrong, and the offset up to which the column is counted."""

    def __init__(self, text: str, at: int) -> None:
        super().__init__(text)
        self.text = text
        self.at = at


def _one_of(names: Iterable[str]) -> str:
    quoted_names = [f"`{name}`" for name in names]
    return f"one of {', '.join(quoted_names)}" if len(quoted_names) > 2 else " or ".join(quoted_names)


def _mismatch(node: Node, kind: Kind) -> _Invalid:
    """A value of another type; containers are complained about before they are opened."""
    at = node.start if isinstance(node.value, tuple | Entries) else node.end
    return _Invalid(f"invalid type: {_description(node, kind)}, expected {kind.expected}", at)


def _description(node: Node, kind: Kind) -> str:
    """A value as error texts name it."""
    match node.value:
        case None:
            return "null"
        case bool():
            return f"boolean `{str(node.value).lower()}`"
        case int():
            return f"integer `{node.value}`"
        case float():
            return f"floating point `{node.value}`" if isinstance(kind, Whole) else "number"
        case str():
            return f"string {quoted(node.value)}"
        case tuple():
            return "sequence"
        case Entries():
            return "map"


def quoted(text: str) -> str:
    """A text in double quotes with escapes, as the reference prints strings inside its error texts."""
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}
    return '"' + "".join(escapes.get(each) or (each if each.isprintable() else f"\\u{{{ord(each):x}}}") for each in text) + '"'


def _place(text: str, at: int) -> str:
    before = text[:at]
    line_start = before.rfind("\n") + 1
    return f" at line {before.count(chr(10)) + 1} column {len(before[line_start:].encode())}"


class _Parser:
    """A JSON parser that keeps positions. Strings are read by the standard library, so long ones cost little."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.depth = 0

    def document(self) -> Node:
        """The one value of the text."""
        node = self.value(self.skip(0))
        rest = self.skip(node.end)
        if rest < len(self.text):
            raise _Invalid("trailing characters", rest + 1)
        return node

    def skip(self, at: int) -> int:
        found = _SPACE.match(self.text, at)
        return found.end() if found else at

    def peek(self, at: int, inside: str) -> str:
        """The character at an offset. Raises: _Invalid if the text ends there."""
        if at >= len(self.text):
            raise _Invalid(f"EOF while parsing {inside}", len(self.text))
        return self.text[at]

    def value(self, at: int) -> Node:
        first = self.peek(at, "a value")
        if first == '"':
            return self.string(at)
        if first in "-0123456789":
            return self.number(at)
        if first in _WORDS:
            return self.word(at, *_WORDS[first])
        if first == "[":
            return self.nested(at, self.array)
        if first == "{":
            return self.nested(at, self.object)
        raise _Invalid("expected value", at + 1)

    def nested(self, at: int, read: Callable[[int], Node]) -> Node:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise _Invalid("recursion limit exceeded", at + 1)
        node = read(at)
        self.depth -= 1
        return node

    def string(self, at: int) -> Node:
        try:
            value, end = _DECODER.raw_decode(self.text, at)
        except JSONDecodeError as error:
            raise self.bad_string(error) from None
        if _SURROGATE.search(value):
            raise _Invalid("lone leading surrogate in hex escape", end)
        return Node(value, at, end)

    def bad_string(self, error: JSONDecodeError) -> _Invalid:
        if error.msg.startswith("Invalid \\u"):
            return _Invalid("invalid escape", min(error.pos + 5, len(self.text)))
        if error.msg.startswith("Invalid \\"):
            return _Invalid("invalid escape", error.pos + 2)
        if error.msg.startswith("Invalid control"):
            return _Invalid("control character (\\u0000-\\u001F) found while parsing a string", error.pos)
        return _Invalid("EOF while parsing a string", len(self.text))

    def number(self, at: int) -> Node:
        found = _NUMBER.match(self.text, at)
        end = found.end() if found else at + 1
        # What may not follow a number is complained about as part of it, as in `01`, `1.` or `-`.
        if not found or (end < len(self.text) and self.text[end] in "0123456789.eE+-"):
            bad = end + 1 if end < len(self.text) and self.text[end] in ".eE" else end
            self.peek(bad, "a value")
            raise _Invalid("invalid number", bad + 1)
        is_whole = not (found.group(1) or found.group(2))
        return Node(int(found.group()) if is_whole else float(found.group()), at, end)

    def word(self, at: int, word: str, value: bool | None) -> Node:
        for offset, letter in enumerate(word):
            if self.peek(at + offset, "a value") != letter:
                raise _Invalid("expected ident", at + offset + 1)
        return Node(value, at, at + len(word))

    def array(self, start: int) -> Node:
        elements: list[Node] = []
        at = self.skip(start + 1)
        if self.peek(at, "a list") == "]":
            return Node((), start, at + 1)
        while True:
            elements.append(self.value(at))
            at = self.skip(elements[-1].end)
            separator = self.peek(at, "a list")
            if separator == "]":
                return Node(tuple(elements), start, at + 1)
            if separator != ",":
                raise _Invalid("expected `,` or `]`", at + 1)
            at = self.skip(at + 1)

    def object(self, start: int) -> Node:
        pairs: list[tuple[str, int, Node]] = []
        at = self.skip(start + 1)
        if self.peek(at, "an object") == "}":
            return Node(Entries(()), start, at + 1)
        while True:
            mark = self.peek(at, "an object" if not pairs else "a value")
            if mark != '"':
                raise _Invalid("trailing comma" if mark == "}" else "key must be a string", at + 1)
            key = self.string(at)
            at = self.skip(key.end)
            if self.peek(at, "an object") != ":":
                raise _Invalid("expected `:`", at + 1)
            pairs.append((str(key.value), key.end, self.value(self.skip(at + 1))))
            at = self.skip(pairs[-1][2].end)
            separator = self.peek(at, "an object")
            if separator == "}":
                return Node(Entries(tuple(pairs)), start, at + 1)
            if separator != ",":
                raise _Invalid("expected `,` or `}`", at + 1)
            at = self.skip(at + 1)
