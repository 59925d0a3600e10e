"""A server that is killed in the midst of its work, and what it must have kept: whatever it had acknowledged.

`crash` runs turns in a server of its own and kills it when it has said so many lines; `Kept` is what a client could rely on
by then, by all lines that came whole. Nothing that the server says afterwards can be taken back either: the pipe is read to
its end.
"""

import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import anyio

from tests.support.client import Client, Json, RpcError, ServerClosed, connected
from tests.support.events import expand
from tests.support.home import Home
from tests.support.process import ServerProcess, started
from tests.support.provider import Entry, Request, Script

FREE = {"approvalPolicy": "never", "sandbox": "danger-full-access"}
TURNS = 3
BEFORE, AFTER = "First I look around.", "All of it is done now. " * 5
END = "End of message."
"""Comes with the end of a message alone, so one that was cut short does not have it."""
PLACE = 7
numbers = count()
NAME = "A name to keep"
MORE = "and one thing more"


def answer(request: Request) -> Entry:
    """A model that thinks, runs a command, and sums up."""
    last = request.body["input"][-1]
    if last["type"] == "function_call_output":
        return ["created", {"reasoning": ["**Thinking** of the end"]}, *message(AFTER), "completed"]
    call = {"call": "exec_command", "arguments": {"cmd": "seq 1 300"}}
    return ["created", *message(BEFORE), call, "completed"]


def message(text: str) -> list[Json]:
    """The events of a message that is streamed word by word, and longer in the end."""
    *events, end = expand({"message": text}, f"streamed_{next(numbers)}", PLACE)
    return [*events, {**end, "item": {**end["item"], "content": [{"type": "output_text", "text": text + END}]}}]


SCRIPT: Script = [answer] * 40


@dataclass(slots=True)
class Kept:
    """What was acknowledged."""

    thread_id: str
    words: dict[str, list[str]] = field(default_factory=dict)
    """What the user had said in each turn."""
    items: dict[str, list[Json]] = field(default_factory=dict)
    """The items of each turn that were complete."""
    ended: dict[str, str] = field(default_factory=dict)
    """How each turn ended that had."""
    name: str | None = None

    def take(self, messages: Sequence[Json]) -> "Kept":
        """Add what the server has said by itself."""
        for message in messages:
            params = message.get("params", {})
            if message.get("method") == "item/completed" and is_whole(params["item"]):
                self.items.setdefault(params["turnId"], []).append(params["item"])
            elif message.get("method") == "turn/completed":
                self.ended[params["turn"]["id"]] = params["turn"]["status"]
        return self


class DoomedServer:
    """A `Pipe` to a server that is killed after so many lines; a line that it could not finish is dropped."""

    def __init__(self, server: ServerProcess, lines: int, delay_s: float) -> None:
        self._server = server
        self._lines = lines
        self._delay_s = delay_s
        self._rest = b""

    async def receive(self) -> bytes:
        while data := await self._server.receive():
            whole, newline, self._rest = (self._rest + data).rpartition(b"\n")
            count = (whole + newline).count(b"\n")
            if 0 < self._lines <= count:
                await anyio.sleep(self._delay_s)
                os.kill(self._server.pid, signal.SIGKILL)
            self._lines -= count
            if newline:
                return whole + newline
        return b""

    async def send(self, data: bytes) -> None:
        try:
            await self._server.send(data)
        except ConnectionError as error:
            raise ServerClosed("the server is dead") from error


async def crash(command: Sequence[str], home: Home, lines: int, delay_s: float = 0) -> Kept | None:
    """Run turns in a server that is killed when it has said so many lines, or else when it has nothing more to do.

    Gives None if not even a thread was there by then.
    """
    kept: Kept | None = None
    async with started(command, home) as server, connected(DoomedServer(server, lines, delay_s)) as client:
        try:
            await client.initialize()
            started_thread = await client.request("thread/start", {"cwd": str(home.work), **FREE})
            kept = Kept(started_thread["thread"]["id"])
            for number in range(TURNS):
                await work(client, kept, f"question {number}")
            os.kill(server.pid, signal.SIGKILL)
        except ServerClosed:
            pass  # that was it
        await client.wait_closed()
    return kept.take(client.messages) if kept is not None else None


async def work(client: Client, kept: Kept, question: str) -> None:
    """A turn, with words in its midst, and a name for the thread."""
    thread_id = kept.thread_id
    words = [{"type": "text", "text": question}]
    turn_id = (await client.request("turn/start", {"threadId": thread_id, "input": words}))["turn"]["id"]
    kept.words[turn_id] = [question]
    await client.request("thread/name/set", {"threadId": thread_id, "name": NAME})
    kept.name = NAME
    await client.wait_notification("item/started", item__type="commandExecution")
    more = {"threadId": thread_id, "expectedTurnId": turn_id, "input": [{"type": "text", "text": MORE}]}
    with suppress(RpcError):  # it may be over already
        await client.request("turn/steer", more)
        kept.words[turn_id].append(MORE)
    await client.wait_notification("turn/completed", turn__id=turn_id)


def check_read(kept: Kept, turns: Sequence[Json], *, knows_accepted: bool = True) -> None:
    """Hold a thread's turns, as a server has read them, against what was acknowledged.

    The reference does not know lines about words that a turn has accepted and not taken yet.
    """
    found = {turn["id"]: turn for turn in turns}
    for turn_id, words in kept.words.items():
        said = [part["text"] for item in found[turn_id]["items"] if item["type"] == "userMessage" for part in item["content"]]
        assert [text for text in said if text in words] in ([words] if knows_accepted else [words, words[:1]])
        assert found[turn_id]["status"] == kept.ended.get(turn_id, found[turn_id]["status"]) != "inProgress"
    for turn_id, items in kept.items.items():
        stored = {item["id"]: item for item in found[turn_id]["items"]}
        for item in items:
            assert item["id"] in stored, f"{item} is lost"
            assert stored[item["id"]] == item


def is_whole(item: Json) -> bool:
    """Whether an item is one to keep; an answer that new words have cut short is not."""
    return item["type"] != "agentMessage" or str(item["text"]).endswith(END)


def torn(path: Path) -> bytes:
    """What stands behind the last whole line of a file."""
    return path.read_bytes().rpartition(b"\n")[2]
