"""The JSON Schema files for clients, laid out as the reference's `generate-json-schema` lays out its own.

One bundle holds every type (those of the second protocol generation under `definitions.v2`), a second one holds the second
generation flat; besides, each type that a client needs by itself has a file that stands alone with its own definitions.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from protocol.export.json_sides import SIDES, side_definitions
from protocol.export.json_types import Schema, definitions, references, with_references
from protocol.export.surface import (
    STANDALONE,
    STANDALONE_EXPERIMENTAL,
    Surface,
    load_surface,
    nullable_params_name,
)

__all__ = ["BUNDLE", "V2_BUNDLE", "json_schema_files", "write_json_schema"]

DRAFT = "http://json-schema.org/draft-07/schema#"
BUNDLE = "codex_app_server_protocol.schemas.json"
V2_BUNDLE = "codex_app_server_protocol.v2.schemas.json"
FIRST_GENERATION = frozenset({"InitializeParams", "InitializeResponse"})
"""The types whose files stand under `v1`."""


def json_schema_files(*, experimental: bool, surface: Surface | None = None) -> dict[str, str]:
    """All files: relative path -> text. The stable surface, or all of it with `experimental`."""
    surface = surface or load_surface()
    types = definitions(surface, experimental=experimental)
    types |= side_definitions(surface, experimental=experimental)
    files = {BUNDLE: _text(_bundle(types, surface)), V2_BUNDLE: _text(_v2_bundle(types, surface))}
    for name in sorted(_standing_alone(surface, experimental=experimental)):
        files[_path(name, surface)] = _text(_alone(name, types))
    return files


def write_json_schema(out: Path, experimental: bool) -> None:
    """Write all files below a directory, which need not exist. Files that are there already are replaced."""
    for path, text in json_schema_files(experimental=experimental).items():
        target = out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def _standing_alone(surface: Surface, *, experimental: bool) -> Iterator[str]:
    """The types that have a file of their own: what requests and notifications carry, envelopes and errors."""
    yield from SIDES
    yield from STANDALONE
    if experimental:
        yield from STANDALONE_EXPERIMENTAL
    for request in surface.requests(experimental=experimental):
        if request.params:
            yield nullable_params_name(request) or request.params
        yield request.result
    for announcement in surface.notifications:
        yield announcement.params


def _path(name: str, surface: Surface) -> str:
    known = surface.types.get(name)
    if name in FIRST_GENERATION:
        return f"v1/{name}.json"
    return f"{name}.json" if known is None or known.is_root else f"v2/{name}.json"


def _alone(name: str, types: dict[str, Schema]) -> Schema:
    needed = _closure([name], types)
    schema: Schema = {"$schema": DRAFT, "title": name, **types[name]}
    if others := sorted(needed - {name}):
        schema["definitions"] = {each: types[each] for each in others}
    return schema


def _bundle(types: dict[str, Schema], surface: Surface) -> Schema:
    def place(name: str) -> str:
        return f"v2/{name}" if name in surface.types and surface.types[name].is_v2 else name

    def placed(names: Iterable[str]) -> dict[str, Schema]:
        return {name: with_references(types[name], place) for name in sorted(names)}

    root = [name for name in types if name not in surface.types or surface.types[name].is_root]
    second = [name for name in types if name in surface.types and surface.types[name].is_v2]
    return {
        "$schema": DRAFT,
        "title": "CodexAppServerProtocol",
        "type": "object",
        "definitions": {**placed(root), "v2": placed(second)},
    }


def _v2_bundle(types: dict[str, Schema], surface: Surface) -> Schema:
    second = [name for name in types if name in surface.types and surface.types[name].is_v2]
    names = _closure([*second, "ClientRequest", "ServerNotification"], types)
    return {
        "$schema": DRAFT,
        "title": "CodexAppServerProtocolV2",
        "type": "object",
        "definitions": {name: types[name] for name in sorted(names)},
    }


def _closure(names: Iterable[str], types: dict[str, Schema]) -> set[str]:
    """The names and all that their definitions refer to, directly or not."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += references(types[name])
    return found


def _text(schema: Schema) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
