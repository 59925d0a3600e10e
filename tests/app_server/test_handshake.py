"""The handshake's short cut says what the pydantic models say, and leaves to them whatever it is not sure about."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app_server import handshake
from app_server.connection import Connection, NotUtf8
from app_server.identity import Identity
from tests.app_server.support import bare_server, quiet_home
from tests.support.home import Home

INFO = {"name": "a client", "title": "A client", "version": "1.0"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return quiet_home(tmp_path_factory.mktemp("handshake"))


def by_the_short_cut(home: Home, line: bytes) -> tuple[bytes, Connection] | None:
    """The answer to a first line, if it is plain."""
    hello = handshake.read_plain(line)
    if hello is None:
        return None
    connection = Connection()
    return handshake.answer_plain(connection, Identity(home.environment), str(home.codex_home), hello), connection


def by_the_models(home: Home, line: bytes) -> tuple[bytes, Connection]:
    """The answer that the dispatcher gives to the same line."""
    server, connection = bare_server(home), Connection()
    server.open(connection)
    server.receive(connection, line)
    return connection.outbox.take().partition(b"\n")[0] + b"\n", connection


def state(connection: Connection) -> tuple[object, ...]:
    return connection.is_initialized, connection.client_name, connection.is_experimental, connection.opted_out


def params(**capabilities: Any) -> dict[str, Any]:
    return {"clientInfo": INFO, "capabilities": capabilities}


PLAIN: list[dict[str, Any]] = [
    {"id": 1, "method": "initialize", "params": {"clientInfo": {"name": "x", "version": "1"}}},
    {"id": "", "method": "initialize", "params": {"clientInfo": INFO, "capabilities": None}},
    {"jsonrpc": "2.0", "id": -(2**63), "method": "initialize", "params": params()},
    {"id": 1, "method": "initialize", "params": params(experimentalApi=True, optOutNotificationMethods=["thread/started"])},
    {"id": 1, "method": "initialize", "params": params(requestAttestation=True, optOutNotificationMethods=None)},
    {
        "id": 1,
        "method": "initialize",
        "params": {"clientInfo": {"name": "\t ü €", "version": "", "title": None, "more": 1}, "x": 1},
    },
]


@pytest.mark.parametrize("message", PLAIN)
def test_what_clients_send_takes_the_short_cut_and_gets_the_same_answer(home: Home, message: dict[str, Any]) -> None:
    line = json.dumps(message, ensure_ascii=False).encode()
    short = by_the_short_cut(home, line)
    assert short is not None
    full = by_the_models(home, line)
    assert short[0] == full[0]
    assert state(short[1]) == state(full[1])
    assert short[1].is_initialized


NOT_PLAIN = [
    b"",
    b"{",
    b"[]",
    b'{"id":1,"method":"model/list","params":{}}',
    b'{"method":"initialize","params":{"clientInfo":{"name":"x","version":"1"}}}',
    b'{"id":true,"method":"initialize","params":{"clientInfo":{"name":"x","version":"1"}}}',
    b'{"id":9223372036854775808,"method":"initialize","params":{"clientInfo":{"name":"x","version":"1"}}}',
    b'{"id":1,"method":"initialize","params":{"clientInfo":{"name":"two\\nlines","version":"1"}}}',
    b'{"id":1,"method":"initialize","params":{"clientInfo":{"name":"\\ud800","version":"1"}}}',
    b'{"id":1,"method":"initialize","params":{"clientInfo":{"name":"x"}}}',
    b'{"id":1,"method":"initialize","params":{"clientInfo":{"name":"x","version":1}}}',
    b'{"id":1,"method":"initialize","params":{"clientInfo":{"name":"x","version":"1"},"capabilities":[]}}',
    b'{"id":1,"method":"initialize","params":{"clientInfo":{"name":"x","version":"1"},"capabilities":{"experimentalApi":1}}}',
    b'{"id":1,"method":"initialize","params":{"clientInfo":{"name":"x","version":"1"},"capabilities":{"extensions":{}}}}',
    b'{"id":1,"method":"initialize","trace":{},"params":{"clientInfo":{"name":"x","version":"1"}}}',
    b'\xef\xbb\xbf{"id":1,"method":"initialize","params":{"clientInfo":{"name":"x","version":"1"}}}',
    '{"id":1,"method":"initialize","params":{"clientInfo":{"name":"x","version":"1"}}}'.encode("utf-16"),
    b'{"id":1,"method":"initialize","params":{"clientInfo":{"name":"\xff","version":"1"}}}',
]


@pytest.mark.parametrize("line", NOT_PLAIN)
def test_whatever_is_unusual_is_left_to_the_models(line: bytes) -> None:
    assert handshake.read_plain(line) is None


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5)
)
ODD = st.one_of(SCALARS, st.lists(SCALARS, max_size=2), st.dictionaries(st.text(max_size=3), SCALARS, max_size=2))


def member(*likely: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly what belongs there, sometimes anything."""
    return st.one_of(*likely, *likely, *likely, ODD)


