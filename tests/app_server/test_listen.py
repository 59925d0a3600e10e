"""A server that listens for websockets: several clients on its threads, clients that stall or go, and its ends."""

import json
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import anyio
import pytest
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus
from websockets.uri import parse_uri

from app_server import listen_client, listen_loop
from tests.support.client import Json, RpcError
from tests.support.home import make_home
from tests.support.noticing import noticing
from tests.support.process import started
from tests.support.provider import ScriptedProvider
from tests.support.websocket import WebSocketClient, dialed, joined, listening, listening_process

NOBODY = "http://127.0.0.1:9/v1"
FULL_ACCESS = {"approvalPolicy": "never", "sandbox": "danger-full-access"}
CALL = ["created", {"call": "exec_command", "arguments": {"cmd": "echo asked"}}, "completed"]
ANSWER = ["created", {"message": "Hello there"}, "completed"]
SLEEP = ["created", {"call": "exec_command", "arguments": {"cmd": "sleep 60"}}, "completed"]
ASKING = {"approvalPolicy": "untrusted", "sandbox": "danger-full-access"}


async def start_thread(client: WebSocketClient, **params: Any) -> str:
    thread: str = (await client.request("thread/start", {**FULL_ACCESS, **params}))["thread"]["id"]
    return thread


async def start_turn(client: WebSocketClient, thread: str) -> str:
    words = [{"type": "text", "text": "go"}]
    turn: str = (await client.request("turn/start", {"threadId": thread, "input": words}))["turn"]["id"]
    return turn


async def started_thread(client: WebSocketClient) -> str:
    """A thread that another client can join: one with a turn."""
    thread = await start_thread(client)
    await start_turn(client, thread)
    await client.wait_notification("turn/completed", turn__status="completed")
    return thread


async def join(client: WebSocketClient, thread: str) -> None:
    await client.request("thread/resume", {"threadId": thread, "excludeTurns": True})


def of_turns(messages: list[Json]) -> list[Json]:
    """The notifications that every listener of a thread gets, without what is only for those who join."""
    return [m for m in messages if str(m.get("method", "")).startswith(("turn/", "item/", "serverRequest/"))]


async def test_every_listener_gets_the_same_in_the_same_order(tmp_path: Path) -> None:
    async with (
        ScriptedProvider([ANSWER, ANSWER]) as provider,
        listening(make_home(tmp_path, provider.url)) as (_, url),
        joined(url) as first,
        joined(url, name="other") as second,
        joined(url, name="third") as third,
    ):
        thread = await start_thread(first)
        await start_turn(first, thread)
        await first.wait_notification("turn/completed")
        await join(second, thread)
        marks = [len(client.messages) for client in (first, second, third)]
        await start_turn(second, thread)
        for client in (first, second):
            await client.wait_notification("turn/completed", turn__status="completed")
        await third.wait_notification("thread/status/changed", status__type="idle")
        heard = [of_turns(c.messages[mark:]) for c, mark in zip((first, second, third), marks, strict=True)]
        assert next(m["method"] for m in heard[0]) == "turn/started"
        assert heard[0] == heard[1]
        assert heard[2] == []


async def test_a_question_goes_to_all_listeners_and_the_first_answer_counts(tmp_path: Path) -> None:
    async with (
        ScriptedProvider([CALL, ANSWER, CALL, ANSWER]) as provider,
        listening(make_home(tmp_path, provider.url)) as (_, url),
        joined(url) as first,
        joined(url, name="other") as second,
    ):
        thread = await start_thread(first, **ASKING)
        await start_turn(first, thread)
        asked = await first.wait_request("item/commandExecution/requestApproval")
        await join(second, thread)  # joins while the question is open, and is asked too
        again = await second.wait_request("item/commandExecution/requestApproval")
        assert again == asked
        await second.answer(again, {"decision": "accept"})
        for client in (first, second):
            resolved = await client.wait_notification("serverRequest/resolved", requestId=asked["id"])
            assert resolved["threadId"] == thread
        await first.answer(asked, {"decision": "decline"})  # too late
        done = await first.wait_notification("item/completed", item__type="commandExecution")
        assert (done["item"]["status"], done["item"]["aggregatedOutput"]) == ("completed", "asked\n")
        await first.wait_notification("turn/completed", turn__status="completed")
        await start_turn(first, thread)
        both = [await client.wait_request("item/commandExecution/requestApproval") for client in (first, second)]
        assert both[0] == both[1]
        assert both[0]["id"] == asked["id"] + 1
        await first.answer(both[0], {"decision": "accept"})
        await second.wait_notification("serverRequest/resolved", requestId=both[0]["id"])
        await second.wait_notification("turn/completed", turn__status="completed")


