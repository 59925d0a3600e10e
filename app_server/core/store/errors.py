"""What can go wrong with threads on disk.

StoreError      the world: the disk refuses, is full, or holds something that is no thread
WriterBusy      the caller's: another writer, here or in another process, holds the thread
"""

from pathlib import Path

from app_server.core.errors import INTERNAL_ERROR, CallerError


class StoreError(CallerError):
    """The disk did not do what was asked; the message says with which file and why, also to whose request needed it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="io_error", code=INTERNAL_ERROR)


class WriterBusy(CallerError):
    """Another live writer holds the thread; the text is the reference's."""

    def __init__(self, thread_id: str) -> None:
        super().__init__(
            f"thread {thread_id} already has an active writer",
            reason="thread_busy",
            remedy="close the thread in the other process first",
        )


def disk_error(verb: str, path: Path, error: OSError) -> StoreError:
    """A StoreError for an operating system's refusal."""
    return StoreError(f"could not {verb} {path}: {error.strerror or error}")
