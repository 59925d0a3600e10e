"""Questions to the user: whom they go to, which answer counts, and how everybody learns of it."""

from typing import Any

import anyio
import pytest

from app_server.asks import Asks
from app_server.connection import Connection
from app_server.core.ports import NoAnswer, UnreadableAnswer
from app_server.fanout import Fanout
from protocol.approval_request import (
    ITEM_COMMAND_EXECUTION_REQUEST_APPROVAL,
    AdditionalPermissionProfile,
    CommandExecutionRequestApprovalParams,
    CommandExecutionRequestApprovalResponse,
)
from tests.app_server.support import said
from tests.support.deterministic import StillClock

ACCEPTED = {"result": {"decision": "accept"}}


def question(thread: str = "t") -> CommandExecutionRequestApprovalParams:
    return CommandExecutionRequestApprovalParams(
        kind="command",
        thread_id=thread,
        turn_id="u",
        item_id="i",
        started_at_ms=1,
        environment_id="local",
        command="ls",
        additional_permissions=AdditionalPermissionProfile(network=None, file_system=None),
        available_decisions=["accept"],
    )


class Room:
    """Questions in flight, and what became of them."""

    def __init__(self) -> None:
        self.fanout = Fanout(StillClock())
        self.asks = Asks(self.fanout, anyio.Event)
        self.outcomes: list[Any] = []

    def client(self, *threads: str, experimental: bool = True) -> Connection:
        connection = Connection()
        connection.initialize("c", experimental, [])
        self.fanout.add(connection)
        for thread in threads:
            self.fanout.subscribe(thread, connection)
        return connection

    async def ask(self, thread: str | None = "t") -> None:
        """Ask and note the decision, or why there is none."""
        try:
            method = ITEM_COMMAND_EXECUTION_REQUEST_APPROVAL
            answer = await self.asks.ask(thread, method, question(thread or ""))
        except NoAnswer as refusal:
            self.outcomes.append(refusal)
        else:
            assert isinstance(answer, CommandExecutionRequestApprovalResponse)
            self.outcomes.append(answer.decision)


@pytest.fixture
def room() -> Room:
    return Room()


def resolved(request_id: int) -> dict[str, Any]:
    return {"threadId": "t", "requestId": request_id}


async def test_every_listener_is_asked_the_first_answer_wins_and_all_learn_of_it(room: Room) -> None:
    one, two, other = room.client("t"), room.client("t"), room.client("elsewhere")
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(room.ask)
            await anyio.wait_all_tasks_blocked()
            (asked,) = said(one)
            assert (asked["id"], asked["method"]) == (0, "item/commandExecution/requestApproval")
            assert "emittedAtMs" not in asked
            assert said(two) == [asked]
            room.asks.resolve(0, {"id": 0, "result": {"decision": "decline"}})
            room.asks.resolve(0, {"id": 0, **ACCEPTED})
    assert room.outcomes == ["decline"]
    for listener in (one, two):
        (told,) = said(listener)
        assert (told["method"], told["params"]) == ("serverRequest/resolved", resolved(0))
    assert said(other) == []


async def test_ids_count_from_zero_over_all_threads_and_answers_find_their_question(room: Room) -> None:
    one = room.client("t", "u")
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            for thread in ("t", "u", "t"):
                group.start_soon(room.ask, thread)
                await anyio.wait_all_tasks_blocked()
            assert [(message["id"], message["params"]["threadId"]) for message in said(one)] == [(0, "t"), (1, "u"), (2, "t")]
            for request_id, decision in ((2, "cancel"), (0, "accept"), (1, "decline")):
                room.asks.resolve(request_id, {"id": request_id, "result": {"decision": decision}})
                await anyio.wait_all_tasks_blocked()
    assert room.outcomes == ["cancel", "accept", "decline"]


@pytest.mark.parametrize("wrong", ["0", 0.0, False, None, 1, -1, [], {}])
async def test_answers_to_nothing_are_ignored(room: Room, wrong: Any) -> None:
    room.client("t")
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(room.ask)
            await anyio.wait_all_tasks_blocked()
            room.asks.resolve(wrong, {"id": wrong, "result": {"decision": "decline"}})
            await anyio.wait_all_tasks_blocked()
            assert room.outcomes == []
            room.asks.resolve(0, {"id": 0, **ACCEPTED})
    assert room.outcomes == ["accept"]


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        ({"error": {"code": -32000, "message": "no such window"}}, NoAnswer),
        ({"error": "not even an object"}, NoAnswer),
        ({"error": None}, NoAnswer),
        ({"result": {"decision": "perhaps"}}, UnreadableAnswer),
        ({"result": None}, UnreadableAnswer),
        ({"result": []}, UnreadableAnswer),
        ({}, UnreadableAnswer),
    ],
)
async def test_an_answer_that_is_none_is_a_refusal_and_still_resolves(
    room: Room, answer: dict[str, Any], refusal: type[NoAnswer]
) -> None:
    listener = room.client("t")
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(room.ask)
            await anyio.wait_all_tasks_blocked()
            room.asks.resolve(0, {"id": 0, **answer})
    assert [type(outcome) for outcome in room.outcomes] == [refusal]
    assert [message["method"] for message in said(listener)][1:] == ["serverRequest/resolved"]


async def test_a_client_that_joins_later_gets_what_is_pending_with_the_same_id(room: Room) -> None:
    first = room.client("t", "u")
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(room.ask, "u")
            group.start_soon(room.ask)
            await anyio.wait_all_tasks_blocked()
            asked = said(first)
            late = room.client("t")
            room.asks.replay("t", late)
            assert said(late) == [message for message in asked if message["params"]["threadId"] == "t"]
            for message in asked:
                room.asks.resolve(message["id"], ACCEPTED)
    room.asks.replay("t", late)
    assert [message["method"] for message in said(late)] == ["serverRequest/resolved"]


async def test_a_withdrawn_question_is_announced_and_can_not_be_answered_any_more(room: Room) -> None:
    listener = room.client("t")
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(room.ask)
            await anyio.wait_all_tasks_blocked()
            group.cancel_scope.cancel()
    assert [message["method"] for message in said(listener)] == [
        "item/commandExecution/requestApproval",
        "serverRequest/resolved",
    ]
    room.asks.resolve(0, {"id": 0, **ACCEPTED})
    room.asks.replay("t", listener)
    assert (room.outcomes, said(listener)) == ([], [])


async def test_without_a_thread_every_client_is_asked_and_nothing_is_announced(room: Room) -> None:
    one, other = room.client("t"), room.client()
    room.fanout.add(Connection())
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(room.ask, None)
            await anyio.wait_all_tasks_blocked()
            room.asks.resolve(0, {"id": 0, **ACCEPTED})
    assert [len(said(client)) for client in room.fanout.connections] == [1, 1, 0]
    assert (one, other) == tuple(room.fanout.connections[:2])


async def test_experimental_members_are_shown_to_those_who_opted_in(room: Room) -> None:
    stable, experimental = room.client("t", experimental=False), room.client("t")
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(room.ask)
            await anyio.wait_all_tasks_blocked()
            (less,), (more,) = said(stable), said(experimental)
            room.asks.resolve(0, {"id": 0, **ACCEPTED})
    assert set(more["params"]) - set(less["params"]) == {"additionalPermissions"}
    assert less["params"]["availableDecisions"] == ["accept"]  # which the reference shows to all
    assert less["params"].items() <= more["params"].items()
