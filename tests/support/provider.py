"""A model provider on loopback that plays a script: real HTTP, real server-sent events, no network beyond.

Each POST to `.../responses` takes the next entry of the script, in order of arrival. An entry is a list of steps, a
`Reply` with another status or further headers, or a function that makes one of both from the request. A step is a short
form of `events`, or

    "hang"            send no more until the server hangs up
    "drop"            break the connection off
    {"raw": "..."}    these characters instead of an event
    anyio.Event()     go on when the test sets it

A script that has run out is answered with 500. Nothing is waited for by time.
"""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

import anyio
import h11
import zstandard

from tests.support.events import expand, is_item

Step: TypeAlias = str | Mapping[str, Any] | anyio.Event
READ_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Request:
    """What the server has asked. Header names are lower case; the body is JSON, or text when it is none, decompressed.

    `ended` is set when the exchange is over, in whatever way; `abandoned` before that, if the server hung up in the midst.
    """

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    ended: anyio.Event = field(default_factory=anyio.Event)
    abandoned: anyio.Event = field(default_factory=anyio.Event)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is not just a stream: with a body it is JSON (or text), without one the steps are streamed."""

    steps: Sequence[Step] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


Entry: TypeAlias = Sequence[Step] | Reply
Script: TypeAlias = Sequence[Entry | Callable[[Request], Entry]]


class ScriptedProvider:
    """`async with ScriptedProvider(script) as provider:` then `provider.url` is the base URL for a config.

    `requests` has the model requests in order of arrival, `other_requests` everything else (such as GET `.../models`).
    Leaving the context raises what went wrong inside the provider, such as a step that does not exist.
    """

    def __init__(
        self, script: Script = (), *, models: Reply | Any = None, compact: Reply | Any = None, deadline_s: float = 5
    ) -> None:
        self._script = list(script)
        self._fixed = {"/models": models, "/responses/compact": compact}
        self._deadline_s = deadline_s
        self._connections: list[asyncio.Task[None]] = []
        self._news = anyio.Event()
        self._answered = 0
        self.requests: list[Request] = []
        self.other_requests: list[Request] = []
        self.url = ""

    @property
    def unplayed(self) -> int:
        """How many entries of the script were not asked for."""
        return max(len(self._script) - self._answered, 0)

    async def wait_requests(self, count: int) -> list[Request]:
        """Wait until that many model requests have arrived and give all. Raises: TimeoutError."""
        with anyio.move_on_after(self._deadline_s):
            while len(self.requests) < count:
                await self._news.wait()
        if len(self.requests) < count:
            raise TimeoutError(f"{len(self.requests)} model requests within {self._deadline_s} s, not {count}")
        return self.requests

    async def __aenter__(self) -> "ScriptedProvider":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        ends = await asyncio.gather(*self._connections, return_exceptions=True)
        failures = [end for end in ends if isinstance(end, Exception)]
        if failures and error is None:
            raise failures[0]
        if failures and error is not None:
            error.add_note(f"The scripted provider had failed before: {failures[0]!r}")

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.append(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        exchange = _Exchange(reader, writer)
        try:
            while (request := await exchange.receive()) is not None:
                await exchange.answer(request, self._take(request))
                if not exchange.start_next():
                    break
        except (ConnectionError, h11.RemoteProtocolError):
            pass  # the server under test has hung up, which is its right
        finally:
            writer.close()

    def _take(self, request: Request) -> Reply:
        is_model_request = request.method == "POST" and request.path.endswith("/responses")
        (self.requests if is_model_request else self.other_requests).append(request)
        news, self._news = self._news, anyio.Event()
        news.set()
        if not is_model_request:
            body = next((body for place, body in self._fixed.items() if request.path.endswith(place)), None)
            if isinstance(body, Reply):
                return body
            return Reply(body=body) if body is not None else _failure(404, "not found")
        self._answered += 1
        if self._answered > len(self._script):
            return _failure(500, "the script has no more answers")
        entry = self._script[self._answered - 1]
        if callable(entry):
            entry = entry(request)
        reply = entry if isinstance(entry, Reply) else Reply(entry)
        return Reply(list(_expanded(reply.steps, f"resp_{self._answered}")), reply.status, reply.headers, reply.body)


def _expanded(steps: Sequence[Step], response_id: str) -> Iterator[Step]:
    """The steps with every short form replaced by its events."""
    index = -1
    for step in steps:
        if isinstance(step, anyio.Event) or step in ("hang", "drop") or (isinstance(step, Mapping) and "raw" in step):
            yield step
            continue
        index += is_item(step)
        yield from expand(step, response_id, max(index, 0))


def _failure(status: int, message: str) -> Reply:
    return Reply(status=status, body={"error": {"message": message}})


class _Exchange:
    """One connection: HTTP by h11 over asyncio's streams."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._http = h11.Connection(h11.SERVER)

    async def receive(self) -> Request | None:
        """The next request, whole; None when the peer has closed."""
        head: h11.Request | None = None
        body = b""
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                self._http.receive_data(await self._reader.read(READ_BYTES))
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                assert head is not None
                return _request(head, body)
            else:
                return None

    async def answer(self, request: Request, reply: Reply) -> None:
        """Send the reply, and notice if the peer hangs up meanwhile. Raises: ConnectionError (it has)."""

        sending = asyncio.create_task(self._send(reply))
        watching = asyncio.create_task(self._reader.read(READ_BYTES))
        try:
            await asyncio.wait([sending, watching], return_when=asyncio.FIRST_COMPLETED)
            if watching.done() and not sending.done():
                if not (early := watching.result()):
                    request.abandoned.set()
                    raise ConnectionResetError
                self._http.receive_data(early)
            await sending
        finally:
            request.ended.set()
            sending.cancel()
            watching.cancel()
            await asyncio.wait([sending, watching])

    def start_next(self) -> bool:
        """Make ready for another request on this connection; False when there can be none."""
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        self._http.start_next_cycle()
        return True

    async def _send(self, reply: Reply) -> None:
        headers = {name.lower(): value for name, value in reply.headers.items()}
        if reply.body is not None or reply.status != 200:
            data = reply.body.encode() if isinstance(reply.body, str) else json.dumps(reply.body).encode()
            await self._head(reply.status, {"content-type": "application/json", "content-length": str(len(data)), **headers})
            await self._data(data)
        else:
            await self._head(reply.status, {"content-type": "text/event-stream", **headers})
            for step in reply.steps:
                await self._play(step)
        await self._write(self._http.send(h11.EndOfMessage()))

    async def _play(self, step: Step) -> None:
        if isinstance(step, anyio.Event):
            await step.wait()
        elif step == "hang":
            await anyio.sleep_forever()
        elif step == "drop":
            self._writer.transport.abort()
            raise ConnectionAbortedError
        elif isinstance(step, Mapping) and "raw" in step:
            await self._data(step["raw"].encode())
        elif isinstance(step, Mapping):
            await self._data(f"event: {step['type']}\ndata: {json.dumps(step)}\n\n".encode())

    async def _head(self, status: int, headers: Mapping[str, str]) -> None:
        await self._write(self._http.send(h11.Response(status_code=status, headers=list(headers.items()))))

    async def _data(self, data: bytes) -> None:
        await self._write(self._http.send(h11.Data(data=data)))

    async def _write(self, data: bytes | None) -> None:
        self._writer.write(data or b"")
        await self._writer.drain()


def _request(head: h11.Request, body: bytes) -> Request:
    url = urlsplit(head.target.decode())
    headers = {name.decode(): value.decode("latin-1") for name, value in head.headers}
    if headers.get("content-encoding") == "zstd":
        body = zstandard.ZstdDecompressor().decompressobj().decompress(body)
    return Request(head.method.decode(), url.path, dict(parse_qsl(url.query)), headers, _parsed(body))


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body.decode("utf-8", "replace")
