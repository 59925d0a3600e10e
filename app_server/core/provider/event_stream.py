"""An answer being received over HTTP: chunks of bytes in, batches of events out, until it is over.

What the events mean, and which of them ends the answer, is the wire API's: its stream class says so.
Source: spec/upstream.md sections 3 and 4.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import cast

import anyio
import httpx

from app_server.core.provider import errors
from app_server.core.provider.base import Event, ProviderError, ResponseStarted
from app_server.core.provider.idle import IdleTimer
from app_server.core.provider.sse import EventTooLargeError, SseParser

DRAIN_S = 0.01
"""How long a finished answer is read on to its very end, so that its connection can serve the next request."""


class EventStream(ABC):
    """The events of one answer. Iterate it once. `idle` is a scope around all of it, cancelled when an event is overdue."""

    def __init__(self, response: httpx.Response, idle_s: float, idle: anyio.CancelScope) -> None:
        self.started = ResponseStarted(response.status_code, dict(response.headers.items()))
        self._response = response
        chunks = (
            response.aiter_bytes()
            if "content-encoding" in response.headers
            else aiter(cast(httpx.AsyncByteStream, response.stream))
        )
        self._chunks = cast(AsyncGenerator[bytes, None], chunks)  # httpx promises less than it gives.
        self._parser = SseParser()
        self._timer = IdleTimer(idle_s, idle)
        self.told: ProviderError | None = None
        """A failure that an event has told, for when the stream is over."""
        self._is_over = False

    @abstractmethod
    def _sifted(self, events: list[Event]) -> list[Event]:
        """What the loop gets to see of a chunk's events; sets `_is_over` at the answer's end, and `told`."""

    def _at_end(self) -> list[Event]:
        """The last events of an answer whose body has ended. Raises: ProviderError, if that is no end."""
        raise self.told or errors.closed_early()

    def __aiter__(self) -> AsyncIterator[list[Event]]:
        return self

    async def __anext__(self) -> list[Event]:
        """The next batch. Raises: ProviderError.     Cancel: at any time; the answer is lost then."""
        if self._is_over:
            raise StopAsyncIteration
        while True:
            events = await self._read()
            if events is None:
                self._is_over = True
                return self._at_end()
            if events and (batch := self._sifted(events)):
                return batch

    async def _read(self) -> list[Event] | None:
        """The events of the next chunk, perhaps none; None at the end of the body."""
        self._timer.wait()
        seen = self._parser.events_seen
        try:
            events = self._parser.feed(await self._chunks.__anext__())
        except StopAsyncIteration:
            return None
        except httpx.RequestError as error:
            raise self.told or errors.body_broken() from error
        except EventTooLargeError as error:
            raise ProviderError(f"stream disconnected before completion: {error}") from error
        if self._parser.events_seen != seen:
            self._timer.heard()
        return events

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
