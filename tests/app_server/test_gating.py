"""What a client sees and may use before it opted into the experimental surface, held to what the reference answered."""

import importlib
import json
from pathlib import Path
from typing import Any, ClassVar

import pytest

from app_server.connection import Connection
from app_server.core.clock import Clock
from app_server.core.errors import CallerError
from app_server.fanout import Fanout
from app_server.gating import ExperimentalGate
from app_server.routing import Route
from app_server.validation import decode
from protocol.base import EXPERIMENTAL, Method, Notification
from protocol.methods import CLIENT_REQUESTS, CLIENT_REQUESTS_BY_NAME, SERVER_NOTIFICATIONS, Row

GATES = json.loads(Path(__file__).with_name("reference_gates.json").read_text("utf-8"))
"""Method, params, and what the reference says needs the capability, or null where it says nothing."""
EXPERIMENTAL_METHODS = [row for row in CLIENT_REQUESTS if row.is_experimental]


def method(row: Row) -> Method[Any, Any]:
    family = importlib.import_module(f"protocol.{row.family}")
    return next(each for each in family.METHODS if each.name == row.name)


def client(*, is_experimental: bool = False, opted_out: tuple[str, ...] = ()) -> Connection:
    connection = Connection()
    connection.initialize("tests", is_experimental, list(opted_out))
    return connection


def check(connection: Connection, name: str, raw: Any) -> None:
    row = CLIENT_REQUESTS_BY_NAME[name]
    route: Route[None] = Route(method(row), lambda _context, _params: None, is_async=False)
    ExperimentalGate().check(connection, row, route, decode(route.method, {"params": raw}), raw)


def refused(connection: Connection, name: str, raw: Any) -> CallerError | None:
    try:
        check(connection, name, raw)
    except CallerError as error:
        return error
    return None


def test_the_recordings_are_about_every_experimental_member() -> None:
    told = {descriptor for _, _, descriptor in GATES if descriptor}
    assert len(told) > 40
    for row in CLIENT_REQUESTS:
        model = method(row).params
        if row.is_experimental or model is None:
            continue
        for name, field in model.model_fields.items():
            if EXPERIMENTAL in field.metadata:
                generator: Any = model.model_config.get("alias_generator")
                assert f"{row.name}.{generator(name)}" in told


@pytest.mark.parametrize(("name", "params", "descriptor"), GATES, ids=[f"{i}-{each[0]}" for i, each in enumerate(GATES)])
def test_a_client_without_the_capability_is_refused_where_the_reference_refuses(
    name: str, params: Any, descriptor: str | None
) -> None:
    error = refused(client(), name, params)
    assert (error and error.message) == (descriptor and f"{descriptor} requires experimentalApi capability")


def test_a_refusal_names_the_member_and_says_what_to_do() -> None:
    error = refused(client(), "thread/start", {"permissions": ":workspace"})
    assert error is not None
    assert (error.code, error.reason, error.data["field"]) == (-32600, "experimental_required", "thread/start.permissions")
    assert set(error.data) == {"field", "expected"}
    assert error.remedy == "initialize with capabilities.experimentalApi = true"


@pytest.mark.parametrize(("name", "params"), [(name, params) for name, params, descriptor in GATES if descriptor])
def test_a_client_with_the_capability_is_not_refused(name: str, params: Any) -> None:
    check(client(is_experimental=True), name, params)


def test_there_are_experimental_methods() -> None:
    assert len(EXPERIMENTAL_METHODS) > 60


@pytest.mark.parametrize("row", EXPERIMENTAL_METHODS, ids=lambda row: row.name)
def test_an_experimental_method_is_refused_whatever_it_is_asked_with(row: Row) -> None:
    route: Route[None] = Route(method(row), lambda _context, _params: None, is_async=False)
    with pytest.raises(CallerError, match=f"^{row.name} requires experimentalApi capability$"):
        ExperimentalGate().check(client(), row, route, None, {})


def test_nothing_but_initialize_is_served_before_the_handshake() -> None:
    hello = {"clientInfo": {"name": "a", "version": "1"}}
    check(Connection(), "initialize", hello)
    for name in ("model/list", "mock/experimentalMethod"):
        with pytest.raises(CallerError) as caught:
            check(Connection(), name, {})
        assert (caught.value.message, caught.value.reason) == ("Not initialized", "not_initialized")


def announced(name: str, connection: Connection) -> bool:
    """Whether a client is sent a notification of that method."""

    class Said(Notification):
        method: ClassVar[str] = name

    fanout = Fanout(Clock())
    fanout.add(connection)
    fanout.send([connection], Said())
    return connection.outbox.take() != b""


@pytest.mark.parametrize("row", SERVER_NOTIFICATIONS, ids=lambda row: row.name)
def test_experimental_notifications_are_kept_from_clients_that_did_not_opt_in(row: Row) -> None:
    assert announced(row.name, client()) is not row.is_experimental
    assert announced(row.name, client(is_experimental=True))
    assert not announced(row.name, Connection())


def test_a_client_is_not_sent_what_it_opted_out_of_and_only_that() -> None:
    opted_out = ("thread/started", "thread/status", "turn/*", "no/such")
    for name, is_sent in {
        "thread/started": False,
        "thread/status/changed": True,
        "turn/started": True,
        "remoteControl/status/changed": True,
    }.items():
        assert announced(name, client(opted_out=opted_out)) is is_sent
    assert not announced("remoteControl/status/changed", client(opted_out=("remoteControl/status/changed",)))
