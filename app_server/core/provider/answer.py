"""An answer of the Responses API being received over HTTP, and its one of the known ends.

An answer ends well with `response.completed`; whatever comes after it is not read. A `response.failed` or
`response.incomplete` event is passed on and its error raised when the stream is over, since more may follow it.
Source: spec/upstream.md sections 3, 4 and 7.
"""

from typing import Any

import anyio
import httpx

from app_server.core.provider import errors
from app_server.core.provider.base import Event, TurnState
from app_server.core.provider.completed import completed_problem, is_told
from app_server.core.provider.event_stream import EventStream
from app_server.core.provider.outgoing import TURN_STATE

WATCHED = frozenset({"response.completed", "response.failed", "response.incomplete", "response.metadata"})


class ResponsesStream(EventStream):
    """The events of one answer, as they come."""

    def __init__(self, response: httpx.Response, idle_s: float, idle: anyio.CancelScope, turn_state: TurnState) -> None:
        super().__init__(response, idle_s, idle)
        self._turn_state = turn_state

    def _sifted(self, events: list[Event]) -> list[Event]:
        """What the loop gets to see of a chunk's events; notes the end of the answer, and errors to raise later."""
        for index, event in enumerate(events):
            kind = event.get("type")
            if type(kind) is not str or kind in WATCHED:
                return self._sifted_slowly(events, index)
        return events

    def _sifted_slowly(self, events: list[Event], start: int) -> list[Event]:
        """The same for a chunk in which something, at `start`, is out of the ordinary."""
        kept = events[:start]
        for event in events[start:]:
            kind = event.get("type")
            if type(kind) is not str:
                continue
            if kind == "response.completed":
                if not is_told(event):
                    continue
                problem = completed_problem(event)
                if problem is not None:
                    self.told = errors.bad_completed(problem)
                    continue
                self._is_over = True
            elif kind == "response.failed":
                self.told = errors.failed_error(event)
            elif kind == "response.incomplete":
                self.told = errors.incomplete_error(event)
            elif kind == "response.metadata":
                note_turn_state(self._turn_state, header_in(event, TURN_STATE))
            kept.append(event)
            if self._is_over:
                break
        return kept


def note_turn_state(state: TurnState, value: str | None) -> None:
    """Keep the provider's routing token; the first of a turn wins."""
    if value and state.value is None:
        state.value = value


def header_in(event: dict[str, Any], name: str) -> str | None:
    """A header that an event carries in its `headers`, whatever the case of its name; of a list, the first."""
    headers = event.get("headers")
    if not isinstance(headers, dict):
        return None
    for key, value in headers.items():
        if key.lower() == name:
            first = value[0] if isinstance(value, list) and value else value
            return first if isinstance(first, str) else None
    return None
