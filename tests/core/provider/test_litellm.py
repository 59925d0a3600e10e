"""Providers by way of LiteLLM, with a stand-in for the library that has its interface."""

import json
from collections.abc import AsyncIterator
from types import ModuleType, SimpleNamespace
from typing import Any

import anyio
import pytest

from app_server.core.provider import litellm
from app_server.core.provider.base import Event, ModelRequest, ProviderError
from app_server.core.provider.litellm import LiteLlmProvider
from app_server.core.provider.settings import ProviderSettings
from tests.core.provider.test_flat_tools import LOOK, PATCH, SPACE

pytestmark = pytest.mark.anyio


class ApiError(Exception):
    """As the library's errors: a status and a message."""

    def __init__(self, status_code: Any, message: str, **members: Any) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.message = message
        vars(self).update(members)


class ContextWindowExceededError(ApiError):
    """As the library's."""


class Typed:
    """An event as the library gives it."""

    def __init__(self, **members: Any) -> None:
        self.members = members

    def model_dump(self, **options: Any) -> dict[str, Any]:
        assert options == {"mode": "json", "exclude_none": True}
        return self.members


class Library(ModuleType):
    """The stand-in. `arguments` are those of the last call."""

    def __init__(self, *events: Any) -> None:
        super().__init__("litellm")
        self.exceptions = SimpleNamespace(ApiError=ApiError, ContextWindowExceededError=ContextWindowExceededError)
        self.events = events
        self.arguments: dict[str, Any] = {}
        self.was_closed = False

    async def aresponses(self, **arguments: Any) -> AsyncIterator[Any]:
        self.arguments = arguments
        if self.events and isinstance(self.events[0], Exception):
            raise self.events[0]
        return self._stream()

    async def _stream(self) -> AsyncIterator[Any]:
        try:
            for event in self.events:
                if isinstance(event, Exception):
                    raise event
                if event == "hang":
                    await anyio.sleep_forever()
                yield event
        finally:
            self.was_closed = True


COMPLETED = {"type": "response.completed", "response": {"id": "r"}}
ITEMS = [
    {"type": "message", "id": "msg_1", "role": "user", "content": [{"type": "input_text", "text": "hi"}]},
    {"type": "reasoning", "id": "rs_1", "summary": []},
    {"type": "message", "id": "msg_2", "role": "assistant", "phase": "commentary", "content": []},
    {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "look", "namespace": "mcp.git hub", "arguments": "{}"},
    {"type": "function_call_output", "id": "fco_1", "call_id": "c1", "output": "seen"},
    {"type": "custom_tool_call", "id": "ctc_1", "call_id": "c2", "name": "apply_patch", "input": "*** x"},
    {"type": "custom_tool_call_output", "id": "ctco_1", "call_id": "c2", "output": "done"},
]


def request(**members: Any) -> ModelRequest:
    items = [json.dumps(item).encode() for item in ITEMS]
    return ModelRequest("t", "t", "u", "anthropic/claude", items, [LOOK, PATCH, SPACE, {"type": "web_search"}], "t", **members)


async def play(library: Library, asked: ModelRequest | None = None, **settings: Any) -> list[Event]:
    chosen = ProviderSettings(id="p", name="p", wire_api="litellm", **settings)
    provider = LiteLlmProvider(chosen, {"KEY": "sk", "H": "v"}, lambda: library)
    with anyio.fail_after(5):
        async with provider.stream(asked or request()) as stream:
            return [event async for events in stream for event in events]


async def test_the_library_is_asked_for_the_model_with_plain_items_and_plain_functions() -> None:
    library = Library(COMPLETED)
    await play(library, env_key="KEY", base_url="http://host", env_http_headers={"X-H": "H"})
    arguments = library.arguments
    assert {name: arguments[name] for name in ("model", "stream", "api_key", "api_base", "extra_headers")} == {
        "model": "anthropic/claude",
        "stream": True,
        "api_key": "sk",
        "api_base": "http://host",
        "extra_headers": {"x-h": "v"},
    }
    assert "reasoning" not in arguments
    names = [tool["name"] for tool in arguments["tools"]]
    assert (names[:2], len(names), {tool["type"] for tool in arguments["tools"]}) == (["look", "apply_patch"], 4, {"function"})
    assert arguments["input"] == [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]},
        {"type": "message", "role": "assistant", "content": []},
        {"type": "function_call", "call_id": "c1", "name": names[2], "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "seen"},
        {"type": "function_call", "call_id": "c2", "name": "apply_patch", "arguments": '{"input":"*** x"}'},
        {"type": "function_call_output", "call_id": "c2", "output": "done"},
    ]