async def test_a_client_that_goes_ends_its_commands_and_not_its_turns(tmp_path: Path) -> None:
    gone = anyio.Event()
    script = [["created", gone, {"message": "Still here"}, "completed"]]
    async with (
        ScriptedProvider(script) as provider,
        listening(make_home(tmp_path, provider.url)) as (server, url),
        joined(url) as stays,
    ):
        with noticing(server, "close") as until:
            async with joined(url, name="goes") as goes:
                thread = await start_thread(goes)
                await start_turn(goes, thread)
                spawn = {"command": ["sleep", "60"], "processHandle": "p", "cwd": "/", "timeoutMs": None}
                await goes.request("process/spawn", spawn)
                (leaving,) = [each for each in server.services.fanout.connections if each.client_name == "goes"]
                assert thread in leaving.subscriptions
            await until(lambda: leaving not in server.services.fanout.connections)
        gone.set()
        await stays.wait_notification("thread/status/changed", status__type="idle")
        turns = (await stays.request("thread/resume", {"threadId": thread}))["thread"]["turns"]
        assert turns[-1]["items"][-1]["text"] == "Still here"
        assert leaving.subscriptions == set()
        with noticing(server.services.commands, "remove") as until:
            await until(lambda: server.services.commands.find(leaving, "process", "p", object) is None)


async def test_a_bad_message_is_not_understood_and_one_that_is_not_utf8_ends_the_connection(tmp_path: Path) -> None:
    async with listening(make_home(tmp_path, NOBODY)) as (_, url), joined(url) as client:
        await client.websocket.send('{"id":1,"method":"thread/loaded/list","params":{}}\n{"id":2}')
        await client.websocket.send(b'{"id":3,"method":"thread/loaded/list","params":{}}')
        assert await client.request("thread/loaded/list") == {"data": [], "nextCursor": None}
        assert not any(message.get("id") == 3 and "method" not in message for message in client.messages[:-1])
        await client.websocket.send(b"\xff", text=True)
        await client.wait_closed()
        assert client.websocket.close_code == 1007


async def test_two_connections_shake_hands_each_for_itself(tmp_path: Path) -> None:
    async with listening(make_home(tmp_path, NOBODY)) as (_, url), joined(url) as plain, dialed(url) as websocket:
        other = WebSocketClient(websocket)
        await other.send("thread/loaded/list")
        assert '"Not initialized"' in await websocket.recv()
        with pytest.raises(RpcError, match="Already initialized"):
            await plain.initialize()


async def test_beyond_the_limit_of_open_requests_the_next_are_refused(tmp_path: Path) -> None:
    with patch.object(listen_client, "MOST_REQUESTS", 3):
        async with listening(make_home(tmp_path, NOBODY)) as (_, url), joined(url) as client:
            ids = [await client.send("command/exec", {"command": ["sleep", "0.2"]}) for _ in range(4)]
            with pytest.raises(RpcError) as caught:
                await client.response(ids[3])
            assert (caught.value.code, caught.value.message) == (-32001, "Server overloaded; retry later.")
            assert caught.value.data == {"reason": "server_overloaded"}
            assert [(await client.response(id))["exitCode"] for id in ids[:3]] == [0, 0, 0]
            assert await client.request("command/exec", {"command": ["true"]})  # there is room again


FLOOD_TEXT = f"{'w' * 2000} " * 5_000
FLOOD = ["created", {"message": FLOOD_TEXT}, "completed"]
"""More than what the system itself keeps for a client that does not read."""


async def test_a_client_that_stalls_is_given_up_on_and_never_slows_the_rest(tmp_path: Path) -> None:
    async with ScriptedProvider([ANSWER, FLOOD]) as provider:
        with patch.object(listen_client, "LIMIT_BYTES", 1 << 16), patch.object(listen_client, "STALLED_S", 0.3):
            async with listening(make_home(tmp_path, provider.url)) as (server, url), joined(url) as quick:
                thread = await started_thread(quick)
                with await stalling(url, thread) as stalled, noticing(server, "close") as until:
                    (slow,) = [each for each in server.services.fanout.connections if each.client_name == "stalls"]
                    await start_turn(quick, thread)
                    await quick.wait_notification("turn/completed", turn__status="completed")
                    deltas = [m["params"]["delta"] for m in quick.messages if m.get("method") == "item/agentMessage/delta"]
                    assert "".join(deltas) == "Hello there" + FLOOD_TEXT
                    await until(lambda: slow not in server.services.fanout.connections)
                    assert (slow.outbox.size_bytes, slow.subscriptions) == (0, set())
                    rest = await anyio.to_thread.run_sync(read_all, stalled)
                    assert b"it has read nothing for" in rest[-100:]


