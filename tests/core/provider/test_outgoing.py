"""What a request is on the wire: its URL, its headers in order, and its body."""

from dataclasses import replace

from app_server.core.provider.base import TurnState
from app_server.core.provider.credentials import Credential
from app_server.core.provider.responses import ResponsesProvider
from app_server.core.provider.settings import built_in_providers
from tests.core.provider.asking import IDENTITY, REQUEST, FakeLogin, events_of, play, provider_of
from tests.core.provider.loopback import (
    DONE,
    loopback,
)


async def test_the_body_has_the_keys_in_order_and_the_items_as_they_were_given() -> None:
    _, error, server = await play(DONE)
    assert error is None
    assert server.requests[0].line == "POST /v1/responses HTTP/1.1"
    assert server.requests[0].body.decode() == (
        '{"model":"m1","stream":true,"input":[{"type":"message", "spaced":  1},{"text":"é"}],'
        '"tools":[{"type":"function","name":"f"}],"tool_choice":"auto","parallel_tool_calls":true,'
        '"reasoning":{"effort":"low","summary":"auto"},"store":false,"include":["reasoning.encrypted_content"],'
        '"prompt_cache_key":"t1","client_metadata":{"thread_id":"t1"}}'
    )


async def test_a_service_tier_and_text_options_are_sent_at_their_places() -> None:
    request = replace(REQUEST, service_tier="priority", text={"verbosity": "low"}, parallel_tool_calls=False, input=[])
    _, _, server = await play(DONE, request=request)
    assert list(server.requests[0].json) == [
        "model", "stream", "input", "tools", "tool_choice", "parallel_tool_calls", "reasoning", "store", "include",
        "service_tier", "prompt_cache_key", "text", "client_metadata",
    ]  # fmt: skip
    assert server.requests[0].json["parallel_tool_calls"] is False


async def test_headers_come_in_order_and_nothing_is_added() -> None:
    _, _, server = await play(
        DONE,
        environment={"E": "from env", "BLANK": " "},
        http_headers={"X-Mine": "1", "bad name": "x", "bad-value": "a\nb", "x-accented": " é "},
        env_http_headers={"x-env": "E", "x-blank": "BLANK", "x-unset": "U"},
        experimental_bearer_token="tok",
        request=replace(REQUEST, turn_state=TurnState("sticky")),
    )
    received = server.requests[0]
    assert received.headers == [
        ("host", f"127.0.0.1:{server.port}"),
        ("x-mine", "1"),
        ("x-accented", "é"),
        ("x-env", "from env"),
        ("x-codex-beta-features", "b"),
        ("x-codex-turn-state", "sticky"),
        ("x-codex-window-id", "t1:0"),
        ("session-id", "s1"),
        ("thread-id", "t1"),
        ("accept", "text/event-stream"),
        ("content-type", "application/json"),
        ("authorization", "Bearer tok"),
        ("originator", "oracle"),
        ("user-agent", "oracle/1.0 (here)"),
        ("content-length", str(len(received.body))),
    ]


async def test_a_providers_own_headers_replace_ours_except_for_accept_and_credentials() -> None:
    own = {"Originator": "o", "User-Agent": "u", "Content-Type": "c/t", "Accept": "text/plain", "Authorization": "Basic x"}
    _, _, server = await play(DONE, http_headers=own, experimental_bearer_token="tok")
    found = {
        name: server.requests[0].header(name) for name in ("originator", "user-agent", "content-type", "accept", "authorization")
    }
    assert list(found.values()) == ["o", "u", "c/t", "text/event-stream", "Bearer tok"]
    _, _, server = await play(DONE, http_headers=own)
    assert server.requests[0].header("authorization") == "Basic x"


async def test_query_parameters_are_encoded() -> None:
    async with loopback(DONE) as server:
        provider = provider_of(server.url + "/", query_params={"a b": "c d&e", "z": "ü"})
        await events_of(provider)
        await provider.aclose()
    assert server.requests[0].line == "POST /v1/responses?a%20b=c%20d%26e&z=%C3%BC HTTP/1.1"


async def test_the_base_url_of_openai_depends_on_the_login() -> None:
    from_login = FakeLogin(Credential("t", is_chatgpt=True))
    for login, host in ((None, b"api.openai.com"), (from_login, b"chatgpt.com")):
        settings = built_in_providers("0.169.0", {})["openai"]
        provider = ResponsesProvider(settings, {"OPENAI_PROJECT": "p"}, lambda: IDENTITY, login=login)
        credential = await provider.credentials.current()
        outgoing = provider._outgoing(REQUEST, credential, b"", None)
        assert outgoing.url.raw_host == host
        assert (outgoing.headers["version"], outgoing.headers["openai-project"]) == ("0.169.0", "p")
        await provider.aclose()


async def test_loopback_is_reached_directly_whatever_proxy_is_set() -> None:
    nowhere = "http://127.0.0.1:9"
    _, error, server = await play(DONE, environment={"http_proxy": nowhere, "ALL_PROXY": nowhere})
    assert (error, len(server.requests)) == (None, 1)


async def test_other_hosts_are_reached_through_the_proxy() -> None:
    async with loopback(DONE) as server:
        provider = provider_of("http://model.invalid/v1", environment={"HTTP_PROXY": f"127.0.0.1:{server.port}"})
        await events_of(provider)
        await provider.aclose()
    assert server.requests[0].line == "POST http://model.invalid/v1/responses HTTP/1.1"
