"""Sessions of versions 1 and 3 against a real websocket: where they differ from version 2."""

from pathlib import Path

import pytest

from tests.core.realtime.talking import appended, context, delegation, handoff, message, talking
from tests.support.provider import Script

pytestmark = pytest.mark.anyio
FINAL = '"Agent Final Message":\n\n'


async def test_version_1_names_itself_and_speaks_its_own_frames(tmp_path: Path) -> None:
    async with talking(tmp_path, tables='[realtime]\nversion = "v1"\nvoice = "ember"\n') as talk:
        line = await talk.start(model="m x", prompt="P")
        assert (line.path, line.query) == ("/v1/realtime", "intent=quicksilver&model=m+x")
        assert line.headers["openai-alpha"] == "quicksilver=v1"
        session = line.frames[0]["session"]
        assert (session["type"], session["instructions"], session["audio"]["output"]) == ("quicksilver", "P", {"voice": "ember"})
        await talk.ask("appendAudio", audio={"data": "AAEC", "sampleRate": 24000, "numChannels": 1})
        await talk.ask("appendText", text="noted", role="assistant")
        await talk.ask("appendSpeech", text="say this")
        assert [await line.next() for _ in range(3)] == [
            {"type": "input_audio_buffer.append", "audio": "AAEC"},
            message("noted", "assistant"),
            appended("codex", "say this"),
        ]


