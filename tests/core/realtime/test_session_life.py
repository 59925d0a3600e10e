"""The life of sessions: how starts are refused, what ends a session, what takes its place, and what is left of it."""

from pathlib import Path
from typing import Any

import anyio
import pytest

from app_server.core.realtime import connection, manager, session
from app_server.core.realtime.voices import V2
from tests.core.lab import refusal, rows
from tests.core.realtime.talking import call, message, talking
from tests.support.voice import Line, VoiceServer

pytestmark = pytest.mark.anyio
LONG = "x" * (8192 * 4 + 1)
RESET = (
    "stream disconnected before completion: failed to connect realtime websocket: "
    "WebSocket protocol error: Connection reset without closing handshake"
)
NOT_RUNNING = "conversation is not running"


def item(text: str) -> dict[str, str]:
    return {"role": "user", "text": text}


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"version": "v1", "outputModality": "text"}, "text realtime output modality requires realtime v2"),
    ({"version": "v3", "outputModality": "text"}, "text realtime output modality requires realtime v2"),
    ({"voice": "cove"}, f"realtime voice `cove` is not supported for v2; supported voices: {', '.join(V2)}"),
    ({"initialItems": [item("a")]}, "initial realtime items require realtime v3"),
    ({"version": "v3", "initialItems": [item("a")] * 129}, "initial realtime items must contain no more than 128 items"),
    ({"version": "v3", "initialItems": [item(LONG)]}, "each initial realtime item must not exceed 8192 estimated tokens"),
    (
        {"version": "v3", "initialItems": [item(LONG[:-9]), item(LONG[:-9])]},
        "initial realtime items must not exceed 8192 estimated tokens in total",
    ),
    ({"realtimeStartInstructions": LONG}, "realtime start instructions must not exceed 8192 estimated tokens"),
    ({"realtimeEndInstructions": LONG}, "realtime end instructions must not exceed 8192 estimated tokens"),
    ({"version": "v2", "transport": {"type": "webrtc", "sdp": "x"}}, "AVAS realtime calls require realtime v1 or v3"),
]


@pytest.mark.parametrize(("params", "text"), REFUSED)
async def test_a_start_that_can_not_be_is_refused_and_leaves_the_running_session_alone(
    params: dict[str, Any], text: str, tmp_path: Path
) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start()
        assert await talk.start_refused(**params) == text
        await talk.ask("appendText", text="still there", role="developer")
        assert await line.next() == message("still there", "developer")
        assert not talk.told("closed")


async def test_without_a_key_there_is_one_error_and_nothing_else(tmp_path: Path) -> None:
    async with talking(tmp_path, provider="") as talk:
        assert await talk.start_refused() == "realtime conversation requires API key auth"
        assert talk.order("started", "closed", "error") == ["error"]
        assert talk.voice.is_quiet


@pytest.mark.parametrize("value", [None, " "])
async def test_a_key_that_the_environment_lacks_is_named(value: str | None, tmp_path: Path) -> None:
    environment = {} if value is None else {"LAB_KEY": value}
    provider = 'env_key = "LAB_KEY"\nenv_key_instructions = "Ask for one."\nexperimental_bearer_token = "other"'
    async with talking(tmp_path, provider=provider, environment=environment) as talk:
        assert await talk.start_refused() == "Missing environment variable: `LAB_KEY`. Ask for one."


async def test_the_key_of_the_login_serves_providers_without_one(tmp_path: Path) -> None:
    login = {"auth_mode": "apikey", "OPENAI_API_KEY": "sk-login"}
    async with talking(tmp_path, provider="", login=login) as talk:
        line = await talk.start()
        assert line.headers["authorization"] == "Bearer sk-login"


async def test_openai_s_own_key_variable_serves_openai_alone(tmp_path: Path) -> None:
    options: dict[str, Any] = {"provider": "", "environment": {"OPENAI_API_KEY": "sk-env"}}
    async with talking(tmp_path / "own", thread={"modelProvider": "openai"}, **options) as talk:
        line = await talk.begin()
        assert line.headers["authorization"] == "Bearer sk-env"
    async with talking(tmp_path / "other", **options) as talk:
        assert await talk.start_refused() == "realtime conversation requires API key auth"


