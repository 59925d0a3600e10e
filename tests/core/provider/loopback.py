"""A scripted HTTP server on loopback that sends exactly the bytes it is told, and breaks off exactly where it is told.

One `Loopback` serves one test. An answer is a list of steps: bytes to send, `CLOSE`, `RESET`, `HANG`, or an event to
wait for. Answers are given in the order of the requests, each of which is kept.
"""

import json
import socket
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import anyio
from anyio.abc import SocketAttribute, SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

CLOSE: Literal["close"] = "close"
RESET: Literal["reset"] = "reset"
HANG: Literal["hang"] = "hang"

Step = bytes | Literal["close", "reset", "hang"] | anyio.Event


@dataclass(frozen=True)
class Received:
    """A request as it came; header names are as they were sent."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes
    connection: int

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Loopback:
    """The server. `answers` may grow while it runs; a request beyond them is answered with status 599."""

    answers: list[Sequence[Step]]
    requests: list[Received] = field(default_factory=list)
    connections: int = 0
    streams_open: int = 0
    port: int = 0
    _heard: anyio.Event = field(default_factory=anyio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def wait_requests(self, count: int) -> None:
        """Until so many requests have come."""
        with anyio.fail_after(5):
            while len(self.requests) < count:
                await self._heard.wait()

    async def serve(self, stream: SocketStream) -> None:
        self.connections += 1
        number = self.connections
        async with stream:
            reader = BufferedByteReceiveStream(stream)
            try:
                while True:
                    self.requests.append(await read_request(reader, number))
                    self._heard.set()
                    self._heard = anyio.Event()
                    await self.answer(stream, reader)
            except (anyio.IncompleteRead, anyio.BrokenResourceError, anyio.ClosedResourceError):
                pass  # Either side has hung up.

    async def answer(self, stream: SocketStream, reader: BufferedByteReceiveStream) -> None:
        index = len(self.requests) - 1
        steps = self.answers[index] if index < len(self.answers) else [http(599, b"the script has no more answers")]
        self.streams_open += 1
        try:
            for step in steps:
                if isinstance(step, bytes):
                    await stream.send(step)
                elif isinstance(step, anyio.Event):
                    await step.wait()
                elif step == HANG:
                    await reader.receive_exactly(1)  # Until the client hangs up.
                elif step == RESET:
                    raw = stream.extra(SocketAttribute.raw_socket)
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    await stream.aclose()
                else:
                    await stream.aclose()
        finally:
            self.streams_open -= 1


async def read_request(reader: BufferedByteReceiveStream, connection: int) -> Received:
    head = (await reader.receive_until(b"\r\n\r\n", 1 << 20)).decode()
    line, *rows = head.split("\r\n")
    headers = [(name, value) for name, _, value in (row.partition(": ") for row in rows)]
    size = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
    return Received(line, headers, await reader.receive_exactly(size), connection)


@asynccontextmanager
async def loopback(*answers: Sequence[Step]) -> AsyncIterator[Loopback]:
    server = Loopback(list(answers))
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    server.port = listener.extra(SocketAttribute.local_port)
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, server.serve)
        try:
            yield server
        finally:
            tasks.cancel_scope.cancel()


def http(status: int, body: bytes | dict[str, Any] | str, **headers: str) -> bytes:
    """A whole answer; underscores in header names stand for dashes."""
    if isinstance(body, dict):
        body = json.dumps(body).encode()
    elif isinstance(body, str):
        body = body.encode()
    head = {"content-length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
    return f"HTTP/1.1 {status} X\r\n".encode() + b"".join(f"{k}: {v}\r\n".encode() for k, v in head.items()) + b"\r\n" + body


def head(**headers: str) -> bytes:
    """The head of a streamed answer whose body comes in `chunk`s."""
    return http_head({"content-type": "text/event-stream", "transfer-encoding": "chunked"}, headers)


def head_until_close(**headers: str) -> bytes:
    """The head of a streamed answer that lasts until the connection is closed."""
    return http_head({"content-type": "text/event-stream", "connection": "close"}, headers)


def http_head(base: dict[str, str], headers: dict[str, str]) -> bytes:
    every = {**base, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return b"HTTP/1.1 200 OK\r\n" + b"".join(f"{k}: {v}\r\n".encode() for k, v in every.items()) + b"\r\n"


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


LAST_CHUNK = b"0\r\n\r\n"


def sse(*events: dict[str, Any]) -> bytes:
    return b"".join(
        f"event: {event['type']}\n".encode() + b"data: " + json.dumps(event, ensure_ascii=False).encode() + b"\n\n"
        for event in events
    )


CREATED = {"type": "response.created", "response": {"id": "r1"}}
COMPLETED = {"type": "response.completed", "response": {"id": "r1"}}


def delta(text: str) -> dict[str, Any]:
    return {"type": "response.output_text.delta", "delta": text}


def failed(**error: Any) -> dict[str, Any]:
    return {"type": "response.failed", "response": {"id": "r1", "error": error}}


def incomplete(reason: str | None) -> dict[str, Any]:
    return {"type": "response.incomplete", "response": {"id": "r1", "incomplete_details": {"reason": reason}}}


def streamed(*events: dict[str, Any], **headers: str) -> list[Step]:
    """A whole streamed answer, one chunk for each event."""
    return [head(**headers), *(chunk(sse(event)) for event in events), LAST_CHUNK]


DONE = streamed(CREATED, COMPLETED)
