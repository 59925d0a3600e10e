"""The reference reads what we write. Needs its program, named by APP_SERVER_REFERENCE; it runs where only loopback exists."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from app_server.core.clock import Clock
from app_server.core.store import lines
from app_server.core.store.errors import WriterBusy
from app_server.core.store.head import Head
from app_server.core.store.lock import lock_writer
from app_server.core.store.paths import rollout_path
from app_server.core.store.rebuild import rebuild
from app_server.core.store.rollout import Rollout, continue_rollout
from app_server.core.store.settings import StoredSettings
from protocol.base import to_wire
from protocol.input import TextInput
from protocol.item import AgentMessageItem, CommandExecutionItem, FileChangeItem, ReasoningItem, UserMessageItem, WebSearchItem
from protocol.item_parts import AddPatch, FileUpdateChange, SearchWebAction
from protocol.sandbox import DangerFullAccess
from protocol.turn_events import ThreadTokenUsage, TokenUsageBreakdown
from tests.support.client import Client, RpcError
from tests.support.home import Home, make_home
from tests.support.process import spawned
from tests.support.reference import is_there, reference_command

NO_PROVIDER = "http://127.0.0.1:9/v1"

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(not is_there(), reason="APP_SERVER_REFERENCE names no program that can be run"),
]


@asynccontextmanager
async def reference(home: Home) -> AsyncIterator[Client]:
    async with spawned(reference_command(), home) as client:
        await client.initialize(experimentalApi=True)
        yield client


def settings_in(home: Home) -> StoredSettings:
    cwd = str(home.work)
    return StoredSettings(
        cwd=cwd,
        runtime_workspace_roots=(cwd,),
        model="lab-full",
        model_provider="mock",
        approval_policy="on-request",
        approvals_reviewer="user",
        sandbox=DangerFullAccess(),
        effort="low",
    )


def write_thread(home: Home) -> Rollout:
    """One turn with items of many kinds, as the turn loop would write it."""
    clock = Clock()
    thread_id, turn_id, now_ms = clock.uuid7(), clock.uuid7(), clock.now_ms()
    settings: Any = settings_in(home)
    rollout = Rollout(rollout_path(home.codex_home, now_ms, thread_id), clock)
    head = Head(
        thread_id=thread_id,
        session_id=thread_id,
        created_ms=now_ms,
        cwd=settings.cwd,
        workspace_roots=settings.runtime_workspace_roots,
        originator="lab",
        cli_version="0.1.0",
        model_provider="mock",
        base_instructions="be good",
        window_id=clock.uuid7(),
    )
    rollout.materialize(head.payload())
    times: Any = {"started_at_ms": now_ms, "completed_at_ms": now_ms + 5}
    command = "/bin/bash -lc 'echo hi'"
    change = FileUpdateChange(path=f"{settings.cwd}/a", kind=AddPatch(), diff="x\n")
    items: list[Any] = [
        UserMessageItem(id="u", client_id="c", content=[TextInput(text="written by us")], **times),
        ReasoningItem(id="r", summary=["hm"], **times),
        CommandExecutionItem(
            id="e",
            command=command,
            cwd=settings.cwd,
            process_id="7",
            status="completed",
            source="unifiedExecStartup",
            command_actions=[],
            aggregated_output="hi\n",
            exit_code=0,
            duration_ms=3,
            **times,
        ),
        FileChangeItem(id="f", changes=[change], status="completed", **times),
        WebSearchItem(id="w", query="q", action=SearchWebAction(query="q"), **times),
        AgentMessageItem(id="a", text="an answer", phase="final_answer", **times),
    ]
    count = TokenUsageBreakdown(
        total_tokens=12, input_tokens=10, cached_input_tokens=4, output_tokens=2, reasoning_output_tokens=1
    )
    said = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "written by us"}]}
    answered = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "an answer"}]}
    usage: Any = {"usage": count, "turn_usage": count, "thread_usage": count}
    rollout.append_many(
        [
            lines.task_started(turn_id, started_at=now_ms // 1000, window=1000),
            lines.turn_context(turn_id, settings, effort="low"),
            lines.thread_settings_applied(thread_id, settings),
            lines.response_item(said),
            *(lines.item_completed(thread_id, turn_id, item) for item in items),
            lines.response_item(answered),
            lines.token_usage_record(thread_id, turn_id, "resp_1", **usage),
            lines.token_count(ThreadTokenUsage(total=count, last=count, model_context_window=1000)),
            lines.task_complete(
                turn_id,
                last_agent_message="an answer",
                started_at=now_ms // 1000,
                completed_at=now_ms // 1000 + 1,
                duration_ms=5,
            ),
        ]
    )
    rollout.sync()
    return rollout


async def test_the_reference_lists_reads_and_resumes_a_thread_of_ours(tmp_path: Path) -> None:
    home = make_home(tmp_path, NO_PROVIDER)
    rollout = write_thread(home)
    async with reference(home) as client:
        (listed,) = (await client.request("thread/list", {}))["data"]
        assert (listed["id"], listed["preview"], listed["path"]) == (rollout.segment_id, "written by us", str(rollout.path))
        assert listed["historyMode"] == "paginated"
        resumed = await client.request("thread/resume", {"threadId": rollout.segment_id})
        assert (resumed["model"], resumed["reasoningEffort"]) == ("lab-full", "low")
        assert resumed["sandbox"] == to_wire(DangerFullAccess())
        assert resumed["thread"]["turns"] == [to_wire(turn.wire()) for turn in rebuild(home.codex_home, rollout.path).turns]
        used = await client.wait_notification("thread/tokenUsage/updated")
        assert used["tokenUsage"]["total"]["totalTokens"] == 12
        read = await client.request("thread/read", {"threadId": rollout.segment_id, "includeTurns": True})
        assert read["thread"]["turns"] == resumed["thread"]["turns"]


async def test_the_reference_finds_a_thread_that_is_written_while_it_runs(tmp_path: Path) -> None:
    home = make_home(tmp_path, NO_PROVIDER)
    async with reference(home) as client:
        assert (await client.request("thread/list", {}))["data"] == []
        rollout = write_thread(home)
        assert [each["id"] for each in (await client.request("thread/list", {}))["data"]] == [rollout.segment_id]


async def test_the_reference_respects_our_lock_and_we_its(tmp_path: Path) -> None:
    home = make_home(tmp_path, NO_PROVIDER)
    rollout = write_thread(home)
    lock = lock_writer(home.codex_home, rollout.segment_id)
    async with reference(home) as client:
        with pytest.raises(RpcError, match="already has an active writer"):
            await client.request("thread/resume", {"threadId": rollout.segment_id})
        lock.release()
        await client.request("thread/resume", {"threadId": rollout.segment_id})
        with pytest.raises(WriterBusy):
            lock_writer(home.codex_home, rollout.segment_id)


async def test_we_go_on_with_a_thread_after_the_reference(tmp_path: Path) -> None:
    home = make_home(tmp_path, NO_PROVIDER)
    rollout = write_thread(home)
    async with reference(home) as client:
        await client.request("thread/resume", {"threadId": rollout.segment_id, "model": "lab-text"})
    again = continue_rollout(rollout.path, Clock())
    assert again.ordinal > rollout.ordinal
    assert rebuild(home.codex_home, rollout.path).settings.model == "lab-text"
