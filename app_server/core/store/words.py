"""Names and small values in two spellings: the wire's (camelCase, milliseconds, paths) and the files' (snake_case, seconds and
nanoseconds, file URLs)."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote

from protocol import base

UPPER = re.compile(r"(?<=[a-z0-9])([A-Z])")
FILE_URL = "file://"

camel = lru_cache(maxsize=1024)(base.camel)
"""`thread_id` -> `threadId`."""


@lru_cache(maxsize=1024)
def snake(name: str) -> str:
    """`threadId` -> `thread_id`."""
    return UPPER.sub(r"_\1", name).lower()


def snake_keys(value: Any) -> Any:
    """The value with the members of all objects in it renamed."""
    if isinstance(value, Mapping):
        return {snake(name): snake_keys(each) for name, each in value.items()}
    return [snake_keys(each) for each in value] if isinstance(value, list) else value


def camel_keys(value: Any) -> Any:
    """The value with the members of all objects in it renamed."""
    if isinstance(value, Mapping):
        return {camel(name): camel_keys(each) for name, each in value.items()}
    return [camel_keys(each) for each in value] if isinstance(value, list) else value


def present(**members: Any) -> dict[str, Any]:
    """The members that are not None: files leave out what is empty."""
    return {name: value for name, value in members.items() if value is not None}


def file_url(path: str) -> str:
    """An absolute path as a file URL; anything else stays as it is."""
    return FILE_URL + quote(path, safe="/!$&'()*+,;=:@~") if path.startswith("/") else path


def file_path(url: object) -> str:
    """The path of a file URL; older files have plain paths."""
    text = url if isinstance(url, str) else ""
    return unquote(text.removeprefix(FILE_URL)) if text.startswith(FILE_URL) else text


def duration(milliseconds: int | None) -> dict[str, int] | None:
    """A duration as files have it."""
    if milliseconds is None:
        return None
    return {"secs": milliseconds // 1000, "nanos": milliseconds % 1000 * 1_000_000}


def duration_ms(value: object) -> int | None:
    """A duration in milliseconds."""
    if not isinstance(value, Mapping):
        return None
    seconds, nanos = value.get("secs"), value.get("nanos")
    if not isinstance(seconds, int) or not isinstance(nanos, int):
        return None
    return seconds * 1000 + nanos // 1_000_000


def error_info(value: Any) -> Any:
    """What kind of error it was, as files have it: words are snake_case there, and so are members."""
    return snake(value) if isinstance(value, str) else snake_keys(value)


def wire_error_info(value: Any) -> Any:
    """What kind of error it was, as the wire has it."""
    return camel(value) if isinstance(value, str) else camel_keys(value)
