"""Goals: set, shown and given up; turns that begin by themselves, and what keeps them from running away."""

import json
from pathlib import Path
from typing import Any

import pytest

from app_server.core.goals import MOST_FRUITLESS
from tests.core.turn.dialogue import ended, halfway, items, said, says, see_through, told
from tests.core.turn_rules import check_turns
from tests.support.client import RpcError
from tests.support.deterministic import Talk, conversing
from tests.support.provider import Reply, Step

pytestmark = pytest.mark.anyio


def calls(name: str, call_id: str = "g1", **arguments: Any) -> list[Step]:
    return ["created", {"call": name, "arguments": arguments, "call_id": call_id}, "completed"]


async def set_goal(talk: Talk, thread: str, **params: Any) -> dict[str, Any]:
    goal: dict[str, Any] = (await talk.client.request("thread/goal/set", {"threadId": thread, **params}))["goal"]
    return goal


async def goal_of(talk: Talk, thread: str) -> Any:
    return (await talk.client.request("thread/goal/get", {"threadId": thread}))["goal"]


async def test_a_goal_is_worked_towards_until_it_is_reached(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("one"), calls("update_goal", status="complete"), says("done")]) as talk:
        thread = await talk.start_thread()
        assert await goal_of(talk, thread) is None
        goal = await set_goal(talk, thread, objective="  ship it ")
        assert (goal["objective"], goal["status"], goal["tokensUsed"]) == ("ship it", "active", 0)
        for _ in range(2):
            assert (await ended(talk, thread))["status"] == "completed"
        goal = await goal_of(talk, thread)
        assert (goal["status"], goal["tokensUsed"]) == ("complete", 160)
    assert items(talk, "userMessage") == []
    first = talk.provider.requests[0].body["input"]
    assert first[-2]["name"] == "goal_objective"
    assert first[-2]["output"] == "ship it"
    names = [item.get("name") for item in talk.provider.requests[1].body["input"]]
    assert names.count("goal_objective") == 1, "it is told once"
    assert [params["goal"]["status"] for params in told(talk, "thread/goal/updated")] == [
        "active",
        "active",
        "active",
        "complete",
    ]
    assert check_turns(talk.client.messages) == ["completed"] * 2


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Reply(status=400, body="no"), "blocked"),
        (Reply(status=429, body={"error": {"type": "usage_limit_reached"}}), "usageLimited"),
    ],
)
async def test_a_provider_that_fails_stops_the_goal(answer: Reply, status: str, tmp_path: Path) -> None:
    async with conversing(tmp_path, [answer, says("hello")]) as talk:
        thread = await talk.start_thread()
        await set_goal(talk, thread, objective="ship it")
        assert (await ended(talk, thread))["status"] == "failed"
        assert (await goal_of(talk, thread))["status"] == status
        await see_through(talk, thread)
        assert len(talk.provider.requests) == 2


async def test_a_provider_that_says_nothing_is_not_asked_for_ever(tmp_path: Path) -> None:
    async with conversing(tmp_path, [["created", "completed"]] * 9) as talk:
        thread = await talk.start_thread()
        await set_goal(talk, thread, objective="ship it")
        for _ in range(MOST_FRUITLESS):
            await ended(talk, thread)
        assert (await goal_of(talk, thread))["status"] == "blocked"
        assert len(talk.provider.requests) == MOST_FRUITLESS


async def test_an_interrupted_turn_is_not_followed_by_another_until_somebody_wants_it(tmp_path: Path) -> None:
    async with conversing(tmp_path, [halfway(), says("mine"), halfway()]) as talk:
        thread = await talk.start_thread()
        await set_goal(talk, thread, objective="ship it")
        await talk.provider.wait_requests(1)
        await talk.client.request("turn/interrupt", {"threadId": thread, "turnId": ""})
        assert (await ended(talk, thread))["status"] == "interrupted"
        assert (await goal_of(talk, thread))["status"] == "active"
        assert (await talk.client.request("thread/read", {"threadId": thread}))["thread"]["status"] == {"type": "idle"}
        assert len(talk.provider.requests) == 1
        await see_through(talk, thread, "mine")
        await talk.provider.wait_requests(3)
        await talk.client.request("turn/interrupt", {"threadId": thread, "turnId": ""})
        await ended(talk, thread)


async def test_a_goal_ends_with_its_budget(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("one"), says("two"), says("mine")]) as talk:
        thread = await talk.start_thread()
        await set_goal(talk, thread, objective="ship it", tokenBudget=150)
        for _ in range(2):
            await ended(talk, thread)
        goal = await goal_of(talk, thread)
        assert (goal["status"], goal["tokensUsed"]) == ("budgetLimited", 160)
        await see_through(talk, thread, "mine")
        assert len(talk.provider.requests) == 3


