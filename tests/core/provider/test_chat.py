"""Chat Completions against a real server on loopback: text, thoughts, calls, usage, failures, and whole turns."""

import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app_server.core.provider.base import Event, ModelRequest, ProviderError
from app_server.core.provider.chat import ChatProvider
from app_server.core.provider.outgoing import Identity
from app_server.core.provider.settings import ProviderSettings
from tests.conftest import Converse
from tests.core.provider.loopback import (
    HANG,
    LAST_CHUNK,
    RESET,
    Loopback,
    Step,
    chunk,
    head,
    http,
    loopback,
)
from tests.core.provider.test_flat_tools import LOOK, PATCH, SPACE

pytestmark = pytest.mark.anyio

REQUEST = ModelRequest("t", "t", "u", "m", [b'{"type":"message","role":"user","content":[]}'], [LOOK, PATCH, SPACE], "t")
USAGE = {
    "prompt_tokens": 10,
    "completion_tokens": 5,
    "total_tokens": 15,
    "prompt_tokens_details": {"cached_tokens": 4},
    "completion_tokens_details": {"reasoning_tokens": 2},
}


def delta(finish: str | None = None, **members: Any) -> dict[str, Any]:
    return {"id": "chat1", "choices": [{"index": 0, "delta": members, "finish_reason": finish}]}


def piece(index: int | None, id: str | None = None, name: str | None = None, arguments: Any = None) -> dict[str, Any]:
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    told = {"index": index, "id": id, "type": "function", "function": function}
    return {key: value for key, value in told.items() if value is not None}


def sse(*chunks: Any, done: bool = True) -> bytes:
    lines = [b"data: " + json.dumps(each).encode() + b"\n\n" for each in chunks]
    return b"".join([*lines, b"data: [DONE]\n\n"] if done else lines)


def streamed(*chunks: Any, done: bool = True) -> list[Step]:
    return [
        head(),
        *(chunk(sse(each, done=False)) for each in chunks),
        *([chunk(b"data: [DONE]\n\n")] if done else []),
        LAST_CHUNK,
    ]


LAST = {"id": "chat1", "choices": [], "usage": USAGE}


@asynccontextmanager
async def reached(answer: Sequence[Step], **settings: Any) -> AsyncIterator[tuple[ChatProvider, Loopback]]:
    """A provider at a server that gives this answer."""
    async with loopback(answer) as server:
        chosen = ProviderSettings(id="p", name="p", base_url=server.url, wire_api="chat", request_max_retries=0, **settings)
        provider = ChatProvider(chosen, {"KEY": "sk"}, lambda: Identity("me", "me/1"))
        try:
            yield provider, server
        finally:
            await provider.aclose()


async def events_of(provider: ChatProvider) -> list[Event]:
    async with provider.stream(REQUEST) as stream:
        return [event async for events in stream for event in events]


async def play(answer: Sequence[Step], **settings: Any) -> tuple[list[Event], Loopback]:
    """The events of one answer."""
    async with reached(answer, **settings) as (provider, server):
        return await events_of(provider), server


async def failure(answer: Sequence[Step], **settings: Any) -> ProviderError:
    async with reached(answer, **settings) as (provider, _):
        with pytest.raises(ProviderError) as caught:
            await events_of(provider)
        return caught.value


def short(events: list[Event]) -> list[Any]:
    """Each event by what matters of it."""
    shown: list[Any] = []
    for event in events:
        kind = event["type"].removeprefix("response.")
        if kind.startswith("output_item"):
            item = {name: value for name, value in event["item"].items() if name != "id"}
            shown.append((kind.rpartition(".")[2], item))
        else:
            shown.append((kind, event.get("delta", event.get("response"))))
    return shown


def said(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}] if text else []}


async def test_a_request_goes_to_the_completions_with_the_key_and_nothing_of_openais_own() -> None:
    _, server = await play(streamed(delta("stop", content="x"), LAST), env_key="KEY", query_params={"v": "1"})
    [request] = server.requests
    assert request.line == "POST /v1/chat/completions?v=1 HTTP/1.1"
    assert {name: request.header(name) for name in ("authorization", "accept", "content-type", "user-agent")} == {
        "authorization": "Bearer sk",
        "accept": "text/event-stream",
        "content-type": "application/json",
        "user-agent": "me/1",
    }
    assert [name for name, _ in request.headers if name.startswith("x-")] == []
    assert (request.json["model"], request.json["stream"]) == ("m", True)


