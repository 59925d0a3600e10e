"""Taking turns back."""

from pathlib import Path
from typing import Any

import pytest

from tests.core.lab import NOBODY, answers, lab, refusal, rows, texts

pytestmark = pytest.mark.anyio


async def test_the_model_no_longer_sees_what_was_taken_back(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("One", "Two", "New")) as home:
        async with home.talk() as client:
            started = await home.start(client)
            first = await home.turn(client, started["id"], "first")
            second = await home.turn(client, started["id"], "second", model="lab-text")
            result = await client.request("thread/revert", {"threadId": started["id"], "beforeTurnId": second})
            assert result["thread"]["path"] != started["path"]
            await client.wait_notification("thread/reverted")
            statuses = [
                each["params"]["status"]["type"] for each in client.messages if each.get("method") == "thread/status/changed"
            ]
            assert statuses[-2:] == ["notLoaded", "idle"]
            page = await client.request(
                "thread/turns/list", {"threadId": started["id"], "cursor": result["turnsBackwardsCursor"]}
            )
            assert [each["id"] for each in page["data"]] == [first]
            await home.turn(client, started["id"], "third")
            assert home.provider.requests[2].body["model"] == "lab-text"
            assert home.said(2) == ["user: first", "assistant: One", "user: third"]
        async with home.talk() as client:
            whole = await client.request("thread/resume", {"threadId": started["id"]})
            assert [texts(turn) for turn in whole["thread"]["turns"]] == [["first", "One"], ["third", "New"]]
            assert len((await client.request("thread/list"))["data"]) == 1


async def test_the_new_file_continues_the_old_one_which_stays(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("One", "Two")) as home, home.talk() as client:
        started = await home.start(client)
        await home.turn(client, started["id"], "first")
        second = await home.turn(client, started["id"], "second")
        before = rows(Path(started["path"]))
        result = await client.request("thread/revert", {"threadId": started["id"], "beforeTurnId": second})
        assert [line.payload for line in rows(Path(started["path"]))] == [line.payload for line in before]
        head = rows(Path(result["thread"]["path"]))[0]
        left = next(line for line in before if line.payload.get("turn_id") == second)
        assert (head.ordinal, head.payload["history_base"]["end_ordinal_exclusive"]) == (left.ordinal, left.ordinal)
        assert head.payload["id"] == started["id"]


async def test_the_running_turn_is_interrupted_first_and_unread_marks_go_with_their_turns(tmp_path: Path) -> None:
    running: list[Any] = ["created", {"call": "exec_command", "arguments": {"cmd": "sleep 60"}}, "completed"]
    async with lab(tmp_path, [*answers("One"), running, *answers("New")]) as home, home.talk() as client:
        thread = (await home.start(client))["id"]
        first = await home.turn(client, thread, "first")
        await home.begin(client, thread, "run it")
        await client.wait_notification("item/started", item__type="commandExecution")
        await client.request("thread/revert", {"threadId": thread, "beforeTurnId": first})
        ended = await client.wait_notification("turn/completed")
        assert ended["turn"]["status"] == "interrupted"
        state = (await client.request("thread/read", {"threadId": thread}))["readState"]
        assert state["firstUnread"] is None
        await home.turn(client, thread, "anew")
        assert home.said(2) == ["user: anew"]


async def test_what_can_not_be_reverted(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("One", "Old")) as home, home.talk() as client:
        thread = (await home.start(client))["id"]
        await home.turn(client, thread, "first")
        old = (await home.start(client, historyMode="legacy"))["id"]
        await home.turn(client, old, "old")
        ephemeral = (await home.start(client, ephemeral=True))["id"]
        for thread_id, text in (
            (thread, "turn not found: nope"),
            (NOBODY, f"thread not found: {NOBODY}"),
            (old, "thread/revert only supports paginated threads"),
            (ephemeral, "ephemeral threads do not support thread/revert"),
        ):
            assert await refusal(client.request("thread/revert", {"threadId": thread_id, "beforeTurnId": "nope"})) == text


async def test_a_rollback_only_notes_how_many_turns_no_longer_count(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("One", "Two", "New")) as home:
        async with home.talk() as client:
            started = await home.start(client)
            await home.turn(client, started["id"], "first")
            await home.turn(client, started["id"], "second")
            assert await refusal(client.request("thread/rollback", {"threadId": started["id"], "numTurns": 0})) == (
                "numTurns must be >= 1"
            )
            result = await client.request("thread/rollback", {"threadId": started["id"], "numTurns": 1})
            assert [texts(turn) for turn in result["thread"]["turns"]] == [["first", "One"]]
            assert rows(Path(started["path"]))[-1].name == "thread_rolled_back"
            await home.turn(client, started["id"], "third")
            assert home.said(2) == ["user: first", "assistant: One", "user: third"]
        async with home.talk() as client:
            whole = await client.request("thread/resume", {"threadId": started["id"]})
            assert [texts(turn)[0] for turn in whole["thread"]["turns"]] == ["first", "third"]
            gone = await client.request("thread/rollback", {"threadId": started["id"], "numTurns": 99})
            assert gone["thread"]["turns"] == []
