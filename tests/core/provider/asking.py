"""A provider client for tests, and one request asked of a scripted server."""

from collections.abc import Sequence
from typing import Any

import anyio

from app_server.core.provider.base import Event, ModelRequest, ProviderError
from app_server.core.provider.credentials import Credential
from app_server.core.provider.outgoing import Identity
from app_server.core.provider.responses import ResponsesProvider
from app_server.core.provider.settings import ProviderSettings
from tests.core.provider.loopback import (
    Loopback,
    Step,
    loopback,
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


class FakeLogin:
    """A login with one credential, and others for after a 401."""

    def __init__(self, credential: Credential, *renewed: Credential) -> None:
        self._credential = credential
        self._renewed = renewed

    async def credential(self) -> Credential:
        return self._credential

    async def renew(self, refused: Credential, attempt: int) -> Credential | None:
        return self._renewed[attempt - 1] if attempt <= len(self._renewed) else None