async def test_text_comes_piece_by_piece_and_ends_with_the_usage() -> None:
    events, _ = await play(
        streamed(delta(role="assistant", content=""), delta(content="Hel"), delta(content="lo"), delta("stop"), LAST)
    )
    assert short(events) == [
        ("created", {"id": "chat1"}),
        ("added", said("")),
        ("output_text.delta", "Hel"),
        ("output_text.delta", "lo"),
        ("done", said("Hello")),
        (
            "completed",
            {
                "id": "chat1",
                "usage": {
                    "input_tokens": 10,
                    "input_tokens_details": {"cached_tokens": 4},
                    "output_tokens": 5,
                    "output_tokens_details": {"reasoning_tokens": 2},
                    "total_tokens": 15,
                },
            },
        ),
    ]
    assert events[1]["item"]["id"] == events[2]["item_id"] == events[4]["item"]["id"]


@pytest.mark.parametrize("member", ["reasoning_content", "reasoning"])
async def test_thoughts_are_an_item_of_their_own_before_the_text(member: str) -> None:
    chunks = [delta(**{member: "hm"}), delta(**{member: "m", "content": None}), delta(content="Yes"), delta("stop"), LAST]
    events, _ = await play(streamed(*chunks))
    thoughts = {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "hmm"}]}
    assert short(events)[1:6] == [
        ("added", {**thoughts, "content": []}),
        ("reasoning_text.delta", "hm"),
        ("reasoning_text.delta", "m"),
        ("done", thoughts),
        ("added", said("")),
    ]


def a_call(call_id: str, name: str = "look", arguments: str = "{}", **members: Any) -> tuple[str, dict[str, Any]]:
    return "done", {"type": "function_call", "call_id": call_id, "name": name, "arguments": arguments, **members}


NAMESPACED = "mcp_git_hub__look_" + hashlib.sha256(b"mcp.git hub\0look").hexdigest()[:8]


@pytest.mark.parametrize(
    ("chunks", "calls"),
    [
        (
            [
                delta(tool_calls=[piece(0, "c1", "look", "")]),
                delta(tool_calls=[piece(0, arguments='{"a"')]),
                delta(tool_calls=[piece(0, arguments=":1}")]),
            ],
            [a_call("c1", arguments='{"a":1}')],
        ),
        (
            [delta(tool_calls=[piece(0, "c1", "look", "{}"), piece(1, "c2", "look", '{"b":2}')])],
            [a_call("c1"), a_call("c2", arguments='{"b":2}')],
        ),
        (
            [
                delta(tool_calls=[piece(0, "c1", "look", "")]),
                delta(tool_calls=[piece(1, "c2", "look", "")]),
                delta(tool_calls=[piece(0, arguments="{}")]),
            ],
            [a_call("c1"), a_call("c2")],
        ),
        # All calls at index 0, or at none: they are told apart by their ids.
        (
            [delta(tool_calls=[piece(0, "c1", "look", "{}")]), delta(tool_calls=[piece(0, "c2", "look", "{}")])],
            [a_call("c1"), a_call("c2")],
        ),
        ([delta(tool_calls=[piece(None, "c1", "look", {"a": 1}), piece(None, "c2", "look")])], [
            a_call("c1", arguments='{"a":1}'),
            a_call("c2"),
        ]),
        ([delta(tool_calls=[piece(0, "c1", NAMESPACED, "{}")])], [a_call("c1", namespace="mcp.git hub")]),
        (
            [delta(tool_calls=[piece(0, "c1", "apply_patch", '{"input": "*** x"}')])],
            [("done", {"type": "custom_tool_call", "call_id": "c1", "name": "apply_patch", "input": "*** x"})],
        ),
    ],
)  # fmt: skip
async def test_calls_are_put_together_and_handed_on_after_what_was_said(chunks: list[Any], calls: list[Any]) -> None:
    events, _ = await play(streamed(delta(content="I look"), *chunks, delta("tool_calls"), LAST))
    assert short(events)[3:-1] == [("done", said("I look")), *calls]


async def test_a_call_without_an_id_gets_one() -> None:
    events, _ = await play(
        streamed(delta(tool_calls=[piece(0, "", "look", "{}"), piece(1, None, "look", "{}")]), delta("stop"), LAST)
    )
    ids = [event["item"]["call_id"] for event in events if event["type"] == "response.output_item.done"]
    assert len(set(ids)) == 2
    assert all(id.startswith("call_") for id in ids)


async def test_an_answer_may_end_without_usage_and_usage_may_come_with_the_last_piece() -> None:
    events, _ = await play(streamed(delta("stop", content="x")))
    assert events[-1] == {"type": "response.completed", "response": {"id": "chat1"}}
    events, _ = await play([head(), chunk(sse({**delta("stop", content="x"), "usage": USAGE}, done=False)), HANG])
    assert events[-1]["response"]["usage"]["total_tokens"] == 15


