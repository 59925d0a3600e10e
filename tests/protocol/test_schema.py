"""The exported JSON Schema: current, valid, standing alone, and complete."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from protocol.base import Record
from protocol.export.__main__ import OUTPUTS, REPOSITORY, compare
from protocol.export.json_schema import BUNDLE, V2_BUNDLE, json_schema_files
from protocol.export.json_types import references
from protocol.export.surface import Surface, load_surface
from protocol.methods import CLIENT_REQUESTS

SCHEMA = REPOSITORY / "schema"
HINT = "run: python -m protocol.export write"


@pytest.fixture(scope="module")
def surface() -> Surface:
    return load_surface()


def _files(directory: Path) -> list[Path]:
    found = sorted(directory.rglob("*.json"))
    assert len(found) > 300
    return found


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: output.path)
def test_what_is_committed_is_what_the_models_say(output: Any, surface: Surface) -> None:
    assert compare(output, output.files(surface)) == [], HINT


def test_every_file_is_valid_draft_07_and_stands_alone() -> None:
    for path in _files(SCHEMA):
        schema = json.loads(path.read_text())
        jsonschema.Draft7Validator.check_schema(schema)
        if path.name != BUNDLE:
            names = schema.get("definitions", {}).keys()
            assert set(references(schema)) <= names, path


def test_references_of_the_bundle_lead_somewhere() -> None:
    for directory in (SCHEMA, SCHEMA / "experimental"):
        bundle = json.loads((directory / BUNDLE).read_text())
        names = {f"#/definitions/{name}" for name in bundle["definitions"]}
        names |= {f"#/definitions/v2/{name}" for name in bundle["definitions"]["v2"]}
        assert set(_targets(bundle)) <= names


def _targets(schema: Any) -> list[str]:
    if isinstance(schema, dict):
        own = [schema["$ref"]] if isinstance(schema.get("$ref"), str) else []
        return own + [target for value in schema.values() for target in _targets(value)]
    return [target for value in schema for target in _targets(value)] if isinstance(schema, list) else []


def test_the_stable_surface_knows_nothing_experimental() -> None:
    stable = json.loads((SCHEMA / BUNDLE).read_text())["definitions"]
    methods = {option["properties"]["method"]["enum"][0] for option in stable["ClientRequest"]["oneOf"]}
    assert methods == {row.name for row in CLIENT_REQUESTS if not row.is_experimental and row.family != "legacy"}
    assert "dynamicTools" not in stable["v2"]["ThreadStartParams"]["properties"]
    assert not stable["v2"].keys() & {"DynamicToolSpec", "ThreadRealtimeStartParams", "ProcessSpawnParams"}


def test_clients_find_experimental_members_in_the_experimental_output() -> None:
    for name, member in (("TurnStartParams", "environments"), ("ThreadResumeParams", "history"), ("ThreadForkParams", "path")):
        schema = json.loads((SCHEMA / "experimental" / "v2" / f"{name}.json").read_text())
        assert member in schema["properties"]
        assert schema["title"] == name


def test_every_model_is_reached_from_a_method_or_stands_for_itself(surface: Surface) -> None:
    files = json_schema_files(experimental=True, surface=surface)
    reached = {path.rsplit("/", 1)[-1].removesuffix(".json") for path in files}
    for path, text in files.items():
        if path not in (BUNDLE, V2_BUNDLE):
            reached |= json.loads(text).get("definitions", {}).keys()
    # The reference names these for values that stand under free keys, where a schema cannot refer to them.
    free = {"AppConfig", "AppLinkConfig", "AppLinksConfig", "AppToolConfig", "AppToolsConfig", "ToolExposureSurface"}
    assert surface.types.keys() - reached == free


def test_a_thread_start_of_a_client_is_valid_by_its_schema() -> None:
    schema = json.loads((SCHEMA / "v2" / "ThreadStartParams.json").read_text())
    validator = jsonschema.Draft7Validator(schema)
    assert validator.is_valid({"cwd": "/w", "approvalPolicy": "on-request", "sandbox": None})
    assert not validator.is_valid({"approvalPolicy": "on-failure"})
    assert not validator.is_valid({"cwd": 5})


def test_every_type_and_every_member_says_what_it_means(surface: Surface) -> None:
    silent = [name for name, each in surface.types.items() if not each.doc]
    models = [each for each in _models(Record) if each.__module__.removeprefix("protocol.") in surface.docs]
    assert len(models) > 900
    for model in models:
        silent += [] if surface.type_doc(model) else [model.__name__]
        silent += [f"{model.__name__}.{name}" for name in model.model_fields if not surface.member_doc(model, name)]
    assert silent == []


def _models(base: type[Record]) -> list[type[Record]]:
    return [found for each in base.__subclasses__() for found in (each, *_models(each))]
