"""What lists show of a stored thread, read from the two ends of its file and no more of it.

The head and the first words of the user stand near the start, the last settings and the last turn's beginning near the
end. The index keeps these facts per file.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app_server.core.store.errors import StoreError, disk_error
from app_server.core.store.fields import table, text, whole
from app_server.core.store.head import Head, head_of
from app_server.core.store.paths import parse_name
from app_server.core.store.reader import Line, Warn, ignore, read_backward, read_forward

Find = Callable[[str], Path | None]
"""Where the file with a segment id is."""

START_NAMES = frozenset({"session_meta", "item_completed", "user_message"})
END_NAMES = frozenset({"task_started", "turn_context", "thread_settings_applied"})
START_BYTES = 8 * 1024 * 1024
"""How far the user's first words are looked for: images before them can be big."""
END_BYTES = 1024 * 1024
"""How far back the last settings are looked for; a turn with more output than that counts as begun with the thread."""
END_OF_TIME_S = 253_402_300_800
"""When the year 9999 is over. What is later is no moment."""
CONTEXT_TAGS = (
    "<environment_context>",
    "<user_instructions>",
    "# AGENTS.md instructions",
    "<turn_aborted>",
    "<user_shell_command>",
    "<user_action>",
    "<skill>",
    "<image ",
    "</image>",
)
"""What texts in the user's place begin with that the user has not written."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is shown of a thread that is not loaded."""

    path: Path
    head: Head
    """Without what can be big and is in no list: base instructions and tools."""
    preview: str
    """The user's first words, whole; empty as long as there are none, and then the thread is not listed. What was put into
    the history without a turn does not count."""
    model: str | None
    model_provider: str | None
    effort: str | None
    cwd: str
    created_ms: int
    updated_ms: int
    recency_ms: int
    """When the last turn began, or else when the thread was made."""
    size: int


def read_facts(path: Path, find: Find, warn: Warn = ignore, status: os.stat_result | None = None) -> Facts:
    """The facts of the thread whose current file this is; `find` finds what it continues. Raises: StoreError."""
    try:
        status = status or path.stat()
    except OSError as error:
        raise disk_error("read", path, error) from error
    head, words = _start(path, None, warn)
    end = _end(path, status.st_size, warn)
    return Facts(
        path=path,
        head=head,
        preview=_inherited(find, head, warn) or words or _before_revert(find, path, head, warn),
        model=end.model,
        model_provider=end.model_provider or head.model_provider,
        effort=end.effort,
        cwd=end.cwd or head.cwd,
        created_ms=head.created_ms,
        updated_ms=status.st_mtime_ns // 1_000_000,
        recency_ms=end.recency_ms if end.recency_ms is not None else head.created_ms,
        size=status.st_size,
    )


def _start(path: Path, end_ordinal: int | None, warn: Warn) -> tuple[Head, str]:
    """A file's head, and the user's first words in it before an ordinal. Raises: StoreError (there is no head)."""
    head: Head | None = None
    words = ""
    for line in read_forward(path, names=START_NAMES, warn=warn):
        if line.name == "session_meta":
            head = head or (head_of(line, has_bulk=False) if text(line.payload, "id") is not None else None)
            continue
        if line.end > START_BYTES or (end_ordinal is not None and line.position >= end_ordinal):
            break
        if words := user_words(line):
            break
    if head is None:
        raise StoreError(f"{path} holds no thread")
    return head, words


def _inherited(find: Find, head: Head, warn: Warn) -> str:
    """The user's first words in what a file continues."""
    earliest = ""
    seen: set[str] = set()
    while (base := head.base) is not None and base.segment_id not in seen:
        seen.add(base.segment_id)
        path = find(base.segment_id)
        if path is None:
            break
        try:
            head, words = _start(path, base.end_ordinal, warn)
        except StoreError:
            break
        earliest = words or earliest
    return earliest


def _before_revert(find: Find, path: Path, head: Head, warn: Warn) -> str:
    """The user's first words in a thread of which all turns were taken back: it keeps what it is known by."""
    name = parse_name(path.name)
    first = find(head.thread_id) if name is not None and name.segment_id != head.thread_id else None
    if first is None:
        return ""
    try:
        return _start(first, None, warn)[1]
    except StoreError:
        return ""


@dataclass(slots=True)
class _End:
    """What the end of a file says."""

    recency_ms: int | None = None
    model: str | None = None
    model_provider: str | None = None
    effort: str | None = None
    cwd: str | None = None


def _end(path: Path, size: int, warn: Warn) -> _End:
    """What the end of a file says of settings and the last turn."""
    end = _End()
    for line in read_backward(path, start=max(size - END_BYTES, 0), names=END_NAMES, warn=warn):
        if line.name == "task_started":
            if end.recency_ms is None:
                end.recency_ms = _started_ms(line)
        elif end.model is None:
            _note_settings(end, line)
        if end.model is not None and end.recency_ms is not None:
            break
    return end


def _started_ms(line: Line) -> int | None:
    started_at = whole(line.payload, "started_at")
    return started_at * 1000 if started_at is not None and 0 <= started_at < END_OF_TIME_S else line.time_ms


def _note_settings(end: _End, line: Line) -> None:
    is_whole = line.name == "thread_settings_applied"
    settings = table(line.payload, "thread_settings") if is_whole else line.payload
    end.model = text(settings, "model")
    end.model_provider = text(settings, "model_provider_id") or end.model_provider
    end.effort = text(settings, "reasoning_effort" if is_whole else "effort")
    end.cwd = text(settings, "cwd") or end.cwd


def user_words(line: Line) -> str:
    """The words in a line that tells a message of the user; of other lines, none."""
    if line.name == "user_message":
        return text(line.payload, "message") or ""
    item = table(line.payload, "item")
    return joined_texts(item.get("content")) if item.get("type") == "UserMessage" else ""


def message_words(item: Mapping[str, Any]) -> str:
    """The words in an item for the model that is a message of the user's own."""
    if item.get("type") != "message" or item.get("role") != "user":
        return ""
    words = joined_texts(item.get("content"))
    return "" if words.startswith(CONTEXT_TAGS) else words


def joined_texts(content: object) -> str:
    """The texts among the parts of a message."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n".join(part["text"] for part in parts if isinstance(part, Mapping) and isinstance(part.get("text"), str))
