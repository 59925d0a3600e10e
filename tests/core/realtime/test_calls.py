"""Calls that the client makes: the posted offer, its answer, and the second connection that joins and joins again."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from app_server.core import voice_access
from app_server.core.realtime import connection, joining
from tests.core.realtime.talking import Json, Talking, appended, context, delegation, handoff, message, talking
from tests.support.provider import Script
from tests.support.voice import CallServer, Line, Offer, VoiceServer

pytestmark = pytest.mark.anyio
WEBRTC = {"type": "webrtc", "sdp": "v=offer\r\n"}
PLAIN = {"outputModality": "audio", "includeStartupContext": False}


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between attempts are there, and short."""
    monkeypatch.setattr(joining, "FIRST_WAIT_S", 0.01)
    monkeypatch.setattr(voice_access, "backoff_s", lambda attempt: 0.01 * attempt)
    monkeypatch.setattr(connection, "FIRST_DELAY_S", 0.01)


def posting_to(calls: CallServer) -> str:
    return f'experimental_realtime_webrtc_call_base_url = "{calls.url}"\n'


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def session_of(offer: Offer) -> Json:
    """The session in a posted form."""
    session: Json = json.loads(offer.body.split("application/json\r\n\r\n")[1].split("\r\n")[0])
    return session


async def begin(talk: Talking, **params: Any) -> Line:
    await talk.ask("start", **PLAIN, transport=WEBRTC, **params)
    return await talk.voice.answer()


async def test_version_1_posts_the_offer_gives_the_answer_and_joins_the_call(tmp_path: Path) -> None:
    async with CallServer() as calls, talking(tmp_path, top=posting_to(calls)) as talk:
        line = await begin(talk, prompt="P", realtimeSessionId="mine")
        (offer,) = calls.offers
        assert offer.path == "/v1/realtime/calls?intent=quicksilver&architecture=avas"
        wanted = {"authorization": "Bearer sk-lab", "x-session-id": "mine", "openai-alpha": "quicksilver=v1"}
        assert {name: offer.headers.get(name) for name in wanted} == wanted
        assert offer.headers["content-type"] == "multipart/form-data; boundary=codex-realtime-call-boundary"
        session = session_of(offer)
        assert (session["type"], session["model"], session["instructions"]) == ("quicksilver", "gpt-realtime-1.5", "P")
        assert "v=offer\r\n" in offer.body
        assert await talk.wait("started") == {"realtimeSessionId": "mine", "version": "v1"}
        assert await talk.wait("sdp") == {"sdp": "v=answer\r\n"}
        assert line.asked == {"intent": "quicksilver", "call_id": "rtc_test1"}
        assert (await line.next())["session"]["type"] == "quicksilver"


async def test_a_call_hands_over_and_talks_like_any_session(tmp_path: Path) -> None:
    script: Script = [["created", {"message": "done"}, "completed"]]
    async with CallServer() as calls, talking(tmp_path, script, top=posting_to(calls)) as talk:
        line = await begin(talk)
        await line.next()
        await talk.ask("appendAudio", audio={"data": "AAEC", "sampleRate": 24000, "numChannels": 1})
        await talk.ask("appendText", text="hello")
        assert [await line.next(), await line.next()] == [
            {"type": "input_audio_buffer.append", "audio": "AAEC"},
            message("hello"),
        ]
        await line.send(handoff("h", "do it"))
        assert await line.next() == appended("h", '"Agent Final Message":\n\ndone')
        await talk.ask("stop")
        assert await line.wait_ended() == 1000
        assert await talk.wait("closed") == {"reason": "requested"}


async def test_version_3_joins_by_path_and_says_nothing(tmp_path: Path) -> None:
    async with CallServer() as calls, talking(tmp_path, top=posting_to(calls)) as talk:
        line = await begin(talk, version="v3", prompt="P", voice="rio")
        assert calls.offers[0].path == "/v1/live"
        session = session_of(calls.offers[0])
        assert session == {
            "instructions": "P",
            "audio": {"output": {"voice": "rio"}},
            "delegation": {"type": "client"},
            "model": "gpt-live-1-codex",
        }
        assert (line.path, line.query) == ("/v1/live/rtc_test1", "")
        await talk.wait("sdp")
        await talk.ask("appendText", text="first")
        assert await line.next() == context("first")


async def test_the_voice_of_the_configuration_counts_for_calls_with_a_version(tmp_path: Path) -> None:
    tables = '[realtime]\nversion = "v3"\nvoice = "rio"\n'
    async with CallServer() as calls, talking(tmp_path, top=posting_to(calls), tables=tables) as talk:
        await begin(talk)
        assert '"voice":"cove"' in calls.offers[0].body
        await begin(talk, version="v3")
        assert '"voice":"rio"' in calls.offers[1].body


