"""Loading threads again: what is restored, what is said in which order, and what is refused."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from app_server.core.clock import Clock
from app_server.core.store.lock import lock_writer
from app_server.core.store.rollout import continue_rollout
from tests.core.lab import FREE, NOBODY, answers, content, failure, lab, overwrite, refusal, rows, texts

pytestmark = pytest.mark.anyio


async def test_after_a_restart_the_model_gets_the_history_and_is_told_nothing_twice(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("One", "Two", "Three")) as home:
        async with home.talk() as client:
            thread = (await home.start(client))["id"]
            await home.turn(client, thread, "first")
            await home.turn(client, thread, "second", model="lab-text")
        async with home.talk() as client:
            result = await client.request("thread/resume", {"threadId": thread})
            assert (result["model"], result["thread"]["model"]) == ("lab-text", "lab-text")
            await home.turn(client, thread, "third")
        before, after = home.provider.requests[1].body["input"], home.provider.requests[2].body["input"]
        assert after[: len(before)] == before
        assert home.said(2)[-2:] == ["assistant: Two", "user: third"]
        assert len(after) == len(before) + 2


async def test_everything_comes_in_the_order_that_clients_know(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("One")) as home:
        async with home.talk() as client:
            thread = (await home.start(client))["id"]
            turn = await home.turn(client, thread, "first")
        async with home.talk() as client:
            result = await client.request("thread/resume", {"threadId": thread, "model": "lab-text"})
            goal = await client.wait_notification("thread/goal/cleared")
            assert goal == {"threadId": thread}
            came = [message.get("method") or message["id"] for message in client.messages[2:]]
            assert came == [
                "deprecationNotice",
                "warning",
                "thread/status/changed",
                2,
                "thread/tokenUsage/updated",
                "thread/goal/cleared",
            ]
            warning = next(message["params"] for message in client.messages if message.get("method") == "warning")
            assert "recorded with model `lab-full` but is resuming with `lab-text`" in warning["message"]
            usage = next(message["params"] for message in client.messages if "tokenUsage" in str(message.get("method")))
            assert (usage["turnId"], usage["tokenUsage"]["total"]["totalTokens"]) == (turn, 120)
        assert [texts(each) for each in result["thread"]["turns"]] == [["first", "One"]]
        assert result["collaborationMode"]["mode"] == "default"


async def test_settings_are_those_of_before_with_the_requests_on_top_and_these_are_recorded(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("One")) as home:
        async with home.talk() as client:
            started = await home.start(client)
            await home.turn(client, started["id"], "first", effort="high")
        async with home.talk() as client:
            same = await client.request("thread/resume", {"threadId": started["id"], "excludeTurns": True})
            assert (same["approvalPolicy"], same["sandbox"]["type"]) == ("never", "dangerFullAccess")
            assert same["reasoningEffort"] == "high"
            assert [line.name for line in rows(Path(started["path"]))][-1] == "task_complete"
        async with home.talk() as client:
            params = {"threadId": started["id"], "sandbox": "read-only", "cwd": "/tmp", "excludeTurns": True}
            changed = await client.request("thread/resume", params)
            assert (changed["sandbox"]["type"], changed["cwd"], changed["approvalPolicy"]) == ("readOnly", "/tmp", "never")
            assert rows(Path(started["path"]))[-1].payload["thread_settings"]["cwd"] == "/tmp"
        async with home.talk() as client:
            again = await client.request("thread/resume", {"threadId": started["id"], "config": {"model": "lab-text"}})
            assert (again["model"], again["cwd"], again["reasoningEffort"]) == ("lab-text", "/tmp", None)


async def test_a_client_that_joins_a_running_thread_gets_its_turn_and_the_pending_question(tmp_path: Path) -> None:
    script = [["created", {"call": "exec_command", "arguments": {"cmd": "true"}}, "completed"], *answers("Done")]
    async with lab(tmp_path, script) as home, home.server() as server, server.client() as one:
        thread = (await home.start(one, approvalPolicy="untrusted"))["id"]
        turn = await home.begin(one, thread, "run it")
        asked = await one.wait_request("item/commandExecution/requestApproval")
        async with server.client() as two:
            result = await two.request("thread/resume", {"threadId": thread, "model": "lab-text"})
            assert result["model"] == "lab-full"
            assert result["thread"]["status"] == {"type": "active", "activeFlags": ["waitingOnApproval"]}
            assert [(each["id"], each["status"]) for each in result["thread"]["turns"]] == [(turn, "inProgress")]
            again = await two.wait_request("item/commandExecution/requestApproval")
            assert again == asked
            await two.answer(again, {"decision": "accept"})
            assert (await two.wait_notification("turn/completed"))["turn"]["id"] == turn
        await one.wait_notification("turn/completed", turn__id=turn)


async def test_without_turns_a_page_of_them_and_cursors_can_be_had(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("One", "Two")) as home:
        async with home.talk() as client:
            thread = (await home.start(client))["id"]
            for text in ("first", "second"):
                await home.turn(client, thread, text)
        async with home.talk() as client:
            params: dict[str, Any] = {"threadId": thread, "excludeTurns": True, "initialTurnsPage": {"limit": 1}}
            result = await client.request("thread/resume", params)
            assert result["thread"]["turns"] == []
            assert [texts(turn) for turn in result["initialTurnsPage"]["data"]] == [["second", "Two"]]
            older = {"threadId": thread, "cursor": result["initialTurnsPage"]["nextCursor"]}
            assert [texts(turn) for turn in (await client.request("thread/turns/list", older))["data"]] == [["first", "One"]]
            newest = {"threadId": thread, "cursor": result["turnsBackwardsCursor"]}
            assert len((await client.request("thread/turns/list", newest))["data"]) == 2
            last = {"threadId": thread, "cursor": result["itemsBackwardsCursor"], "sortDirection": "asc"}
            items = (await client.request("thread/items/list", last))["data"]
            assert [entry["item"]["text"] for entry in items] == ["Two"]


async def test_a_turn_of_a_process_that_died_is_interrupted_and_its_accepted_words_are_kept(tmp_path: Path) -> None:
    script = [["created", {"call": "exec_command", "arguments": {"cmd": "sleep 60"}}, "completed"], *answers("On we go")]
    async with lab(tmp_path, script) as home:
        async with home.talk() as client:
            started = await home.start(client)
            turn = await home.begin(client, started["id"], "first")
            await client.wait_notification("item/started", item__type="commandExecution")
            words = [{"type": "text", "text": "steered"}]
            params = {"threadId": started["id"], "expectedTurnId": turn, "input": words}
            await client.request("turn/steer", params)
            died = content(started["path"])
        overwrite(started["path"], died + b'{"timestamp":"2026')
        async with home.talk() as client:
            result = await client.request("thread/resume", {"threadId": started["id"]})
            assert [(each["status"], texts(each)) for each in result["thread"]["turns"]] == [
                ("interrupted", ["first", "steered"])
            ]
            await home.turn(client, started["id"], "second")
            assert home.said(1)[-2:] == ["user: steered", "user: second"]


async def test_a_history_of_the_clients_begins_a_new_thread(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("And you?")) as home, home.talk() as client:
        said = [
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hello"}]},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "hey"}]},
        ]
        result = await client.request("thread/resume", {"threadId": NOBODY, "history": said, **FREE})
        thread = result["thread"]["id"]
        assert thread != NOBODY
        assert result["thread"]["preview"] == "hello"
        await home.turn(client, thread, "how are you?")
        assert home.said(0) == ["user: hello", "assistant: hey", "user: how are you?"]
        assert "while it is already running" in await refusal(
            client.request("thread/resume", {"threadId": thread, "history": said})
        )
        assert await refusal(client.request("thread/resume", {"threadId": NOBODY, "history": []})) == "history must not be empty"


async def test_threads_are_found_by_their_file_too_but_not_by_a_copy(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("One")) as home:
        async with home.talk() as client:
            started = await home.start(client)
            await home.turn(client, started["id"], "first")
            active = await refusal(client.request("thread/resume", {"threadId": started["id"], "path": "/elsewhere"}))
            assert active.startswith(f"cannot resume running thread {started['id']} with stale path")
        copy = home.home.codex_home / "sessions" / "copy.jsonl"
        shutil.copy(started["path"], copy)
        async with home.talk() as client:
            stale = await refusal(client.request("thread/resume", {"threadId": "", "path": str(copy)}))
            assert stale == (
                f"cannot resume paginated thread {started['id']} with stale path: requested {copy}, "
                f"current {started['path']}; omit path and resume by thread id"
            )
            none = await refusal(client.request("thread/resume", {"threadId": "", "path": "/none.jsonl"}))
            assert none == "failed to resolve rollout path `/none.jsonl`: file does not exist"
            result = await client.request("thread/resume", {"threadId": "whatever", "path": started["path"]})
            assert result["thread"]["id"] == started["id"]


async def test_what_can_not_be_resumed_is_refused_in_the_words_that_clients_match(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("One")) as home, home.talk() as client:
        started = await home.start(client)
        ephemeral = await home.start(client, ephemeral=True)
        for thread in (NOBODY, started["id"], ephemeral["id"]):
            error = await failure(client.request("thread/resume", {"threadId": thread}))
            assert (error.code, error.message) == (-32600, f"no rollout found for thread id {thread}")
        assert (await refusal(client.request("thread/resume", {"threadId": "x"}))).startswith("invalid session id: ")
        await home.turn(client, started["id"], "first")
        await client.request("thread/archive", {"threadId": started["id"]})
        archived = await refusal(client.request("thread/resume", {"threadId": started["id"]}))
        assert archived.startswith(f"session {started['id']} is archived.")


async def test_a_thread_that_another_process_writes_can_not_be_resumed_until_it_lets_go(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("One")) as home:
        async with home.talk() as client:
            thread = (await home.start(client))["id"]
            await home.turn(client, thread, "first")
        async with home.talk() as client:
            other = lock_writer(home.home.codex_home, thread)
            busy = await refusal(client.request("thread/resume", {"threadId": thread}))
            assert busy == f"thread {thread} already has an active writer"
            other.release()
            assert (await client.request("thread/resume", {"threadId": thread}))["thread"]["id"] == thread


async def test_a_thread_of_the_older_kind_stays_of_that_kind(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("One", "Two")) as home:
        async with home.talk() as client:
            started = await home.start(client, historyMode="legacy")
            await home.turn(client, started["id"], "first")
        async with home.talk() as client:
            result = await client.request("thread/resume", {"threadId": started["id"]})
            assert result["thread"]["historyMode"] == "legacy"
            await home.turn(client, started["id"], "second")
            whole = await client.request("thread/read", {"threadId": started["id"], "includeTurns": True})
            assert [texts(turn) for turn in whole["thread"]["turns"]] == [["first", "One"], ["second", "Two"]]
            assert [item["id"] for turn in whole["thread"]["turns"] for item in turn["items"]] == [
                "item-1",
                "item-2",
                "item-3",
                "item-4",
            ]
            assert "list is not supported yet" in await refusal(client.request("thread/items/list", {"threadId": started["id"]}))
        assert all(line.ordinal is None for line in rows(Path(started["path"])))
        assert not continue_rollout(Path(started["path"]), Clock()).is_numbered
