"""JSON Schema of every wire type, one definition each.

Pydantic generates them; this module brings them into the form that generators for other languages read best, which is
the reference's: variants inlined under titles made of tag and union, `["string", "null"]` instead of alternatives,
integers by format, no title on members, references wrapped in `allOf` where they have siblings (draft-07 ignores those),
descriptions from the docstrings.
"""

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import TypeAdapter

from protocol.base import EXPERIMENTAL, HOISTED, SNAKE_IN_SCHEMA, OneMember, Record, Variant
from protocol.export.surface import Surface

__all__ = ["Schema", "definitions", "references", "with_references"]

Schema = dict[str, Any]
PREFIX = "#/definitions/"
INTEGERS: dict[tuple[int | None, int | None], Schema] = {
    (0, 0xFFFF): {"type": "integer", "format": "uint16", "minimum": 0},
    (0, 0xFFFF_FFFF): {"type": "integer", "format": "uint32", "minimum": 0},
    (0, 0xFFFF_FFFF_FFFF_FFFF): {"type": "integer", "format": "uint64", "minimum": 0},
    (1, 0xFFFF_FFFF_FFFF_FFFF): {"type": "integer", "format": "uint64", "minimum": 1},
    (-0x8000_0000, 0x7FFF_FFFF): {"type": "integer", "format": "int32"},
    (-0x8000_0000_0000_0000, 0x7FFF_FFFF_FFFF_FFFF): {"type": "integer", "format": "int64"},
}
"""The bounds of our integer types -> their schema. Bounds of 64 bits are left to the format: JavaScript cannot hold them."""


def definitions(surface: Surface, *, experimental: bool) -> dict[str, Schema]:
    """Every type by wire name; without `experimental`, the types and members that all clients may use."""
    values = {name: each.value for name, each in surface.types.items()}
    values |= {each.__name__: each for each in _all_models(Variant)}
    adapters = [(name, "validation", TypeAdapter(value)) for name, value in values.items()]
    raw = TypeAdapter.json_schemas(adapters, ref_template=PREFIX + "{model}")[1]["$defs"]  # type: ignore[arg-type]
    writer = _Writer(surface, raw, experimental)
    return {name: writer.definition(name) for name, each in surface.types.items() if experimental or each.is_stable}


def references(schema: Any) -> Iterator[str]:
    """The names of the definitions that a schema refers to."""
    if isinstance(schema, dict):
        target = schema.get("$ref")
        if isinstance(target, str):
            yield target.rsplit("/", 1)[-1]
        for value in schema.values():
            yield from references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from references(value)


def with_references(schema: Any, rename: Callable[[str], str]) -> Any:
    """A copy of a schema that finds each definition at the path that `rename` gives for its name."""
    if isinstance(schema, dict):
        return {
            key: PREFIX + rename(value.removeprefix(PREFIX)) if key == "$ref" else with_references(value, rename)
            for key, value in schema.items()
        }
    return [with_references(value, rename) for value in schema] if isinstance(schema, list) else schema