async def test_what_was_chosen_is_asked_for() -> None:
    library = Library(COMPLETED)
    form = {"type": "json_schema", "name": "n", "schema": {}, "strict": True}
    await play(library, request(reasoning={"effort": "low", "summary": "auto"}, text={"verbosity": "low", "format": form}))
    assert library.arguments["reasoning"] == {"effort": "low", "summary": "auto"}
    assert library.arguments["text"] == {"format": form}
    assert "api_key" not in library.arguments


async def test_events_are_passed_on_as_data_and_calls_follow_what_was_said() -> None:
    call = {"type": "function_call", "id": "fc_9", "call_id": "c9", "name": "apply_patch", "arguments": '{"input": "*** y"}'}
    message = {"type": "message", "id": "msg_9", "role": "assistant", "content": []}
    library = Library(
        Typed(type="response.created", response={"id": "r"}),
        Typed(type="response.output_item.added", item={**call, "arguments": ""}),
        Typed(type="response.output_item.done", item=call),
        {"type": "response.output_item.done", "item": message},
        COMPLETED,
    )
    assert await play(library) == [
        {"type": "response.created", "response": {"id": "r"}},
        {"type": "response.output_item.done", "item": message},
        {
            "type": "response.output_item.done",
            "item": {"type": "custom_tool_call", "id": "ctc_9", "call_id": "c9", "name": "apply_patch", "input": "*** y"},
        },
        COMPLETED,
    ]
    assert library.was_closed


def failed(status: int) -> dict[str, Any]:
    return {"httpConnectionFailed": {"httpStatusCode": status}}


@pytest.mark.parametrize(
    ("events", "message", "info", "is_retryable"),
    [
        ([ApiError(401, "no key")], "unexpected status 401 Unauthorized: no key, url: p", failed(401), True),
        ([ApiError(400, "bad thing")], "bad thing", "other", False),
        ([ApiError(500, "x")], "We’re currently experiencing high demand", "internalServerError", True),
        ([ContextWindowExceededError(400, "long")], "Codex ran out of room", "contextWindowExceeded", False),
        ([ApiError(None, "lost")], "stream disconnected before completion: lost", "other", True),
        ([{"type": "response.created"}, ApiError(503, "x")], "unexpected status 503", failed(503), True),
        ([{"type": "response.created"}], "stream closed before response.completed", "other", True),
        ([{"type": "response.failed", "response": {"error": {"code": "invalid_prompt", "message": "mm"}}}], "mm", "other", False),
        ([{"type": "error", "error": {"message": "mm"}}], "stream disconnected before completion: mm", "other", True),
        (
            [{"type": "response.incomplete", "response": {"incomplete_details": {"reason": "max_output_tokens"}}}],
            "Incomplete response returned, reason: max_output_tokens",
            "other",
            False,
        ),
    ],
)  # fmt: skip
async def test_failures_are_told_as_those_of_any_provider(events: list[Any], message: str, info: Any, is_retryable: bool) -> None:
    with pytest.raises(ProviderError) as caught:
        await play(Library(*events))
    assert (caught.value.info, caught.value.is_retryable) == (info, is_retryable)
    assert message in caught.value.message


async def test_how_long_to_wait_is_read_from_the_headers() -> None:
    answer = SimpleNamespace(headers={"Retry-After": "3"})
    with pytest.raises(ProviderError) as caught:
        await play(Library(ApiError(429, "slow", response=answer)))
    assert (caught.value.retry_after_s, caught.value.is_retryable) == (3.0, True)


async def test_silence_ends_an_answer() -> None:
    library = Library({"type": "response.created"}, "hang")
    with pytest.raises(ProviderError, match="idle timeout"):
        await play(library, stream_idle_timeout_ms=60)
    assert library.was_closed


async def test_without_the_library_the_user_is_told_what_to_install() -> None:
    def missing() -> ModuleType:
        raise ImportError("No module named 'litellm'")

    provider = LiteLlmProvider(ProviderSettings(id="p", name="p", wire_api="litellm"), {}, missing)
    with pytest.raises(ProviderError, match=r'pip install "app-server\[litellm\]"') as caught:
        async with provider.stream(request()):
            pass
    assert not caught.value.is_retryable


def test_the_library_is_told_to_stay_off_the_network_and_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LITELLM_LOCAL_MODEL_COST_MAP", raising=False)
    monkeypatch.setattr(litellm, "import_module", lambda name: Library())
    library: Any = litellm.load_litellm()
    assert (library.suppress_debug_info, library.telemetry, library.drop_params) == (True, False, True)
