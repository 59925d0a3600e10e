"""Finds the plan in what the model writes in plan mode, as it comes in pieces.

A plan stands between a line `<proposed_plan>` and a line `</proposed_plan>`; a tag that is not alone on its line is plain
text. Text is given away as early as it can't become a tag any more. Source: spec/turns.md section 2.4.
"""

from enum import Enum, auto

OPENING, CLOSING = "<proposed_plan>", "</proposed_plan>"


class Where(Enum):
    """To what a piece of text belongs. BEGINS has no text: what was a plan before is none any more."""

    TEXT = auto()
    PLAN = auto()
    BEGINS = auto()


Piece = tuple[Where, str]


class PlanText:
    """One message. `_held` is the beginning of a line that may still become a tag."""

    def __init__(self) -> None:
        self._held = ""
        self._is_in_line = False
        self._where = Where.TEXT

    def feed(self, text: str) -> list[Piece]:
        """Take the next piece of the message; gives what can be shown now, in as few pieces as that takes."""
        joined: list[Piece] = []
        for where, piece in self._split(text):
            if joined and joined[-1][0] is where:
                joined[-1] = (where, joined[-1][1] + piece)
            else:
                joined.append((where, piece))
        return joined

    def _split(self, text: str) -> list[Piece]:
        self._held += text
        pieces: list[Piece] = []
        while self._held:
            line, newline, rest = self._held.partition("\n")
            if self._is_in_line or not self._may_be_tag(line):
                pieces.append((self._where, line + newline))
                self._is_in_line = not newline
            elif not newline:
                return pieces
            elif line.strip() == self._tag:
                pieces += self._cross()
            else:
                pieces.append((self._where, line + newline))
            self._held = rest
        return pieces

    def finish(self) -> list[Piece]:
        """The message is over; gives what is left."""
        held, self._held = self._held, ""
        if not held:
            return []
        return self._cross() if held.strip() == self._tag else [(self._where, held)]

    @property
    def _tag(self) -> str:
        """The only tag that counts here."""
        return CLOSING if self._where is Where.PLAN else OPENING

    def _may_be_tag(self, line: str) -> bool:
        return self._tag.startswith(line.strip())

    def _cross(self) -> list[Piece]:
        self._where = Where.TEXT if self._where is Where.PLAN else Where.PLAN
        return [(Where.BEGINS, "")] if self._where is Where.PLAN else []


def split_plan(text: str) -> tuple[str, str | None]:
    """A whole message without its plan, and the plan, if there is one; the last of several."""
    parser = PlanText()
    shown, plan = "", None
    for where, piece in (*parser.feed(text), *parser.finish()):
        if where is Where.TEXT:
            shown += piece
        else:
            plan = "" if where is Where.BEGINS else (plan or "") + piece
    return shown, plan
