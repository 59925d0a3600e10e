"""Questions to a thread's model beside the conversation."""

from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.core.lab import NOBODY, answers, failure, lab, refusal
from tests.support.client import Client, RpcError
from tests.support.provider import Reply

pytestmark = pytest.mark.anyio


async def ask(client: Client, thread: str, turn: str, prompt: str = "Ask?", **params: Any) -> Any:
    """Ask something."""
    return await client.request("thread/sample", {"threadId": thread, "expectedTurnId": turn, "prompt": prompt, **params})


async def test_a_sample_is_asked_as_if_it_were_said_next_and_leaves_nothing(tmp_path: Path) -> None:
    two: list[Any] = ["created", {"message": "S1"}, {"message": "S2"}, "completed"]
    async with lab(tmp_path, [*answers("one"), two, *answers("two")]) as home, home.talk() as client:
        thread = (await home.start(client))["id"]
        early = await refusal(ask(client, thread, NOBODY))
        assert early == f"invalid thread-store request: no rollout found for thread id {thread}"
        turn = await home.turn(client, thread, "hello")
        told, file = len(client.methods()), home.files()[0].read_bytes()
        sample = await ask(client, thread, turn)
        assert (sample["sourceTurnId"], sample["text"]) == (turn, "S1S2")
        assert sample["outputTokens"] > 0
        assert (client.methods()[told:], home.files()[0].read_bytes()) == ([], file)
        first, asked = (home.provider.requests[number] for number in (0, 1))
        assert asked.body["input"][: len(first.body["input"])] == first.body["input"]
        assert home.said(1)[-2:] == ["assistant: one", "user: Ask?"]
        assert asked.body["prompt_cache_key"] == first.body["prompt_cache_key"]
        assert asked.headers["thread-id"] != first.headers["thread-id"]
        await home.turn(client, thread, "again")
        assert home.said(2) == ["user: hello", "assistant: one", "user: again"]


async def test_samples_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    async with lab(tmp_path, [*answers("one"), Reply(status=400, body="bad thing")]) as home, home.talk() as client:
        thread = (await home.start(client))["id"]
        turn = await home.turn(client, thread, "hello")
        blank = "thread/sample requires expectedTurnId and a prompt of at most 4000 bytes"
        assert await refusal(ask(client, thread, turn, " ")) == blank
        assert await refusal(ask(client, thread, turn, "é" * 2001)) == blank
        assert await refusal(ask(client, thread, "")) == blank
        assert await refusal(ask(client, thread, NOBODY)) == "sample source turn must be the latest finished turn"
        assert await refusal(ask(client, NOBODY, turn)) == "thread/sample requires a loaded source"
        failed = await failure(ask(client, thread, turn))
        assert (failed.code, failed.data["reason"]) == (-32603, "provider_failed")
        assert "bad thing" in failed.message


async def test_a_sample_is_given_up_by_the_client_that_has_asked(tmp_path: Path) -> None:
    async with (
        lab(tmp_path, [*answers("one"), ["created", "hang"]]) as home,
        home.server() as server,
        server.client() as client,
        server.client() as other,
    ):
        thread = (await home.start(client))["id"]
        turn = await home.turn(client, thread, "hello")
        ended: list[RpcError] = []

        async def wait() -> None:
            ended.append(await failure(ask(client, thread, turn)))

        async with anyio.create_task_group() as group:
            group.start_soon(wait)
            await home.provider.wait_requests(2)
            for each in range(40):
                await other.request("thread/sample/cancel", {"requestId": each})
            assert ended == []
            for each in range(40):
                await client.request("thread/sample/cancel", {"requestId": each})
        assert [(error.code, error.message) for error in ended] == [(-32603, "sample canceled")]


async def test_a_running_turn_may_be_asked_after_where_the_client_says_so(tmp_path: Path) -> None:
    async with lab(tmp_path, [["created", "hang"], *answers("early")]) as home, home.talk() as client:
        thread = (await home.start(client))["id"]
        turn = await home.begin(client, thread, "hello")
        await home.provider.wait_requests(1)
        assert await refusal(ask(client, thread, turn)) == "sample source turn must be the latest finished turn"
        assert (await ask(client, thread, turn, allowInProgressTurn=True))["text"] == "early"
        assert home.said(1) == ["user: hello", "user: Ask?"]
