"""Version 2: hand-offs are calls of a tool, which stay open until the turn ends; the model answers when it is told to.

Two rules with a state of their own live here: one answer of the model at a time, and knowing how much of its speech the
user has heard. Source: spec/realtime.md sections 6.2 and 8.2 to 8.5. Differs: of a turn that failed, was stopped or said
nothing the model is told so, so that no call stays open.
"""

import base64
import binascii

from app_server.core.realtime import codec_v2
from app_server.core.realtime.commands import (
    AddMessage,
    AnswerCall,
    AppendAudio,
    CommandV2,
    CreateResponse,
    Speaker,
    Truncate,
)
from app_server.core.realtime.events import (
    AudioOut,
    Event,
    ResponseCancelled,
    ResponseCreated,
    ResponseDone,
    SilenceRequested,
    SpeechStarted,
)
from app_server.core.realtime.relay import Options, QuietRelay, Send, as_item, cut, duration_ms

USER = "[USER] "
BACKEND = "[BACKEND] "
STEERED = "This was sent to steer the previous background agent task."
FINISHED = "Background agent finished. Use the preceding [BACKEND] messages as the result."
FINISHED_SILENTLY = "Background agent finished without a message."


class Responses:
    """One answer of the model at a time: whoever wants another while it speaks gets it afterwards, once for all."""

    def __init__(self) -> None:
        self._is_active = False
        self._is_wanted = False

    def request(self) -> bool:
        """Somebody wants an answer. Returns whether to ask for it now."""
        if self._is_active:
            self._is_wanted = True
            return False
        self._is_active = True
        return True

    def created(self) -> None:
        """The model has begun an answer."""
        self._is_active = True

    def ended(self) -> bool:
        """The model has ended one. Returns whether to ask for the next now."""
        self._is_active, self._is_wanted = self._is_wanted, False
        return self._is_active


class Playing:
    """How much was sent of the item that the user hears."""

    def __init__(self) -> None:
        self._item_id: str | None = None
        self._ms = 0

    def add(self, sound: AudioOut) -> None:
        """More of an item has come."""
        if sound.item_id is None:
            return
        size = 0
        if sound.samples_per_channel is None:
            try:
                size = len(base64.b64decode(sound.data))
            except (binascii.Error, ValueError):
                return
        length = duration_ms(sound, size)
        if length == 0:
            return
        if sound.item_id != self._item_id:
            self._item_id, self._ms = sound.item_id, 0
        self._ms += length

    def interrupt(self, item_id: str | None) -> Truncate | None:
        """The user speaks while it is played; what to tell the model of it."""
        heard, ms = self._item_id, self._ms
        self.clear()
        if heard is None or item_id not in (None, heard):
            return None
        return Truncate(heard, ms)

    def clear(self) -> None:
        """Nothing is played."""
        self._item_id, self._ms = None, 0


class RelayV2(QuietRelay):
    """The relay of one session."""

    def __init__(self, send: Send, options: Options) -> None:
        self._send_frames = send
        self._options = options
        self._responses = Responses()
        self._playing = Playing()
        self._call_id: str | None = None
        self._has_output = False

    def append_text(self, text: str, role: Speaker, /) -> None:
        """The client adds a text; the user's is marked."""
        is_marked = role != "user" or not text or text.startswith(USER)
        self._send(AddMessage(role, text if is_marked else USER + text))

    def append_audio(self, data: str) -> list[str]:
        """The frames of sound from the client."""
        return codec_v2.encode(AppendAudio(data))

    def append_speech(self, text: str) -> None:
        """The client wants a text spoken."""
        self._send(AddMessage("user", backend(text)))
        self._request_response()

    def on_event(self, event: Event, /) -> None:
        """Keep account of what the model says."""
        match event:
            case AudioOut():
                self._playing.add(event)
            case SpeechStarted(item_id):
                truncation = self._playing.interrupt(item_id)
                if truncation is not None:
                    self._send(truncation)
            case ResponseCreated():
                self._responses.created()
            case ResponseDone() | ResponseCancelled():
                self._playing.clear()
                if self._responses.ended():
                    self._send(CreateResponse())
            case SilenceRequested(call_id):
                self._playing.clear()
                self._send(AnswerCall(call_id, ""))
            case _:
                pass

    def handoff(self, handoff_id: str) -> None:
        """A call: the first one stays open until the turn ends, others that come meanwhile are answered at once."""
        self._playing.clear()
        if self._call_id is None:
            self._call_id, self._has_output = handoff_id, False
            return
        self._send(AnswerCall(handoff_id, STEERED))
        self._request_response()

    def message(self, _item_id: str, text: str, _phase: str | None, /) -> None:
        """Pass a message on: as part of the open call's result, or else so that the model speaks about it."""
        if self._options.is_client_managed or (self._call_id is None and not text.strip()):
            return
        if self._options.as_items:
            self._send(AddMessage("developer", as_item(backend(text), self._options)))
        else:
            self._send(AddMessage("user", backend(text)))
        if self._call_id is not None:
            self._has_output = True
        elif not self._options.as_items:
            self._request_response()

    def turn_ended(self, failure: str | None) -> None:
        """Answer the open call."""
        call_id = self._call_id
        if call_id is None:
            return
        if self._options.is_client_managed:
            self._call_id = None
            return
        if failure is not None:
            self.message("", failure, None)
        self._call_id = None
        if self._options.as_items:
            self._send(AnswerCall(call_id, ""))
            return
        self._send(AnswerCall(call_id, FINISHED if self._has_output else FINISHED_SILENTLY))
        self._request_response()

    def _request_response(self) -> None:
        if self._responses.request():
            self._send(CreateResponse())

    def _send(self, command: CommandV2) -> None:
        self._send_frames(codec_v2.encode(command))


def backend(text: str) -> str:
    """A text of the agent, marked once and cut."""
    return cut(text if text.startswith(BACKEND) else BACKEND + text)
