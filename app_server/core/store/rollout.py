"""Writing one thread's file: lines are appended, numbered, and never changed.

A line that was appended has been handed to the operating system, whole, before `append` returns; `sync` puts it on the
disk, at the end of a turn. Between turns no descriptor is open, so thousands of threads can be loaded. Source:
spec/threads.md sections 8 and 9; spec/decisions.md, "Turns".
"""

import os
from collections.abc import Iterable
from pathlib import Path

from app_server.core.clock import Clock
from app_server.core.store.encoding import Payload, encode_line
from app_server.core.store.errors import StoreError, disk_error
from app_server.core.store.paths import parse_name
from app_server.core.store.reader import count_lines, read_backward

CLOSED = -1
NOT_ON_DISK = -1
COPY_BYTES = 1024 * 1024


class Rollout:
    """One file that is written.

    Invariants: `size` is where the last acknowledged line ends, `ordinal` the number that the next line gets. The file
    may end in a torn line of somebody who died (`_is_torn`); the next append closes it first, and readers pass it over.
    """

    __slots__ = ("_clock", "_descriptor", "_is_torn", "is_numbered", "ordinal", "path", "size")

    def __init__(self, path: Path, clock: Clock, *, first_ordinal: int = 0, is_numbered: bool = True) -> None:
        self.path = path
        self.size = NOT_ON_DISK
        self.ordinal = first_ordinal
        self.is_numbered = is_numbered
        self._clock = clock
        self._descriptor = CLOSED
        self._is_torn = False

    @property
    def is_on_disk(self) -> bool:
        """Whether the file exists; it does from `materialize` on."""
        return self.size != NOT_ON_DISK

    @property
    def segment_id(self) -> str:
        """The id by which other files continue this one."""
        name = parse_name(self.path.name)
        if name is None:
            raise StoreError(f"{self.path.name} is no rollout's name")
        return name.segment_id

    def materialize(self, head: Payload) -> None:
        """Create the file with its first line, the `session_meta`.

        Raises: StoreError (also if the file exists already).     Durable: with the next `sync`.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o644)
        except OSError as error:
            raise disk_error("create", self.path, error) from error
        self.size = 0
        try:
            self.append("session_meta", head)
        except StoreError:  # a file without a head is no thread; the next attempt starts over
            os.close(self._descriptor)
            self._descriptor, self.size, self._is_torn = CLOSED, NOT_ON_DISK, False
            self.path.unlink(missing_ok=True)
            raise

    def append(self, type: str, payload: Payload) -> int:
        """Append one line and return its ordinal.

        Shape:  see `encoding`; the payload is data or its JSON.     Units: ordinals go on over forks and reverts.
        Raises: StoreError (disk full, file gone); then nothing was appended.     Cancel: can't be; it never waits.
        """
        if self._descriptor == CLOSED:
            self._reopen()
        ordinal = self.ordinal
        self._write(encode_line(self._clock.now_ms(), ordinal if self.is_numbered else None, type, payload))
        self.ordinal = ordinal + 1
        return ordinal

    def append_many(self, lines: Iterable[tuple[str, Payload]]) -> int:
        """Append some lines with one write, all of them or none, and return the ordinal of the first."""
        if self._descriptor == CLOSED:
            self._reopen()
        first, now_ms = self.ordinal, self._clock.now_ms()
        encoded = [
            encode_line(now_ms, first + index if self.is_numbered else None, type, payload)
            for index, (type, payload) in enumerate(lines)
        ]
        if encoded:
            self._write(b"".join(encoded))
        self.ordinal = first + len(encoded)
        return first

    def copy(self, source: Path, end_offset: int) -> None:
        """Append what another file holds before an offset, as it is. For forks of unnumbered files. Raises: StoreError."""
        if self._descriptor == CLOSED:
            self._reopen()
        try:
            with source.open("rb") as file:
                left = end_offset
                while left > 0 and (block := file.read(min(left, COPY_BYTES))):
                    self._write(block)
                    left -= len(block)
        except OSError as error:
            raise disk_error("read", source, error) from error

    def detach(self) -> int | None:
        """Close the file until the next append, and give away its descriptor, or None if it is closed already.

        Whoever gets it puts what was appended on the disk (`sync_descriptor`), which may block and so is not done here.
        """
        if self._descriptor == CLOSED:
            return None
        descriptor, self._descriptor = self._descriptor, CLOSED
        return descriptor

    def sync(self) -> None:
        """Put what was appended on the disk, and close the file until the next append. Raises: StoreError.

        Blocks for as long as the disk takes. With nothing appended since the last time it does nothing.
        """
        descriptor = self.detach()
        if descriptor is not None:
            sync_descriptor(descriptor, self.path)

    def _write(self, encoded: bytes) -> None:
        if self._is_torn:
            encoded = b"\n" + encoded
        try:
            written = os.write(self._descriptor, encoded)
        except OSError as error:
            raise disk_error("write", self.path, error) from error
        if written != len(encoded):
            self._take_back()
            raise StoreError(f"could not write {self.path}: the disk is full")
        self.size += written
        self._is_torn = False

    def _take_back(self) -> None:
        """Only a part of a line fitted. Cut it off; failing that, the next append closes it."""
        try:
            os.ftruncate(self._descriptor, self.size)
        except OSError:
            self.size = os.fstat(self._descriptor).st_size
            self._is_torn = True

    def _reopen(self) -> None:
        if not self.is_on_disk:
            raise StoreError(f"{self.path.name} has not been created yet")
        try:
            self._descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND)
            size = os.fstat(self._descriptor).st_size
        except OSError as error:
            raise disk_error("open", self.path, error) from error
        if size != self.size:  # somebody else has written meanwhile; number on from there
            self._find_end()

    def _find_end(self) -> None:
        end = find_end(self.path)
        self.size, self._is_torn, self.is_numbered = end.size, end.is_torn, end.is_numbered
        self.ordinal = max(self.ordinal, end.ordinal)


def sync_descriptor(descriptor: int, path: Path) -> None:
    """Put what was appended by a descriptor on the disk, and close it. Blocks. Raises: StoreError."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        raise disk_error("sync", path, error) from error
    finally:
        os.close(descriptor)


