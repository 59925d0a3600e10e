"""What is kept of sessions in their threads: told to clients, written into the file, listed, and there after a restart."""

from pathlib import Path
from typing import Any

import pytest

from tests.core.lab import rows, texts
from tests.core.realtime.talking import Json, Talking, delta, done, request, settled, talking, voiced
from tests.support.client import Client
from tests.support.provider import Script

pytestmark = pytest.mark.anyio
VERSIONS = pytest.mark.parametrize("version", ["v1", "v2", "v3"])
ANSWERS: Script = [["created", {"message": text, "id": text}, "completed"] for text in ("one", "two", "three")]
SHOWN = "::codex-realtime-inline{}\nsee this"


async def listed(client: Client, thread_id: str, **params: Any) -> list[Json]:
    """The timeline of a thread."""
    page = await client.request("thread/timeline/list", {"threadId": thread_id, "limit": 100, **params})
    entries: list[Json] = page["data"]
    return entries


def brief(entries: list[Json]) -> list[str]:
    """A timeline in short."""
    return [brief_entry(entry) for entry in entries]


def brief_entry(entry: Json) -> str:
    item = entry.get("item", {})
    match item.get("type", entry["type"]):
        case "transcriptSegment":
            return f"{item['role']}: {item['text']}"
        case "realtimeSessionClosed":
            return f"closed {item['outcome']}"
        case "bemItemPromoted":
            return f"shown {item['itemId']} {item['presentation']['type']}"
        case "userMessage":
            return "asked by voice" if item["content"][0]["text"].startswith("<realtime_delegation>") else "typed"
        case "agentMessage":
            return f"agent {item['id']}"
        case kind:
            return str(kind)


