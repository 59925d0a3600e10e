"""One writer per thread, also between processes."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app_server.core.store.errors import WriterBusy
from app_server.core.store.lock import lock_writer

THREAD = "01a20e26-0000-7000-8000-000000000001"
HOLD = """
import sys
from pathlib import Path
from app_server.core.store.lock import lock_writer
lock = lock_writer(Path(sys.argv[1]), sys.argv[2])
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def holder(home: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the thread until its input ends."""
    command = [sys.executable, "-c", HOLD, str(home), THREAD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_thread_has_one_writer_in_a_process(tmp_path: Path) -> None:
    lock = lock_writer(tmp_path, THREAD)
    with pytest.raises(WriterBusy, match=f"^thread {THREAD} already has an active writer$"):
        lock_writer(tmp_path, THREAD)
    lock_writer(tmp_path, THREAD.replace("1", "2")).release()
    lock.release()
    lock.release()
    lock_writer(tmp_path, THREAD).release()


def test_a_thread_has_one_writer_among_processes_and_its_death_frees_it(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        with pytest.raises(WriterBusy):
            lock_writer(tmp_path, THREAD)
        process.kill()
        process.wait()
        lock_writer(tmp_path, THREAD).release()


def test_the_lock_is_a_flock_on_the_file_that_the_reference_locks(tmp_path: Path) -> None:
    lock = lock_writer(tmp_path, THREAD)
    path = tmp_path / "thread-writer-locks" / f"{THREAD}.lock"
    descriptor = os.open(path, os.O_RDWR)
    with pytest.raises(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    lock.release()
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(descriptor)
    assert sorted(each.name for each in path.parent.iterdir()) == [".coordination.lock"]


def test_a_lock_file_is_left_alone_while_somebody_takes_a_lock(tmp_path: Path) -> None:
    lock = lock_writer(tmp_path, THREAD)
    path = tmp_path / "thread-writer-locks" / f"{THREAD}.lock"
    coordination = os.open(path.with_name(".coordination.lock"), os.O_RDWR)
    fcntl.flock(coordination, fcntl.LOCK_SH)
    lock.release()
    os.close(coordination)
    assert path.exists()
    lock_writer(tmp_path, THREAD).release()