class _Writer:
    """Pydantic's definitions on one side, ours on the other."""

    def __init__(self, surface: Surface, raw: dict[str, Schema], experimental: bool) -> None:
        self._surface = surface
        self._raw = raw
        self._experimental = experimental
        self._models = {each.__name__: each for each in _all_models(Record)}

    def definition(self, name: str) -> Schema:
        """One wire type."""
        doc = self._surface.types[name].doc
        model = self._models.get(name)
        only = getattr(self._surface.types[name].value, "__value__", None)
        if model:
            schema = self._model(model)
        elif isinstance(only, type) and issubclass(only, Variant):  # a union of one, so far
            schema = {"oneOf": [self._variant(only, name)]}
        else:
            schema = self._plain(self._raw[name], union=name)
        return {"description": doc, **schema} if doc else schema

    def _model(self, model: type[Record], *, hoist: bool = False) -> Schema:
        """An object. The members that a union lists beside its alternatives are left out here, or are all there is."""
        raw = self._raw[model.__name__]
        required = set(raw.get("required", ()))
        members: dict[str, Schema] = {}
        for name, field in model.model_fields.items():
            alias = field.alias or _alias(model, name)
            if EXPERIMENTAL in field.metadata and not self._experimental:
                continue
            if (HOISTED in field.metadata) is not hoist:
                continue
            schema = self._plain(raw["properties"][alias])
            shown = name if SNAKE_IN_SCHEMA in field.metadata else alias
            if alias in required or (len(schema.get("enum", ())) == 1 and schema.pop("default", None) is not None):
                required.add(shown)
            members[shown] = _described(schema, self._surface.member_doc(model, name))
        result: Schema = {"type": "object"}
        if issubclass(model, OneMember):
            choices = {name: members.pop(model.model_fields[name].alias or _alias(model, name)) for name in model.one_of}
            result["anyOf"] = [_only_member(_alias(model, name), schema) for name, schema in choices.items()]
        if members:
            result["properties"] = members
        if names := sorted(required & members.keys()):
            result["required"] = names
        if "additionalProperties" in raw:
            result["additionalProperties"] = raw["additionalProperties"]
        return result

    def _plain(self, raw: Any, union: str | None = None) -> Schema:
        """Any schema that is not a model; `union` names the wire type whose alternatives get titles."""
        if "const" in raw:
            raw = {**raw, "enum": [raw["const"]]}
        schema = {key: value for key, value in raw.items() if key not in ("const", "discriminator", "title", "description")}
        if schema.get("default", ...) is None:
            del schema["default"]
        if "$ref" in schema:
            return self._reference(schema)
        if schema.get("type") == "integer":
            bounds = schema.pop("minimum", None), schema.pop("maximum", None)
            schema.update(INTEGERS.get(bounds, {}))
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self._alternatives(schema, key, union)
        if isinstance(schema.get("items"), dict):
            schema["items"] = self._plain(schema["items"])
        if isinstance(schema.get("additionalProperties"), dict):
            schema["additionalProperties"] = self._plain(schema["additionalProperties"])
        return schema

    def _reference(self, schema: Schema) -> Schema:
        name = schema["$ref"].removeprefix(PREFIX)
        if name in self._surface.types:
            return schema if len(schema) == 1 else {"allOf": [{"$ref": schema.pop("$ref")}], **schema}
        return self._variant(self._models[name], None)

    def _variant(self, model: type[Record], union: str | None) -> Schema:
        """An object in place; as an alternative of a named union it has a title, by which other languages name it."""
        schema = self._model(model)
        doc = self._surface.type_doc(model)
        if union:
            title, tag = _title(schema, union, model)
            schema["title"] = title
            if tag:
                schema["properties"][tag]["title"] = title + _words(tag)
            for choice in schema.get("anyOf", ()):
                choice["title"] = _words(choice["required"][0]) + title
        return {"description": doc, **schema} if doc else schema

    def _alternatives(self, schema: Schema, key: str, union: str | None) -> Schema:
        shared: Schema = {}
        parts = []
        for raw in schema.pop(key):
            model = self._models.get(raw.get("$ref", "").removeprefix(PREFIX))
            if model is not None and issubclass(model, Variant):
                if model.experimental and not self._experimental:
                    continue
                shared = shared or self._model(model, hoist=True)
                parts.append(self._variant(model, union))
            else:
                parts.append(self._plain(raw))
        if len(parts) == 2 and parts[1] == {"type": "null"} and isinstance(parts[0].get("type"), str):
            return {**parts[0], "type": [parts[0]["type"], "null"], **schema}
        outside = {name: value for name, value in shared.items() if name == "type" or value} if shared.get("properties") else {}
        return {**outside, key: parts, **schema}


def _described(schema: Schema, doc: str) -> Schema:
    if not doc:
        return schema
    if "$ref" in schema:
        return {"description": doc, "allOf": [schema]}
    return {**schema, "description": doc}


def _only_member(alias: str, schema: Schema) -> Schema:
    kinds = [kind for kind in schema["type"] if kind != "null"]
    return {"type": "object", "properties": {alias: {**schema, "type": kinds[0]}}, "required": [alias]}


def _title(schema: Schema, union: str, model: type[Record]) -> tuple[str, str | None]:
    """The title of an alternative, and the member that tags it."""
    members: Schema = schema.get("properties", {})
    for name, member in members.items():
        if len(member.get("enum", ())) == 1:
            return _words(member["enum"][0]) + union, name
    return (_words(next(iter(members))) + union if len(members) == 1 else model.__name__), None


def _words(text: str) -> str:
    """`on-request`, `dangerFullAccess` -> `OnRequest`, `DangerFullAccess`."""
    parts = "".join(letter if letter.isalnum() else " " for letter in text).split()
    return "".join(part[:1].upper() + part[1:] for part in parts)


def _alias(model: type[Record], name: str) -> str:
    generator = model.model_config.get("alias_generator")
    return model.model_fields[name].alias or (generator(name) if callable(generator) else name)


def _all_models(base: type[Record]) -> Iterator[type[Record]]:
    for each in base.__subclasses__():
        yield each
        yield from _all_models(each)