async def test_a_turn_whose_only_client_stalls_waits_for_it_and_goes_on_without_it(tmp_path: Path) -> None:
    async with ScriptedProvider([ANSWER, FLOOD]) as provider:
        with patch.object(listen_client, "LIMIT_BYTES", 1 << 16), patch.object(listen_client, "STALLED_S", 0.3):
            async with listening(make_home(tmp_path, provider.url)) as (server, url), joined(url) as watcher:
                thread = await started_thread(watcher)
                with await stalling(url, thread):
                    await watcher.request("thread/unsubscribe", {"threadId": thread})
                    await start_turn(watcher, thread)
                    (slow,) = [each for each in server.services.fanout.connections if each.client_name == "stalls"]
                    with noticing(slow.outbox, "on_full") as until:
                        await until(lambda: slow.outbox.is_full)
                    assert slow.outbox.size_bytes < 1 << 18  # the turn waits
                    await watcher.wait_notification("thread/status/changed", status__type="active")
                    await watcher.wait_notification("thread/status/changed", status__type="idle")
                    assert slow not in server.services.fanout.connections


async def test_a_client_for_which_too_much_waits_is_given_up_on(tmp_path: Path) -> None:
    async with ScriptedProvider([ANSWER, FLOOD]) as provider:
        with patch.object(listen_client, "LIMIT_BYTES", 1 << 16), patch.object(listen_client, "MOST_BYTES", 1 << 19):
            async with listening(make_home(tmp_path, provider.url)) as (server, url), joined(url) as quick:
                thread = await started_thread(quick)
                with await stalling(url, thread):
                    (slow,) = [each for each in server.services.fanout.connections if each.client_name == "stalls"]
                    await start_turn(quick, thread)
                    await quick.wait_notification("turn/completed", turn__status="completed")
                    assert slow.outbox.is_closed


async def test_a_client_that_never_asks_for_a_websocket_is_not_kept(tmp_path: Path) -> None:
    with patch.object(listen_client, "HANDSHAKE_S", 0.05), patch.object(listen_client, "FAREWELL_S", 0.05):
        async with listening(make_home(tmp_path, NOBODY)) as (_, url):
            stream = await anyio.connect_tcp("127.0.0.1", port_of(url))
            async with stream:
                await stream.send(b"GET / HTTP/1.1\r\nHost: h\r\n")
                with anyio.fail_after(5), pytest.raises(anyio.EndOfStream):
                    await stream.receive()


async def test_turns_that_do_not_end_hold_the_end_up_only_for_a_while(tmp_path: Path) -> None:
    async with (
        ScriptedProvider([["created", "hang"]]) as provider,
        listening(make_home(tmp_path, provider.url)) as (server, url),
        joined(url) as client,
    ):
        thread = await start_thread(client)
        await start_turn(client, thread)
        await provider.wait_requests(1)
        with patch.object(listen_loop, "DRAIN_S", 0.05), anyio.fail_after(5):
            async with anyio.create_task_group() as group:
                group.start_soon(listen_loop.drained, server)
                await anyio.wait_all_tasks_blocked()
                signal.raise_signal(signal.SIGTERM)
        assert server.services.threads.loaded()[0].turn is not None


# The server as a process.


async def test_it_says_where_it_listens_and_ends_well_at_a_signal(tmp_path: Path, server_command: Sequence[str]) -> None:
    home = make_home(tmp_path, NOBODY)
    for number in (signal.SIGTERM, signal.SIGINT):
        home.log.write_text("")
        async with listening_process(server_command, home) as (server, url), joined(url) as client:
            port = port_of(url)
            assert home.log.read_text().splitlines()[1:4] == [
                f"  listening on: ws://127.0.0.1:{port}",
                f"  readyz: http://127.0.0.1:{port}/readyz",
                f"  healthz: http://127.0.0.1:{port}/healthz",
            ]
            server.send_signal(number)
            assert await server.wait_exit() == 0
            await client.wait_closed()
            assert client.websocket.close_code == 1001


async def test_a_signal_lets_turns_end_and_serves_new_clients_meanwhile(tmp_path: Path, server_command: Sequence[str]) -> None:
    go_on = anyio.Event()
    async with ScriptedProvider([["created", go_on, {"message": "In time"}, "completed"]]) as provider:
        home = make_home(tmp_path, provider.url)
        async with listening_process(server_command, home) as (server, url), joined(url) as client:
            thread = await start_thread(client)
            await start_turn(client, thread)
            server.send_signal(signal.SIGTERM)
            async with joined(url, name="late") as late:
                await join(late, thread)
                go_on.set()
                for each in (client, late):
                    await each.wait_notification("turn/completed", turn__status="completed")
            assert await server.wait_exit() == 0


