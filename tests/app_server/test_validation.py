"""Refused params: in the reference's words, with our data beside them, and no less when pydantic sees it otherwise."""

import ast
import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from app_server.core.errors import CallerError
from app_server.validation import decode, unknown_method
from protocol import errors
from protocol.base import Method
from protocol.methods import CLIENT_REQUESTS, CLIENT_REQUESTS_BY_NAME

REFUSALS = json.loads(Path(__file__).with_name("reference_refusals.json").read_text("utf-8"))
"""What the reference answers to bad params, as recorded: method, params, and the text after `Invalid request: `."""
SERVER = Path(__file__).parents[2] / "app_server"


def method(name: str) -> Method[Any, Any]:
    family = importlib.import_module(f"protocol.{CLIENT_REQUESTS_BY_NAME[name].family}")
    return next(each for each in family.METHODS if each.name == name)


def refusal(name: str, **message: Any) -> CallerError:
    with pytest.raises(CallerError) as caught:
        decode(method(name), message)
    return caught.value


def test_the_recordings_are_about_most_methods() -> None:
    assert len(REFUSALS) > 400
    assert len({name for name, _, _ in REFUSALS}) > 140


@pytest.mark.parametrize(("name", "params", "text"), REFUSALS, ids=[f"{i}-{each[0]}" for i, each in enumerate(REFUSALS)])
def test_bad_params_are_refused_in_the_words_of_the_reference(name: str, params: Any, text: str) -> None:
    error = refusal(name, params=params)
    assert (error.code, error.message) == (-32600, f"Invalid request: {text}")
    assert error.reason in {"missing_field", "invalid_type", "invalid_value", "unknown_variant", "unknown_field"}
    assert set(error.data) == {"field", "expected"}
    assert error.data["expected"]


@pytest.mark.parametrize(
    ("name", "params", "reason", "field", "expected"),
    [
        ("turn/start", {"input": []}, "missing_field", "threadId", "a value"),
        ("turn/start", {"threadId": 7, "input": []}, "invalid_type", "threadId", "a string"),
        (
            "thread/start",
            {"sandbox": "x"},
            "unknown_variant",
            "sandbox",
            "one of `read-only`, `workspace-write`, `danger-full-access`",
        ),
        ("thread/list", {"limit": -1}, "invalid_value", "limit", "u32"),
        ("fs/readFile", {"path": "a"}, "invalid_value", "path", "an absolute path"),
        ("turn/start", {"threadId": "t", "input": [{"type": "text"}]}, "missing_field", "input.0.text", "a value"),
        ("turn/start", {"threadId": "t", "input": [{}]}, "missing_field", "input.0.type", None),
        ("command/exec", {"command": ["a"], "env": {"A": 1}}, "invalid_type", "env.A", "a string"),
        ("command/exec", {"command": ["a"], "size": {"rows": 1}}, "missing_field", "size.cols", "a value"),
        ("thread/start", [], "invalid_type", "params", "an object"),
        ("account/logout", {"a": 1}, "invalid_type", "params", "nothing"),
        (
            "modelProvider/config/write",
            {"settings": {"type": "bedrock", "zz": 1}},
            "unknown_field",
            "settings.zz",
            "one of `providerId`, `profile`, `region`",
        ),
    ],
)
def test_a_refusal_names_the_member_and_what_was_expected(
    name: str, params: Any, reason: str, field: str, expected: str | None
) -> None:
    error = refusal(name, params=params)
    assert (error.reason, error.data["field"]) == (reason, field)
    assert expected is None or error.data["expected"] == expected


def test_what_the_reference_would_let_pass_is_refused_with_its_place() -> None:
    error = refusal("thread/start", params={"sandbox": {"read-only": None}})
    assert (error.message, error.data["field"]) == ("Invalid request: invalid value: map", "sandbox")
    assert error.data["expected"] == "Input should be 'read-only', 'workspace-write' or 'danger-full-access'"


@pytest.mark.parametrize("message", [{}, {"params": None}])
def test_params_are_needed_even_if_nothing_is_asked_with_them(message: dict[str, Any]) -> None:
    error = refusal("model/list", **message)
    assert error.message == "Invalid request: missing field `params`"
    assert error.data == {"field": "params", "expected": "an object"}


@pytest.mark.parametrize("message", [{}, {"params": None}, {"params": {}}])
def test_methods_without_params_take_none_or_an_empty_object(message: dict[str, Any]) -> None:
    assert decode(method("account/logout"), message) is None


@pytest.mark.parametrize("raw", [[], "", 0, False, [1]])
def test_methods_without_params_take_nothing_else(raw: Any) -> None:
    assert refusal("account/logout", params=raw).message.endswith("expected unit")


@pytest.mark.parametrize("message", [{}, {"params": None}, {"params": {}}])
def test_some_methods_do_without_their_params(message: dict[str, Any]) -> None:
    params = decode(method("account/rateLimits/read"), message)
    assert params.exclude_reset_credit_details is False


def test_unknown_members_are_ignored() -> None:
    assert decode(method("thread/loaded/list"), {"params": {"limit": 3, "nobody": ["reads", "this"]}}).limit == 3


def test_an_unknown_method_is_told_all_that_there_are() -> None:
    error = unknown_method("no/such")
    names = ", ".join(f"`{row.name}`" for row in CLIENT_REQUESTS)
    assert error.message == f"Invalid request: unknown variant `no/such`, expected one of {names}"
    assert (error.reason, error.data["field"]) == ("unknown_method", "method")


def test_every_reason_that_the_server_gives_is_listed() -> None:
    listed = set(errors.REASONS)
    given: set[str] = set()
    for file in SERVER.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            given |= reasons_in(node)
    assert len(given) > 20
    assert given - listed == set()


CONSTRUCTORS = {"CallerError": None, "Refuses": 2, "Mistake": 1, "__init__": None}
"""What makes an error (`__init__` in its subclasses), and where its reason stands among the positional arguments."""


def reasons_in(node: ast.AST) -> set[str]:
    """The reasons that one node of a syntax tree gives."""
    if not isinstance(node, ast.Call):
        return set()
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name not in CONSTRUCTORS:
        return set()
    place = CONSTRUCTORS[name]
    found = [keyword.value for keyword in node.keywords if keyword.arg == "reason"]
    if place is not None:
        found += node.args[place : place + 1]
    return {each.value for each in found if isinstance(each, ast.Constant) and isinstance(each.value, str)}
