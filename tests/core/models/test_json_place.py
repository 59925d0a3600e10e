"""Places in JSON texts, as they are told to people."""

import json

import pytest

from app_server.core.models.json_place import Place

TEXT = '{"é": 1, "models": [ {"a": "]}"},\n  [], {"b": [1, {"c": 2}]} ]}\n\n'


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), "line 2 column 29"),
        (("é",), "line 1 column 8"),
        (("models",), "line 2 column 28"),
        (("models", 0), "line 1 column 33"),
        (("models", 1), "line 2 column 4"),
        (("models", 2), "line 2 column 26"),
        (("models", 2, "b", 1), "line 2 column 24"),
    ],
)
def test_a_value_is_found_by_its_path(path: tuple[str | int, ...], place: str) -> None:
    assert Place(TEXT).end_of(*path) == place


def test_the_whole_ends_where_nothing_but_space_follows() -> None:
    assert Place(TEXT).end == "line 2 column 29"


def test_of_members_of_one_name_the_last_counts() -> None:
    text = '{"a": {"b": 1}, "a": [7]}'
    assert json.loads(text)["a"] == [7]
    assert Place(text).end_of("a", 0) == "line 1 column 23"
