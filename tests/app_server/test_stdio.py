"""The server as a process on pipes: frames that nothing can tear, long lines, slow clients, and its ends."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.conftest import Conversation, Converse
from tests.support.home import Home
from tests.support.process import ServerProcess, started
from tests.support.provider import Script, ScriptedProvider

INITIALIZE = b'{"id":0,"method":"initialize","params":{"clientInfo":{"name":"raw","version":"1"}}}\n'
LIST = b'{"id":%d,"method":"thread/loaded/list","params":{}}\n'
LONGEST_END_S = 2.0
NOBODY = "http://127.0.0.1:9/v1"

NOISE = """\
import os, subprocess, sys
{path}
import app_server.encode, app_server.handshake
from app_server.__main__ import main

def noisy(function):
    def call(*arguments):
        print("a stray print", flush=True)
        os.write(1, b"a stray write\\n")
        subprocess.run(["sh", "-c", "echo a stray child; cat"], check=True)
        return function(*arguments)
    return call

app_server.handshake.read_plain = noisy(app_server.handshake.read_plain)
app_server.encode.response = noisy(app_server.encode.response)
app_server.encode.notification = noisy(app_server.encode.notification)
main()
"""


async def read_lines(server: ServerProcess) -> AsyncIterator[Any]:
    """The server's messages until it closes. Raises: AssertionError (the last line is torn), ValueError (one is no JSON)."""
    rest = b""
    while data := await server.receive():
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            yield json.loads(line)
    assert not rest, f"torn: {rest[:100]!r}"


async def everything(server: ServerProcess) -> list[Any]:
    """End the server's input, and give all that it says until it ends by itself and well."""
    server.close_input()
    with anyio.fail_after(10):
        messages = [message async for message in read_lines(server)]
    assert await server.wait_exit() == 0, server.log_text()
    return messages


def answered(messages: list[Any]) -> list[Any]:
    """The ids of the answers, in order."""
    return [message["id"] for message in messages if "method" not in message]


async def lines_until(lines: AsyncIterator[Any], id: int) -> AsyncIterator[Any]:
    """The messages up to the answer of an id."""
    async for message in lines:
        yield message
        if "method" not in message and message["id"] == id:
            return


@asynccontextmanager
async def in_its_loop(command: Sequence[str], home: Home) -> AsyncIterator[tuple[ServerProcess, AsyncIterator[Any]]]:
    """A server that has answered a request which only the event loop can answer."""
    async with started(command, home) as server:
        lines = read_lines(server)
        wait = {"id": 1, "method": "fs/getMetadata", "params": {"path": str(home.work)}}
        await server.send(INITIALIZE + json.dumps(wait).encode() + b"\n")
        with anyio.fail_after(10):
            assert "result" in [message async for message in lines_until(lines, 1)][-1]
        yield server, lines


async def test_neither_prints_nor_children_tear_a_frame_or_eat_a_request(home: Callable[..., Home]) -> None:
    place = home(NOBODY)
    program = NOISE.format(path=f"sys.path.insert(0, {str(Path(__file__).parents[2])!r})")
    async with started([sys.executable, "-c", program], place) as server:
        await server.send(INITIALIZE)
        with anyio.fail_after(5):
            hello = await server.receive()
        await server.send(b"".join(LIST % number for number in range(1, 6)))
        messages = await everything(server)
    assert hello.startswith(b'{"id":0,"result"')
    assert answered(messages)[-5:] == [1, 2, 3, 4, 5]
    log = place.log.read_text()
    assert log.count("a stray print") == log.count("a stray write") == log.count("a stray child") > 5


async def test_a_line_may_be_as_long_as_it_likes(home: Callable[..., Home], server_command: Sequence[str]) -> None:
    long = b'{"id":1,"method":"thread/loaded/list","params":{"filler":"' + b"x" * 30_000_000 + b'"}}\n'
    async with started(server_command, home(NOBODY)) as server:
        await server.send(INITIALIZE)
        await server.send(long + LIST % 2)
        assert answered(await everything(server)) == [0, 1, 2]


async def test_requests_in_one_write_are_all_answered_in_order(home: Callable[..., Home], server_command: Sequence[str]) -> None:
    async with started(server_command, home(NOBODY)) as server:
        await server.send(INITIALIZE + b"".join(LIST % number for number in range(1, 2001)))
        assert answered(await everything(server)) == list(range(2001))


