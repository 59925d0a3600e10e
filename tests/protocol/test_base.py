"""The rules of the base models: names, null, trust, and the plain data that goes on the wire."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, ValidationError

from protocol.account import ApiKeyLogin, LoginAccountParams
from protocol.base import (
    OMIT_EMPTY,
    OMIT_NONE,
    U32,
    OneMember,
    OpenRecord,
    Record,
    SnakeRecord,
    to_wire,
)
from protocol.export.surface import Surface, load_surface
from protocol.input import ImageInput
from protocol.sandbox import SandboxPolicy

RECORDED = json.loads((Path(__file__).parent / "recorded_messages.json").read_text())


@pytest.fixture(scope="module")
def surface() -> Surface:
    return load_surface()


def _model_of(surface: Surface, message: dict[str, Any]) -> Any:
    """The model of a recorded message."""
    if message["kind"] == "notification":
        (name,) = [each.params for each in surface.notifications if each.row.name == message["method"]]
        return surface.types[name].value
    requests = surface.server_requests if message["kind"] == "request" else surface.client_requests
    (method,) = [each.method for each in requests if each.row.name == message["method"]]
    return method.params if message["kind"] == "request" else method.result


def test_recorded_messages_come_through_the_models_unchanged(surface: Surface) -> None:
    assert len(RECORDED) > 100
    for message in RECORDED:
        model = _model_of(surface, message).model_validate(message["data"])
        assert to_wire(model) == message["data"], message["method"]


def _without_omitted(dumped: Any, wire: Any) -> Any:
    """Pydantic's dump without the empty members that the wire leaves out."""
    if isinstance(dumped, dict):
        return {
            key: _without_omitted(value, wire.get(key))
            for key, value in dumped.items()
            if key in wire or value not in (None, [], False)
        }
    if isinstance(dumped, list):
        return [_without_omitted(each, other) for each, other in zip(dumped, wire, strict=True)]
    return dumped


def test_wire_data_is_what_pydantic_dumps_but_for_members_left_out(surface: Surface) -> None:
    exact = 0
    for message in RECORDED:
        model = _model_of(surface, message).model_validate(message["data"])
        dumped = model.model_dump(mode="json", by_alias=True)
        exact += dumped == to_wire(model)
        assert _without_omitted(dumped, to_wire(model)) == to_wire(model), message["method"]
    assert exact > 60


def test_models_built_by_us_are_written_like_those_that_were_read(surface: Surface) -> None:
    for message in RECORDED:
        read = _model_of(surface, message).model_validate(message["data"])
        if isinstance(read, Record):
            built = type(read)(**{name: getattr(read, name) for name in type(read).model_fields})
            assert to_wire(built) == message["data"], message["method"]


class Sample(Record):
    thread_id: str
    count: U32 = 3
    note: str | None = None
    left_out: Annotated[str | None, OMIT_NONE] = None
    flags: Annotated[list[str], OMIT_EMPTY] = Field(default=[])


def test_members_are_camel_case_on_the_wire_and_null_is_written_unless_marked() -> None:
    assert to_wire(Sample(thread_id="t")) == {"threadId": "t", "count": 3, "note": None}
    assert to_wire(Sample(thread_id="t", left_out="x", flags=["a"]))["leftOut"] == "x"


def test_presence_can_be_told_from_null() -> None:
    assert "note" in Sample.model_validate({"threadId": "t", "note": None}).model_fields_set
    assert "note" not in Sample.model_validate({"threadId": "t"}).model_fields_set


@pytest.mark.parametrize("count", [-1, 2**32, 1.5, "1", True])
def test_numbers_outside_their_type_are_refused(count: Any) -> None:
    with pytest.raises(ValidationError):
        Sample.model_validate({"threadId": "t", "count": count})


def test_unknown_members_are_ignored() -> None:
    assert to_wire(Sample.model_validate({"threadId": "t", "surprise": 1})) == to_wire(Sample(thread_id="t"))


class Snake(SnakeRecord):
    turn_id: str


class Open(OpenRecord):
    known: int | None = None


def test_snake_records_keep_their_names() -> None:
    assert to_wire(Snake(turn_id="t")) == {"turn_id": "t"}


def test_open_records_keep_members_that_nobody_declared() -> None:
    assert to_wire(Open.model_validate({"known": 1, "other": {"a": [1]}})) == {"known": 1, "other": {"a": [1]}}
    assert to_wire(Open(other=2)) == {"known": None, "other": 2}


def test_a_union_is_told_apart_by_its_tag() -> None:
    class Holder(Record):
        policy: SandboxPolicy

    held = Holder.model_validate({"policy": {"type": "workspaceWrite", "networkAccess": True}})
    assert to_wire(held)["policy"]["networkAccess"] is True
    with pytest.raises(ValidationError) as caught:
        Holder.model_validate({"policy": {"type": "none"}})
    assert caught.value.errors()[0]["type"] == "union_tag_invalid"


def test_params_that_are_a_union_hold_their_alternative_in_root() -> None:
    params = LoginAccountParams.model_validate({"type": "apiKey", "apiKey": "k"})
    assert isinstance(params.root, ApiKeyLogin)
    assert to_wire(params) == {"type": "apiKey", "apiKey": "k"} == to_wire(ApiKeyLogin(api_key="k"))


def test_an_image_needs_an_address_or_a_file() -> None:
    assert issubclass(ImageInput, OneMember)
    assert to_wire(ImageInput(url="data:,")) == {"type": "image", "detail": None, "url": "data:,"}
    with pytest.raises(ValidationError):
        ImageInput.model_validate({"type": "image"})


def test_literals_have_one_spelling() -> None:
    class Tagged(Record):
        type: Literal["a"] = "a"

    with pytest.raises(ValidationError):
        Tagged.model_validate({"type": "A"})
