"""Commands as a list of words, the way files hold them, and as one line, the way the wire does.

The quoting is that of the reference's lines: whole words in the weakest quotes that can hold them, and words that no one
kind of quotes can hold in pieces.
"""

import re
import shlex
from collections.abc import Sequence

BARE = re.compile(r"[A-Za-z0-9+\-./:@\]_]+")
SINGLE = re.compile(r"\^?[^'^\\]*")
"""What single quotes can hold; a caret only at their beginning."""
DOUBLE = re.compile(r"[^`$!^]*")
ESCAPED = re.compile(r'(["\\])')


def joined(words: Sequence[str]) -> str:
    """The line that a shell would take apart into these words again."""
    return " ".join(quoted(word) for word in words)


def quoted(word: str) -> str:
    """A word as it would be typed."""
    if BARE.fullmatch(word):
        return word
    if not word:
        return "''"
    pieces = []
    while word:
        bare, single, double = (_length(pattern, word) for pattern in (BARE, SINGLE, DOUBLE))
        length = max(bare, single, double)
        piece, word = word[:length], word[length:]
        if length == bare:
            pieces.append(piece)
        elif length == single:
            pieces.append(f"'{piece}'")
        else:
            pieces.append('"' + ESCAPED.sub(r"\\\1", piece) + '"')
    return "".join(pieces)


def split(line: str) -> list[str]:
    """The words of a line that was joined from words; a line that was not stays whole."""
    try:
        return shlex.split(line) or [line]
    except ValueError:
        return [line]


def _length(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.match(text)
    return match.end() if match is not None else 0
