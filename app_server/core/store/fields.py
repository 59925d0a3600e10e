"""Members of payloads that somebody else wrote: the value if it is of the expected kind, else None."""

from collections.abc import Mapping
from typing import Any


def text(payload: Mapping[str, Any], name: str) -> str | None:
    """A text."""
    value = payload.get(name)
    return value if isinstance(value, str) else None


def whole(payload: Mapping[str, Any], name: str) -> int | None:
    """A whole number."""
    value = payload.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def table(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object; an empty one if there is none."""
    value = payload.get(name)
    return value if isinstance(value, Mapping) else {}


def texts(value: object) -> tuple[str, ...]:
    """The texts in a list."""
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
