"""A thread's lines over all the files that hold them.

A fork's file, and the one that a revert begins, hold only what is new; their head names the segment that they continue
and the ordinal at which they leave it. A *chain* is that list of files, oldest first, each with where it ends.
Source: the reference's files (spec/threads.md sections 4, 7 and 9): a base is named by the id at the end of a file's
name, which is a thread's id only for its first file.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app_server.core.store.errors import StoreError
from app_server.core.store.head import Head, HistoryBase, head_of, read_head_line
from app_server.core.store.paths import parse_name
from app_server.core.store.reader import Line, Warn, ignore, read_backward, read_forward
from app_server.core.store.rollout import Rollout
from app_server.core.store.sessions import find_segment


@dataclass(frozen=True, slots=True)
class Segment:
    """One file of a chain, from its start to `end_ordinal`, which is None for the newest: that one is whole."""

    path: Path
    head: Head
    end_ordinal: int | None = None
    end_offset: int | None = None


def chain(home: Path, path: Path, warn: Warn = ignore) -> list[Segment]:
    """The files of the thread whose current file this is, oldest first.

    A base that is gone, or bases in a circle, cost the history before them, with a word to `warn`.
    Raises: StoreError (the current file holds no thread).
    """
    segments = [Segment(path, head_of(read_head_line(path)))]
    seen = {path}
    while (base := segments[0].head.base) is not None:
        parent = find_segment(home, base.segment_id)
        if parent is None or parent in seen:
            warn(f"{segments[0].path.name}: the history that it continues, {base.segment_id}, can't be found")
            break
        try:
            head = head_of(read_head_line(parent))
        except StoreError as error:
            warn(str(error))
            break
        seen.add(parent)
        segments.insert(0, Segment(parent, head, base.end_ordinal, base.end_offset))
    return segments


def chain_forward(segments: Iterable[Segment], names: Collection[str] | None = None, warn: Warn = ignore) -> Iterator[Line]:
    """The lines of a chain, oldest first."""
    for segment in segments:
        for line in read_forward(segment.path, end=segment.end_offset, names=names, warn=warn):
            if segment.end_ordinal is not None and line.position >= segment.end_ordinal:
                break
            yield line


def chain_backward(segments: Sequence[Segment], names: Collection[str] | None = None, warn: Warn = ignore) -> Iterator[Line]:
    """The lines of a chain of numbered files, newest first."""
    for segment in reversed(segments):
        for line in read_backward(segment.path, end=segment.end_offset, names=names, warn=warn):
            if segment.end_ordinal is None or line.ordinal is None or line.ordinal < segment.end_ordinal:
                yield line


def base_at(segments: Sequence[Segment], ordinal: int) -> HistoryBase:
    """What a file that leaves this chain before the line with this ordinal continues.

    Raises: StoreError (there is no such line in numbered files of the chain).
    """
    for segment in reversed(segments):
        name = parse_name(segment.path.name)
        first = read_head_line(segment.path)
        if name is None or first.ordinal is None or first.ordinal >= ordinal:
            continue
        offset = first.end
        for line in read_forward(segment.path, end=segment.end_offset):
            if line.ordinal is not None and line.ordinal >= ordinal:
                break
            offset = line.end
        return HistoryBase(name.segment_id, ordinal, offset)
    raise StoreError(f"no line {ordinal} to leave from")


def base_at_end(rollout: Rollout) -> HistoryBase:
    """What a file continues that begins where this one ends now. Raises: StoreError."""
    return HistoryBase(rollout.segment_id, rollout.ordinal, rollout.size)


def limited(segments: Sequence[Segment], size: int) -> list[Segment]:
    """The chain as it is when its newest file has this size, though that file may grow meanwhile."""
    return [*segments[:-1], replace(segments[-1], end_offset=size)]


def until(segments: Sequence[Segment], base: HistoryBase) -> list[Segment]:
    """The part of a chain that a file with this base continues."""
    kept: list[Segment] = []
    for segment in segments:
        name = parse_name(segment.path.name)
        if name is not None and name.segment_id == base.segment_id:
            return [*kept, replace(segment, end_ordinal=base.end_ordinal, end_offset=base.end_offset)]
        kept.append(segment)
    return kept
