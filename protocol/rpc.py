"""The rpc family of the wire contract."""

from typing import Any

from protocol.base import I64, Record, TypeAliasType
from protocol.scalars import RequestId


class JSONRPCErrorError(Record):
    """JSONRPC error error."""

    code: I64
    data: Any = None
    message: str


class JSONRPCError(Record):
    """JSONRPC error."""

    error: JSONRPCErrorError
    id: RequestId


class W3cTraceContext(Record):
    """W3c trace context."""

    traceparent: str | None = None
    tracestate: str | None = None


class JSONRPCRequest(Record):
    """JSONRPC request."""

    id: RequestId
    method: str
    params: Any = None
    trace: W3cTraceContext | None = None


class JSONRPCNotification(Record):
    """JSONRPC notification."""

    method: str
    params: Any = None


class JSONRPCResponse(Record):
    """JSONRPC response."""

    id: RequestId
    result: Any


JSONRPCMessage = TypeAliasType("JSONRPCMessage", JSONRPCRequest | JSONRPCNotification | JSONRPCResponse | JSONRPCError)
"""JSONRPC message."""
