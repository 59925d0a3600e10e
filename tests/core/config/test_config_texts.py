"""TOML places, overrides, the frozen classes and the features, each by itself."""

import json
from typing import Any

import pytest

from app_server.core.config import features
from app_server.core.config.overrides import BadOverride, from_json, merge, nested, split
from app_server.core.config.schema import SCHEMA
from app_server.core.config.toml_text import Path, TomlError, find, find_key, parse
from app_server.core.frozen import frozen, replace

DOCUMENT = '''\
plain = 1 # a comment
"quo.ted" . key = "a \\" b"
multi = """
x""\\"" # no comment
"""
literal = 'c:\\'
list = [ 1,
  [ "two" ], { deep = true } ]
[table.inner]
value = 2024-01-01
[[array]]
a = 1
[[array]]
a = 2
[array.sub]
b = 3
'''


@pytest.mark.parametrize(
    ("path", "start", "end"),
    [
        (("plain",), (1, 9), (1, 9)),
        (("quo.ted", "key"), (2, 19), (2, 26)),
        (("quo.ted",), (2, 1), (2, 9)),
        (("multi",), (3, 9), (5, 3)),
        (("literal",), (6, 11), (6, 15)),
        (("list", 0), (7, 10), (7, 10)),
        (("list", 1, 0), (8, 5), (8, 9)),
        (("list", 2, "deep"), (8, 23), (8, 26)),
        (("list",), (7, 8), (8, 30)),
        (("table",), (9, 2), (9, 6)),
        (("table", "inner"), (9, 1), (9, 13)),
        (("table", "inner", "value"), (10, 9), (10, 18)),
        (("array", 0, "a"), (12, 5), (12, 5)),
        (("array", 1), (13, 1), (13, 9)),
        (("array", 1, "sub", "b"), (16, 5), (16, 5)),
    ],
)
def test_values_are_found_where_they_stand(path: Path, start: tuple[int, int], end: tuple[int, int]) -> None:
    parse(DOCUMENT)
    span = find(DOCUMENT, path)
    assert span is not None
    assert (span.start, span.end) == (start, end)


def test_keys_are_found_and_absent_ones_are_not() -> None:
    span = find_key(DOCUMENT, ("quo.ted", "key"))
    assert span is not None
    assert (span.start, span.end) == ((2, 13), (2, 15))
    assert find(DOCUMENT, ("nothing",)) is None


def test_an_error_at_the_end_of_the_text_has_a_place() -> None:
    with pytest.raises(TomlError) as caught:
        parse("a = [1,\n")
    assert caught.value.span.start == (2, 1)


@pytest.mark.parametrize(
    ("word", "pair"),
    [
        ("model=o3", ("model", "o3")),
        ('model="o3"', ("model", "o3")),
        ("a.b = 1", ("a.b", 1)),
        ("list=[1, 2]", ("list", [1, 2])),
        ("flag=true", ("flag", True)),
        ("table={a=1}", ("table", {"a": 1})),
        ("text='it' s", ("text", "it' s")),
        ("empty=", ("empty", "")),
        ("url=http://x/?a=b", ("url", "http://x/?a=b")),
    ],
)
def test_an_override_is_toml_or_else_plain_text(word: str, pair: tuple[str, Any]) -> None:
    assert split(word) == pair


@pytest.mark.parametrize(
    ("word", "message"),
    [("model", "Invalid override (missing '='): model"), ("=x", "Empty key in override: =x")],
)
def test_an_override_without_key_or_value_is_refused(word: str, message: str) -> None:
    with pytest.raises(BadOverride) as caught:
        split(word)
    assert str(caught.value) == message


def test_dotted_keys_nest_and_later_ones_win() -> None:
    assert nested([("a.b", 1), ("a.c", 2), ("a.b", 3), ("d", {"e": 4}), ("d.f", 5)]) == {
        "a": {"b": 3, "c": 2},
        "d": {"e": 4, "f": 5},
    }
    assert nested([("a", 1), ("a.b", 2)]) == {"a": {"b": 2}}
    assert from_json({"a.b": None, "c": [None, {"d": None}]}) == {"a": {"b": ""}, "c": ["", {"d": ""}]}


def test_an_override_never_changes_the_table_that_it_was_given() -> None:
    given = {"features": {"apps": True}}
    assert nested([("features", given["features"]), ("features.goals", False)])["features"] == {"apps": True, "goals": False}
    assert given == {"features": {"apps": True}}


def test_merging_replaces_everything_but_tables() -> None:
    base = {"a": {"b": 1, "c": [1]}, "d": 1}
    assert merge(base, {"a": {"c": [2], "e": 3}, "d": {"f": 4}}) == {"a": {"b": 1, "c": [2], "e": 3}, "d": {"f": 4}}
    assert base == {"a": {"b": 1, "c": [1]}, "d": 1}


@frozen
class Sample:
    """A value with a default."""

    first: int
    second: str = "two"

    @property
    def both(self) -> str:
        """A member that is computed."""
        return f"{self.first}{self.second}"


def test_frozen_classes_behave_as_frozen_slotted_values() -> None:
    value = Sample(1)
    assert value == Sample(first=1, second="two")
    assert value != Sample(2)
    assert len({value, Sample(1)}) == 1
    assert (value.both, repr(value)) == ("1two", "Sample(first=1, second='two')")
    assert replace(value, second="x") == Sample(1, "x")
    with pytest.raises(AttributeError, match="frozen"):
        value.first = 2  # type: ignore[misc]
    assert not hasattr(value, "__dict__")


@pytest.mark.parametrize("build", [lambda: Sample(), lambda: Sample(1, third=3), lambda: Sample(1, "x", 3)])  # type: ignore[call-arg]
def test_frozen_classes_refuse_missing_and_unknown_members(build: Any) -> None:
    with pytest.raises(TypeError, match="Sample takes first, second"):
        build()


def test_the_feature_list_is_the_references() -> None:
    configured = features.resolve({"goals": False, "code_mode": {"enabled": True}, "collab": False})
    rows = features.rows(features.Features(configured.configured, configured.tables, {"memories": True}))
    assert len(rows) == 215
    by_name = {row["name"]: row for row in rows}
    assert [name for name, row in by_name.items() if row["enabled"] != row["defaultEnabled"]] == [
        "code_mode",
        "memories",
        "multi_agent",
        "goals",
    ]
    shown = [name for name, row in by_name.items() if row["displayName"] is not None]
    assert shown == [name for name, row in by_name.items() if row["stage"] == "beta"]
    assert len(shown) == 5
    json.dumps(rows)


def test_every_feature_is_a_known_key() -> None:
    unknown: list[Any] = []
    names = [name for name, _, _ in features.FEATURES]
    SCHEMA.check({"features": dict.fromkeys([*names, *features.ALIASES, *features.EXTRA_NAMES], True)}, (), unknown)
    assert unknown == []
    assert not features.is_known("zz")
