"""Threads under test: a server in this process, on a home that outlives it, with as many clients as a test wants.

async with lab(tmp_path, script) as home:             a home, and a provider that plays the script
    async with home.server() as server:               a server on it; leave and enter again for a restart
        async with server.client() as client: ...     one more client
"""

import json
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel

from app_server.asks import Asks
from app_server.cli import parse
from app_server.compose import compose
from app_server.connection import Connection
from app_server.contained import starter
from app_server.core.clock import Clock
from app_server.core.errors import INVALID_REQUEST
from app_server.core.store.reader import Line, read_forward
from app_server.core.store.sessions import stored_files
from app_server.identity import Identity
from app_server.serve_loop import interrupt_everything
from app_server.server import Server
from app_server.tasks import Tasks
from tests.support.client import Client, Json, RpcError, connected
from tests.support.home import Home, make_home
from tests.support.provider import Script, ScriptedProvider

FREE = {"approvalPolicy": "never", "sandbox": "danger-full-access"}
NOBODY = "00000000-0000-7000-8000-000000000000"


def answers(*texts: str) -> list[list[Any]]:
    """One whole answer per text."""
    return [["created", {"message": text}, "completed"] for text in texts]


class Pipe:
    """A client's end of a connection without transport."""

    def __init__(self, server: Server, connection: Connection) -> None:
        self._server = server
        self._connection = connection
        self._filled = anyio.Event()
        connection.outbox.wait_with(anyio.Event)
        connection.outbox.on_filled = lambda: self._filled.set()

    async def receive(self) -> bytes:
        """What the server has said; nothing when the connection is closed."""
        while not (data := self._connection.outbox.take()):
            if self._connection.outbox.is_closed:
                return b""
            self._filled = anyio.Event()
            await self._filled.wait()
        return data

    async def send(self, data: bytes) -> None:
        """Whole lines for the server."""
        for line in data.splitlines():
            self._server.receive(self._connection, line)
        await anyio.lowlevel.checkpoint()


class Running:
    """A server that runs."""

    def __init__(self, server: Server, lab: "Lab") -> None:
        self.server = server
        self.lab = lab

    @asynccontextmanager
    async def client(self, **capabilities: Any) -> AsyncIterator[Client]:
        """One more client, initialized."""
        connection = Connection()
        self.server.open(connection)
        try:
            async with connected(Pipe(self.server, connection)) as client:
                await client.initialize(**capabilities)
                yield client
        finally:
            self.server.close(connection)


class Lab:
    """A home and its provider."""

    def __init__(self, home: Home, provider: ScriptedProvider) -> None:
        self.home = home
        self.provider = provider

    @asynccontextmanager
    async def server(self) -> AsyncIterator[Running]:
        """A server on the home. Leaving ends it in order, as the end of its input does."""
        tasks = Tasks()
        environment = self.home.environment
        server = compose(parse(["app-server"], environment), Identity(environment), Clock(), tasks)
        server.services.outside.asks = Asks(server.services.fanout, anyio.Event)
        async with anyio.create_task_group() as group:
            tasks.run_with(starter(group))
            try:
                yield Running(server, self)
            finally:
                await interrupt_everything(server)
        await server.services.threads.aclose()

    @asynccontextmanager
    async def talk(self) -> AsyncIterator[Client]:
        """A server with one client."""
        async with self.server() as server, server.client() as client:
            yield client

    async def start(self, client: Client, **params: Any) -> Json:
        """The thread of a `thread/start`."""
        result = await client.request("thread/start", {"cwd": str(self.home.work), **FREE, **params})
        thread: Json = result["thread"]
        return thread

    async def turn(self, client: Client, thread_id: str, text: str, **params: Any) -> str:
        """Run a turn to its end and give its id."""
        turn_id = await self.begin(client, thread_id, text, **params)
        await client.wait_notification("turn/completed", turn__id=turn_id)
        return turn_id

    async def begin(self, client: Client, thread_id: str, text: str, **params: Any) -> str:
        """Start a turn and give its id."""
        words = [{"type": "text", "text": text}]
        turn_id: str = (await client.request("turn/start", {"threadId": thread_id, "input": words, **params}))["turn"]["id"]
        return turn_id

    def files(self, *, is_archived: bool = False) -> list[Path]:
        """The rollouts, newest first."""
        return [file.path for file in stored_files(self.home.codex_home, is_archived=is_archived)]

    def told(self, request: int) -> list[str]:
        """What a model request carried, each item in short: the words of messages, and else its kind."""
        return [brief(item) for item in self.provider.requests[request].body["input"]]

    def said(self, request: int) -> list[str]:
        """The same without what the server itself told the model of its situation."""
        return [text for text in self.told(request) if not text.startswith(("developer:", "user: <environment"))]


def brief(item: Json) -> str:
    """An item of a model request in short."""
    if item["type"] != "message":
        return str(item["type"])
    return f"{item['role']}: {' + '.join(part['text'] for part in item['content'])}"


def rows(path: Path) -> list[Line]:
    """The lines of a rollout."""
    return list(read_forward(path))


def content(path: str) -> bytes:
    """What is in a file."""
    return Path(path).read_bytes()


def overwrite(path: str, data: bytes) -> None:
    """Put something else into a file."""
    Path(path).write_bytes(data)


def texts(turn: Json) -> list[str]:
    """What was said in a turn."""
    said = []
    for item in turn["items"]:
        if item["type"] == "userMessage":
            said += [part["text"] for part in item["content"]]
        elif item["type"] == "agentMessage":
            said.append(item["text"])
    return said


async def failure(request: Awaitable[Any]) -> RpcError:
    """The error that a request ends in."""
    try:
        result = await request
    except RpcError as error:
        return error
    raise AssertionError(f"no error but {json.dumps(result)[:300]}")


async def refusal(request: Awaitable[Any]) -> str:
    """The text of the error that a request ends in, with its code if it is not the usual one."""
    error = await failure(request)
    return error.message if error.code == INVALID_REQUEST else f"{error.code} {error.message}"


def ids(threads: Sequence[Json]) -> list[str]:
    """The ids of threads."""
    return [thread["id"] for thread in threads]


@asynccontextmanager
async def lab(folder: Path, script: Script = (), **options: Any) -> AsyncIterator[Lab]:
    """A home whose provider plays the script; options go to `make_home`."""
    async with ScriptedProvider(script) as provider:
        yield Lab(make_home(folder, provider.url, **options), provider)
