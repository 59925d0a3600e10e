"""The test client, held against a pipe that the test plays the server on, and against small programs."""

import json
import signal
import sys
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from tests.support.client import RpcError, ServerClosed, connected
from tests.support.home import Home
from tests.support.process import spawned


class Played:
    """A pipe whose far end is this test: what the client sends is kept, what it gets was put in before."""

    def __init__(self, *chunks: bytes, is_open: bool = True) -> None:
        self.chunks = list(chunks)
        self.sent: list[Any] = []
        self.is_open = is_open

    async def receive(self) -> bytes:
        if not self.chunks and self.is_open:
            await anyio.sleep_forever()
        return self.chunks.pop(0) if self.chunks else b""

    async def send(self, data: bytes) -> None:
        self.sent += map(json.loads, data.splitlines())


def line(message: dict[str, Any]) -> bytes:
    return json.dumps(message).encode() + b"\n"


def said(method: str, **params: Any) -> bytes:
    return line({"method": method, "params": params, "emittedAtMs": 1})


async def test_a_result_is_found_by_its_id_whatever_comes_before() -> None:
    pipe = Played(said("note"), line({"id": "1", "result": "of a string id"}), line({"id": 1, "result": {"ok": True}}))
    async with connected(pipe) as client:
        assert await client.request("ask", {"a": 1}) == {"ok": True}
        await client.notify("told", None)
        assert pipe.sent == [{"id": 1, "method": "ask", "params": {"a": 1}}, {"method": "told"}]
        assert await client.response("1") == "of a string id"


async def test_an_error_answer_is_raised_with_its_parts() -> None:
    async with connected(Played(line({"error": {"code": -32600, "message": "no", "data": {"reason": "r"}}, "id": 1}))) as client:
        with pytest.raises(RpcError) as caught:
            await client.request("ask")
    assert (caught.value.code, caught.value.message, caught.value.data) == (-32600, "no", {"reason": "r"})


async def test_a_line_may_come_in_pieces_and_several_at_once() -> None:
    whole = said("first") + said("second", text="ä")
    async with connected(Played(whole[:20], whole[20:-9], whole[-9:])) as client:
        assert (await client.next_message())["method"] == "first"
        assert await client.wait_notification("second") == {"text": "ä"}


async def test_waiting_reads_on_and_so_also_checks_the_order() -> None:
    pipe = Played(said("a", n=1), said("b"), said("a", n=2, turn={"status": "done"}), said("a", n=3, turn={"status": "failed"}))
    async with connected(pipe, deadline_s=0.05) as client:
        assert await client.wait_notification("a", turn__status="failed") == {"n": 3, "turn": {"status": "failed"}}
        with pytest.raises(TimeoutError, match=r"b  did not come within 0\.05 s; 4 messages came"):
            await client.wait_notification("b")
        assert client.methods() == ["a", "b", "a", "a"]
        assert client.methods(n=2) == ["a"]


async def test_a_server_request_is_answered_under_its_id() -> None:
    pipe = Played(line({"method": "may/I", "id": 0, "params": {"x": 1}}), line({"method": "and/this", "id": 1, "params": {}}))
    async with connected(pipe) as client:
        await client.answer(await client.wait_request("may/I", x=1), {"decision": "accept"})
        await client.refuse(await client.wait_request("and/this"), -32000, "no")
    assert pipe.sent == [{"id": 0, "result": {"decision": "accept"}}, {"id": 1, "error": {"code": -32000, "message": "no"}}]


async def test_the_end_of_the_connection_ends_every_wait() -> None:
    async with connected(Played(said("last"), is_open=False)) as client:
        await client.wait_closed()
        assert (await client.next_message())["method"] == "last"
        with pytest.raises(ServerClosed, match="before the answer to request 1 came"):
            await client.request("ask")


@pytest.mark.parametrize("junk", [b"print!\n", b"[1]\n", b'{"method":"torn'])
async def test_a_line_that_is_no_message_fails_the_test(junk: bytes) -> None:
    with pytest.raises((AssertionError, ValueError)):
        async with connected(Played(junk, is_open=False)) as client:
            await client.wait_closed()


ECHO = """
import json, os, sys
print("started in", os.getcwd(), file=sys.stderr, flush=True)
for line in sys.stdin:
    message = json.loads(line)
    print(json.dumps({"id": message["id"], "result": [message["params"], os.environ["CODEX_HOME"]]}), flush=True)
"""


def program(text: str) -> list[str]:
    return [sys.executable, "-c", text]


async def test_a_spawned_server_runs_in_its_home_and_ends_with_its_input(home: Callable[..., Home]) -> None:
    place = home("http://127.0.0.1:9/v1")
    async with spawned(program(ECHO), place) as client:
        assert await client.request("ask", {"a": "b"}) == [{"a": "b"}, str(place.codex_home)]
        assert f"started in {place.work}" in client.process.log_text()
    assert await client.process.wait_exit() == 0


async def test_a_server_that_ends_badly_fails_the_test(home: Callable[..., Home]) -> None:
    with pytest.raises(AssertionError, match="ended with code 3"):
        async with spawned(program("import sys; sys.stdin.read(); sys.exit(3)"), home("http://127.0.0.1:9/v1")):
            pass


async def test_a_server_may_be_ended_by_a_signal_that_the_test_sends(home: Callable[..., Home]) -> None:
    async with spawned(program(ECHO), home("http://127.0.0.1:9/v1")) as client:
        await client.request("ask")
        client.process.send_signal(signal.SIGTERM)
        assert await client.process.wait_exit() == -signal.SIGTERM
