"""What can go wrong with a provider's answer, as steps that a server plays: pieces to send, pauses, and ways to break off.

Each way of speaking has its faults by name. Some spoil the answer, others only the manner in which it comes: those, and a
plain answer, must reach the client whole. Nothing here does any input or output.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

Json = dict[str, Any]

WORDS = ("Grüße ", "from ", "春の海 ", "🙂 ", "and ", "back ", "again.")
"""An answer's text, piece by piece; most of its characters take several bytes."""
ANSWER = "".join(WORDS)
TOOL = "view_image"
"""A tool that answers at once and touches nothing, given a file that is not there."""
PAUSE_S = 0.01
PIECE_BYTES = 5
"""Smaller than the longest lines and no multiple of any character: pieces end within both."""
USAGE = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}


class Break(Enum):
    """Ways in which a stream stops."""

    RESET = auto()
    """The connection is torn without a word."""
    END = auto()
    """The stream is ended in order, as if that were all."""
    HANG = auto()
    """Nothing comes any more, and the connection stays."""


Step = bytes | str | float | Break
"""Bytes or a text to send, seconds to wait, or how it stops."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one request: over HTTP with its status and headers."""

    steps: Sequence[Step]
    status: int = 200
    headers: Mapping[str, str] | None = None


Fault = Callable[[Sequence[Json]], Reply]
"""Makes a reply of the events of a whole answer."""


def responses_events(number: int, *, is_call: bool) -> list[Json]:
    """An answer of the Responses API: a message, or a call of the tool."""
    answer = {"id": f"resp_{number}"}
    item: Json = {"type": "message", "role": "assistant", "id": f"msg_{number}", "content": []}
    deltas: list[Json] = [{"type": "response.output_text.delta", "item_id": item["id"], "delta": word} for word in WORDS]
    done: Json = {**item, "content": [{"type": "output_text", "text": ANSWER}]}
    if is_call:
        arguments = json.dumps({"path": "/nowhere.png"})
        done = {"type": "function_call", "id": f"fc_{number}", "call_id": f"call_{number}", "name": TOOL, "arguments": arguments}
        item, deltas = {**done, "arguments": ""}, []
    return [
        {"type": "response.created", "response": answer},
        {"type": "response.output_item.added", "item": item},
        *deltas,
        {"type": "response.output_item.done", "item": done},
        {"type": "response.completed", "response": {**answer, "usage": USAGE}},
    ]


def chat_events(number: int, *, is_call: bool) -> list[Json]:
    """The same in the words of Chat Completions."""
    deltas: list[Json] = [{"role": "assistant", "content": ""}, *({"content": word} for word in WORDS)]
    if is_call:
        call = {"index": 0, "id": f"call_{number}", "type": "function", "function": {"name": TOOL, "arguments": ""}}
        pieces = ('{"path": "/now', 'here.png"}')
        deltas = [{"tool_calls": [call]}, *({"tool_calls": [{"index": 0, "function": {"arguments": text}}]} for text in pieces)]
    choices: list[Json] = [
        *({"delta": delta, "finish_reason": None} for delta in deltas),
        {"delta": {}, "finish_reason": "tool_calls" if is_call else "stop"},
    ]
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    return [{"id": f"chat_{number}", "choices": [{"index": 0, **choice}]} for choice in choices] + [
        {"id": f"chat_{number}", "choices": [], "usage": usage}
    ]


def sse(event: Json) -> bytes:
    """One server-sent event."""
    return f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode()


def streamed(events: Sequence[Json]) -> Reply:
    """An answer as it should be."""
    return Reply([sse(event) for event in events])


def slow(events: Sequence[Json]) -> Reply:
    """One event after the other, with time between them."""
    return Reply([step for event in events for step in (PAUSE_S, sse(event))])


def in_pieces(events: Sequence[Json]) -> Reply:
    """The whole answer, cut anywhere: in the middle of lines and of characters."""
    body = b"".join(map(sse, events))
    return Reply([body[at : at + PIECE_BYTES] for at in range(0, len(body), PIECE_BYTES)])


def noisy(events: Sequence[Json]) -> Reply:
    """Between the events comes what is none."""
    noise = (
        b': still here\n\ndata: {"type": \n\ndata: 7\n\ndata: {"type": "response.unheard_of"}\n\nretry: 10\n\ndata: \xff\xfe\n\n'
    )
    return Reply([step for event in events for step in (noise, sse(event))])


