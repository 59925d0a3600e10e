"""Look-ups of older clients: a stored conversation, and what differs from a remote. And plans that the user agreed to."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.client import RpcError
from tests.support.deterministic import conversing

ANSWER = ["created", {"message": "Done"}, "completed"]


async def test_a_stored_conversation_is_summed_up_by_its_id_or_its_file(tmp_path: Path) -> None:
    async with conversing(tmp_path, [ANSWER]) as talk:
        thread = await talk.start_thread()
        await talk.start_turn(thread, "What is it?")
        await talk.client.wait_notification("turn/completed")
        (file,) = talk.home.codex_home.glob("sessions/*/*/*/*.jsonl")
        by_id = await talk.client.request("getConversationSummary", {"conversationId": thread.upper()})
        summary = by_id["summary"]
        assert summary.pop("updatedAt").endswith("Z")
        assert summary == {
            "conversationId": thread,
            "path": str(file),
            "preview": "What is it?",
            "timestamp": "2026-01-02T03:04:05.000Z",
            "modelProvider": "mock",
            "cwd": str(talk.home.work),
            "cliVersion": "0.169.0",
            "source": "vscode",
            "gitInfo": None,
        }
        for path in (str(file), str(file.relative_to(talk.home.codex_home))):
            found = await talk.client.request("getConversationSummary", {"rolloutPath": path})
            assert found["summary"]["conversationId"] == thread


@pytest.mark.parametrize(
    ("params", "text"),
    [
        (
            {"conversationId": "01984de2-8f74-7c91-a3b2-5c5e937cf318"},
            "no rollout found for conversation id 01984de2-8f74-7c91-a3b2-5c5e937cf318",
        ),
        ({"rolloutPath": "x"}, "failed to resolve rollout path `HOME/x`: file does not exist"),
        (
            {"conversationId": "x"},
            "Invalid request: data did not match any variant of untagged enum GetConversationSummaryParams",
        ),
        ({}, "Invalid request: data did not match any variant of untagged enum GetConversationSummaryParams"),
    ],
)
async def test_a_conversation_that_is_not_there(tmp_path: Path, params: dict[str, Any], text: str) -> None:
    async with conversing(tmp_path) as talk:
        with pytest.raises(RpcError) as caught:
            await talk.client.request("getConversationSummary", params)
        assert (caught.value.code, caught.value.message) == (-32600, text.replace("HOME", str(talk.home.codex_home)))


async def test_no_difference_is_told_with_the_folder_as_the_client_wrote_it(tmp_path: Path) -> None:
    async with conversing(tmp_path) as talk:
        with pytest.raises(RpcError) as caught:
            await talk.client.request("gitDiffToRemote", {"cwd": "relative"})
        assert caught.value.message == 'failed to compute git diff to remote for cwd: "relative"'


async def test_a_plan_that_was_agreed_to_stands_before_the_words_of_the_turn(tmp_path: Path) -> None:
    async with conversing(tmp_path, [ANSWER]) as talk:
        thread = await talk.start_thread()
        prepare = "thread/prepareApprovedPlan"
        for params, code, text in (
            ({"markdown": " \n"}, -32600, "The approved plan is empty."),
            ({"markdown": "x", "attachmentPath": "rel"}, -32602, "`attachmentPath` must be absolute on the app server"),
        ):
            with pytest.raises(RpcError) as caught:
                await talk.client.request(prepare, {"threadId": thread, **params})
            assert (caught.value.code, caught.value.message) == (code, text)
        plan = {"threadId": thread, "markdown": " # Plan\n- a\n", "attachmentPath": "/somewhere"}
        assert await talk.client.request(prepare, plan) == {"prompt": "Implement the plan."}
        await talk.start_turn(thread, "Implement the plan.")
        await talk.client.wait_notification("turn/completed")
        (request,) = talk.provider.requests
        told, words = request.body["input"][-2:]
        assert {name: told[name] for name in ("type", "name", "namespace", "output")} == {
            "type": "function_call_output",
            "name": "proposed_plan",
            "namespace": "agent",
            "output": " # Plan\n- a\n",
        }
        assert words["content"][0]["text"] == "Implement the plan."
