"""Questions to the user: server requests, whom they go to, and how they are resolved.

Ids count from 0 over all threads and connections. A question goes to every client that listens to its thread;
the first answer wins, and the others learn of it by `serverRequest/resolved` (spec/server.md section 6).
"""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from pydantic import ValidationError

from app_server import encode
from app_server.connection import Connection
from app_server.core.ports import NoAnswer, UnreadableAnswer, WhenOver
from app_server.fanout import Fanout
from app_server.outbox import Event
from protocol.approval import ServerRequestResolvedNotification
from protocol.base import EXPERIMENTAL, Method, Record, to_wire

R = TypeVar("R", bound=Record)
UNANNOUNCED = frozenset({"item/tool/call"})
"""Questions to programs rather than people; the reference announces no resolution for them."""
FOR_ALL = frozenset({"available_decisions"})
"""Experimental members that the reference shows to every client."""


class Question:
    """One pending server request."""

    def __init__(self, request_id: int, thread_id: str | None, method: Method[Any, Any], params: Record, answered: Event) -> None:
        self.request_id = request_id
        self.thread_id = thread_id
        self.method = method
        self.params = params
        self.answered = answered
        self.answer: dict[str, Any] | None = None

    def line(self, connection: Connection) -> bytes:
        """The request as this client may see it."""
        data = to_wire(self.params)
        if not connection.is_experimental:
            for name, field in type(self.params).model_fields.items():
                if EXPERIMENTAL in field.metadata and name not in FOR_ALL:
                    data.pop(field.alias or _camel(type(self.params), name), None)
        return encode.request(self.request_id, self.method.name, data)


class Asks:
    """All pending questions."""

    def __init__(self, fanout: Fanout, make_event: Callable[[], Event]) -> None:
        self._fanout = fanout
        self._make_event = make_event
        self._next_id = 0
        self._pending: dict[int, Question] = {}

    async def ask(self, thread_id: str | None, method: Method[Any, R], params: Record, when_over: WhenOver | None = None) -> R:
        """Ask the thread's clients and wait for the first answer.

        Waits without a deadline, since a person may be asked who is away; interrupting the turn cancels it.
        Raises: NoAnswer (an error answer; UnreadableAnswer: one that does not decode). Cancel: the question is withdrawn,
        which is announced, at once or as `when_over` says.
        """
        question = Question(self._next_id, thread_id, method, params, self._make_event())
        self._next_id += 1
        self._pending[question.request_id] = question
        for connection in self._listeners(thread_id):
            connection.outbox.append(question.line(connection))
        try:
            await question.answered.wait()
        finally:
            self._pending.pop(question.request_id, None)
            if thread_id is not None and method.name not in UNANNOUNCED:
                resolved = ServerRequestResolvedNotification(thread_id=thread_id, request_id=question.request_id)
                announce = partial(self._fanout.publish, thread_id, resolved)
                if question.answer is None and when_over is not None:
                    when_over(announce)
                else:
                    announce()
        return _decode(method, question.answer or {})

    def resolve(self, request_id: Any, message: dict[str, Any]) -> None:
        """A client has answered. Unknown ids, and ids of another type, are ignored."""
        question = self._pending.get(request_id) if type(request_id) is int else None
        if question is not None and question.answer is None:
            question.answer = message
            question.answered.set()

    def replay(self, thread_id: str, connection: Connection) -> None:
        """Send a thread's pending questions again, with their ids, to a client that has just joined it."""
        for question in self._pending.values():
            if question.thread_id == thread_id:
                connection.outbox.append(question.line(connection))

    def _listeners(self, thread_id: str | None) -> list[Connection]:
        if thread_id is None:
            return [connection for connection in self._fanout.connections if connection.is_initialized]
        return self._fanout.subscribers(thread_id)


def _decode(method: Method[Any, R], message: dict[str, Any]) -> R:
    if "error" in message:
        error = message["error"]
        raise NoAnswer(str(error.get("message", "")) if isinstance(error, dict) else "")
    try:
        return method.result.model_validate(message.get("result"))
    except ValidationError as error:
        raise UnreadableAnswer(f"the answer does not fit {method.name}: {error.error_count()} errors") from None


def _camel(model: type[Record], name: str) -> str:
    generator: Callable[[str], str] | Any = model.model_config.get("alias_generator")
    return generator(name) if callable(generator) else name
