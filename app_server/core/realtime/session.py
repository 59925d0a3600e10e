"""One session with a speech model: from its start, through everything that is heard and said, to its one end.

It is a state machine: STARTING, then RUNNING, then OVER; or from STARTING right to OVER. A start ends in `started` or in
`error`, within a deadline; a session that has started ends in `closed`, once. Everything happens in the order in which it
comes, and nothing here waits but the session's own task. The session's version, and whether it only writes down what is
said, are the plan's and decide everything. Source: spec/realtime.md sections 3, 7 and 12.
"""

import logging
from collections import Counter
from collections.abc import Callable
from enum import Enum

import anyio
import anyio.to_thread

from app_server.core.errors import CallerError
from app_server.core.realtime.codecs import CODECS, relay_of
from app_server.core.realtime.commands import Setup, Speaker
from app_server.core.realtime.connection import Connection, End
from app_server.core.realtime.endpoint import Provider
from app_server.core.realtime.events import (
    AudioOut,
    Event,
    Failed,
    HandoffRequested,
    ItemAdded,
    ResponseCancelled,
    ResponseCreated,
    SpeechStarted,
    TranscriptDelta,
    TranscriptDone,
    Unknown,
)
from app_server.core.realtime.handoff import Handoffs
from app_server.core.realtime.items import SessionItems
from app_server.core.realtime.joining import Line
from app_server.core.realtime.outgoing import Outgoing, QueueFull
from app_server.core.realtime.plan import ExistingCall, Plan
from app_server.core.realtime.socket import RealtimeFailure
from app_server.core.realtime.transcript import Transcript, TurnTranscript
from app_server.core.thread import Thread
from protocol.base import Notification
from protocol.notice import WarningNotification
from protocol.realtime import (
    ThreadRealtimeAudioChunk,
    ThreadRealtimeClosedNotification,
    ThreadRealtimeErrorNotification,
    ThreadRealtimeItemAddedNotification,
    ThreadRealtimeOutputAudioDeltaNotification,
    ThreadRealtimeSdpNotification,
    ThreadRealtimeStartedNotification,
    ThreadRealtimeTranscriptDeltaNotification,
    ThreadRealtimeTranscriptDoneNotification,
)

START_S = 30.0
"""How long a start may take in all."""
STOP_GRACE_S = 2.0
"""How long a start that is stopped may go on, since it may be about to succeed."""
DRAIN_S = 1.0
"""How long what was said just before the end may take to go out."""
UNHEARD_S = 30.0
"""A session to which nobody listens ends after this time, at the latest after twice of it."""
MOST_KINDS = 100
NOT_STARTED = f"the voice provider did not start the session within {START_S:g} s"
STOPPED = "the session was stopped before it had started"
REVOKED = "Fatal error: application network permission was revoked"
SLOW = "The voice provider takes sound more slowly than it comes; the oldest of it is dropped."
STUCK = "the voice provider takes nothing any more"

log = logging.getLogger(__name__)


class State(Enum):
    """Where a session is in its life."""

    STARTING = "starting"
    RUNNING = "running"
    OVER = "over"


