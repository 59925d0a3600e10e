"""Schemas of foreign tools, as models take them: only the words that providers accept, with the types made explicit.

Source: the reference's own rewriting of some forty schemas, and the errors that it gives.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

_UNIONS = ("anyOf", "oneOf", "allOf")
_TABLES = ("$defs", "definitions")
_TYPES = frozenset({"string", "number", "integer", "boolean", "object", "array", "null"})
_HINTS = {
    "object": ("properties", "required", "additionalProperties"),
    "array": ("items", "prefixItems"),
    "string": ("enum", "const", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
"""What tells the type of a schema that does not name it."""
_ANY_TEXT = {"type": "string"}


class UnusableSchema(ValueError):
    """A schema that can't be offered; the text says why."""


def model_schema(schema: Any) -> dict[str, Any]:
    """The schema as the model gets it. Raises: UnusableSchema."""
    rewritten = _rewritten(schema)
    if rewritten.get("type") == "null":
        raise UnusableSchema("tool input schema must not be a singleton null type")
    used = _references(rewritten)
    for table in _TABLES:
        if isinstance(schema, Mapping) and isinstance(definitions := schema.get(table), Mapping):
            kept = _used_definitions({name: _rewritten(each) for name, each in definitions.items()}, table, used)
            if kept:
                rewritten[table] = kept
    return rewritten


def _rewritten(schema: Any) -> dict[str, Any]:
    if isinstance(schema, bool):
        return dict(_ANY_TEXT)
    if not isinstance(schema, Mapping):
        raise UnusableSchema(f"invalid type: {_named(schema)}, expected struct JsonSchema")
    result: dict[str, Any] = {}
    if "$ref" in schema:
        result["$ref"] = schema["$ref"]
    kinds = _kinds(schema)
    if kinds:
        result["type"] = kinds[0] if len(kinds) == 1 else kinds
    if isinstance(schema.get("description"), str):
        result["description"] = schema["description"]
    if "const" in schema or "enum" in schema:
        result["enum"] = [schema["const"]] if "const" in schema else _sequence(schema["enum"])
    if "array" in kinds:
        result["items"] = _rewritten(schema["items"]) if "items" in schema else dict(_ANY_TEXT)
    if "object" in kinds:
        properties = schema.get("properties", {})
        if not isinstance(properties, Mapping):
            raise UnusableSchema(f"invalid type: {_named(properties)}, expected a map")
        result["properties"] = {name: _rewritten(properties[name]) for name in sorted(properties)}
    if "required" in schema:
        result["required"] = _sequence(schema["required"])
    if "additionalProperties" in schema:
        more = schema["additionalProperties"]
        result["additionalProperties"] = more if isinstance(more, bool) else _rewritten(more)
    for union in _UNIONS:
        if union in schema:
            result[union] = [_rewritten(each) for each in _sequence(schema[union])]
    return result


def _kinds(schema: Mapping[str, Any]) -> list[str]:
    """The types of a schema, by name or by what else it says."""
    given = schema.get("type")
    named = given if isinstance(given, list) else [given]
    kinds = [kind for kind in named if isinstance(kind, str) and kind in _TYPES]
    if kinds or "type" in schema or any(union in schema for union in _UNIONS) or "$ref" in schema:
        return kinds
    return next(([kind] for kind, hints in _HINTS.items() if any(hint in schema for hint in hints)), [])


def _references(value: Any) -> set[str]:
    if isinstance(value, Mapping):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(_references(each) for each in value.values()))
    if isinstance(value, list):
        return set().union(*(_references(each) for each in value))
    return set()


def _used_definitions(definitions: Mapping[str, Any], table: str, used: set[str]) -> dict[str, Any]:
    """The definitions that are referred to, also by each other."""
    kept: dict[str, Any] = {}
    waiting = set(used)
    while waiting:
        name = waiting.pop().removeprefix(f"#/{table}/")
        if name in definitions and name not in kept:
            kept[name] = definitions[name]
            waiting |= _references(definitions[name])
    return {name: kept[name] for name in sorted(kept)}


def _sequence(value: Any) -> list[Any]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise UnusableSchema(f"invalid type: {_named(value)}, expected a sequence")
    return list(value)


def _named(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return f"string {json.dumps(value, ensure_ascii=False)}"
    return "sequence" if isinstance(value, list) else "map" if isinstance(value, Mapping) else "number"
