"""Where a session is: the address for each base, version and kind of transport, and the headers of the way there."""

from typing import Any

import pytest

from app_server.core.realtime.endpoint import Answer, Ids, Provider, call_url, headers_of, websocket_url
from app_server.core.realtime.joining import BOUNDARY, call_id_of, multipart
from app_server.core.realtime.socket import Ended, RealtimeFailure

PATHS = [
    ("", "/v1/realtime", "/v1/live"),
    ("/", "/v1/realtime", "/v1/live"),
    ("/v1", "/v1/realtime", "/v1/live"),
    ("/v1/", "/v1/realtime", "/v1/live"),
    ("/api/v1", "/api/v1/realtime", "/api/v1"),
    ("/api/realtime", "/api/realtime", "/api/live"),
    ("/api/realtime/", "/api/realtime", "/api/live"),
    ("/custom", "/custom", "/custom"),
]


@pytest.mark.parametrize(("base", "path", "live"), PATHS)
def test_the_path_follows_the_base(base: str, path: str, live: str) -> None:
    assert websocket_url(f"https://h{base}", "v2", intent=None) == f"wss://h{path}"
    assert websocket_url(f"https://h{base}", "v3", intent=None) == f"wss://h{live}"


@pytest.mark.parametrize(("scheme", "used"), [("http", "ws"), ("https", "wss"), ("ws", "ws"), ("wss", "wss"), ("HTTP", "ws")])
def test_the_scheme_becomes_that_of_websockets(scheme: str, used: str) -> None:
    assert websocket_url(f"{scheme}://h:1/v1", "v2", intent=None).startswith(f"{used}://h:1/")


UNREADABLE = "stream disconnected before completion: failed to parse realtime api_url: "


@pytest.mark.parametrize(
    ("base", "text"),
    [
        ("ftp://h", "stream disconnected before completion: unsupported realtime api_url scheme: ftp"),
        ("h/v1", f"{UNREADABLE}relative URL without a base"),
        ("", f"{UNREADABLE}relative URL without a base"),
        ("127.0.0.1:99", f"{UNREADABLE}relative URL without a base"),
        ("http://", f"{UNREADABLE}empty host"),
        ("https:///v1", f"{UNREADABLE}empty host"),
        ("http://h:99999", f"{UNREADABLE}invalid port number"),
        ("http://h:x", f"{UNREADABLE}invalid port number"),
        ("http://[bad", f"{UNREADABLE}invalid IPv6 address"),
        ("http://[::zz]:1/", f"{UNREADABLE}invalid IPv6 address"),
        ("http://999.1.1.1", f"{UNREADABLE}invalid IPv4 address"),
        ("http://a b/c", f"{UNREADABLE}invalid international domain name"),
        ("mailto:x", "stream disconnected before completion: unsupported realtime api_url scheme: mailto"),
    ],
)
def test_other_addresses_are_refused(base: str, text: str) -> None:
    with pytest.raises(RealtimeFailure) as refused:
        websocket_url(base, "v2", intent=None)
    assert str(refused.value) == text


def test_the_query_has_the_base_s_own_first_then_intent_model_and_what_the_provider_wants() -> None:
    params = {"intent": "other", "model": "other", "lane": "a b&c"}
    url = websocket_url("https://h/v1?x=1", "v1", intent="quicksilver", model="m x", query_params=params)
    assert url == "wss://h/v1/realtime?x=1&intent=quicksilver&model=m+x&lane=a+b%26c"


def test_a_call_is_joined_without_a_model() -> None:
    params = {"model": "theirs"}
    url = websocket_url("https://h", "v1", intent="quicksilver", call_id="bad id/..", query_params=params)
    assert url == "wss://h/v1/realtime?intent=quicksilver&model=theirs&call_id=bad+id%2F.."
    assert websocket_url("https://h", "v3", intent=None, call_id="rtc_1") == "wss://h/v1/live/rtc_1"


def test_offers_are_posted_beside() -> None:
    assert call_url("https://h/v1", "v1") == "https://h/v1/realtime/calls?intent=quicksilver&architecture=avas"
    assert call_url("wss://h/v1/", "v3") == "https://h/v1/live"


def provider(**headers: str) -> Provider:
    nothing: Any = None
    return Provider(None, {}, headers, "me", "me/1", 1.0, 0, nothing, nothing, nothing, nothing, nothing, nothing)


def test_what_the_session_says_wins_over_the_provider_s_headers_and_these_over_the_usual_ones() -> None:
    ids = Ids("s", "t", "rs", "vs", 'user\u00e9"')
    configured = dict.fromkeys(("Authorization", "X-Session-Id", "OpenAI-Alpha", "session-id", "originator", "own"), "mine")
    headers = dict(headers_of(provider(**configured), "v1", ids, {"authorization": "Bearer k"}))
    assert headers == {
        "originator": "mine",
        "user-agent": "me/1",
        "own": "mine",
        "session-id": "s",
        "thread-id": "t",
        "voice-session-id": "vs",
        "authorization": "Bearer k",
        "x-session-id": "rs",
        "openai-alpha": "quicksilver=v1",
        "x-codex-turn-metadata": '{"thread_source":"user\\u00e9\\""}',
    }


def test_version_2_has_no_alpha_and_nobody_s_session_no_id() -> None:
    headers = dict(headers_of(provider(), "v2", Ids("s", "t"), {}))
    assert set(headers) == {"originator", "user-agent", "session-id", "thread-id"}
    assert dict(headers_of(provider(), "v3", Ids("s", "t"), {}))["openai-alpha"] == "quicksilver=v2"


def test_headers_that_can_not_be_sent_are_left_out() -> None:
    headers = dict(headers_of(provider(**{"a b": "1", "x": "line\nbreak", "y": "tab\tis fine"}), "v2", Ids("s", "t"), {}))
    assert "a b" not in headers
    assert "x" not in headers
    assert headers["y"] == "tab\tis fine"


def test_an_offer_is_a_form_of_two_parts() -> None:
    assert multipart("v=0\r\n", "{}") == (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="sdp"\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n'
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="session"\r\nContent-Type: application/json\r\n\r\n{{}}\r\n'
        f"--{BOUNDARY}--\r\n"
    )


@pytest.mark.parametrize("location", ["/v1/realtime/calls/rtc_1", "https://h/a/rtc_1/b?rtc_2", "rtc_1"])
def test_the_call_s_id_is_a_segment_of_the_location(location: str) -> None:
    assert call_id_of(Answer(200, {"location": location}, b"")) == "rtc_1"


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({}, "realtime call response missing Location"),
        ({"location": "/calls/rtc_"}, "realtime call Location does not contain a call id: /calls/rtc_"),
        ({"location": "/calls?x=rtc_1"}, "realtime call Location does not contain a call id: /calls?x=rtc_1"),
    ],
)
def test_an_answer_without_a_call_is_refused(headers: dict[str, str], text: str) -> None:
    with pytest.raises(RealtimeFailure) as refused:
        call_id_of(Answer(200, headers, b""))
    assert str(refused.value) == f"stream disconnected before completion: {text}"


@pytest.mark.parametrize(
    ("code", "name"), [(1011, "Error"), (None, "Status"), (1016, "Reserved(1016)"), (3001, "Iana(3001)"), (4000, "Library(4000)")]
)
def test_an_end_is_told_with_the_name_of_its_code(code: int | None, name: str) -> None:
    text = str(Ended(code, 'a "b"'))
    assert text.endswith(f'closed unexpectedly: code={name} reason=Utf8Bytes(b"a \\"b\\"")')
