"""An answer of Chat Completions, as the events of the Responses API.

Chunks come with pieces of text, of thoughts and of calls, in any mixture. An item is opened by its first piece and closed
when the next one begins; calls are handed on when the answer is over, after everything that was said before them.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import anyio
import httpx
from pydantic_core import from_json

from app_server.core.provider import errors
from app_server.core.provider.base import Event, ProviderError
from app_server.core.provider.event_stream import EventStream
from app_server.core.provider.flat_tools import FlatTools

THOUGHTS = ("reasoning_content", "reasoning")
"""The members in which servers give a model's thoughts."""
INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}


def new_id() -> str:
    """An id for an item that the server did not give one."""
    return uuid.uuid4().hex


@dataclass(slots=True)
class Call:
    """A call being received."""

    call_id: str
    name: str = ""
    arguments: list[str] = field(default_factory=list)


@dataclass(slots=True)
class OpenItem:
    """The item that is open: a message, or thoughts."""

    kind: str
    id: str
    pieces: list[str] = field(default_factory=list)


class ChatTranslator:
    """Chunks in, events out."""

    def __init__(self, tools: FlatTools, make_id: Callable[[], str] = new_id) -> None:
        self._tools = tools
        self._make_id = make_id
        self._open: OpenItem | None = None
        self._calls: list[Call] = []
        self._places: dict[int, Call] = {}
        self._response_id = ""
        self._usage: dict[str, Any] | None = None
        self._reason: str | None = None
        self.failure: ProviderError | None = None

    @property
    def is_finished(self) -> bool:
        """Whether the model has ended its answer, and nothing is still to come that matters."""
        return self._reason is not None and self._usage is not None

    def chunk(self, chunk: dict[str, Any]) -> list[Event]:
        """The events of one chunk."""
        events: list[Event] = []
        if isinstance(chunk.get("error"), dict | str):
            self.failure = told_error(chunk["error"])
            return events
        if not self._response_id:
            self._response_id = str(chunk.get("id") or f"chat_{self._make_id()}")
            events.append({"type": "response.created", "response": {"id": self._response_id}})
        if isinstance(chunk.get("usage"), dict):
            self._usage = usage_of(chunk["usage"])
        choices = chunk.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if isinstance(choice, dict):
            delta = choice.get("delta") or choice.get("message")
            if isinstance(delta, dict):
                self._take(delta, events)
            if isinstance(choice.get("finish_reason"), str):
                self._reason = choice["finish_reason"]
        return events

    def end(self) -> list[Event]:
        """The last events. Raises: ProviderError, when the answer has not ended well."""
        if self.failure is not None:
            raise self.failure
        if self._reason is None:
            raise errors.closed_early()
        events: list[Event] = []
        self._close(events)
        if self._reason in INCOMPLETE:
            details = {"incomplete_details": {"reason": INCOMPLETE[self._reason]}}
            raise errors.incomplete_error({"response": details})
        for call in self._calls:
            item = self._tools.call_of(self._make_id(), call.call_id, call.name, "".join(call.arguments) or "{}")
            events.append({"type": "response.output_item.done", "item": item})
        response = {"id": self._response_id, **({} if self._usage is None else {"usage": self._usage})}
        events.append({"type": "response.completed", "response": response})
        return events

    def _take(self, delta: dict[str, Any], events: list[Event]) -> None:
        """What a piece of the answer adds."""
        for name in THOUGHTS:
            if isinstance(delta.get(name), str) and delta[name]:
                item = self._opened("reasoning", events)
                item.pieces.append(delta[name])
                events.append(
                    {"type": "response.reasoning_text.delta", "item_id": item.id, "delta": delta[name], "content_index": 0}
                )
                break
        for name in ("content", "refusal"):
            if isinstance(delta.get(name), str) and delta[name]:
                item = self._opened("message", events)
                item.pieces.append(delta[name])
                events.append({"type": "response.output_text.delta", "item_id": item.id, "delta": delta[name]})
        calls = delta.get("tool_calls")
        for place, piece in enumerate(calls if isinstance(calls, list) else ()):
            if isinstance(piece, dict):
                self._take_call(piece, place)

    def _take_call(self, piece: dict[str, Any], place: int) -> None:
        """A piece of a call. It belongs to the call at its index, unless it has another id: some servers count only one."""
        index = piece.get("index")
        index = index if isinstance(index, int) else place
        call_id, told = piece.get("id"), piece.get("function")
        function: dict[str, Any] = told if isinstance(told, dict) else {}
        call = self._places.get(index)
        if call is None or (call_id and function.get("name") and call_id != call.call_id):
            call = self._places[index] = Call(str(call_id or f"call_{self._make_id()}"))
            self._calls.append(call)
        call.name += str(function.get("name") or "")
        arguments = function.get("arguments")
        if isinstance(arguments, str):
            call.arguments.append(arguments)
        elif isinstance(arguments, dict):
            call.arguments.append(errors.json_of(arguments))

    def _opened(self, kind: str, events: list[Event]) -> OpenItem:
        """The open item of a kind; another one is closed first."""
        if self._open is not None and self._open.kind == kind:
            return self._open
        self._close(events)
        self._open = OpenItem(kind, f"{'rs' if kind == 'reasoning' else 'msg'}_{self._make_id()}")
        events.append({"type": "response.output_item.added", "item": item_of(self._open, "")})
        return self._open

    def _close(self, events: list[Event]) -> None:
        if self._open is not None:
            item = item_of(self._open, "".join(self._open.pieces))
            events.append({"type": "response.output_item.done", "item": item})
            self._open = None