@pytest.mark.parametrize(("status", "text"), [(401, "401 Unauthorized"), (503, "503 Service Unavailable"), (302, "302 Found")])
async def test_a_refused_handshake_is_told_with_its_status(status: int, text: str, tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.voice.refusals.append(status)
        assert await talk.start_refused() == f"unexpected status {text}: realtime websocket handshake failed"
        assert talk.order("started", "closed", "error") == ["error"]
        assert await talk.start()


async def test_a_provider_that_is_not_there_is_told(tmp_path: Path) -> None:
    config = {"experimental_realtime_ws_base_url": "http://127.0.0.1:1"}
    async with talking(tmp_path, thread={"config": config}) as talk:
        assert await talk.start_refused() == (
            "stream disconnected before completion: failed to connect realtime websocket: "
            "IO error: Connection refused (os error 111)"
        )


async def test_a_provider_that_does_not_answer_is_given_up_in_time(tmp_path: Path) -> None:
    async with VoiceServer(is_hanging=True) as hanging:
        config = {"experimental_realtime_ws_base_url": hanging.url}
        provider = 'experimental_bearer_token = "sk"\nwebsocket_connect_timeout_ms = 100\n'
        async with talking(tmp_path, thread={"config": config}, provider=provider) as talk:
            assert "no answer within 0.1 s" in await talk.start_refused()
            assert talk.order("started", "closed", "error") == ["error"]


async def test_a_start_of_version_3_that_the_provider_never_confirms_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "START_S", 0.1)
    async with talking(tmp_path) as talk:
        assert "did not start the session within" in await talk.start_refused(version="v3")
        line = await talk.voice.answer()
        assert await line.wait_ended() is None


async def test_a_start_that_is_stopped_ends_in_an_error_and_in_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "STOP_GRACE_S", 0.05)
    async with talking(tmp_path) as talk:
        await talk.ask("start", outputModality="audio", version="v3")
        line = await talk.voice.answer()
        await talk.ask("stop")
        assert await talk.wait("error") == {"message": "the session was stopped before it had started"}
        assert await talk.wait("closed") == {"reason": "requested"}
        assert await line.wait_ended() is None


