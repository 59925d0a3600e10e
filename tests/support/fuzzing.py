"""What must hold whatever bytes a client sends: for hypothesis in the tests, and for coverage-guided fuzzers outside of them.

Nothing but the words for a connection that ends may be raised, and every request gets exactly one answer.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from app_server.connection import Connection, NotUtf8
from app_server.server import Server
from app_server.transport.base import LineSplitter
from app_server.transport.websocket import WebSocket
from tests.app_server.support import Started

UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def pieces(data: bytes, cuts: Sequence[int]) -> Iterator[bytes]:
    """The data cut into pieces of these lengths, over and over."""
    start, place = 0, 0
    while start < len(data):
        length = max(cuts[place % len(cuts)], 1) if cuts else len(data)
        yield data[start : start + length]
        start, place = start + length, place + 1


def check_lines(server: Server, tasks: Started, data: bytes, cuts: Sequence[int] = ()) -> None:
    """Send bytes as a client that has shaken hands; what wants to wait is started with `tasks` and never goes on.

    Raises: AssertionError, and whatever the server should not raise.
    """
    connection, splitter = Connection(), LineSplitter()
    server.open(connection)
    connection.initialize("fuzz", is_experimental=True, opted_out=[])
    before = len(tasks.waiting) + server.services.scopes.waiting
    lines: list[bytes] = []
    try:
        for piece in pieces(data, cuts):
            for line in splitter.feed(piece):
                lines.append(line)
                server.receive(connection, line)
        for line in splitter.finish():
            lines.append(line)
            server.receive(connection, line)
        assert b"\n".join(lines) == data.removesuffix(b"\n")
    except NotUtf8:
        assert not is_utf8(lines[-1])
    said = [json.loads(line) for line in connection.outbox.take().splitlines()]
    answers = [message for message in said if "method" not in message]
    assert all(("result" in message) != ("error" in message) for message in answers)
    unfinished = len(tasks.waiting) + server.services.scopes.waiting - before
    expected = sum(is_request(line) for line in lines)
    assert len(answers) <= expected <= len(answers) + unfinished, (expected, answers, unfinished)
    server.close(connection)


def is_utf8(line: bytes) -> bool:
    """Whether a line is text."""
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_request(line: bytes) -> bool:
    """Whether a line is one that has to be answered."""
    try:
        message: Any = json.loads(line, parse_constant=float)
    except (ValueError, RecursionError):
        return False
    if not isinstance(message, dict) or not isinstance(message.get("method"), str):
        return False
    request_id = message.get("id")
    return isinstance(request_id, str) or (type(request_id) is int and -(2**63) <= request_id < 2**63)


def check_frames(data: bytes, cuts: Sequence[int] = (), *, is_open: bool = True) -> list[bytes]:
    """Send bytes over a websocket, or instead of asking for one; gives the messages. Raises: whatever the server should not."""
    websocket = WebSocket(lambda _: None)
    if is_open:
        websocket.feed(UPGRADE)
        websocket.frame(b"")
        assert websocket.is_open
    messages: list[bytes] = []
    for piece in pieces(data, cuts):
        messages += websocket.feed(piece)
        websocket.frame(b"")
        if websocket.has_said_all:
            break
    return messages
