"""The commands `generate-ts` and `generate-json-schema`: the protocol written to a directory for a client's build.

What is written is the exporters' business; here stand only the directory, the optional formatter, and what goes wrong.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from app_server.cli import Settings, UsageError
from protocol.export.json_schema import write_json_schema
from protocol.export.typescript import write_typescript

FORMATTER_DEADLINE_S = 300.0


def typescript(settings: Settings) -> int:
    """Write the TypeScript types, formatted if a formatter was named. Raises: UsageError."""
    out = _write(write_typescript, settings)
    if settings.prettier is not None:
        _format(settings.prettier, sorted(out.rglob("*.ts")))
    return 0


def json_schema(settings: Settings) -> int:
    """Write the JSON Schema. Raises: UsageError."""
    _write(write_json_schema, settings)
    return 0


def _write(write: Callable[[Path, bool], None], settings: Settings) -> Path:
    out = settings.out
    assert out is not None, "the command line requires --out"
    try:
        write(out, settings.experimental)
    except OSError as error:
        _fail(f"{error.filename or out} can't be written: {error.strerror}; name a directory that can be written")
    return out


def _format(prettier: Path, files: list[Path]) -> None:
    try:
        done = subprocess.run([prettier, "--write", "--log-level", "warn", *files], check=False, timeout=FORMATTER_DEADLINE_S)
    except OSError as error:
        _fail(f"{prettier} can't be run: {error.strerror}; name the prettier executable, or leave --prettier out")
    except subprocess.TimeoutExpired:
        _fail(f"{prettier} did not end within {FORMATTER_DEADLINE_S:.0f} s; the files are written, perhaps not formatted")
    if done.returncode:
        _fail(f"{prettier} ended with exit code {done.returncode}; the files are written, perhaps not formatted")


def _fail(complaint: str) -> NoReturn:
    raise UsageError(f"Error: {complaint}", 1)
