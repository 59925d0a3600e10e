"""The Responses API over HTTP. Source: spec/upstream.md sections 1, 3 and 7."""

import anyio
import httpx

from app_server.core.provider.answer import ResponsesStream, note_turn_state
from app_server.core.provider.base import ModelRequest
from app_server.core.provider.credentials import Credential
from app_server.core.provider.event_stream import EventStream
from app_server.core.provider.http_provider import HttpProvider
from app_server.core.provider.outgoing import TURN_STATE, body_of, headers_of


class ResponsesProvider(HttpProvider):
    """A provider that speaks the Responses API: its events are passed on as they are."""

    resource = "responses"

    def body(self, request: ModelRequest) -> bytes:
        """The JSON body of a request."""
        return body_of(request)

    def headers(self, request: ModelRequest, credential: Credential | None, encoding: str | None) -> list[tuple[bytes, bytes]]:
        """The headers of a request."""
        return headers_of(request, self.settings, self.environment, credential, self.identity(), encoding)

    def receive(self, response: httpx.Response, idle: anyio.CancelScope, request: ModelRequest) -> EventStream:
        """The answer; the provider's routing token is noted in the request."""
        note_turn_state(request.turn_state, response.headers.get(TURN_STATE))
        return ResponsesStream(response, self.settings.stream_idle_timeout_ms / 1000, idle, request.turn_state)
