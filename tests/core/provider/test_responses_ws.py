"""The Responses API over a websocket: what is sent, what goes on where, and what becomes of a connection that fails."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from app_server.core.history_item import entry
from app_server.core.provider.base import Fallible, ModelRequest, Prewarmed, ProviderError, TurnState
from app_server.core.provider.credentials import Credential
from app_server.core.provider.outgoing import Identity
from app_server.core.provider.responses import ResponsesProvider
from app_server.core.provider.responses_ws import ResponsesSocket
from app_server.core.provider.settings import ProviderSettings
from tests.core.provider.loopback import DONE, loopback
from tests.core.provider.socket_server import ABORT, CLOSE, COMPLETED, HANG, SocketServer, socket_server

pytestmark = pytest.mark.anyio

BASE = entry({"type": "message", "role": "developer", "id": "msg_base", "content": [{"type": "input_text", "text": "b"}]}).json
WORDS = entry({"type": "message", "role": "user", "id": "msg_words", "content": [{"type": "input_text", "text": "hi"}]}).json
MORE = entry({"type": "message", "role": "user", "id": "msg_more", "content": [{"type": "input_text", "text": "and"}]}).json
CALL = {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "look", "arguments": "{}", "status": "completed"}
OUTPUT = entry({"type": "function_call_output", "id": "fco_1", "call_id": "c1", "output": "seen"}).json
TOOLS = ({"type": "function", "name": "look"},)


def done(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "response.output_item.done", "item": item}


def request(*items: bytes, **options: Any) -> ModelRequest:
    members = {"model": "m", "tools": TOOLS, "prompt_cache_key": "t", "headers": {"thread-id": "t"}, **options}
    return ModelRequest("t", "t", "u", input=list(items), **members)


@asynccontextmanager
async def way(
    server: SocketServer, *, is_declared: bool = True, login: Any = None, http_url: str | None = None, **settings: Any
) -> AsyncIterator[ResponsesSocket]:
    """A thread's way to the server."""
    chosen = ProviderSettings(id="p", name="p", base_url=http_url or server.url, request_max_retries=0, **settings)
    provider = ResponsesProvider(chosen, {}, lambda: Identity("me", "me/1"), login=login)
    socket = ResponsesSocket(provider, lambda item, _: entry(item).json, is_declared=is_declared)
    try:
        yield socket
    finally:
        await socket.aclose()
        await provider.aclose()


async def ask(socket: ResponsesSocket, asked: ModelRequest) -> list[dict[str, Any]]:
    with anyio.fail_after(5):
        async with socket.stream(asked) as answer:
            return [event async for events in answer for event in events]


async def failure(socket: ResponsesSocket, asked: ModelRequest) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await ask(socket, asked)
    return caught.value


def inputs(frames: Sequence[dict[str, Any]]) -> list[tuple[str | None, list[str]]]:
    """Of each request: the answer that it follows, and the ids of its items."""
    return [(frame.get("previous_response_id"), [item["id"] for item in frame["input"]]) for frame in frames]


async def test_a_way_over_a_websocket_says_what_it_can() -> None:
    async with socket_server() as server, way(server) as socket:
        assert isinstance(socket, Fallible)
        assert isinstance(socket, Prewarmed)


async def test_a_request_is_one_frame_with_its_type_first_and_the_handshake_carries_the_headers() -> None:
    class Login:
        async def credential(self) -> Credential | None:
            return Credential("tok", {"chatgpt-account-id": "a"}, is_chatgpt=True)

        async def renew(self, refused: Credential, attempt: int) -> Credential | None:
            return None

    delta = {"type": "response.output_text.delta", "delta": "x"}
    async with socket_server([delta, COMPLETED]) as server, way(server, login=Login(), requires_openai_auth=True) as socket:
        assert await ask(socket, request(BASE, WORDS, started_at_ms=7)) == [delta, {**COMPLETED, "response": {"id": "r1"}}]
        [frame] = server.frames
        assert list(frame)[:4] == ["type", "model", "stream", "input"]
        assert (frame["type"], frame["store"], "generate" in frame) == ("response.create", False, False)
        assert frame["client_metadata"] == {"x-codex-ws-stream-request-start-ms": "7"}
        [handshake] = server.handshakes
        names = ("openai-beta", "authorization", "chatgpt-account-id", "originator", "thread-id")
        assert [handshake[name] for name in names] == ["responses_websockets=2026-02-06", "Bearer tok", "a", "me", "t"]
        assert handshake["user-agent"] == "me/1"
        assert "accept" not in handshake


