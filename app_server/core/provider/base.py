"""What a model provider is to the agent loop: something that answers one request with a stream of events.

The events are those of the Responses API, as plain dicts (`{"type": "response.output_text.delta", "delta": ...}`),
whatever the provider speaks on its own wire. They come in batches, one per network chunk, so that the loop
can publish a whole chunk with one write. Parsing is lenient: unknown events and members come through as they are.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

Event = dict[str, Any]


@dataclass(slots=True)
class TurnState:
    """The provider's sticky routing token: set by the first answer of a turn, echoed on later requests, forgotten after it."""

    value: str | None = None


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One request for a streamed answer. `input` holds the items as JSON already, since most of them are sent again and again.

    `is_lite` asks for the form in which some models of OpenAI take their tools, as the first item of the input.
    """

    thread_id: str
    session_id: str
    turn_id: str
    model: str
    input: Sequence[bytes]
    tools: Sequence[dict[str, Any]]
    prompt_cache_key: str
    reasoning: dict[str, Any] = field(default_factory=dict)
    text: dict[str, Any] | None = None
    service_tier: str | None = None
    parallel_tool_calls: bool = True
    is_lite: bool = False
    client_metadata: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    turn_state: TurnState = field(default_factory=TurnState)
    started_at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ResponseStarted:
    """What the answer's headers tell before its first event; header names are lower case."""

    status: int
    headers: dict[str, str]
    is_socket: bool = False
    """The headers are those of the connection, which serves many answers."""


class ModelStream(Protocol):
    """An answer being received. Iterate it for batches of events; it ends after `response.completed`.

    Raises: ProviderError. Cancel: at any time; the connection is closed on leaving the context.
    """

    started: ResponseStarted

    def __aiter__(self) -> AsyncIterator[list[Event]]: ...


@runtime_checkable
class Fallible(Protocol):
    """A way to a provider that has a second one behind it."""

    @property
    def is_socket(self) -> bool:
        """Whether the first way, over a websocket, is still in use."""
        ...

    def fall_back(self) -> None:
        """Use the second way from now on."""
        ...


@runtime_checkable
class Prewarmed(Protocol):
    """A way to a provider that can be warmed up before it is needed."""

    async def prewarm(self, request: ModelRequest) -> None:
        """Have the provider take in the beginning of a thread. Never raises."""
        ...


class Provider(Protocol):
    """A configured provider. One object serves all threads that use it."""

    id: str

    def stream(self, request: ModelRequest) -> AbstractAsyncContextManager[ModelStream]:
        """Send the request, retrying what a provider retries by itself, and return once the answer's headers are there.

        Raises: ProviderError, on entering.
        """
        ...

    async def aclose(self) -> None:
        """Close idle connections."""
        ...


class ProviderError(Exception):
    """The provider did not answer as it should; ends the turn unless the loop may try again.

    message          as the client sees it
    info             the wire's `codexErrorInfo`: a string such as "serverOverloaded", or {"httpConnectionFailed": {...}}
    is_retryable     the stream-level retry budget applies
    retry_after_s    what the provider asked to wait, or None for the usual backoff
    is_unreachable   nothing answered at all: tried again without limit
    http_status      shown in `responseStreamDisconnected` while reconnecting
    is_filtered      the provider's filter has cut the answer: the same request again would meet it again
    headers          when a usage limit is reached: the answer's `x-` headers, in lower case, which tell of the limits
    """

    def __init__(
        self,
        message: str,
        *,
        info: str | dict[str, Any] = "other",
        is_retryable: bool = False,
        retry_after_s: float | None = None,
        is_unreachable: bool = False,
        is_filtered: bool = False,
        http_status: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.info = info
        self.is_retryable = is_retryable
        self.retry_after_s = retry_after_s
        self.is_unreachable = is_unreachable
        self.is_filtered = is_filtered
        self.http_status = http_status
        self.headers = headers
