"""What a query asks for: words that must all match, each with how it has to.

`^start`, `end$`, `^all$`, `'together`, `!without`; a backslash takes the meaning from a sign or keeps a space inside a
word; any other word matches letters in order. Upper and lower case are one, and accents count only where the query has
some. Source: spec/exec-fs.md section 5.2; the order in which signs are read comes from the reference itself.
"""

import re
import unicodedata
from enum import Enum

from app_server.core.frozen import frozen


class Kind(Enum):
    """How a word has to match."""

    FUZZY = "letters in order"
    SUBSTRING = "together"
    PREFIX = "at the start"
    POSTFIX = "at the end"
    EXACT = "the whole"


@frozen
class Word:
    """One word of a query. `letters` are folded; `keeps_accents` when the query's own accents count."""

    kind: Kind
    letters: str
    is_negative: bool
    keeps_accents: bool


WORDS = re.compile(r"(?:\\\s|\S)+")


def parse(query: str) -> list[Word]:
    """The words of a query; signs without letters are none."""
    words = [_word(match.group()) for match in WORDS.finditer(query)]
    return [word for word in words if word.letters]


def _word(text: str) -> Word:
    is_negative, kind = False, Kind.FUZZY
    if text.startswith("!"):
        is_negative, text = True, text[1:]
    elif text.startswith("\\!"):
        text = text[1:]
    if text.startswith("^"):
        kind, text = Kind.PREFIX, text[1:]
    elif text.startswith("'"):
        kind, text = Kind.SUBSTRING, text[1:]
    elif text.startswith(("\\^", "\\'")):
        text = text[1:]
    if text.endswith("\\$"):
        text = text[:-2] + "$"
    elif text.endswith("$"):
        kind, text = Kind.POSTFIX if kind is Kind.FUZZY else Kind.EXACT, text[:-1]
    if is_negative and kind is Kind.FUZZY:
        kind = Kind.SUBSTRING
    text = re.sub(r"\\(\s)", r"\1", text)
    keeps_accents = any(bare(letter) != letter for letter in text)
    return Word(kind, fold(text, keeps_accents), is_negative, keeps_accents)


def fold(text: str, keeps_accents: bool) -> str:
    """The text as it is compared, letter for letter: lower case, and without accents unless they count."""
    if text.isascii():
        return text.lower()
    return "".join([_lower(letter if keeps_accents else bare(letter)) for letter in text])


def bare(letter: str) -> str:
    """A Latin letter without its accents; any other as it is."""
    if letter < "\x80":
        return letter
    if (plain := UNDECOMPOSED.get(letter)) is not None:
        return plain
    first = unicodedata.normalize("NFD", letter)[0]
    return first if first < "\x80" else letter


UNDECOMPOSED = {
    "ß": "s",
    "ø": "o",
    "Ø": "O",
    "đ": "d",
    "Đ": "D",
    "ł": "l",
    "Ł": "L",
    "ı": "i",
    "ħ": "h",
    "Ħ": "H",
    "ŧ": "t",
    "Ŧ": "T",
}
"""Letters that are single ones to Unicode and accented ones to people who type."""


def _lower(letter: str) -> str:
    lower = letter.lower()
    return lower if len(lower) == 1 else letter