async def test_after_a_prewarm_each_request_sends_only_what_is_new() -> None:
    script = ([done(CALL), COMPLETED], [COMPLETED], [COMPLETED])
    async with socket_server(*script) as server, way(server) as socket:
        await socket.prewarm(request(BASE))
        call = entry(CALL).json
        for items in ([BASE, WORDS], [BASE, WORDS, call, OUTPUT], [BASE, WORDS, call, OUTPUT, MORE]):
            await ask(socket, request(*items))
        assert inputs(server.frames) == [
            (None, ["msg_base"]),
            ("warm", ["msg_words"]),
            ("r1", ["fco_1"]),
            ("r2", ["msg_more"]),
        ]
        assert [frame.get("generate") for frame in server.frames] == [False, None, None, None]
        assert len(server.handshakes) == 1


@pytest.mark.parametrize(
    "change",
    [{"model": "n"}, {"tools": ()}, {"text": {"verbosity": "low"}}, {"reasoning": {"effort": "low"}}, {"service_tier": "flex"}],
)
async def test_any_other_setting_has_everything_sent_and_the_next_request_goes_on_from_there(change: dict[str, Any]) -> None:
    async with socket_server([COMPLETED], [COMPLETED], [COMPLETED]) as server, way(server) as socket:
        await ask(socket, request(BASE))
        await ask(socket, request(BASE, WORDS, **change))
        await ask(socket, request(BASE, WORDS, MORE, client_metadata={"a": "b"}, **change))
        assert inputs(server.frames) == [
            (None, ["msg_base"]),
            (None, ["msg_base", "msg_words"]),
            ("r2", ["msg_more"]),
        ]
        assert len(server.handshakes) == 1


async def test_an_input_that_is_no_continuation_is_sent_whole() -> None:
    async with socket_server([done(CALL), COMPLETED], [COMPLETED]) as server, way(server) as socket:
        await ask(socket, request(BASE, WORDS))
        await ask(socket, request(BASE, MORE))
        assert inputs(server.frames)[1] == (None, ["msg_base", "msg_more"])


async def test_the_tools_of_lite_models_are_no_reason_to_send_everything_again() -> None:
    async with socket_server([COMPLETED], [COMPLETED]) as server, way(server) as socket:
        await ask(socket, request(BASE, is_lite=True))
        await ask(socket, request(BASE, WORDS, is_lite=True))
        assert inputs(server.frames)[1] == ("r1", ["msg_words"])
        name = "ws_request_header_x_openai_internal_codex_responses_lite"
        assert server.frames[0]["client_metadata"][name] == "true"


@pytest.mark.parametrize(
    ("steps", "message", "is_retryable"),
    [
        ([CLOSE], "stream disconnected before completion: websocket closed by server before response.completed", True),
        (
            [ABORT],
            "stream disconnected before completion: WebSocket protocol error: Connection reset without closing handshake",
            True,
        ),
        ([b"bytes"], "stream disconnected before completion: unexpected binary websocket event", True),
        ([HANG], "stream disconnected before completion: idle timeout waiting for websocket", True),
        (
            [{"type": "response.failed", "response": {"error": {"code": "zz", "message": "mm"}}}, HANG],
            "stream disconnected before completion: mm",
            True,
        ),
        (
            [{"type": "response.incomplete", "response": {"incomplete_details": {"reason": "max_output_tokens"}}}, HANG],
            "Incomplete response returned, reason: max_output_tokens",
            False,
        ),
        (
            [{"type": "response.completed", "response": {}}, HANG],
            "stream disconnected before completion: failed to parse ResponseCompleted: missing field `id`",
            True,
        ),
        (
            [{"type": "error", "status": 400, "error": {"code": "websocket_connection_limit_reached", "message": "lim"}}],
            "stream disconnected before completion: lim",
            True,
        ),
        (
            [{"type": "error", "status": 400, "error": {"code": "previous_response_not_found"}}],
            "stream disconnected before completion: previous_response_not_found",
            True,
        ),
    ],
)
async def test_a_failure_ends_the_connection_and_the_next_request_is_whole(
    steps: list[Any], message: str, is_retryable: bool
) -> None:
    async with socket_server([COMPLETED], steps, [COMPLETED]) as server, way(server, stream_idle_timeout_ms=100) as socket:
        await ask(socket, request(BASE))
        error = await failure(socket, request(BASE, WORDS))
        assert (error.message, error.is_retryable) == (message, is_retryable)
        await ask(socket, request(BASE, WORDS))
        assert inputs(server.frames)[1:] == [("r1", ["msg_words"]), (None, ["msg_base", "msg_words"])]
        assert len(server.handshakes) == 2


