"""Envelopes: how requests, answers and notifications are wrapped.

No member `jsonrpc` is sent, and one that comes is ignored. An id is a string or an integer; the two are kept apart, and true
and false are neither.
"""

from typing import Any

from protocol.base import I64, Record, TypeAliasType
from protocol.scalars import RequestId


class JSONRPCErrorError(Record):
    """What went wrong."""

    code: I64
    """What kind, as `protocol.errors` lists them."""
    data: Any = None
    """More, for programs; null: nothing."""
    message: str
    """A sentence."""


class JSONRPCError(Record):
    """An answer that tells of a failure."""

    error: JSONRPCErrorError
    """What went wrong."""
    id: RequestId
    """The id of the request."""


class W3cTraceContext(Record):
    """Where a request belongs in a distributed trace."""

    traceparent: str | None = None
    """The trace and the span; null: none."""
    tracestate: str | None = None
    """What vendors add; null: nothing."""


class JSONRPCRequest(Record):
    """A request."""

    id: RequestId
    """Its id, given back with the answer."""
    method: str
    """Its name."""
    params: Any = None
    """What it asks with; null: nothing."""
    trace: W3cTraceContext | None = None
    """Where it belongs in a trace; null: nowhere."""


class JSONRPCNotification(Record):
    """A notification."""

    method: str
    """Its name."""
    params: Any = None
    """What it tells; null: nothing."""


class JSONRPCResponse(Record):
    """An answer."""

    id: RequestId
    """The id of the request."""
    result: Any
    """The answer."""


JSONRPCMessage = TypeAliasType("JSONRPCMessage", JSONRPCRequest | JSONRPCNotification | JSONRPCResponse | JSONRPCError)
"""Anything that can stand on a line."""
