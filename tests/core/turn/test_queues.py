"""Queues: input that waits for its turn, in the order in which it came or was put."""

from pathlib import Path
from typing import Any

import pytest

from app_server.core.store.queue_file import queue_path
from tests.core.lab import NOBODY
from tests.core.turn.dialogue import ended, halfway, items, said, says, told
from tests.core.turn_rules import check_turns
from tests.support.client import RpcError
from tests.support.deterministic import Talk, conversing
from tests.support.provider import Reply

pytestmark = pytest.mark.anyio


def words(text: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": text, "text_elements": []}]


async def add(talk: Talk, thread: str, text: str, **params: Any) -> str:
    asked = {"threadId": thread, "clientUserMessageId": f"c-{text}", "input": words(text), **params}
    entry = (await talk.client.request("thread/queue/add", asked))["queuedSubmission"]
    assert entry["clientUserMessageId"] == f"c-{text}"
    added: str = entry["id"]
    return added


async def queued(talk: Talk, thread: str, **params: Any) -> list[str]:
    page = await talk.client.request("thread/queue/list", {"threadId": thread, **params})
    return [entry["input"][0]["text"] for entry in page["data"]]


async def ask(talk: Talk, thread: str, verb: str, **params: Any) -> Any:
    return await talk.client.request(f"thread/queue/{verb}", {"threadId": thread, **params})


async def stop(talk: Talk, thread: str) -> None:
    await talk.client.request("turn/interrupt", {"threadId": thread, "turnId": ""})
    assert (await ended(talk, thread))["status"] == "interrupted"


async def test_an_idle_thread_begins_at_once_and_a_busy_one_in_its_time(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("one"), says("two"), says("three")]) as talk:
        thread = await talk.start_thread()
        for text in ("a", "b", "c"):
            await add(talk, thread, text)
        for _ in range(3):
            assert (await ended(talk, thread))["status"] == "completed"
        assert await queued(talk, thread) == []
        assert not queue_path(talk.home.codex_home, thread).exists()
    assert [item["clientId"] for item in items(talk, "userMessage")] == ["c-a", "c-b", "c-c"]
    assert said(talk)[-5:] == ["a", "one", "b", "two", "c"]
    assert check_turns(talk.client.messages) == ["completed"] * 3


async def test_a_failed_turn_is_followed_by_the_next_and_an_interrupted_one_is_not(tmp_path: Path) -> None:
    async with conversing(tmp_path, [Reply(status=400, body="no"), halfway(), says("three")]) as talk:
        thread = await talk.start_thread()
        for text in ("a", "b", "c"):
            await add(talk, thread, text)
        assert (await ended(talk, thread))["status"] == "failed"
        await talk.provider.wait_requests(2)
        await stop(talk, thread)
        assert await queued(talk, thread) == ["c"]
        assert (await ask(talk, thread, "start"))["turn"]["status"] == "inProgress"
        assert (await ended(talk, thread))["status"] == "completed"


async def test_what_waits_can_be_changed_dropped_put_in_order_and_started_out_of_it(tmp_path: Path) -> None:
    async with conversing(tmp_path, [halfway(), says("c"), says("b2"), says("a")]) as talk:
        thread = await talk.start_thread()
        await talk.start_turn(thread)
        await talk.provider.wait_requests(1)
        a, b, c, d = [await add(talk, thread, text) for text in ("a", "b", "c", "d")]
        changed = (await ask(talk, thread, "update", queuedSubmissionId=b, input=words("b2")))["queuedSubmission"]
        assert (changed["id"], changed["input"], changed["clientUserMessageId"]) == (b, words("b2"), "c-b")
        assert await ask(talk, thread, "delete", queuedSubmissionId=d) == {"deleted": True}
        assert await ask(talk, thread, "delete", queuedSubmissionId=d) == {"deleted": False}
        assert await ask(talk, thread, "reorder", queuedSubmissionIds=[b, a, c]) == {}
        assert await queued(talk, thread) == ["b2", "a", "c"]
        await stop(talk, thread)
        await ask(talk, thread, "start", queuedSubmissionId=c)
        for _ in range(3):
            await ended(talk, thread)
    assert [item["clientId"] for item in items(talk, "userMessage")] == [None, "c-c", "c-b", "c-a"]


