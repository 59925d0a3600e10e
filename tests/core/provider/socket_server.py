"""A websocket server on loopback that plays a script: one entry per request, in order, over however many connections.

An entry is a list of events to send; `CLOSE` ends the connection in order, `ABORT` without a word, `HANG` sends no more,
bytes are sent as a binary frame and a string as it is. A prewarm is answered by itself.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import Request, Response, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed

CLOSE, ABORT, HANG = object(), object(), object()
COMPLETED = {"type": "response.completed"}


@dataclass
class SocketServer:
    """The server. `frames` has the requests, `handshakes` the headers of the connections, `gone` is set when one has ended."""

    script: list[Sequence[Any]]
    refusals: list[tuple[int, str]] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)
    answers_prewarm: bool = True
    frames: list[dict[str, Any]] = field(default_factory=list)
    handshakes: list[Headers] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The requests that wanted an answer."""
        return [frame for frame in self.frames if frame.get("generate") is not False]

    def check(self, connection: ServerConnection, request: Request) -> Response | None:
        self.handshakes.append(request.headers)
        assert request.path == "/v1/responses"
        if not self.refusals:
            return None
        status, body = self.refusals.pop(0)
        return connection.respond(HTTPStatus(status), body)

    def greet(self, connection: ServerConnection, request: Request, response: Response) -> None:
        for name, value in self.headers.items():
            response.headers[name] = value

    async def talk(self, connection: ServerConnection) -> None:
        try:
            async for message in connection:
                frame = json.loads(message)
                self.frames.append(frame)
                if frame.get("generate") is False:
                    if self.answers_prewarm:
                        await connection.send(json.dumps({**COMPLETED, "response": {"id": "warm"}}))
                    continue
                number = len(self.requests)
                for step in self.script[number - 1] if number <= len(self.script) else [CLOSE]:
                    if step is CLOSE:
                        await connection.close()
                    elif step is ABORT:
                        connection.transport.abort()
                    elif step is HANG:
                        break
                    elif step == COMPLETED:
                        await connection.send(json.dumps({**COMPLETED, "response": {"id": f"r{number}"}}))
                    else:
                        await connection.send(step if isinstance(step, str | bytes) else json.dumps(step))
        except ConnectionClosed:
            pass  # the server under test has hung up
        finally:
            self.gone.set()


@asynccontextmanager
async def socket_server(*script: Sequence[Any], **options: Any) -> AsyncIterator[SocketServer]:
    server = SocketServer(list(script), **options)
    async with serve(
        server.talk, "127.0.0.1", 0, process_request=server.check, process_response=server.greet, ping_interval=None
    ) as running:
        server.port = next(iter(running.sockets)).getsockname()[1]
        yield server
