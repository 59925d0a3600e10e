"""The frames of a client's websocket, without a network: what becomes a message, and what ends the connection."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.frames import Close, Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri

from app_server.transport.websocket import HEALTH, NOT_UTF8, WebSocket

UPGRADE = (
    b"Host: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


def open_pair() -> tuple[WebSocket, ClientProtocol]:
    """Both sides after a good handshake."""
    server, client = WebSocket(lambda _: None), ClientProtocol(parse_uri("ws://h/"), max_size=None)
    client.send_request(client.connect())
    assert server.feed(b"".join(client.data_to_send())) == []
    client.receive_data(server.frame(b""))
    (response,) = client.events_received()
    assert isinstance(response, Response)
    assert response.status_code == 101
    assert server.is_open
    return server, client


def fragments(client: ClientProtocol, opcode: Opcode, *parts: bytes) -> bytes:
    """The bytes of one message in several frames."""
    for place, part in enumerate(parts):
        is_last = place == len(parts) - 1
        client.send_frame(Frame(opcode if place == 0 else Opcode.CONT, part, fin=is_last))
    return b"".join(client.data_to_send())


def asked(head: bytes, admit: str | None = None) -> tuple[bytes, WebSocket]:
    """What a request gets."""
    websocket = WebSocket(lambda _: admit)
    websocket.feed(head + b"\r\n")
    return websocket.frame(b""), websocket


@given(st.lists(st.lists(st.binary(max_size=6), min_size=1, max_size=3), max_size=5), st.integers(1, 9))
def test_text_messages_come_whole_however_they_are_cut(messages: list[list[bytes]], size: int) -> None:
    server, client = open_pair()
    data = b"".join(fragments(client, Opcode.TEXT, *parts) for parts in messages)
    got: list[bytes] = []
    for start in range(0, len(data), size):
        got += server.feed(data[start : start + size])
    assert got == [b"".join(parts) for parts in messages]


@pytest.mark.parametrize("request_line", [b"GET / HTTP/1.1\r\nHost: h", b"GET / HTTP/1.1\r\nOrigin: x", b"GET /healthz HTTP/1.1"])
def test_a_request_with_junk_behind_it_ends_that_connection_alone(request_line: bytes) -> None:
    websocket = WebSocket(lambda _: None)
    assert websocket.feed(request_line + b"\r\n\r\n\xff\xff\xff\xff") == []
    websocket.frame(b"")
    assert websocket.has_said_all


def test_binary_messages_are_ignored_and_pings_answered_in_between() -> None:
    server, client = open_pair()
    assert server.feed(fragments(client, Opcode.BINARY, b"1", b"2")) == []
    client.send_frame(Frame(Opcode.TEXT, b"one", fin=False))
    client.send_ping(b"p")
    client.send_frame(Frame(Opcode.CONT, b"two"))
    assert server.feed(b"".join(client.data_to_send())) == [b"onetwo"]
    client.receive_data(server.frame(b""))
    assert [(frame.opcode, bytes(frame.data)) for frame in client.events_received()] == [(Opcode.PONG, b"p")]


def test_each_line_goes_out_as_one_message() -> None:
    server, client = open_pair()
    client.receive_data(server.frame(b'{"a":1}\n{"b":2}\n'))
    assert [bytes(frame.data) for frame in client.events_received()] == [b'{"a":1}', b'{"b":2}']


def test_after_the_close_nothing_is_said() -> None:
    server, client = open_pair()
    server.close(NOT_UTF8, "why")
    client.receive_data(server.frame(b"late\n"))
    assert client.close_rcvd == Close(NOT_UTF8, "why")
    assert [frame.opcode for frame in client.events_received()] == [Opcode.CLOSE]
    server.feed(b"".join(client.data_to_send()))
    assert server.has_said_all


@given(st.binary(max_size=300))
def test_any_bytes_end_at_worst_the_connection(noise: bytes) -> None:
    server, _ = open_pair()
    for message in server.feed(noise):
        assert isinstance(message, bytes)
    server.frame(b"x\n")
    fresh = WebSocket(lambda _: None)
    fresh.feed(noise)
    fresh.frame(b"")
    assert not fresh.is_open


def test_a_broken_frame_ends_the_connection_with_a_code() -> None:
    server, client = open_pair()
    server.feed(b"\xff" * 8)
    client.receive_data(server.frame(b""))
    assert client.close_rcvd is not None
    assert client.close_rcvd.code == 1002
    assert server.has_said_all


@pytest.mark.parametrize("length", [126, 1 << 16, 1 << 20])
def test_long_messages(length: int) -> None:
    server, client = open_pair()
    message = os.urandom(length).hex().encode()
    assert server.feed(fragments(client, Opcode.TEXT, message)) == [message]
    client.receive_data(server.frame(message + b"\n"))
    (frame,) = client.events_received()
    assert frame.data == message


@pytest.mark.parametrize("path", HEALTH)
def test_health_is_told_to_everybody_but_web_pages(path: str) -> None:
    for head in (b"GET %b HTTP/1.1\r\n" % path.encode(), b"HEAD %b?x HTTP/1.1\r\n" % path.encode()):
        answer, websocket = asked(head, admit="no")
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"content-length: 0\r\n" in answer.lower()
        assert websocket.has_said_all
    answer, _ = asked(b"POST %b HTTP/1.1\r\n" % path.encode())
    assert answer.startswith(b"HTTP/1.1 405 ")
    assert b"\r\nAllow: GET,HEAD\r\n" in answer
    answer, _ = asked(b"GET %b HTTP/1.1\r\nOrigin: null\r\n" % path.encode())
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("head", "status", "text"),
    [
        (b"GET /x HTTP/1.1\r\n", b"400", b"Connection header did not include 'upgrade'"),
        (b"GET /x HTTP/1.1\r\nConnection: upgrade\r\n", b"400", b"`Upgrade` header did not include 'websocket'"),
        (b"GET / HTTP/1.1\r\n" + UPGRADE.replace(b"13", b"12"), b"400", b"`Sec-WebSocket-Version` header did not include '13'"),
        (b"GET / HTTP/1.1\r\n" + UPGRADE[: UPGRADE.index(b"Sec-WebSocket-Key")], b"400", b"`Sec-WebSocket-Key` header missing"),
        (b"POST / HTTP/1.1\r\n" + UPGRADE, b"405", b"Request method must be `GET`"),
        (b"GET / HTTP/1.1\r\nOrigin: http://h\r\n" + UPGRADE, b"403", b""),
    ],
)
def test_what_can_not_become_a_websocket_is_told_why(head: bytes, status: bytes, text: bytes) -> None:
    answer, websocket = asked(head)
    assert answer.split(b" ", 2)[1] == status
    assert answer.endswith(b"\r\n\r\n" + text)
    assert not websocket.is_open
    assert websocket.has_said_all


def test_any_path_upgrades_and_a_client_that_is_not_admitted_is_told_why() -> None:
    answer, websocket = asked(b"GET /anything HTTP/1.1\r\n" + UPGRADE)
    assert answer.startswith(b"HTTP/1.1 101 ")
    assert websocket.is_open
    answer, websocket = asked(b"GET / HTTP/1.1\r\n" + UPGRADE, admit="go away")
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"text/plain" in answer
    assert answer.endswith(b"\r\n\r\ngo away")
    assert not websocket.is_open
