"""What threads are called and known by, what of them was read, their settings, and items put into them."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app_server.core.store.state_database import FILE, MIGRATIONS
from app_server.core.store.user_state import Corrections, ReadState, UserState, untouched
from tests.core.lab import NOBODY, answers, failure, lab, overwrite, refusal, rows

pytestmark = pytest.mark.anyio
SHA = "0123456789abcdef0123456789abcdef01234567"


def make_repository(folder: Path) -> None:
    """As much of a git repository as says where it stands."""
    (folder / ".git" / "refs" / "heads").mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (folder / ".git" / "refs" / "heads" / "main").write_text(f"{SHA}\n")


async def test_a_name_is_trimmed_told_to_all_and_outlives_the_server(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1")) as home:
        async with home.server() as server, server.client() as one, server.client() as two:
            started = await home.start(one)
            await one.request("thread/name/set", {"threadId": started["id"], "name": "  Big  Plan "})
            assert await two.wait_notification("thread/name/updated") == {"threadId": started["id"], "threadName": "Big  Plan"}
            assert [line.name for line in rows(Path(started["path"]))] == ["session_meta"]
            await home.turn(one, started["id"], "hello")
            blank = await refusal(one.request("thread/name/set", {"threadId": started["id"], "name": "  "}))
            assert blank == "thread name must not be empty"
        async with home.talk() as client:
            await client.request("thread/name/set", {"threadId": started["id"], "name": "Better"})
            assert (await client.request("thread/resume", {"threadId": started["id"]}))["thread"]["name"] == "Better"
            nobody = await refusal(client.request("thread/name/set", {"threadId": NOBODY, "name": "x"}))
            assert nobody == f"no rollout found for thread id {NOBODY}"


async def test_git_facts_are_corrected_member_by_member_and_cleared_by_null(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1")) as home:
        make_repository(home.home.work)
        async with home.talk() as client:
            thread = (await home.start(client, sandbox="read-only"))["id"]
            await home.turn(client, thread, "hello")

            async def update(**git: Any) -> Any:
                result = await client.request("thread/metadata/update", {"threadId": thread, "gitInfo": git})
                return result["thread"]["gitInfo"]

            assert await update(branch=" topic ") == {"sha": SHA, "branch": "topic", "originUrl": None}
            assert await update(sha=None, originUrl="u") == {"sha": None, "branch": "topic", "originUrl": "u"}
            assert (await client.request("thread/read", {"threadId": thread}))["thread"]["gitInfo"]["branch"] == "topic"
        async with home.talk() as client:
            assert (await client.request("thread/list"))["data"][0]["gitInfo"]["originUrl"] == "u"
            assert (await client.request("thread/resume", {"threadId": thread}))["thread"]["gitInfo"]["branch"] == "topic"
            cleared = {"threadId": thread, "gitInfo": {"sha": None, "branch": None, "originUrl": None}}
            assert (await client.request("thread/metadata/update", cleared))["thread"]["gitInfo"] is None
            for params, text in (
                ({}, "thread metadata update must include at least one field"),
                ({"gitInfo": {}}, "gitInfo must include at least one field"),
                ({"gitInfo": {"branch": " "}}, "gitInfo.branch must not be empty"),
                ({"projectId": "p"}, "project not found: p"),
            ):
                assert await refusal(client.request("thread/metadata/update", {"threadId": thread, **params})) == text


async def test_ephemeral_threads_are_known_by_nothing(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1")) as home, home.talk() as client:
        thread = (await home.start(client, ephemeral=True))["id"]
        await home.turn(client, thread, "hello")
        text = f"ephemeral thread does not support metadata updates: {thread}"
        assert await refusal(client.request("thread/name/set", {"threadId": thread, "name": "x"})) == text
        git = {"threadId": thread, "gitInfo": {"branch": "b"}}
        assert await refusal(client.request("thread/metadata/update", git)) == text
        assert (await client.request("thread/read", {"threadId": thread}))["readState"] is None
        assert "thread/readState/changed" not in client.methods()


async def test_the_oldest_unread_turn_is_kept_until_it_is_read_also_over_a_restart(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1", "2", "3")) as home:
        async with home.talk() as client:
            thread = (await home.start(client))["id"]
            first = await home.turn(client, thread, "one")
            await home.turn(client, thread, "two")
        async with home.talk() as client:
            state = (await client.request("thread/read", {"threadId": thread}))["readState"]
            assert state["firstUnread"] == {"type": "turn", "turnId": first}
            params: dict[str, Any] = {"threadId": thread, "operation": {"type": "read"}}
            error = await failure(client.request("thread/readState/update", {**params, "expectedRevision": "old"}))
            assert (error.message, error.data["readState"]) == ("read state changed", state)
            await client.request("thread/resume", {"threadId": thread})
            read = await client.request("thread/readState/update", {**params, "expectedRevision": state["revision"]})
            assert read["readState"]["firstUnread"] is None
            changed = await client.wait_notification("thread/readState/changed")
            assert changed["readState"] == read["readState"]
            third = await home.turn(client, thread, "three")
            state = (await client.request("thread/read", {"threadId": thread}))["readState"]
            assert state["firstUnread"] == {"type": "turn", "turnId": third}
            params = {"threadId": thread, "operation": {"type": "unread"}, "expectedRevision": state["revision"]}
            unread = await client.request("thread/readState/update", params)
            assert unread["readState"]["firstUnread"] == {"type": "threadStart"}


async def test_only_what_users_talk_to_and_that_has_said_something_is_unread(tmp_path: Path) -> None:
    running: list[Any] = ["created", {"call": "exec_command", "arguments": {"cmd": "sleep 60"}}, "completed"]
    async with lab(tmp_path, [*answers("1"), running, *answers("2")]) as home, home.talk() as client:
        automatic = (await home.start(client, threadSource="automation"))["id"]
        await home.turn(client, automatic, "one")
        assert (await client.request("thread/read", {"threadId": automatic}))["readState"] == {
            "firstUnread": None,
            "revision": f"initial:{automatic}",
        }
        silent = (await home.start(client, threadSource="user"))["id"]
        await home.begin(client, silent, "run it")
        await client.wait_notification("item/started", item__type="commandExecution")
        await client.request("turn/interrupt", {"threadId": silent, "turnId": ""})
        await client.wait_notification("turn/completed", threadId=silent)
        await client.request("thread/shellCommand", {"threadId": silent, "command": "true"})
        await client.wait_notification("turn/completed", threadId=silent)
        assert "thread/readState/changed" not in client.methods()
        await home.turn(client, silent, "two")
        assert "thread/readState/changed" in client.methods()


async def test_settings_are_announced_when_they_change_and_recorded_once_there_is_a_file(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1")) as home, home.talk() as client:
        started = await home.start(client)

        async def update(**params: Any) -> None:
            await client.request("thread/settings/update", {"threadId": started["id"], **params})

        await update(model="lab-text", effort="high", cwd="/tmp")
        told = await client.wait_notification("thread/settings/updated")
        assert (told["threadSettings"]["model"], told["threadSettings"]["cwd"]) == ("lab-text", "/tmp")
        await update(model="lab-text")
        await update()
        assert client.methods().count("thread/settings/updated") == 1
        assert home.files() == []
        await home.turn(client, started["id"], "hello")
        assert home.provider.requests[0].body["model"] == "lab-text"
        await update(environments=[{"environmentId": "local", "cwd": "/"}])
        assert rows(Path(started["path"]))[-1].payload["thread_settings"]["cwd"] == "/"
        unknown = [{"environmentId": "zz", "cwd": "/"}]
        assert await refusal(update(environments=unknown)) == "unknown turn environment id `zz`"
        both = {"threadId": started["id"], "permissions": ":read-only", "sandboxPolicy": {"type": "dangerFullAccess"}}
        assert await refusal(client.request("thread/settings/update", both)) == (
            "`permissions` cannot be combined with `sandboxPolicy`"
        )


async def test_injected_items_reach_the_model_after_its_situation_and_are_on_disk(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1", "2")) as home:
        async with home.talk() as client:
            started = await home.start(client)
            words = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "planted"}]}
            await client.request("thread/inject_items", {"threadId": started["id"], "items": [words, {"type": "novel"}]})
            assert [line.name for line in rows(Path(started["path"]))][-2:] == ["response_item", "response_item"]
            await home.turn(client, started["id"], "hello")
            assert home.said(0) == ["user: planted", "user: hello"]
            assert home.told(0)[-3].startswith("user: <environment_context>")
            assert (await client.request("thread/list"))["data"][0]["preview"] == "hello"
        async with home.talk() as client:
            await client.request("thread/resume", {"threadId": started["id"]})
            await home.turn(client, started["id"], "again")
            assert home.told(1)[: len(home.told(0))] == home.told(0)
            for items, text in (
                ([], "items must not be empty"),
                (
                    [3],
                    "items[0] is not a valid response item: invalid type: integer `3`, "
                    "expected internally tagged enum ResponseItem",
                ),
                ([words, {"type": "message"}], "items[1] is not a valid response item: missing field `role`"),
            ):
                params = {"threadId": started["id"], "items": items}
                assert await refusal(client.request("thread/inject_items", params)) == text


def test_states_are_kept_by_thread_and_forgotten_with_it(tmp_path: Path) -> None:
    state = UserState(tmp_path)
    assert state.read_states(["a"]) == {"a": untouched("a")}
    state.forget("a")
    assert not (tmp_path / FILE).exists()
    state.put_read_state("a", "t1", "r1")
    state.put_read_state("a", "t2", "r2")
    state.correct("a", has_git=True, git_branch="b")
    state.correct("a", is_daybreak_enabled=True)
    state.close()
    again = UserState(tmp_path)
    assert again.read_states(["a", "b"]) == {"a": ReadState("t2", "r2"), "b": untouched("b")}
    assert again.corrections(["a", "b"]) == {
        "a": Corrections(has_git=True, git_branch="b", is_daybreak_enabled=True),
        "b": Corrections(),
    }
    again.forget("a")
    assert again.read_states(["a"])["a"] == untouched("a")
    assert again.corrections(["a"])["a"] == Corrections()
    again.close()


def test_a_database_that_can_not_be_used_costs_what_is_in_it_and_no_more(tmp_path: Path) -> None:
    overwrite(str(tmp_path / FILE), b"this is no database, and longer than a header would be" * 50)
    state = UserState(tmp_path)
    state.put_read_state("a", "t1", "r1")
    assert state.read_states(["a"])["a"] == untouched("a")


def test_two_processes_share_the_database(tmp_path: Path) -> None:
    with closing(UserState(tmp_path)) as one, closing(UserState(tmp_path)) as two:
        one.put_read_state("a", "t1", "r1")
        assert two.read_states(["a"])["a"] == ReadState("t1", "r1")
        two.put_read_state("a", None, "r2")
        assert one.read_states(["a"])["a"] == ReadState(None, "r2")
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
