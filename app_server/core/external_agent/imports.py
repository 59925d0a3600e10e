"""What was taken over when: one JSON object a line, in a file of ours in the home. A line that can't be read is passed over."""

import json
from pathlib import Path
from typing import Any

FILE = "app_server_imports.jsonl"


def record(home: Path, entry: dict[str, Any]) -> None:
    """Add an entry. Raises: OSError."""
    with (home / FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry, ensure_ascii=False) + "\n")


def recorded(home: Path) -> list[dict[str, Any]]:
    """All entries, the newest first."""
    try:
        lines = (home / FILE).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    found = []
    for line in reversed(lines):
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            found.append(entry)
    return found
