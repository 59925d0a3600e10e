"""Server-sent events out of raw bytes, as JSON objects: the hot path of every streamed answer.

The parser owns framing alone: it finds `data:` lines, joins those of one event and parses the result. It does not know
what an event means, and the `event:`, `id:` and `retry:` fields and comments mean nothing to it. It works on bytes,
so a chunk may end anywhere, within a character too. Lines end with LF or CRLF; a bare CR, which the standard
allows and nobody sends, is no line end. What isn't a JSON object is skipped, as the reference does.
"""

import re
from typing import Any

from pydantic_core import from_json

USUAL_EVENT = re.compile(rb"(?:event:[^\n]*\n)?data:([^\n]*)\n\n")
"""What almost every event looks like; one search takes it up whole."""
EVENT_LIMIT_BYTES = 256 << 20
"""What one event may take up before the stream is given up: far above any real answer, and below a machine's memory."""


class EventTooLargeError(ValueError):
    """An event outgrew `EVENT_LIMIT_BYTES`."""


class SseParser:
    """Feed it the chunks of one answer in order.

    Invariant: `_tail` holds the bytes after the last line end, in pieces, so that a line of many chunks is joined once;
    `_data` holds the data lines of the event that has not ended yet.
    `events_seen` counts the events that ended, those that were skipped too: it is how a reader tells life from comments.
    """

    __slots__ = ("_data", "_held", "_limit", "_tail", "events_seen")

    def __init__(self, limit_bytes: int = EVENT_LIMIT_BYTES) -> None:
        self._tail: list[bytes] = []
        self._data: list[bytes] = []
        self._held = 0
        self._limit = limit_bytes
        self.events_seen = 0

    def feed(self, chunk: bytes) -> list[dict[str, Any]]:
        """The events that end in this chunk. Raises: EventTooLargeError."""
        end = chunk.rfind(b"\n") + 1
        if not end:
            self._keep(chunk)
            return []
        block = chunk if end == len(chunk) else chunk[:end]
        if self._tail:
            self._tail.append(block)
            block = b"".join(self._tail)
            self._tail.clear()
        events = self._lines(block)
        self._held = sum(map(len, self._data)) if self._data else 0
        if end < len(chunk):
            self._keep(chunk[end:])
        return events

    def _lines(self, block: bytes) -> list[dict[str, Any]]:
        """Take in whole lines. They are found by position: splitting would copy a huge line once more."""
        if b"\r" in block:
            block = block.replace(b"\r\n", b"\n")
        events: list[dict[str, Any]] = []
        data = self._data
        start = 0
        while True:
            if not data and (whole := USUAL_EVENT.match(block, start)):
                self._end_event(whole[1], events)
                start = whole.end()
            elif (end := block.find(b"\n", start)) < 0:
                return events
            else:
                if end > start:
                    if block.startswith(b"data:", start):
                        data.append(block[start + 5 : end])
                elif data:
                    text = b"\n".join(data)
                    data.clear()
                    self._end_event(text, events)
                start = end + 1

    def _end_event(self, text: bytes, events: list[dict[str, Any]]) -> None:
        """An event is over: what it says joins the others, if it can be read."""
        self.events_seen += 1
        try:
            # The space after the colon, which the standard takes away, is white space to JSON as well.
            event = from_json(text, cache_strings="keys")
        except ValueError:
            return
        if type(event) is dict:
            events.append(event)

    def _keep(self, piece: bytes) -> None:
        self._held += len(piece)
        if self._held > self._limit:
            raise EventTooLargeError(f"event larger than {self._limit} bytes")
        self._tail.append(piece)
