"""What is retried and renewed without a word, what is kept over requests, and what is compressed."""

import json
import logging
import stat
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard

from app_server.core.provider import compression
from app_server.core.provider.base import ProviderError, TurnState
from app_server.core.provider.credentials import Credential
from app_server.core.provider.settings import AuthCommand
from tests.core.provider.asking import LOST, REQUEST, FakeLogin, Sleeps, described, events_of, play, provider_of
from tests.core.provider.loopback import (
    CLOSE,
    COMPLETED,
    CREATED,
    DONE,
    HANG,
    RESET,
    Step,
    http,
    loopback,
    streamed,
)


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


async def test_a_request_goes_without_a_token_that_can_not_be_had_and_the_refusal_says_why(tmp_path: Path) -> None:
    auth = AuthCommand("sh", ("-c", "echo nothing here >&2; exit 3"))
    events, error, server = await play(DONE, auth=auth, environment={"PATH": "/usr/bin:/bin"})
    assert (len(events), error) == (2, None)
    assert server.requests[0].header("authorization") is None
    _, error, server = await play(NO[0:1], auth=auth, environment={"PATH": "/usr/bin:/bin"})
    assert described(error) == ("provider auth command `sh` exited with status exit status: 3: nothing here", "other", True)
    assert len(server.requests) == 1