async def test_what_was_answered_before_the_end_of_input_is_still_written(
    home: Callable[..., Home], server_command: Sequence[str]
) -> None:
    flood = range(2, 5001)
    async with in_its_loop(server_command, home(NOBODY)) as (server, lines):
        await server.send(b"".join(LIST % number for number in flood))
        server.close_input()
        with anyio.fail_after(10):
            assert answered([message async for message in lines]) == list(flood)
        assert await server.wait_exit() == 0


async def test_a_line_may_come_in_pieces(home: Callable[..., Home], server_command: Sequence[str]) -> None:
    async with started(server_command, home(NOBODY)) as server:
        lines = read_lines(server)
        for piece in (INITIALIZE[:10], INITIALIZE[10:] + b"\r\n\n" + (LIST % 1)[:5]):
            await server.send(piece)
        with anyio.fail_after(5):
            assert (await anext(lines))["id"] == 0
            await server.send((LIST % 1)[5:])
            assert [message async for message in lines_until(lines, 1)][-1] == {
                "id": 1,
                "result": {"data": [], "nextCursor": None},
            }


async def test_the_last_line_counts_without_its_newline(home: Callable[..., Home], server_command: Sequence[str]) -> None:
    async with started(server_command, home(NOBODY)) as server:
        await server.send(INITIALIZE + (LIST % 1).rstrip())
        assert answered(await everything(server)) == [0, 1]


@pytest.mark.parametrize("first", [b"", INITIALIZE], ids=["at-once", "after-the-handshake"])
async def test_a_line_that_is_not_utf8_is_the_end_of_input(
    first: bytes, home: Callable[..., Home], server_command: Sequence[str]
) -> None:
    async with started(server_command, home(NOBODY)) as server:
        await server.send(first + b'{"id":1,"method":"\xff"}\n' + LIST % 2)
        assert await server.wait_exit() == 0
        assert answered(await everything(server)) == ([0] if first else [])
    assert "not UTF-8" in server.log_text()


async def test_bytes_that_are_not_utf8_end_a_running_turn_too(converse: Converse) -> None:
    async with converse([["created", "hang"]]) as talk:
        await start_turn(talk)
        await talk.client.send_line(b"\xff\xfe")
        assert await talk.client.process.wait_exit() == 0
        assert recorded(talk)[-1] == "turn_aborted"


def test_input_from_a_file_is_served_to_its_end(home: Callable[..., Home], server_command: Sequence[str]) -> None:
    place = home(NOBODY)
    (place.work / "input").write_bytes(INITIALIZE + LIST % 1)
    with (place.work / "input").open("rb") as file:
        run = subprocess.run(
            server_command, stdin=file, env=dict(place.environment), cwd=place.work, capture_output=True, timeout=10
        )
    assert run.returncode == 0
    assert answered([json.loads(line) for line in run.stdout.splitlines()]) == [0, 1]


@pytest.mark.parametrize("sent", [b"", b"\n", b"{", INITIALIZE], ids=["nothing", "blank", "half", "handshake"])
async def test_an_idle_server_ends_with_its_input(sent: bytes, home: Callable[..., Home], server_command: Sequence[str]) -> None:
    async with started(server_command, home(NOBODY)) as server:
        await server.send(sent)
        messages = await everything(server)
    assert answered(messages) == ([0] if sent == INITIALIZE else [])


# The end during a turn.


async def start_turn(talk: Conversation, policy: str = "never") -> str:
    """A turn whose answer hangs; gives the thread's id."""
    options = {"cwd": str(talk.home.work), "approvalPolicy": policy, "sandbox": "danger-full-access"}
    thread: str = (await talk.client.request("thread/start", options))["thread"]["id"]
    await talk.client.request("turn/start", {"threadId": thread, "input": [{"type": "text", "text": "go"}]})
    await talk.provider.wait_requests(1)
    return thread


def recorded(talk: Conversation) -> list[str]:
    """What the thread's file says of turns."""
    (file,) = talk.home.codex_home.glob("sessions/*/*/*/rollout-*.jsonl")
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    events = [line["payload"]["type"] for line in lines if line["type"] == "event_msg"]
    return [event for event in events if event in ("task_started", "task_complete", "turn_aborted")]


