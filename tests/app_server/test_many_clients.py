"""Many websocket clients at once, one of which reads nothing: nothing is lost, nothing refused, and memory stays small."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import anyio

from tests.app_server.test_listen import ANSWER, stalling, start_thread, start_turn
from tests.support.home import make_home
from tests.support.provider import ScriptedProvider
from tests.support.websocket import WebSocketClient, joined, listening_process

CLIENTS, THREADS_EACH, TURNS_EACH = 40, 5, 2
MOST_MIB = 200


async def test_many_clients_and_threads_beside_one_that_stalls(tmp_path: Path, server_command: list[str]) -> None:
    async with (
        ScriptedProvider([ANSWER] * (CLIENTS * TURNS_EACH)) as provider,
        listening_process(server_command, make_home(tmp_path, provider.url)) as (server, url),
        AsyncExitStack() as stack,
    ):
        clients = [await stack.enter_async_context(joined(url, name=f"client {number}")) for number in range(CLIENTS)]
        threads: dict[int, list[str]] = {}

        async def begin(number: int) -> None:
            threads[number] = [await start_thread(clients[number]) for _ in range(THREADS_EACH)]

        async def talk(number: int) -> None:
            thread = threads[number][0]
            await start_turn(clients[number], thread)
            await clients[number].wait_notification("turn/completed", threadId=thread, turn__status="completed")

        await together(begin)
        await together(talk)
        with await stalling(url, threads[0][0]):
            await together(talk)
            resident = resident_mib(server.pid)
        assert resident < MOST_MIB
        assert [heard(client) for client in clients] == [(CLIENTS * THREADS_EACH, TURNS_EACH, 0)] * CLIENTS


async def together(work: Callable[[int], Awaitable[None]]) -> None:
    """Do it for all clients at once."""
    async with anyio.create_task_group() as group:
        for number in range(CLIENTS):
            group.start_soon(work, number)


def resident_mib(pid: int) -> float:
    """How much memory a process holds."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def heard(client: WebSocketClient) -> tuple[int, int, int]:
    """How many threads a client saw start, how many of its turns end, and how many errors it got."""
    methods = client.methods()
    errors = sum("error" in message for message in client.messages if "method" not in message)
    return methods.count("thread/started"), methods.count("turn/completed"), errors
