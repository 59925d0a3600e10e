"""From a line to its handler and back: ids, malformed lines, scopes, errors, and our own bugs."""

import logging
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from app_server.connection import Connection, NotUtf8
from app_server.core.errors import CallerError
from app_server.dispatcher import SCOPE_MEMBERS, Dispatcher, scope_key
from app_server.routing import Context, Route, Scopes, route
from app_server.tasks import Tasks
from protocol.base import Method
from protocol.methods import CLIENT_REQUESTS
from tests.app_server.support import Started, line, said

OK = b'{"ok":true}'


def protocol_method(name: str) -> Method[Any, Any]:
    """A row of the protocol with its models."""
    family = next(row.family for row in CLIENT_REQUESTS if row.name == name)
    return next(method for method in import_module(f"protocol.{family}").METHODS if method.name == name)


class Desk:
    """A dispatcher with handlers of the test's own, one client, and what they said."""

    def __init__(self, **handlers: Callable[..., Any]) -> None:
        self.tasks, self.started = Tasks(), Started()
        self.tasks.run_with(self.started)
        self.answers: list[tuple[Any, Any]] = []
        self.handlers = handlers
        self.dispatcher: Dispatcher[str] = Dispatcher("services", self._find, self, self.tasks, Scopes())
        self.client = Connection()
        self.client.initialize("c", True, [])

    def _find(self, name: str) -> Route[str] | None:
        handler = self.handlers.get(name.replace("/", "_"))
        return route(protocol_method(name), handler) if handler is not None else None

    def resolve(self, request_id: Any, message: dict[str, Any]) -> None:
        self.answers.append((request_id, message))

    def send(self, **message: Any) -> list[Any]:
        """What comes back at once."""
        return self.send_line(line(**message))

    def send_line(self, data: bytes) -> list[Any]:
        self.dispatcher.receive(self.client, data)
        return said(self.client)

    def ask(self, method: str, params: Any = None, id: Any = 1) -> list[Any]:
        return self.send(id=id, method=method, params={} if params is None else params)


def answer_ok(context: Context[str], params: Any) -> bytes:
    assert context.services == "services"
    return OK


def test_the_answer_has_the_id_of_the_request_with_its_type() -> None:
    desk = Desk(thread_loaded_list=answer_ok)
    for id in (0, "0", "", -1, 2**63 - 1, -(2**63), "ü"):
        (answer,) = desk.ask("thread/loaded/list", id=id)
        assert answer == {"id": id, "result": {"ok": True}}
        assert type(answer["id"]) is type(id)


@pytest.mark.parametrize("id", [None, True, False, 1.0, 1.5, 2**63, -(2**63) - 1, [], {}])
def test_a_request_whose_id_is_none_gets_no_answer(id: Any) -> None:
    desk = Desk(thread_loaded_list=answer_ok)
    assert desk.ask("thread/loaded/list", id=id) == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"  \t\r",
        b"{not json",
        b'{"id":1',
        b"[]",
        b'[{"id":1,"method":"thread/loaded/list","params":{}}]',
        b"42",
        b'"x"',
        b"null",
        b"{}",
        b'{"id":1,"method":5,"params":{}}',
        b'{"method":"thread/loaded/list","params":{}}',
        b'{"method":"no/such"}',
        b'{"id":1,"id":2,"method":"thread/loaded/list","params":{}}',
        b'{"id":1,"method":"thread/loaded/list","params":{}}{}',
        b'\xef\xbb\xbf{"id":1,"method":"thread/loaded/list","params":{}}',
        b'{"id":"\\ud800","method":"thread/loaded/list","params":{}}',
        b"[" * 100_000,
    ],
)
def test_a_line_that_is_no_request_gets_no_answer_and_the_next_one_is_served(data: bytes) -> None:
    desk = Desk(thread_loaded_list=answer_ok)
    assert desk.send_line(data) == []
    assert desk.ask("thread/loaded/list") == [{"id": 1, "result": {"ok": True}}]


def test_ids_inside_the_params_are_nobody_s_business() -> None:
    desk = Desk(thread_loaded_list=answer_ok)
    many = b'{"id":1,"method":"thread/loaded/list","params":{"id":1,"x":[{"id":2,"id":%s}]}}' % (b"9" * 400)
    assert desk.send_line(many) == [{"id": 1, "result": {"ok": True}}]


