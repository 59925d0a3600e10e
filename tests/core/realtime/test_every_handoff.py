"""Hand-offs in each of the three protocols: a request becomes a turn, and what comes of it reaches the voice."""

import json
import os
from pathlib import Path

import anyio
import pytest

from app_server.core.realtime.mirror import APPROVAL_WANTED
from tests.core.realtime.talking import (
    Json,
    appended,
    context,
    delta,
    done,
    heard,
    message,
    request,
    settled,
    sound_in,
    sound_out,
    talking,
    words_in,
)
from tests.support.provider import Script

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("version", ["v1", "v2", "v3"])]
SOUND = {"data": "AAEC", "sampleRate": 24000, "numChannels": 1}
FINAL = '"Agent Final Message":\n\n'


def result(version: str, handoff_id: str, text: str) -> Json:
    """The frame in which the agent's last message arrives."""
    return {
        "v1": appended(handoff_id, FINAL + text),
        "v2": message(f"[BACKEND] {text}"),
        "v3": context(text, handoff_id),
    }[version]


def entries(item: Json) -> list[str]:
    """What a hand-off carries."""
    return [f"{entry['role']}: {entry['text']}" for entry in item["active_transcript"]]


async def test_a_request_becomes_a_turn_of_what_was_said_since_the_last_one(version: str, tmp_path: Path) -> None:
    script: Script = [["created", {"message": "one"}, "completed"], ["created", {"message": "two"}, "completed"]]
    async with talking(tmp_path, script) as talk:
        line = await talk.start(version=version)
        await line.send(delta(version, "user", "fix it"), delta(version, "assistant", "ok"), request(version, "h1", "fix it"))
        first = (await talk.wait("itemAdded"))["item"]
        assert (first["type"], first["handoff_id"], first["input_transcript"]) == ("handoff_request", "h1", "fix it")
        assert entries(first) == ["user: fix it", "assistant: ok"]
        await talk.client.wait_notification("turn/started")
        await heard(line, result(version, "h1", "one"))
        await talk.client.wait_notification("turn/completed")
        await line.send(delta(version, "user", "and more"), request(version, "h2", "test it"))
        assert entries((await talk.wait("itemAdded"))["item"]) == ["user: and more", "user: test it"]
        await heard(line, result(version, "h2", "two"))
        await talk.client.wait_notification("turn/completed")
        assert talk.lab.said(1)[-1] == (
            "user: <realtime_delegation>\n  <input>test it</input>\n"
            "  <transcript_delta>user: and more\nuser: test it</transcript_delta>\n</realtime_delegation>"
        )


async def test_a_request_steers_the_turn_that_runs_and_the_sound_goes_on(version: str, tmp_path: Path) -> None:
    script: Script = [["created", "hang"], ["created", {"message": "both"}, "completed"]]
    async with talking(tmp_path, script) as talk:
        line = await talk.start(version=version)
        await line.send(request(version, "h1", "first"))
        await talk.lab.provider.wait_requests(1)
        await line.send(sound_out(version))
        await talk.wait("outputAudio/delta")
        await talk.ask("appendAudio", audio=SOUND)
        await heard(line, sound_in(version))
        await line.send(request(version, "h2", "second"))
        await heard(line, result(version, "h1" if version == "v2" else "h2", "both"))
        await talk.client.wait_notification("turn/completed")
        assert talk.client.methods().count("turn/started") == 1
        assert [text.partition("<input>")[2].partition("<")[0] for text in talk.lab.said(1)[-2:]] == ["first", "second"]


async def test_a_request_steers_a_turn_that_was_typed(version: str, tmp_path: Path) -> None:
    script: Script = [["created", "hang"], ["created", {"message": "both"}, "completed"]]
    async with talking(tmp_path, script) as talk:
        line = await talk.start(version=version)
        await talk.lab.begin(talk.client, talk.thread_id, "typed")
        await talk.lab.provider.wait_requests(1)
        await line.send(request(version, "h1", "spoken"))
        await heard(line, result(version, "h1", "both"))
        await talk.client.wait_notification("turn/completed")
        assert talk.client.methods().count("turn/started") == 1


