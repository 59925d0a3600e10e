"""A report about a session as one archive: what the client says, and files that help to understand it.

It stays on this machine. Layout: `report.json`, `attachments/NNNN/NAME`, `manifest.json`, as in the reference's archives.
"""

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app_server import PROTOCOL_VERSION, RELEASE

TITLES = {"bug": "Bug", "bad_result": "Bad result", "good_result": "Good result", "safety_check": "Safety check"}


class NotReadable(Exception):
    """A file that the client wants in the archive can't be read."""


def report(
    event_id: str, thread_id: str, now_ms: int, classification: str, reason: str | None, tags: Mapping[str, str]
) -> dict[str, Any]:
    """What is said about the session."""
    message = f"[{TITLES.get(classification, 'Other')}]: Codex session {thread_id}"
    told = {"classification": classification, "cli_version": PROTOCOL_VERSION, "server_version": RELEASE, "thread_id": thread_id}
    return {
        "event_id": event_id.replace("-", ""),
        "message": message,
        "timestamp": now_ms / 1000,
        **({"exception": {"values": [{"type": message, "value": reason}]}} if reason else {}),
        "tags": {**tags, **told, **({"reason": reason} if reason else {})},
    }


def save(archive: Path, content: Mapping[str, Any], files: Sequence[Path]) -> None:
    """Write the archive; it is there when it is whole. Raises: OSError, NotReadable."""
    fresh = archive.with_name(f".{archive.name}.new")
    try:
        with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr("report.json", json.dumps(content, ensure_ascii=False))
            manifest = []
            for number, file in enumerate(files):
                entry = f"attachments/{number:04}/{file.name}"
                try:
                    made.write(file, entry)
                except OSError as error:
                    raise NotReadable(
                        f"failed to read selected attachment {file}: {error.strerror} (os error {error.errno})"
                    ) from None
                manifest.append({"entry": entry, "filename": file.name})
            made.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False))
        fresh.replace(archive)
    finally:
        fresh.unlink(missing_ok=True)
