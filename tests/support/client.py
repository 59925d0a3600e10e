"""An asynchronous client of the server, over anything that sends and receives bytes.

It reads all the time and keeps everything in `messages`, in order. What the server says unasked is read like a tape:
`next_message`, `wait_notification` and `wait_request` each go on from where the last one stopped, so waiting for A and
then for B also says that B came after A. Every wait has a deadline and tells what came instead.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

import anyio

Json = dict[str, Any]
RequestId = str | int
SHOWN_ON_FAILURE = 12


class Pipe(Protocol):
    """The two ends of a connection; `receive` gives nothing when the server has closed it."""

    async def receive(self) -> bytes: ...

    async def send(self, data: bytes) -> None: ...


class RpcError(Exception):
    """The server answered a request with an error."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(code, message, data)
        self.code, self.message, self.data = code, message, data


class ServerClosed(Exception):
    """The connection has ended, and what was waited for had not come."""


class Client:
    """One connection. Made by `connected` or `process.spawned`, which also run its reader."""

    def __init__(self, pipe: Pipe, *, deadline_s: float = 5) -> None:
        self._pipe = pipe
        self._deadline_s = deadline_s
        self._news = anyio.Event()
        self._is_closed = False
        self._tape = 0
        self._asked: dict[RequestId, int] = {}
        self._next_id = 0
        self.messages: list[Json] = []

    async def initialize(self, *, name: str = "tests", **capabilities: Any) -> Json:
        """The handshake, with the experimental surface opened unless told otherwise."""
        capabilities = {"experimentalApi": True, **capabilities}
        info = {"name": name, "title": "Tests", "version": "1.0.0"}
        result: Json = await self.request("initialize", {"clientInfo": info, "capabilities": capabilities})
        await self.notify("initialized", None)
        return result

    async def request(self, method: str, params: Json | None = {}) -> Any:  # noqa: B006 - never changed; None leaves params out
        """Ask and wait for the result. Raises: RpcError, ServerClosed, TimeoutError."""
        return await self.response(await self.send(method, params))

    async def send(self, method: str, params: Json | None = {}, *, id: RequestId | None = None) -> RequestId:  # noqa: B006
        """Ask without waiting, and give the request's id for `response`."""
        if id is None:
            self._next_id += 1
            id = self._next_id
        self._asked[id] = len(self.messages)
        await self._write({"id": id, "method": method, **_params(params)})
        return id

    async def response(self, id: RequestId) -> Any:
        """The result of a request that was sent. Raises: RpcError, ServerClosed, TimeoutError."""

        def answers(message: Json) -> bool:
            return "method" not in message and message.get("id") == id and type(message["id"]) is type(id)

        _, message = await self._find(answers, self._asked.get(id, 0), f"the answer to request {id!r}")
        if "error" in message:
            raise RpcError(**message["error"])
        return message["result"]

    async def notify(self, method: str, params: Json | None = {}) -> None:  # noqa: B006
        """Tell the server something."""
        await self._write({"method": method, **_params(params)})

    async def send_line(self, line: str | bytes) -> None:
        """Send a line as it is, for what no well-behaved client would send."""
        await self._pipe.send((line.encode() if isinstance(line, str) else line) + b"\n")

    async def next_message(self) -> Json:
        """The next notification or server request. Raises: ServerClosed, TimeoutError."""
        return await self._advance(lambda message: "method" in message, "any message")

    async def wait_notification(self, method: str, **where: Any) -> Json:
        """Read on to a notification of that method and give its params. Raises: ServerClosed, TimeoutError.

        `where` narrows it by members of the params: `threadId="..."`, and `turn__status="completed"` for a deeper one.
        """
        message = await self._advance(
            lambda message: message.get("method") == method and "id" not in message and _matches(message, where),
            f"{method} {where or ''}",
        )
        params: Json = message["params"]
        return params

    async def wait_request(self, method: str, **where: Any) -> Json:
        """Read on to a request of the server and give the whole message, for `answer` or `refuse`."""
        return await self._advance(
            lambda message: message.get("method") == method and "id" in message and _matches(message, where),
            f"server request {method} {where or ''}",
        )

    async def answer(self, request: Json, result: Any) -> None:
        """Answer a request of the server."""
        await self._write({"id": request["id"], "result": result})

    async def refuse(self, request: Json, code: int, message: str) -> None:
        """Answer a request of the server with an error."""
        await self._write({"id": request["id"], "error": {"code": code, "message": message}})

    async def wait_closed(self) -> None:
        """Wait until the server has closed the connection. Raises: TimeoutError."""
        with suppress(ServerClosed):
            await self._find(lambda _: False, len(self.messages), "the end of the connection")

    def methods(self, **where: Any) -> list[str]:
        """The methods of all notifications and server requests so far, in order; `where` as in `wait_notification`."""
        return [message["method"] for message in self.messages if "method" in message and _matches(message, where)]

    async def _advance(self, is_wanted: Callable[[Json], bool], what: str) -> Json:
        self._tape, message = await self._find(is_wanted, self._tape, what)
        return message

    async def _find(self, is_wanted: Callable[[Json], bool], start: int, what: str) -> tuple[int, Json]:
        position = start
        with anyio.move_on_after(self._deadline_s):
            while True:
                while position < len(self.messages):
                    position += 1
                    if is_wanted(self.messages[position - 1]):
                        return position, self.messages[position - 1]
                if self._is_closed:
                    raise ServerClosed(f"the connection ended before {what} came; {self.report()}")
                await self._news.wait()
        raise TimeoutError(f"{what} did not come within {self._deadline_s} s; {self.report()}")

    def report(self) -> str:
        """What to show when a wait has failed."""
        last = [json.dumps(message)[:300] for message in self.messages[-SHOWN_ON_FAILURE:]]
        return "\n  ".join([f"{len(self.messages)} messages came, the last of them:", *last])

    async def _write(self, message: Json) -> None:
        await self.send_line(json.dumps(message, ensure_ascii=False))

    async def _read(self) -> None:
        rest = b""
        try:
            while data := await self._pipe.receive():
                *lines, rest = (rest + data).split(b"\n")
                self.messages += map(_parsed, lines)
                self._tell()
            assert not rest, f"the server's last line is torn: {rest!r}"
        finally:
            self._is_closed = True
            self._tell()

    def _tell(self) -> None:
        news, self._news = self._news, anyio.Event()
        news.set()


@asynccontextmanager
async def reading(client: Client) -> AsyncIterator[None]:
    """Run the client's reader meanwhile. Raises: AssertionError, at the end, if the server wrote what is not a message."""
    task = asyncio.create_task(client._read())  # no task group, which would wrap what the test itself raises
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()


@asynccontextmanager
async def connected(pipe: Pipe, *, deadline_s: float = 5) -> AsyncIterator[Client]:
    """A client over a connection that is open already; closing that is the caller's."""
    client = Client(pipe, deadline_s=deadline_s)
    async with reading(client):
        yield client


def _params(params: Json | None) -> Json:
    return {} if params is None else {"params": params}


def _parsed(line: bytes) -> Json:
    message = json.loads(line)
    assert isinstance(message, dict), f"the server wrote a line that is not an object: {line!r}"
    return message


def _matches(message: Json, where: Mapping[str, Any]) -> bool:
    return all(_member(message.get("params"), path.split("__")) == wanted for path, wanted in where.items())


def _member(value: Any, path: list[str]) -> Any:
    for name in path:
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return value
