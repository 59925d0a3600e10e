"""The input that waits in a thread's queue, kept in a small file of its own, which is written whole at every change.

A file is replaced by renaming, so a crash leaves either what was before or what is now; a queue that is empty has none.
A file that can't be read counts as empty, and stays where it is until the next change.
"""

import json
import os
from pathlib import Path
from typing import Any

from app_server.core.store.errors import disk_error

FOLDER = "app_server_queues"


def queue_path(home: Path, thread_id: str) -> Path:
    """Where a thread's queue is kept."""
    return home / FOLDER / f"{thread_id}.json"


def read_queue(home: Path, thread_id: str) -> list[dict[str, Any]]:
    """The entries, the next one first."""
    try:
        data = json.loads(queue_path(home, thread_id).read_bytes())
    except (OSError, ValueError):
        return []
    return [entry for entry in data if isinstance(entry, dict)] if isinstance(data, list) else []


def write_queue(home: Path, thread_id: str, entries: list[dict[str, Any]]) -> None:
    """Keep these entries. Raises: StoreError; what was kept before is kept then."""
    path = queue_path(home, thread_id)
    try:
        if not entries:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(f".{os.getpid()}.new")
        new.write_text(json.dumps(entries), "utf-8")
        new.replace(path)
    except OSError as error:
        raise disk_error("write", path, error) from error
