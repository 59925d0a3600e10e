"""What is found, how good it is and by which letters, against recordings of the reference; and what is not looked at."""

import json
from pathlib import Path
from typing import Any

import pytest

from app_server.core.file_search import rank
from app_server.core.file_search.align import letters_in_order
from app_server.core.file_search.query import fold
from app_server.core.file_search.rank import Cancelled, Hit, best_matches
from app_server.core.file_search.walk import Tree

RECORDED = json.loads(Path(__file__).with_name("reference_matches.json").read_text("utf-8"))


def tree_of(*paths: str, root: str = "/r") -> Tree:
    """A tree of these paths; those of directories end with a slash."""
    tree = Tree(root)
    tree.add("", "", True)
    for path in paths:
        bare = path.removesuffix("/")
        tree.add(bare, bare.rpartition("/")[2], path.endswith("/"))
    return tree


def find(query: str, *paths: str) -> list[Hit]:
    return best_matches([tree_of(*paths)], query, lambda: False)


def scores(query: str, *paths: str) -> dict[str, int]:
    return {hit.path: hit.score for hit in find(query, *paths)}


@pytest.mark.parametrize("recorded", RECORDED, ids=range(len(RECORDED)))
def test_the_reference_finds_the_same(recorded: dict[str, Any]) -> None:
    assert recorded["queries"]
    for query, found in recorded["queries"]:
        assert [[hit.score, hit.path, hit.indices] for hit in find(query, *recorded["tree"])] == found, query


@pytest.mark.parametrize(
    ("query", "path", "score"),
    [
        ("alpha", "alpha.txt", 65536 + 134),
        ("alpha", "foo_alpha.rs", 65536 + 128),
        ("alpha", "al_pha", 65536 + 128),
        ("alpha", "fooAlpha.rs", 65536 + 110),
        ("alpha", "xalphax", 65536 + 96),
        ("ign", ".ignore", 65536 + 80),
        ("src/alpha", "src/alpha", 234),
        ("/alpha", "deep/alpha", 141),
        ("alpha/", "src/alpha/x.rs", 159),
        ("a", "b/a.rs", 65536 + 34),
        ("alpha alpha", "alpha", 268),
        ("a\\ b", "u/a b.txt", 84),
        ("txt$", "a b.txt", 80),
        ("'aive", "naïve", 76),
        ("hs2", "HTTPServer2go", 65536 + 59),
        ("strasse", "ßtrasse", 3 * 65536 + 184),
    ],
)
def test_scores(query: str, path: str, score: int) -> None:
    assert scores(query, path) == {path: score}


def test_a_name_comes_before_a_directory_before_a_part_of_a_name_before_a_path() -> None:
    paths = ("m/o/d", "x/model.rs", "y/Mod", "mod/")
    assert [(hit.path, hit.score >> 16) for hit in find("mod", *paths)] == [
        ("y/Mod", 3),
        ("mod", 2),
        ("x/model.rs", 1),
        ("m/o/d", 0),
    ]


def test_accents_count_only_where_the_query_has_some() -> None:
    names = ("naïve", "naive", "NAÏVE", "ñandu")
    assert set(scores("nai", *names)) == {"naïve", "naive", "NAÏVE"}
    assert set(scores("naï", *names)) == {"naïve", "NAÏVE"}
    assert set(scores("'an 'du", *names)) == {"ñandu"}


def test_what_has_no_letters_matches_everything_and_nothing_matches_an_empty_query() -> None:
    assert find("", "a", "b") == []
    for query in ("$", "!", " "):
        assert [(hit.path, hit.score, hit.indices) for hit in find(query, "b", "a")] == [("", 0, []), ("a", 0, []), ("b", 0, [])]


def test_of_equals_the_shorter_are_taken_and_shown_by_path() -> None:
    paths = [f"{'d' * depth}/x" for depth in range(1, 100)]
    found = [hit.path for hit in find("x", *reversed(paths))]
    assert found == sorted(paths[:50])


@pytest.mark.parametrize("query", ["a", "ab", "abc", "abcd", "b", "bc", "bcd"])
def test_what_is_not_aligned_would_not_have_been_among_the_best(query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = ("a", "ab", "abc", "b", "_", "abc_", "x", "bc", "d", "A")
    paths = sorted({f"{one}{two}{three}.{four}" for one in parts for two in parts for three in parts for four in ("d", "abcd")})
    slow = {path: letters_in_order(query, fold(path, False), path) for path in paths}
    expected = sorted(
        (-found[0], len(path), path) for path, found in slow.items() if found is not None and path.lower() != query
    )[:50]
    aligned: list[str] = []

    def noting(letters: str, folded: str, text: str) -> Any:
        aligned.append(text)
        return letters_in_order(letters, folded, text)

    monkeypatch.setattr(rank, "letters_in_order", noting)
    found = [(65536 - hit.score, len(hit.path), hit.path) for hit in find(query, *paths)]
    assert sorted(found) == expected
    assert len(aligned) < len(paths)


def test_a_search_that_nobody_wants_any_more_stops() -> None:
    looks = iter([False, False, True])
    with pytest.raises(Cancelled):
        best_matches([tree_of(*(f"x{number}y" for number in range(5000)))], "xy", lambda: next(looks))
