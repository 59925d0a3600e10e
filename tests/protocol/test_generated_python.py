"""The generated Python models: they import by themselves and recorded messages come through them unchanged."""

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from protocol.export.python_models import HEADER, MODULE, prepared
from protocol.export.surface import Surface, load_surface

GENERATED = Path(__file__).parents[2] / "generated" / "python" / MODULE
RECORDED = json.loads((Path(__file__).parent / "recorded_messages.json").read_text())


@pytest.fixture(scope="module")
def models() -> Iterator[ModuleType]:
    """The generated module, loaded from its file as a client would that has copied it."""
    spec = importlib.util.spec_from_file_location("generated_models", GENERATED)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["generated_models"] = module  # where pydantic looks up the names in annotations
    spec.loader.exec_module(module)
    yield module
    del sys.modules["generated_models"]


@pytest.fixture(scope="module")
def surface() -> Surface:
    return load_surface()


def _envelope(message: dict[str, Any], surface: Surface) -> tuple[str, Any]:
    """The name of the model that reads a recorded message, and the message as it was sent."""
    if message["kind"] == "notification":
        return "ServerNotification", {"method": message["method"], "params": message["data"]}
    if message["kind"] == "request":
        return "ServerRequest", {"method": message["method"], "id": 0, "params": message["data"]}
    (name,) = [each.result for each in surface.client_requests if each.row.name == message["method"]]
    return name, message["data"]


def test_recorded_messages_come_through_unchanged(models: ModuleType, surface: Surface) -> None:
    assert len(RECORDED) > 100
    for message in RECORDED:
        name, data = _envelope(message, surface)
        adapter = TypeAdapter(getattr(models, name))
        value = adapter.validate_python(data)
        assert adapter.dump_python(value, mode="json", by_alias=True, exclude_unset=True) == data, message["method"]


def test_a_request_is_built_by_python_names_and_sent_by_wire_names(models: ModuleType) -> None:
    params = models.ThreadReadParams(thread_id="t", include_turns=True)
    request = models.ThreadReadRequest(id=1, params=params)
    sent = request.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert sent == {"id": 1, "method": "thread/read", "params": {"threadId": "t", "includeTurns": True}}
    assert TypeAdapter(models.ClientRequest).validate_python(sent) == request


def test_a_wrong_message_is_refused_at_its_own_place(models: ModuleType) -> None:
    wrong = {"method": "thread/closed", "params": {"threadId": 5}}
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(models.ServerNotification).validate_python(wrong)
    (error,) = refused.value.errors()
    assert error["loc"] == ("thread/closed", "params", "threadId")


def test_every_wire_type_has_its_name_in_python(models: ModuleType, surface: Surface) -> None:
    assert len(surface.types) > 800
    assert [name for name in surface.types if not hasattr(models, name)] == []


def test_the_file_says_where_it_comes_from() -> None:
    text = GENERATED.read_text()
    assert text.startswith(HEADER)
    assert "python -m protocol.export write" in HEADER


def test_members_beside_a_choice_are_written_into_each_alternative() -> None:
    bundle = {
        "$schema": "draft",
        "definitions": {
            "v2": {
                "Shape": {
                    "description": "A shape.",
                    "properties": {"id": {"type": "string"}},
                    "required": ["id"],
                    "oneOf": [
                        {"title": "ASide", "properties": {"kind": {"type": "string", "enum": ["a"], "title": "K"}}},
                        {"title": "shape", "properties": {"kind": {"type": "string", "enum": ["b"]}}, "required": ["kind"]},
                    ],
                }
            }
        },
    }
    shape = prepared(bundle)["definitions"]["Shape"]
    assert shape["discriminator"] == {"propertyName": "kind"}
    assert [each["title"] for each in shape["oneOf"]] == ["ASide", "ShapeMessage"]
    assert [each["required"] for each in shape["oneOf"]] == [["id"], ["id", "kind"]]
    assert shape["oneOf"][0]["properties"] == {"id": {"type": "string"}, "kind": {"type": "string", "enum": ["a"]}}
