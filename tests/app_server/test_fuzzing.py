"""Whatever bytes come, over stdio or a websocket: nothing breaks, nothing hangs, and each request gets one answer."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app_server.handshake import read_plain
from app_server.methods import find_route
from app_server.server import Server
from app_server.tasks import Tasks
from protocol.methods import CLIENT_REQUESTS_BY_NAME
from tests.app_server.support import Started, bare_server, quiet_home
from tests.support.fuzzing import UPGRADE, check_frames, check_lines

VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=5), st.just("/"), st.just("local")
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)
IDS = st.one_of(st.integers(0, 9), st.text(max_size=3), VALUES)
CUTS = st.lists(st.integers(1, 20), max_size=3)


def members(method: str) -> list[str]:
    """The names of a method's params on the wire."""
    route = find_route(method)
    params = None if route is None else route.method.params
    return [] if params is None else [field.alias or name for name, field in params.model_fields.items()]


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """A line that asks for a method of the protocol, with params that are right by chance."""
    method = draw(st.sampled_from(sorted(CLIENT_REQUESTS_BY_NAME)))
    names = st.sampled_from(members(method) or ["x"])
    message: dict[str, Any] = {"id": draw(IDS), "method": method}
    if draw(st.integers(0, 9)):
        message["params"] = draw(st.one_of(st.dictionaries(names, VALUES, max_size=4), VALUES))
    return json.dumps(message, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


LINES = st.lists(
    st.one_of(requests(), st.binary(max_size=30), VALUES.map(lambda value: json.dumps(value).encode()), st.just(b"{" * 5000)),
    max_size=6,
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Started]]:
    home, started, tasks = quiet_home(tmp_path_factory.mktemp("fuzz")), Started(), Tasks()
    server = bare_server(home, tasks=tasks)
    tasks.run_with(started)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home.work)
        yield server, started


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(lines=LINES, ending=st.sampled_from([b"", b"\n", b"\r\n"]), cuts=CUTS)
@example(lines=[b'{"id":1,"method":"initialize","params":{}}', b"\xff"], ending=b"\n", cuts=[3])
def test_each_request_among_any_lines_gets_one_answer(
    running: tuple[Server, Started], lines: list[bytes], ending: bytes, cuts: list[int]
) -> None:
    server, started = running
    check_lines(server, started, b"\n".join(lines) + ending, cuts)


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=200), cuts=CUTS)
@example(data=b"\x81\xfe\xff\xff" + b"a" * 100, cuts=[1])
@example(data=b"\x81\xff" + b"\xff" * 8 + b"mask", cuts=[])
def test_any_frames_are_messages_or_the_end(data: bytes, cuts: list[int]) -> None:
    for message in check_frames(data, cuts):
        assert isinstance(message, bytes)


@settings(max_examples=200, deadline=None)
@given(place=st.integers(0, len(UPGRADE) - 1), junk=st.binary(min_size=1, max_size=20), cuts=CUTS)
def test_any_request_for_a_websocket_is_answered_or_ends(place: int, junk: bytes, cuts: list[int]) -> None:
    check_frames(UPGRADE[:place] + junk + UPGRADE[place:], cuts, is_open=False)


@pytest.mark.parametrize("line", [b"[" * 5000, b'{"a":' * 5000, b'{"id":1,"method":"initialize","params":' + b"[" * 5000])
def test_a_first_line_that_is_nested_too_deep_is_passed_over(line: bytes) -> None:
    assert read_plain(line) is None