async def test_a_backend_gets_the_offer_as_json(tmp_path: Path) -> None:
    async with CallServer() as calls:
        top = f'experimental_realtime_webrtc_call_base_url = "{calls.url.removesuffix("/v1")}/backend-api"\n'
        async with talking(tmp_path, top=top) as talk:
            await begin(talk, prompt="P")
            assert calls.offers[0].path.startswith("/backend-api/realtime/calls?")
            assert calls.offers[0].headers["content-type"] == "application/json"
            body: Json = json.loads(calls.offers[0].body)
            assert (body["sdp"], body["session"]["instructions"]) == ("v=offer\r\n", "P")


@pytest.mark.parametrize(
    ("calls", "text"),
    [
        (CallServer(location=None), "stream disconnected before completion: realtime call response missing Location"),
        (
            CallServer(location="/calls/x"),
            "stream disconnected before completion: realtime call Location does not contain a call id: /calls/x",
        ),
        (CallServer(status=502, body="bad luck"), "unexpected status 502 Bad Gateway: bad luck, url: "),
    ],
)
async def test_an_offer_that_is_refused_is_an_error_and_nothing_else(calls: CallServer, text: str, tmp_path: Path) -> None:
    async with calls, talking(tmp_path, top=posting_to(calls)) as talk:
        await talk.ask("start", **PLAIN, transport=WEBRTC)
        assert (await talk.wait("error"))["message"].startswith(text)
        assert talk.order("started", "closed", "error") == ["error"]


@pytest.mark.parametrize(("status", "posts"), [(503, 3), (429, 1), (401, 1)])
async def test_an_offer_is_posted_again_if_the_provider_has_failed(status: int, posts: int, tmp_path: Path) -> None:
    async with CallServer(status=status) as calls, talking(tmp_path, top=posting_to(calls), retries=2) as talk:
        await talk.ask("start", **PLAIN, transport=WEBRTC)
        await talk.wait("error")
        assert len(calls.offers) == posts


async def test_a_provider_of_calls_that_is_not_there_is_told(tmp_path: Path) -> None:
    async with talking(tmp_path, top='experimental_realtime_webrtc_call_base_url = "http://127.0.0.1:1/v1"\n') as talk:
        await talk.ask("start", **PLAIN, transport=WEBRTC)
        assert "error sending request" in (await talk.wait("error"))["message"]


async def test_a_call_needs_no_key_of_its_own(tmp_path: Path) -> None:
    async with CallServer() as calls, talking(tmp_path, provider="", top=posting_to(calls)) as talk:
        line = await begin(talk)
        assert "authorization" not in line.headers
        assert "authorization" not in calls.offers[0].headers


async def test_joining_is_tried_until_the_call_is_known(tmp_path: Path) -> None:
    async with CallServer() as calls, talking(tmp_path, top=posting_to(calls)) as talk:
        talk.voice.refusals.extend([404, 404, 404])
        line = await begin(talk)
        assert (await line.next())["type"] == "session.update"
        assert len(talk.voice.handshakes) == 4


@pytest.mark.parametrize(("statuses", "retries", "tries"), [([503, 401], 2, 3), ([503], 0, 1), ([410], 2, 1)])
async def test_joining_is_tried_as_often_as_requests_unless_the_call_is_over(
    statuses: list[int], retries: int, tries: int, tmp_path: Path
) -> None:
    async with CallServer() as calls, talking(tmp_path, top=posting_to(calls), retries=retries) as talk:
        talk.voice.refusals.extend(statuses)
        await talk.ask("start", **PLAIN, transport=WEBRTC)
        if tries > len(statuses):
            assert (await (await talk.voice.answer()).next())["type"] == "session.update"
        else:
            assert await talk.wait("closed") == {"reason": "error"}
        assert len(talk.voice.handshakes) == tries


async def test_joining_is_tried_until_there_is_a_server(tmp_path: Path) -> None:
    voice = VoiceServer()
    late = {"experimental_realtime_ws_base_url": f"http://127.0.0.1:{free_port()}/v1"}
    async with CallServer() as calls, talking(tmp_path, top=posting_to(calls), retries=8, thread={"config": late}) as talk:
        await talk.ask("start", **PLAIN, transport=WEBRTC)
        await talk.wait("sdp")
        voice.port = int(late["experimental_realtime_ws_base_url"].rpartition(":")[2].removesuffix("/v1"))
        async with voice:
            assert (await (await voice.answer()).next())["type"] == "session.update"
            await talk.ask("stop")
            await talk.wait("closed")


async def test_a_call_that_can_not_be_joined_has_started_and_fails(tmp_path: Path) -> None:
    async with CallServer() as calls, talking(tmp_path, top=posting_to(calls)) as talk:
        talk.voice.refusals.extend([404] * 4)
        await talk.ask("start", **PLAIN, transport=WEBRTC)
        assert await talk.wait("closed") == {"reason": "error"}
        assert talk.order("started", "sdp", "error", "closed") == ["started", "sdp", "error", "closed"]