async def test_a_second_signal_interrupts_the_turns(tmp_path: Path, server_command: Sequence[str]) -> None:
    async with ScriptedProvider([SLEEP]) as provider:
        home = make_home(tmp_path, provider.url)
        async with listening_process(server_command, home) as (server, url), joined(url) as client:
            thread = await start_thread(client)
            await start_turn(client, thread)
            await client.wait_notification("item/started", item__type="commandExecution")
            server.send_signal(signal.SIGTERM)
            await join(client, thread)  # it still serves
            server.send_signal(signal.SIGTERM)
            await client.wait_notification("turn/completed", turn__status="interrupted")
            assert await server.wait_exit(deadline_s=2) == 0
            (file,) = home.codex_home.glob("sessions/*/*/*/*.jsonl")
            assert '"turn_aborted"' in file.read_text().splitlines()[-1]


async def test_beyond_loopback_it_listens_only_when_told_how_clients_prove_who_they_are(
    tmp_path: Path, server_command: Sequence[str]
) -> None:
    home = make_home(tmp_path, NOBODY)
    async with started([*server_command, "--listen", "ws://0.0.0.0:0"], home) as server:
        assert await server.wait_exit() == 1
    assert home.log.read_text().startswith(
        "Error: refusing to start non-loopback websocket listener 0.0.0.0:0 without auth; configure "
        "`--ws-auth capability-token` or `--ws-auth signed-bearer-token`"
    )
    home.log.write_text("")
    (tmp_path / "token").write_text("let me in")
    auth = ["--ws-auth", "capability-token", "--ws-token-file", str(tmp_path / "token")]
    async with listening_process(server_command, home, "ws://0.0.0.0:0", *auth) as (server, url):
        url = f"ws://127.0.0.1:{port_of(url)}"
        async with joined(url, headers={"Authorization": "Bearer let me in"}) as client:
            assert (await client.request("thread/loaded/list"))["data"] == []
        with pytest.raises(InvalidStatus, match="401"):
            async with dialed(url):
                pass
    home.log.write_text("")
    async with (
        listening_process(server_command, home, "ws://0.0.0.0:0", "--allow-unauthenticated-network") as (_, url),
        joined(f"ws://127.0.0.1:{port_of(url)}"),
    ):
        pass


async def test_a_socket_in_the_file_system_is_private_and_goes_with_the_server(
    tmp_path: Path, server_command: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    home = make_home(tmp_path, NOBODY)
    path = home.codex_home / "app-server-control" / "app-server-control.sock"
    async with listening_process(server_command, home, "unix://") as (server, url):
        assert url == f"unix://{path}"
        assert (path.parent.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)
        url = f"unix://{path.resolve()}"
        async with joined(url) as client:
            assert (await client.request("thread/loaded/list"))["data"] == []
        async with started([*server_command, "--listen", "unix://"], home) as second:
            assert await second.wait_exit() == 1
        assert f"Error: app-server control socket is already in use at {path}" in home.log.read_text()
        async with joined(url):
            pass
        server.send_signal(signal.SIGTERM)
        assert await server.wait_exit() == 0
    assert not path.exists()


async def test_the_proxy_copies_stdio_to_the_socket(tmp_path: Path, server_command: Sequence[str]) -> None:
    home = make_home(tmp_path, NOBODY)
    path = tmp_path / "s"
    async with (
        listening_process(server_command, home, f"unix://{path}"),
        started([*server_command, "proxy", "--sock", str(path)], home) as proxy,
    ):
        await proxy.send(b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
        assert (await proxy.receive()).startswith(b"HTTP/1.1 200 OK\r\n")
        assert await proxy.wait_exit() == 0
    async with started([*server_command, "proxy", "--sock", str(tmp_path / "nobody")], home) as proxy:
        assert await proxy.wait_exit() == 1


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


async def stalling(url: str, thread: str) -> socket.socket:
    """A client that joins a thread and then reads nothing, with a small buffer for what it does not read."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 12)
    await anyio.to_thread.run_sync(join_by_hand, client, url, thread)
    return client


def join_by_hand(client: socket.socket, url: str, thread: str) -> None:
    client.settimeout(5)
    client.connect(("127.0.0.1", port_of(url)))
    protocol = ClientProtocol(parse_uri(url), max_size=None)
    protocol.send_request(protocol.connect())
    exchange(client, protocol)
    hello = {"clientInfo": {"name": "stalls", "version": "1"}}
    joining = {"threadId": thread, "excludeTurns": True}
    for number, (method, params) in enumerate((("initialize", hello), ("thread/resume", joining))):
        protocol.send_text(json.dumps({"id": number, "method": method, "params": params}).encode())
        exchange(client, protocol)


def exchange(client: socket.socket, protocol: ClientProtocol) -> None:
    """Write what is due and read until something has come."""
    client.sendall(b"".join(protocol.data_to_send()))
    while not protocol.events_received():
        protocol.receive_data(client.recv(1 << 16))


def read_all(client: socket.socket) -> bytes:
    pieces = []
    while piece := client.recv(1 << 16):
        pieces.append(piece)
    return b"".join(pieces)