CAPABILITIES = st.fixed_dictionaries(
    {},
    optional={
        "experimentalApi": member(st.booleans()),
        "requestAttestation": member(st.booleans()),
        "requiredHumanApproval": member(st.booleans()),
        "optOutNotificationMethods": member(st.none(), st.lists(st.text(max_size=5), max_size=3)),
        "extensions": member(st.none()),
        "unknown": ODD,
    },
)
CLIENT = st.fixed_dictionaries(
    {},
    optional={
        "name": member(st.text(max_size=8)),
        "version": member(st.text(max_size=4)),
        "title": member(st.none(), st.text(max_size=4)),
        "more": ODD,
    },
)
PARAMS = st.fixed_dictionaries({"clientInfo": member(CLIENT)}, optional={"capabilities": member(CAPABILITIES), "more": ODD})
MESSAGE = st.fixed_dictionaries(
    {"id": member(st.integers(-(2**63), 2**63 - 1), st.text(max_size=4)), "method": st.just("initialize")},
    optional={"params": member(PARAMS), "jsonrpc": ODD, "trace": st.none()},
)


@settings(max_examples=200, deadline=None)
@given(message=MESSAGE, is_ascii=st.booleans(), space=st.sampled_from(["", " ", "\r", "\t"]))
@example(message={**PLAIN[0], "jsonrpc": float(10**30)}, is_ascii=True, space=" ")
def test_the_short_cut_never_says_anything_else_than_the_models(
    home: Home, message: dict[str, Any], is_ascii: bool, space: str
) -> None:
    line = (space + json.dumps(message, ensure_ascii=is_ascii) + space).encode("utf-8", "surrogatepass")
    short = by_the_short_cut(home, line)
    if short is not None:
        full = by_the_models(home, line)
        assert short[0] == full[0]
        assert state(short[1]) == state(full[1])
    else:  # no line may end the server, whatever is wrong with it
        with suppress(NotUtf8):
            by_the_models(home, line)


def test_the_first_client_names_the_originator_and_the_newest_ends_the_user_agent() -> None:
    identity = Identity({"TERM_PROGRAM": "iTerm", "TERM_PROGRAM_VERSION": "3"})
    assert identity.originator == "codex_cli_rs"
    identity.greet("first", "1")
    identity.greet("second", "2")
    assert identity.originator == "first"
    assert identity.user_agent.startswith("first/0.169.0 (")
    assert identity.user_agent.endswith(") iTerm/3 (second; 2)")
    assert Identity({"CODEX_INTERNAL_ORIGINATOR_OVERRIDE": "mine"}).originator == "mine"


def test_the_installation_id_is_made_once(home: Home, tmp_path: Path) -> None:
    first, second = quiet_home(tmp_path / "a"), quiet_home(tmp_path / "b")
    (first.codex_home / "installation_id").write_text("11111111-1111-4111-8111-111111111111\n")
    assert bare_server(first).services.installation_id == "11111111-1111-4111-8111-111111111111"
    made = bare_server(second).services.installation_id
    assert (second.codex_home / "installation_id").read_text() == made
    assert bare_server(second).services.installation_id == made
