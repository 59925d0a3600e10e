"""Anthropic, Gemini, Bedrock and many others, through LiteLLM's Responses interface.

`wire_api = "litellm"`, with models named as LiteLLM names them (`anthropic/claude-...`). LiteLLM is an extra of this
package and large: it is imported in a worker thread when a first request needs it. It has its own connections and
retries; what is ours is the form of the tools, the errors, and the limit on silence.
"""

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

import anyio
import anyio.to_thread
from pydantic_core import from_json, to_json

from app_server.core.provider import errors
from app_server.core.provider.base import Event, ModelRequest, ModelStream, ProviderError, ResponseStarted
from app_server.core.provider.credentials import Credentials
from app_server.core.provider.flat_tools import FREE_TEXT, FlatTools
from app_server.core.provider.idle import IdleTimer
from app_server.core.provider.outgoing import provider_headers
from app_server.core.provider.settings import ProviderSettings

MISSING = (
    "The provider `{}` needs LiteLLM, which is not installed.\n"
    'How to fix: `pip install "app-server[litellm]"`, or set another `wire_api` in your provider config.'
)
CLOSE_S = 2.0
LEFT_OUT = frozenset({"reasoning", "web_search_call", "image_generation_call", "compaction", "context_compaction"})
"""Items that only the provider which made them can read."""


class LiteLlmProvider:
    """A provider that LiteLLM reaches. `load` imports the library."""

    def __init__(
        self, settings: ProviderSettings, environment: Mapping[str, str], load: Callable[[], ModuleType] | None = None
    ) -> None:
        self.id = settings.id
        self.settings = settings
        self.credentials = Credentials(settings, environment)
        self._environment = environment
        self._load = load or load_litellm
        self._library: ModuleType | None = None

    @asynccontextmanager
    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelStream]:
        """Send the request and return when the answer begins. Raises: ProviderError, on entering.     Cancel: at any time."""
        library = await self._loaded()
        tools = FlatTools(request.tools)
        with anyio.CancelScope() as idle:
            timer = IdleTimer(self.settings.stream_idle_timeout_ms / 1000, idle)
            answer: LiteLlmAnswer | None = None
            try:
                timer.wait()
                try:
                    events = await library.aresponses(**await self._arguments(request, tools))
                except failures_of(library) as failure:
                    raise self._told(failure) from failure
                answer = LiteLlmAnswer(events, timer, tools, lambda failure: self._told(failure), failures_of(library))
                yield answer
            finally:
                timer.close()
                if answer is not None:
                    with anyio.move_on_after(CLOSE_S, shield=True):
                        await answer.aclose()
        if idle.cancelled_caught:
            raise errors.idle()

    async def aclose(self) -> None:
        """The library closes its connections by itself."""

    async def _loaded(self) -> ModuleType:
        if self._library is None:
            try:
                self._library = await anyio.to_thread.run_sync(self._load)
            except ImportError as error:
                raise ProviderError(MISSING.format(self.id)) from error
        return self._library

    async def _arguments(self, request: ModelRequest, tools: FlatTools) -> dict[str, Any]:
        """What `aresponses` is called with. Raises: ProviderError (no credential)."""
        credential = await self.credentials.current()
        arguments: dict[str, Any] = {
            "model": request.model,
            "input": [flat for item in map(from_json, request.input) if (flat := flat_item(item, tools)) is not None],
            "tools": [{"type": "function", "strict": False, **function} for function in tools.functions],
            "stream": True,
            "num_retries": self.settings.request_max_retries,
        }
        if "effort" in request.reasoning:
            arguments["reasoning"] = dict(request.reasoning)
        if request.text and "format" in request.text:
            arguments["text"] = {"format": request.text["format"]}
        if self.settings.base_url is not None:
            arguments["api_base"] = self.settings.base_url
        if credential is not None:
            arguments["api_key"] = credential.token
        headers = provider_headers(self.settings, self._environment)
        if headers:
            arguments["extra_headers"] = headers
        return arguments

    def _told(self, failure: Exception) -> ProviderError:
        """An exception of the library as the error that the status in it stands for."""
        status = getattr(failure, "status_code", None)
        message = str(getattr(failure, "message", "") or failure)
        if not isinstance(status, int) or isinstance(status, bool) or status < 400:
            return errors.disconnected(message)
        code = getattr(failure, "code", None)
        if type(failure).__name__ == "ContextWindowExceededError":
            code = "context_length_exceeded"
        body = to_json({"error": {"message": message, "code": code if isinstance(code, str) else None}}).decode()
        response = getattr(failure, "response", None)
        headers = {str(name).lower(): str(value) for name, value in dict(getattr(response, "headers", None) or {}).items()}
        error = errors.status_error(status, body, headers, self.settings.base_url or self.id, 0.0)
        return ProviderError(message) if status == 400 and error.message == body else error


