"""Scores that are known at once: they are those that aligning finds."""

from hypothesis import given
from hypothesis import strategies as st

from app_server.core.file_search.align import letters_in_order
from app_server.core.file_search.quick import quick

LETTERS = st.sampled_from("abc1_")
TEXTS = st.text(st.sampled_from("aabbcA1_/. "), max_size=16)


@given(word=st.text(LETTERS, min_size=2, max_size=5), before=TEXTS, after=TEXTS, sign=st.sampled_from(["", "/", "_", ".", "x"]))
def test_what_is_known_at_once_is_the_score_or_more(word: str, before: str, after: str, sign: str) -> None:
    known = quick(word)
    for text in (before + sign + word + after, before + after):
        found = letters_in_order(word, text.lower(), text)
        if known is not None and found is not None:
            bound, is_exact = known.bound(text.lower())
            assert bound >= found[0], (word, text)
            assert not is_exact or bound == found[0], (word, text)


def test_words_at_the_start_of_a_part_are_known_at_once() -> None:
    known = quick("gamma")
    assert known is not None
    at_slash, at_word = 16 * 5 + 9 * 6, 16 * 5 + 8 * 6
    assert known.bound("gamma.py") == known.bound("a/gamma") == (at_slash, True)
    assert known.bound("a/b_gamma") == (at_word, True)
    assert known.bound("a/ma_gamma") == (at_slash - 3, False)  # letters at a slash could count more
    assert known.bound("a/xgamma") == (at_word - 1, False)
    assert [quick(word) for word in ("g", "_a", "a/b", "gä")] == [None] * 4
