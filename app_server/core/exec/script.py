"""Shell scripts as words: taking simple scripts apart, and putting argv together for display.

`simple_commands` understands scripts that are nothing but plain commands joined by `&&`, `||`, `;`, `|` or
newlines, and says so of no other: with expansions, redirections, subshells, control flow or comments a script is a
whole. It answers None when in doubt. Source: spec/approvals-sandbox.md section 3.1, and the reference's own answers.
"""

import re
from collections.abc import Sequence
from enum import Enum, auto

_BARE = re.compile(r"[\w\-.,:@+%=/!]+")
_SINGLE = re.compile(r"'([^']*)'")
_DOUBLE = re.compile(r'"((?:[^"\\$`]|\\[^"\\$`\n])*)"')
_GAP = re.compile(r"(?:[ \t]|\\\n)+")
_JOINT = re.compile(r"&&|\|\||[;|\n]")
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
# Words that make the shell's grammar something else than a plain command when they stand first.
_GRAMMAR_WORDS = frozenset(
    {"!", "if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case", "esac", "in", "select", "function",
     "time", "coproc", "declare", "typeset", "export", "readonly", "local", "unset", "unsetenv"}
)  # fmt: skip


class _Part(Enum):
    """What was read last; it decides what may follow."""

    START = auto()
    WORD = auto()
    OPERATOR = auto()  # needs a command behind it
    END = auto()  # `;` or a newline


def simple_commands(script: str) -> list[tuple[str, ...]] | None:
    """The commands of a plain script, each as its words; None for any other script, also for one without commands."""
    commands: list[tuple[str, ...]] = []
    words: list[str] = []
    last = _Part.START
    at = 0
    while at < len(script):
        if gap := _GAP.match(script, at):
            at = gap.end()
        elif joint := _JOINT.match(script, at):
            following = _after_joint(joint.group(), last)
            if following is None:
                return None
            if words:
                commands.append(tuple(words))
                words = []
            last, at = following, joint.end()
        else:
            word = _word(script, at, is_first=not words)
            if word is None:
                return None
            words.append(word[0])
            last, at = _Part.WORD, word[1]
    if words:
        commands.append(tuple(words))
    return commands if commands and last is not _Part.OPERATOR else None


def _after_joint(joint: str, last: _Part) -> _Part | None:
    """What a joint makes of what came before it; None if it may not stand there."""
    if joint == "\n":
        return _Part.OPERATOR if last is _Part.OPERATOR else _Part.END
    if last is not _Part.WORD:
        return None
    return _Part.END if joint == ";" else _Part.OPERATOR


def _word(script: str, at: int, *, is_first: bool) -> tuple[str, int] | None:
    """The word at an offset without its quotes, and where it ends. A command's name must be bare."""
    start = at
    pieces = []
    while at < len(script):
        if found := _BARE.match(script, at):
            pieces.append(found.group())
        elif found := None if is_first else _SINGLE.match(script, at) or _DOUBLE.match(script, at):
            pieces.append(found.group(1))
        else:
            break
        at = found.end()
    word = "".join(pieces)
    is_plain = at > start and word != "=" and not (is_first and (word in _GRAMMAR_WORDS or ASSIGNMENT.match(word)))
    return (word, at) if is_plain and _ends_word(script, at) else None


def _ends_word(script: str, at: int) -> bool:
    """Whether a word may end at an offset: a line continuation inside a word is left to real shells."""
    return at == len(script) or (script[at] != "\\" and bool(_GAP.match(script, at) or _JOINT.match(script, at)))


def join_argv(argv: Sequence[str]) -> str:
    """An argv as one line that a shell would take apart again: `/bin/bash -lc 'echo hi'`."""
    return " ".join(quote_word(word) for word in argv)


def quote_word(word: str) -> str:
    """A word as it would be typed. Stretches that no one kind of quotes can hold are quoted one by one."""
    if not word:
        return "''"
    quoted = ""
    rest = word
    while rest:
        length, style = _longest_stretch(rest)
        if style == "" and length == len(word):
            return word
        stretch, rest = rest[:length], rest[length:]
        quoted += re.sub(r'(["\\])', r"\\\1", stretch).join('""') if style == '"' else f"{style}{stretch}{style}"
    return quoted


def _longest_stretch(text: str) -> tuple[int, str]:
    """How much of a text one style of quoting can hold, and the weakest such style: none, single or double."""
    # A caret may only follow an opening single quote: elsewhere some shells take it for a history reference.
    styles, length = (["'"], 1) if text[0] == "^" else (["", "'", '"'], 0)
    while length < len(text):
        fitting = [style for style in styles if _fits(text[length], style)]
        if not fitting:
            break
        styles = fitting
        length += 1
    return length, styles[0]


def _fits(character: str, style: str) -> bool:
    if style == "":
        return character.isascii() and (character.isalnum() or character in "+-./:@]_")
    return character not in ("'^\\" if style == "'" else "`$!^")
