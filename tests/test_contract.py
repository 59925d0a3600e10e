"""One row, one route, one example: the table of methods against the handlers, and against what the server really says."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from app_server.methods import find_route
from app_server.methods.unbuilt import UNBUILT
from docs.generate import FOLDER as PAGES
from docs.generate import Book
from protocol.base import Method, to_wire
from protocol.methods import CLIENT_REQUESTS, CLIENT_REQUESTS_BY_NAME, Row
from tests.conversations.methods.play import FOLDER, example, played
from tests.support.golden import Dialog

NAMED = {'"$process"': "1", '"$bytes"': "1", '"$time"': "1", "$home": "/home", "$cwd": "/cwd", "$shell": "/shell"}
"""Names in examples for what has a form of its own: numbers and paths."""


def method(row: Row) -> Method[Any, Any]:
    family = importlib.import_module(f"protocol.{row.family}")
    return next(each for each in family.METHODS if each.name == row.name)


@pytest.mark.parametrize("row", CLIENT_REQUESTS, ids=lambda row: row.name)
def test_every_method_has_the_route_of_its_row(row: Row) -> None:
    route = find_route(row.name)
    assert route is not None
    assert route.method is method(row)
    assert (route.handler is UNBUILT.get(row.name)) is (row.name in UNBUILT), "built: remove it from the table"


def test_every_handler_serves_a_method_of_its_family_and_no_other_does() -> None:
    files = [file.stem for file in Path(importlib.import_module("app_server.methods").__path__[0]).glob("*.py")]
    families = {row.family for row in CLIENT_REQUESTS} & set(files)
    served = [
        (family, route.method.name)
        for family in families
        for route in importlib.import_module(f"app_server.methods.{family}").ROUTES
    ]
    assert len(served) > 30
    assert {name: family for family, name in served} == {name: CLIENT_REQUESTS_BY_NAME[name].family for _, name in served}
    names = [name for _, name in served]
    assert sorted(names) == sorted(set(names))


def test_the_table_of_what_is_not_built_names_methods() -> None:
    assert set(UNBUILT) <= set(CLIENT_REQUESTS_BY_NAME)


def test_every_example_is_that_of_a_method() -> None:
    files = {file.relative_to(FOLDER).with_suffix("").as_posix() for file in FOLDER.rglob("*.txt")}
    assert files == set(CLIENT_REQUESTS_BY_NAME)


@pytest.mark.parametrize("row", CLIENT_REQUESTS, ids=lambda row: row.name)
async def test_an_example_asks_its_method_and_the_answer_has_its_shape(row: Row, tmp_path: Path) -> None:
    text = example(row.name).read_text("utf-8")
    assert (await played(example(row.name), tmp_path)).splitlines() == text.splitlines()
    asked = [json.loads(line) for block in Dialog.parse(text).blocks for line in block.sent]
    assert asked[-1]["method"] == row.name
    said = [json.loads(unnamed(line)) for block in Dialog.parse(text).blocks for line in block.said]
    answer = next(message for message in said if message.get("id") == asked[-1]["id"])
    if "result" in answer:
        assert to_wire(method(row).result.model_validate(answer["result"])) == answer["result"]
    else:
        assert answer["error"]["data"]["reason"]


def test_the_pages_of_the_documentation_are_what_the_code_says() -> None:
    book = Book()
    for name, text in (("protocol.md", book.protocol()), ("errors.md", book.errors())):
        assert (PAGES / name).read_text("utf-8") == text, "run `python -m docs.generate write`"


def unnamed(line: str) -> str:
    """A line with numbers and paths where it has names for them."""
    for name, value in NAMED.items():
        line = line.replace(name, value)
    return line
