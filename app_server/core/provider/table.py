"""Reading a configuration table with the texts that the reference's parser would use for a wrong type.

A refusal carries the path of the key at fault, so that whoever knows the file can say the line and column.
"""

from collections.abc import Mapping
from typing import Any

LARGEST = 2**64 - 1


class ProviderConfigError(ValueError):
    """A provider can't be used as it is configured. `path` leads to the key at fault, from the top of the configuration."""

    def __init__(self, text: str, path: tuple[str, ...]) -> None:
        super().__init__(text)
        self.text = text
        self.path = path


class Table:
    """Typed access to a table's keys. Every method raises ProviderConfigError where the type is wrong."""

    def __init__(self, path: tuple[str, ...], members: object, expected: str = "struct ModelProviderInfo") -> None:
        self.path = path
        if not isinstance(members, Mapping):
            raise ProviderConfigError(f"invalid type: {kind_of(members)}, expected {expected}", path)
        self._members: Mapping[str, Any] = members

    def refusal(self, text: str) -> ProviderConfigError:
        """The table as a whole makes no sense."""
        return ProviderConfigError(f"{'.'.join(self.path)}: {text}", self.path)

    def wrong(self, key: str, text: str) -> ProviderConfigError:
        """One key makes no sense."""
        return ProviderConfigError(text, (*self.path, key))

    def _mistyped(self, key: str, value: object, expected: str) -> ProviderConfigError:
        return self.wrong(key, f"invalid type: {kind_of(value)}, expected {expected}")

    def string(self, key: str) -> str | None:
        """A text, or None where the key is absent."""
        value = self._members.get(key)
        if not isinstance(value, str | None):
            raise self._mistyped(key, value, "a string")
        return value

    def required_string(self, key: str) -> str:
        """A text that must be there."""
        value = self.string(key)
        if value is None:
            raise ProviderConfigError(f"missing field `{key}`", self.path)
        return value

    def boolean(self, key: str) -> bool:
        """A switch, off where the key is absent."""
        value = self._members.get(key)
        if not isinstance(value, bool | None):
            raise self._mistyped(key, value, "a boolean")
        return bool(value)

    def integer(self, key: str, default: int, *, least: int = 0) -> int:
        """A number that is not negative."""
        value = self._members.get(key)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._mistyped(key, value, "u64" if least == 0 else "a nonzero u64")
        if not least <= value <= LARGEST:
            raise self.wrong(key, f"invalid value: integer `{value}`, expected {'u64' if least == 0 else 'a nonzero u64'}")
        return value

    def strings(self, key: str) -> tuple[str, ...]:
        """A list of texts, empty where the key is absent."""
        value = self._members.get(key, [])
        if not isinstance(value, list | tuple):
            raise self._mistyped(key, value, "a sequence")
        for member in value:
            if not isinstance(member, str):
                raise self._mistyped(key, member, "a string")
        return tuple(value)

    def string_map(self, key: str) -> dict[str, str]:
        """A table of texts, empty where the key is absent."""
        value = self._members.get(key, {})
        if not isinstance(value, Mapping):
            raise self._mistyped(key, value, "a map")
        for name, member in value.items():
            if not isinstance(member, str):
                raise ProviderConfigError(f"invalid type: {kind_of(member)}, expected a string", (*self.path, key, name))
        return dict(value)

    def table(self, key: str) -> "Table | None":
        """A table within, or None where the key is absent."""
        value = self._members.get(key)
        return None if value is None else Table((*self.path, key), value, "struct ModelProviderAuthInfo")


def kind_of(value: object) -> str:
    """A value of a TOML file as the reference's parser names it."""
    if isinstance(value, str):
        return f'string "{value}"'
    if isinstance(value, bool):
        return f"boolean `{str(value).lower()}`"
    if isinstance(value, int):
        return f"integer `{value}`"
    if isinstance(value, float):
        return f"floating point `{value}`"
    return "map" if isinstance(value, Mapping) else "sequence"
