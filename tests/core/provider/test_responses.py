"""The provider client against real sockets: what it sends, what it retries, and how an answer may end."""

import gzip
import json
import logging
import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
import zstandard

from app_server.core.provider import compression
from app_server.core.provider.base import Event, ModelRequest, ProviderError, TurnState
from app_server.core.provider.credentials import Credential
from app_server.core.provider.outgoing import Identity
from app_server.core.provider.responses import ResponsesProvider
from app_server.core.provider.settings import AuthCommand, ProviderSettings, built_in_providers
from tests.core.provider.loopback import (
    CLOSE,
    COMPLETED,
    CREATED,
    DONE,
    HANG,
    LAST_CHUNK,
    RESET,
    Loopback,
    Step,
    chunk,
    delta,
    failed,
    head,
    head_until_close,
    http,
    incomplete,
    loopback,
    sse,
    streamed,
)

LOST = "stream disconnected before completion: "
IDENTITY = Identity("oracle", "oracle/1.0 (here)")
REQUEST = ModelRequest(
    thread_id="t1",
    session_id="s1",
    turn_id="u1",
    model="m1",
    input=[b'{"type":"message", "spaced":  1}', '{"text":"é"}'.encode()],
    tools=[{"type": "function", "name": "f"}],
    prompt_cache_key="t1",
    reasoning={"effort": "low", "summary": "auto"},
    client_metadata={"thread_id": "t1"},
    headers={"x-codex-beta-features": "b", "x-codex-window-id": "t1:0", "session-id": "s1", "thread-id": "t1"},
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Sleeps(list[float]):
    """Records what would have been waited for."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


def provider_of(
    server: Loopback | str,
    *,
    sleeps: Sleeps | None = None,
    environment: dict[str, str] | None = None,
    login: Any = None,
    is_compression_enabled: bool = True,
    **members: Any,
) -> ResponsesProvider:
    url = server if isinstance(server, str) else server.url
    settings = ProviderSettings(**{"id": "mock", "name": "mock", "base_url": url, "request_max_retries": 0, **members})
    return ResponsesProvider(
        settings,
        environment or {},
        lambda: IDENTITY,
        login=login,
        is_compression_enabled=is_compression_enabled,
        sleep=sleeps if sleeps is not None else Sleeps(),
        random=lambda: 0.5,
    )


async def batches_of(
    provider: ResponsesProvider, request: ModelRequest = REQUEST, into: list[list[Event]] | None = None
) -> list[list[Event]]:
    """The batches of one answer; `into` also has those that came before an error."""
    found: list[list[Event]] = [] if into is None else into
    with anyio.fail_after(10):
        async with provider.stream(request) as answer:
            async for batch in answer:
                found.append(batch)  # noqa: PERF401 (what came before an error counts)
    return found


async def events_of(provider: ResponsesProvider, request: ModelRequest = REQUEST) -> list[Event]:
    return [event for batch in await batches_of(provider, request) for event in batch]


async def play(
    *answers: Sequence[Step], request: ModelRequest = REQUEST, **members: Any
) -> tuple[list[Event], ProviderError | None, Loopback]:
    """The events and the error of one request against a server with these answers."""
    batches: list[list[Event]] = []
    error = None
    async with loopback(*answers) as server:
        provider = provider_of(server, **members)
        try:
            await batches_of(provider, request, batches)
        except ProviderError as found:
            error = found
        await provider.aclose()
    return [event for batch in batches for event in batch], error, server


def described(error: ProviderError | None) -> tuple[str, Any, bool]:
    assert error is not None
    return error.message, error.info, error.is_retryable


# What is sent.


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


# How an answer ends.


async def test_events_come_in_one_batch_for_each_chunk_as_they_arrive() -> None:
    go = anyio.Event()
    answer: list[Step] = [head(x_one="1"), chunk(sse(CREATED, delta("a"))), go, chunk(sse(delta("b"), COMPLETED)), LAST_CHUNK]
    async with loopback(answer) as server:
        provider = provider_of(server)
        with anyio.fail_after(5):
            async with provider.stream(REQUEST) as stream:
                assert stream.started.status == 200
                assert stream.started.headers["x-one"] == "1"
                batches = aiter(stream)
                assert await anext(batches) == [CREATED, delta("a")]
                go.set()
                assert await anext(batches) == [delta("b"), COMPLETED]
                assert await anext(batches, None) is None
        await provider.aclose()


async def test_nothing_is_read_beyond_completed() -> None:
    events, error, _ = await play([head(), chunk(sse(delta("a"), COMPLETED, delta("late"))), HANG])
    assert (events, error) == ([delta("a"), COMPLETED], None)


async def test_a_finished_answer_gives_its_connection_to_the_next_request() -> None:
    async with loopback(DONE, DONE, [head(), chunk(sse(COMPLETED)), HANG], DONE) as server:
        provider = provider_of(server)
        for _ in range(4):
            await events_of(provider)
        await provider.aclose()
    assert [received.connection for received in server.requests] == [1, 1, 1, 2]


async def test_unknown_events_pass_and_those_without_a_type_do_not() -> None:
    strange = {"type": "response.unheard_of", "x": 1}
    odd = b'data: {"type": ["x"]}\n\ndata: {"no": "type"}\n\ndata: junk\n\n'
    bare = {"type": "response.completed"}
    events, error, _ = await play([head(), chunk(sse(strange) + odd + sse(bare, COMPLETED)), LAST_CHUNK])
    assert (events, error) == ([strange, COMPLETED], None)


CLOSED, CUT = (
    LOST + "stream closed before response.completed",
    LOST + "Transport error: network error: error decoding response body",
)
PART = 'data: {"type":"response.output_text.delta","delta":"é'.encode()
ENDS: dict[str, tuple[list[Step], str]] = {
    "clean end": ([head(), chunk(sse(CREATED)), LAST_CHUNK], CLOSED),
    "empty body": ([http(200, b"")], CLOSED),
    "no content": ([b"HTTP/1.1 204 X\r\n\r\n"], CLOSED),
    "HTML": ([http(200, b"<html>\n<body>hello</body>\n</html>", content_type="text/html")], CLOSED),
    "JSON": ([http(200, {"id": "r1"})], CLOSED),
    "connection closed": ([head_until_close(), sse(CREATED), CLOSE], CLOSED),
    "closed within a line": ([head_until_close(), sse(CREATED) + PART, CLOSE], CLOSED),
    "last event without its blank line": ([head(), chunk(sse(COMPLETED)[:-1]), LAST_CHUNK], CLOSED),
    "chunked body closed": ([head(), chunk(sse(CREATED)), CLOSE], CUT),
    "chunked body reset": ([head(), chunk(sse(CREATED)), RESET], CUT),
    "cut within a character": ([head(), chunk(sse(CREATED) + PART[:-1]), CLOSE], CUT),
    "cut within a chunk": ([head(), b"ff\r\n" + sse(CREATED), CLOSE], CUT),
    "shorter than announced": ([b"HTTP/1.1 200 X\r\ncontent-length: 9999\r\n\r\n" + sse(CREATED), CLOSE], CUT),
    "broken chunk": ([head(), chunk(sse(CREATED)), b"zz\r\n"], CUT),
    "broken encoding": ([http(200, b"no gzip", content_encoding="gzip")], CUT),
    "error event": ([head(), chunk(sse({"type": "error", "error": {"message": "x"}})), LAST_CHUNK], CLOSED),
    "completed without id": (
        streamed(CREATED, {"type": "response.completed", "response": {}}),
        LOST + "failed to parse ResponseCompleted: missing field `id`",
    ),
}


@pytest.mark.parametrize("name", ENDS)
async def test_an_answer_that_ends_early(name: str) -> None:
    answer, message = ENDS[name]
    events, error, server = await play(answer, request_max_retries=3)
    assert described(error) == (message, "other", True)
    assert len(server.requests) == 1
    assert all(event in ({"type": "error", "error": {"message": "x"}}, CREATED) for event in events)


async def test_a_failure_is_raised_when_the_stream_is_over_after_all_events() -> None:
    failure = failed(code="cyber_policy", message="no")
    events, error, _ = await play(streamed(delta("a"), failure, delta("b")))
    assert events == [delta("a"), failure, delta("b")]
    assert described(error) == ("no", "cyberPolicy", False)


async def test_an_incomplete_answer_names_its_reason() -> None:
    events, error, _ = await play(streamed(delta("a"), incomplete("max_output_tokens")))
    assert len(events) == 2
    assert described(error) == ("Incomplete response returned, reason: max_output_tokens", "other", False)


@pytest.mark.parametrize("end", [CLOSE, RESET, HANG])
async def test_what_the_provider_said_counts_more_than_how_the_stream_ends(end: Step) -> None:
    answer: list[Step] = [head(), chunk(sse(failed(code="insufficient_quota"))), end]
    _, error, _ = await play(answer, stream_idle_timeout_ms=100)
    assert described(error) == ("Quota exceeded. Check your plan and billing details.", "usageLimitExceeded", False)


async def test_completed_after_a_failure_ends_the_answer_well() -> None:
    _, error, _ = await play(streamed(failed(code="server_error"), COMPLETED))
    assert error is None


async def test_a_silent_stream_runs_into_the_idle_timeout() -> None:
    events, error, server = await play([head(), chunk(sse(CREATED)), HANG], stream_idle_timeout_ms=100)
    assert events == [CREATED]
    assert described(error) == (LOST + "idle timeout waiting for SSE", "other", True)
    assert server.streams_open == 0


PAUSE_S = 0.12
"""Long enough to matter for an idle timeout, and real because the timeout is."""


async def test_events_restart_the_idle_timeout_and_comments_do_not() -> None:
    alive: list[Step] = [head(), *[PAUSE_S, chunk(b"data: junk\n\n")] * 3, PAUSE_S, chunk(sse(COMPLETED)), LAST_CHUNK]
    _, error, _ = await play(alive, stream_idle_timeout_ms=300)
    assert error is None
    noise: list[Step] = [head(), *[PAUSE_S, chunk(b": keepalive\n\n")] * 4, chunk(sse(COMPLETED)), LAST_CHUNK]
    _, error, _ = await play(noise, stream_idle_timeout_ms=300)
    assert described(error)[0] == LOST + "idle timeout waiting for SSE"


async def test_the_time_a_reader_takes_is_not_idle_time() -> None:
    async with loopback([head(), chunk(sse(CREATED)), chunk(sse(COMPLETED)), LAST_CHUNK]) as server:
        provider = provider_of(server, stream_idle_timeout_ms=100)
        async with provider.stream(REQUEST) as stream:
            batches = aiter(stream)
            assert await anext(batches) == [CREATED]
            await anyio.sleep(PAUSE_S)
            assert await anext(batches) == [COMPLETED]
        await provider.aclose()


async def test_a_compressed_answer_is_decoded() -> None:
    events, error, _ = await play([http(200, gzip.compress(sse(CREATED, COMPLETED)), content_encoding="gzip")])
    assert (events, error) == ([CREATED, COMPLETED], None)


async def test_a_line_of_a_hundred_megabytes_arrives() -> None:
    size, piece = 100 << 20, b"x" * (1 << 20)
    answer: list[Step] = [head_until_close(), b'data: {"type":"big","text":"', *[piece] * 100, b'"}\n\n' + sse(COMPLETED), CLOSE]
    events, error, _ = await play(answer)
    assert error is None
    assert [len(events[0]["text"]), events[1]] == [size, COMPLETED]


async def test_leaving_early_closes_the_connection() -> None:
    async with loopback([head(), chunk(sse(CREATED)), HANG], DONE) as server:
        provider = provider_of(server)
        with anyio.fail_after(5):
            async with provider.stream(REQUEST) as stream:
                async for _ in stream:
                    break
            await events_of(provider)
        assert [received.connection for received in server.requests] == [1, 2]
        assert server.streams_open == 0
        await provider.aclose()


@pytest.mark.parametrize("answer", [[HANG], [head(), chunk(sse(CREATED)), HANG]])
async def test_an_answer_may_be_cancelled_at_any_time(answer: list[Step]) -> None:
    async with loopback(answer, DONE) as server:
        provider = provider_of(server)
        with anyio.fail_after(5):
            with anyio.move_on_after(0.1) as scope:
                await events_of(provider)
            assert scope.cancelled_caught
            assert await events_of(provider) == [CREATED, COMPLETED]
        await provider.aclose()


async def test_hundreds_of_streams_run_at_the_same_time() -> None:
    count, go = 300, anyio.Event()
    answer: list[Step] = [head(), chunk(sse(CREATED)), go, chunk(sse(COMPLETED)), LAST_CHUNK]
    async with loopback(*[answer] * count) as server:
        provider = provider_of(server)
        started = 0

        async def one() -> None:
            nonlocal started
            async with provider.stream(REQUEST) as stream:
                async for batch in stream:
                    started += batch == [CREATED]
                    if started == count:
                        go.set()

        with anyio.fail_after(30):
            async with anyio.create_task_group() as tasks:
                for _ in range(count):
                    tasks.start_soon(one)
        await provider.aclose()
    assert (server.connections, len(server.requests)) == (count, count)


# Refusals and retries.


async def test_a_refusal_is_raised_on_entering() -> None:
    _, error, server = await play([http(404, {"error": {"message": "gone"}}, x_request_id="rq")])
    url = f"{server.url}/responses"
    assert described(error) == (
        f"unexpected status 404 Not Found: gone, url: {url}, request id: rq",
        {"httpConnectionFailed": {"httpStatusCode": 404}},
        True,
    )


async def test_a_refusal_with_a_cut_or_endless_body_is_still_one() -> None:
    cut = b"HTTP/1.1 404 X\r\ncontent-length: 99\r\n\r\nsome text"
    _, error, _ = await play([cut, CLOSE])
    assert described(error)[0].startswith("unexpected status 404 Not Found: some text, url:")
    endless: list[Step] = [b"HTTP/1.1 400 X\r\ncontent-length: 99999999\r\n\r\n", *[b"y" * 65_536] * 17, HANG]
    _, error, _ = await play(endless)
    assert described(error)[0] == "y" * (1 << 20)


async def test_a_redirect_is_followed() -> None:
    async with loopback([http(307, b"", location="/elsewhere")], DONE) as server:
        provider = provider_of(server)
        assert await events_of(provider) == [CREATED, COMPLETED]
        await provider.aclose()
    assert server.requests[1].line == "POST /elsewhere HTTP/1.1"
    assert server.requests[1].body == server.requests[0].body


BUSY = "We’re currently experiencing high demand, which may cause temporary errors."


async def test_server_errors_are_retried_silently_with_growing_waits() -> None:
    sleeps = Sleeps()
    failures = [[http(code, b"")] for code in (500, 502, 503)]
    events, error, server = await play(*failures, DONE, sleeps=sleeps, request_max_retries=4)
    assert (events, error) == ([CREATED, COMPLETED], None)
    assert sleeps == pytest.approx([0.2, 0.4, 0.8])
    assert len({received.body for received in server.requests}) == 1


async def test_the_budget_of_the_http_layer_ends() -> None:
    sleeps = Sleeps()
    _, error, server = await play(*[[http(500, b"")]] * 9, sleeps=sleeps, request_max_retries=4)
    assert described(error) == (BUSY, "internalServerError", True)
    assert (len(server.requests), sleeps) == (5, pytest.approx([0.2, 0.4, 0.8, 1.6]))


async def test_retry_after_replaces_the_wait() -> None:
    sleeps = Sleeps()
    _, error, _ = await play([http(503, b"", retry_after="3")], [http(500, b"")], DONE, sleeps=sleeps, request_max_retries=2)
    assert (error, sleeps) == (None, pytest.approx([3.0, 0.4]))


@pytest.mark.parametrize("code", [400, 401, 404, 408, 422, 429])
async def test_client_errors_are_not_retried_by_the_http_layer(code: int) -> None:
    sleeps = Sleeps()
    _, error, server = await play([http(code, b"", retry_after="1")], DONE, sleeps=sleeps, request_max_retries=4)
    assert error is not None
    assert (len(server.requests), sleeps) == (1, [])


async def test_a_connection_that_closes_before_the_answer_is_retried() -> None:
    sleeps = Sleeps()
    _, error, server = await play([CLOSE], [RESET], [b"HTTP/1.1 2", CLOSE], DONE, sleeps=sleeps, request_max_retries=3)
    assert (error, len(server.requests), len(sleeps)) == (None, 4, 3)
    _, error, _ = await play([CLOSE])
    assert described(error) == (LOST + "error sending request", "other", True)
    assert error is not None
    assert not error.is_unreachable


async def test_a_refused_connection_is_unreachable() -> None:
    async with loopback() as server:
        url = server.url
    sleeps = Sleeps()
    provider = provider_of(url, sleeps=sleeps, request_max_retries=2)
    for _ in range(2):
        with pytest.raises(ProviderError) as caught:
            await events_of(provider)
        assert described(caught.value) == (LOST + "error sending request", "other", True)
        assert caught.value.is_unreachable
    assert len(sleeps) == 4
    await provider.aclose()


async def test_an_earlier_refusal_does_not_make_a_later_failure_unreachable() -> None:
    async with loopback() as gone:
        url = gone.url
    async with loopback([CLOSE]) as server:
        first, second = provider_of(url), provider_of(server)
        try:
            await events_of(first)
        except ProviderError as refused:
            assert refused.is_unreachable  # noqa: PT017 (what the handler's error does to the next is tested)
            with pytest.raises(ProviderError) as caught:
                await events_of(second)
        assert not caught.value.is_unreachable
        await first.aclose()
        await second.aclose()


@pytest.mark.parametrize("url", ["x", "http://", "http://host:port/v1", "ftp://host/v1", "/v1"])
async def test_an_invalid_url_is_named_and_final(url: str) -> None:
    provider = provider_of(url)
    with pytest.raises(ProviderError, match="invalid provider URL `") as caught:
        await events_of(provider)
    assert not caught.value.is_retryable
    await provider.aclose()


# Credentials.


async def test_a_missing_key_makes_no_request() -> None:
    _, error, server = await play(DONE, env_key="MYKEY", env_key_instructions="Get one.")
    assert described(error) == ("Missing environment variable: `MYKEY`. Get one.", "other", False)
    assert server.requests == []


NO = [http(401, {"error": {"message": "no"}})]


async def test_a_401_runs_the_auth_command_once_more(tmp_path: Path) -> None:
    script = tmp_path / "t.sh"
    script.write_text("#!/bin/sh\necho x >> runs; echo tok$(wc -l < runs)\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    members = {"auth": AuthCommand("./t.sh", cwd=str(tmp_path)), "environment": {"PATH": "/usr/bin:/bin"}}
    _, error, server = await play(NO, DONE, **members)
    assert error is None
    assert [received.header("authorization") for received in server.requests] == ["Bearer tok1", "Bearer tok2"]
    _, error, server = await play(NO, NO, DONE, **members)
    assert described(error)[1:] == ({"httpConnectionFailed": {"httpStatusCode": 401}}, True)
    assert len(server.requests) == 2


class FakeLogin:
    """A login with one credential, and others for after a 401."""

    def __init__(self, credential: Credential, *renewed: Credential) -> None:
        self._credential = credential
        self._renewed = renewed

    async def credential(self) -> Credential:
        return self._credential

    async def renew(self, refused: Credential, attempt: int) -> Credential | None:
        return self._renewed[attempt - 1] if attempt <= len(self._renewed) else None


async def test_a_401_goes_through_the_logins_steps_and_counts_from_one_for_each_request() -> None:
    login = FakeLogin(Credential("t0", {"chatgpt-account-id": "a1"}), Credential("t1"), Credential("t2"))
    async with loopback(NO, NO, DONE, NO, NO, NO) as server:
        provider = provider_of(server, login=login, requires_openai_auth=True)
        assert await events_of(provider) == [CREATED, COMPLETED]
        with pytest.raises(ProviderError, match="unexpected status 401 Unauthorized: no"):
            await events_of(provider)
        await provider.aclose()
    assert [received.header("authorization") for received in server.requests] == [f"Bearer t{n}" for n in (0, 1, 2, 0, 1, 2)]
    assert server.requests[0].header("chatgpt-account-id") == "a1"


# Turn state (M13).


async def test_turn_state_is_kept_from_the_first_answer_and_echoed_within_the_turn() -> None:
    first = streamed(CREATED, COMPLETED, x_codex_turn_state="one")
    other = streamed(CREATED, COMPLETED, x_codex_turn_state="two")
    async with loopback([http(500, b"", x_codex_turn_state="zero")], first, other, DONE, DONE) as server:
        provider = provider_of(server, request_max_retries=1)
        turn = replace(REQUEST, turn_state=TurnState())
        for _ in range(3):
            await events_of(provider, turn)
        await events_of(provider, replace(REQUEST, turn_state=TurnState()))
        await provider.aclose()
    assert turn.turn_state.value == "one"
    assert [received.header("x-codex-turn-state") for received in server.requests] == [None, None, "one", "one", None]


@pytest.mark.parametrize("value", ["inner", ["inner", "more"]])
async def test_turn_state_may_come_in_the_stream(value: object) -> None:
    note = {"type": "response.metadata", "headers": {"other": "x", "X-Codex-Turn-State": value}}
    request = replace(REQUEST, turn_state=TurnState())
    events, _, _ = await play(streamed(note, COMPLETED), request=request)
    assert events == [note, COMPLETED]
    assert request.turn_state.value == "inner"


# Compression (M14).


@pytest.mark.parametrize("size", [10, 400_000])
async def test_a_request_may_be_compressed(size: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, compression.__name__)
    request = replace(REQUEST, input=[json.dumps({"text": "x" * size}).encode()])
    _, error, server = await play([http(500, b"")], DONE, request=request, request_compression="zstd", request_max_retries=1)
    assert error is None
    sent = server.requests[1]
    assert sent.body == server.requests[0].body
    assert sent.header("content-encoding") == "zstd"
    plain = zstandard.ZstdDecompressor().decompressobj().decompress(sent.body)
    assert json.loads(plain)["input"] == [{"text": "x" * size}]
    logged = [record.getMessage() for record in caplog.records if record.name == compression.__name__]
    sizes = f"pre_compression_bytes={len(plain)} post_compression_bytes={len(sent.body)} compression_duration_ms="
    assert [line.rpartition("=")[0] + "=" for line in logged] == [f"Compressed request body with zstd {sizes}"]


@pytest.mark.parametrize(
    ("name", "is_chatgpt", "is_enabled", "encoding"),
    [("OpenAI", True, True, "zstd"), ("OpenAI", True, False, None), ("OpenAI", False, True, None), ("mock", True, True, None)],
)
async def test_openai_bodies_are_compressed_under_a_chatgpt_login(
    name: str, is_chatgpt: bool, is_enabled: bool, encoding: str | None
) -> None:
    login = FakeLogin(Credential("t", is_chatgpt=is_chatgpt))
    _, _, server = await play(DONE, login=login, name=name, requires_openai_auth=True, is_compression_enabled=is_enabled)
    assert server.requests[0].header("content-encoding") == encoding
