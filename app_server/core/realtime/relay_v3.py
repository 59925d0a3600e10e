"""Version 3: the agent's output is context, within the newest delegation or without one; within one it streams.

Source: spec/realtime.md sections 8.2 to 8.5. Differs: of a turn that failed or was stopped the model is told so.
"""

import time
from collections.abc import Callable, Sequence

from app_server.core.realtime import codec_v3
from app_server.core.realtime.channels import ChannelChoice
from app_server.core.realtime.commands import AddContext, AppendAudio, CommandV3, Speaker
from app_server.core.realtime.relay import Later, Options, QuietRelay, Send, as_item, cut
from app_server.core.realtime.streamed import StreamedText

FLUSH_S = 0.2
STATUS = "[STATUS] "


class RelayV3(QuietRelay):
    """The relay of one session."""

    def __init__(self, send: Send, options: Options, later: Later, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._send_frames = send
        self._options = options
        self._later = later
        self._channels = ChannelChoice(options.mode, options.channel_prefixes)
        self._delegation_id: str | None = None
        self._monotonic = monotonic
        self._streams: dict[str, StreamedText] = {}

    def append_text(self, text: str, _role: Speaker, /) -> None:
        """The client adds a text; who says it can't be told."""
        self._send(AddContext(text))

    def append_audio(self, data: str) -> list[str]:
        """The frames of sound from the client."""
        return codec_v3.encode(AppendAudio(data))

    def append_speech(self, text: str) -> None:
        """The client wants a text spoken."""
        self._send(AddContext(cut(text), "speakable"))

    def handoff(self, handoff_id: str) -> None:
        """What the agent says next belongs to this."""
        self._delegation_id = handoff_id

    def message_opened(self, item_id: str, /) -> None:
        """The agent begins a message; within a delegation it is passed on while it is written."""
        if self._delegation_id is None or self._options.is_client_managed or self._options.as_items:
            return
        self._streams[item_id] = StreamedText(self._channels, self._monotonic())

    def message_delta(self, item_id: str, delta: str, /) -> None:
        """The message grows; it is sent at once, or with what comes within a moment after the last piece."""
        stream = self._streams.get(item_id)
        if stream is None:
            return
        stream.add(delta)
        wait_s = stream.flushed_at + FLUSH_S - self._monotonic()
        if wait_s <= 0:
            self._flush(item_id)
        elif not stream.is_due:
            stream.is_due = True
            self._later(wait_s, lambda: self._flush(item_id))

    def message(self, item_id: str, text: str, _phase: str | None, /) -> None:
        """The message is complete: send what was not sent yet of it."""
        stream = self._streams.pop(item_id, None)
        if stream is not None:
            for channel, piece in stream.finish(text):
                self._send(AddContext(piece, channel, self._delegation_id))
            return
        if self._options.is_client_managed or not text.strip():
            return
        channel = self._channels.of(text)
        if self._options.as_items:
            self._send(AddContext(as_item(cut(text), self._options), channel))
        else:
            self._send(AddContext(cut(text), channel, self._delegation_id))

    def message_dropped(self, item_id: str, /) -> None:
        """The message was cut: what was not sent of it never is."""
        self._streams.pop(item_id, None)

    def reasoning(self, parts: Sequence[str], /) -> None:
        """Tell the newest thought, if that is wanted, within a delegation."""
        is_told = self._options.has_reasoning_status and not self._options.is_client_managed
        text = next((part for part in reversed(parts) if part.strip()), None)
        if is_told and self._delegation_id is not None and text is not None:
            self._send(AddContext(cut(STATUS + text), "commentary", self._delegation_id))

    def turn_ended(self, failure: str | None) -> None:
        """The delegation is done."""
        self._streams.clear()
        if failure is not None and self._delegation_id is not None:
            self.message("", failure, None)
        self._delegation_id = None

    def _flush(self, item_id: str) -> None:
        stream = self._streams.get(item_id)
        if stream is not None:
            for channel, piece in stream.flush(self._monotonic()):
                self._send(AddContext(piece, channel, self._delegation_id))

    def _send(self, command: CommandV3) -> None:
        self._send_frames(codec_v3.encode(command))
