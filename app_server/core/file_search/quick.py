"""Scores that are known without aligning: of words that stand together where a part of the text begins.

Such a score is the best there is, by the rules of `align`: at the start or after a slash every letter has the highest
bonus; after another sign it has the second highest, and only letters at a slash could have more. A way that uses some of
those has a gap, which costs more than it brings unless at least two letters of the word follow a slash together.
"""

import re

from app_server.core.file_search.align import AT_SLASH, AT_WORD, FIRST_TIMES, GAP, LETTER
from app_server.core.frozen import frozen


@frozen
class Quick:
    """What to look for of one word, and what that counts."""

    at_slash: re.Pattern[str]
    at_word: re.Pattern[str]
    pairs_at_slash: re.Pattern[str]
    slash_score: int
    word_score: int
    other_score: int
    """The most that is possible where the word stands at no beginning, nor two of its letters at a slash."""

    def bound(self, folded: str) -> tuple[int, bool]:
        """The most that the word can count in a text, and whether that is what it counts."""
        if self.at_slash.search(folded):
            return self.slash_score, True
        if self.pairs_at_slash.search(folded):
            return self.slash_score - GAP, False  # not all of it stands there: there is a gap, or the second best bonus
        if self.at_word.search(folded):
            return self.word_score, True
        return self.other_score, False


def quick(letters: str) -> Quick | None:
    """None for a word of which this can't be said: it begins with a sign, has a slash, or is a single letter."""
    if len(letters) < 2 or not letters.isascii() or not letters[0].isalnum() or "/" in letters:
        return None
    word = re.escape(letters)
    pairs = "|".join(sorted({re.escape(letters[place : place + 2]) for place in range(len(letters) - 1)}))
    return Quick(
        at_slash=re.compile(f"(?:^|/){word}"),
        at_word=re.compile(rf"[\W_]{word}"),
        pairs_at_slash=re.compile(f"(?:^|/)(?:{pairs})"),
        slash_score=best_run(len(letters), AT_SLASH),
        word_score=best_run(len(letters), AT_WORD),
        other_score=best_run(len(letters), AT_WORD) - (len(letters) > 2),  # two letters at two slashes are as good
    )


def best_run(length: int, bonus: int) -> int:
    """The score of letters that follow each other and all have the same bonus."""
    return LETTER * length + bonus * (length - 1 + FIRST_TIMES)
