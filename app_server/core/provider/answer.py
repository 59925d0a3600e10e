"""An answer being received over HTTP: chunks of bytes in, batches of events out, and one of the known ends.

An answer ends well with `response.completed`; whatever comes after it is not read. A `response.failed` or
`response.incomplete` event is passed on and its error raised when the stream is over, since more may follow it.
Source: spec/upstream.md sections 3, 4 and 7.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import Any, cast

import anyio
import httpx

from app_server.core.provider import errors
from app_server.core.provider.base import Event, ProviderError, ResponseStarted, TurnState
from app_server.core.provider.idle import IdleTimer
from app_server.core.provider.outgoing import TURN_STATE
from app_server.core.provider.sse import EventTooLargeError, SseParser

DRAIN_S = 0.01
"""How long a finished answer is read on to its very end, so that its connection can serve the next request."""

WATCHED = frozenset({"response.completed", "response.failed", "response.incomplete", "response.metadata"})


class ResponsesStream:
    """The events of one answer. Iterate it once. `idle` is a scope around all of it, cancelled when an event is overdue."""

    def __init__(self, response: httpx.Response, idle_s: float, idle: anyio.CancelScope, turn_state: TurnState) -> None:
        self.started = ResponseStarted(response.status_code, dict(response.headers.items()))
        self._response = response
        chunks = response.aiter_bytes() if "content-encoding" in response.headers else response.aiter_raw()
        self._chunks = cast(AsyncGenerator[bytes, None], chunks)  # httpx promises less than it gives.
        self._turn_state = turn_state
        self._parser = SseParser()
        self._timer = IdleTimer(idle_s, idle)
        self.told: ProviderError | None = None
        """A failure that an event has told, for when the stream is over."""
        self._is_over = False

    def __aiter__(self) -> AsyncIterator[list[Event]]:
        return self

    async def __anext__(self) -> list[Event]:
        """The next batch. Raises: ProviderError.     Cancel: at any time; the answer is lost then."""
        if self._is_over:
            raise StopAsyncIteration
        while True:
            events = await self._read()
            if events and (batch := self._sifted(events)):
                return batch

    async def _read(self) -> list[Event]:
        """The events of the next chunk, perhaps none."""
        self._timer.wait()
        seen = self._parser.events_seen
        try:
            chunk = await anext(self._chunks, None)
            if chunk is None:
                raise self.told or errors.closed_early()
            events = self._parser.feed(chunk)
        except httpx.RequestError as error:
            raise self.told or errors.body_broken() from error
        except EventTooLargeError as error:
            raise ProviderError(f"stream disconnected before completion: {error}") from error
        if self._parser.events_seen != seen:
            self._timer.heard()
        return events

    def _sifted(self, events: list[Event]) -> list[Event]:
        """What the loop gets to see of a chunk's events; notes the end of the answer, and errors to raise later."""
        for index, event in enumerate(events):
            kind = event.get("type")
            if type(kind) is not str or kind in WATCHED:
                return self._sifted_slowly(events, index)
        return events

    def _sifted_slowly(self, events: list[Event], start: int) -> list[Event]:
        """The same for a chunk in which something, at `start`, is out of the ordinary."""
        kept = events[:start]
        for event in events[start:]:
            kind = event.get("type")
            if type(kind) is not str:
                continue
            if kind == "response.completed":
                if "response" not in event:
                    continue
                problem = errors.completed_problem(event)
                if problem is not None:
                    self.told = errors.bad_completed(problem)
                    continue
                self._is_over = True
            elif kind == "response.failed":
                self.told = errors.failed_error(event)
            elif kind == "response.incomplete":
                self.told = errors.incomplete_error(event)
            elif kind == "response.metadata":
                note_turn_state(self._turn_state, header_in(event, TURN_STATE))
            kept.append(event)
            if self._is_over:
                break
        return kept

    async def aclose(self) -> None:
        """Give the connection back if the answer has ended, or close it."""
        self._timer.close()
        try:
            # The answer has been read; how its connection ends is of no interest.
            with suppress(httpx.RequestError):
                if self._is_over:
                    with anyio.move_on_after(DRAIN_S):
                        async for _ in self._chunks:
                            pass
                await self._chunks.aclose()
        finally:
            await self._response.aclose()


def note_turn_state(state: TurnState, value: str | None) -> None:
    """Keep the provider's routing token; the first of a turn wins."""
    if value and state.value is None:
        state.value = value


def header_in(event: dict[str, Any], name: str) -> str | None:
    """A header that an event carries in its `headers`, whatever the case of its name; of a list, the first."""
    headers = event.get("headers")
    if not isinstance(headers, dict):
        return None
    for key, value in headers.items():
        if key.lower() == name:
            first = value[0] if isinstance(value, list) and value else value
            return first if isinstance(first, str) else None
    return None
