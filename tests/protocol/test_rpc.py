"""Envelopes and request ids."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from protocol.base import to_wire
from protocol.rpc import JSONRPCError, JSONRPCMessage, JSONRPCNotification, JSONRPCRequest, JSONRPCResponse
from protocol.scalars import AbsolutePathBuf, RequestId

REQUEST_ID: TypeAdapter[Any] = TypeAdapter(RequestId)
MESSAGE: TypeAdapter[Any] = TypeAdapter(JSONRPCMessage)
PATH: TypeAdapter[str] = TypeAdapter(AbsolutePathBuf)


@pytest.mark.parametrize("value", ["", "7", 7, -1, 2**63 - 1, -(2**63)])
def test_an_id_is_a_string_or_an_integer_of_64_bits_and_keeps_its_type(value: str | int) -> None:
    read = JSONRPCRequest.model_validate({"id": value, "method": "m"}).id
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("value", [True, False, None, 1.0, 2**63, [], {}])
def test_everything_else_is_no_id(value: Any) -> None:
    with pytest.raises(ValidationError):
        JSONRPCRequest.model_validate({"id": value, "method": "m"})


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({"id": 1, "method": "m", "params": {}}, JSONRPCRequest),
        ({"id": 1, "method": "m", "params": {}, "trace": {"traceparent": "00-1-2-01"}}, JSONRPCRequest),
        ({"method": "m", "params": {}}, JSONRPCNotification),
        ({"id": "1", "result": {}}, JSONRPCResponse),
        ({"id": 1, "error": {"code": -32600, "message": "no"}}, JSONRPCError),
    ],
)
def test_a_message_is_told_by_its_members(data: dict[str, Any], kind: type) -> None:
    message = MESSAGE.validate_python(data)
    assert type(message) is kind
    assert {key: value for key, value in to_wire(message).items() if value is not None}.keys() == data.keys()


def test_a_path_must_be_absolute_and_is_normalized() -> None:
    assert PATH.validate_python("/a/./b/../c/") == "/a/c"
    with pytest.raises(ValidationError, match="AbsolutePathBuf deserialized without a base path"):
        PATH.validate_python("a/b")
