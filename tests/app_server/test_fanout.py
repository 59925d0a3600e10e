"""Who gets which notification."""

import anyio
import pytest

from app_server.connection import Connection
from app_server.fanout import BROADCAST, WITHHELD, Fanout
from app_server.outbox import Outbox
from protocol.item_events import AgentMessageDeltaNotification
from protocol.methods import SERVER_NOTIFICATIONS
from protocol.remote_control import RemoteControlStatusChangedNotification
from protocol.thread import IdleStatus
from protocol.thread_state import ThreadReadState, ThreadReadStateChangedNotification, ThreadStatusChangedNotification
from tests.app_server.support import said
from tests.support.deterministic import NOW_MS, StillClock

DELTA = AgentMessageDeltaNotification(thread_id="t", turn_id="u", item_id="i", delta="hi")
STATUS = ThreadStatusChangedNotification(thread_id="t", status=IdleStatus())
READ = ThreadReadStateChangedNotification(thread_id="t", read_state=ThreadReadState(first_unread=None, revision="r"))
REMOTE = RemoteControlStatusChangedNotification(status="disabled", server_name="h", installation_id="i", environment_id=None)


@pytest.fixture
def fanout() -> Fanout:
    return Fanout(StillClock())


def client(fanout: Fanout, *threads: str, experimental: bool = True, opted_out: tuple[str, ...] = ()) -> Connection:
    """A connected and initialized client that listens to these threads."""
    connection = Connection()
    connection.initialize("c", experimental, list(opted_out))
    fanout.add(connection)
    for thread in threads:
        fanout.subscribe(thread, connection)
    return connection


def methods(connection: Connection) -> list[str]:
    return [message["method"] for message in said(connection)]


def test_a_notification_has_its_method_its_params_and_the_time(fanout: Fanout) -> None:
    listener = client(fanout, "t")
    fanout.publish("t", DELTA)
    params = {"threadId": "t", "turnId": "u", "itemId": "i", "delta": "hi"}
    assert said(listener) == [{"method": "item/agentMessage/delta", "params": params, "emittedAtMs": NOW_MS}]


def test_what_a_thread_does_is_for_its_listeners_and_its_status_for_all(fanout: Fanout) -> None:
    listener, other = client(fanout, "t"), client(fanout, "elsewhere")
    fanout.publish("t", DELTA)
    fanout.publish("t", STATUS)
    assert methods(listener) == ["item/agentMessage/delta", "thread/status/changed"]
    assert methods(other) == ["thread/status/changed"]


def test_without_a_thread_a_notification_is_for_all(fanout: Fanout) -> None:
    listener, other = client(fanout, "t"), client(fanout)
    fanout.publish(None, DELTA)
    assert methods(listener) == methods(other) == ["item/agentMessage/delta"]


def test_a_client_without_handshake_gets_nothing(fanout: Fanout) -> None:
    silent = Connection()
    fanout.add(silent)
    fanout.subscribe("t", silent)
    fanout.publish("t", DELTA)
    fanout.publish(None, STATUS)
    assert said(silent) == []


def test_a_client_that_opted_out_gets_everything_else(fanout: Fanout) -> None:
    listener = client(fanout, "t", opted_out=("thread/status/changed", "item/agentMessage"))
    fanout.publish("t", STATUS)
    fanout.publish("t", DELTA)
    assert methods(listener) == ["item/agentMessage/delta"]


def test_experimental_notifications_are_withheld_from_those_who_did_not_opt_in(fanout: Fanout) -> None:
    stable, experimental = client(fanout, "t", experimental=False), client(fanout, "t")
    for message in (READ, REMOTE, DELTA):
        fanout.publish("t", message)
    assert methods(stable) == ["remoteControl/status/changed", "item/agentMessage/delta"]
    assert methods(experimental) == ["thread/readState/changed", "remoteControl/status/changed", "item/agentMessage/delta"]


def test_the_lists_name_notifications_that_there_are() -> None:
    names = {row.name for row in SERVER_NOTIFICATIONS}
    assert names >= BROADCAST
    assert names > WITHHELD


def test_a_message_is_encoded_once_for_all(fanout: Fanout) -> None:
    first, second = client(fanout, "t"), client(fanout, "t")
    fanout.publish("t", DELTA)
    assert first.outbox._lines[0] is second.outbox._lines[0]


def test_subscribing_twice_is_subscribing_once(fanout: Fanout) -> None:
    listener = client(fanout, "t", "t")
    fanout.publish("t", DELTA)
    assert len(said(listener)) == 1
    assert fanout.unsubscribe("t", listener)
    assert not fanout.unsubscribe("t", listener)
    fanout.publish("t", DELTA)
    assert said(listener) == []
    assert fanout._subscribers == {}


def test_a_client_that_is_gone_is_forgotten(fanout: Fanout) -> None:
    gone, listener = client(fanout, "t", "u"), client(fanout, "t")
    fanout.remove(gone)
    fanout.publish("t", DELTA)
    fanout.publish(None, STATUS)
    assert said(gone) == []
    assert len(said(listener)) == 2
    assert (fanout.connections, gone.subscriptions, fanout.subscribers("u")) == ([listener], set(), [])


async def test_a_stream_waits_for_the_slowest_listener(fanout: Fanout) -> None:
    slow, quick = client(fanout, "t"), client(fanout, "t")
    slow.outbox = Outbox(limit_bytes=10)
    slow.outbox.wait_with(anyio.Event)
    with anyio.fail_after(5):
        await fanout.wait_room("t")
        fanout.publish("t", DELTA)
        went_on = anyio.Event()

        async def stream() -> None:
            await fanout.wait_room("t")
            went_on.set()

        async with anyio.create_task_group() as group:
            group.start_soon(stream)
            await anyio.wait_all_tasks_blocked()
            quick.outbox.take()
            await anyio.wait_all_tasks_blocked()
            assert not went_on.is_set()
            slow.outbox.take()
            await went_on.wait()
