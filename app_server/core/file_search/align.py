"""How well a word matches a text, and with which of its letters: the best of all ways to find the letters in order.

Every letter counts 16. A letter counts more where a word begins (`bonus`), the first letter twice as much more; letters
that follow each other share the bonus of where their run began. A gap costs 3, and 1 for each further letter left out.
Source: spec/exec-fs.md section 5.3; ties are broken as in the reference: the last end, the earliest beginning of a gap.
"""

from functools import lru_cache

LETTER = 16
GAP, GAP_MORE = 3, 1
RUN = 4
"""What a letter counts at least for following another that matches."""
FIRST_TIMES = 2
AT_SLASH, AT_WORD, AT_HUMP = 9, 8, 5
"""Bonuses: at the start and after a slash; after another sign; at an upper letter after a lower one, or at a number."""

Found = tuple[int, list[int]]
"""A score, and the places of the letters."""


@lru_cache(maxsize=4096)
def bonus(before: str, letter: str) -> int:
    """What a letter counts more for standing behind another one. The start of a text is like a slash."""
    if letter.isalnum():
        if before == "/":
            return AT_SLASH
        if not before.isalnum():
            return AT_WORD
        if (before.islower() and letter.isupper()) or (letter.isnumeric() and not before.isnumeric()):
            return AT_HUMP
        return 0
    return 0 if letter == "/" else AT_WORD


def bonus_at(text: str, place: int) -> int:
    """The bonus of a letter of a text."""
    return bonus(text[place - 1] if place else "/", text[place])


def run_score(text: str, start: int, length: int) -> int:
    """The score of letters that follow each other."""
    shared = first = bonus_at(text, start)
    score = LETTER * length + FIRST_TIMES * first
    for place in range(start + 1, start + length):
        own = bonus_at(text, place)
        shared = max(shared, RUN)
        if own >= AT_WORD and own > shared:
            shared = own
        score += max(shared, own)
    return score


def one_letter(letter: str, folded: str, text: str) -> Found | None:
    """The best place of a single letter; the first of those that are as good."""
    best, best_place = -1, -1
    place = folded.find(letter)
    while place >= 0:
        here = bonus_at(text, place)
        if here > best:
            best, best_place = here, place
            if here == AT_SLASH:
                break
        place = folded.find(letter, place + 1)
    return None if best_place < 0 else (LETTER + FIRST_TIMES * best, [best_place])


class Cell:
    """A letter of the word at a place of the text: the best score up to here, and where the letter before it stands."""

    __slots__ = ("before", "place", "score", "shared")

    def __init__(self, place: int, score: int, shared: int, before: "Cell | None") -> None:
        self.place = place
        self.score = score
        self.shared = shared
        self.before = before


def letters_in_order(word: str, folded: str, text: str) -> Found | None:
    """The best way to find the letters of a word in a text, or None. `folded` is the text as it is compared."""
    if len(word) == 1:
        return one_letter(word, folded, text)
    earliest, latest = _bounds(word, folded)
    if latest is None:
        return None
    row = [
        Cell(place, LETTER + FIRST_TIMES * (start := bonus_at(text, place)), start, None)
        for place in _places(word[0], folded, earliest[0], latest[0])
    ]
    for number in range(1, len(word)):
        row = _next_row(row, _places(word[number], folded, earliest[number], latest[number]), text)
    best = row[0]
    for cell in row:
        if cell.score >= best.score:
            best = cell
    places, at = [], best
    while at.before is not None:
        places.append(at.place)
        at = at.before
    places.append(at.place)
    return best.score, places[::-1]


def _bounds(word: str, folded: str) -> tuple[list[int], list[int] | None]:
    """Between which places each letter can stand; None: they are not all there."""
    earliest, place = [], -1
    for letter in word:
        place = folded.find(letter, place + 1)
        if place < 0:
            return [], None
        earliest.append(place)
    latest, place = [], len(folded)
    for letter in reversed(word):
        place = folded.rfind(letter, 0, place)
        latest.append(place)
    return earliest, latest[::-1]


def _places(letter: str, folded: str, first: int, last: int) -> list[int]:
    if first == last:
        return [first]
    places, place = [], first
    while 0 <= place <= last:
        places.append(place)
        place = folded.find(letter, place + 1)
    return places


def _next_row(row: list[Cell], places: list[int], text: str) -> list[Cell]:
    """The cells of the next letter. `gap` is the score that comes over a gap to just before the place that is looked at."""
    cells = []
    gap, gap_place, gap_cell = 0, -1, row[0]
    number, count = 0, len(row)
    for place in places:
        while number < count and row[number].place < place - 1:
            cell = row[number]
            gap = max(0, gap - GAP_MORE * (cell.place + 1 - gap_place))
            if cell.score - GAP > gap:
                gap, gap_cell = cell.score - GAP, cell
            gap_place = cell.place + 1
            number += 1
        own = bonus_at(text, place)
        neighbour = row[number] if number < count and row[number].place == place - 1 else None
        has_gap = number > 0
        over_gap = max(0, gap - GAP_MORE * (place - 1 - gap_place)) + own if has_gap else own
        if neighbour is not None:
            shared = max(neighbour.shared, RUN)
            if own >= AT_WORD and own > shared:
                shared = own
            score = neighbour.score + max(shared, own)
            if score > over_gap or not has_gap:
                cells.append(Cell(place, score + LETTER, shared, neighbour))
                continue
        elif not has_gap:
            continue  # no letter before it can stand here
        cells.append(Cell(place, over_gap + LETTER, own, gap_cell))
    return cells
