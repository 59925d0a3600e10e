"""A spoken request on its way to the agent: told to the client, made a turn or added to the one that runs.

Each request is taken once, by its id: a provider that repeats itself, as after a reconnect, starts nothing twice.
Source: spec/realtime.md sections 7.2, 8.1 and 8.6.
"""

import logging

from app_server.core.errors import CallerError
from app_server.core.models.manager import unknown_model_warning
from app_server.core.realtime.delegation import tail_text, task_text
from app_server.core.realtime.events import HandoffRequested
from app_server.core.realtime.relay import Relay
from app_server.core.realtime.transcript import Transcript
from app_server.core.thread import Thread
from app_server.core.turn.said import Said
from app_server.core.turn.turn import Outcome, Turn
from app_server.core.turn.user_input import words
from protocol.input import TextInput
from protocol.notice import WarningNotification
from protocol.realtime import ThreadRealtimeItemAddedNotification

MOST_IDS = 4096

log = logging.getLogger(__name__)


class Handoffs:
    """The requests of one session."""

    def __init__(self, thread: Thread, transcript: Transcript, relay: Relay) -> None:
        self._thread = thread
        self._transcript = transcript
        self._relay = relay
        self._taken: dict[str, None] = {}

    def take(self, request: HandoffRequested) -> None:
        """The model asks for something. Never waits."""
        if request.handoff_id in self._taken:
            log.info("hand-off %s was repeated and is passed over", request.handoff_id)
            return
        self._taken[request.handoff_id] = None
        if len(self._taken) > MOST_IDS:
            del self._taken[next(iter(self._taken))]
        entries = self._transcript.take_handoff(request.input)
        self._relay.handoff(request.handoff_id)
        item = {
            "type": "handoff_request",
            "handoff_id": request.handoff_id,
            "item_id": request.item_id,
            "input_transcript": request.input,
            "active_transcript": [entry.wire() for entry in entries],
        }
        self._thread.publish(ThreadRealtimeItemAddedNotification(thread_id=self._thread.id, item=item))
        text = task_text(request.input, entries)
        if text is None:
            return
        try:
            submit(self._thread, text)
        except CallerError as error:
            log.error("a hand-off could not be recorded: %s", error)
            self._relay.turn_ended(str(error))

    def flush_tail(self) -> None:
        """At the session's end: leave what was said since the last request with the agent, without asking it anything."""
        entries = self._transcript.since_handoff()
        if entries:
            leave(self._thread, tail_text(entries))


def submit(thread: Thread, text: str) -> None:
    """Give the agent something to do, as soon as it takes input. Raises: CallerError."""
    active, clock = thread.turn, thread.runtime.clock
    if active is not None and not active.kind.takes_input:
        thread.when_idle(lambda: submit_later(thread, text))
    elif active is not None:
        thread.accept_input(active, said(thread, text))
    else:
        if thread.model().info.is_fallback:
            thread.publish(WarningNotification(thread_id=thread.id, message=unknown_model_warning(thread.settings.model)))
        thread.begin_turn(Turn(clock.uuid7(), clock.now_ms()), lambda: None, said(thread, text))


def submit_later(thread: Thread, text: str) -> None:
    """The turn that takes no input is over."""
    try:
        submit(thread, text)
    except CallerError as error:
        log.error("a hand-off could not be recorded: %s", error)


def leave(thread: Thread, text: str) -> None:
    """Put words into the thread's past, in a turn of their own unless one runs. Nobody is told. Raises: CallerError."""
    if thread.turn is not None:
        thread.record(thread.turn, said(thread, text))
        return
    clock, recorder = thread.runtime.clock, thread.recorder
    turn = Turn(clock.uuid7(), clock.now_ms())
    recorder.materialize()
    recorder.turn_started(turn, thread.model().effective_window, thread.settings)
    recorder.note_settings(thread.settings)
    thread.record(turn, said(thread, text))
    turn.end(Outcome.COMPLETED, turn.started_at_ms)
    recorder.turn_ended(turn)


def said(thread: Thread, text: str) -> Said:
    """A text as the user's input."""
    return words([TextInput(text=text, text_elements=[])], None, thread.runtime.clock.uuid7(), thread.new_item_id)
