"""Forks: what they share with their source, and how they go their own way."""

from pathlib import Path
from typing import Any

import pytest

from tests.core.lab import answers, lab, refusal, rows, texts

pytestmark = pytest.mark.anyio


async def test_a_fork_goes_on_from_the_whole_past_and_leaves_its_source_alone(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("One", "Fork", "Source")) as home, home.talk() as client:
        started = await home.start(client)
        await home.turn(client, started["id"], "first")
        await client.request("thread/name/set", {"threadId": started["id"], "name": "Trunk"})
        result = await client.request("thread/fork", {"threadId": started["id"]})
        fork = result["thread"]
        assert (fork["forkedFromId"], fork["preview"], fork["name"]) == (started["id"], "first", "Trunk")
        assert [texts(turn) for turn in fork["turns"]] == [["first", "One"]]
        usage = await client.wait_notification("thread/tokenUsage/updated", threadId=fork["id"])
        assert usage["tokenUsage"]["total"]["totalTokens"] == 120
        assert (await client.wait_notification("thread/started"))["thread"]["turns"] == []
        await home.turn(client, fork["id"], "fork's")
        await home.turn(client, started["id"], "source's")
        assert home.said(1) == ["user: first", "assistant: One", "user: fork's"]
        assert home.said(2) == ["user: first", "assistant: One", "user: source's"]
        assert home.provider.requests[1].body["input"][0]["content"] == home.provider.requests[0].body["input"][0]["content"]


async def test_a_fork_is_a_head_that_names_what_it_continues(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("One", "Two")) as home, home.talk() as client:
        started = await home.start(client)
        for text in ("first", "second"):
            turn = await home.turn(client, started["id"], text)
        fork = (await client.request("thread/fork", {"threadId": started["id"], "beforeTurnId": turn}))["thread"]
        source, lines = rows(Path(started["path"])), rows(Path(fork["path"]))
        second = next(line for line in source if line.name == "task_started" and line.payload["turn_id"] == turn)
        base = {"thread_id": started["id"], "end_ordinal_exclusive": second.ordinal, "end_byte_offset": second.start}
        assert lines[0].payload["history_base"] == base
        assert [(line.name, line.ordinal) for line in lines] == [
            ("session_meta", second.ordinal),
            ("thread_settings_applied", (second.ordinal or 0) + 1),
        ]


async def test_a_fork_can_leave_its_source_after_or_before_any_turn(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("One", "Two", "Three")) as home, home.talk() as client:
        thread = (await home.start(client))["id"]
        turns = [await home.turn(client, thread, text) for text in ("first", "second", "third")]
        for params, expected in (
            ({"lastTurnId": turns[0]}, ["first"]),
            ({"lastTurnId": turns[2]}, ["first", "second", "third"]),
            ({"beforeTurnId": turns[2]}, ["first", "second"]),
            ({"beforeTurnId": turns[0]}, []),
        ):
            fork = (await client.request("thread/fork", {"threadId": thread, **params}))["thread"]
            assert [texts(turn)[0] for turn in fork["turns"]] == expected
            assert fork["preview"] == ("first" if expected else "")
            read = await client.request("thread/read", {"threadId": fork["id"], "includeTurns": True})
            assert read["thread"]["turns"] == fork["turns"]
        head = rows(Path(fork["path"]))[0]
        assert (head.ordinal, "history_base" in head.payload) == (0, False)
        assert await refusal(client.request("thread/fork", {"threadId": thread, "lastTurnId": "no"})) == "turn not found: no"
        both = {"threadId": thread, "lastTurnId": turns[0], "beforeTurnId": turns[0]}
        assert "cannot be combined" in await refusal(client.request("thread/fork", both))


async def test_in_a_fork_the_turn_that_runs_was_interrupted(tmp_path: Path) -> None:
    running: list[Any] = ["created", {"call": "exec_command", "arguments": {"cmd": "sleep 60"}}, "completed"]
    async with lab(tmp_path, [running, *answers("Fork")]) as home, home.talk() as client:
        thread = (await home.start(client))["id"]
        turn = await home.begin(client, thread, "run it")
        await client.wait_notification("item/started", item__type="commandExecution")
        last = await refusal(client.request("thread/fork", {"threadId": thread, "lastTurnId": turn}))
        assert last == f"lastTurnId '{turn}' identifies an in-progress turn"
        fork = (await client.request("thread/fork", {"threadId": thread}))["thread"]
        assert [(each["id"], each["status"]) for each in fork["turns"]] == [(turn, "interrupted")]
        assert (await client.request("thread/read", {"threadId": thread}))["thread"]["status"]["type"] == "active"
        await home.turn(client, fork["id"], "go on")
        assert home.said(1)[0] == "user: run it"
        assert home.said(1)[1:3] == ["function_call", "function_call_output"]
        assert home.said(1)[3].startswith("user: <turn_aborted>")
        assert home.said(1)[4] == "user: go on"


