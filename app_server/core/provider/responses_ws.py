"""The Responses API over a websocket: one connection per thread, kept over its turns.

The connection makes two things possible that HTTP has not. It is warmed up before the first turn, and a request that
goes on where the last one ended sends only what is new. Everything else is as over HTTP, which is also what a thread
falls back to, for good, when the provider refuses the upgrade or the connection fails too often.
Source: spec/upstream.md sections 6 and 7. Differs: the routing token of a handshake counts, and is sent with later
handshakes of its turn (spec/mission.md M13).
"""

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import anyio
from pydantic_core import from_json

from app_server.core.provider import errors
from app_server.core.provider.answer import header_in, note_turn_state
from app_server.core.provider.base import Event, ModelRequest, ModelStream, ProviderError, ResponseStarted
from app_server.core.provider.completed import completed_problem, is_told
from app_server.core.provider.http_provider import is_refused
from app_server.core.provider.idle import IdleTimer
from app_server.core.provider.outgoing import LITE, TURN_STATE, body_of, endpoint, input_of, socket_headers_of
from app_server.core.provider.responses import ResponsesProvider
from app_server.core.provider.websocket import Dialler, HandshakeFailed, HandshakeRefused, Socket, SocketClosed

PREWARM_S = 5.0
"""How long the answer to a prewarm may take: a first turn waits for it."""
CLOSE_S = 2.0
SWITCHED = 101
UPGRADE_REQUIRED = 426
STARTED_HEADERS = ("openai-model", "x-models-etag", "x-reasoning-included")
"""What a handshake tells of every answer on its connection."""
NEW_CONNECTION_CODES = ("websocket_connection_limit_reached", "previous_response_not_found")
WATCHED = frozenset({"response.completed", "response.failed", "response.incomplete", "response.metadata", "error"})

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that was answered whole: what a next one may go on from."""

    settings: tuple[Any, ...]
    items: tuple[bytes, ...]
    response_id: str


class ResponsesSocket:
    """One thread's way to a provider. `encode` gives an item of an answer, of a turn, as it will be sent back.

    `is_declared` says that the provider's configuration promises websockets. Without it, only the model asks for them,
    and whatever keeps the first handshake from succeeding means HTTP.
    Invariant: `_last` is None unless `_socket` is the connection over which it was answered.
    """

    def __init__(self, provider: ResponsesProvider, encode: Callable[[Event, str], bytes], *, is_declared: bool) -> None:
        self.id = provider.id
        self.provider = provider
        self._encode = encode
        self._is_declared = is_declared
        self._dialler = Dialler(provider.environment)
        self._lock = anyio.Lock()
        self._socket: Socket | None = None
        self._unused_state: str | None = None
        self._last: Exchange | None = None
        self.is_socket = True

    def fall_back(self) -> None:
        """From now on the thread uses HTTP."""
        self.is_socket = False

    @asynccontextmanager
    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelStream]:
        """Send the request over the thread's connection, opening one if there is none.

        Raises: ProviderError, on entering.     Cancel: at any time; the connection is closed then.
        """
        async with self._lock:
            socket = await self._connected(request) if self.is_socket else None
            if socket is not None:
                async with self._exchange(socket, request) as answer:
                    yield answer
                return
        async with self.provider.stream(request) as plain:
            yield plain

    async def prewarm(self, request: ModelRequest) -> None:
        """Connect, and have the provider take in the beginning of the thread. Never raises: the first turn tries again."""
        if not await self._may_connect():
            return
        async with self._lock:
            try:
                socket = await self._connected(request)
                if socket is None:
                    return
                with anyio.fail_after(PREWARM_S):
                    async with self._exchange(socket, request, is_prewarm=True) as answer:
                        async for _ in answer:
                            pass
            except (ProviderError, TimeoutError) as error:
                log.debug("a prewarm has failed: %r", error)
                await self._drop()

    async def aclose(self) -> None:
        """Close the connection."""
        with anyio.move_on_after(CLOSE_S, shield=True):
            await self._drop()

    @asynccontextmanager
    async def _exchange(
        self, socket: Socket, request: ModelRequest, *, is_prewarm: bool = False
    ) -> AsyncIterator["SocketAnswer"]:
        """One request and its answer. The connection outlives it only if the answer comes whole."""
        if not is_prewarm:  # which belongs to no turn
            note_turn_state(request.turn_state, self._unused_state)
            self._unused_state = None
        items, last = tuple(input_of(request)), self._last
        self._last = None
        new = items if last is None else rest_of(last, request, items)
        frame = frame_of(
            request, items if new is None else new, last.response_id if last and new is not None else None, is_prewarm
        )
        settings = self.provider.settings
        answer: SocketAnswer | None = None
        try:
            with anyio.CancelScope() as idle:
                timer = IdleTimer(settings.stream_idle_timeout_ms / 1000, idle)
                try:
                    answer = SocketAnswer(socket, timer, request, self.provider)
                    await send(socket, frame)
                    yield answer
                finally:
                    timer.close()
            if idle.cancelled_caught:
                raise errors.disconnected("idle timeout waiting for websocket")
        finally:
            if answer is not None and answer.response_id is not None:
                known = (*items, *(self._encode(item, request.turn_id) for item in answer.items))
                self._last = Exchange(settings_of(request), known, answer.response_id)
            else:
                with anyio.move_on_after(CLOSE_S, shield=True):
                    await self._drop()

    async def _connected(self, request: ModelRequest) -> Socket | None:
        """The open connection, or a new one; None if the thread has to use HTTP. Raises: ProviderError."""
        if self._socket is not None and self._socket.is_open:
            return self._socket
        await self._drop()
        provider, settings = self.provider, self.provider.settings
        credential = await provider.credentials.current()
        refusals = 0
        while True:
            url = socket_url(endpoint(settings, credential, "responses"))
            headers = socket_headers_of(request, settings, provider.environment, credential, provider.identity())
            try:
                self._socket = await self._dialler.dial(url, headers, settings.websocket_connect_timeout_ms / 1000)
            except HandshakeRefused as refused:
                if refused.status == 401:
                    refusals += 1
                    renewed = await provider.credentials.renew(credential, refusals)
                    if renewed is not None:
                        credential = renewed
                        continue
                if refused.status == UPGRADE_REQUIRED or not self._is_declared:
                    log.info("%s refuses websockets (status %d): HTTP from now on", self.id, refused.status)
                    self.fall_back()
                    return None
                raise errors.status_error(refused.status, refused.body, refused.headers, url, provider.now_s()) from refused
            except HandshakeFailed as failed:
                if not self._is_declared:
                    log.info("no websocket to %s (%s): HTTP from now on", self.id, failed)
                    self.fall_back()
                    return None
                raise errors.send_failed(is_unreachable=is_refused(failed.__cause__)) from failed
            self._unused_state = self._socket.headers.get(TURN_STATE)
            self._is_declared = True
            return self._socket

    async def _may_connect(self) -> bool:
        """Whether it is worth connecting before anybody has asked: not without the login that the provider requires."""
        try:
            credential = await self.provider.credentials.current()
        except ProviderError:
            return False
        return credential is not None or not self.provider.settings.requires_openai_auth

    async def _drop(self) -> None:
        socket, self._socket, self._last = self._socket, None, None
        if socket is not None:
            await socket.aclose()


class SocketAnswer:
    """The events of one answer, each as it comes. Iterate it once."""

    def __init__(self, socket: Socket, timer: IdleTimer, request: ModelRequest, provider: ResponsesProvider) -> None:
        headers = {name: socket.headers[name] for name in STARTED_HEADERS if name in socket.headers}
        self.started = ResponseStarted(SWITCHED, headers, is_socket=True)
        self.items: list[Event] = []
        self.response_id: str | None = None
        """Set when the answer has come whole."""
        self._socket = socket
        self._timer = timer
        self._request = request
        self._provider = provider

    def __aiter__(self) -> AsyncIterator[list[Event]]:
        return self

    async def __anext__(self) -> list[Event]:
        """The next event. Raises: ProviderError.     Cancel: at any time; the answer is lost then."""
        if self.response_id is not None:
            raise StopAsyncIteration
        while True:
            self._timer.wait()
            try:
                message = await self._socket.receive()
            except SocketClosed as closed:
                raise ended_early(closed) from closed
            if isinstance(message, bytes):
                raise errors.disconnected("unexpected binary websocket event")
            self._timer.heard()
            try:
                event = from_json(message)
            except ValueError:
                continue
            if type(event) is dict and type(event.get("type")) is str and self._is_for_the_loop(event, message):
                return [event]

    def _is_for_the_loop(self, event: Event, text: str) -> bool:
        """Take note of what concerns the connection. Raises: ProviderError (the event tells of a failure)."""
        kind = event["type"]
        if kind == "response.output_item.done":
            if isinstance(event.get("item"), dict):
                self.items.append(event["item"])
            return True
        if kind not in WATCHED:
            return True
        if kind == "response.completed":
            if not is_told(event):
                return False
            problem = completed_problem(event)
            if problem is not None:
                raise errors.bad_completed(problem)
            self.response_id = event["response"]["id"]
        elif kind == "response.failed":
            raise errors.failed_error(event)
        elif kind == "response.incomplete":
            raise errors.incomplete_error(event)
        elif kind == "response.metadata":
            note_turn_state(self._request.turn_state, header_in(event, TURN_STATE))
        else:
            self._raise_told(event, text)
            return False
        return True

    def _raise_told(self, event: Event, text: str) -> None:
        """Raise the error that an `error` event tells; one without a status tells nothing."""
        status = event.get("status", event.get("status_code"))
        error = event.get("error")
        code = error.get("code") if isinstance(error, dict) else None
        if code in NEW_CONNECTION_CODES:
            raise errors.disconnected((errors.text_of(error, "message") if isinstance(error, dict) else "") or str(code))
        if not isinstance(status, int) or isinstance(status, bool) or 200 <= status < 300:
            return
        told = event.get("headers")
        headers = {
            name.lower(): str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in (told.items() if isinstance(told, dict) else ())
            if isinstance(value, str | int | float)
        }
        url = socket_url(endpoint(self._provider.settings, None, "responses"))
        raise errors.status_error(status, text, headers, url, self._provider.now_s())


async def send(socket: Socket, frame: bytes) -> None:
    """Send a request. Raises: ProviderError."""
    try:
        await socket.send(frame)
    except SocketClosed as closed:
        raise ended_early(closed) from closed


def ended_early(closed: SocketClosed) -> ProviderError:
    """The connection ended in the midst of an answer."""
    if closed.was_orderly:
        return errors.disconnected("websocket closed by server before response.completed")
    return errors.disconnected("WebSocket protocol error: Connection reset without closing handshake")


def socket_url(url: str) -> str:
    """The address of the same resource for websockets."""
    return "ws" + url.removeprefix("http") if url.startswith("http") else url


def settings_of(request: ModelRequest) -> tuple[Any, ...]:
    """Everything that a request asks for beside its input: only if that is the same, the next one may send what is new."""
    return (
        request.model,
        list(request.tools),
        request.parallel_tool_calls,
        request.is_lite,
        request.reasoning,
        request.service_tier,
        request.prompt_cache_key,
        request.text,
    )


def rest_of(last: Exchange, request: ModelRequest, items: Sequence[bytes]) -> Sequence[bytes] | None:
    """The items that come after what the provider knows from the last exchange; None if this is no continuation."""
    known = len(last.items)
    if last.settings != settings_of(request) or tuple(items[:known]) != last.items:
        return None
    return items[known:]


def frame_of(request: ModelRequest, items: Sequence[bytes], previous: str | None, is_prewarm: bool) -> bytes:
    """The text frame of a request."""
    metadata = dict(request.client_metadata)
    if request.started_at_ms is not None:
        metadata["x-codex-ws-stream-request-start-ms"] = str(request.started_at_ms)
    if request.turn_state.value is not None:
        metadata[TURN_STATE] = request.turn_state.value
    if request.is_lite:
        metadata[f"ws_request_header_{LITE.replace('-', '_')}"] = "true"
    body = body_of(replace(request, client_metadata=metadata), items, previous=previous, is_prewarm=is_prewarm)
    return b'{"type":"response.create",' + body[1:]