@pytest.mark.parametrize(
    ("told", "info", "message", "is_retryable"),
    [
        ({"status": 503, "error": {"code": "server_is_overloaded"}}, "serverOverloaded", "Selected model is at capacity", False),
        ({"status_code": 500, "error": {"message": "x"}}, "internalServerError", "We’re currently", True),
        (
            {"status": 429, "error": {"type": "usage_limit_reached"}, "headers": {"X-Codex-Promo-Message": "Hey", "x-n": 3}},
            "usageLimitExceeded",
            "You’ve hit your usage limit. Hey, or try again later.",
            False,
        ),
        ({"status": 404, "error": {"message": "x"}}, {"httpConnectionFailed": {"httpStatusCode": 404}}, "x, url: ws://127", True),
        ({"status": 400, "error": {"message": "bad"}}, "other", '{"type": "error", "status": 400', False),
    ],
)
async def test_an_error_event_is_the_status_that_it_tells(told: Any, info: Any, message: str, is_retryable: bool) -> None:
    async with socket_server([{"type": "error", **told}]) as server, way(server) as socket:
        error = await failure(socket, request(BASE))
        assert (error.info, error.is_retryable) == (info, is_retryable)
        assert message in error.message


async def test_an_error_event_without_a_status_what_is_no_json_and_what_has_no_type_are_passed_over() -> None:
    steps = [
        {"type": "error", "error": {"message": "x"}},
        "not json",
        "[1]",
        '{"a": 1}',
        {"type": "response.completed"},
        COMPLETED,
    ]
    async with socket_server(steps) as server, way(server) as socket:
        assert await ask(socket, request(BASE)) == [{**COMPLETED, "response": {"id": "r1"}}]


async def test_an_answer_that_is_given_up_ends_the_connection() -> None:
    async with socket_server([{"type": "response.created"}, HANG], [COMPLETED]) as server, way(server) as socket:
        with anyio.CancelScope() as scope:
            async with socket.stream(request(BASE)) as answer:
                async for _ in answer:
                    scope.cancel()
        await server.gone.wait()
        await ask(socket, request(BASE, WORDS))
        assert inputs(server.frames)[1] == (None, ["msg_base", "msg_words"])


async def test_a_connection_that_the_server_ends_between_requests_is_opened_anew() -> None:
    async with socket_server([COMPLETED, CLOSE], [COMPLETED]) as server, way(server) as socket:
        await ask(socket, request(BASE))
        await server.gone.wait()
        await ask(socket, request(BASE, WORDS))
        assert inputs(server.frames)[1] == (None, ["msg_base", "msg_words"])


async def test_m13_the_routing_token_of_a_handshake_is_echoed_within_the_turn_and_not_after_it() -> None:
    headers = {"x-codex-turn-state": "hand"}
    async with socket_server([COMPLETED], [ABORT], [COMPLETED], [COMPLETED], headers=headers) as server, way(server) as socket:
        await socket.prewarm(request(BASE))
        state = TurnState()
        await ask(socket, request(BASE, turn_state=state))
        assert state.value == "hand"
        await failure(socket, request(BASE, turn_state=state))
        await ask(socket, request(BASE, turn_state=state))
        assert server.handshakes[1]["x-codex-turn-state"] == "hand"
        assert [frame["client_metadata"].get("x-codex-turn-state") for frame in server.requests] == ["hand"] * 3
        later = TurnState()
        await ask(socket, request(BASE, turn_state=later))
        assert later.value is None
        assert "x-codex-turn-state" not in server.requests[3]["client_metadata"]


async def test_m13_the_routing_token_of_an_event_is_echoed_by_later_requests_of_the_turn() -> None:
    told = {"type": "response.metadata", "headers": {"X-Codex-Turn-State": "in"}}
    async with socket_server([told, COMPLETED], [COMPLETED]) as server, way(server) as socket:
        state = TurnState()
        await ask(socket, request(BASE, turn_state=state))
        await ask(socket, request(BASE, turn_state=state))
        assert [frame["client_metadata"].get("x-codex-turn-state") for frame in server.requests] == [None, "in"]