async def test_the_delegated_turn_uses_tools_and_a_tool_that_runs_blocks_no_sound(version: str, tmp_path: Path) -> None:
    command = {"call": "exec_command", "arguments": {"cmd": "echo first; read line < gate; echo $line"}, "call_id": "c"}
    script: Script = [["created", command, "completed"], ["created", {"message": "ran it"}, "completed"]]
    async with talking(tmp_path, script) as talk:
        gate = talk.lab.home.work / "gate"
        os.mkfifo(gate)
        line = await talk.start(version=version)
        await line.send(request(version, "h1", "run it"))
        await talk.client.wait_notification("item/started", item__type="commandExecution")
        await line.send(sound_out(version), delta(version, "assistant", "still here"))
        await talk.wait("outputAudio/delta")
        await talk.wait("transcript/delta")
        await anyio.to_thread.run_sync(gate.write_text, "second\n")
        await heard(line, result(version, "h1", "ran it"))
        await talk.client.wait_notification("turn/completed")
        output = talk.lab.provider.requests[1].body["input"][-1]["output"]
        assert "first" in str(output)
        assert "second" in str(output)


async def test_a_turn_that_fails_reaches_the_voice(version: str, tmp_path: Path) -> None:
    async with talking(tmp_path, [["created", {"failed": {"error": {"code": "x", "message": "no luck"}}}]]) as talk:
        line = await talk.start(version=version)
        await line.send(request(version, "h1", "try it"))
        while "The task has failed: " not in json.dumps(await line.next()):
            pass
        turn = await talk.client.wait_notification("turn/completed")
        assert turn["turn"]["status"] == "failed"
        await line.send(delta(version, "user", "still on"))
        await talk.wait("transcript/delta")


async def test_an_interrupted_turn_reaches_the_voice_and_the_session_goes_on(version: str, tmp_path: Path) -> None:
    script: Script = [["created", "hang"], ["created", {"message": "second"}, "completed"]]
    async with talking(tmp_path, script) as talk:
        line = await talk.start(version=version)
        await line.send(request(version, "h1", "try it"))
        await talk.lab.provider.wait_requests(1)
        await talk.client.request("turn/interrupt", {"threadId": talk.thread_id, "turnId": ""})
        while "The task was stopped" not in json.dumps(await line.next()):
            pass
        await talk.client.wait_notification("turn/completed")
        await line.send({"type": "response.done"}, request(version, "h2", "again"))
        await heard(line, result(version, "h2", "second"))
        assert not talk.told("closed")


async def test_a_repeated_request_starts_nothing_twice(version: str, tmp_path: Path) -> None:
    async with talking(tmp_path, [["created", {"message": "done"}, "completed"]]) as talk:
        line = await talk.start(version=version)
        await line.send(request(version, "h1", "try it"), request(version, "h1", "try it"))
        await heard(line, result(version, "h1", "done"))
        await talk.client.wait_notification("turn/completed")
        await settled(talk, line, version)
        assert talk.client.methods().count("turn/started") == 1
        assert [each["item"]["handoff_id"] for each in talk.told("itemAdded") if each["item"] != "settled"] == ["h1"]


async def test_what_the_provider_shows_of_the_user_s_words_starts_nothing(version: str, tmp_path: Path) -> None:
    echo = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "do it"}]}
    async with talking(tmp_path) as talk:
        line = await talk.start(version=version)
        await line.send(
            {"type": "conversation.item.added", "item": echo},
            {"type": "conversation.item.done", "item": {"id": "i", **echo}},
            delta(version, "user", "do it"),
            done(version, "user", "Do it."),
        )
        await settled(talk, line, version)
        assert "turn/started" not in talk.client.methods()


