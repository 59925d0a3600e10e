"""JSON Schema of what each side may send: the unions over all requests and over all notifications."""

from typing import Any

from protocol.export.surface import Announcement, Request, Surface
from protocol.methods import CLIENT_NOTIFICATIONS

__all__ = ["SIDES", "side_definitions"]

SIDES = ("ClientNotification", "ClientRequest", "ServerNotification", "ServerRequest")
"""The names of the unions on the wire."""
DESCRIPTIONS = {
    "ClientNotification": "What a client announces.",
    "ClientRequest": "What a client may ask the server.",
    "ServerNotification": "What the server announces.",
    "ServerRequest": "What the server may ask a client.",
}
EMITTED_AT: dict[str, Any] = {
    "type": "integer",
    "format": "int64",
    "description": "When the server sent the notification, in milliseconds since the Unix epoch.",
}


def side_definitions(surface: Surface, *, experimental: bool) -> dict[str, dict[str, Any]]:
    """The four unions by name."""
    shown = set(surface.requests(experimental=experimental))
    sides: dict[str, dict[str, Any]] = {
        "ClientNotification": {"oneOf": [_envelope(row.name, "Notification", None) for row in CLIENT_NOTIFICATIONS]},
        "ClientRequest": {"oneOf": [_request(each) for each in surface.client_requests if each in shown]},
        "ServerNotification": {
            "type": "object",
            "properties": {"emittedAtMs": EMITTED_AT},
            "oneOf": [_announcement(each) for each in surface.notifications],
        },
        "ServerRequest": {"oneOf": [_request(each) for each in surface.server_requests if each in shown]},
    }
    return {name: {"description": DESCRIPTIONS[name], **schema} for name, schema in sides.items()}


def _request(request: Request) -> dict[str, Any]:
    reference: dict[str, Any] = {"$ref": f"#/definitions/{request.params}"} if request.params else {"type": "null"}
    is_optional = request.params is None or request.method.params_optional
    if request.method.params_optional:
        reference = {"anyOf": [reference, {"type": "null"}]}
    return _envelope(request.row.name, "Request", reference, has_id=True, is_optional=is_optional)


def _announcement(announcement: Announcement) -> dict[str, Any]:
    return _envelope(announcement.row.name, "Notification", {"$ref": f"#/definitions/{announcement.params}"})


def _envelope(
    method: str, kind: str, params: dict[str, Any] | None, *, has_id: bool = False, is_optional: bool = False
) -> dict[str, Any]:
    title = method[:1].upper() + method[1:] + kind
    properties: dict[str, Any] = {"id": {"$ref": "#/definitions/RequestId"}} if has_id else {}
    properties["method"] = {"type": "string", "enum": [method], "title": title + "Method"}
    required = [*properties]
    if params is not None:
        properties["params"] = params
        if not is_optional:
            required.append("params")
    return {"type": "object", "title": title, "properties": properties, "required": required}
