"""Reading typed members out of JSON and TOML data, with the words that the reference's decoder has for a wrong one."""

from collections.abc import Mapping
from typing import Any

from app_server.core.frozen import frozen


class DecodeError(ValueError):
    """A member is missing or of the wrong type."""


def described(value: Any) -> str:
    """A value as the decoder's complaints show it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"boolean `{str(value).lower()}`"
    if isinstance(value, int):
        return f"integer `{value}`"
    if isinstance(value, float):
        return f"floating point `{value}`"
    if isinstance(value, str):
        return 'string "' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "sequence"
    return "map"


def choices(options: tuple[str, ...]) -> str:
    """The decoder's list of alternatives."""
    quoted = [f"`{option}`" for option in options]
    if len(quoted) == 1:
        return quoted[0]
    return " or ".join(quoted) if len(quoted) == 2 else "one of " + ", ".join(quoted)


@frozen
class Members:
    """The members of one object. Null counts as absent where a member is optional; unknown members don't matter."""

    data: Mapping[str, Any]

    @classmethod
    def of(cls, value: Any, struct: str) -> "Members":
        """Raises: DecodeError, if the value is no object."""
        if not isinstance(value, dict):
            raise _wrong(value, f"struct {struct}")
        return cls(value)

    def text(self, name: str) -> str:
        """A string that has to be there."""
        value = self.optional_text(name)
        if value is None:
            raise self._absent(name, "a string")
        return value

    def optional_text(self, name: str) -> str | None:
        """A string, or None."""
        value = self.data.get(name)
        if value is not None and not isinstance(value, str):
            raise _wrong(value, "a string")
        return value

    def integer(self, name: str, kind: str = "i64") -> int:
        """A whole number that has to be there."""
        value = self.optional_integer(name, kind)
        if value is None:
            raise self._absent(name, kind)
        return value

    def optional_integer(self, name: str, kind: str = "i64") -> int | None:
        """A whole number, or None."""
        value = self.data.get(name)
        if value is not None and type(value) is not int:
            raise _wrong(value, kind)
        return value

    def flag(self, name: str, default: bool | None = None) -> bool:
        """A boolean; without a default it has to be there."""
        value = self.data.get(name, default)
        if value is None and default is not None:
            return default
        if not isinstance(value, bool):
            raise self._absent(name, "a boolean") if value is None else _wrong(value, "a boolean")
        return value

    def texts(self, name: str, default: tuple[str, ...] | None = None, options: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of strings, all among `options`; without a default it has to be there."""
        value = self.data.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, list):
            raise self._absent(name, "a sequence") if value is None else _wrong(value, "a sequence")
        for each in value:
            if not isinstance(each, str):
                raise _wrong(each, "a string")
            if options is not None:
                _one_of(each, options)
        return tuple(value)

    def choice(self, name: str, options: tuple[str, ...]) -> str:
        """One of some words, that has to be there."""
        return _one_of(self.text(name), options)

    def optional_choice(self, name: str, options: tuple[str, ...]) -> str | None:
        """One of some words, or None."""
        value = self.optional_text(name)
        return None if value is None else _one_of(value, options)

    def table(self, name: str, struct: str, *, is_required: bool = False) -> "Members | None":
        """An object, or None."""
        value = self.data.get(name)
        if value is None and not is_required:
            return None
        if value is None:
            raise self._absent(name, f"struct {struct}")
        return Members.of(value, struct)

    def tables(self, name: str, struct: str, *, is_required: bool = False) -> list["Members"]:
        """A list of objects."""
        value = self.data.get(name)
        if value is None and not is_required:
            return []
        if not isinstance(value, list):
            raise self._absent(name, "a sequence") if value is None else _wrong(value, "a sequence")
        return [Members.of(each, struct) for each in value]

    def _absent(self, name: str, expected: str) -> DecodeError:
        if name in self.data:
            return _wrong(None, expected)
        return DecodeError(f"missing field `{name}`")


def _wrong(value: Any, expected: str) -> DecodeError:
    return DecodeError(f"invalid type: {described(value)}, expected {expected}")


def _one_of(value: str, options: tuple[str, ...]) -> str:
    if value not in options:
        raise DecodeError(f"unknown variant `{value}`, expected {choices(options)}")
    return value
