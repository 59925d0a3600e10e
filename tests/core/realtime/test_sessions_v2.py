"""Sessions of version 2 against a real websocket: what goes over the line, and what the client is told."""

from pathlib import Path

import pytest

from app_server.core.realtime.relay_v2 import FINISHED, STEERED
from tests.core.realtime.talking import call, message, output, talking
from tests.support.provider import Script

pytestmark = pytest.mark.anyio
CREATE = {"type": "response.create"}
SESSION_KINDS = ("realtimeSessionStarted", "realtimeSessionClosed")


async def test_the_handshake_names_thread_session_and_key_and_the_first_frame_is_the_setup(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.ask("start", outputModality="audio", prompt="P", includeStartupContext=False, voiceSessionId="vs")
        line = await talk.voice.answer()
        assert (line.path, line.asked) == ("/v1/realtime", {"model": "gpt-realtime-1.5"})
        wanted = {
            "authorization": "Bearer sk-lab",
            "x-session-id": talk.thread_id,
            "session-id": talk.thread_id,
            "thread-id": talk.thread_id,
            "voice-session-id": "vs",
            "originator": "tests",
        }
        assert {name: line.headers.get(name) for name in wanted} == wanted
        assert "openai-alpha" not in line.headers
        assert "sec-websocket-extensions" not in line.headers
        setup = await line.next()
        assert (setup["type"], setup["session"]["type"], setup["session"]["instructions"]) == ("session.update", "realtime", "P")
        assert await talk.wait("started") == {"realtimeSessionId": talk.thread_id, "version": "v2"}


async def test_sound_and_text_go_out_in_their_order_and_nobody_answers_text(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start()
        await talk.ask("appendAudio", audio={"data": "AAEC", "sampleRate": 24000, "numChannels": 1, "itemId": None})
        await talk.ask("appendText", text="hello")
        await talk.ask("appendText", text=" a note ", role="developer")
        await talk.ask("appendAudio", audio={"data": "not base64!", "sampleRate": 8000, "numChannels": 2})
        assert await line.next() == {"type": "input_audio_buffer.append", "audio": "AAEC"}
        assert await line.next() == message("[USER] hello")
        assert await line.next() == message(" a note ", "developer")
        assert await line.next() == {"type": "input_audio_buffer.append", "audio": "not base64!"}
        assert await line.is_silent()


async def test_speech_asks_for_an_answer_and_blank_speech_for_nothing(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start()
        await talk.ask("appendSpeech", text="  ")
        await talk.ask("appendSpeech", text="say this")
        assert [await line.next(), await line.next()] == [message("[BACKEND] say this"), CREATE]


async def test_everything_that_is_heard_reaches_the_client_in_order(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start(realtimeSessionId="mine")
        await line.send(
            {"type": "session.updated", "session": {"id": "sess_1"}},
            {"type": "response.output_audio.delta", "delta": "AQID", "item_id": "i"},
            {"type": "conversation.item.added", "item": {"id": "item_1", "odd": [None]}},
            {"type": "conversation.item.input_audio_transcription.delta", "delta": "hel"},
            {"type": "conversation.item.input_audio_transcription.completed", "transcript": "Hello."},
            {"type": "response.output_text.done", "text": "Good day."},
            {"type": "input_audio_buffer.speech_started"},
            {"type": "response.cancelled", "response_id": "r"},
            {"type": "error", "error": {"message": "voice lost"}},
            {"type": "conversation.item.added", "item": "too late"},
        )
        assert await talk.wait("closed") == {"reason": "error"}
        sound = {"data": "AQID", "sampleRate": 24000, "numChannels": 1, "samplesPerChannel": None, "itemId": "i"}
        assert talk.told("outputAudio/delta") == [{"audio": sound}]
        assert [each["item"] for each in talk.told("itemAdded")] == [
            {"id": "item_1", "odd": [None]},
            {"type": "input_audio_buffer.speech_started", "item_id": None},
            {"type": "response.cancelled", "response_id": "r"},
        ]
        assert talk.told("transcript/delta") == [{"role": "user", "delta": "hel"}]
        assert talk.told("transcript/done") == [
            {"role": "user", "text": "Hello."},
            {"role": "assistant", "text": "Good day."},
        ]
        assert talk.told("error") == [{"message": "voice lost"}]
        kept = [each["item"] for each in talk.told("item/completed")]
        assert {item["realtimeSessionId"] for item in kept} == {"mine"}
        assert [(item["type"], item.get("text"), item.get("outcome")) for item in kept] == [
            ("realtimeSessionStarted", None, None),
            ("transcriptSegment", "hel", None),
            ("transcriptSegment", "Good day.", None),
            ("realtimeSessionClosed", None, "failed"),
        ]
        assert talk.order("item/transcript/delta", "transcript/delta", "item/completed", "transcript/done", "closed") == [
            "item/completed",
            "item/transcript/delta",
            "transcript/delta",
            "item/completed",
            "transcript/done",
            "item/transcript/delta",
            "item/completed",
            "transcript/done",
            "item/completed",
            "closed",
        ]


async def test_a_spoken_request_becomes_a_turn_and_its_result_is_the_call_s(tmp_path: Path) -> None:
    script: Script = [["created", {"message": "working on it", "phase": "commentary"}, {"message": "It is done"}, "completed"]]
    async with talking(tmp_path, script) as talk:
        line = await talk.start()
        await line.send({"type": "conversation.item.input_audio_transcription.delta", "delta": "please fix <it>"})
        await line.send({"type": "response.output_audio_transcript.delta", "delta": "ok, on it"})
        await line.send(call("call_1", "fix it & <go>"))
        said = {"role": "user", "text": "fix it & <go>"}
        assert await talk.wait("itemAdded") == {
            "item": {
                "type": "handoff_request",
                "handoff_id": "call_1",
                "item_id": "item_call_1",
                "input_transcript": "fix it & <go>",
                "active_transcript": [
                    {"role": "user", "text": "please fix <it>"},
                    {"role": "assistant", "text": "ok, on it"},
                    said,
                ],
            }
        }
        turn = await talk.client.wait_notification("turn/started")
        words = await talk.client.wait_notification("item/started", item__type="userMessage", turnId=turn["turn"]["id"])
        assert words["item"]["content"][0]["text"] == (
            "<realtime_delegation>\n  <input>fix it &amp; &lt;go&gt;</input>\n"
            "  <transcript_delta>user: please fix &lt;it&gt;\nassistant: ok, on it\n"
            "user: fix it &amp; &lt;go&gt;</transcript_delta>\n"
            "</realtime_delegation>"
        )
        assert [await line.next() for _ in range(4)] == [
            message("[BACKEND] working on it"),
            message("[BACKEND] It is done"),
            output("call_1", FINISHED),
            CREATE,
        ]
        await talk.client.wait_notification("turn/completed")
        assert "<realtime_conversation>" in talk.lab.told(0)[1]


async def test_a_second_request_steers_the_turn_and_the_answer_waits_for_the_model(tmp_path: Path) -> None:
    script: Script = [
        ["created", {"message": "Looking", "phase": "commentary"}, "hang"],
        ["created", {"message": "Both are done"}, "completed"],
    ]
    async with talking(tmp_path, script) as talk:
        line = await talk.start()
        await line.send({"type": "response.created", "response": {"id": "r_1"}}, call("call_1", "the first"))
        assert await line.next() == message("[BACKEND] Looking")
        await line.send(call("call_2", "and a second"))
        assert await line.next() == output("call_2", STEERED)
        assert await line.next() == message("[BACKEND] Both are done")
        assert await line.next() == output("call_1", FINISHED)
        await talk.client.wait_notification("turn/completed")
        assert await line.is_silent()
        await line.send({"type": "response.done"})
        assert await line.next() == CREATE
        assert talk.client.methods().count("turn/started") == 1
        second = talk.told("itemAdded")[1]["item"]
        assert second["active_transcript"] == [{"role": "user", "text": "and a second"}]


async def test_the_result_reaches_the_model_although_the_turn_fails(tmp_path: Path) -> None:
    async with talking(tmp_path, [["created", {"failed": {"error": {"code": "x", "message": "no luck"}}}]]) as talk:
        line = await talk.start()
        await line.send(call("call_1", "try it"))
        told = await line.next()
        assert told["item"]["content"][0]["text"].startswith("[BACKEND] The task has failed: ")
        assert await line.next() == output("call_1", FINISHED)
        turn = await talk.client.wait_notification("turn/completed")
        assert turn["turn"]["status"] == "failed"


async def test_an_interrupted_turn_frees_the_call_and_the_next_one_starts_another(tmp_path: Path) -> None:
    script: Script = [["created", "hang"], ["created", {"message": "second"}, "completed"]]
    async with talking(tmp_path, script) as talk:
        line = await talk.start()
        await line.send(call("call_1", "try it"))
        await talk.lab.provider.wait_requests(1)
        await talk.client.request("turn/interrupt", {"threadId": talk.thread_id, "turnId": ""})
        assert await line.next() == message("[BACKEND] The task was stopped before it was done.")
        assert await line.next() == output("call_1", FINISHED)
        assert await line.next() == CREATE
        await line.send({"type": "response.done"}, call("call_2", "again"))
        assert await line.next() == message("[BACKEND] second")
        assert await line.next() == output("call_2", FINISHED)


async def test_a_repeated_request_starts_nothing_twice(tmp_path: Path) -> None:
    async with talking(tmp_path, [["created", {"message": "done"}, "completed"]]) as talk:
        line = await talk.start()
        await line.send(call("call_1", "try it"), call("call_1", "try it"))
        assert await line.next() == message("[BACKEND] done")
        await talk.client.wait_notification("turn/completed")
        await talk.settle(line)
        assert [each["item"]["handoff_id"] for each in talk.told("itemAdded")[:-1]] == ["call_1"]
        assert talk.client.methods().count("turn/started") == 1


async def test_each_request_carries_only_what_was_said_since_the_last_one(tmp_path: Path) -> None:
    script: Script = [["created", {"message": "one"}, "completed"], ["created", {"message": "two"}, "completed"]]
    async with talking(tmp_path, script) as talk:
        line = await talk.start()
        heard = "conversation.item.input_audio_transcription"
        await line.send({"type": f"{heard}.completed", "transcript": "First"}, call("call_1", "First"))
        await line.next_of("response.create")
        await talk.client.wait_notification("turn/completed")
        await line.send({"type": f"{heard}.delta", "delta": "Second"}, call("call_2", ""))
        await talk.client.wait_notification("turn/completed")
        entries = [each["item"]["active_transcript"] for each in talk.told("itemAdded")]
        assert entries == [
            [{"role": "user", "text": "First"}],
            [{"role": "user", "text": "Second"}, {"role": "user", "text": '{"prompt": ""}'}],
        ]


async def test_a_request_without_any_words_starts_no_turn(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start()
        await line.send(call("call_1", "", arguments=""))
        await talk.settle(line)
        assert talk.told("itemAdded")[0]["item"]["active_transcript"] == []
        assert "turn/started" not in talk.client.methods()


async def test_sound_flows_while_the_turn_runs(tmp_path: Path) -> None:
    async with talking(tmp_path, [["created", "hang"]]) as talk:
        line = await talk.start()
        await line.send(call("call_1", "try it"))
        await talk.lab.provider.wait_requests(1)
        await line.send({"type": "response.audio.delta", "delta": "AQID"})
        await talk.wait("outputAudio/delta")
        await talk.ask("appendAudio", audio={"data": "AAEC", "sampleRate": 24000, "numChannels": 1})
        assert await line.next_of("input_audio_buffer.append")


async def test_text_is_only_added_while_the_model_answers_and_when_it_stops(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start()
        await line.send({"type": "response.created", "response": {"id": "r_1"}})
        await talk.settle(line)
        await talk.ask("appendText", text="while it speaks")
        assert await line.next() == message("[USER] while it speaks")
        await line.send({"type": "response.cancelled", "response": {"id": "r_1"}})
        assert (await talk.wait("itemAdded"))["item"] == {"type": "response.cancelled", "response_id": "r_1"}
        await talk.ask("appendText", text="and after")
        assert await line.next() == message("[USER] and after")
        assert await line.is_silent()


async def test_speech_while_the_model_answers_is_spoken_afterwards(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start()
        await line.send({"type": "response.created", "response": {"id": "r_1"}})
        await talk.settle(line)
        await talk.ask("appendSpeech", text="one")
        await talk.ask("appendSpeech", text="two")
        assert [await line.next(), await line.next()] == [message("[BACKEND] one"), message("[BACKEND] two")]
        assert await line.is_silent()
        await line.send({"type": "response.done", "response": {"id": "r_1"}})
        assert await line.next() == CREATE
        assert await line.is_silent()


async def test_speech_of_the_user_cuts_what_was_not_heard(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start()
        sound = {"type": "response.audio.delta", "delta": "AQIDBAUG", "sample_rate": 48000, "channels": 2}
        await line.send(
            {**sound, "samples_per_channel": 4800, "item_id": "it_1"},
            {"type": "input_audio_buffer.speech_started", "item_id": "it_1"},
        )
        assert await line.next() == {
            "type": "conversation.item.truncate",
            "item_id": "it_1",
            "content_index": 0,
            "audio_end_ms": 100,
        }
        assert (await talk.wait("itemAdded"))["item"] == {"type": "input_audio_buffer.speech_started", "item_id": "it_1"}


async def test_the_model_may_remain_silent(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start()
        await line.send(call("call_s", "", name="remain_silent"))
        assert await line.next() == output("call_s", "")
        await talk.settle(line)
        assert await line.is_silent()
        assert len(talk.told("itemAdded")) == 1


async def test_written_answers_are_transcripts_too(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start(outputModality="text")
        await line.send(
            {"type": "response.output_text.delta", "delta": "Hel"}, {"type": "response.output_text.done", "text": "Hello"}
        )
        assert await talk.wait("transcript/delta") == {"role": "assistant", "delta": "Hel"}
        assert await talk.wait("transcript/done") == {"role": "assistant", "text": "Hello"}


async def test_a_turn_that_is_typed_is_told_too_but_not_what_was_typed(tmp_path: Path) -> None:
    async with talking(tmp_path, [["created", {"message": "answer"}, "completed"]]) as talk:
        line = await talk.start()
        await talk.lab.turn(talk.client, talk.thread_id, "typed by hand")
        assert [await line.next(), await line.next()] == [message("[BACKEND] answer"), CREATE]
        assert await line.is_silent()


async def test_the_agent_is_told_when_speaking_begins_and_ends(tmp_path: Path) -> None:
    script: Script = [["created", {"message": text}, "completed"] for text in ("one", "two", "three")]
    async with talking(tmp_path, script) as talk:
        await talk.lab.turn(talk.client, talk.thread_id, "before")
        await talk.start(realtimeStartInstructions="They speak.", realtimeEndInstructions="They type.")
        await talk.lab.turn(talk.client, talk.thread_id, "during")
        await talk.ask("stop")
        await talk.wait("closed")
        await talk.lab.turn(talk.client, talk.thread_id, "after")
        assert talk.lab.told(2)[-5:] == [
            "developer: <realtime_conversation>\nThey speak.\n</realtime_conversation>",
            "user: during",
            "assistant: two",
            "developer: <realtime_conversation>\nThey type.\n</realtime_conversation>",
            "user: after",
        ]


async def test_text_output_and_transcription_are_the_session_s_shape(tmp_path: Path) -> None:
    async with talking(tmp_path, tables='[realtime]\ntype = "transcription"\nvoice = "sage"\n') as talk:
        await talk.ask("start", outputModality="text", prompt="P", includeStartupContext=False)
        line = await talk.voice.answer()
        assert line.asked == {"model": "gpt-realtime-1.5"}
        session = (await line.next())["session"]
        assert session["type"] == "transcription"
        assert set(session["audio"]) == {"input"}
        assert "instructions" not in session
    async with talking(tmp_path / "text") as talk:
        line = await talk.start(outputModality="text")
        assert line.frames[0]["session"]["output_modalities"] == ["text"]


@pytest.mark.parametrize(
    ("version", "asked"), [("v1", {"intent": "transcription"}), ("v2", {"intent": "transcription"}), ("v3", {})]
)
async def test_the_retired_mode_asks_for_transcription(version: str, asked: dict[str, str], tmp_path: Path) -> None:
    async with talking(tmp_path, top='experimental_realtime_ws_mode = "transcription"\n') as talk:
        line = await talk.begin(version=version)
        assert {name: value for name, value in line.asked.items() if name != "model"} == asked
        assert line.frames[0]["session"].get("type") == ("transcription" if asked else None)


async def test_the_newer_key_wins_over_the_retired_mode(tmp_path: Path) -> None:
    top = 'experimental_realtime_ws_mode = "transcription"\n'
    async with talking(tmp_path, top=top, tables='[realtime]\ntype = "conversational"\n') as talk:
        line = await talk.begin()
        assert "intent" not in line.asked
        assert line.frames[0]["session"]["type"] == "realtime"


async def test_frames_of_no_use_are_passed_over_counted_and_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="app_server.core.realtime.session")
    async with talking(tmp_path) as talk:
        line = await talk.start()
        await line.send_raw("not json")
        await line.send({"type": "something.new"}, {"type": "something.new"}, {"type": "response.output_audio.delta", "delta": 5})
        await talk.settle(line)
        await talk.ask("stop")
        await talk.wait("closed")
    passed = [record.message for record in caplog.records if "passed over: something.new" in record.message]
    assert len(passed) == 1
    assert "'something.new': 2" in caplog.text
    assert "'(not JSON)': 1" in caplog.text
