"""What holds for each of the three protocols alike, against a real websocket: one test per behavior, played three times.

Hand-offs are in `test_every_handoff.py`.
"""

import json
import logging
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest

from app_server.core.realtime import session
from app_server.core.realtime.voices import VOICES
from tests.core.realtime.talking import (
    Talking,
    delta,
    done,
    heard,
    request,
    settled,
    sound_in,
    sound_out,
    talking,
    text_in,
    words_in,
)
from tests.core.realtime.test_codecs import TABLE

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("version", ["v1", "v2", "v3"])]
SOUND = {"data": "AAEC", "sampleRate": 24000, "numChannels": 1}
MODELS = {"v1": "gpt-realtime-1.5", "v2": "gpt-realtime-1.5", "v3": "gpt-live-1-codex"}
DEFAULT_VOICES = {"v1": "cove", "v2": "marin", "v3": "cove"}
NORMAL = 1000
REFUSED = (
    "stream disconnected before completion: failed to connect realtime websocket: IO error: Connection refused (os error 111)"
)


def tasks_of_sessions() -> list[str]:
    """What runs for sessions."""
    return [str(task.name) for task in anyio.get_running_tasks() if str(task.name).startswith("app_server.core.realtime.")]


async def test_a_session_starts_hears_says_and_ends(version: str, tmp_path: Path) -> None:
    async with talking(tmp_path, provider="", login={"auth_mode": "apikey", "OPENAI_API_KEY": "sk-login"}) as talk:
        line = await talk.start(version=version, prompt="P", realtimeSessionId="mine", voiceSessionId="vs")
        assert (line.headers["authorization"], line.headers["x-session-id"]) == ("Bearer sk-login", "mine")
        assert (line.headers["voice-session-id"], line.headers["thread-id"]) == ("vs", talk.thread_id)
        assert line.asked["model"] == MODELS[version]
        update = line.frames[0]
        assert (update["type"], update["session"]["instructions"]) == ("session.update", "P")
        assert update["session"]["audio"]["output"]["voice"] == DEFAULT_VOICES[version]
        assert talk.told("started") == [{"realtimeSessionId": "mine", "version": version}]
        await talk.ask("appendAudio", audio=SOUND)
        assert await line.next() == sound_in(version)
        await talk.ask("appendText", text="hello")
        assert await line.next() == text_in(version, "hello")
        await line.send(sound_out(version), delta(version, "user", "hi"), done(version, "user", "Hi."))
        audio = {"data": "AQID", "sampleRate": 24000, "numChannels": 1, "samplesPerChannel": None, "itemId": None}
        assert await talk.wait("outputAudio/delta") == {"audio": audio}
        assert await talk.wait("transcript/delta") == {"role": "user", "delta": "hi"}
        assert await talk.wait("transcript/done") == {"role": "user", "text": "Hi."}
        await talk.ask("stop")
        assert await talk.wait("closed") == {"reason": "requested"}
        assert await line.wait_ended() == NORMAL
        assert not talk.told("error")


async def test_everything_is_told_in_the_order_in_which_it_comes_up_to_the_provider_s_error(version: str, tmp_path: Path) -> None:
    async with talking(tmp_path, [["created", "hang"]]) as talk:
        line = await talk.start(version=version)
        await line.send(
            sound_out(version),
            delta(version, "user", "do it"),
            done(version, "user", "Do it."),
            delta(version, "assistant", "yes"),
            done(version, "assistant", "Yes."),
            request(version, "h1", "do it"),
            {"type": "error", "error": {"message": "voice lost"}},
            sound_out(version),
        )
        assert await talk.wait("closed") == {"reason": "error"}
        assert talk.told("error") == [{"message": "voice lost"}]
        names = ("outputAudio/delta", "transcript/delta", "transcript/done", "itemAdded", "error", "closed")
        assert talk.order(*names) == [
            "outputAudio/delta",
            "transcript/delta",
            "transcript/done",
            "transcript/delta",
            "transcript/done",
            "itemAdded",
            "error",
            "closed",
        ]
        assert await line.wait_ended() is None


async def test_without_a_key_a_start_is_an_error_and_nothing_else(version: str, tmp_path: Path) -> None:
    async with talking(tmp_path, provider="") as talk:
        assert await talk.start_refused(version=version) == "realtime conversation requires API key auth"
        assert talk.order("started", "closed", "error") == ["error"]
        assert talk.voice.is_quiet


async def test_who_is_logged_in_with_chatgpt_speaks_with_the_key_of_the_environment(version: str, tmp_path: Path) -> None:
    tokens = {"id_token": "e30.e30.e30", "access_token": "at", "refresh_token": "rt", "account_id": "acc"}
    login = {"auth_mode": "chatgpt", "tokens": tokens, "last_refresh": "2999-01-01T00:00:00Z"}
    environment = {"OPENAI_API_KEY": "sk-env"}
    own = {"modelProvider": "openai"}
    async with talking(tmp_path, provider="", login=login, environment=environment, thread=own) as talk:
        line = await talk.begin(version=version)
        assert line.headers["authorization"] == "Bearer sk-env"


