"""What is wrong with a request, in the words that clients of the reference match on.

Pydantic finds the mistakes; this module picks the one that the reference would have stopped at (the first in the
order of the client's own members, else the first missing member) and words it as serde does:
``missing field `threadId` ``, ``unknown variant `x`, expected one of `a`, `b` ``, `invalid type: integer `5`, expected a string`.
Source: spec/server.md section 2.
"""

import re
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app_server.core.errors import CallerError
from protocol.base import Record
from protocol.methods import CLIENT_REQUESTS_BY_NAME

PREFIX = "Invalid request: "
EXPECTED = {
    "string_type": "a string",
    "bool_type": "a boolean",
    "list_type": "a sequence",
    "tuple_type": "a sequence",
    "dict_type": "a map",
    "float_type": "f64",
}
MISSING = frozenset({"missing", "union_tag_not_found"})


def unknown_method(method: str) -> CallerError:
    """No such method; the reference lists all that there are."""
    names = ", ".join(f"`{name}`" for name in CLIENT_REQUESTS_BY_NAME)
    return CallerError(
        f"{PREFIX}unknown variant `{method}`, expected one of {names}", reason="unknown_method", data={"field": "method"}
    )


def missing_params() -> CallerError:
    """The method needs params, at least `{}`."""
    return CallerError(
        f"{PREFIX}missing field `params`", reason="missing_field", data={"field": "params", "expected": "an object"}
    )


def invalid_params(error: ValidationError | None, raw: Any, model: type[Record] | None = None) -> CallerError:
    """The params do not fit their model; without an `error`, the method takes none at all."""
    if error is None:
        return _error("invalid_type", f"invalid type: {describe(raw)}, expected unit", "params", "nothing")
    detail = first_mistake(error.errors(include_url=False), raw)
    location = [part for part in detail["loc"] if not _is_branch(part)]
    field = ".".join(str(part) for part in location) or "params"
    return _word(detail, field, error, raw, model)


def first_mistake(details: list[ErrorDetails], raw: Any) -> ErrorDetails:
    """The mistake that a parser reading the client's text from left to right stops at."""

    def rank(detail: ErrorDetails) -> tuple[Any, ...]:
        positions: list[int] = []
        at = raw
        for part in detail["loc"]:
            if isinstance(at, dict) and part in at:
                positions.append(list(at).index(part))
                at = at[part]
            elif isinstance(at, list) and isinstance(part, int) and part < len(at):
                positions.append(part)
                at = at[part]
            elif detail["type"] in MISSING:
                positions.append(1 << 30)  # noticed only when its object has ended
        return tuple(positions)

    return min(details, key=rank)


def _word(detail: ErrorDetails, field: str, error: ValidationError, raw: Any, model: type[Record] | None) -> CallerError:
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "missing":
        name = str(detail["loc"][-1])
        return _error("missing_field", f"missing field `{name}`", field, "a value")
    if kind == "union_tag_not_found":
        name = str(context["discriminator"]).strip("'")
        return _error("missing_field", f"missing field `{name}`", f"{field}.{name}", "a value")
    if kind in ("literal_error", "enum", "union_tag_invalid"):
        return _variant(detail, field, error)
    if kind in ("greater_than_equal", "less_than_equal", "greater_than", "less_than"):
        expected = integer_name(context)
        return _error("invalid_value", f"invalid value: {describe(value)}, expected {expected}", field, expected)
    if kind in ("model_type", "model_attributes_type", "dataclass_type"):
        name = str(context.get("class_name", model.__name__ if model else "object"))
        return _shape(value, name, field)
    if kind == "value_error":
        return _error("invalid_value", str(context.get("error", detail["msg"])), field, detail["msg"])
    if kind.startswith("int_"):
        expected = integer_at(detail["loc"], model)
        return _error("invalid_type", f"invalid type: {describe(value)}, expected {expected}", field, expected)
    expected = EXPECTED.get(kind, "a value of another type")
    return _error("invalid_type", f"invalid type: {describe(value)}, expected {expected}", field, expected)


def _variant(detail: ErrorDetails, field: str, error: ValidationError) -> CallerError:
    """A word that is not among those known, or no word at all."""
    context, value = detail.get("ctx", {}), detail["input"]
    if detail["type"] == "union_tag_invalid":
        value = context["tag"]
    known = quoted(str(context.get("expected_tags", context.get("expected", ""))))
    for other in error.errors(include_url=False):  # an untagged union lists its other alternatives beside this one
        if other["type"] == "missing" and other["loc"][:-2] == detail["loc"][:-1] and other["loc"] != detail["loc"]:
            known.append(str(other["loc"][-1]))
    choice = f"expected one of {', '.join(f'`{each}`' for each in known)}" if len(known) > 1 else f"expected `{''.join(known)}`"
    if not isinstance(value, str):
        return _error("invalid_type", f"invalid type: {describe(value)}, expected string or map", field, choice)
    return _error("unknown_variant", f"unknown variant `{value}`, {choice}", field, choice)


def _shape(value: Any, name: str, field: str) -> CallerError:
    if isinstance(value, list):
        return _error("invalid_type", f"invalid length {len(value)}, expected struct {name}", field, f"an object ({name})")
    return _error("invalid_type", f"invalid type: {describe(value)}, expected struct {name}", field, f"an object ({name})")


def _error(reason: str, text: str, field: str, expected: str) -> CallerError:
    return CallerError(PREFIX + text, reason=reason, data={"field": field, "expected": expected})


def describe(value: Any) -> str:
    """A JSON value as serde names it in its errors."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"boolean `{str(value).lower()}`"
    if isinstance(value, int):
        return f"integer `{value}`"
    if isinstance(value, float):
        return f"floating point `{value}`"
    if isinstance(value, str):
        return 'string "{}"'.format(value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n"))
    return "sequence" if isinstance(value, list) else "map"


def quoted(text: str) -> list[str]:
    """The words between single quotes in pydantic's list of what it expected."""
    return re.findall(r"'([^']*)'", text)


INTEGERS = {"255": "u8", "65535": "u16", "4294967295": "u32", "2147483647": "i32", "-2147483648": "i32"}


def integer_name(context: dict[str, Any]) -> str:
    """The reference's name of an integer type, from the bound that was broken."""
    bound = next((str(context[key]) for key in ("le", "ge") if key in context), "")
    return INTEGERS.get(bound, "u64" if bound == "0" else "i64")


def integer_at(location: tuple[int | str, ...], model: type[Record] | None) -> str:
    """The reference's name of the integer type of a member, from its declared bounds."""
    field = next((f for n, f in (model.model_fields if model else {}).items() if _wire_name(model, n, f) == location[0]), None)
    if field is None:
        return "i64"
    found = " ".join(
        re.findall(r"\b(?:le|ge)=(-?\d+)", repr(field.metadata) + repr(field.annotation) + repr(get_args(field.annotation)))
    )
    for bound in found.split():
        if bound in INTEGERS:
            return INTEGERS[bound]
    return "u64" if "0" in found.split() else "i64"


def _wire_name(model: type[Record] | None, name: str, field: Any) -> str:
    generator = model.model_config.get("alias_generator") if model else None
    return str(field.alias or (generator(name) if callable(generator) else name))


def _is_branch(part: int | str) -> bool:
    """Whether a part of pydantic's location names an alternative of a union rather than a member."""
    return isinstance(part, str) and not part.isidentifier()