def torn(events: Sequence[Json]) -> Reply:
    """The connection breaks in the middle of a character."""
    body = b"".join(map(sse, events))
    return Reply([body[: body.rfind("海".encode()) + 1] if "海".encode() in body else body[: len(body) // 2], Break.RESET])


def ended_early(events: Sequence[Json]) -> Reply:
    """The body ends in order, and the answer in it does not."""
    return Reply([sse(event) for event in events[: len(events) // 2]])


def silent(events: Sequence[Json]) -> Reply:
    """It begins, and then nothing comes."""
    return Reply([sse(events[0]), Break.HANG])


def dropped(_events: Sequence[Json]) -> Reply:
    """The connection breaks before there is any answer."""
    return Reply([Break.RESET], status=0)


def empty(_events: Sequence[Json]) -> Reply:
    """A body without a byte."""
    return Reply([])


def page(_events: Sequence[Json]) -> Reply:
    """A proxy's page where an answer should be."""
    return Reply(
        ["<!doctype html><html><body><h1>Welcome</h1>Please log in.</body></html>"], headers={"content-type": "text/html"}
    )


def refused(status: int, code: str = "", **headers: str) -> Fault:
    """A status that is no success."""
    body = json.dumps({"error": {"message": "Not now.", "code": code}})
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _events: Reply([body], status, {"content-type": "application/json", **named})


def told(*last: Json) -> Fault:
    """The answer begins well, and ends with these events instead of its own."""
    return lambda events: Reply([sse(event) for event in [*events[:3], *last]])


GOOD: Mapping[str, Fault] = {"plain": streamed, "slow": slow, "in pieces": in_pieces, "noisy": noisy}
"""Manners that no client should notice."""

OVER_HTTP: Mapping[str, Fault] = {
    "torn in a character": torn,
    "ended early": ended_early,
    "silent": silent,
    "dropped": dropped,
    "empty": empty,
    "a page of HTML": page,
    "status 400": refused(400),
    "status 500": refused(500),
    "status 503": refused(503, "server_is_overloaded"),
    "status 429": refused(429),
    "status 429 with a wait": refused(429, retry_after="0.1"),
}

RESPONSES: Mapping[str, Fault] = {
    **OVER_HTTP,
    "a failure told": told({"type": "response.failed", "response": {"error": {"code": "server_error", "message": "Sorry."}}}),
    "incomplete": told({"type": "response.incomplete", "response": {"incomplete_details": {"reason": "content_filter"}}}),
    "an end without id": told({"type": "response.completed", "response": {}}),
}

CHAT: Mapping[str, Fault] = {
    **OVER_HTTP,
    "a failure told": told({"error": {"message": "Sorry.", "code": 500}}),
    "incomplete": told({"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]}),
}


def frames(*last: Step) -> Fault:
    """Over a websocket: half of the answer, then this."""
    return lambda events: Reply([*map(json.dumps, events[: len(events) // 2]), *last])


def _frame_error(status: int, code: str = "", **headers: str) -> str:
    error = {"type": "error", "status": status, "error": {"code": code, "message": "Not now."}}
    return json.dumps({**error, "headers": {name.replace("_", "-"): value for name, value in headers.items()}})


SOCKET_GOOD: Mapping[str, Fault] = {
    "plain": lambda events: Reply([json.dumps(event) for event in events]),
    "slow": lambda events: Reply([step for event in events for step in (PAUSE_S, json.dumps(event, ensure_ascii=False))]),
    "noisy": lambda events: Reply(
        [step for event in events for step in ('{"type": ', "7", '{"type": "response.unheard_of"}', json.dumps(event))]
    ),
}

SOCKET: Mapping[str, Fault] = {
    "dropped": lambda _events: Reply([Break.RESET]),
    "torn": frames(Break.RESET),
    "closed": frames(Break.END),
    "silent": frames(Break.HANG),
    "binary": frames(b"\x00\x01"),
    "status 400": frames(_frame_error(400)),
    "status 429 with a wait": frames(_frame_error(429, retry_after="0.1")),
    "status 500": frames(_frame_error(500)),
    "too old a connection": frames(_frame_error(400, "websocket_connection_limit_reached")),
    "forgotten": frames(_frame_error(400, "previous_response_not_found")),
    "a failure told": frames(json.dumps({"type": "response.failed", "response": {"error": {"message": "Sorry."}}})),
}
