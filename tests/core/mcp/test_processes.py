"""The processes of MCP servers: how many there are, and that none is left, however the daemon or its threads end."""

import json
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from app_server.core.mcp.connect import to_address, to_program
from app_server.core.mcp.credentials import Credentials
from app_server.core.mcp.errors import LinkClosed, NotStarted
from app_server.core.mcp.login import renewing
from app_server.core.mcp.pool import Pool
from app_server.core.mcp.server import Server
from app_server.core.mcp.settings import ServerSettings, settings_of
from app_server.core.mcp_ways import McpWays
from tests.conftest import Converse
from tests.support.mcp import PROGRAM, is_alive, noted_pids, server_table, wait_gone

FREE = {"approvalPolicy": "never", "sandbox": "danger-full-access"}


async def start_thread(client: Any, work: Path) -> str:
    """A thread whose server is there."""
    result = await client.request("thread/start", {"cwd": str(work), **FREE})
    await client.wait_notification("mcpServer/startupStatus/updated", status="ready", threadId=result["thread"]["id"])
    return str(result["thread"]["id"])


async def where(client: Any, thread: str, server: str = "lab") -> Any:
    """What the server tells of itself."""
    answer = await client.request("mcpServer/tool/call", {"threadId": thread, "server": server, "tool": "where"})
    return json.loads(answer["content"][0]["text"])


async def test_threads_with_the_same_server_share_one_process(converse: Converse) -> None:
    async with converse(tables=server_table(LAB_NOTES="notes")) as talk:
        threads = [await start_thread(talk.client, talk.home.work) for _ in range(4)]
        pids = {(await where(talk.client, thread))["pid"] for thread in threads}
        assert list(pids) == noted_pids(talk.home.work / "notes")


async def test_another_folder_or_environment_is_another_process(converse: Converse) -> None:
    tables = server_table("one", LAB_NOTES="notes") + server_table("two", LAB_NOTES="notes", OTHER="1")
    async with converse(tables=tables) as talk:
        (talk.home.work / "below").mkdir()
        threads = [await start_thread(talk.client, folder) for folder in (talk.home.work, talk.home.work / "below")]
        told = [await where(talk.client, thread, server) for thread in threads for server in ("one", "two")]

    assert len({each["pid"] for each in told}) == 4
    assert [Path(each["cwd"]).name for each in told] == ["work", "work", "below", "below"]


async def test_a_server_sees_only_what_it_is_given_of_the_environment(converse: Converse) -> None:
    table = server_table(more='env_vars = ["SHARED", "MISSING"]', OWN="1")
    async with converse(tables=table, environment={"SHARED": "1", "SECRET": "1"}) as talk:
        seen = (await where(talk.client, await start_thread(talk.client, talk.home.work)))["environment"]

    assert {"OWN", "SHARED", "PATH"} <= set(seen)
    assert not {"SECRET", "MISSING", "CODEX_HOME"} & set(seen)


async def test_the_whole_process_group_ends_with_the_daemon(converse: Converse) -> None:
    async with converse(tables=server_table(LAB_NOTES="notes", LAB_CHILD="1")) as talk:
        await start_thread(talk.client, talk.home.work)
        pids = noted_pids(talk.home.work / "notes")
        assert [is_alive(pid) for pid in pids] == [True, True]
    await wait_gone(*pids)


async def test_the_whole_process_group_ends_when_the_daemon_is_killed(converse: Converse) -> None:
    async with converse(tables=server_table(LAB_NOTES="notes", LAB_CHILD="1")) as talk:
        await start_thread(talk.client, talk.home.work)
        pids = noted_pids(talk.home.work / "notes")
        assert [is_alive(pid) for pid in pids] == [True, True]
        talk.client.process.send_signal(signal.SIGKILL)
        await wait_gone(*pids)


# The pool by itself, with shorter times.


async def loaded() -> None:
    """The library is in memory."""


MakePool = Callable[..., Pool]


@asynccontextmanager
async def pools() -> AsyncIterator[MakePool]:
    """Makes pools whose servers end with the block."""
    ways = McpWays(loaded, to_program, to_address, renewing, lambda: Credentials(Path("/nowhere")))
    made: list[Pool] = []
    async with anyio.create_task_group() as group:

        def spawn(function: Callable[..., Awaitable[Any]], *arguments: Any) -> None:
            group.start_soon(function, *arguments)

        def make(idle_s: float = 60, linger_s: float = 60) -> Pool:
            pool = Pool({"PATH": "/usr/bin:/bin"}, spawn, lambda: ways, idle_s, linger_s)
            made.append(pool)
            return pool

        yield make
        for pool in made:
            pool.stop()


def settings(notes: Path, **environment: str) -> ServerSettings:
    """The small server."""
    table = {"command": sys.executable, "args": [str(PROGRAM)], "env": {"LAB_NOTES": str(notes), **environment}}
    return settings_of("lab", table)


async def started(pool: Pool, wanted: ServerSettings, folder: Path) -> Server:
    server = pool.server(wanted, str(folder))
    with anyio.fail_after(20):
        await server.started.wait()
    return server


async def nobody(_params: Any) -> dict[str, Any]:
    return {"action": "cancel"}


