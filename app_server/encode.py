"""Messages as lines of JSON. The only module that turns what we say into bytes.

No `jsonrpc` member is sent; notifications carry `emittedAtMs` beside their params (spec/server.md section 2).
"""

from typing import Any

from pydantic_core import to_json

from protocol.base import Notification, Record, to_wire

RequestId = str | int


def response(request_id: RequestId, result: Record | bytes | None) -> bytes:
    """The answer to a request. `bytes` is JSON that a handler keeps ready; None is an empty object."""
    body = result if isinstance(result, bytes) else to_json(to_wire(result) if result is not None else {})
    return b'{"id":%b,"result":%b}\n' % (to_json(request_id), body)


def failure(request_id: RequestId, code: int, message: str, data: dict[str, Any] | None) -> bytes:
    """The error answer to a request; `data` is left out when there is none."""
    error: dict[str, Any] = {"code": code, "message": message}
    if data:
        error["data"] = data
    return b'{"error":%b,"id":%b}\n' % (to_json(error), to_json(request_id))


def notification(message: Notification, emitted_at_ms: int) -> bytes:
    """An announcement."""
    return b'{"method":"%b","params":%b,"emittedAtMs":%d}\n' % (message.method.encode(), to_json(to_wire(message)), emitted_at_ms)


def request(request_id: int, method: str, params: dict[str, Any]) -> bytes:
    """A question to the client."""
    return b'{"method":"%b","id":%d,"params":%b}\n' % (method.encode(), request_id, to_json(params))
