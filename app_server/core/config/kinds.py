"""The kinds of value that configuration keys take, and the words for a value of the wrong kind.

A kind checks a value and collects the keys that it does not know; it changes nothing. The texts are those of the
reference's decoder, since users and clients search for them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol

from app_server.core.frozen import frozen
from app_server.core.models.decoding import choices, described

Path = tuple[str | int, ...]


class WrongValue(Exception):
    """A value that its key can't take. `path` leads to it; `shown` is the key that a text without a place names."""

    def __init__(self, message: str, path: Path, *, file_message: str | None = None, shown: Path | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.file_message = file_message or message
        self.path = path
        self.shown = shown if shown is not None else tuple(part for part in path if isinstance(part, str))


class Kind(Protocol):
    """Something that knows which values are right."""

    def check(self, value: Any, path: Path, unknown: list[Path], /) -> None:
        """Raises: WrongValue."""
        ...


NO_KINDS: Mapping[str, Kind] = MappingProxyType({})


@frozen
class Anything:
    """Checked by whoever reads it."""

    def check(self, value: Any, path: Path, _unknown: list[Path], /) -> None:
        """Every value is right."""


@frozen
class Scalar:
    """A single value of one Python type."""

    type: type
    expected: str
    is_path: bool = False

    def check(self, value: Any, path: Path, _unknown: list[Path], /) -> None:
        """Raises: WrongValue."""
        if type(value) is not self.type:
            raise WrongValue(f"invalid type: {described(value)}, expected {self.expected}", path)


@frozen
class Integer:
    """A whole number that fits the reference's type."""

    expected: str
    low: int = 0
    high: int = 2**64 - 1

    def check(self, value: Any, path: Path, _unknown: list[Path], /) -> None:
        """Raises: WrongValue."""
        if type(value) is not int:
            raise WrongValue(f"invalid type: {described(value)}, expected {self.expected}", path)
        if not self.low <= value <= self.high:
            raise WrongValue(f"invalid value: integer `{value}`, expected {self.expected}", path)


@frozen
class Real:
    """A number."""

    def check(self, value: Any, path: Path, _unknown: list[Path], /) -> None:
        """Raises: WrongValue."""
        if type(value) not in (int, float):
            raise WrongValue(f"invalid type: {described(value)}, expected f64", path)


@frozen
class Filled:
    """A string with at least one character."""

    noun: str

    def check(self, value: Any, path: Path, unknown: list[Path], /) -> None:
        """Raises: WrongValue."""
        STRING.check(value, path, unknown)
        if not value:
            raise WrongValue(f"{self.noun} must not be empty", path)


@frozen
class Choice:
    """One of some words; `tables` are the words that carry settings and stand as a table's only key."""

    options: tuple[str, ...]
    tables: Mapping[str, Kind] = NO_KINDS

    def check(self, value: Any, path: Path, unknown: list[Path], /) -> None:
        """Raises: WrongValue."""
        if isinstance(value, dict) and len(value) == 1:
            (word,) = value
            if word in self.tables:
                try:
                    self.tables[word].check(value[word], (*path, word), unknown)
                except WrongValue as error:
                    raise WrongValue(error.message, error.path, shown=path) from None
                return
        elif isinstance(value, str):
            word = value
        else:
            raise WrongValue("invalid type: unit variant, expected string only", path, file_message="wanted string or table")
        if word not in self.options:
            raise WrongValue(f"unknown variant `{word}`, expected {choices(self.options)}", path)


@frozen
class ListOf:
    """Any number of values of one kind."""

    kind: Kind

    def check(self, value: Any, path: Path, unknown: list[Path], /) -> None:
        """Raises: WrongValue."""
        if not isinstance(value, list):
            raise WrongValue(f"invalid type: {described(value)}, expected a sequence", path)
        for index, each in enumerate(value):
            self.kind.check(each, (*path, index), unknown)


@frozen
class MapOf:
    """A table with free keys and values of one kind."""

    kind: Kind

    def check(self, value: Any, path: Path, unknown: list[Path], /) -> None:
        """Raises: WrongValue."""
        if not isinstance(value, dict):
            raise WrongValue(f"invalid type: {described(value)}, expected a map", path)
        for name, each in value.items():
            self.kind.check(each, (*path, name), unknown)


@frozen
class Table:
    """A table with known keys. `rest` checks the others; without it they are unknown."""

    name: str
    members: Mapping[str, Kind]
    required: tuple[str, ...] = ()
    rest: Kind | None = None

    def check(self, value: Any, path: Path, unknown: list[Path], /) -> None:
        """Raises: WrongValue."""
        if not isinstance(value, dict):
            raise WrongValue(f"invalid type: {described(value)}, expected struct {self.name}", path)
        members = self.members
        for name, each in value.items():
            kind = members.get(name)
            if kind is not None:
                kind.check(each, (*path, name), unknown)
            elif self.rest is not None:
                self.rest.check(each, (*path, name), unknown)
            else:
                unknown.append((*path, name))
        for name in self.required:
            if name not in value:
                raise WrongValue(f"missing field `{name}`", path)


@frozen
class Either:
    """The first kind that fits; `name` is what the decoder calls the union when none does."""

    name: str
    kinds: tuple[Kind, ...]

    def check(self, value: Any, path: Path, _unknown: list[Path], /) -> None:
        """Raises: WrongValue."""
        for kind in self.kinds:
            strangers: list[Path] = []
            try:
                kind.check(value, path, strangers)
            except WrongValue:
                continue
            if not strangers:
                return
        raise WrongValue(f"data did not match any variant of untagged enum {self.name}", path)


ANY = Anything()
STRING = Scalar(str, "a string")
PATH = Scalar(str, "path string", is_path=True)
BOOL = Scalar(bool, "a boolean")
I64 = Integer("i64", -(2**63), 2**63 - 1)
U64 = Integer("u64")
USIZE = Integer("usize")
U16 = Integer("u16", 0, 2**16 - 1)
REAL = Real()
STRINGS = ListOf(STRING)
STRING_MAP = MapOf(STRING)
