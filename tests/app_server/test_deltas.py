"""Text for clients that are behind."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app_server.connection import Connection
from app_server.deltas import LONGEST_CHARACTERS, MERGED
from app_server.fanout import Fanout
from app_server.outbox import Outbox
from protocol.base import Notification
from protocol.item_events import AgentMessageDeltaNotification, ReasoningTextDeltaNotification
from protocol.thread import IdleStatus
from protocol.thread_state import ThreadStatusChangedNotification
from tests.app_server.support import said
from tests.support.deterministic import NOW_MS, StillClock

STATUS = ThreadStatusChangedNotification(thread_id="t", status=IdleStatus())
FILLER = b'{"method":"filler"}\n'


def words(text: str, item: str = "i") -> AgentMessageDeltaNotification:
    return AgentMessageDeltaNotification(thread_id="t", turn_id="u", item_id=item, delta=text)


def listening(*, merge_from_bytes: int | None, is_behind: bool = True) -> tuple[Fanout, Connection]:
    """A client that listens, with something in its queue if it is behind."""
    connection = Connection(Outbox(merge_from_bytes=merge_from_bytes))
    connection.initialize("c", True, [])
    fanout = Fanout(StillClock())
    fanout.add(connection)
    fanout.subscribe("t", connection)
    if is_behind:
        connection.outbox.append(FILLER)
    return fanout, connection


def told(connection: Connection) -> list[Any]:
    """What is told: texts by item, or methods."""
    messages = [message for message in said(connection) if message["method"] != "filler"]
    return [
        (message["params"]["itemId"], message["params"]["delta"]) if "delta" in message["params"] else message["method"]
        for message in messages
    ]


@pytest.mark.parametrize(("limit", "is_behind"), [(None, True), (1, False), (len(FILLER), True)])
def test_who_keeps_up_gets_every_piece(limit: int | None, is_behind: bool) -> None:
    fanout, connection = listening(merge_from_bytes=limit, is_behind=is_behind)
    fanout.publish("t", words("a"))
    first = connection.outbox.take()
    fanout.publish("t", words("b"))
    assert [json.loads(line)["params"]["delta"] for line in (first + connection.outbox.take()).splitlines()[-2:]] == ["a", "b"]


def test_who_is_behind_gets_one_piece_with_all_its_members() -> None:
    fanout, connection = listening(merge_from_bytes=1)
    for text in ("a", "b\n", "ü"):
        fanout.publish("t", words(text))
    params = {"threadId": "t", "turnId": "u", "itemId": "i", "delta": "ab\nü"}
    assert said(connection)[1:] == [{"method": "item/agentMessage/delta", "params": params, "emittedAtMs": NOW_MS}]


def test_nothing_is_merged_across_what_else_is_told() -> None:
    fanout, connection = listening(merge_from_bytes=1)
    for message in (words("a"), words("b"), STATUS, words("c"), words("d", "other"), words("e"), STATUS):
        fanout.publish("t", message)
    assert told(connection) == [("i", "ab"), "thread/status/changed", ("i", "ce"), ("other", "d"), "thread/status/changed"]


def test_parts_of_an_item_stay_apart() -> None:
    fanout, connection = listening(merge_from_bytes=1)
    for index, text in ((0, "a"), (1, "b"), (0, "c")):
        fanout.publish(
            "t", ReasoningTextDeltaNotification(thread_id="t", turn_id="u", item_id="i", delta=text, content_index=index)
        )
    assert told(connection) == [("i", "ac"), ("i", "b")]


def test_pieces_stay_of_a_size_that_clients_can_take() -> None:
    fanout, connection = listening(merge_from_bytes=1)
    for _ in range(5):
        fanout.publish("t", words("x" * (LONGEST_CHARACTERS // 2)))
    assert [len(text) for _, text in told(connection)] == [LONGEST_CHARACTERS, LONGEST_CHARACTERS, LONGEST_CHARACTERS // 2]


def test_what_waits_is_counted_and_bounded_by_the_text() -> None:
    fanout, connection = listening(merge_from_bytes=1)
    for number in range(200_000):
        fanout.publish("t", words(f"{number} "))
    text = "".join(f"{number} " for number in range(200_000))
    assert len(text) <= connection.outbox.size_bytes < len(text) * 1.01
    assert "".join(piece for _, piece in told(connection)) == text
    assert connection.outbox.size_bytes == 0


def test_a_closed_queue_takes_no_text() -> None:
    fanout, connection = listening(merge_from_bytes=1)
    fanout.publish("t", words("a"))
    connection.outbox.end()
    before = connection.outbox.size_bytes
    fanout.publish("t", words("b"))
    fanout.publish("t", words("c", "other"))
    assert connection.outbox.size_bytes == before
    assert told(connection) == [("i", "a")]


STEP = st.one_of(st.tuples(st.sampled_from("xy"), st.text(max_size=3)), st.just("status"), st.just("take"))


@given(st.lists(STEP, max_size=40))
def test_whatever_is_told_no_text_and_no_event_is_lost_or_moved(steps: list[Any]) -> None:
    fanout, connection = listening(merge_from_bytes=1)
    expected: list[Any] = []
    got: list[Any] = []
    for step in steps:
        if step == "take":
            got += told(connection)
            connection.outbox.append(FILLER)
        else:
            message: Notification = STATUS if step == "status" else words(step[1], step[0])
            expected.append(step)
            fanout.publish("t", message)
    got += told(connection)

    def texts(entries: list[Any]) -> list[Any]:
        """Between events, the text of each item."""
        spans: list[Any] = [{"x": "", "y": ""}]
        for entry in entries:
            if isinstance(entry, tuple):
                spans[-1][entry[0]] += entry[1]
            else:
                spans.append({"x": "", "y": ""})
        return spans

    assert texts(got) == texts(expected)


def test_all_that_is_merged_is_text_of_an_item() -> None:
    found = {each.method: each for each in all_notifications(Notification) if "method" in each.__dict__}
    assert set(found) > MERGED
    assert all({"delta", "item_id", "thread_id"} <= set(found[method].model_fields) for method in MERGED)


def all_notifications(kind: type[Notification]) -> list[type[Notification]]:
    return [each for own in kind.__subclasses__() for each in (own, *all_notifications(own))]
