"""The names that users gave their threads: `session_index.jsonl`, one line per change, the last one of a thread wins.

Changes are made under a lock of the file's own, so that forgetting a name, which rewrites the file, loses no name that
another process gives at that moment.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app_server.core.store.encoding import encode, timestamp
from app_server.core.store.errors import disk_error
from app_server.core.store.lock import open_lock, wait_lock
from app_server.core.store.paths import NAMES
from app_server.core.store.reader import parse


def thread_names(home: Path) -> dict[str, str]:
    """The name of every thread that has one. A damaged line is passed over. Raises: StoreError."""
    names: dict[str, str] = {}
    for raw in _lines(home / NAMES):
        entry = _entry(raw)
        if entry is not None:
            names[entry["id"]] = entry["thread_name"]
    return names


def set_name(home: Path, thread_id: str, name: str, now_ms: int) -> None:
    """Give a thread a name. Raises: StoreError."""
    line = encode({"id": thread_id, "thread_name": name, "updated_at": timestamp(now_ms)}) + b"\n"
    path = home / NAMES
    with _locked(home):
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                size = os.fstat(descriptor).st_size
                if size and os.pread(descriptor, 1, size - 1) != b"\n":
                    line = b"\n" + line
                os.write(descriptor, line)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise disk_error("write", path, error) from error


def forget_name(home: Path, thread_id: str) -> None:
    """Remove a thread's name, if it has one. Raises: StoreError."""
    path = home / NAMES
    if thread_id not in thread_names(home):
        return
    with _locked(home):
        lines = _lines(path)
        kept = [raw for raw in lines if (entry := _entry(raw)) is None or entry["id"] != thread_id]
        fresh = path.with_name(f"{NAMES}.new")
        try:
            fresh.write_bytes(b"".join(raw.rstrip(b"\n") + b"\n" for raw in kept))
            fresh.replace(path)
        except OSError as error:
            raise disk_error("write", path, error) from error


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise disk_error("read", path, error) from error


def _entry(raw: bytes) -> dict[str, Any] | None:
    try:
        entry = parse(raw)
    except ValueError:
        return None
    is_whole = isinstance(entry, dict) and isinstance(entry.get("id"), str) and isinstance(entry.get("thread_name"), str)
    return entry if is_whole else None


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    path = home / f"{NAMES}.lock"
    descriptor = open_lock(path)
    try:
        wait_lock(descriptor, fcntl.LOCK_EX, path)
        yield
    finally:
        os.close(descriptor)