async def test_a_server_that_nobody_holds_ends_after_a_while_and_is_started_again(tmp_path: Path) -> None:
    async with pools() as make:
        pool, wanted = make(linger_s=0.1), settings(tmp_path / "notes", LAB_CHILD="1")
        server = await started(pool, wanted, tmp_path)
        await wait_gone(*noted_pids(tmp_path / "notes"))
        assert server.was_idle
        again = await started(pool, wanted, tmp_path)
        assert again is not server
        assert again.failure is None


async def test_a_server_that_a_thread_holds_lives_longer_than_one_that_nobody_does(tmp_path: Path) -> None:
    async with pools() as make:
        pool, wanted = make(linger_s=0.1), settings(tmp_path / "notes")
        server = pool.server(wanted, str(tmp_path))
        server.hold(nobody)
        with anyio.fail_after(20):
            await server.started.wait()
        await started(pool, settings(tmp_path / "others"), tmp_path)
        await wait_gone(*noted_pids(tmp_path / "others"))
        await server.request("tools/call", {"name": "where"}, seconds=5)
        server.let_go(nobody)
        await wait_gone(*noted_pids(tmp_path / "notes"))


async def test_a_call_that_runs_keeps_its_server(tmp_path: Path) -> None:
    async with pools() as make:
        pool = make(linger_s=0.05)
        server = await started(pool, settings(tmp_path / "notes"), tmp_path)
        asked = anyio.Event()

        async def slowly(_params: Any) -> dict[str, Any]:
            asked.set()
            with anyio.move_on_after(0.3):
                await anyio.sleep_forever()
            return {"action": "accept", "content": {"name": "Ada"}}

        answer = await server.request("tools/call", {"name": "ask"}, seconds=0.2, asker=slowly)
        assert asked.is_set()
        assert "Ada" in answer["content"][0]["text"]


async def test_a_retired_server_finishes_its_calls_and_takes_no_more(tmp_path: Path) -> None:
    async with pools() as make:
        pool, wanted = make(), settings(tmp_path / "notes")
        server = await started(pool, wanted, tmp_path)

        async def retire(_params: Any) -> dict[str, Any]:
            server.retire()
            return {"action": "accept"}

        answer = await server.request("tools/call", {"name": "ask"}, seconds=5, asker=retire)
        assert "accept" in answer["content"][0]["text"]
        assert await started(pool, wanted, tmp_path) is not server
        with pytest.raises(LinkClosed):
            await server.request("tools/call", {"name": "where"}, seconds=5)


@pytest.mark.parametrize(
    ("fail", "reason"),
    [
        (
            "exit",
            "handshaking with MCP server failed: connection closed: initialize response: connection closed: initialize response",
        ),
        (
            "init",
            "handshaking with MCP server failed: JSON-RPC error: -32000: no initialize: JSON-RPC error: -32000: no initialize",
        ),
        ("list", 'Mcp error: -32000: no tools/list({"lab":1})'),
    ],
)
async def test_why_a_server_could_not_be_started_is_told(tmp_path: Path, fail: str, reason: str) -> None:
    async with pools() as make:
        server = await started(make(), settings(tmp_path / "notes", LAB_FAIL=fail), tmp_path)
        assert server.failure == reason
        with pytest.raises(NotStarted):
            await server.request("tools/call", {"name": "where"}, seconds=5)
        await wait_gone(*noted_pids(tmp_path / "notes"))


async def test_a_server_that_takes_too_long_to_start_is_ended(tmp_path: Path) -> None:
    async with pools() as make:
        wanted = settings(tmp_path / "notes", LAB_SLOW_S="60")
        table = {**wanted.table, "startup_timeout_sec": 0.5}
        server = await started(make(), settings_of("lab", table), tmp_path)
        assert server.failure == "timed out handshaking with MCP server after 500ms: deadline has elapsed"
        await wait_gone(*noted_pids(tmp_path / "notes"))


async def test_lines_that_are_no_messages_are_passed_over(tmp_path: Path) -> None:
    async with pools() as make:
        server = await started(make(), settings(tmp_path / "notes", LAB_FAIL="noise"), tmp_path)
        assert server.failure is None
        assert len(server.tools) == 8


async def test_calls_of_different_users_are_kept_apart_once_a_server_has_asked(tmp_path: Path) -> None:
    async with pools() as make:
        pool, wanted = make(), settings(tmp_path / "notes")
        shared = await started(pool, wanted, tmp_path)
        for_second: list[Server] = []

        async def first(_params: Any) -> dict[str, Any]:
            for_second.append(pool.server(wanted, str(tmp_path), second))
            return {"action": "accept", "content": {"name": "First"}}

        async def second(_params: Any) -> dict[str, Any]:
            return {"action": "accept", "content": {"name": "Second"}}

        assert pool.server(wanted, str(tmp_path), second) is shared
        await shared.request("tools/call", {"name": "ask"}, seconds=5, asker=first)
        assert pool.server(wanted, str(tmp_path), second) is shared, "nobody else's call runs any more"
        answer = await for_second[0].request("tools/call", {"name": "ask"}, seconds=5, asker=second)
        assert for_second[0] is not shared
        assert "Second" in answer["content"][0]["text"]