@pytest.mark.parametrize(("data", "is_told"), [(b"", False), (b" \r", False), (b"{not json", True)])
def test_a_line_that_is_not_json_is_told_in_the_log_and_a_blank_one_is_not(
    data: bytes, is_told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    Desk().send_line(data)
    assert ("not JSON" in caplog.text) is is_told


def test_blanks_around_a_request_and_a_jsonrpc_member_do_no_harm() -> None:
    desk = Desk(thread_loaded_list=answer_ok)
    (answer,) = desk.send_line(b' {"jsonrpc":"2.0","id":1,"method":"thread/loaded/list","params":{},"trace":{}} \r')
    assert answer == {"id": 1, "result": {"ok": True}}


def test_a_line_that_is_not_utf8_is_told_to_the_caller() -> None:
    with pytest.raises(NotUtf8):
        Desk().send_line(b'{"id":1,"method":"\xff"}')


def test_what_is_no_request_and_has_an_id_is_an_answer_to_us() -> None:
    desk = Desk()
    assert desk.send(id=0, result={"x": 1}) == desk.send(id="0", error={}) == desk.send(id=None) == []
    assert desk.answers == [
        (0, {"id": 0, "result": {"x": 1}}),
        ("0", {"id": "0", "error": {}}),
        (None, {"id": None}),
    ]


def test_an_object_with_method_and_result_is_a_request() -> None:
    desk = Desk(thread_loaded_list=answer_ok)
    assert desk.send(id=1, method="thread/loaded/list", params={}, result={}) == [{"id": 1, "result": {"ok": True}}]
    assert desk.answers == []


def test_an_unknown_method_is_told_all_that_there_are() -> None:
    (answer,) = Desk().ask("no/such")
    assert answer["error"]["code"] == -32600
    assert answer["error"]["message"].startswith(
        "Invalid request: unknown variant `no/such`, expected one of `initialize`, `server/diagnostics`"
    )
    assert answer["error"]["message"].count("`") == 2 * (len(CLIENT_REQUESTS) + 1)
    assert answer["error"]["data"]["reason"] == "unknown_method"


def test_a_method_without_handler_is_unknown() -> None:
    (answer,) = Desk().ask("thread/loaded/list")
    assert answer["error"]["data"]["reason"] == "unknown_method"


def test_mistakes_are_found_before_the_handshake_is_missed_and_the_handshake_before_the_capability() -> None:
    desk = Desk(turn_interrupt=answer_ok, collaborationMode_list=answer_ok)
    desk.client = Connection()
    reasons = [
        desk.ask("turn/interrupt")[0]["error"]["data"]["reason"],
        desk.ask("turn/interrupt", {"threadId": "t", "turnId": "u"})[0]["error"]["data"]["reason"],
        desk.ask("collaborationMode/list")[0]["error"]["data"]["reason"],
    ]
    desk.client.initialize("c", False, [])
    reasons.append(desk.ask("collaborationMode/list")[0]["error"]["data"]["reason"])
    assert reasons == ["missing_field", "not_initialized", "not_initialized", "experimental_required"]


@pytest.mark.parametrize("is_experimental", [True, False])
@pytest.mark.parametrize("members", [{}, {"params": None}, {"params": {}}])
def test_a_method_without_params_may_be_sent_with_none(members: dict[str, Any], is_experimental: bool) -> None:
    for name, key in (("account/logout", "account_logout"), ("account/rateLimits/read", "account_rateLimits_read")):
        desk = Desk(**{key: answer_ok})
        desk.client.initialize("c", is_experimental, [])
        assert desk.send(id=1, method=name, **members) == [{"id": 1, "result": {"ok": True}}]


def test_a_method_without_params_refuses_some() -> None:
    (answer,) = Desk(account_logout=answer_ok).ask("account/logout", {"a": 1})
    assert answer["error"]["message"] == "Invalid request: invalid type: map, expected unit"


@pytest.mark.parametrize("members", [{}, {"params": None}])
def test_any_other_method_needs_them(members: dict[str, Any]) -> None:
    (answer,) = Desk(thread_loaded_list=answer_ok).send(id=1, method="thread/loaded/list", **members)
    assert answer["error"]["message"] == "Invalid request: missing field `params`"


def test_an_error_carries_the_caller_s_code_text_reason_and_data() -> None:
    def refuse(context: Context[str], params: Any) -> bytes:
        raise CallerError("no", code=-32602, reason="too_much", data={"max": 1}, remedy="less")

    (answer,) = Desk(thread_loaded_list=refuse).ask("thread/loaded/list")
    data = {"reason": "too_much", "max": 1, "remedy": "less"}
    assert answer == {"error": {"code": -32602, "message": "no", "data": data}, "id": 1}


def raise_our_bug(*_: Any) -> Any:
    raise ZeroDivisionError("the secret details")


async def raise_our_bug_later(context: Context[str], params: Any) -> bytes:
    return raise_our_bug()  # type: ignore[no-any-return]


def check_internal(answer: Any, caplog: pytest.LogCaptureFixture) -> None:
    error = answer["error"]
    assert (error["code"], error["data"]) == (-32603, {"reason": "internal"})
    mark = error["message"].split()[2].rstrip(";")
    assert len(mark) == 8
    assert "secret" not in error["message"]
    assert mark in caplog.text
    assert "the secret details" in caplog.text


async def test_our_bug_ends_its_request_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk(turn_interrupt=raise_our_bug, turn_steer=raise_our_bug_later, thread_loaded_list=answer_ok)
    with caplog.at_level(logging.ERROR):
        (answer,) = desk.ask("turn/interrupt", {"threadId": "t", "turnId": "u"})
        check_internal(answer, caplog)
        caplog.clear()
        assert desk.ask("turn/steer", {"threadId": "t", "expectedTurnId": "u", "input": []}) == []
        await desk.started.run_next()
        (answer,) = said(desk.client)
        check_internal(answer, caplog)
    assert desk.ask("thread/loaded/list") == [{"id": 1, "result": {"ok": True}}]
    assert desk.ask("turn/interrupt", {"threadId": "t", "turnId": "u"})[0]["error"]["code"] == -32603, "its scope was left"


def test_our_bug_before_the_handler_ends_its_request_and_nothing_else(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(thread_loaded_list=answer_ok)
    monkeypatch.setattr(desk.dispatcher, "_find_route", raise_our_bug)
    with caplog.at_level(logging.ERROR):
        (answer,) = desk.ask("thread/loaded/list")
        check_internal(answer, caplog)


def test_a_handler_may_answer_before_its_effects_are_announced() -> None:
    def act(context: Context[str], params: Any) -> None:
        context.reply(OK)
        context.connection.outbox.append(b'{"method":"effect"}\n')

    assert Desk(thread_loaded_list=act).ask("thread/loaded/list") == [{"id": 1, "result": {"ok": True}}, {"method": "effect"}]


def test_a_handler_that_says_nothing_has_answered_with_an_empty_object() -> None:
    assert Desk(thread_loaded_list=lambda context, params: None).ask("thread/loaded/list") == [{"id": 1, "result": {}}]


def test_a_bug_after_the_answer_does_not_undo_it(caplog: pytest.LogCaptureFixture) -> None:
    def act(context: Context[str], params: Any) -> None:
        context.reply(OK)
        raise_our_bug()

    with caplog.at_level(logging.ERROR):
        answers = Desk(thread_loaded_list=act).ask("thread/loaded/list")
    assert answers == [{"id": 1, "result": {"ok": True}}]
    assert "the secret details" in caplog.text


async def test_requests_of_one_thread_take_effect_in_the_order_sent_and_others_overtake() -> None:
    done: list[str] = []

    async def slow(context: Context[str], params: Any) -> bytes:
        done.append(f"slow {params.thread_id}")
        return OK

    def quick(context: Context[str], params: Any) -> bytes:
        done.append(f"quick {getattr(params, 'thread_id', None)}")
        return OK

    desk = Desk(turn_steer=slow, turn_interrupt=quick, thread_loaded_list=quick)
    steer = {"expectedTurnId": "u", "input": []}
    desk.ask("turn/steer", {"threadId": "a", **steer})
    desk.ask("turn/interrupt", {"threadId": "a", "turnId": "u"})
    desk.ask("turn/steer", {"threadId": "b", **steer})
    desk.ask("turn/interrupt", {"threadId": "c", "turnId": "u"})
    desk.ask("thread/loaded/list")
    assert done == ["quick c", "quick None"]
    while desk.started.waiting:
        await desk.started.run_next()
    assert done == ["quick c", "quick None", "slow a", "quick a", "slow b"]


async def test_a_plain_handler_may_wait_after_all() -> None:
    async def later() -> bytes:
        return OK

    desk = Desk(turn_interrupt=lambda context, params: later(), turn_steer=answer_ok)
    assert desk.ask("turn/interrupt", {"threadId": "a", "turnId": "u"}) == []
    assert desk.ask("turn/steer", {"threadId": "a", "expectedTurnId": "u", "input": []}, id=2) == []
    await desk.started.run_next()
    assert [answer["id"] for answer in said(desk.client)] == [1, 2]


def test_every_scope_finds_its_member_in_the_params_of_its_methods() -> None:
    checked = 0
    for row in CLIENT_REQUESTS:
        members = SCOPE_MEMBERS.get(row.scope)
        if members is not None:
            params: Any = protocol_method(row.name).params
            assert any(member in params.model_fields for member in members), row
            checked += 1
    assert checked > 50


def test_what_a_request_is_ordered_by() -> None:
    class Params:
        thread_id = "t"
        process_id = "p"
        path = "/p"

    class ByPath:
        thread_id = None
        path = "/p"

    one, two = Connection(), Connection()
    assert scope_key("none", Params, one) is None
    assert scope_key("thread", Params, one) == scope_key("thread", Params, two) == ("thread", "t")
    assert scope_key("thread", ByPath, one) == ("thread", "/p")
    assert scope_key("oauth", ByPath, one) is None
    assert scope_key("config", Params, one) == scope_key("config-shared", Params, two)
    assert scope_key("command", Params, one) != scope_key("command", Params, two)