async def test_a_call_of_version_3_is_joined_again_and_nothing_is_lost(tmp_path: Path) -> None:
    script: Script = [["created", {"message": "done"}, "completed"]]
    async with CallServer() as calls, talking(tmp_path, script, top=posting_to(calls)) as talk:
        first = await begin(talk, version="v3")
        await first.send({"type": "input_transcript.added", "item": {"text": "before"}})
        await talk.wait("transcript/delta")
        first.drop()
        second = await talk.voice.answer()
        await talk.ask("appendText", text="over there")
        assert await second.next() == context("over there")
        await second.send(delegation("d", "do it"))
        said = (await talk.wait("itemAdded"))["item"]["active_transcript"]
        assert [entry["text"] for entry in said] == ["before", "do it"]
        assert await second.next() == context("done", "d")
        await second.close(1011)
        third = await talk.voice.answer()
        await third.close(1000)
        assert await talk.wait("closed") == {"reason": "transport_closed"}
        assert not talk.told("error")


@pytest.mark.parametrize(
    ("status", "reason", "errors"), [(404, "transport_closed", 0), (410, "transport_closed", 0), (500, "error", 1)]
)
async def test_a_call_that_is_over_is_not_joined_again(status: int, reason: str, errors: int, tmp_path: Path) -> None:
    async with CallServer() as calls, talking(tmp_path, top=posting_to(calls)) as talk:
        line = await begin(talk, version="v3")
        await talk.wait("started")
        talk.voice.refusals.append(status)
        line.drop()
        assert await talk.wait("closed") == {"reason": reason}
        assert len(talk.told("error")) == errors


async def test_a_call_of_version_1_is_not_joined_again(tmp_path: Path) -> None:
    async with CallServer() as calls, talking(tmp_path, top=posting_to(calls)) as talk:
        line = await begin(talk)
        await line.next()
        line.drop()
        assert await talk.wait("closed") == {"reason": "error"}
        assert len(talk.voice.handshakes) == 1


async def test_an_existing_call_is_joined_as_it_is(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.ask("start", outputModality="audio", transport={"type": "existingCall", "callId": "bad id/.."})
        line = await talk.voice.answer()
        assert line.query == "intent=quicksilver&call_id=bad+id%2F.."
        assert "x-session-id" not in line.headers
        assert await talk.wait("started") == {"realtimeSessionId": None, "version": "v1"}
        await talk.ask("appendText", text="hi")
        assert await line.next() == message("hi")
        await line.close()
        await talk.wait("closed")
        kept = [each["item"]["realtimeSessionId"] for each in talk.told("item/completed")]
        assert len(set(kept)) == 1
        assert kept[0] not in (None, talk.thread_id)


async def test_an_existing_call_that_is_not_there_fails_its_start(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.voice.refusals.extend([404] * 4)
        await talk.ask("start", outputModality="audio", transport={"type": "existingCall", "callId": "c"})
        assert await talk.wait("error") == {"message": "unexpected status 404 Not Found: realtime websocket handshake failed"}
        assert talk.order("started", "closed", "error") == ["error"]


async def test_an_existing_call_of_version_3_is_joined_by_path_and_joined_again(tmp_path: Path) -> None:
    async with talking(tmp_path, [["created", {"message": "done"}, "completed"]]) as talk:
        existing = {"type": "existingCall", "callId": "rtc_1"}
        await talk.ask("start", outputModality="audio", version="v3", transport=existing, realtimeSessionId="mine")
        line = await talk.voice.answer()
        assert (line.path, line.query) == ("/v1/live/rtc_1", "")
        assert (line.headers["openai-alpha"], line.headers["x-session-id"]) == ("quicksilver=v2", "mine")
        assert await talk.wait("started") == {"realtimeSessionId": "mine", "version": "v3"}
        assert await line.is_silent()
        line.drop()
        line = await talk.voice.answer()
        await line.send(delegation("d", "do it"))
        assert await line.next() == context("done", "d")
        await talk.ask("stop")
        assert await talk.wait("closed") == {"reason": "requested"}
        assert await line.wait_ended() == 1000
        assert not talk.told("error")


async def test_an_existing_call_can_be_talked_with_without_a_key_of_our_own(tmp_path: Path) -> None:
    async with talking(tmp_path, provider="") as talk:
        await talk.ask("start", outputModality="audio", transport={"type": "existingCall", "callId": "c"})
        line = await talk.voice.answer()
        assert "authorization" not in line.headers
        await talk.wait("started")


@pytest.mark.parametrize("transport", [WEBRTC, {"type": "existingCall", "callId": "c"}])
async def test_calls_are_spoken_in_versions_1_and_3_whatever_is_configured(transport: Json, tmp_path: Path) -> None:
    tables = '[realtime]\nversion = "v2"\nvoice = "cedar"\n'
    async with CallServer() as calls, talking(tmp_path, tables=tables, top=posting_to(calls)) as talk:
        assert await talk.start_refused(version="v2", voice=None, transport=transport) == (
            "AVAS realtime calls require realtime v1 or v3"
        )
        await talk.ask("start", outputModality="audio", transport=transport)
        assert (await talk.wait("started"))["version"] == "v1"