async def test_what_was_said_to_a_start_that_fails_is_refused(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.voice.refusals.append(503)
        await talk.ask("start", outputModality="audio")
        await talk.ask("appendText", text="early")
        await talk.wait("error")
        told = await talk.client.wait_notification("error")
        assert told["error"]["message"] == NOT_RUNNING


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("appendText", {"text": ""}),
        ("appendSpeech", {"text": "x"}),
        ("appendAudio", {"audio": {"data": "", "sampleRate": 1, "numChannels": 1}}),
    ],
)
async def test_without_a_session_there_is_nobody_to_talk_to(method: str, params: dict[str, Any], tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.ask(method, **params)
        status = await talk.client.wait_notification("thread/status/changed")
        assert status["status"] == {"type": "systemError"}
        told = await talk.client.wait_notification("error")
        assert (told["error"]["message"], told["error"]["codexErrorInfo"], told["willRetry"]) == (
            NOT_RUNNING,
            "badRequest",
            False,
        )
        await talk.ask(method, **params)
        await talk.client.wait_notification("error")
        assert talk.client.methods().count("thread/status/changed") == 1


async def test_a_stop_is_answered_by_closed_even_without_a_session(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.ask("stop")
        assert await talk.wait("closed") == {"reason": "requested"}
        assert talk.order("item/completed", "closed") == ["closed"]


async def test_what_was_said_before_a_stop_still_goes_out(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start()
        for number in range(20):
            await talk.ask("appendText", text=str(number), role="developer")
        await talk.ask("stop")
        assert await talk.wait("closed") == {"reason": "requested"}
        await line.wait_ended()
        assert line.frames[1:] == [message(str(number), "developer") for number in range(20)]


@pytest.mark.parametrize("code", [1000, 1011, 4000])
async def test_the_provider_may_end_a_session(code: int, tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start()
        await line.close(code)
        assert await talk.wait("closed") == {"reason": "transport_closed"}
        assert not talk.told("error")


async def test_a_broken_connection_is_an_error(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start()
        line.drop()
        assert await talk.wait("error") == {"message": RESET}
        assert await talk.wait("closed") == {"reason": "error"}


async def test_a_binary_frame_is_an_error(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        line = await talk.start()
        await line.send_raw(b"\x00\xff")
        assert await talk.wait("error") == {"message": "unexpected binary realtime websocket event"}
        assert await talk.wait("closed") == {"reason": "error"}
        assert await line.wait_ended() is None


async def test_a_start_takes_the_place_of_the_session_that_runs(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        first = await talk.start(realtimeSessionId="first")
        second = await talk.start(realtimeSessionId="second")
        await first.wait_ended()
        assert talk.order("started", "closed") == ["started", "closed", "started"]
        await talk.ask("appendText", text="here", role="developer")
        assert await second.next() == message("here", "developer")


async def test_a_start_that_fails_to_connect_leaves_nothing_running(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.start()
        talk.voice.refusals.append(503)
        await talk.ask("start", outputModality="audio")
        assert await talk.wait("closed") == {"reason": "requested"}
        assert "503" in (await talk.wait("error"))["message"]
        await talk.ask("appendText", text="x")
        await talk.client.wait_notification("error")


async def test_errors_belong_to_the_session_that_runs_when_its_end_is_told(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.start()
        await talk.start_refused(voice="cove")
        await talk.ask("stop")
        await talk.wait("closed")
        assert talk.told("item/completed")[-1]["item"]["outcome"] == "failed"


@pytest.mark.parametrize("method", ["thread/archive", "thread/delete"])
async def test_a_thread_that_is_put_away_ends_its_session_and_says_so(method: str, tmp_path: Path) -> None:
    async with talking(tmp_path, [["created", {"message": "one"}, "completed"]]) as talk:
        await talk.lab.turn(talk.client, talk.thread_id, "before")
        line = await talk.start()
        await talk.client.request(method, {"threadId": talk.thread_id})
        assert await talk.wait("closed") == {"reason": "requested"}
        await line.wait_ended()


async def test_a_session_to_which_nobody_listens_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "UNHEARD_S", 0.05)
    async with talking(tmp_path) as talk:
        line = await talk.start()
        await talk.client.request("thread/unsubscribe", {"threadId": talk.thread_id})
        assert await line.wait_ended() in (1000, None)


async def test_the_server_ends_at_once_with_a_session_that_runs_and_one_that_starts(tmp_path: Path) -> None:
    with anyio.fail_after(5):
        async with talking(tmp_path) as talk:
            running = await talk.start()
            other = (await talk.client.request("thread/start", {"cwd": str(talk.lab.home.work)}))["thread"]["id"]
            params = {"threadId": other, "outputModality": "audio", "version": "v3"}
            await talk.client.request("thread/realtime/start", params)
            starting = await talk.voice.answer()
            ended: list[Line] = [running, starting]
        assert [line.ended.is_set() for line in ended] == [True, True]
    kept = [line.payload["type"] for path in talk.lab.files() for line in rows(path) if line.name == "realtime_item"]
    assert kept == ["realtime_session_started", "realtime_session_closed"]
    assert not talk.told("closed")


async def test_a_bug_of_ours_ends_the_session_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_: object) -> None:
        raise ZeroDivisionError

    async with talking(tmp_path) as talk:
        line = await talk.start()
        monkeypatch.setattr(session.Session, "_on_event", stumble)
        await line.send({"type": "response.done"})
        assert await talk.wait("closed")
        monkeypatch.undo()
        assert await talk.start()


async def test_too_much_sound_costs_the_oldest_and_one_warning(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.ask("start", outputModality="audio", version="v3", prompt="", includeStartupContext=False)
        line = await talk.voice.answer()
        await line.next()
        for number in range(300):
            await talk.ask("appendAudio", audio={"data": str(number), "sampleRate": 24000, "numChannels": 1})
        await talk.ask("appendText", text="kept")
        await line.send({"type": "session.started", "session": {"id": "s"}})
        frames = [await line.next() for _ in range(257)]
        assert [frame["audio"] for frame in frames[:-1]] == [str(number) for number in range(44, 300)]
        assert frames[-1]["content"][0]["text"] == "kept"
        assert talk.client.methods().count("warning") == 1


async def test_text_waits_for_room(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.ask("start", outputModality="audio", version="v3", prompt="", includeStartupContext=False)
        line = await talk.voice.answer()
        await line.next()
        for number in range(80):
            await talk.client.send("thread/realtime/appendText", {"threadId": talk.thread_id, "text": str(number)})
        answered = [each for each in talk.client.messages if "result" in each]
        await talk.client.request("thread/realtime/listVoices", {})
        assert len(answered) < 80
        await line.send({"type": "session.started", "session": {"id": "s"}})
        assert [(await line.next())["content"][0]["text"] for _ in range(80)] == [str(number) for number in range(80)]


async def test_params_are_checked_before_anything_else(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:

        async def refused(method: str, **params: Any) -> str:
            everything = {"threadId": talk.thread_id, **params}
            return await refusal(talk.client.request(f"thread/realtime/{method}", everything))

        assert await refused("start") == "Invalid request: missing field `outputModality`"
        assert await refused("start", outputModality="audio", version="v9") == (
            "Invalid request: unknown variant `v9`, expected one of `v1`, `v2`, `v3`"
        )
        assert await refused("start", outputModality="audio", threadId="01900000-0000-7000-8000-000000000000") == (
            "thread not found: 01900000-0000-7000-8000-000000000000"
        )
        existing = {"type": "existingCall", "callId": "c"}
        for name, value in (("prompt", None), ("includeStartupContext", True), ("model", "m"), ("voice", "cove")):
            assert await refused("start", outputModality="audio", transport=existing, **{name: value}) == (
                f"existingCall transport does not support {name}"
            )
        assert await refused("appendText", text="x", role="system") == (
            "Invalid request: unknown variant `system`, expected one of `user`, `developer`, `assistant`"
        )


async def test_a_client_without_the_experimental_surface_can_not_talk(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk, talk.lab.server() as other, other.client(experimentalApi=False) as client:
        sound = {"data": "", "sampleRate": 1, "numChannels": 1}
        every: dict[str, dict[str, Any]] = {
            "start": {"threadId": "x", "outputModality": "audio"},
            "appendAudio": {"threadId": "x", "audio": sound},
            "appendText": {"threadId": "x", "text": "t"},
            "appendSpeech": {"threadId": "x", "text": "t"},
            "stop": {"threadId": "x"},
            "listVoices": {},
        }
        for name, params in every.items():
            method = f"thread/realtime/{name}"
            assert await refusal(client.request(method, params)) == f"{method} requires experimentalApi capability"


async def test_an_end_in_the_midst_of_a_turn_lets_the_turn_go_on(tmp_path: Path) -> None:
    go_on = anyio.Event()
    async with talking(tmp_path, [["created", go_on, {"message": "done"}, "completed"]]) as talk:
        line = await talk.start()
        await line.send(call("c", "do it"))
        await talk.lab.provider.wait_requests(1)
        await line.close()
        await talk.wait("closed")
        go_on.set()
        turn = await talk.client.wait_notification("turn/completed")
        assert turn["turn"]["status"] == "completed"


async def test_a_provider_that_does_not_read_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "WRITE_S", 0.1)
    async with talking(tmp_path) as talk:
        line = await talk.start()
        line.stop_reading()
        text = "x" * (1 << 20)
        for _ in range(16):
            await talk.client.send("thread/realtime/appendText", {"threadId": talk.thread_id, "text": text})
        assert await talk.wait("error") == {"message": "the voice provider does not read any more"}
        assert await talk.wait("closed") == {"reason": "error"}


async def test_a_session_that_does_not_end_is_ended_with_its_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manager, "END_S", 0.05)
    monkeypatch.setattr(session, "DRAIN_S", 30)
    async with talking(tmp_path, [["created", {"message": "one"}, "completed"]]) as talk:
        await talk.lab.turn(talk.client, talk.thread_id, "before")
        line = await talk.start()
        line.stop_reading()
        for _ in range(16):
            await talk.client.send("thread/realtime/appendText", {"threadId": talk.thread_id, "text": "x" * (1 << 20)})
        await talk.client.request("thread/archive", {"threadId": talk.thread_id})
        assert await talk.wait("closed") == {"reason": "requested"}