class Session:
    """A session of one thread. `unknown` counts the frames that were passed over, by what they are."""

    def __init__(self, thread: Thread, plan: Plan, provider: Provider, instructions: Callable[[], str]) -> None:
        self.plan = plan
        self.state = State.STARTING
        self.ended = anyio.Event()
        self.unknown: Counter[str] = Counter()
        self.outgoing = Outgoing()
        self.relay = relay_of(plan.version, self._send, plan.options, self._later)
        self.items = SessionItems(thread, plan.item_session_id, self._publish)
        self._thread = thread
        self._instructions = instructions
        self._codec = CODECS[plan.version]
        self._connection = Connection(plan, Line(plan, provider, self._codec), self.outgoing, self._receive, self._wait_room)
        self._transcript = TurnTranscript() if plan.version == "v3" else Transcript()
        self._handoffs = Handoffs(thread, self._transcript, self.relay)
        self._end: End | None = None
        self._ending = anyio.Event()
        self._scope = anyio.CancelScope()
        self._start_scope = anyio.CancelScope()
        self._cut_reason = STOPPED
        self._stops = 0
        self._has_failed = False
        self._has_warned = False
        self._is_silent = False
        self._has_waiting = False
        """Whether the client has said something that waits for the start."""

    @property
    def is_ending(self) -> bool:
        """Whether it is known that it ends."""
        return self._end is not None

    # What the client and the thread want of it.

    def append_audio(self, data: str) -> None:
        """Sound from the user. When too much of it waits the oldest is dropped, and the client is warned once."""
        self.outgoing.put_audio(self.relay.append_audio(data))
        if self.outgoing.dropped and not self._has_warned:
            self._has_warned = True
            log.warning("thread %s: %s", self._thread.id, SLOW)
            self._publish(WarningNotification(thread_id=self._thread.id, message=SLOW))

    def append_text(self, text: str, role: Speaker) -> None:
        """A text of the client for the model."""
        self._has_waiting |= self.state is State.STARTING
        self.relay.append_text(text, role)

    def append_speech(self, text: str) -> None:
        """A text of the client to be spoken."""
        self._has_waiting |= self.state is State.STARTING
        self.relay.append_speech(text)

    def stop(self, *, is_replaced: bool = False) -> None:
        """End the session; what was queued before still goes out. A client that asks for it hears each time that it is closed."""
        self._stops += not is_replaced
        self._finish(End("requested"))

    def report(self, message: str) -> None:
        """Tell the client of an error; a session that has seen one counts as failed in the end."""
        self._has_failed = True
        self._publish(ThreadRealtimeErrorNotification(thread_id=self._thread.id, message=message))

    def revoke(self) -> None:
        """The login with which it began is no more: end at once, with an error."""
        if self.state is State.STARTING:
            self._cut_reason = REVOKED
            self._start_scope.cancel()
        else:
            self._fail(REVOKED)

    def hush(self) -> None:
        """The server ends: what is left to do is done in silence."""
        self._is_silent = True

    def cancel(self) -> None:
        """End at once, whatever still waits."""
        self._scope.cancel()

    # Its life.

    async def run(self) -> None:
        """Start, and run to the end. Never raises. Cancel: ends the session at once."""
        try:
            with self._scope:
                if await self._start():
                    await self._converse()
        finally:
            self._close()
            self.ended.set()
            is_dropped = self._is_silent or self._scope.cancel_called or self._end is None or self._end.reason == "error"
            await self._connection.aclose(is_dropped=is_dropped)

    async def _start(self) -> bool:
        """Get on the line and say so. Returns whether that has worked; the client knows if not."""
        failure = None
        with self._start_scope:
            async with anyio.create_task_group() as group:
                group.start_soon(self._cut_start)
                try:
                    with anyio.fail_after(START_S):
                        sdp = await self._connection.start(await self._setup())
                    self._announce(sdp)
                except TimeoutError:
                    failure = NOT_STARTED
                except (RealtimeFailure, CallerError) as error:
                    failure = str(error)
                group.cancel_scope.cancel()
        if self.state is State.RUNNING:
            return True
        self.report(failure or self._cut_reason)
        return False

    async def _cut_start(self) -> None:
        """A stop does not wait forever for a start."""
        await self._ending.wait()
        await anyio.sleep(STOP_GRACE_S)
        self._start_scope.cancel()

    async def _setup(self) -> Setup:
        """What the session is to be; its instructions take a look at the disk."""
        plan = self.plan
        has_words = not isinstance(plan.transport, ExistingCall) and not plan.is_transcription
        return Setup(
            instructions=await anyio.to_thread.run_sync(self._instructions, abandon_on_cancel=True) if has_words else "",
            voice=plan.voice,
            modality=plan.modality,
            is_transcription=plan.is_transcription,
            ack_filler=plan.ack_filler,
            initial_items=plan.initial_items,
        )

    def _announce(self, sdp: str | None) -> None:
        """The session runs. Raises: CallerError."""
        self.items.begin()
        self.state = State.RUNNING
        thread_id, plan = self._thread.id, self.plan
        self._publish(
            ThreadRealtimeStartedNotification(
                thread_id=thread_id, realtime_session_id=plan.ids.realtime_session_id, version=plan.version
            )
        )
        if sdp is not None:
            self._publish(ThreadRealtimeSdpNotification(thread_id=thread_id, sdp=sdp))

    async def _converse(self) -> None:
        """Until the connection ends, or somebody wants the session to end."""
        done = anyio.Event()

        async def move() -> None:
            end = await self._connection.run()
            if end.message is not None and self._end is None:
                self.report(end.message)
            self._finish(end)
            done.set()

        async with anyio.create_task_group() as group:
            group.start_soon(move)
            group.start_soon(self._watch_listeners)
            await self._ending.wait()
            if self._end is not None and self._end.reason == "requested":
                self.outgoing.close()
                with anyio.move_on_after(DRAIN_S):
                    await done.wait()
            group.cancel_scope.cancel()

    async def _watch_listeners(self) -> None:
        """A session to which nobody listens ends; its client has vanished."""
        was_heard = True
        while True:
            await anyio.sleep(UNHEARD_S)
            is_heard = self._thread.runtime.outside.has_listeners(self._thread.id)
            if not is_heard and not was_heard:
                self.stop()
            was_heard = is_heard

    def _finish(self, end: End) -> None:
        """The session is to end; the first reason counts."""
        if self._end is None:
            self._end = end
        self._ending.set()

    def _fail(self, message: str) -> None:
        """End the session with an error, for the user."""
        if self._end is None and self.state is not State.OVER:
            self.report(message)
            self._finish(End("error", message))

    def _close(self) -> None:
        """Leave the thread in order, and say that it is over."""
        was_running, self.state = self.state is State.RUNNING, State.OVER
        self.outgoing.drop_all()
        reason = "requested" if self._end is None else self._end.reason
        if was_running:
            try:
                if self.plan.flushes_tail:
                    self._handoffs.flush_tail()
                self.items.end("failed" if self._has_failed else "ended")
            except CallerError as error:
                log.error("the end of a session is not in its thread's file: %s", error)
        if self.unknown:
            log.info("frames of the voice provider that were passed over: %s", dict(self.unknown))
        if not was_running and self._has_waiting and not self._is_silent:
            self._thread.publish_refusal(NOT_RUNNING)
        for _ in range(max(self._stops, int(was_running))):
            self._publish(ThreadRealtimeClosedNotification(thread_id=self._thread.id, reason=reason))

    # What the provider says.

    def _receive(self, text: str) -> None:
        event = self._codec.decode(text)
        if self._end is not None and self._end.reason == "error":
            return
        try:
            self._on_event(event)
        except CallerError as error:
            self._fail(error.message)

    def _on_event(self, event: Event) -> None:
        thread_id = self._thread.id
        self.relay.on_event(event)
        match event:
            case AudioOut(data, rate, channels, samples, item_id):
                audio = ThreadRealtimeAudioChunk(
                    data=data, sample_rate=rate, num_channels=channels, samples_per_channel=samples, item_id=item_id
                )
                self._publish(ThreadRealtimeOutputAudioDeltaNotification(thread_id=thread_id, audio=audio))
            case TranscriptDelta(role, delta):
                self._transcript.add_delta(role, delta)
                self.items.add_delta(role, delta)
                self._publish(ThreadRealtimeTranscriptDeltaNotification(thread_id=thread_id, role=role, delta=delta))
            case TranscriptDone(role, words):
                self._transcript.finish(role, words)
                self.items.finish(role, words)
                self._publish(ThreadRealtimeTranscriptDoneNotification(thread_id=thread_id, role=role, text=words))
            case ItemAdded(item):
                self._publish(ThreadRealtimeItemAddedNotification(thread_id=thread_id, item=item))
            case SpeechStarted(item_id):
                self._transcript.force_new("user")
                self._add_item({"type": "input_audio_buffer.speech_started", "item_id": item_id})
            case ResponseCreated() if self.plan.version == "v2":
                self._transcript.force_new("assistant")
            case ResponseCancelled(response_id):
                self._add_item({"type": "response.cancelled", "response_id": response_id})
            case HandoffRequested():
                self._handoffs.take(event)
            case Failed(message):
                self._fail(message)
            case Unknown(kind):
                self._pass_over(kind)
            case _:
                pass

    def _add_item(self, item: dict[str, str | None]) -> None:
        self._publish(ThreadRealtimeItemAddedNotification(thread_id=self._thread.id, item=item))

    def _pass_over(self, kind: str) -> None:
        """Count a frame that is of no use; each kind is logged once."""
        if kind not in self.unknown:
            if len(self.unknown) >= MOST_KINDS:
                kind = "(others)"
            if kind not in self.unknown:
                log.info("a frame of the voice provider is passed over: %s", kind)
        self.unknown[kind] += 1

    async def _wait_room(self) -> None:
        await self._thread.runtime.outside.wait_room(self._thread.id)

    # What is said to it.

    def _send(self, frames: list[str]) -> None:
        if self.state is State.OVER:
            return
        try:
            self.outgoing.put(frames)
        except QueueFull:
            self._fail(STUCK)

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        self._thread.runtime.spawn(self._call_later, seconds, call)

    async def _call_later(self, seconds: float, call: Callable[[], None]) -> None:
        with anyio.move_on_after(seconds):
            await self.ended.wait()
        if self.state is not State.OVER:
            call()

    def _publish(self, notification: Notification) -> None:
        if not self._is_silent:
            self._thread.publish(notification)


NOT_RUNNING = "conversation is not running"
