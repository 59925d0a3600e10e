"""Chat Completions over HTTP: any server that speaks the most widespread API for models.

`wire_api = "chat"`. The form of requests and answers is in `chat_request` and `chat_answer`; connections, credentials
and retries are those of every provider.
"""

import re
from collections.abc import Mapping

import anyio
import httpx
from typing_extensions import override

from app_server.core.provider import errors
from app_server.core.provider.base import ModelRequest, ProviderError
from app_server.core.provider.chat_answer import ChatStream
from app_server.core.provider.chat_request import chat_body
from app_server.core.provider.credentials import Credential
from app_server.core.provider.event_stream import EventStream
from app_server.core.provider.flat_tools import FlatTools
from app_server.core.provider.http_provider import HttpProvider
from app_server.core.provider.outgoing import credential_headers, encoded, provider_headers

CONTEXT_FULL = re.compile(r"context[ _-](length|window|size)|maximum context|too many tokens|prompt is too long", re.IGNORECASE)
"""How servers say that the conversation has outgrown the model; there is no common code for it."""


class ChatProvider(HttpProvider):
    """A provider that speaks Chat Completions."""

    resource = "chat/completions"

    def body(self, request: ModelRequest) -> bytes:
        """The JSON body of a request."""
        return chat_body(request, FlatTools(request.tools))

    @override
    def headers(self, request: ModelRequest, credential: Credential | None, encoding: str | None) -> list[tuple[bytes, bytes]]:
        """The headers of a request: nothing that only OpenAI's own servers would understand."""
        headers = provider_headers(self.settings, self.environment)
        headers["accept"] = "text/event-stream"
        if encoding is not None:
            headers["content-encoding"] = encoding
        headers.setdefault("content-type", "application/json")
        headers.update(credential_headers(credential))
        headers.setdefault("user-agent", self.identity().user_agent)
        return encoded(headers)

    def receive(self, response: httpx.Response, idle: anyio.CancelScope, request: ModelRequest) -> EventStream:
        """The answer."""
        return ChatStream(response, self.settings.stream_idle_timeout_ms / 1000, idle, FlatTools(request.tools))

    def refusal(self, status: int, body: str, headers: Mapping[str, str], url: str) -> ProviderError:
        """The error for an answer that is a refusal."""
        if status in (400, 413) and CONTEXT_FULL.search(errors.body_shown(body)):
            return ProviderError(errors.CONTEXT_FULL, info="contextWindowExceeded")
        return super().refusal(status, body, headers, url)
