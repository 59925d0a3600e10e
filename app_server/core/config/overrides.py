"""Settings that come from outside the files: `-c key=value` words and the `config` map of a thread.

Both name settings by dotted keys, and both end up in one nested table, the session's layer. A key is split at
every dot; there is no quoting, as in the reference.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from app_server.core.config.toml_text import TomlError, parse


class BadOverride(ValueError):
    """An override without a key or without `=`."""


def split(word: str) -> tuple[str, Any]:
    """`key=value` as a key and a value: TOML where it reads as such, else the text itself. Raises: BadOverride."""
    key, equals, text = word.partition("=")
    key = key.strip()
    if not equals:
        raise BadOverride(f"Invalid override (missing '='): {word}")
    if not key:
        raise BadOverride(f"Empty key in override: {word}")
    text = text.strip()
    try:
        return key, parse(f"value = {text}")["value"]
    except (TomlError, RecursionError):
        return key, text.strip("\"'")


def nested(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """One table from dotted keys and values; later ones win."""
    table: dict[str, Any] = {}
    for key, value in pairs:
        *parents, last = key.split(".")
        node = table
        for parent in parents:
            inner = node.get(parent)
            # A copy, since a table may be the caller's own value.
            node[parent] = dict(inner) if isinstance(inner, dict) else {}
            node = node[parent]
        node[last] = value
    return table


def from_json(overrides: Mapping[str, Any]) -> dict[str, Any]:
    """The nested table of a thread's `config` map. TOML knows no null, so it becomes an empty text."""
    return nested((key, _without_null(value)) for key, value in overrides.items())


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Both tables in one, `over` winning; tables merge key by key, everything else is replaced."""
    merged = dict(base)
    for key, value in over.items():
        present = merged.get(key)
        if isinstance(value, Mapping) and isinstance(present, Mapping):
            merged[key] = merge(present, value)
        else:
            merged[key] = value
    return merged


def _without_null(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, list):
        return [_without_null(each) for each in value]
    if isinstance(value, Mapping):
        return {key: _without_null(each) for key, each in value.items()}
    return value
