"""Version 3: a message of the agent that is passed on while it is written, within bounds.

The head is sent as it comes; what lies beyond it waits for the end, when the rest is sent, or only its tail if the whole
is too long. Source: spec/realtime.md section 8.3.
"""

from app_server.core.realtime.channels import ChannelChoice, Undecided
from app_server.core.realtime.commands import Channel

MOST_BYTES = 4000
MARKER = "\n…output truncated…\n"
HALF_BYTES = (MOST_BYTES - len(MARKER.encode())) // 2

Piece = tuple[Channel | None, str]


class StreamedText:
    """One message. `flushed_at` is when something of it was last sent, `is_due` whether more is to be sent soon."""

    def __init__(self, channels: ChannelChoice, now_s: float) -> None:
        self.flushed_at = now_s
        self.is_due = False
        self._channels = channels
        self._text = ""
        self._sent = 0

    def add(self, delta: str) -> None:
        """The message grows."""
        self._text += delta

    def flush(self, now_s: float) -> list[Piece]:
        """What can be sent now."""
        self.is_due = False
        channel = self._channels.so_far(self._text)
        head = start_of(self._text, HALF_BYTES)
        if isinstance(channel, Undecided) or len(head) <= self._sent:
            return []
        piece, self._sent, self.flushed_at = head[self._sent :], len(head), now_s
        return [(channel, piece)]

    def finish(self, whole: str) -> list[Piece]:
        """The message is complete; what is still to be sent of it. `whole` counts if it did not come in pieces."""
        text = self._text or whole
        channel = self._channels.of(text)
        if len(text.encode(errors="replace")) <= MOST_BYTES:
            rest = text[self._sent :]
            return [(channel, rest)] if rest else []
        return [(channel, start_of(text, HALF_BYTES)[self._sent :] + MARKER + end_of(text, HALF_BYTES))]


def start_of(text: str, most_bytes: int) -> str:
    """The beginning of a text, cut between characters."""
    return text[:most_bytes].encode(errors="replace")[:most_bytes].decode(errors="ignore")


def end_of(text: str, most_bytes: int) -> str:
    """The end of a text, cut between characters."""
    encoded = text[-most_bytes:].encode(errors="replace")
    return encoded[max(len(encoded) - most_bytes, 0) :].decode(errors="ignore")