async def test_pages_of_the_queue(tmp_path: Path) -> None:
    async with conversing(tmp_path, [halfway()]) as talk:
        thread = await talk.start_thread()
        await talk.start_turn(thread)
        for text in ("a", "b", "c"):
            await add(talk, thread, text)
        first = await ask(talk, thread, "list", limit=2)
        assert (len(first["data"]), first["nextCursor"]) == (2, "2")
        assert await queued(talk, thread, cursor="2") == ["c"]
        with pytest.raises(RpcError, match="invalid queue pagination cursor: invalid digit found in string"):
            await ask(talk, thread, "list", cursor="zz")
        await talk.provider.wait_requests(1)
        await stop(talk, thread)


async def test_what_can_not_be_done_is_refused(tmp_path: Path) -> None:
    async with conversing(tmp_path, [halfway()]) as talk:
        thread = await talk.start_thread()
        attempts: list[tuple[str, dict[str, Any], str]] = [
            ("start", {}, "queue is empty"),
            ("add", {"clientUserMessageId": "x", "input": []}, "only user input can be added to the user-message queue"),
            ("update", {"queuedSubmissionId": "zz", "input": words("x")}, "queued submission not found: zz"),
            ("start", {"queuedSubmissionId": "zz"}, "queued submission not found: zz"),
            ("add", {"clientUserMessageId": "x", "input": words("x"), "threadId": NOBODY}, f"thread not found: {NOBODY}"),
        ]
        for verb, params, text in attempts:
            with pytest.raises(RpcError) as refused:
                await ask(talk, thread, verb, **params)
            assert (refused.value.code, refused.value.message) == (-32600, text)
        with pytest.raises(RpcError, match=f"no rollout found for thread id {NOBODY}") as refused:
            await ask(talk, NOBODY, "list")
        assert refused.value.code == -32603
        await talk.start_turn(thread)
        await talk.provider.wait_requests(1)
        entry = await add(talk, thread, "a")
        for verb, params, text in (
            ("start", {"queuedSubmissionId": entry}, "thread already has an active or pending turn"),
            ("reorder", {"queuedSubmissionIds": []}, "queue reorder must include every queued submission exactly once"),
            ("update", {"queuedSubmissionId": entry, "input": []}, "only user input can be added to the user-message queue"),
        ):
            with pytest.raises(RpcError) as refused:
                await ask(talk, thread, verb, **params)
            assert (refused.value.code, refused.value.message) == (-32600, text)
        assert await queued(talk, thread) == ["a"]
        await stop(talk, thread)


async def test_the_queue_outlives_the_server_and_waits_for_the_user(tmp_path: Path) -> None:
    async with conversing(tmp_path, [halfway()]) as talk:
        thread = await talk.start_thread()
        await talk.start_turn(thread)
        await talk.provider.wait_requests(1)
        await add(talk, thread, "a")
        await stop(talk, thread)
        first = talk.home
    async with conversing(tmp_path / "again", [says("one"), says("two")]) as talk:
        for folder in ("sessions", "app_server_queues"):
            (first.codex_home / folder).rename(talk.home.codex_home / folder)
        assert await queued(talk, thread) == ["a"]
        await talk.client.request("thread/resume", {"threadId": thread, "excludeTurns": True, "cwd": str(first.work)})
        assert await queued(talk, thread) == ["a"]
        assert talk.provider.requests == []
        await talk.start_turn(thread, "mine")
        for _ in range(2):
            await ended(talk, thread)
    assert [item["clientId"] for item in items(talk, "userMessage")] == [None, "c-a"]


async def test_queued_images_are_read_when_their_turn_comes(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("one"), says("two")]) as talk:
        thread = await talk.start_thread()
        content = [*words("see"), {"type": "localImage", "path": "none.png"}]
        for _ in range(2):
            await add(talk, thread, "see", input=content)
        for _ in range(2):
            await ended(talk, thread)
    assert [text.startswith("Codex could not read") for text in said(talk)].count(True) == 2
    assert len(told(talk, "thread/queue/changed")) == 4


async def test_entries_for_the_provider_come_with_the_input(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("one")]) as talk:
        thread = await talk.start_thread()
        await add(talk, thread, "a", responsesapiClientMetadata={"k": "v"})
        await ended(talk, thread)
    assert '"k":"v"' in talk.provider.requests[0].body["client_metadata"]["x-codex-turn-metadata"]


async def test_a_queue_that_can_not_be_read_is_empty(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("one")]) as talk:
        thread = await talk.start_thread()
        path = queue_path(talk.home.codex_home, thread)
        path.parent.mkdir(parents=True)
        path.write_text("{nonsense")
        assert await queued(talk, thread) == []
        await add(talk, thread, "a")
        await ended(talk, thread)
        assert not path.exists()
