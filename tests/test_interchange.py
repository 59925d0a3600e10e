"""Threads go to and fro between us and the reference: whoever made one, the other lists, reads and goes on with it.

See `tests.support.reference` for how to run these.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.core.lab import failure, ids
from tests.support.client import Client, Json
from tests.support.crash import FREE, SCRIPT
from tests.support.home import Home, make_home
from tests.support.process import spawned
from tests.support.provider import ScriptedProvider
from tests.support.reference import is_alone, is_there, reference_command

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(not is_there(), reason="APP_SERVER_REFERENCE names no program that can be run"),
    pytest.mark.skipif(not is_alone(), reason="the reference reaches a provider only where there is nothing but loopback"),
]
Commands = dict[str, Sequence[str]]


@pytest.fixture
def commands(server_command: Sequence[str]) -> Commands:
    return {"ours": server_command, "reference": reference_command()}


async def in_server(command: Sequence[str], home: Home, work: Callable[[Client], Any]) -> Any:
    """Do some work with a server of its own."""
    async with spawned(command, home, deadline_s=20) as client:
        await client.initialize()
        return await work(client)


async def turn(client: Client, thread_id: str, text: str) -> None:
    words = [{"type": "text", "text": text}]
    await client.request("turn/start", {"threadId": thread_id, "input": words})
    ended = await client.wait_notification("turn/completed", threadId=thread_id)
    assert ended["turn"]["status"] == "completed"


async def read(client: Client, thread_id: str) -> Json:
    result: Json = (await client.request("thread/read", {"threadId": thread_id, "includeTurns": True}))["thread"]
    return result


@pytest.mark.parametrize(("maker", "other"), [("ours", "reference"), ("reference", "ours")])
async def test_a_thread_goes_to_the_other_server_and_back(maker: str, other: str, tmp_path: Path, commands: Commands) -> None:
    async with ScriptedProvider(SCRIPT) as provider:
        home = make_home(tmp_path, provider.url)

        async def make(client: Client) -> Json:
            thread_id = (await client.request("thread/start", {"cwd": str(home.work), **FREE}))["thread"]["id"]
            await turn(client, thread_id, "one")
            await client.request("thread/name/set", {"threadId": thread_id, "name": "Travels"})
            return await read(client, thread_id)

        made = await in_server(commands[maker], home, make)
        thread_id = made["id"]

        async def go_on(client: Client) -> Json:
            (listed,) = (await client.request("thread/list"))["data"]
            shown = ("id", "preview", "path", "model", "modelProvider", "createdAt", "historyMode", "source", "cwd")
            assert {name: listed[name] for name in shown} == {name: made[name] for name in shown}
            if other == "ours":  # the reference knows names, and turns that were not resumed, only from its own databases
                assert listed["name"] == "Travels"
                assert (await read(client, thread_id))["turns"] == made["turns"]
            resumed = await client.request("thread/resume", {"threadId": thread_id, **FREE})
            assert resumed["thread"]["turns"] == made["turns"]
            await turn(client, thread_id, "two")
            return await read(client, thread_id)

        longer = await in_server(commands[other], home, go_on)
        assert [each["id"] for each in longer["turns"]][:-1] == [each["id"] for each in made["turns"]]

        async def come_back(client: Client) -> None:
            assert ids((await client.request("thread/list"))["data"]) == [thread_id]
            await client.request("thread/resume", {"threadId": thread_id, **FREE})
            assert (await read(client, thread_id))["turns"] == longer["turns"]
            await turn(client, thread_id, "three")
            forked = (await client.request("thread/fork", {"threadId": thread_id}))["thread"]
            assert len(forked["turns"]) == 3
            await client.request("thread/archive", {"threadId": thread_id})

        await in_server(commands[maker], home, come_back)

        async def see(client: Client) -> None:
            assert ids((await client.request("thread/list", {"archived": True}))["data"]) == [thread_id]
            (fork,) = (await client.request("thread/list"))["data"]
            resumed = await client.request("thread/resume", {"threadId": fork["id"]})
            if other == "ours":  # the reference's databases have not heard of the last turn, the fork's words, and the move
                assert fork["preview"] == "one"
                assert len(resumed["thread"]["turns"]) == 3
                await client.request("thread/unarchive", {"threadId": thread_id})
                assert len((await client.request("thread/list"))["data"]) == 2

        await in_server(commands[other], home, see)
        asked = [len(request.body["input"]) for request in provider.requests]
        assert asked == sorted(asked), "each turn was asked for with all that came before"


async def test_both_may_run_on_one_home(tmp_path: Path, commands: Commands) -> None:
    async with ScriptedProvider(SCRIPT) as provider:
        home = make_home(tmp_path, provider.url)
        async with (
            spawned(commands["ours"], home, deadline_s=20) as ours,
            spawned(commands["reference"], home, deadline_s=20) as theirs,
        ):
            made: list[str] = []
            await ours.initialize()
            await theirs.initialize()
            for client, other in ((ours, theirs), (theirs, ours)):
                assert sorted(ids((await other.request("thread/list"))["data"])) == sorted(made)
                thread_id = (await client.request("thread/start", {"cwd": str(home.work), **FREE}))["thread"]["id"]
                await turn(client, thread_id, "hello")
                made.append(thread_id)
                for each in (client, other):
                    assert sorted(ids((await each.request("thread/list"))["data"])) == sorted(made)
                busy = await failure(other.request("thread/resume", {"threadId": thread_id}))
                assert busy.message == f"thread {thread_id} already has an active writer"
                if other is ours:
                    assert [len(each["items"]) for each in (await read(other, thread_id))["turns"]] == [5]