async def test_the_models_tools_show_set_and_change_the_goal(tmp_path: Path) -> None:
    async with conversing(
        tmp_path,
        [
            calls("get_goal"),
            calls("update_goal", status="complete"),
            calls("create_goal", objective=" "),
            calls("create_goal", objective="do", token_budget=0),
            calls("create_goal", objective="do", token_budget=5000),
            calls("create_goal", objective="again"),
            calls("update_goal", status="active"),
            calls("update_goal", status="paused"),
            says("done"),
        ],
    ) as talk:
        thread = await talk.start_thread()
        await see_through(talk, thread)
    sent = [item for item in talk.provider.requests[-1].body["input"] if item["type"] == "function_call_output"]
    nothing = '{"goal":null,"remainingTokens":null,"completionBudgetReport":null}'
    assert [item["output"] for item in sent[:4]] == [
        nothing,
        "cannot update goal because this thread has no goal",
        "goal objective must not be empty",
        "goal budgets must be positive when provided",
    ]
    made = json.loads(sent[4]["output"])
    assert (made["goal"]["objective"], made["goal"]["tokenBudget"], made["remainingTokens"]) == ("do", 5000, 5000)
    assert (sent[5]["name"], sent[5]["namespace"], sent[5]["output"]) == ("goal_objective", "agent", "do")
    assert sent[6]["output"].startswith("cannot create a new goal because this thread has an unfinished goal")
    assert "unknown variant `active`" in sent[7]["output"]
    assert json.loads(sent[8]["output"])["goal"]["status"] == "paused"
    offered = [tool["name"] for tool in talk.provider.requests[0].body["tools"] if tool.get("name", "").endswith("_goal")]
    assert offered == ["get_goal", "create_goal", "update_goal"]


async def test_a_turn_that_runs_hears_of_another_goal(tmp_path: Path) -> None:
    async with conversing(tmp_path, [["created", "hang"], says("joined"), halfway()]) as talk:
        thread = await talk.start_thread()
        await set_goal(talk, thread, objective="ship it")
        await talk.provider.wait_requests(1)
        await set_goal(talk, thread, objective="ship that")
        await talk.start_turn(thread, "mine")
        await talk.provider.wait_requests(3)
        await talk.client.request("turn/interrupt", {"threadId": thread, "turnId": ""})
        await ended(talk, thread)
    assert "<untrusted_objective>\nship that\n</untrusted_objective>" in said(talk, 1)[-2]
    assert said(talk, 1)[-1] == "mine"


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"status": "paused"}, "cannot update goal for thread {}: no goal exists"),
        ({"objective": "  "}, "goal objective must not be empty"),
        ({"objective": "x", "tokenBudget": 0}, "goal budgets must be positive when provided"),
    ],
)
async def test_goals_that_make_no_sense_are_refused(params: dict[str, Any], text: str, tmp_path: Path) -> None:
    async with conversing(tmp_path) as talk:
        thread = await talk.start_thread()
        with pytest.raises(RpcError) as refused:
            await set_goal(talk, thread, **params)
        assert (refused.value.code, refused.value.message) == (-32600, text.format(thread))
        assert await goal_of(talk, thread) is None


async def test_a_goal_is_given_up_once(tmp_path: Path) -> None:
    async with conversing(tmp_path) as talk:
        thread = await talk.start_thread()
        await set_goal(talk, thread, objective="ship it", status="paused")
        assert await talk.client.request("thread/goal/clear", {"threadId": thread}) == {"cleared": True}
        assert await talk.client.request("thread/goal/clear", {"threadId": thread}) == {"cleared": False}
    assert told(talk, "thread/goal/cleared") == [{"threadId": thread}]


async def test_a_goal_is_kept_with_the_thread_and_goes_on_when_it_is_loaded(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("one")]) as talk:
        thread = await talk.start_thread()
        await see_through(talk, thread)
        await set_goal(talk, thread, objective="ship it", status="paused")
        first = talk.home
    async with conversing(tmp_path / "again", [calls("update_goal", status="blocked"), says("stuck")]) as talk:
        (first.codex_home / "sessions").rename(talk.home.codex_home / "sessions")
        assert (await goal_of(talk, thread))["status"] == "paused"
        assert (await set_goal(talk, thread, status="active"))["objective"] == "ship it"
        assert await talk.client.request("thread/loaded/list", {}) == {"data": [], "nextCursor": None}
        await talk.client.request("thread/resume", {"threadId": thread, "excludeTurns": True, "cwd": str(first.work)})
        assert (
            await talk.client.wait_notification("thread/goal/updated", threadId=thread, goal__objective="ship it")
        ) is not None
        await ended(talk, thread)
        assert (await goal_of(talk, thread))["status"] == "blocked"


async def test_a_goal_of_no_thread_is_not_found(tmp_path: Path) -> None:
    async with conversing(tmp_path) as talk:
        missing = "01a206ea-80c9-7e23-b68f-5ac9ede3aae9"
        with pytest.raises(RpcError, match=f"thread not found: {missing}"):
            await goal_of(talk, missing)