class End:
    """How a file ends: its size, whether its last line is torn, and the ordinal that a next line would have."""

    __slots__ = ("is_numbered", "is_torn", "ordinal", "size")

    def __init__(self, size: int, is_torn: bool, ordinal: int, is_numbered: bool) -> None:
        self.size = size
        self.is_torn = is_torn
        self.ordinal = ordinal
        self.is_numbered = is_numbered


def continue_rollout(path: Path, clock: Clock) -> Rollout:
    """Go on writing a file that exists, whoever wrote it and however it ends. Raises: StoreError.

    In a file of the older, unnumbered kind the lines stay unnumbered.
    """
    end = find_end(path)
    rollout = Rollout(path, clock, first_ordinal=end.ordinal, is_numbered=end.is_numbered)
    rollout.size = end.size
    rollout._is_torn = end.is_torn
    return rollout


def find_end(path: Path) -> End:
    """Look at a file's end. Raises: StoreError."""
    damaged: list[str] = []
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            file.seek(max(size - 1, 0))
            is_torn = size > 0 and file.read(1) != b"\n"
    except OSError as error:
        raise disk_error("open", path, error) from error
    last = next(read_backward(path, end=size, warn=damaged.append), None)
    if last is None:
        raise StoreError(f"{path} holds no line of a thread")
    if last.ordinal is None:
        return End(size, is_torn, count_lines(path), is_numbered=False)
    # A damaged line in the file's body may have had an ordinal that was told; a torn end never had one.
    lost = len(damaged) - (1 if is_torn and last.end != size else 0)
    return End(size, is_torn, last.ordinal + 1 + max(lost, 0), is_numbered=True)
