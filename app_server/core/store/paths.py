"""Where threads live under the home directory, and what their file names say.

    sessions/YYYY/MM/DD/rollout-YYYY-MM-DDThh-mm-ss-<thread id>.jsonl           a thread, by local time of creation
    sessions/YYYY/MM/DD/rollout-YYYY-MM-DDThh-mm-ss-<thread id>_<uuid>.jsonl    what a revert made of it later
    archived_sessions/<same name>                                               archived, all in one directory
    thread-writer-locks/<thread id>.lock                                        one live writer per thread

A file is a *segment*; its id is the uuid at the end of its name, which for a thread's first file is the thread's own id.
Other files continue it by that id. Source: spec/threads.md section 8.
"""

import re
import time
from dataclasses import dataclass
from pathlib import Path

SESSIONS = "sessions"
ARCHIVED = "archived_sessions"
LOCKS = "thread-writer-locks"
NAMES = "session_index.jsonl"

UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
NAME = re.compile(rf"rollout-(\d{{4}})-(\d\d)-(\d\d)T(\d\d-\d\d-\d\d)-({UUID})(?:_({UUID}))?\.jsonl")


@dataclass(frozen=True, slots=True)
class FileName:
    """What a rollout's name says."""

    thread_id: str
    segment_id: str
    year: str
    month: str
    day: str


def parse_name(name: str) -> FileName | None:
    """The parts of a rollout's name, or None for any other file."""
    match = NAME.fullmatch(name)
    if match is None:
        return None
    year, month, day, _, thread_id, segment_id = match.groups()
    return FileName(thread_id, segment_id or thread_id, year, month, day)


def rollout_path(home: Path, created_ms: int, thread_id: str, segment_id: str | None = None) -> Path:
    """Where a thread that is created at this moment is written; with a segment id, where a revert continues it."""
    local = time.localtime(created_ms // 1000)
    name = f"rollout-{time.strftime('%Y-%m-%dT%H-%M-%S', local)}-{thread_id}"
    if segment_id is not None:
        name = f"{name}_{segment_id}"
    return home / SESSIONS / time.strftime("%Y/%m/%d", local) / f"{name}.jsonl"


def archived_path(home: Path, path: Path) -> Path:
    """Where a file goes when its thread is archived."""
    return home / ARCHIVED / path.name


def unarchived_path(home: Path, path: Path) -> Path:
    """Where an archived file came from, which its name tells."""
    parts = parse_name(path.name)
    if parts is None:
        raise ValueError(f"{path.name} is no rollout's name")
    return home / SESSIONS / parts.year / parts.month / parts.day / path.name
