"""Unified diffs of texts, as clients show them. Pure.

The shortest edit by the method of Myers; where that would be long, all between the first and the last difference counts
as replaced, so that no pair of files takes long. Source: spec/turns.md sections 2.3 and 3.
"""

from collections.abc import Iterator

_MOST_EDITS = 700
_NO_NEWLINE = "\n\\ No newline at end of file\n"
Block = tuple[int, int, int]
"""Where equal lines begin in either text, and how many there are."""


def unified(old: str, new: str, context: int) -> str:
    """The hunks between two texts, without file names; empty if they are equal."""
    before, after = _lines(old), _lines(new)
    return "".join(_hunk(group, before, after) for group in _groups(_changes(before, after), context, len(before)))


def _lines(text: str) -> list[str]:
    return [line + "\n" for line in text.split("\n")[:-1]] + ([last] if (last := text.rpartition("\n")[2]) else [])


def _changes(before: list[str], after: list[str]) -> list[tuple[int, int, int, int]]:
    """The stretches that differ: begin and end in the one, begin and end in the other."""
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    inner = (before[head : len(before) - tail], after[head : len(after) - tail])
    changes = []
    old_at = new_at = 0
    for old, new, size in (*_shortest(*inner), (len(inner[0]), len(inner[1]), 0)):
        if old > old_at or new > new_at:
            changes.append((head + old_at, head + old, head + new_at, head + new))
        old_at, new_at = old + size, new + size
    return changes


def _shortest(before: list[str], after: list[str]) -> list[Block]:
    """The equal blocks of a shortest edit; none, if it takes too many steps."""
    furthest = {1: 0}
    trail: list[dict[int, int]] = []
    for edits in range(min(len(before) + len(after), _MOST_EDITS) + 1):
        trail.append(dict(furthest))
        for diagonal in range(-edits, edits + 1, 2):
            is_down = diagonal == -edits or (diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1])
            old = furthest[diagonal + 1] if is_down else furthest[diagonal - 1] + 1
            while old < len(before) and 0 <= old - diagonal < len(after) and before[old] == after[old - diagonal]:
                old += 1
            furthest[diagonal] = old
            if old >= len(before) and old - diagonal >= len(after):
                return _backtrack(trail, len(before), len(after))
    return []


def _backtrack(trail: list[dict[int, int]], old: int, new: int) -> list[Block]:
    blocks: list[Block] = []
    for edits in range(len(trail) - 1, -1, -1):
        furthest = trail[edits]
        diagonal = old - new
        is_down = diagonal == -edits or (diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1])
        from_old = (furthest[diagonal + 1] if is_down else furthest[diagonal - 1]) if edits else 0
        from_new = from_old - (diagonal + 1 if is_down else diagonal - 1) if edits else 0
        begin_old, begin_new = (from_old, from_new + 1) if is_down else (from_old + 1, from_new)
        if not edits:
            begin_old = begin_new = 0
        if old > begin_old:
            blocks.append((begin_old, begin_new, old - begin_old))
        old, new = from_old, from_new
    return blocks[::-1]


def _groups(changes: list[tuple[int, int, int, int]], context: int, old_size: int) -> Iterator[list[tuple[int, int, int, int]]]:
    """The changes of each hunk: those whose context meets are one. The first and last one are widened by the context."""
    group: list[tuple[int, int, int, int]] = []
    for change in changes:
        if group and change[0] - group[-1][1] > 2 * context:
            yield _widened(group, context, old_size)
            group = []
        group.append(change)
    if group:
        yield _widened(group, context, old_size)


def _widened(group: list[tuple[int, int, int, int]], context: int, old_size: int) -> list[tuple[int, int, int, int]]:
    before = min(context, group[0][0])
    after = min(context, old_size - group[-1][1])
    first, last = group[0], group[-1]
    return [(first[0] - before,) * 2 + (first[2] - before,) * 2, *group, (last[1] + after,) * 2 + (last[3] + after,) * 2]


def _hunk(group: list[tuple[int, int, int, int]], before: list[str], after: list[str]) -> str:
    first, last = group[0], group[-1]
    text = f"@@ -{_range(first[0], last[1])} +{_range(first[2], last[3])} @@\n"
    at = first[0]
    for old, old_end, new, new_end in group:
        text += "".join(_shown(" ", line) for line in before[at:old])
        text += "".join(_shown("-", line) for line in before[old:old_end])
        text += "".join(_shown("+", line) for line in after[new:new_end])
        at = old_end
    return text


def _range(begin: int, end: int) -> str:
    size = end - begin
    if size == 1:
        return str(begin + 1)
    return f"{begin + 1 if size else begin},{size}"


def _shown(sign: str, line: str) -> str:
    return f"{sign}{line}" if line.endswith("\n") else f"{sign}{line}{_NO_NEWLINE}"
