"""One live writer per thread, across processes.

The lock is the reference's (observed with strace and /proc/locks): `flock` on `thread-writer-locks/<id>.lock`, held as
long as the thread is loaded. Taking it happens under a shared `flock` of `.coordination.lock`; giving it back removes
the file if that one can be had exclusively, so that nobody locks a file that is just being removed. A lock costs one
descriptor per loaded thread, and ends with its process, however that dies.
"""

import errno
import fcntl
import os
import time
from pathlib import Path

from app_server.core.store.errors import StoreError, WriterBusy, disk_error
from app_server.core.store.paths import LOCKS

COORDINATION = ".coordination.lock"
PATIENCE_S = 2.0
PAUSE_S = 0.002


class WriterLock:
    """The right to write one thread, until `release`."""

    __slots__ = ("_path", "descriptor")

    def __init__(self, descriptor: int, path: Path) -> None:
        self.descriptor = descriptor
        self._path = path

    def release(self) -> None:
        """Give the right back; a second call does nothing."""
        if self.descriptor < 0:
            return
        descriptor, self.descriptor = self.descriptor, -1
        try:
            coordination = open_lock(self._path.with_name(COORDINATION))
        except StoreError:
            os.close(descriptor)  # the file stays, which harms nobody
            return
        try:
            if _try_lock(coordination, fcntl.LOCK_EX):
                self._path.unlink(missing_ok=True)
        finally:
            os.close(descriptor)
            os.close(coordination)


def lock_writer(home: Path, thread_id: str) -> WriterLock:
    """Take the right to write a thread.

    Raises: WriterBusy (another writer holds it), StoreError (the lock file can't be made).
    """
    path = home / LOCKS / f"{thread_id}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk_error("create", path.parent, error) from error
    coordination = open_lock(path.with_name(COORDINATION))
    try:
        wait_lock(coordination, fcntl.LOCK_SH, path)
        lock = WriterLock(open_lock(path), path)
        if not _try_lock(lock.descriptor, fcntl.LOCK_EX):
            os.close(lock.descriptor)
            raise WriterBusy(thread_id)
    finally:
        os.close(coordination)
    return lock


def open_lock(path: Path) -> int:
    """A descriptor of a file to lock. Raises: StoreError."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise disk_error("open", path, error) from error


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise StoreError(f"could not lock: {error.strerror}") from error
    return True


def wait_lock(descriptor: int, kind: int, path: Path) -> None:
    """Take a lock that others hold for a moment only. Raises: StoreError (somebody holds it for longer)."""
    deadline = time.monotonic() + PATIENCE_S
    while not _try_lock(descriptor, kind):
        if time.monotonic() > deadline:
            raise StoreError(f"could not lock {path}: another process is busy with it")
        time.sleep(PAUSE_S)
