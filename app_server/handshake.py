"""The handshake, answered before anything heavy is imported.

A client's first line is nearly always a plain `initialize`. `read_plain` recognizes such a line with the standard
library alone; whatever is unusual about it (unknown types, a bad name) is left to the dispatcher and the pydantic
models, which say what is wrong. A test holds both ways equal.
"""

import json
import os
from typing import Any

from app_server.connection import Connection
from app_server.core.frozen import frozen
from app_server.identity import Identity

KNOWN_SWITCHES = ("experimentalApi", "requestAttestation")


@frozen
class Hello:
    """A client's plain `initialize`."""

    request_id: str | int
    name: str
    version: str
    is_experimental: bool
    opted_out: list[str]


def read_plain(line: bytes) -> Hello | None:
    """The handshake in this line, or None when it is anything but a plain one."""
    if b"\\u" in line:  # may stand for half a character, which no answer could carry
        return None
    try:
        message = json.loads(line.decode())
    except (ValueError, RecursionError):
        return None
    if (
        not isinstance(message, dict)
        or message.get("method") != "initialize"
        or not set(message) <= {"id", "method", "params", "jsonrpc"}
    ):
        return None
    request_id: Any = message.get("id")
    params = message.get("params")
    if not _is_id(request_id) or not isinstance(params, dict):
        return None
    client, capabilities = params.get("clientInfo"), params.get("capabilities")
    if capabilities is None:
        capabilities = {}
    if not isinstance(client, dict) or not isinstance(capabilities, dict) or not _is_text(client.get("title"), optional=True):
        return None
    name: Any = client.get("name")
    version: Any = client.get("version")
    if not _is_text(name) or not _is_text(version) or not is_header_value(name):
        return None
    opted_out = capabilities.get("optOutNotificationMethods")
    if not set(capabilities) <= {*KNOWN_SWITCHES, "optOutNotificationMethods"} or not _are_texts(opted_out):
        return None
    if any(not isinstance(capabilities.get(switch, False), bool) for switch in KNOWN_SWITCHES):
        return None
    return Hello(request_id, name, version, capabilities.get("experimentalApi", False), opted_out or [])


def is_header_value(name: str) -> bool:
    """Whether a client's name can be sent as an HTTP header: no control characters but the tab."""
    return all(letter == "\t" or (letter >= " " and letter != "\x7f") for letter in name)


def greet(connection: Connection, identity: Identity, home: str, hello: Hello) -> dict[str, Any]:
    """Open the connection and return the result of `initialize`."""
    connection.initialize(hello.name, hello.is_experimental, hello.opted_out)
    identity.greet(hello.name, hello.version)
    family = "windows" if os.name == "nt" else "unix"
    return {"userAgent": identity.user_agent, "codexHome": home, "platformFamily": family, "platformOs": platform_os()}


def platform_os() -> str:
    """`linux`, `macos` or `windows`, as the reference names them."""
    system = os.uname().sysname.lower()
    return "macos" if system == "darwin" else system


def answer_plain(connection: Connection, identity: Identity, home: str, hello: Hello) -> bytes:
    """The whole answer as a line."""
    result = greet(connection, identity, home, hello)
    return json.dumps({"id": hello.request_id, "result": result}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _is_id(value: Any) -> bool:
    return isinstance(value, str) or (type(value) is int and -(2**63) <= value < 2**63)


def _is_text(value: Any, optional: bool = False) -> bool:
    return isinstance(value, str) or (optional and value is None)


def _are_texts(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(each, str) for each in value))
