"""What a query asks for."""

import pytest

from app_server.core.file_search.query import Kind, Word, bare, fold, parse


def word(letters: str, kind: Kind = Kind.FUZZY, *, is_negative: bool = False, keeps_accents: bool = False) -> Word:
    return Word(kind, letters, is_negative, keeps_accents)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("Abc", [word("abc")]),
        ("  a   b ", [word("a"), word("b")]),
        ("a\\ b", [word("a b")]),
        ("^a", [word("a", Kind.PREFIX)]),
        ("a$", [word("a", Kind.POSTFIX)]),
        ("^a$", [word("a", Kind.EXACT)]),
        ("'a", [word("a", Kind.SUBSTRING)]),
        ("'a$", [word("a", Kind.EXACT)]),
        ("!a", [word("a", Kind.SUBSTRING, is_negative=True)]),
        ("!^a", [word("a", Kind.PREFIX, is_negative=True)]),
        ("!a$", [word("a", Kind.POSTFIX, is_negative=True)]),
        ("\\!a", [word("!a")]),
        ("\\^a", [word("^a")]),
        ("\\'a", [word("'a")]),
        ("a\\$", [word("a$")]),
        ("u ^ ! $ '", [word("u")]),
        ("É", [word("é", keeps_accents=True)]),
        ("ÉA e", [word("éa", keeps_accents=True), word("e")]),
    ],
)
def test_words(query: str, words: list[Word]) -> None:
    assert parse(query) == words


@pytest.mark.parametrize("text", ["NAÏVE", "ßtraße", "İstanbul", "日本", "ﬁne", "ǅ", "Øre"])
def test_a_folded_text_has_a_letter_for_each(text: str) -> None:
    assert len(fold(text, True)) == len(fold(text, False)) == len(text)


def test_letters_lose_their_accents() -> None:
    assert "".join(map(bare, "ÀñßøŁïx日")) == "AnsoLix日"