class ChatStream(EventStream):
    """An answer being received."""

    def __init__(self, response: httpx.Response, idle_s: float, idle: anyio.CancelScope, tools: FlatTools) -> None:
        super().__init__(response, idle_s, idle)
        self._translator = ChatTranslator(tools)
        self._is_whole = response.headers.get("content-type", "").startswith("application/json")

    async def _read(self) -> list[Event] | None:
        """The chunks that have come. A server that does not stream has sent all in one."""
        if not self._is_whole:
            return await super()._read()
        self._is_whole = False
        self._timer.wait()
        try:
            body = b"".join([piece async for piece in self._chunks])
            chunk = from_json(body)
        except (httpx.RequestError, ValueError):
            return None
        return [chunk] if isinstance(chunk, dict) else None

    def _sifted(self, events: list[Event]) -> list[Event]:
        made: list[Event] = []
        for chunk in events:
            made += self._translator.chunk(chunk)
            if self._translator.failure is not None:
                raise self._translator.failure
        if self._translator.is_finished:
            self._is_over = True
            made += self._translator.end()
        return made

    def _at_end(self) -> list[Event]:
        return self._translator.end()


def item_of(item: OpenItem, text: str) -> dict[str, Any]:
    """A message or thoughts as an item."""
    if item.kind == "reasoning":
        content = [{"type": "reasoning_text", "text": text}] if text else []
        return {"type": "reasoning", "id": item.id, "summary": [], "content": content}
    content = [{"type": "output_text", "text": text}] if text else []
    return {"type": "message", "id": item.id, "role": "assistant", "content": content}


def usage_of(usage: dict[str, Any]) -> dict[str, Any]:
    """The count of tokens under the names of the Responses API."""
    inputs, outputs = usage.get("prompt_tokens_details"), usage.get("completion_tokens_details")
    counted = {
        "input_tokens": usage.get("prompt_tokens"),
        "input_tokens_details": {"cached_tokens": inputs.get("cached_tokens")} if isinstance(inputs, dict) else None,
        "output_tokens": usage.get("completion_tokens"),
        "output_tokens_details": {"reasoning_tokens": outputs.get("reasoning_tokens")} if isinstance(outputs, dict) else None,
        "total_tokens": usage.get("total_tokens"),
    }
    return {name: value for name, value in counted.items() if value is not None}


def told_error(error: dict[str, Any] | str) -> ProviderError:
    """The error that a chunk tells."""
    told = {"message": error} if isinstance(error, str) else error
    code = told.get("code")
    text = {"code": code if isinstance(code, str) else "", "message": errors.text_of(told, "message")}
    return errors.failed_error({"response": {"error": text}})