ENDS: dict[str, Callable[[ServerProcess], None]] = {
    "end-of-input": lambda process: process.close_input(),
    "TERM": lambda process: process.send_signal(signal.SIGTERM),
    "INT": lambda process: process.send_signal(signal.SIGINT),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
async def test_an_end_during_a_turn_is_recorded_and_quick(end: Callable[[ServerProcess], None], converse: Converse) -> None:
    async with converse([["created", {"message": "so far"}, "hang"]]) as talk:
        await start_turn(talk)
        await talk.client.wait_notification("item/completed", item__type="agentMessage")
        began = time.monotonic()
        end(talk.client.process)
        assert await talk.client.process.wait_exit() == 0, talk.client.process.log_text()
        assert time.monotonic() - began < LONGEST_END_S
        assert recorded(talk) == ["task_started", "turn_aborted"]
        assert "Traceback" not in talk.client.process.log_text()


STUBBORN = "trap '' TERM INT HUP; echo $$; while :; do sleep 1; done"


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
async def test_an_end_takes_even_stubborn_commands_with_it(end: Callable[[ServerProcess], None], converse: Converse) -> None:
    async with converse([["created", {"call": "exec_command", "arguments": {"cmd": STUBBORN}}, "completed"]]) as talk:
        await start_turn(talk)
        pid = int((await talk.client.wait_notification("item/commandExecution/outputDelta"))["delta"])
        began = time.monotonic()
        end(talk.client.process)
        assert await talk.client.process.wait_exit() == 0, talk.client.process.log_text()
        assert time.monotonic() - began < LONGEST_END_S
        assert not is_alive(pid)
        assert recorded(talk) == ["task_started", "turn_aborted"]


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_right_after_the_handshake_ends_the_server_well(
    number: signal.Signals, home: Callable[..., Home], server_command: Sequence[str]
) -> None:
    async with started(server_command, home(NOBODY)) as server:
        await server.send(INITIALIZE)
        await server.receive()
        server.send_signal(number)
        assert await server.wait_exit() == 0, server.log_text()
    assert "Traceback" not in server.log_text()


# A client that does not read.

DELTAS = 110_000
PLACE = {"item_id": "m", "output_index": 0, "content_index": 0}
WORD = f"data: {json.dumps({'type': 'response.output_text.delta', **PLACE, 'delta': 'NUMBER '})}\n\n"
ITEM = {"type": "message", "role": "assistant", "id": "m"}
LONG_ANSWER: Script = [
    [
        "created",
        {"type": "response.output_item.added", "output_index": 0, "item": {**ITEM, "content": []}},
        {"raw": "".join(WORD.replace("NUMBER", str(number)) for number in range(DELTAS))},
        {"item": {**ITEM, "content": [{"type": "output_text", "text": "all"}]}},
        "completed",
    ]
]


@asynccontextmanager
async def deaf(home: Home, command: Sequence[str]) -> AsyncIterator[tuple[ServerProcess, AsyncIterator[Any]]]:
    """A server that has a thread and an asked turn, and a client that has read until then and now does not."""
    async with started(command, home) as server:
        lines = read_lines(server)
        start = {"cwd": str(home.work), "approvalPolicy": "never", "sandbox": "danger-full-access"}
        with anyio.fail_after(10):
            await server.send(INITIALIZE + json.dumps({"id": 1, "method": "thread/start", "params": start}).encode() + b"\n")
            thread = [message async for message in lines_until(lines, 1)][-1]["result"]["thread"]["id"]
            ask = {"threadId": thread, "input": [{"type": "text", "text": "go"}]}
            await server.send(json.dumps({"id": 2, "method": "turn/start", "params": ask}).encode() + b"\n")
        yield server, lines


FLOOD = range(2, 20_002)


def memory_mb(pid: int, kind: str = "VmHWM") -> int:
    """How much memory a process has, or (`VmHWM`) has ever had."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith(kind)).split()[1]) // 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="measures memory by /proc")
async def test_a_client_that_does_not_read_stops_the_stream_and_loses_nothing(
    home: Callable[..., Home], server_command: Sequence[str]
) -> None:
    async with ScriptedProvider(LONG_ANSWER) as provider, deaf(home(provider.url), server_command) as (server, lines):
        (request,) = await provider.wait_requests(1)
        with anyio.move_on_after(0.7):  # much longer than the whole stream takes when somebody reads
            await request.ended.wait()
        assert not request.ended.is_set(), "the server has taken the whole stream, and keeps it"
        count, last = 0, ""
        with anyio.fail_after(20):
            async for message in lines:
                if message.get("method") == "item/agentMessage/delta":
                    assert message["params"]["delta"] == f"{count} "
                    count += 1
                last = message.get("method", "")
                if last == "turn/completed":
                    break
        assert count == DELTAS
        assert memory_mb(server.pid) < 95  # about 75 are the server's own, and 20 are said


async def test_a_client_that_does_not_read_is_not_read_from_either(
    home: Callable[..., Home], server_command: Sequence[str]
) -> None:
    async with in_its_loop(server_command, home(NOBODY)) as (server, lines):
        sent = anyio.Event()

        async def send() -> None:
            await server.send(b"".join(b'{"id":%d,"method":"model/list","params":{}}\n' % number for number in FLOOD))
            sent.set()

        async with anyio.create_task_group() as group:
            group.start_soon(send)
            with anyio.move_on_after(0.7):  # much longer than it takes to answer all when somebody reads
                await sent.wait()
            assert not sent.is_set(), "the server has taken all requests"
            with anyio.fail_after(20):
                expected = iter(FLOOD)
                async for message in lines_until(lines, FLOOD[-1]):
                    if message.get("id"):
                        assert message["id"] == next(expected)
        assert list(expected) == []
        assert memory_mb(server.pid) < 60  # about 40 are the server's own, and 20 are said


async def test_a_client_that_never_reads_does_not_keep_the_server_from_ending(
    home: Callable[..., Home], server_command: Sequence[str]
) -> None:
    async with ScriptedProvider(LONG_ANSWER) as provider, deaf(home(provider.url), server_command) as (server, _):
        (request,) = await provider.wait_requests(1)
        began = time.monotonic()
        server.send_signal(signal.SIGTERM)
        assert await server.wait_exit() == 0
        assert time.monotonic() - began < LONGEST_END_S
        with anyio.fail_after(5):
            await request.ended.wait()


@pytest.mark.parametrize("requests", [0, 100_000], ids=["all-read", "more-to-read"])
async def test_a_client_that_never_reads_ends_the_server_by_hanging_up(
    requests: int, home: Callable[..., Home], server_command: Sequence[str]
) -> None:
    async with ScriptedProvider(LONG_ANSWER) as provider, deaf(home(provider.url), server_command) as (server, _):
        await provider.wait_requests(1)
        with anyio.move_on_after(0.7):  # until the server reads no more
            await server.send(b"".join(b'{"id":%d,"method":"model/list","params":{}}\n' % number for number in range(requests)))
        began = time.monotonic()
        server.hang_up()
        assert await server.wait_exit() == 0
        assert time.monotonic() - began < LONGEST_END_S


async def test_a_client_that_hangs_up_before_it_reads_anything_ends_the_server(
    home: Callable[..., Home], server_command: Sequence[str]
) -> None:
    flood = INITIALIZE + b"".join(b'{"id":%d,"method":"model/list","params":{}}\n' % number for number in range(1, 1000))
    process = subprocess.Popen(  # noqa: ASYNC220 - nothing else runs in this test
        server_command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(home(NOBODY).environment), cwd="/"
    )
    with process:
        assert process.stdin is not None
        process.stdin.write(flood)
        process.stdin.close()
        try:
            assert process.wait(10) == 0
        finally:
            process.kill()


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="counts what is written by /proc")
async def test_a_server_that_nobody_asks_anything_writes_nothing(
    home: Callable[..., Home], server_command: Sequence[str]
) -> None:
    async with in_its_loop(server_command, home(NOBODY)) as (server, lines):
        await server.send(b'{"id":2,"method":"thread/start","params":{}}\n' + LIST % 3)
        with anyio.fail_after(5):
            async for message in lines:
                if message.get("method") == "thread/started":
                    break
        with anyio.move_on_after(0.5):  # what follows a start
            while await server.receive():
                pass
        before, said = written(server.pid), None
        with anyio.move_on_after(1):
            said = await server.receive()
        assert (written(server.pid), said) == (before, None)


def written(pid: int) -> int:
    """All bytes that a process has ever given to write calls."""
    lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("wchar"))