async def test_version_1_hears_sound_and_words_in_each_spelling(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start(version="v1")
        await line.send(
            {"type": "conversation.output_audio.delta", "data": "BAUG", "sample_rate": 16000, "num_channels": 2},
            {"type": "conversation.input_transcript.delta", "delta": "open "},
            {"type": "conversation.item.input_audio_transcription.delta", "delta": "the door"},
            {"type": "conversation.output_transcript.delta", "delta": "It "},
            {"type": "response.output_audio_transcript.delta", "delta": "is"},
            {"type": "response.output_audio_transcript.done", "transcript": "It is open."},
        )
        await talk.settle(line)
        sound = {"data": "BAUG", "sampleRate": 16000, "numChannels": 2, "samplesPerChannel": None, "itemId": None}
        assert talk.told("outputAudio/delta") == [{"audio": sound}]
        assert "".join(each["delta"] for each in talk.told("transcript/delta")) == "open the doorIt is"
        assert talk.told("transcript/done") == [{"role": "assistant", "text": "It is open."}]
        assert [each["item"].get("text") for each in talk.told("item/completed")] == [None, "It is"]


async def test_version_1_hands_over_and_gets_the_results_by_the_newest_id(tmp_path: Path) -> None:
    script: Script = [
        ["created", {"message": "Looking", "phase": "commentary"}, {"message": "Fixed", "phase": "final_answer"}, "completed"],
        ["created", {"message": "Shipped"}, "completed"],
        ["created", {"message": "Typed"}, "completed"],
    ]
    async with talking(tmp_path, script) as talk:
        line = await talk.start(version="v1")
        await line.send(handoff("h_1", "fix it"))
        assert [await line.next(), await line.next()] == [appended("h_1", "Looking"), appended("h_1", FINAL + "Fixed")]
        await talk.client.wait_notification("turn/completed")
        await line.send({"type": "conversation.output_transcript.delta", "delta": "ship?"}, handoff("h_2", ""))
        assert await line.next() == appended("h_2", FINAL + "Shipped")
        await talk.client.wait_notification("turn/completed")
        await talk.lab.turn(talk.client, talk.thread_id, "typed by hand")
        assert await line.next() == appended("codex", FINAL + "Typed")
        task = (
            "<realtime_delegation>\n  <input>assistant: ship?</input>\n  <transcript_delta>assistant: ship?</transcript_delta>\n"
        )
        assert talk.lab.said(1)[-1].startswith(f"user: {task}")


async def test_the_user_s_words_as_items_of_the_provider_start_nothing(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start(version="v1")
        await line.send({"type": "conversation.item.added", "item": {"type": "message", "role": "user", "content": []}})
        await talk.settle(line)
        assert "turn/started" not in talk.client.methods()


async def test_version_3_starts_when_the_provider_says_so(tmp_path: Path) -> None:
    async with talking(tmp_path, [["created", {"message": "typed"}, "completed"]]) as talk:
        await talk.ask("start", outputModality="audio", prompt="P", includeStartupContext=False, version="v3", voice="rio")
        line = await talk.voice.answer()
        assert (line.path, line.query) == ("/v1/live", "model=gpt-live-1-codex")
        assert line.headers["openai-alpha"] == "quicksilver=v2"
        setup = await line.next()
        assert setup["session"] == {
            "instructions": "P",
            "audio": {"output": {"voice": "rio"}},
            "delegation": {"type": "client"},
        }
        await line.send({"type": "something.new"}, {"type": "session.started", "session": {}})
        await talk.lab.turn(talk.client, talk.thread_id, "the thread is not blocked")
        await talk.ask("appendText", text="early")
        assert not talk.told("started")
        await line.send({"type": "session.updated", "session": {"id": "s"}})
        assert await talk.wait("started") == {"realtimeSessionId": talk.thread_id, "version": "v3"}
        assert [await line.next(), await line.next()] == [context("typed"), context("early")]


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ([{"type": "error", "error": {"message": "no way"}}], "no way"),
        (
            [{"type": "output_audio.delta", "audio": "AQ"}],
            "frameless realtime session received an event before session.started",
        ),
    ],
)
async def test_version_3_that_starts_with_anything_else_has_failed(
    events: list[dict[str, str]], told: str, tmp_path: Path
) -> None:
    async with talking(tmp_path) as talk:
        await talk.ask("start", outputModality="audio", version="v3")
        line = await talk.voice.answer()
        await line.next()
        await line.send(*events)
        assert await talk.wait("error") == {"message": f"stream disconnected before completion: {told}"}
        assert await line.wait_ended() is None
        assert not talk.told("started")
        assert not talk.told("closed")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (1000, "frameless realtime session ended before session.started"),
        (1012, 'realtime websocket closed unexpectedly: code=Restart reason=Utf8Bytes(b"")'),
    ],
)
async def test_version_3_that_ends_before_it_starts_has_failed(code: int, told: str, tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.ask("start", outputModality="audio", version="v3")
        line = await talk.voice.answer()
        await line.next()
        await line.close(code)
        assert await talk.wait("error") == {"message": f"stream disconnected before completion: {told}"}


async def test_version_3_tells_where_an_utterance_ends(tmp_path: Path) -> None:
    async with talking(tmp_path, [["created", {"message": "done"}, "completed"]]) as talk:
        line = await talk.start(version="v3")
        await line.send(
            {"type": "input_transcript.added", "item": {"text": "please "}},
            {"type": "output_transcript.added", "item": {"text": "mm"}},
            {"type": "input_transcript.added", "item": {"text": "do it"}},
            {"type": "turn.done", "turn": {"role": "user", "transcript": "Please do it."}},
            {"type": "input_transcript.added", "item": {"text": "now"}},
            {"type": "turn.done", "turn": {"role": "user", "transcript": ""}},
            {"type": "turn.done", "turn": {"role": "user", "transcript": "At once."}},
            delegation("d", "do it"),
        )
        entries = (await talk.wait("itemAdded"))["item"]["active_transcript"]
        assert [(entry["role"], entry["text"]) for entry in entries] == [
            ("user", "please do it"),
            ("assistant", "mm"),
            ("user", "now"),
            ("user", "At once."),
            ("user", "do it"),
        ]
        assert [each["text"] for each in talk.told("transcript/done")] == ["Please do it.", "", "At once."]
        assert await line.next() == context("done", "d")


async def test_version_3_has_items_and_a_filler_at_its_start(tmp_path: Path) -> None:
    items = [{"role": "user", "text": "u"}, {"role": "assistant", "text": "a"}]
    async with talking(tmp_path) as talk:
        line = await talk.start(version="v3", initialItems=items, delegationAckFiller=True)
        session = line.frames[0]["session"]
        assert session["delegation"] == {"type": "client", "ack_filler": True}
        assert session["initial_items"] == [message("u")["item"], message("a", "assistant")["item"]]


async def test_version_3_says_speakable_things_and_sound(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start(version="v3")
        await talk.ask("appendText", text="note", role="developer")
        await talk.ask("appendSpeech", text="say")
        await talk.ask("appendAudio", audio={"data": "AAEC", "sampleRate": 24000, "numChannels": 1})
        assert [await line.next() for _ in range(3)] == [
            context("note"),
            context("say", channel="speakable"),
            {"type": "input_audio.append", "audio": "AAEC"},
        ]


async def test_an_abnormal_end_of_version_3_is_an_error(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start(version="v3")
        await line.close(1011, "oops")
        told = 'realtime websocket closed unexpectedly: code=Error reason=Utf8Bytes(b"oops")'
        assert await talk.wait("error") == {"message": f"stream disconnected before completion: {told}"}
        assert await talk.wait("closed") == {"reason": "error"}
        line = await talk.start(version="v3")
        await line.close(1000)
        assert await talk.wait("closed") == {"reason": "transport_closed"}