async def test_a_server_that_does_not_stream_is_understood() -> None:
    message = {"role": "assistant", "content": "whole", "tool_calls": [piece(None, "c1", "look", "{}")]}
    body = {"id": "c", "choices": [{"message": message, "finish_reason": "tool_calls"}], "usage": USAGE}
    events, _ = await play([http(200, body, content_type="application/json")])
    assert short(events)[-3:-1] == [("done", said("whole")), a_call("c1")]


@pytest.mark.parametrize(
    ("answer", "message", "info", "is_retryable"),
    [
        (streamed(delta(content="x")), "stream closed before response.completed", "other", True),
        ([http(200, "<html>", content_type="text/html")], "stream closed before response.completed", "other", True),
        ([http(200, "[1]", content_type="application/json")], "stream closed before response.completed", "other", True),
        ([head(), chunk(sse(delta(content="x"), done=False)), RESET], "error decoding response body", "other", True),
        (streamed(delta("length", content="x"), LAST), "Incomplete response returned, reason: max_output_tokens", "other", False),
        (streamed(delta("content_filter"), LAST), "reason: content_filter", "other", True),
        (streamed({"error": {"message": "broken", "code": 500}}), "stream disconnected before completion: broken", "other", True),
        (streamed({"error": "broken"}), "stream disconnected before completion: broken", "other", True),
        (
            streamed({"error": {"code": "insufficient_quota", "message": "x"}}),
            "Quota exceeded. Check your plan and billing details.",
            "usageLimitExceeded",
            False,
        ),
        ([http(400, {"error": {"message": "bad"}})], '"bad"', "other", False),
        (
            [http(400, {"error": {"message": "This model's maximum context length is 4096 tokens"}})],
            "Codex ran out of room",
            "contextWindowExceeded",
            False,
        ),
        (
            [
                http(
                    400,
                    {"error": {"message": "the request exceeds the available context size", "type": "exceed_context_size_error"}},
                )
            ],
            "Codex ran out of room",
            "contextWindowExceeded",
            False,
        ),
        ([http(500, "oops")], "We’re currently experiencing high demand", "internalServerError", True),
        ([http(429, "slow")], "exceeded retry limit", {"responseTooManyFailedAttempts": {"httpStatusCode": 429}}, False),
    ],
)
async def test_failures_are_told_as_those_of_any_provider(
    answer: list[Step], message: str, info: Any, is_retryable: bool
) -> None:
    error = await failure(answer)
    assert (error.info, error.is_retryable) == (info, is_retryable)
    assert message in error.message


async def test_silence_ends_an_answer() -> None:
    error = await failure([head(), chunk(sse(delta(content="x"), done=False)), HANG], stream_idle_timeout_ms=60)
    assert error.message == "stream disconnected before completion: idle timeout waiting for SSE"


async def test_a_turn_runs_its_commands_by_way_of_chat_completions(converse: Converse) -> None:
    """A whole turn: the call is streamed in pieces, its command runs, and its output goes back as a tool's message."""
    calls = [
        delta(content="I try"),
        delta(tool_calls=[piece(0, "c1", "exec_command", '{"cmd": "ech')]),
        delta(tool_calls=[piece(0, arguments='o from-the-shell"}')]),
        delta("tool_calls"),
        LAST,
    ]
    async with loopback(streamed(*calls), streamed(delta(content="Done"), delta("stop"), LAST)) as server:
        provider = f'[model_providers.local]\nname = "local"\nbase_url = "{server.url}"\nwire_api = "chat"\n'
        async with converse(tables=provider) as talk:
            started = await talk.client.request(
                "thread/start", {"modelProvider": "local", "approvalPolicy": "never", "sandbox": "danger-full-access"}
            )
            thread_id = started["thread"]["id"]
            await talk.client.request("turn/start", {"threadId": thread_id, "input": [{"type": "text", "text": "hi"}]})
            ended = await talk.client.wait_notification("turn/completed")
            assert (ended["turn"]["status"], ended["turn"]["items"][0]["text"]) == ("completed", "Done")
        first, second = (request.json for request in server.requests)
        assert "exec_command" in [tool["function"]["name"] for tool in first["tools"]]
        *_, asked, outcome = second["messages"]
        assert asked["content"] == "I try"
        assert asked["tool_calls"][0]["id"] == outcome["tool_call_id"] == "c1"
        assert "from-the-shell" in outcome["content"]


async def test_models_that_a_local_server_names_are_listed(converse: Converse) -> None:
    async with loopback([http(200, {"object": "list", "data": [{"id": "llama3"}, {"id": "qwen"}]})]) as server:
        provider = f'[model_providers.local]\nname = "local"\nbase_url = "{server.url}"\nwire_api = "chat"\n'
        async with converse(tables=provider, has_catalogue=False) as talk:
            listed = await talk.client.request("model/list", {"modelProvider": "local"})
            assert [(model["id"], model["isDefault"]) for model in listed["data"]] == [("llama3", True), ("qwen", False)]