@VERSIONS
async def test_what_is_said_becomes_segments_that_are_told_written_and_listed(version: str, tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start(version=version, realtimeSessionId="mine")
        await line.send(
            delta(version, "user", "hello "),
            delta(version, "assistant", "hi"),
            delta(version, "user", "there"),
            done(version, "user", "Hello there."),
            done(version, "user", "Only whole."),
        )
        await settled(talk, line, version)
        await talk.ask("stop")
        await talk.wait("closed")
        started = [each["item"] for each in talk.told("item/started")]
        completed = [each["item"] for each in talk.told("item/completed")]
        assert [item["type"] for item in started] == [
            "realtimeSessionStarted",
            *["transcriptSegment"] * 3,
            "realtimeSessionClosed",
        ]
        assert {item["realtimeSessionId"] for item in started} == {"mine"}
        assert [item["text"] for item in started[1:4]] == ["", "", ""]
        expected = {"user: hello there", "user: Only whole.", "assistant: hi"}
        assert {brief_entry({"type": "realtime", "item": item}) for item in completed[1:4]} == expected
        assert sorted(item["id"] for item in started) == sorted(item["id"] for item in completed)
        deltas = [each["delta"] for each in talk.told("item/transcript/delta")]
        assert deltas[:4] == ["hello ", "hi", "there", "Only whole."]
        kept = [row.payload for row in rows(talk.lab.files()[0]) if row.name == "realtime_item"]
        assert [payload["id"] for payload in kept] == [item["id"] for item in completed]
        assert {payload["realtime_session_id"] for payload in kept} == {"mine"}
        entries = await listed(talk.client, talk.thread_id)
        assert [entry["item"] for entry in entries] == completed
        assert (await talk.client.request("thread/items/list", {"threadId": talk.thread_id}))["data"] == []


@VERSIONS
async def test_each_part_of_a_segment_is_told_before_the_plain_notification_and_its_end_too(version: str, tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start(version=version)
        await line.send(delta(version, "user", "hello"), done(version, "user", "Hello."))
        await talk.wait("transcript/done")
        methods = ("item/started", "item/transcript/delta", "transcript/delta", "item/completed", "transcript/done")
        assert talk.order(*methods)[2:] == list(methods)


@VERSIONS
async def test_words_without_content_open_a_segment_that_only_words_keep(version: str, tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start(version=version)
        await line.send(
            delta(version, "user", ""),
            done(version, "user", "never kept"),
            delta(version, "user", ""),
            delta(version, "user", "kept"),
            done(version, "user", ""),
            done(version, "user", ""),
        )
        await settled(talk, line, version)
        started = [each["item"]["id"] for each in talk.told("item/started")[1:]]
        assert len(started) == 3
        assert started[1] == started[2]
        assert [each["item"]["text"] for each in talk.told("item/completed")[1:]] == ["kept"]


@VERSIONS
async def test_a_typed_message_seals_what_was_said_and_a_spoken_request_does_not(version: str, tmp_path: Path) -> None:
    async with talking(tmp_path, ANSWERS) as talk:
        line = await talk.start(version=version)
        await line.send(delta(version, "user", "before "), request(version, "h1", "do it"))
        await talk.client.wait_notification("turn/completed")
        await line.send(delta(version, "user", "still "))
        await talk.wait("transcript/delta", delta="still ")
        await talk.lab.turn(talk.client, talk.thread_id, "typed")
        await line.send(delta(version, "user", "after"))
        await talk.wait("transcript/delta", delta="after")
        await talk.ask("stop")
        await talk.wait("closed")
        assert brief(await listed(talk.client, talk.thread_id)) == [
            "realtimeSessionStarted",
            "turnStarted",
            "asked by voice",
            "agent one",
            "turnCompleted",
            "turnStarted",
            "user: before still ",
            "typed",
            "agent two",
            "turnCompleted",
            "user: after",
            "closed ended",
        ]


@VERSIONS
async def test_a_message_that_wants_to_be_shown_is_while_a_session_runs(version: str, tmp_path: Path) -> None:
    script: Script = [["created", {"message": SHOWN, "id": name}, "completed"] for name in ("spoken", "typed", "after")]
    async with talking(tmp_path, script) as talk:
        line = await talk.start(version=version)
        await line.send(delta(version, "user", "look"), request(version, "h1", "show it"))
        turn = await talk.client.wait_notification("turn/completed")
        await talk.lab.turn(talk.client, talk.thread_id, "again")
        await talk.ask("stop")
        await talk.wait("closed")
        await talk.lab.turn(talk.client, talk.thread_id, "once more")
        shown = [entry["item"] for entry in await listed(talk.client, talk.thread_id) if entry["type"] == "realtime"]
        assert brief([{"type": "realtime", "item": item} for item in shown]) == [
            "realtimeSessionStarted",
            "user: look",
            "shown spoken inlineMarkdown",
            "shown typed inlineMarkdown",
            "closed ended",
        ]
        assert shown[2]["turnId"] == turn["turn"]["id"]


async def test_an_item_that_is_there_to_be_seen_is_shown_behind_itself(tmp_path: Path) -> None:
    tool = {"name": "lookup", "description": "looks", "inputSchema": {"type": "object", "properties": {}}}
    script: Script = [
        ["created", {"call": "lookup", "arguments": {}, "call_id": "d1"}, "completed"],
        ["created", {"message": "found", "id": "one"}, "completed"],
    ]
    async with talking(tmp_path, script, thread={"dynamicTools": [tool]}) as talk:
        line = await talk.start()
        await line.send(delta("v2", "user", "look"), request("v2", "h1", "look it up"))
        asked = await talk.client.wait_request("item/tool/call")
        content = [{"type": "inputText", "text": "here"}]
        await talk.client.answer(asked, {"success": True, "contentItems": content})
        await talk.client.wait_notification("turn/completed")
        assert brief(await listed(talk.client, talk.thread_id)) == [
            "realtimeSessionStarted",
            "turnStarted",
            "asked by voice",
            "dynamicToolCall",
            "user: look",
            "shown d1 wholeItem",
            "agent one",
            "turnCompleted",
        ]


@VERSIONS
async def test_a_session_that_has_seen_an_error_is_kept_as_failed(version: str, tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start(version=version)
        await line.send(delta(version, "user", "open"), {"type": "error", "error": {"message": "kaboom"}})
        assert await talk.wait("error") == {"message": "kaboom"}
        assert await talk.wait("closed") == {"reason": "error"}
        entries = await listed(talk.client, talk.thread_id)
        assert brief(entries) == ["realtimeSessionStarted", "user: open", "closed failed"]


@pytest.mark.parametrize("options", [{"ephemeral": True}, {"historyMode": "legacy"}])
async def test_threads_without_such_items_are_told_the_plain_notifications_alone(options: Json, tmp_path: Path) -> None:
    async with talking(tmp_path, thread=options) as talk:
        line = await talk.start(flushTranscriptTailOnSessionEnd=True)
        await line.send(delta("v2", "user", "hello"), done("v2", "user", "Hello."))
        await talk.wait("transcript/done")
        await talk.ask("stop")
        await talk.wait("closed")
        assert talk.order("item/started", "item/completed", "item/transcript/delta") == []


@VERSIONS
async def test_the_tail_of_a_session_is_left_with_the_agent_for_its_next_turn(version: str, tmp_path: Path) -> None:
    async with talking(tmp_path, ANSWERS) as talk:
        line = await talk.start(version=version, flushTranscriptTailOnSessionEnd=True)
        await line.send(delta(version, "user", "asked"), request(version, "h1", "do it"))
        await talk.client.wait_notification("turn/completed")
        await line.send(delta(version, "assistant", "It is <done>."))
        await talk.wait("transcript/delta", delta="It is <done>.")
        before = len(talk.client.messages)
        await talk.ask("stop")
        await talk.wait("closed")
        assert not [each for each in talk.client.messages[before:] if each.get("method", "").startswith(("turn/", "item/"))]
        assert len(talk.lab.provider.requests) == 1
        await talk.lab.turn(talk.client, talk.thread_id, "typed")
        tail = talk.lab.said(1)[-2]
        assert "<source>transcript_tail_flush</source>" in tail
        assert "<transcript_delta>assistant: It is &lt;done&gt;.</transcript_delta>" in tail
        turns = (await talk.client.request("thread/read", {"threadId": talk.thread_id, "includeTurns": True}))["thread"]["turns"]
        assert [len(texts(turn)) for turn in turns] == [2, 1, 2]
        assert (turns[1]["status"], texts(turns[1])[0]) == ("completed", tail.removeprefix("user: "))


async def test_a_session_without_a_tail_or_that_wants_none_leaves_nothing(tmp_path: Path) -> None:
    async with talking(tmp_path, ANSWERS) as talk:
        for wants_tail in (True, False):
            line = await talk.start(flushTranscriptTailOnSessionEnd=wants_tail)
            if not wants_tail:
                await line.send(delta("v2", "user", "unheard"))
                await talk.wait("transcript/delta")
            await talk.ask("stop")
            await talk.wait("closed")
        await talk.lab.turn(talk.client, talk.thread_id, "typed")
        assert talk.lab.said(0) == ["user: typed"]


async def test_a_tail_within_a_turn_is_told_to_the_model_with_its_next_request(tmp_path: Path) -> None:
    command: Json = {"call": "exec_command", "arguments": {"cmd": "true"}, "call_id": "c"}
    async with talking(tmp_path, [["created", command, "completed"], ["created", {"message": "done"}, "completed"]]) as talk:
        line = await talk.start(flushTranscriptTailOnSessionEnd=True)
        await line.send(delta("v2", "user", "left over"))
        await talk.wait("transcript/delta")
        await line.close()
        await talk.wait("closed")
        await talk.lab.turn(talk.client, talk.thread_id, "typed")
        assert "left over" in talk.lab.said(0)[0]


async def test_the_first_turn_behind_a_tail_says_the_settings_again(tmp_path: Path) -> None:
    async with talking(tmp_path, ANSWERS) as talk:
        for _ in range(2):
            line = await talk.start(flushTranscriptTailOnSessionEnd=True)
            await line.send(delta("v2", "user", "left"))
            await talk.wait("transcript/delta")
            await talk.ask("stop")
            await talk.wait("closed")
        await talk.lab.turn(talk.client, talk.thread_id, "typed")
        await talk.lab.turn(talk.client, talk.thread_id, "typed")
        kinds = [row.payload.get("type") for row in rows(talk.lab.files()[0])]
        assert kinds.count("thread_settings_applied") == 2


@VERSIONS
async def test_a_thread_keeps_its_sessions_over_a_restart_and_can_be_talked_with_again(version: str, tmp_path: Path) -> None:
    async with voiced(tmp_path, ANSWERS) as (home, voice):
        async with home.talk() as client:
            talk = Talking(home, client, voice, (await home.start(client))["id"])
            line = await talk.start(version=version)
            await line.send(delta(version, "user", "hello"), request(version, "h1", "do it"))
            await client.wait_notification("turn/completed")
            await talk.ask("stop")
            await talk.wait("closed")
            before = await listed(client, talk.thread_id)
        async with home.talk() as client:
            again = Talking(home, client, voice, talk.thread_id)
            assert await listed(client, talk.thread_id) == before
            await client.request("thread/resume", {"threadId": talk.thread_id})
            assert not [each for each in client.methods() if each.startswith("thread/realtime/")]
            line = await again.start(version=version, includeStartupContext=True, prompt="P")
            assert "do it" in line.frames[0]["session"]["instructions"]
            await line.send(request(version, "h2", "more"))
            await client.wait_notification("turn/completed")
            await again.ask("stop")
            await again.wait("closed")
            after = await listed(client, talk.thread_id)
            assert after[: len(before)] == before
            expected = ["realtimeSessionStarted", "turnStarted", "asked by voice", "agent two", "turnCompleted", "closed ended"]
            assert brief(after[len(before) :]) == expected


async def test_a_page_of_the_timeline_says_which_session_runs_at_its_start(tmp_path: Path) -> None:
    async with talking(tmp_path, ANSWERS) as talk:
        line = await talk.start(realtimeSessionId="mine")
        for number in range(4):
            await line.send(done("v2", "user", str(number)))
        await talk.wait("transcript/done", text="3")
        ask = {"threadId": talk.thread_id, "limit": 2}
        newest = await talk.client.request("thread/timeline/list", ask)
        assert (brief(newest["data"]), newest["activeRealtimeSessionAtPageStart"]) == (["user: 2", "user: 3"], "mine")
        older = await talk.client.request("thread/timeline/list", {**ask, "cursor": newest["nextCursor"]})
        assert brief(older["data"]) == ["user: 0", "user: 1"]
        oldest = await talk.client.request("thread/timeline/list", {**ask, "cursor": older["nextCursor"]})
        assert (brief(oldest["data"]), oldest["activeRealtimeSessionAtPageStart"]) == (["realtimeSessionStarted"], None)
        assert oldest["nextCursor"] is None
