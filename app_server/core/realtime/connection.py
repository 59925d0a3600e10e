"""A session's connection, whichever way it travels: opened, read from and written to until it ends, opened again if need be.

It moves frames and knows nothing of what they say. Its end is a value: why, and what to tell the user.
Source: spec/realtime.md sections 5 and 12. Differs: a provider that is gone for a moment while a call goes on is tried for
a minute, and a call that was only just made may still be unknown to the sideband for a moment.
"""

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

import anyio

from app_server.core.realtime.commands import Setup
from app_server.core.realtime.joining import CALL_IS_OVER, UNEXPECTED_BINARY, Line
from app_server.core.realtime.outgoing import Outgoing, QueueClosed
from app_server.core.realtime.plan import ExistingCall, Plan, Webrtc
from app_server.core.realtime.socket import Ended, Lost, RealtimeFailure, RealtimeSocket, Refused

FIRST_DELAY_S = 0.2
LONGEST_DELAY_S = 5.0
SETTLED_S = 30.0
"""After a connection has lived so long, the next loss counts as the first."""
PATIENCE_S = 60.0
"""How long a provider that can't be reached is tried."""
WRITE_S = 20.0
"""How long one frame may take; a provider that does not read for so long is gone."""
CLOSE_S = 1.5

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class End:
    """Why there is no connection any more; `message` is there if that is an error."""

    reason: Literal["requested", "transport_closed", "error"]
    message: str | None = None


DRAINED = End("requested")
OVER = End("transport_closed")


class Connection:
    """The connection of one session. `receive` is called with each text frame; `wait_room` after it."""

    def __init__(
        self,
        plan: Plan,
        line: Line,
        outgoing: Outgoing,
        receive: Callable[[str], None],
        wait_room: Callable[[], Awaitable[None]],
    ) -> None:
        self._plan = plan
        self._line = line
        self._outgoing = outgoing
        self._receive = receive
        self._wait_room = wait_room
        self._socket: RealtimeSocket | None = None
        self._call_id: str | None = None
        self._setup: Setup | None = None

    async def start(self, setup: Setup) -> str | None:
        """Get on the line. Returns the answer to the client's offer, if there was one. Raises: RealtimeFailure."""
        match self._plan.transport:
            case Webrtc(sdp):
                answer, self._call_id = await self._line.call(sdp, setup)
                self._setup = setup if self._plan.version == "v1" else None
                return answer
            case ExistingCall(call_id):
                self._call_id = call_id
                self._socket = await self._line.join(call_id, may_be_unknown=True)
            case _:
                self._socket = await self._line.open(setup)
        return None

    async def run(self) -> End:
        """Move frames until the end. Cancel: at any time."""
        if self._socket is None:
            assert self._call_id is not None
            try:
                self._socket = await self._line.join(self._call_id, may_be_unknown=True)
                if self._setup is not None:
                    await self._line.update(self._socket, self._setup)
            except RealtimeFailure as failure:
                return End("error", str(failure))
        delay_s = FIRST_DELAY_S
        while True:
            since = time.monotonic()
            end = await self._pump(self._socket)
            if isinstance(end, End):
                return end
            if time.monotonic() - since >= SETTLED_S:
                delay_s = FIRST_DELAY_S
            found = await self._reconnected(delay_s)
            if isinstance(found, End):
                return found
            self._socket, delay_s = found, min(delay_s * 2, LONGEST_DELAY_S)

    async def aclose(self, *, is_dropped: bool) -> None:
        """End the connection; with manners, unless it is to be dropped."""
        socket, self._socket = self._socket, None
        if socket is None:
            return
        if is_dropped:
            socket.abort()
            return
        with anyio.move_on_after(CLOSE_S, shield=True) as scope:
            await socket.aclose()
        if scope.cancelled_caught:
            socket.abort()

    async def _pump(self, socket: RealtimeSocket) -> End | Ended | Lost:
        """Read and write until the connection ends; what may be mended is returned as it is."""
        ends: list[End | Ended | Lost] = []
        async with anyio.create_task_group() as group:

            async def until_end(work: Callable[[RealtimeSocket], Awaitable[End | Ended | Lost]]) -> None:
                ends.append(await work(socket))
                group.cancel_scope.cancel()

            group.start_soon(until_end, self._read)
            group.start_soon(until_end, self._write)
        end = ends[0]
        if isinstance(end, Ended) and (end.is_normal or self._plan.version != "v3"):
            return OVER
        if isinstance(end, End) or (self._plan.version == "v3" and self._call_id is not None):
            return end
        return End("error", str(end))

    async def _read(self, socket: RealtimeSocket) -> End | Ended | Lost:
        while True:
            try:
                message = await socket.receive()
            except Lost as lost:
                return lost
            if isinstance(message, Ended):
                return message
            if isinstance(message, bytes):
                return End("error", UNEXPECTED_BINARY)
            self._receive(message)
            await self._wait_room()

    async def _write(self, socket: RealtimeSocket) -> End | Ended | Lost:
        while True:
            try:
                is_audio, frame = await self._outgoing.take()
            except QueueClosed:
                return DRAINED
            try:
                with anyio.fail_after(WRITE_S):
                    await socket.send(frame)
            except (Lost, TimeoutError) as error:
                if not is_audio:
                    self._outgoing.give_back(frame)
                return error if isinstance(error, Lost) else Lost("the voice provider does not read any more")

    async def _reconnected(self, delay_s: float) -> RealtimeSocket | End:
        """Join the call again; it may be over meanwhile."""
        assert self._call_id is not None
        give_up_at = time.monotonic() + PATIENCE_S
        while True:
            await anyio.sleep(delay_s)
            try:
                return await self._line.join(self._call_id)
            except Refused as refused:
                return OVER if refused.status in CALL_IS_OVER else End("error", str(refused))
            except RealtimeFailure as failure:
                if time.monotonic() > give_up_at:
                    return End("error", str(failure))
                log.info("the call could not be joined again yet: %s", failure)
                delay_s = min(delay_s * 2, LONGEST_DELAY_S)
