"""What does a listening server do with 200 websocket clients, 1,000 threads and one client that reads nothing?"""

import asyncio
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from benchmarks.client import Json, ServerFailed
from benchmarks.homes import Home, Subject
from benchmarks.provider import WORD, prompt
from benchmarks.report import Figures, Row

CLIENTS, THREADS_EACH, DELTAS, FLOOD = 200, 5, 3, 5000
NAME = f"{CLIENTS} websocket clients, {CLIENTS * THREADS_EACH:,} threads, one stalls"
SECONDS = Row(f"{NAME}: a turn each", "s")
LOST = Row("of these turns lost or incomplete", "turns", none_of=True)
REFUSED = Row("requests refused", "requests", none_of=True)
MEMORY = Row("memory at the end", "MiB", most=400)
ROWS = (SECONDS, LOST, REFUSED, MEMORY)
PATIENCE_S = 120.0
HELLO = {"clientInfo": {"name": "load", "title": None, "version": "1"}, "capabilities": None}


@contextmanager
def listening(home: Home) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A server that listens, and its URL. Raises: ServerFailed."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(home.folder), "CODEX_HOME": str(home.codex_home), "SHELL": "/bin/sh"}
    command = [*home.subject.command, "app-server", "--listen", "ws://127.0.0.1:0"]
    with subprocess.Popen(command, env=environment, cwd=home.work, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        try:
            for line in process.stderr:
                _, found, url = line.decode().partition("listening on: ")
                if found:
                    yield process, url.split("\x1b")[0].strip()
                    return
            raise ServerFailed("the server does not say where it listens")
        finally:
            process.kill()
            process.stderr.read()


@dataclass(slots=True)
class LoadClient:
    """One client. What it hears of its turns is counted as it comes."""

    websocket: ClientConnection
    refused: int = 0
    texts: dict[str, int] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    _answers: dict[int, asyncio.Future[Json]] = field(default_factory=dict)
    _ends: dict[str, asyncio.Future[None]] = field(default_factory=dict)

    async def read(self) -> None:
        """Take whatever comes, until the connection ends."""
        try:
            async for line in self.websocket:
                self._take(json.loads(line))
        except ConnectionClosed:
            pass

    def _take(self, message: Json) -> None:
        method, params = message.get("method"), message.get("params") or {}
        if method is None:
            self.refused += "error" in message
            self._answers.pop(message["id"]).set_result(message)
        elif method == "item/agentMessage/delta":
            self.texts[params["threadId"]] = self.texts.get(params["threadId"], 0) + len(params["delta"])
        elif method == "turn/completed":
            self.ended[params["threadId"]] = params["turn"]["status"]
            if (end := self._ends.pop(params["threadId"], None)) is not None:
                end.set_result(None)

    async def call(self, method: str, params: Json) -> Json:
        """A request and its answer."""
        number = len(self._answers) + int(time.monotonic_ns() % 10**9)
        self._answers[number] = answer = asyncio.get_running_loop().create_future()
        await self.websocket.send(json.dumps({"id": number, "method": method, "params": params}))
        result: Json = (await answer).get("result") or {}
        return result

    async def take_turn(self, thread: str, deltas: int) -> None:
        """A turn, until it has ended."""
        self._ends[thread] = end = asyncio.get_running_loop().create_future()
        words: list[Any] = [{"type": "text", "text": prompt(deltas), "text_elements": []}]
        await self.call("turn/start", {"threadId": thread, "input": words})
        await end


def measure(subject: Subject) -> Figures:
    """The clock runs while each client takes a turn; what is behind it is set up before."""
    with subject.home() as home, listening(home) as (process, url):
        figures = asyncio.run(run(url))
        return {**figures, MEMORY.label: resident_mib(process.pid)}


def resident_mib(pid: int) -> float:
    """The memory that a process has."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


async def run(url: str) -> Figures:
    """All clients at once. Raises: ServerFailed."""
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as readers:
        clients: list[LoadClient] = []
        for _ in range(CLIENTS):
            websocket = await stack.enter_async_context(connect(url, compression=None, max_size=None, max_queue=None, proxy=None))
            clients.append(LoadClient(websocket))
            readers.create_task(clients[-1].read())
            await clients[-1].call("initialize", HELLO)
        try:
            async with asyncio.timeout(PATIENCE_S):
                figures = await play(clients, url)
        except TimeoutError:
            raise ServerFailed(f"not all is there after {PATIENCE_S:.0f} s") from None
        finally:
            for client in clients:
                await client.websocket.close()
    return figures


async def play(clients: list[LoadClient], url: str) -> dict[str, float]:
    """Start the threads, let one client stall, and take the turns."""
    threads: dict[int, list[str]] = {}

    async def begin(number: int) -> None:
        answers = [await clients[number].call("thread/start", {"approvalPolicy": "never"}) for _ in range(THREADS_EACH)]
        threads[number] = [answer["thread"]["id"] for answer in answers if answer]

    await asyncio.gather(*map(begin, range(CLIENTS)))
    await clients[0].take_turn(threads[0][0], DELTAS)  # so that it can be resumed
    with await asyncio.to_thread(stalled, url, threads[0][0]):
        began = time.perf_counter()
        wanted = [(client, threads[number][0], FLOOD if number == 0 else DELTAS) for number, client in enumerate(clients)]
        await asyncio.gather(*(client.take_turn(thread, deltas) for client, thread, deltas in wanted))
        elapsed_s = time.perf_counter() - began
    clients[0].texts[threads[0][0]] -= DELTAS * len(WORD)
    lost = sum(
        client.ended.get(thread) != "completed" or client.texts.get(thread) != deltas * len(WORD)
        for client, thread, deltas in wanted
    )
    return {SECONDS.label: elapsed_s, LOST.label: lost, REFUSED.label: sum(client.refused for client in clients)}


def stalled(url: str, thread: str) -> socket.socket:
    """A client that joins a thread and then reads nothing, with a small buffer for what it does not read."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 12)
    client.connect(("127.0.0.1", int(url.rpartition(":")[2])))
    client.sendall(
        b"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    client.recv(1 << 12)
    for number, (method, params) in enumerate((("initialize", HELLO), ("thread/resume", {"threadId": thread}))):
        client.sendall(masked(json.dumps({"id": number, "method": method, "params": params}).encode()))
    client.recv(1 << 10)
    return client


def masked(text: bytes) -> bytes:
    """A text frame as clients send it; the mask is zero."""
    length = bytes([0x80 | len(text)]) if len(text) < 126 else bytes([0x80 | 126]) + len(text).to_bytes(2, "big")
    return b"\x81" + length + bytes(4) + text
