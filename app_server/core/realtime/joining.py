"""Getting on the line: by a websocket of our own, or beside a call of the client's.

A call's offer is posted and its answer given back; then a second connection (the sideband) joins the call. Joining is
tried as often as requests of the provider are, unless the provider does not know the call; a new one may need a moment to
be known. Source: spec/realtime.md section 5, and the reference itself for what is tried again.
"""

from collections.abc import Mapping
from contextlib import suppress

import anyio

from app_server.core.realtime.codecs import Codec
from app_server.core.realtime.commands import Setup
from app_server.core.realtime.endpoint import (
    OPENAI_URL,
    Answer,
    Provider,
    call_url,
    headers_of,
    websocket_url,
)
from app_server.core.realtime.events import Failed, SessionReady, Unknown
from app_server.core.realtime.plan import Plan
from app_server.core.realtime.socket import STREAM_ERROR, Ended, Lost, RealtimeFailure, RealtimeSocket, Refused, Target, dial
from app_server.core.realtime.wire import dump

FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 5.0
CALL_IS_OVER = (404, 410)
"""The statuses by which a provider says that there is no such call."""
UNKNOWN_TRIES = 3
"""How often more a call is tried that is not known yet."""
CALL_PREFIX = "rtc_"
BOUNDARY = "codex-realtime-call-boundary"
BEFORE_START = f"{STREAM_ERROR}frameless realtime session received an event before session.started"
ENDED_BEFORE_START = f"{STREAM_ERROR}frameless realtime session ended before session.started"


class Line:
    """How one session gets on the line, and on it again."""

    def __init__(self, plan: Plan, provider: Provider, codec: Codec) -> None:
        self._plan = plan
        self._provider = provider
        self._codec = codec

    async def open(self, setup: Setup) -> RealtimeSocket:
        """Open a session of our own. Raises: RealtimeFailure."""
        plan, provider = self._plan, self._provider
        url = websocket_url(
            first_of(plan.ws_base_url, provider.base_url),
            plan.version,
            intent=plan.intent,
            model=plan.model,
            query_params=provider.query_params,
        )
        socket = await self._dial(url, {"authorization": f"Bearer {provider.api_key()}"})
        try:
            if plan.version == "v3":
                with suppress(Lost):  # why it has ended can be read
                    await socket.send(update(self._codec, setup))
                await self._wait_started(socket)
            else:
                await socket.send(update(self._codec, setup))
        except BaseException:
            socket.abort()
            raise
        return socket

    async def call(self, sdp: str, setup: Setup) -> tuple[str, str]:
        """Post the client's offer. Returns the answer and the call's id. Raises: RealtimeFailure."""
        plan, provider = self._plan, self._provider
        base = first_of(plan.call_base_url, provider.base_url)
        url = call_url(base, plan.version)
        session = {**self._codec.setup(setup), "model": plan.model}
        headers = {"accept": "*/*", **dict(headers_of(provider, plan.version, plan.ids, await provider.credential()))}
        if "/backend-api" in base:
            headers["content-type"] = "application/json"
            body = dump({"sdp": sdp, "session": session})
        else:
            headers["content-type"] = f"multipart/form-data; boundary={BOUNDARY}"
            body = multipart(sdp, dump(session))
        answer = await provider.post(url, headers, body.encode())
        return answer.body.decode(errors="replace"), call_id_of(answer)

    async def join(self, call_id: str, *, may_be_unknown: bool = False) -> RealtimeSocket:
        """Join a call, with more attempts where that may help. Raises: RealtimeFailure.

        `may_be_unknown` tells that the call may not have reached the provider yet.
        """
        tries = 0
        while True:
            try:
                return await self._join_once(call_id)
            except RealtimeFailure as failure:
                if tries >= self._more_tries(failure, may_be_unknown=may_be_unknown):
                    raise
            await anyio.sleep(min(FIRST_WAIT_S * 2**tries, LONGEST_WAIT_S))
            tries += 1

    async def update(self, socket: RealtimeSocket, setup: Setup) -> None:
        """Tell a call that was joined what it is to be. Raises: Lost."""
        await socket.send(update(self._codec, setup))

    def _more_tries(self, failure: RealtimeFailure, *, may_be_unknown: bool) -> int:
        if isinstance(failure, Refused) and failure.status in CALL_IS_OVER:
            return UNKNOWN_TRIES if may_be_unknown and failure.status == 404 else 0
        return self._provider.retries

    async def _join_once(self, call_id: str) -> RealtimeSocket:
        plan, provider = self._plan, self._provider
        url = websocket_url(
            first_of(plan.ws_base_url),
            plan.version,
            intent=plan.intent,
            call_id=call_id,
            query_params=provider.query_params,
        )
        return await self._dial(url, await provider.credential())

    async def _dial(self, url: str, credential: Mapping[str, str]) -> RealtimeSocket:
        provider = self._provider
        headers = headers_of(provider, self._plan.version, self._plan.ids, credential)
        tls = provider.tls() if url.startswith("wss:") else None
        return await dial(Target(url, headers, provider.connect_timeout_s, provider.proxy(url), tls))

    async def _wait_started(self, socket: RealtimeSocket) -> None:
        """Version 3 says when the session runs. Raises: RealtimeFailure."""
        while True:
            message = await socket.receive()
            if isinstance(message, Ended):
                raise RealtimeFailure(ENDED_BEFORE_START if message.is_normal else str(message))
            if isinstance(message, bytes):
                raise RealtimeFailure(f"{STREAM_ERROR}{UNEXPECTED_BINARY}")
            match self._codec.decode(message):
                case SessionReady():
                    return
                case Failed(text):
                    raise RealtimeFailure(f"{STREAM_ERROR}{text}")
                case Unknown():
                    continue
                case _:
                    raise RealtimeFailure(BEFORE_START)


UNEXPECTED_BINARY = "unexpected binary realtime websocket event"


def update(codec: Codec, setup: Setup) -> str:
    """The frame that says what the session is to be."""
    return dump({"type": "session.update", "session": codec.setup(setup)})


def multipart(sdp: str, session: str) -> str:
    """An offer and its session as a form."""
    parts = (("sdp", "application/sdp", sdp), ("session", "application/json", session))
    form = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\nContent-Type: {kind}\r\n\r\n{value}\r\n'
        for name, kind, value in parts
    )
    return f"{form}--{BOUNDARY}--\r\n"


def call_id_of(answer: Answer) -> str:
    """The id of the call that an answer tells. Raises: RealtimeFailure."""
    location = answer.headers.get("location")
    if location is None:
        raise RealtimeFailure(f"{STREAM_ERROR}realtime call response missing Location")
    for segment in location.partition("?")[0].split("/"):
        if segment.startswith(CALL_PREFIX) and len(segment) > len(CALL_PREFIX):
            return segment
    raise RealtimeFailure(f"{STREAM_ERROR}realtime call Location does not contain a call id: {location}")


def first_of(*addresses: str | None) -> str:
    """The first address that is configured, even if it is empty."""
    return next((address for address in addresses if address is not None), OPENAI_URL)
