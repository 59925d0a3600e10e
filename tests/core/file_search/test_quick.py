"""Scores that are known at once: they are those that aligning finds."""

from hypothesis import given
from hypothesis import strategies as st

from app_server.core.file_search.align import letters_in_order
from app_server.core.file_search.quick import quick

LETTERS = st.sampled_from("abc1_")
TEXTS = st.text(st.sampled_from("aabbcA1_/. "), max_size=16)


@given(word=st.text(LETTERS, min_size=2, max_size=5), before=TEXTS, after=TEXTS, sign=st.sampled_from(["", "/", "_", ".", "x"]))
def test_a_score_that_is_known_at_once_is_the_best_there_is(word: str, before: str, after: str, sign: str) -> None:
    known = quick(word)
    for text in (before + sign + word + after, before + after):
        folded = text.lower()
        score = None if known is None else known.score(folded)
        if score is not None:
            found = letters_in_order(word, folded, text)
            assert found is not None
            assert score == found[0], (word, text)


def test_words_at_the_start_of_a_part_are_known_at_once() -> None:
    known = quick("gamma")
    assert known is not None
    assert known.score("gamma.py") == known.score("a/gamma") == 16 * 5 + 9 * 6
    assert known.score("a/b_gamma") == 16 * 5 + 8 * 6
    assert known.score("a/ma_gamma") is None  # letters at a slash could count more
    assert known.score("a/xgamma") is None
    assert [quick(word) for word in ("g", "_a", "a/b", "gä")] == [None] * 4
