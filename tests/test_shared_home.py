"""What else may be in a home or use it: another server of ours, files that are no threads, a disk that takes no more."""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import anyio
import pytest

from app_server.core.clock import format_uuid7
from app_server.core.store.index import FILE
from app_server.core.store.paths import rollout_path
from tests.core.lab import answers, failure, ids
from tests.support.client import Client
from tests.support.crash import FREE, SCRIPT
from tests.support.home import Home, make_home
from tests.support.process import spawned
from tests.support.provider import ScriptedProvider

pytestmark = pytest.mark.anyio
EACH = 4
LONG_AGO_MS = 1_767_323_045_000


async def start(client: Client, home: Home) -> str:
    thread_id: str = (await client.request("thread/start", {"cwd": str(home.work), **FREE}))["thread"]["id"]
    return thread_id


async def turn(client: Client, thread_id: str, text: str) -> None:
    words = [{"type": "text", "text": text}]
    turn_id = (await client.request("turn/start", {"threadId": thread_id, "input": words}))["turn"]["id"]
    await client.wait_notification("turn/completed", turn__id=turn_id, turn__status="completed")


async def listed(client: Client) -> list[tuple[str, str]]:
    """The threads with their names."""
    return [(each["id"], each["name"]) for each in (await client.request("thread/list"))["data"]]


async def test_two_servers_on_one_home_see_all_and_disturb_nothing(tmp_path: Path, server_command: Sequence[str]) -> None:
    made: dict[str, str] = {}

    async def work(client: Client, other: Client, letter: str) -> None:
        for number in range(EACH):
            thread_id = await start(client, home)
            await turn(client, thread_id, f"{letter}{number}")
            name = f"Thread {letter}{number}"
            await client.request("thread/name/set", {"threadId": thread_id, "name": name})
            made[thread_id] = name
            assert (thread_id, name) in await listed(other)
            busy = await failure(other.request("thread/resume", {"threadId": thread_id}))
            assert busy.message == f"thread {thread_id} already has an active writer"
            read = await other.request("thread/read", {"threadId": thread_id, "includeTurns": True})
            assert len(read["thread"]["turns"]) == 1

    async with ScriptedProvider(SCRIPT) as provider:
        home = make_home(tmp_path, provider.url)
        async with spawned(server_command, home, deadline_s=20) as one, spawned(server_command, home, deadline_s=20) as two:
            await one.initialize()
            await two.initialize()
            async with anyio.create_task_group() as group:
                group.start_soon(work, one, two, "a")
                group.start_soon(work, two, one, "b")
            assert len(made) == 2 * EACH
            assert dict(await listed(one)) == dict(await listed(two)) == made
            gone, *_ = made
            await one.request("thread/archive", {"threadId": gone})
            assert gone not in dict(await listed(two))
            await two.request("thread/unarchive", {"threadId": gone})
            await two.request("thread/resume", {"threadId": gone, **FREE})
            await turn(two, gone, "again")
            assert dict(await listed(one)) == made
            await two.request("thread/unsubscribe", {"threadId": gone})
    with closing(sqlite3.connect(home.codex_home / FILE)) as index:
        assert index.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert index.execute("SELECT count(*) FROM files WHERE is_current AND is_listed").fetchone() == (2 * EACH,)
    assert home.log.read_text() == ""


async def test_what_is_no_thread_is_passed_over(tmp_path: Path, server_command: Sequence[str]) -> None:
    async with ScriptedProvider(answers("hello", "again")) as provider:
        home = make_home(tmp_path, provider.url)
        bad = [rollout_path(home.codex_home, LONG_AGO_MS, format_uuid7(LONG_AGO_MS, bytes([n] * 10))) for n in range(6)]
        empty, garbage, folder, dangling, pipe, headless = bad
        empty.parent.mkdir(parents=True)
        empty.touch()
        garbage.write_bytes(b"\x00\xff" * 5000)
        folder.mkdir()
        dangling.symlink_to("nowhere")
        os.mkfifo(pipe)
        headless.write_text('{"timestamp":"2026-01-02T03:04:05.000Z","type":"event_msg","payload":{"type":"user_message"}}\n')
        async with spawned(server_command, home) as client:
            await client.initialize()
            thread_id = await start(client, home)
            await turn(client, thread_id, "hello")
            for _ in range(2):
                assert ids((await client.request("thread/list"))["data"]) == [thread_id]
                assert ids((await client.request("thread/list", {"sortKey": "updated_at"}))["data"]) == [thread_id]
            found = (await client.request("thread/search", {"searchTerm": "hello"}))["data"]
            assert ids([each["thread"] for each in found]) == [thread_id]
            for path in bad:
                unusable = {"threadId": path.stem[-36:]}
                for method in ("thread/resume", "thread/read", "thread/fork"):
                    assert (await failure(client.request(method, {**unusable, "includeTurns": True}))).code < 0
            await client.request("thread/archive", {"threadId": bad[1].stem[-36:]})
            await turn(client, thread_id, "still there?")
        assert "Traceback" not in home.log.read_text()


async def test_a_home_that_takes_no_more_is_listed_and_read_all_the_same(tmp_path: Path, server_command: Sequence[str]) -> None:
    limited = ["sh", "-c", 'ulimit -f 8; exec "$@"', "sh", *server_command]
    async with ScriptedProvider(answers("hello")) as provider:
        home = make_home(tmp_path, provider.url)
        async with spawned(server_command, home) as client:
            await client.initialize()
            thread_id = await start(client, home)
            await turn(client, thread_id, "hello")
        async with spawned(limited, home) as client:
            await client.initialize()
            for _ in range(2):
                assert ids((await client.request("thread/list"))["data"]) == [thread_id]
            assert len((await client.request("thread/turns/list", {"threadId": thread_id}))["data"]) == 1
        assert f"{FILE} can't be used" in home.log.read_text()
        assert "Traceback" not in home.log.read_text()
