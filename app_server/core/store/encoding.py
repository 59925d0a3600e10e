"""A rollout's line as bytes, and the moments written in it.

One line is `{"timestamp":"2026-11-23T05:39:23.863Z","ordinal":0,"type":T,"payload":{…}}`; the ordinal is left out in
files of the older, unnumbered kind. What stands before the payload is the same text in ours and in the reference's
files, so that readers can tell a line's kind without parsing it.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

Payload = bytes | Mapping[str, Any]
"""A line's payload: data, or its JSON already encoded."""


def encode_line(now_ms: int, ordinal: int | None, type: str, payload: Payload) -> bytes:
    """The whole line, newline included."""
    body = payload if isinstance(payload, bytes) else encode(payload)
    if b"\n" in body:
        body = body.replace(b"\n", b" ")  # between tokens, where alone JSON may have it, a blank does as well
    second = _second(now_ms // 1000)
    if ordinal is None:
        return b'{"timestamp":"%b.%03dZ","type":"%b","payload":%b}\n' % (second, now_ms % 1000, type.encode(), body)
    return b'{"timestamp":"%b.%03dZ","ordinal":%d,"type":"%b","payload":%b}\n' % (
        second,
        now_ms % 1000,
        ordinal,
        type.encode(),
        body,
    )


def encode(value: Any) -> bytes:
    """JSON as any parser takes it: UTF-8, one line, infinities as null."""
    try:
        return to_json(value, inf_nan_mode="null")
    except PydanticSerializationError:
        return to_json(without_surrogates(value), inf_nan_mode="null")


def without_surrogates(value: Any) -> Any:
    """The value with halves of UTF-16 pairs, which a model can write as escapes, joined or replaced."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, Mapping):
        return {without_surrogates(key): without_surrogates(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [without_surrogates(each) for each in value]
    return value


def timestamp(now_ms: int) -> str:
    """A moment as rollouts write it."""
    return f"{_second(now_ms // 1000).decode()}.{now_ms % 1000:03d}Z"


def milliseconds(text: object) -> int | None:
    """The moment that a timestamp names, or None if it is none. Any number of decimals will do."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


@lru_cache(maxsize=16)
def _second(seconds: int) -> bytes:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)).encode()
