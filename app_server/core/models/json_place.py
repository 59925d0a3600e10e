"""Where in a JSON text something stands, for the words about what is wrong there. Only texts that are JSON are looked at."""

from json import JSONDecoder

SPACE = " \t\r\n"


class Place:
    """A JSON text. Its places are told as `line 1 column 2`: the last character of what is meant, columns counting bytes."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._decoder = JSONDecoder(strict=False)

    @property
    def end(self) -> str:
        """The end of the whole."""
        return self._told(len(self._text.rstrip(SPACE)))

    def end_of(self, *path: str | int) -> str:
        """The end of the value that members and numbers lead to."""
        at = self._skip(0)
        for step in path:
            at = self._member(at, step)
        return self._told(self._over(at))

    def _member(self, at: int, step: str | int) -> int:
        """Where a member of the object, or an element of the list, at a place begins. Of members of one name the last counts."""
        found, number = at, 0
        at = self._skip(at + 1)
        while self._text[at] not in "]}":
            key: str | int = number
            if isinstance(step, str):
                key, at = self._decoder.raw_decode(self._text, at)
                at = self._skip(self._skip(at) + 1)
            if key == step:
                found = at
            at = self._skip(self._over(at))
            at = self._skip(at + 1) if self._text[at] == "," else at
            number += 1
        return found

    def _over(self, at: int) -> int:
        return self._decoder.raw_decode(self._text, at)[1]

    def _skip(self, at: int) -> int:
        while at < len(self._text) and self._text[at] in SPACE:
            at += 1
        return at

    def _told(self, at: int) -> str:
        before = self._text[:at]
        line_start = before.rfind("\n") + 1
        return f"line {before.count(chr(10)) + 1} column {len(before[line_start:].encode())}"