class LiteLlmAnswer:
    """The events of one answer. Calls are handed on when it is over, after everything that was said before them."""

    def __init__(
        self,
        events: Any,
        timer: IdleTimer,
        tools: FlatTools,
        told: Callable[[Exception], ProviderError],
        failures: tuple[type[Exception], ...],
    ) -> None:
        self.started = ResponseStarted(200, {})
        self._events = events
        self._timer = timer
        self._tools = tools
        self._told = told
        self._failures = failures
        self._calls: list[Event] = []
        self._is_over = False

    def __aiter__(self) -> AsyncIterator[list[Event]]:
        return self

    async def __anext__(self) -> list[Event]:
        """The next event. Raises: ProviderError.     Cancel: at any time; the answer is lost then."""
        if self._is_over:
            raise StopAsyncIteration
        while True:
            self._timer.wait()
            try:
                event = plain(await anext(self._events, None))
            except self._failures as failure:
                raise self._told(failure) from failure
            if event is None:
                raise errors.closed_early()
            self._timer.heard()
            if made := self._sifted(event):
                return made

    async def aclose(self) -> None:
        """End the library's stream."""
        close = getattr(self._events, "aclose", None)
        if close is not None:
            await close()

    def _sifted(self, event: Event) -> list[Event]:
        kind, item = event.get("type"), event.get("item")
        if kind in ("response.output_item.added", "response.output_item.done") and isinstance(item, dict):
            if item.get("type") == "function_call":
                if kind.endswith("done"):
                    self._calls.append(self._call(item))
                return []
        elif kind == "response.failed":
            raise errors.failed_error(event)
        elif kind == "response.incomplete":
            raise errors.incomplete_error(event)
        elif kind == "error":
            error = event.get("error")
            raise errors.failed_error({"response": {"error": error if isinstance(error, dict) else event}})
        elif kind == "response.completed":
            self._is_over = True
            return [*self._calls, event]
        return [event]

    def _call(self, item: Event) -> Event:
        item_id = str(item.get("id", "")).removeprefix("fc_")
        call = self._tools.call_of(
            item_id, str(item.get("call_id", "")), str(item.get("name", "")), item.get("arguments") or "{}"
        )
        return {"type": "response.output_item.done", "item": call}


def load_litellm() -> ModuleType:
    """Import the library, told not to fetch its price list from the network nor to print. Raises: ImportError."""
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    library = import_module("litellm")
    for name, value in (("suppress_debug_info", True), ("telemetry", False), ("drop_params", True)):
        setattr(library, name, value)
    return library


def failures_of(library: ModuleType) -> tuple[type[Exception], ...]:
    """The exceptions that the library documents."""
    known = vars(getattr(library, "exceptions", library)).values()
    return tuple(each for each in known if isinstance(each, type) and issubclass(each, Exception))


def flat_item(item: dict[str, Any], tools: FlatTools) -> dict[str, Any] | None:
    """An item of the input, in the plain form that other providers' models can be given; None for what they can't."""
    kind = item.get("type")
    if kind in LEFT_OUT:
        return None
    members = {name: value for name, value in item.items() if name not in ("id", "namespace", "phase")}
    if kind == "function_call":
        return {**members, "name": tools.function_of(str(item.get("name", "")), item.get("namespace"))}
    if kind == "custom_tool_call":
        name = tools.function_of(str(item.get("name", "")), None)
        arguments = to_json({FREE_TEXT: item.get("input", "")}).decode()
        return {"type": "function_call", "call_id": item.get("call_id"), "name": name, "arguments": arguments}
    if kind == "custom_tool_call_output":
        return {**members, "type": "function_call_output"}
    return members


def plain(event: Any) -> Event | None:
    """An event as data, whatever class the library has for it."""
    if event is None or isinstance(event, dict):
        return event
    dumped: Event = event.model_dump(mode="json", exclude_none=True)
    return dumped
