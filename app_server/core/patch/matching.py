"""Where the chunks of a patch belong in a file, and the file that results.

Lines are looked for exactly, then more and more forgivingly, each way over the whole rest of the file before the next
one. Lines that stay keep the file's own spelling and line ending; added ones get the ending of the file's first line.
Source: spec/tools.md section 5.
"""

from collections.abc import Callable, Sequence

from app_server.core.patch.parser import Chunk, Sign

_DASHES = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
_SINGLE_QUOTES = dict.fromkeys("\u2018\u2019\u201a\u201b", "'")
_DOUBLE_QUOTES = dict.fromkeys("\u201c\u201d\u201e\u201f", '"')
_SPACES = dict.fromkeys("\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " ")
_PLAIN = str.maketrans({**_DASHES, **_SINGLE_QUOTES, **_DOUBLE_QUOTES, **_SPACES})
_WAYS: tuple[Callable[[str], str], ...] = (
    lambda line: line,
    str.rstrip,
    str.strip,
    lambda line: line.strip().translate(_PLAIN),
)
_Line = tuple[str, str]
"""A line and what ends it: "\\n", "\\r\\n", or nothing."""


class NotFound(Exception):
    """A chunk that belongs nowhere in the file; the text says which, before the file's name, and what was looked for."""

    def __init__(self, what: str, sought: str) -> None:
        super().__init__(what)
        self.what = what
        self.sought = sought


def apply_chunks(text: str, chunks: Sequence[Chunk]) -> str:
    """The text with the chunks applied, in the order of the patch. Raises: NotFound."""
    lines = _split(text)
    words = [line for line, _ in lines]
    ending = next((end for _, end in lines if end), "\n")
    edits: list[tuple[int, int, list[_Line]]] = []
    cursor = 0
    for chunk in chunks:
        if chunk.anchor is not None:
            found = _find(words, [chunk.anchor], cursor)
            if found is None:
                raise NotFound(f"Failed to find context '{chunk.anchor}' in ", "")
            cursor = found + 1
        start, body = _place(words, chunk, cursor)
        old = sum(sign != "+" for sign, _ in body)
        edits.append((start, old, _result(lines[start : start + old], body, ending)))
        if old:
            cursor = start + old
    # What only adds goes to the end of the file, so the edits need not be in order; equal places keep the patch's order.
    result: list[_Line] = []
    at = 0
    for start, old, new in sorted(edits, key=lambda edit: edit[0]):
        result += [*lines[at:start], *new]
        at = start + old
    result += lines[at:]
    return "".join(line + (end or ending) for line, end in result)


def _split(text: str) -> list[_Line]:
    *whole, last = text.split("\n")
    lines = [(line[:-1], "\r\n") if line.endswith("\r") else (line, "\n") for line in whole]
    return [*lines, (last, "")] if last else lines


def _place(words: list[str], chunk: Chunk, cursor: int) -> tuple[int, Sequence[tuple[Sign, str]]]:
    """The index at which a chunk begins, and its lines as far as they count. Raises: NotFound."""
    old = [line for sign, line in chunk.lines if sign != "+"]
    if not old:
        return len(words), chunk.lines
    found = _find(words, old, cursor, is_at_end=chunk.is_at_end)
    if found is not None:
        return found, chunk.lines
    if old[-1] == "":
        # A blank line at the end of the block may stand for the newline that ends the file.
        shorter = _without_last_blank(chunk.lines)
        found = _find(words, old[:-1], cursor, is_at_end=chunk.is_at_end)
        if found is not None:
            return found, shorter
    raise NotFound("Failed to find expected lines in ", ":\n" + "\n".join(old))


def _without_last_blank(body: Sequence[tuple[Sign, str]]) -> list[tuple[Sign, str]]:
    index = max(index for index, (sign, _) in enumerate(body) if sign != "+")
    rest = [*body[:index], *body[index + 1 :]]
    if body[index][0] == "-" and rest and rest[-1] == ("+", ""):
        rest.pop()
    return rest


def _result(old: list[_Line], body: Sequence[tuple[Sign, str]], ending: str) -> list[_Line]:
    result: list[_Line] = []
    own = iter(old)
    for sign, line in body:
        if sign == "+":
            result.append((line, ending))
        else:
            kept = next(own)
            if sign == " ":
                result.append(kept)
    return result


def _find(words: list[str], sought: list[str], start: int, *, is_at_end: bool = False) -> int | None:
    """The first index from `start` on at which the lines stand; at the very end, if they are said to be the last ones."""
    last = len(words) - len(sought)
    if is_at_end:
        start = max(start, last)
    for way in _WAYS:
        wanted = [way(line) for line in sought]
        first = wanted[0] if wanted else ""
        given = [way(line) for line in words[start:]]
        for index in range(last - start + 1):
            if not wanted or (given[index] == first and given[index : index + len(wanted)] == wanted):
                return start + index
    return None
