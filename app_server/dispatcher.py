"""From a line to its handler: envelope, method, params, gates, scope, answer. Knows no method by name.

It is free of input and output: `receive` takes a line and everything it causes ends in an outbox, in a task, or in
the handler's services. So the same code serves a client before the event loop exists, over stdio, and in tests.
Source: spec/server.md sections 2 to 5.
"""

import json
import logging
import secrets
from collections.abc import Callable, Coroutine
from typing import Any, Generic, Protocol, TypeVar

from pydantic_core import from_json

from app_server import encode
from app_server.connection import Connection, NotUtf8
from app_server.core.errors import INTERNAL_ERROR, OVERLOADED, CallerError
from app_server.gating import ExperimentalGate
from app_server.routing import LATER, Context, Handler, Route, Scopes
from app_server.tasks import Tasks
from app_server.validation import decode, unknown_method
from protocol.methods import CLIENT_REQUESTS_BY_NAME

log = logging.getLogger(__name__)
S = TypeVar("S")


class Answers(Protocol):
    """Where the client's answers to our own questions go."""

    def resolve(self, request_id: Any, message: dict[str, Any]) -> None:
        """The client has answered; unknown ids are ignored."""
        ...


class Dispatcher(Generic[S]):
    """Takes lines in their order; runs what they ask."""

    def __init__(
        self, services: S, find_route: Callable[[str], Route[S] | None], answers: Answers, tasks: Tasks, scopes: Scopes
    ) -> None:
        self._services = services
        self._find_route = find_route
        self._answers = answers
        self._tasks = tasks
        self._scopes = scopes
        self._gate = ExperimentalGate()

    def receive(self, connection: Connection, line: bytes) -> None:
        """One line of a client. Raises: NotUtf8."""
        try:
            message = from_json(line)
        except ValueError as error:
            self._complain(line, error)
            return
        if not isinstance(message, dict):
            return
        request_id: Any = message.get("id")
        method = message.get("method")
        if method is None:
            if "id" in message:
                self._answers.resolve(request_id, message)
            return
        if isinstance(method, str) and _is_request_id(request_id) and not _has_two_ids(line):
            self._request(connection, request_id, method, message)

    def _complain(self, line: bytes, error: ValueError) -> None:
        if not line.strip():
            return
        try:
            line.decode()
        except UnicodeDecodeError:
            log.error("a line that is not UTF-8 ends the connection")
            raise NotUtf8 from None
        log.error("a line that is not JSON was ignored: %s", error)

    def _request(self, connection: Connection, request_id: str | int, method: str, message: dict[str, Any]) -> None:
        try:
            row = CLIENT_REQUESTS_BY_NAME.get(method)
            route = self._find_route(method) if row is not None else None
            if row is None or route is None:
                raise unknown_method(method)
            params = decode(route.method, message)
            self._gate.check(connection, row, route, params, message.get("params"))
            if connection.requests == connection.most_requests:
                raise CallerError("Server overloaded; retry later.", code=OVERLOADED, reason="server_overloaded")
        except CallerError as error:
            _fail(connection, request_id, error)
            return
        except Exception:  # the request's boundary: our bug ends this request, never the server
            _fail(connection, request_id, internal(method))
            return
        connection.requests += 1

        def answer(result: Any) -> None:
            connection.requests -= 1
            connection.outbox.append(encode.response(request_id, result))

        context = Context(self._services, connection, method, answer, request_id)
        key = scope_key(row.scope, params, connection)
        if key is None:
            self._run(route, context, params, request_id, None)
        else:
            self._scopes.enter(
                key, lambda: self._run(route, context, params, request_id, key), is_shared=row.scope.endswith("-shared")
            )

    def _run(self, route: Route[S], context: Context[S], params: Any, request_id: str | int, key: object) -> bool:
        """Run the handler, at once if it is a plain function. Returns whether it is done.

        A plain function may return a coroutine for those of its requests that have to wait; it runs as a task then.
        """
        if route.is_async:
            self._tasks.start_soon(self._run_task, route.handler, context, params, request_id, key)
            return False
        try:
            result = route.handler(context, params)
            if isinstance(result, Coroutine):
                self._tasks.start_soon(self._run_task, lambda *_: result, context, params, request_id, key)
                return False
            if result is not LATER and not context.has_replied:
                context.reply(result)
        except CallerError as error:
            _fail_unless_answered(context, request_id, error)
        except Exception:  # the request's boundary, as above
            _fail_unless_answered(context, request_id, internal(context.method))
        return True

    async def _run_task(
        self, handler: Handler[S, Any], context: Context[S], params: Any, request_id: str | int, key: object
    ) -> None:
        try:
            result = await handler(context, params)
            if result is not LATER and not context.has_replied:
                context.reply(result)
        except CallerError as error:
            _fail_unless_answered(context, request_id, error)
        except Exception:  # the request's boundary, as above
            _fail_unless_answered(context, request_id, internal(context.method))
        finally:
            if key is not None:
                self._scopes.leave(key)


def scope_key(scope: str, params: Any, connection: Connection) -> object:
    """What a request is ordered by; None: by nothing."""
    if scope == "none":
        return None
    member = SCOPE_MEMBERS.get(scope)
    if member is None:
        return scope.removesuffix("-shared")
    value = next((found for name in member if (found := getattr(params, name, None))), None)
    if value is None:
        return None
    return (scope, id(connection), value) if scope in PER_CONNECTION else (scope, value)


SCOPE_MEMBERS = {
    "thread": ("thread_id", "path"),
    "command": ("process_id",),
    "process": ("process_handle",),
    "watch": ("watch_id",),
    "search-session": ("session_id",),
    "oauth": ("name",),
}
PER_CONNECTION = frozenset({"command", "process", "watch"})


def internal(method: str) -> CallerError:
    """Our own bug, told to the client by an id that the log has too."""
    mark = secrets.token_hex(4)
    log.exception("internal error %s in %s", mark, method)
    return CallerError(f"internal error {mark}; the server's log has the details", reason="internal", code=INTERNAL_ERROR)


def _fail_unless_answered(context: Context[Any], request_id: str | int, error: CallerError) -> None:
    """A request has one answer; what goes wrong after it is for the log."""
    if context.has_replied:
        log.error("%s was answered already when this came up: %s", context.method, error.message)
    else:
        context.connection.requests -= 1
        _fail(context.connection, request_id, error)


def _fail(connection: Connection, request_id: str | int, error: CallerError) -> None:
    data = {"reason": error.reason, **error.data}
    if error.remedy:
        data.setdefault("remedy", error.remedy)
    connection.outbox.append(encode.failure(request_id, error.code, error.message, data))


def _has_two_ids(line: bytes) -> bool:
    """Whether the message itself has two ids, so that nobody can tell which one an answer should have."""
    if line.count(b'"id"') < 2:
        return False
    found: list[list[tuple[str, Any]]] = []
    json.loads(line, object_pairs_hook=found.append, parse_int=str, parse_float=str)
    return sum(name == "id" for name, _ in found[-1]) > 1


def _is_request_id(value: Any) -> bool:
    return type(value) is str or (type(value) is int and -(2**63) <= value < 2**63)
