"""Reading rollouts: their lines as a stream, from either end, whatever is in the files.

A line's kind stands before its payload, so lines that nobody asked for are passed over unparsed; that, and reading in
blocks, is what makes a thread of 100 MB bearable. Lines that can't be read are passed over with a word to `warn`:
a torn end, a damaged block or a half-copied file cost those lines and no others.
"""

import json
import os
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pydantic_core import from_json

from app_server.core.store.encoding import milliseconds
from app_server.core.store.errors import disk_error

Warn = Callable[[str], None]

BLOCK_BYTES = 256 * 1024
MAX_LINE_BYTES = 256 * 1024 * 1024
"""A line longer than this is no line of a thread."""
HEAD = re.compile(rb'\{"timestamp":"[^"]*",(?:"ordinal":\d+,)?"type":"(\w+)","payload":\{(?:"type":"(\w+)")?')


@dataclass(slots=True)
class Line:
    """One line, parsed. `name` is the kind of event for an `event_msg`, and the line's type otherwise."""

    name: str
    payload: dict[str, Any]
    ordinal: int | None
    stamp: str
    start: int
    end: int
    index: int = -1
    """The line's number in the file, from 0; known only when read forward."""

    @property
    def position(self) -> int:
        """Where in its thread the line stands: its ordinal, or in unnumbered files its number."""
        return self.index if self.ordinal is None else self.ordinal

    @property
    def time_ms(self) -> int | None:
        """When it was written."""
        return milliseconds(self.stamp)


def ignore(warning: str) -> None:
    """A `warn` for those who don't care."""


def read_forward(
    path: Path, *, end: int | None = None, names: Collection[str] | None = None, warn: Warn = ignore
) -> Iterator[Line]:
    """The lines of a file, oldest first, up to a byte offset; with `names`, only those kinds. Raises: StoreError."""
    try:
        with open(path, "rb", buffering=BLOCK_BYTES, opener=_unblocked) as file:
            start, index = 0, -1
            while raw := file.readline(MAX_LINE_BYTES):
                at, start, index = start, start + len(raw), index + 1
                if end is not None and start > end:
                    return
                if len(raw) == MAX_LINE_BYTES and not raw.endswith(b"\n"):
                    start += _skip_line(file)
                    warn(f"{path.name}: passed over a line of more than {MAX_LINE_BYTES} bytes at offset {at}")
                    continue
                line = _line(raw, at, names, path, warn)
                if line is not None:
                    line.index = index
                    yield line
    except OSError as error:
        raise disk_error("read", path, error) from error


def read_backward(
    path: Path, *, end: int | None = None, start: int = 0, names: Collection[str] | None = None, warn: Warn = ignore
) -> Iterator[Line]:
    """The lines of a file between two byte offsets, newest first. Raises: StoreError."""
    try:
        with open(path, "rb", buffering=0, opener=_unblocked) as file:
            size = file.seek(0, 2)
            for at, raw in _raw_backward(file, size if end is None else min(end, size), path, warn):
                if at < start:
                    return
                line = _line(raw, at, names, path, warn)
                if line is not None:
                    yield line
    except OSError as error:
        raise disk_error("read", path, error) from error


def _unblocked(path: str, flags: int) -> int:
    """Opens a file; a pipe in its place would have us wait for ever otherwise."""
    return os.open(path, flags | os.O_NONBLOCK)


def parse(raw: bytes) -> Any:
    """The JSON value of some bytes. Raises: ValueError."""
    try:
        return from_json(raw, cache_strings="keys")
    except ValueError:
        return json.loads(raw)  # knows halves of UTF-16 pairs, which the quick parser refuses


def _line(raw: bytes, start: int, names: Collection[str] | None, path: Path, warn: Warn) -> Line | None:
    if names is not None:
        head = HEAD.match(raw)
        if head is not None:
            kind, event = head.groups()
            if (event if kind == b"event_msg" and event else kind).decode() not in names:
                return None
    elif raw.isspace():
        return None
    line = parse_line(raw, start)
    if line is None:
        if not raw.isspace():
            warn(f"{path.name}: passed over a damaged line of {len(raw)} bytes at offset {start}")
        return None
    return line if names is None or line.name in names else None


def parse_line(raw: bytes, start: int = 0) -> Line | None:
    """A line from its bytes, or None if they are none."""
    try:
        record = parse(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict):
        return None
    kind, payload, ordinal, stamp = (record.get(key) for key in ("type", "payload", "ordinal", "timestamp"))
    if not isinstance(kind, str) or not isinstance(payload, dict):
        return None
    name = payload.get("type") if kind == "event_msg" else kind
    return Line(
        name=name if isinstance(name, str) else kind,
        payload=payload,
        ordinal=ordinal if isinstance(ordinal, int) and not isinstance(ordinal, bool) else None,
        stamp=stamp if isinstance(stamp, str) else "",
        start=start,
        end=start + len(raw),
    )


def _skip_line(file: BinaryIO) -> int:
    """Read on to the end of a line; how many bytes that was."""
    skipped = 0
    while raw := file.readline(BLOCK_BYTES):
        skipped += len(raw)
        if raw.endswith(b"\n"):
            break
    return skipped


def _raw_backward(file: Any, position: int, path: Path, warn: Warn) -> Iterator[tuple[int, bytes]]:
    """Offsets and bytes of lines from a position back to the start. A long line's blocks are kept apart until it is whole."""
    parts: list[bytes] = []
    held = 0
    while position > 0:
        length = min(BLOCK_BYTES, position)
        position -= length
        file.seek(position)
        block = _read_whole(file, length)
        stop = len(block)
        while (newline := block.rfind(b"\n", 0, stop)) >= 0:
            parts.append(block[newline + 1 : stop])
            if held >= 0 and any(parts):
                yield position + newline + 1, b"".join(reversed(parts))
            parts, held = [b"\n"], 1
            stop = newline
        parts.append(block[:stop])
        held = held + stop if held >= 0 else held
        if held > MAX_LINE_BYTES:
            warn(f"{path.name}: passed over a line of more than {MAX_LINE_BYTES} bytes before offset {position + held}")
            parts, held = [], -1
        elif held < 0:
            parts = []
    if held >= 0 and any(parts):
        yield 0, b"".join(reversed(parts))


def _read_whole(file: Any, length: int) -> bytes:
    block = b""
    while len(block) < length:
        more = file.read(length - len(block))
        if not more:
            break
        block += more
    return block


def count_lines(path: Path) -> int:
    """How many lines a file has, a torn one at its end included. Raises: StoreError."""
    count, last = 0, b"\n"
    try:
        with path.open("rb", buffering=0) as file:
            while block := file.read(BLOCK_BYTES):
                count += block.count(b"\n")
                last = block[-1:]
    except OSError as error:
        raise disk_error("read", path, error) from error
    return count + (last != b"\n")
