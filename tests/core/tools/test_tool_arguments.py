"""Malformed calls and what the model is told. All texts but those under "ours" are the reference's own answers."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app_server.core.tools.arguments import (
    BOOL,
    I32,
    TEXT,
    U64,
    USIZE,
    Anything,
    Choice,
    Many,
    Maybe,
    Member,
    Struct,
    parse_arguments,
)
from app_server.core.tools.base import ToolFailure

EXEC = Struct(
    "Args",
    Member("cmd", TEXT, is_required=True),
    Member("workdir", Maybe(TEXT)),
    Member("tty", BOOL),
    Member("yield_time_ms", U64),
    Member("max_output_tokens", Maybe(USIZE)),
    Member("sandbox_permissions", Choice("use_default", "require_escalated", "with_additional_permissions")),
    Member("prefix_rule", Maybe(Many(TEXT))),
)
PLAN = Struct(
    "Plan", Member("plan", Many(Struct("Step", Member("step", TEXT, is_required=True), Member("status", Choice("a", "b")))))
)
PREFIX = "failed to parse function arguments: "


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "EOF while parsing a value at line 1 column 0"),
        ("{", "EOF while parsing an object at line 1 column 1"),
        ("{}", "missing field `cmd` at line 1 column 2"),
        ('{"cmd": 12 }', "invalid type: integer `12`, expected a string at line 1 column 10"),
        ('{"cmd": null}', "invalid type: null, expected a string at line 1 column 12"),
        ('{"cmd": true}', "invalid type: boolean `true`, expected a string at line 1 column 12"),
        ('{"cmd": [1]}', "invalid type: sequence, expected a string at line 1 column 8"),
        ('{"cmd": {"a":1}}', "invalid type: map, expected a string at line 1 column 8"),
        ('{"cmd": 1.5}', "invalid type: number, expected a string at line 1 column 11"),
        ('{"cmd":"echo a","tty":"x"}', 'invalid type: string "x", expected a boolean at line 1 column 25'),
        ('{"cmd":"echo a","yield_time_ms":-5}', "invalid value: integer `-5`, expected u64 at line 1 column 34"),
        ('{"cmd":"echo a","yield_time_ms":300.0}', "invalid type: floating point `300.0`, expected u64 at line 1 column 37"),
        ('{"cmd":"echo a","max_output_tokens":-5}', "invalid value: integer `-5`, expected usize at line 1 column 38"),
        (
            '{"cmd":"echo a","sandbox_permissions":"bogus"}',
            "unknown variant `bogus`, expected one of `use_default`, `require_escalated`, `with_additional_permissions` "
            "at line 1 column 45",
        ),
        ('{"cmd":"echo a","sandbox_permissions":5}', "expected value at line 1 column 39"),
        ('{"cmd":"echo a","prefix_rule":"a"}', 'invalid type: string "a", expected a sequence at line 1 column 33'),
        ('{"cmd":"echo a","prefix_rule":["a", {}]}', "invalid type: map, expected a string at line 1 column 36"),
        ('{"cmd":"echo a","cmd":"b"}', "duplicate field `cmd` at line 1 column 21"),
        ('"x"', 'invalid type: string "x", expected struct Args at line 1 column 3'),
        ("null", "invalid type: null, expected struct Args at line 1 column 4"),
        ('{"cmd":"echo a"} x', "trailing characters at line 1 column 18"),
        ('{"cmd":"echo a",}', "trailing comma at line 1 column 17"),
        ('{"cmd" "echo a"}', "expected `:` at line 1 column 8"),
        ('{"cmd":"echo a" "b":1}', "expected `,` or `}` at line 1 column 17"),
        ('{"cmd":"echo a', "EOF while parsing a string at line 1 column 14"),
        ('{"cmd":"echo a"', "EOF while parsing an object at line 1 column 15"),
        ('{"cmd":', "EOF while parsing a value at line 1 column 7"),
        ('{"cmd":"a\\qb"}', "invalid escape at line 1 column 11"),
        ('{"cmd":"a\\u12"}', "invalid escape at line 1 column 15"),
        ('{"cmd":"a\nb"}', "control character (\\u0000-\\u001F) found while parsing a string at line 1 column 9"),
        ('{"cmd":nope}', "expected ident at line 1 column 9"),
        ('{"cmd":tru', "EOF while parsing a value at line 1 column 10"),
        ('{\n "cmd": "echo é",\n "tty": 5}', "invalid type: integer `5`, expected a boolean at line 3 column 9"),
        ('{"cmd":"é","tty":5}', "invalid type: integer `5`, expected a boolean at line 1 column 19"),
        ("{cmd:1}", "key must be a string at line 1 column 2"),
        ("{\"cmd\":'a'}", "expected value at line 1 column 8"),
        ('{"zzz":01}', "invalid number at line 1 column 9"),
        ('{"zzz":-}', "invalid number at line 1 column 9"),
        ('{"zzz":1.}', "invalid number at line 1 column 10"),
        ('{"zzz":[1,]}', "expected value at line 1 column 11"),
        ('{"zzz":[1 2]}', "expected `,` or `]` at line 1 column 11"),
        ('{"zzz":[1', "EOF while parsing a list at line 1 column 9"),
        ('{"zzz":"\\ud800"}', "lone leading surrogate in hex escape at line 1 column 15"),
        ("[" * 200, "recursion limit exceeded at line 1 column 128"),
    ],
)
def test_malformed_arguments_are_complained_about_with_their_place(text: str, complaint: str) -> None:
    with pytest.raises(ToolFailure) as failure:
        parse_arguments(text, EXEC)
    assert failure.value.text == PREFIX + complaint


@pytest.mark.parametrize(
    ("text", "struct", "given_members"),
    [
        ('{"cmd":"ls","unknown":{"a":[1,{}]}}', EXEC, {"cmd": "ls"}),
        (' {"cmd" : "l\\u0073\\n" , "tty":true}\n', EXEC, {"cmd": "ls\n", "tty": True}),
        ('{"cmd":"","workdir":null,"prefix_rule":["a"]}', EXEC, {"cmd": "", "workdir": None, "prefix_rule": ["a"]}),
        ('{"plan":[{"step":"x","status":"b"},{"step":"y"}]}', PLAN, {"plan": [{"step": "x", "status": "b"}, {"step": "y"}]}),
        ('{"n":-5}', Struct("N", Member("n", I32)), {"n": -5}),
    ],
)
def test_well_formed_arguments_come_out_by_name(text: str, struct: Struct, given_members: dict[str, Any]) -> None:
    assert parse_arguments(text, struct) == given_members


def test_members_of_members_are_checked_too() -> None:
    with pytest.raises(ToolFailure) as failure:
        parse_arguments('{"plan":[{"status":"a"}]}', PLAN)
    assert failure.value.text == f"{PREFIX}missing field `step` at line 1 column 23"
    with pytest.raises(ToolFailure) as failure:
        parse_arguments('{"plan":[{"step":"x","status":"c"}]}', PLAN)
    assert failure.value.text == f"{PREFIX}unknown variant `c`, expected `a` or `b` at line 1 column 33"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(JSON, st.sampled_from([None, 1]))
def test_any_json_is_read_as_the_standard_library_reads_it(value: Any, indent: int | None) -> None:
    text = json.dumps({"value": value}, indent=indent)
    assert parse_arguments(text, Struct("Any", Member("value", Anything()))) == {"value": value}
