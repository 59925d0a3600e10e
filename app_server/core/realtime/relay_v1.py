"""Version 1: everything of the agent is appended to a hand-off, the newest one or none in particular.

Source: spec/realtime.md sections 8.2 to 8.5. Differs: of a turn that failed or was stopped the model is told so.
"""

from app_server.core.realtime import codec_v1
from app_server.core.realtime.commands import AddMessage, AppendAudio, AppendHandoff, CommandV1, Speaker
from app_server.core.realtime.relay import Options, QuietRelay, Send, as_item, cut

NO_HANDOFF = "codex"
FINAL = '"Agent Final Message":\n\n'


class RelayV1(QuietRelay):
    """The relay of one session."""

    def __init__(self, send: Send, options: Options) -> None:
        self._send_frames = send
        self._options = options
        self._handoff_id: str | None = None

    def append_text(self, text: str, role: Speaker, /) -> None:
        """The client adds a text."""
        self._send(AddMessage(role, text))

    def append_audio(self, data: str) -> list[str]:
        """The frames of sound from the client."""
        return codec_v1.encode(AppendAudio(data))

    def append_speech(self, text: str) -> None:
        """The client wants a text spoken."""
        self._send(AppendHandoff(NO_HANDOFF, cut(text)))

    def handoff(self, handoff_id: str) -> None:
        """What the agent says next belongs to this."""
        self._handoff_id = handoff_id

    def message(self, _item_id: str, text: str, phase: str | None, /) -> None:
        """Pass a message on; only commentary goes without the mark of a final message."""
        if self._options.is_client_managed or (self._handoff_id is None and not text.strip()):
            return
        if self._options.as_items:
            self._send(AddMessage("developer", as_item(cut(text), self._options)))
            return
        spoken = cut(text) if phase == "commentary" else FINAL + cut(text)
        self._send(AppendHandoff(self._handoff_id or NO_HANDOFF, spoken))

    def turn_ended(self, failure: str | None) -> None:
        """The hand-off is done."""
        if failure is not None and self._handoff_id is not None:
            self.message("", failure, None)
        self._handoff_id = None

    def _send(self, command: CommandV1) -> None:
        self._send_frames(codec_v1.encode(command))
