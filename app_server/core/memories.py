"""The files in which memories are kept, `memories` in the home: whether there are enough of them, and doing away with them.

No memories are made here; those that the reference has made are left as they are until the user resets them.
Source: the reference's answers.
"""

import shutil
from pathlib import Path

from app_server.core.errors import INVALID_PARAMS, CallerError
from app_server.core.store.errors import disk_error

FOLDER = "memories"
DEFAULT_LEAST, MOST = 20, 4096


def is_ready(home: Path, least: int | None) -> bool:
    """Whether memories come from so many threads; a home that never had any needs none. Blocks. Raises: CallerError."""
    if not 1 <= (DEFAULT_LEAST if least is None else least) <= MOST:
        raise CallerError(
            f"minConsolidatedThreads must be between 1 and {MOST}",
            code=INVALID_PARAMS,
            data={"field": "minConsolidatedThreads"},
        )
    return not (home / FOLDER).exists()


def reset(home: Path) -> None:
    """Remove all memories; their folder stays. Never follows a link out of it. Blocks. Raises: StoreError."""
    folder = home / FOLDER
    if not folder.is_dir() or folder.is_symlink():
        return
    for entry in folder.iterdir():
        try:
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        except OSError as error:
            raise disk_error("remove", entry, error) from error