async def test_a_provider_that_is_not_there_is_an_error_and_nothing_else(version: str, tmp_path: Path) -> None:
    nobody = {"config": {"experimental_realtime_ws_base_url": "http://127.0.0.1:1"}}
    async with talking(tmp_path, thread=nobody) as talk:
        assert await talk.start_refused(version=version) == REFUSED
        assert talk.order("started", "closed", "error") == ["error"]


async def test_a_refused_handshake_is_an_error_and_nothing_else(version: str, tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.voice.refusals.append(403)
        told = await talk.start_refused(version=version)
        assert told == "unexpected status 403 Forbidden: realtime websocket handshake failed"
        assert talk.order("started", "closed", "error") == ["error"]


async def test_the_provider_may_end_a_session_in_order(version: str, tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start(version=version)
        await line.close(1000)
        assert await talk.wait("closed") == {"reason": "transport_closed"}
        assert talk.order("error", "closed") == ["closed"]
        await talk.ask("stop")
        assert await talk.wait("closed") == {"reason": "requested"}


async def test_an_end_in_order_is_none_of_the_errors_that_writing_into_it_gives(version: str, tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start(version=version)
        line.stop_reading()
        text = "x" * (1 << 20)
        for _ in range(16):
            await talk.client.send("thread/realtime/appendText", {"threadId": talk.thread_id, "text": text})
        await anyio.wait_all_tasks_blocked()
        async with anyio.create_task_group() as group:
            group.start_soon(line.close)
            assert await talk.wait("closed") == {"reason": "transport_closed"}
        assert not talk.told("error")


async def test_a_connection_that_breaks_is_told_once(version: str, tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start(version=version)
        line.drop()
        assert await talk.wait("closed") == {"reason": "error"}
        assert talk.order("error", "closed") == ["error", "closed"]
        assert "Connection reset without closing handshake" in talk.told("error")[0]["message"]


async def test_a_binary_frame_ends_the_session(version: str, tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start(version=version)
        await line.send_raw(b"\x00\xff")
        assert await talk.wait("error") == {"message": "unexpected binary realtime websocket event"}
        assert await talk.wait("closed") == {"reason": "error"}


async def test_a_second_start_takes_the_place_of_the_first(version: str, tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        first = await talk.start(version=version, realtimeSessionId="first")
        second = await talk.start(version=version, realtimeSessionId="second")
        assert await first.wait_ended() == NORMAL
        assert talk.order("started", "closed") == ["started", "closed", "started"]
        await talk.ask("appendText", text="here")
        assert await second.next() == text_in(version, "here")


async def test_a_session_that_is_stopped_and_replaced_is_closed_once(version: str, tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.start(version=version)
        await talk.client.send("thread/realtime/stop", {"threadId": talk.thread_id})
        await talk.start(version=version)
        await talk.ask("stop")
        await talk.wait("closed")
        assert talk.order("started", "closed") == ["started", "closed", "started", "closed"]


async def test_the_voice_is_the_call_s_or_the_configured_one_and_must_be_the_version_s(version: str, tmp_path: Path) -> None:
    configured, explicit = VOICES[version][1], VOICES[version][2]  # type: ignore[index]  # parametrized by name
    stranger = "cove" if version == "v2" else "marin"
    async with talking(tmp_path, tables=f'[realtime]\nversion = "{version}"\nvoice = "{configured}"\n') as talk:
        line = await talk.start()
        assert line.frames[0]["session"]["audio"]["output"]["voice"] == configured
        line = await talk.start(voice=explicit)
        assert line.frames[0]["session"]["audio"]["output"]["voice"] == explicit
        assert (await talk.start_refused(voice=stranger)).startswith(
            f"realtime voice `{stranger}` is not supported for {version};"
        )


async def test_the_model_is_the_call_s_or_the_configured_one(version: str, tmp_path: Path) -> None:
    async with talking(tmp_path, top='experimental_realtime_ws_model = "conf"\n') as talk:
        assert (await talk.start(version=version)).asked["model"] == "conf"
        assert (await talk.start(version=version, model="own one")).asked["model"] == "own one"
        assert (await talk.start(version=version, model="")).asked["model"] == ""


async def test_sending_works_while_nothing_comes_and_receiving_while_nothing_is_sent(version: str, tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start(version=version)
        for number in range(50):
            await talk.ask("appendAudio", audio={**SOUND, "data": str(number)})
        assert [(await line.next())["audio"] for _ in range(50)] == [str(number) for number in range(50)]
        for number in range(50):
            await line.send(delta(version, "assistant", str(number)))
        await talk.wait("transcript/delta", delta="49")
        assert [each["delta"] for each in talk.told("transcript/delta")] == [str(number) for number in range(50)]


async def test_blank_speech_is_nothing_and_long_speech_is_cut(version: str, tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start(version=version)
        await talk.ask("appendSpeech", text="  \n")
        await talk.ask("appendSpeech", text="begin " + "word " * 2000 + "end")
        words = ""
        while not words.endswith(" end"):
            words += words_in(await line.next())
        assert words.removeprefix("[BACKEND] ").startswith("begin word ")
        assert "tokens truncated" in words
        assert len(words.encode()) <= 4000


async def test_whatever_the_provider_says_the_session_goes_on(
    version: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger=session.__name__)
    chosen = random.Random(version)
    odd: Sequence[Any] = (None, True, 5, -1.5, "x", [], {}, [1, "two"], {"id": 7}, "9" * 5000)
    async with talking(tmp_path) as talk:
        line = await talk.start(version=version)
        for _ in range(400):
            _, frame, _ = chosen.choice(TABLE)
            damaged = {name: chosen.choice(odd) if chosen.random() < 0.5 else value for name, value in frame.items()}
            if chosen.random() < 0.3:
                damaged.pop(chosen.choice(list(damaged)))
            if not any(word in json.dumps(frame) for word in ("error", "handoff", "background_agent", "delegation")):
                await line.send(damaged)
            text = json.dumps(damaged)
            await line.send_raw(text[: chosen.randrange(len(text))])
        await line.send({"type": "never.heard", "n": 1}, {"type": "never.heard", "n": 2})
        await settled(talk, line, version)
        await talk.ask("appendText", text="still here")
        await heard(line, text_in(version, "still here"))
        await talk.ask("stop")
        await talk.wait("closed")
        assert not talk.told("error")
    assert sum("is passed over: never.heard" in record.message for record in caplog.records) == 1
    assert "'never.heard': 2" in caplog.text
    logged = [record.message for record in caplog.records if "is passed over: " in record.message]
    assert len(logged) == len(set(logged)) <= session.MOST_KINDS + 1


async def test_a_start_that_the_provider_does_not_answer_is_given_up_and_blocks_nothing(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "START_S", 0.3)
    async with talking(tmp_path, [["created", {"message": "meanwhile"}, "completed"]]) as talk:
        talk.voice.hang()
        await talk.ask("start", outputModality="audio", version=version, prompt="", includeStartupContext=False)
        await talk.lab.turn(talk.client, talk.thread_id, "the thread is free")
        await talk.ask("appendText", text="early")
        told = await talk.wait("error")
        assert "did not start the session within" in told["message"]
        refused = await talk.client.wait_notification("error")
        assert refused["error"]["message"] == "conversation is not running"
        assert not talk.told("started")
        assert not talk.told("closed")


@pytest.mark.parametrize("method", ["thread/archive", "thread/delete"])
async def test_a_thread_that_is_put_away_closes_its_session(version: str, method: str, tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start(version=version)
        await talk.client.request(method, {"threadId": talk.thread_id})
        assert await talk.wait("closed") == {"reason": "requested"}
        await line.wait_ended()


async def test_nothing_is_left_of_a_session_whose_client_has_vanished(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "UNHEARD_S", 0.05)
    async with talking(tmp_path) as talk, talk.lab.server() as other:
        async with other.client() as client:
            thread_id = (await talk.lab.start(client))["id"]
            gone = Talking(talk.lab, client, talk.voice, thread_id)
            line = await gone.start(version=version)
            await anyio.wait_all_tasks_blocked()
            assert tasks_of_sessions()
        await line.wait_ended()
        with anyio.fail_after(5):
            while tasks_of_sessions():
                await anyio.wait_all_tasks_blocked()


async def test_who_logs_in_as_somebody_else_ends_the_session_and_its_start(version: str, tmp_path: Path) -> None:
    revoked = "Fatal error: application network permission was revoked"

    async def log_in(key: str) -> None:
        await talk.client.request("account/login/start", {"type": "apiKey", "apiKey": key})

    async with talking(tmp_path, login={"auth_mode": "apikey", "OPENAI_API_KEY": "one"}) as talk:
        line = await talk.start(version=version)
        await log_in("one")
        await talk.ask("appendText", text="the same")
        await heard(line, text_in(version, "the same"))
        await log_in("two")
        assert await talk.wait("error") == {"message": revoked}
        assert await talk.wait("closed") == {"reason": "error"}
        assert await line.wait_ended() is None
        talk.voice.hang()
        await talk.ask("start", outputModality="audio", version=version)
        await talk.client.request("account/logout")
        assert await talk.wait("error") == {"message": revoked}
        assert talk.order("started", "closed") == ["started", "closed"]


async def test_a_start_that_is_refused_while_a_session_ends_is_told_after_its_end(version: str, tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.start(version=version)
        await talk.ask("stop")
        await talk.ask("start", outputModality="audio", version=version, realtimeStartInstructions="x" * 40_000)
        await talk.wait("error")
        assert talk.order("closed", "error") == ["closed", "error"]
        assert talk.told("item/completed")[-1]["item"]["outcome"] == "ended"
