"""Scores that are known without aligning: of words that stand together where a part of the text begins.

Such a score is the best there is, by the rules of `align`: at the start or after a slash every letter has the highest
bonus; after another sign it has the second highest, and only letters at a slash could have more. A way that uses some of
those has a gap, which costs more than it brings unless at least two letters of the word follow a slash together.
"""

import re

from app_server.core.file_search.align import AT_SLASH, AT_WORD, FIRST_TIMES, LETTER
from app_server.core.frozen import frozen


@frozen
class Quick:
    """What to look for of one word, and what that counts."""

    at_slash: re.Pattern[str]
    at_word: re.Pattern[str]
    pairs_at_slash: re.Pattern[str]
    slash_score: int
    word_score: int

    def score(self, folded: str) -> int | None:
        """The score of the word in a text; None where only aligning tells."""
        if self.at_slash.search(folded):
            return self.slash_score
        if self.at_word.search(folded) and not self.pairs_at_slash.search(folded):
            return self.word_score
        return None


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
    )


def best_run(length: int, bonus: int) -> int:
    """The score of letters that follow each other and all have the same bonus."""
    return LETTER * length + bonus * (length - 1 + FIRST_TIMES)
