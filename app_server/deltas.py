"""Pieces of text for a client that is behind: what waits for it of one item is told as one piece.

Only websocket clients have this done to them (`Outbox.merge_from_bytes`), only while they are behind, and never across
anything else that is told: the order of all other messages, and all text, stay as they are.
"""

from typing import Any

from app_server import encode
from app_server.outbox import Outbox

MERGED = frozenset(
    {
        "item/agentMessage/delta",
        "item/plan/delta",
        "item/commandExecution/outputDelta",
        "item/reasoning/summaryTextDelta",
        "item/reasoning/textDelta",
    }
)
LONGEST_CHARACTERS = 64 << 10
"""How long one piece may become."""


class MergedDelta:
    """A line that is made when it is written: the first piece with the text of all that followed."""

    __slots__ = ("_emitted_at_ms", "_first", "_texts", "characters")

    def __init__(self, first: Any, emitted_at_ms: int) -> None:
        self._first = first
        self._emitted_at_ms = emitted_at_ms
        self._texts: list[str] = [first.delta]
        self.characters = len(first.delta)

    def add(self, text: str) -> None:
        """More text of the same item."""
        self._texts.append(text)
        self.characters += len(text)

    def line(self) -> bytes:
        """The message."""
        return encode.notification(self._first.model_copy(update={"delta": "".join(self._texts)}), self._emitted_at_ms)


def merge(outbox: Outbox, message: Any, emitted_at_ms: int) -> None:
    """Queue a piece of text: in the last line of its item if nothing else was queued behind that, else in a line of its own."""
    if outbox.is_closed:
        return
    key = (message.method, message.item_id, getattr(message, "summary_index", None), getattr(message, "content_index", None))
    last = outbox.open_lines.get(key)
    if isinstance(last, MergedDelta) and last.characters < LONGEST_CHARACTERS:
        last.add(message.delta)
        outbox.grow(len(message.delta.encode()))
        return
    fresh = MergedDelta(message, emitted_at_ms)
    outbox.append_later(fresh, len(encode.notification(message, emitted_at_ms)))
    outbox.open_lines[key] = fresh
