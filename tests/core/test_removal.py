"""Putting threads away: archive, unarchive, delete, and threads that nobody listens to."""

from pathlib import Path
from typing import Any

import pytest

from app_server.core.clock import Clock
from app_server.core.store.head import Head
from app_server.core.store.lines import item_completed
from app_server.core.store.lock import lock_writer
from app_server.core.store.paths import rollout_path
from app_server.core.store.rollout import Rollout
from protocol.input import TextInput
from protocol.item import UserMessageItem
from tests.core.lab import NOBODY, Lab, answers, content, ids, lab, refusal, texts

pytestmark = pytest.mark.anyio
RUNNING: list[Any] = ["created", {"call": "exec_command", "arguments": {"cmd": "sleep 60"}}, "completed"]


async def test_an_archived_thread_is_out_of_sight_and_comes_back_whole(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1")) as home, home.talk() as client:
        started = await home.start(client)
        await home.turn(client, started["id"], "hello")
        assert await client.request("thread/archive", {"threadId": started["id"]}) == {}
        await client.wait_notification("thread/archived")
        assert (await client.request("thread/loaded/list"))["data"] == []
        assert (await client.request("thread/list"))["data"] == []
        archived = (await client.request("thread/list", {"archived": True}))["data"]
        assert ids(archived) == [started["id"]]
        read = (await client.request("thread/read", {"threadId": started["id"], "includeTurns": True}))["thread"]
        assert (Path(read["path"]).parent.name, texts(read["turns"][0])) == ("archived_sessions", ["hello", "1"])
        assert await refusal(client.request("thread/archive", {"threadId": started["id"]})) == (
            f"no rollout found for thread id {started['id']}"
        )
        assert (await client.request("thread/unsubscribe", {"threadId": started["id"]}))["status"] == "notLoaded"
        result = await client.request("thread/unarchive", {"threadId": started["id"]})
        assert (result["thread"]["path"], result["thread"]["status"]["type"]) == (started["path"], "notLoaded")
        await client.wait_notification("thread/unarchived")
        assert await refusal(client.request("thread/unarchive", {"threadId": started["id"]})) == (
            f"no archived rollout found for thread id {started['id']}"
        )
        assert (await client.request("thread/resume", {"threadId": started["id"]}))["thread"]["id"] == started["id"]


async def test_a_running_turn_is_interrupted_before_its_thread_is_put_away(tmp_path: Path) -> None:
    async with lab(tmp_path, [RUNNING]) as home, home.talk() as client:
        thread = (await home.start(client))["id"]
        await home.begin(client, thread, "run it")
        await client.wait_notification("item/started", item__type="commandExecution")
        await client.request("thread/archive", {"threadId": thread})
        await client.wait_notification("thread/archived")
        order = [method for method in client.methods() if method in ("turn/completed", "thread/archived")]
        assert order == ["turn/completed", "thread/archived"]
        page = await client.request("thread/turns/list", {"threadId": thread})
        assert [turn["status"] for turn in page["data"]] == ["interrupted"]


async def test_a_thread_without_a_file_is_archived_with_one(tmp_path: Path) -> None:
    async with lab(tmp_path) as home, home.talk() as client:
        thread = (await home.start(client))["id"]
        await client.request("thread/archive", {"threadId": thread})
        assert len(home.files(is_archived=True)) == 1


async def test_helpers_of_a_thread_go_where_it_goes(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1")) as home, home.talk() as client:
        thread = (await home.start(client))["id"]
        await home.turn(client, thread, "hello")
        child = helper_of(home, thread)
        grandchild = helper_of(home, child)
        await client.request("thread/archive", {"threadId": thread})
        gone = [(await client.wait_notification("thread/archived"))["threadId"] for _ in range(3)]
        assert gone == [thread, *sorted([child, grandchild])]
        assert home.files() == []
        await client.request("thread/delete", {"threadId": thread})
        assert home.files(is_archived=True) == []


def helper_of(home: Lab, parent_id: str) -> str:
    """A stored thread that was started by another one."""
    clock = Clock()
    thread_id = clock.uuid7()
    source = {"subagent": {"thread_spawn": {"parent_thread_id": parent_id, "depth": 1}}}
    head = Head(
        thread_id=thread_id, session_id=parent_id, created_ms=clock.now_ms(), cwd="/", parent_thread_id=parent_id, source=source
    )
    rollout = Rollout(rollout_path(home.home.codex_home, clock.now_ms(), thread_id), clock)
    rollout.materialize(head.payload())
    rollout.append(*item_completed(thread_id, "t", UserMessageItem(id="u", content=[TextInput(text="help")])))
    rollout.sync()
    return thread_id


async def test_a_deleted_thread_is_gone_from_everywhere(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1", "2")) as home, home.talk() as client:
        thread = (await home.start(client))["id"]
        await home.turn(client, thread, "hello")
        await client.request("thread/name/set", {"threadId": thread, "name": "Gone"})
        assert await client.request("thread/delete", {"threadId": thread}) == {}
        await client.wait_notification("thread/deleted")
        assert home.files() == []
        assert b"Gone" not in (home.home.codex_home / "session_index.jsonl").read_bytes()
        assert await refusal(client.request("thread/read", {"threadId": thread})) == f"thread not loaded: {thread}"
        fresh = (await home.start(client))["id"]
        assert await client.request("thread/delete", {"threadId": fresh}) == {}
        assert await refusal(client.request("thread/delete", {"threadId": NOBODY})) == f"no rollout found for thread id {NOBODY}"
        ephemeral = (await home.start(client, ephemeral=True))["id"]
        assert await refusal(client.request("thread/delete", {"threadId": ephemeral})) == (
            f"thread is not persisted and cannot be deleted: {ephemeral}"
        )


async def test_a_thread_stays_as_long_as_a_fork_needs_its_past(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1")) as home, home.talk() as client:
        thread = (await home.start(client))["id"]
        await home.turn(client, thread, "hello")
        fork = (await client.request("thread/fork", {"threadId": thread}))["thread"]["id"]
        text = f"cannot delete thread {thread}: forked history still references it"
        assert await refusal(client.request("thread/delete", {"threadId": thread})) == text
        assert texts((await client.request("thread/turns/list", {"threadId": fork}))["data"][0]) == ["hello", "1"]
        await client.request("thread/delete", {"threadId": fork})
        await client.request("thread/delete", {"threadId": thread})
        assert home.files() == []


async def test_who_has_unsubscribed_hears_only_what_all_hear(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1")) as home, home.server() as server, server.client() as one, server.client() as two:
        thread = (await home.start(one))["id"]
        assert (await two.request("thread/unsubscribe", {"threadId": thread}))["status"] == "notSubscribed"
        assert (await one.request("thread/unsubscribe", {"threadId": thread}))["status"] == "unsubscribed"
        assert (await one.request("thread/unsubscribe", {"threadId": thread}))["status"] == "notSubscribed"
        await home.begin(one, thread, "hello")
        await one.wait_notification("thread/status/changed", status__type="active")
        await one.wait_notification("thread/status/changed", status__type="idle")
        assert not [method for method in one.methods() if method.startswith(("turn/", "item/"))]
        assert (await one.request("thread/unsubscribe", {"threadId": NOBODY}))["status"] == "notLoaded"


async def test_a_thread_that_nobody_listens_to_is_let_go_after_a_while_and_can_be_resumed(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1"), top="thread_unload_delay_secs = 0") as home, home.talk() as client:
        thread = (await home.start(client))["id"]
        await home.turn(client, thread, "hello")
        await client.request("thread/unsubscribe", {"threadId": thread})
        await client.wait_notification("thread/status/changed", status__type="notLoaded")
        assert await client.wait_notification("thread/closed") == {"threadId": thread}
        assert (await client.request("thread/loaded/list"))["data"] == []
        assert await refusal(client.request("turn/start", {"threadId": thread, "input": []})) == f"thread not found: {thread}"
        lock_writer(home.home.codex_home, thread).release()
        await client.request("thread/resume", {"threadId": thread})
        assert (await client.request("thread/loaded/list"))["data"] == [thread]


async def test_a_thread_that_was_let_go_writes_no_more(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1")) as home, home.server() as server, server.client() as client:
        started = await home.start(client)
        await home.turn(client, started["id"], "hello")
        late = server.server.services.threads.get(started["id"])
        await client.request("thread/archive", {"threadId": started["id"]})
        await client.request("thread/unarchive", {"threadId": started["id"]})
        before = content(started["path"])
        late.record_note("too late")
        assert content(started["path"]) == before


async def test_a_turn_keeps_its_thread_loaded_until_it_has_ended(tmp_path: Path) -> None:
    async with lab(tmp_path, [RUNNING], top="thread_unload_delay_secs = 0") as home, home.talk() as client:
        thread = (await home.start(client))["id"]
        turn = await home.begin(client, thread, "run it")
        await client.wait_notification("item/started", item__type="commandExecution")
        await client.request("thread/unsubscribe", {"threadId": thread})
        assert (await client.request("thread/loaded/list"))["data"] == [thread]
        await client.request("turn/interrupt", {"threadId": thread, "turnId": turn})
        await client.wait_notification("thread/closed")


async def test_the_last_client_that_goes_leaves_its_threads_to_be_let_go(tmp_path: Path) -> None:
    async with lab(tmp_path, top="thread_unload_delay_secs = 0") as home, home.server() as server, server.client() as one:
        async with server.client() as two:
            thread = (await home.start(two))["id"]
        assert await one.wait_notification("thread/closed") == {"threadId": thread}


async def test_the_server_does_not_wait_for_the_time_when_a_thread_may_go(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1")) as home:
        async with home.talk() as client:
            thread = (await home.start(client))["id"]
            await home.turn(client, thread, "hello")
            await client.request("thread/unsubscribe", {"threadId": thread})
        lock_writer(home.home.codex_home, thread).release()