async def test_the_handshake_tells_the_model_and_the_etag_for_every_answer() -> None:
    headers = {"openai-model": "other", "x-models-etag": "e", "x-codex-primary-used-percent": "9"}
    async with socket_server([COMPLETED], [COMPLETED], headers=headers) as server, way(server) as socket:
        for _ in range(2):
            async with socket.stream(request(BASE)) as answer:
                assert answer.started.headers == {"openai-model": "other", "x-models-etag": "e"}
                assert answer.started.is_socket
                async for _ in answer:
                    pass


async def test_m7_an_upgrade_that_is_required_elsewhere_means_http_for_good() -> None:
    async with socket_server(refusals=[(426, "no")]) as server, loopback(DONE, DONE) as plain, way(server) as socket:
        with pytest.raises(ProviderError):  # this server speaks no HTTP
            await ask(socket, request(BASE))
        assert not socket.is_socket
        socket.provider.settings = ProviderSettings(id="p", name="p", base_url=plain.url)
        for _ in range(2):
            assert (await ask(socket, request(BASE)))[-1]["type"] == "response.completed"
        assert (len(server.handshakes), len(plain.requests)) == (1, 2)


@pytest.mark.parametrize("status", [404, 405, 500, 401])
async def test_m7_a_provider_that_promised_nothing_may_refuse_in_any_way(status: int) -> None:
    async with socket_server(refusals=[(status, "no")]) as server, way(server, is_declared=False) as socket:
        await socket.prewarm(request(BASE))
        assert not socket.is_socket


async def test_m7_a_provider_that_promised_nothing_and_is_not_there_is_asked_over_http() -> None:
    async with socket_server() as server:
        pass
    async with way(server, is_declared=False) as socket:
        error = await failure(socket, request(BASE))
        assert (socket.is_socket, error.is_unreachable) == (False, True)


@pytest.mark.parametrize(
    ("status", "is_retryable", "message"),
    [
        (404, True, "unexpected status 404 Not Found: no, url: ws://127.0.0.1"),
        (401, True, "unexpected status 401 Unauthorized: no, url: ws://127.0.0.1"),
        (429, False, "exceeded retry limit, last status: 429 Too Many Requests"),
        (503, True, "unexpected status 503 Service Unavailable"),
    ],
)
async def test_a_refused_handshake_is_an_error_like_any_other(status: int, is_retryable: bool, message: str) -> None:
    async with socket_server([COMPLETED], refusals=[(status, '{"error": {"message": "no"}}')]) as server, way(server) as socket:
        error = await failure(socket, request(BASE))
        assert (error.is_retryable, socket.is_socket) == (is_retryable, True)
        assert error.message.startswith(message)
        await ask(socket, request(BASE))


async def test_a_server_that_is_not_there_is_waited_for() -> None:
    async with socket_server() as server:
        pass
    async with way(server) as socket:
        error = await failure(socket, request(BASE))
        assert (error.is_unreachable, error.is_retryable, socket.is_socket) == (True, True, True)


async def test_a_credential_that_the_handshake_refuses_is_renewed() -> None:
    class Login:
        async def credential(self) -> Credential | None:
            return Credential("old")

        async def renew(self, refused: Credential, attempt: int) -> Credential | None:
            return Credential(f"new{attempt}")

    refusals = [(401, "no"), (401, "no")]
    async with (
        socket_server([COMPLETED], refusals=refusals) as server,
        way(server, login=Login(), requires_openai_auth=True) as one,
    ):
        await ask(one, request(BASE))
        assert [handshake["authorization"] for handshake in server.handshakes] == ["Bearer old", "Bearer new1", "Bearer new2"]


async def test_a_prewarm_that_fails_or_is_not_answered_is_silent_and_the_next_request_is_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app_server.core.provider.responses_ws.PREWARM_S", 0.05)
    async with socket_server([COMPLETED], refusals=[(503, "no")], answers_prewarm=False) as server, way(server) as socket:
        await socket.prewarm(request(BASE))
        await socket.prewarm(request(BASE))
        await ask(socket, request(BASE, WORDS))
        assert inputs(server.frames) == [(None, ["msg_base"]), (None, ["msg_base", "msg_words"])]


async def test_nobody_is_warmed_up_without_the_login_that_the_provider_requires() -> None:
    async with socket_server() as server, way(server, requires_openai_auth=True) as socket:
        await socket.prewarm(request(BASE))
        assert server.handshakes == []


async def test_a_frame_larger_than_a_megabyte_comes_whole() -> None:
    big = {"type": "response.output_text.delta", "delta": "x" * 3_000_000}
    async with socket_server([json.dumps(big), COMPLETED]) as server, way(server) as socket:
        assert (await ask(socket, request(BASE)))[0] == big