async def test_the_agent_s_messages_are_told_with_their_request_until_the_turn_is_over(version: str, tmp_path: Path) -> None:
    command = {"call": "exec_command", "arguments": {"cmd": "true"}, "call_id": "c"}
    script: Script = [
        ["created", {"message": "looking", "phase": "commentary"}, command, "completed"],
        ["created", {"message": "found"}, "completed"],
        ["created", {"message": "typed"}, "completed"],
    ]
    async with talking(tmp_path, script) as talk:
        line = await talk.start(version=version)
        await line.send(request(version, "h1", "look"), {"type": "conversation.item.done", "item": {"id": "other"}})
        await heard(line, appended("h1", "looking") if version == "v1" else result(version, "h1", "looking"))
        await heard(line, result(version, "h1", "found"))
        await talk.client.wait_notification("turn/completed")
        await talk.lab.turn(talk.client, talk.thread_id, "typed by hand")
        alone = {"v1": appended("codex", FINAL + "typed"), "v2": message("[BACKEND] typed"), "v3": context("typed")}
        await heard(line, alone[version])
        assert not [frame for frame in line.frames if "typed by hand" in json.dumps(frame)]


async def test_a_client_that_manages_hand_offs_hears_of_them_and_speaks_for_itself(version: str, tmp_path: Path) -> None:
    async with talking(tmp_path, [["created", {"message": "unsaid"}, "completed"]]) as talk:
        line = await talk.start(version=version, clientManagedHandoffs=True)
        await line.send(request(version, "h1", "do it"))
        await talk.client.wait_notification("turn/completed")
        await talk.ask("appendSpeech", text="said")
        spoken = {
            "v1": appended("codex", "said"),
            "v2": message("[BACKEND] said"),
            "v3": context("said", channel="speakable"),
        }
        assert await line.next() == spoken[version]


async def test_results_may_be_items(version: str, tmp_path: Path) -> None:
    async with talking(tmp_path, [["created", {"message": "done"}, "completed"]]) as talk:
        line = await talk.start(version=version, codexResponsesAsItems=True, codexResponseItemPrefix="PFX")
        await line.send(request(version, "h1", "do it"))
        expected = {
            "v1": message("PFX\n\ndone", "developer"),
            "v2": message("PFX\n\n[BACKEND] done", "developer"),
            "v3": context("PFX\n\ndone"),
        }
        assert await line.next() == expected[version]


async def test_what_the_user_is_asked_is_told_to_the_voice(version: str, tmp_path: Path) -> None:
    command = {"call": "exec_command", "arguments": {"cmd": "echo asked"}, "call_id": "c"}
    script: Script = [["created", command, "completed"], ["created", {"message": "done"}, "completed"]]
    async with talking(tmp_path, script, thread={"approvalPolicy": "untrusted"}) as talk:
        line = await talk.start(version=version)
        await line.send(request(version, "h1", "run it"))
        asked = await talk.client.wait_request("item/commandExecution/requestApproval")
        told = words_in(await line.next())
        assert APPROVAL_WANTED in told
        assert "echo asked" in told
        await talk.client.answer(asked, {"decision": "accept"})
        await heard(line, result(version, "h1", "done"))


async def test_a_client_that_manages_hand_offs_tells_of_questions_itself(version: str, tmp_path: Path) -> None:
    command = {"call": "exec_command", "arguments": {"cmd": "echo asked"}, "call_id": "c"}
    script: Script = [["created", command, "completed"], ["created", {"message": "done"}, "completed"]]
    async with talking(tmp_path, script, thread={"approvalPolicy": "untrusted"}) as talk:
        line = await talk.start(version=version, clientManagedHandoffs=True)
        await line.send(request(version, "h1", "run it"))
        await talk.client.answer(await talk.client.wait_request("item/commandExecution/requestApproval"), {"decision": "accept"})
        await talk.client.wait_notification("turn/completed")
        assert await line.is_silent()