async def test_folder_and_permissions_come_from_the_source_and_the_model_from_the_configuration(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("One")) as home, home.talk() as client:
        thread = (await home.start(client, model="lab-text", sandbox="workspace-write"))["id"]
        await home.turn(client, thread, "first", cwd="/tmp", effort="high")
        same = await client.request("thread/fork", {"threadId": thread, "excludeTurns": True})
        assert (same["model"], same["reasoningEffort"]) == ("lab-full", None)
        assert (same["cwd"], same["sandbox"]["type"], same["approvalPolicy"]) == ("/tmp", "workspaceWrite", "never")
        params = {"threadId": thread, "model": "lab-text", "cwd": "/", "approvalPolicy": "on-request", "excludeTurns": True}
        other = await client.request("thread/fork", params)
        assert (other["model"], other["cwd"], other["approvalPolicy"]) == ("lab-text", "/", "on-request")
        assert other["thread"]["turns"] == []


async def test_an_ephemeral_fork_has_the_past_and_no_file(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("One", "Fork")) as home, home.talk() as client:
        thread = (await home.start(client))["id"]
        await home.turn(client, thread, "first")
        refused = await refusal(client.request("thread/fork", {"threadId": thread, "ephemeral": True}))
        assert refused == "ephemeral paginated thread/fork requires `excludeTurns: true`"
        params = {"threadId": thread, "ephemeral": True, "excludeTurns": True}
        fork = (await client.request("thread/fork", params))["thread"]
        assert (fork["path"], fork["ephemeral"], fork["preview"]) == (None, True, "first")
        await home.turn(client, fork["id"], "on")
        assert home.said(1) == ["user: first", "assistant: One", "user: on"]
        assert len(home.files()) == 1


async def test_a_stored_thread_and_a_fork_of_a_fork_can_be_forked_after_a_restart(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("One", "Two", "Three")) as home:
        async with home.talk() as client:
            thread = (await home.start(client))["id"]
            await home.turn(client, thread, "first")
            fork = (await client.request("thread/fork", {"threadId": thread}))["thread"]["id"]
            await home.turn(client, fork, "second")
        async with home.talk() as client:
            deep = (await client.request("thread/fork", {"threadId": fork}))["thread"]
            assert [texts(turn)[0] for turn in deep["turns"]] == ["first", "second"]
            await home.turn(client, deep["id"], "third")
            assert home.said(2) == ["user: first", "assistant: One", "user: second", "assistant: Two", "user: third"]


async def test_a_fork_of_the_older_kind_is_a_copy(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("One", "Two", "Fork")) as home, home.talk() as client:
        started = await home.start(client, historyMode="legacy")
        first = await home.turn(client, started["id"], "first")
        await home.turn(client, started["id"], "second")
        fork = (await client.request("thread/fork", {"threadId": started["id"], "lastTurnId": first}))["thread"]
        assert [texts(turn) for turn in fork["turns"]] == [["first", "One"]]
        lines = rows(Path(fork["path"]))
        assert [line.name for line in lines[:2]] == ["session_meta", "session_meta"]
        assert lines[1].payload["id"] == started["id"]
        assert not [line for line in lines if line.payload.get("message") == "second"]
        await home.turn(client, fork["id"], "on")
        assert home.said(2) == ["user: first", "assistant: One", "user: on"]


async def test_an_attached_fork_is_announced_to_nobody_and_listed_only_where_it_is_asked_for(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("One")) as home, home.talk() as client:
        thread = (await home.start(client))["id"]
        await home.turn(client, thread, "first")
        params = {"threadId": thread, "attachToSource": True, "excludeTurns": True}
        fork = (await client.request("thread/fork", params))["thread"]
        assert fork["attachedToThreadId"] == thread
        assert [each["id"] for each in (await client.request("thread/list"))["data"]] == [thread]
        attached = (await client.request("thread/list", {"attachedToThreadId": thread}))["data"]
        assert [each["id"] for each in attached] == [fork["id"]]
        started = [each["params"]["thread"]["id"] for each in client.messages if each.get("method") == "thread/started"]
        assert started == [thread]
