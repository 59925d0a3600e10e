"""Agents that the model starts: threads of their own, whose ends their parent always learns of."""

from pathlib import Path
from typing import Any

import anyio
import pytest

from app_server.core.tools import agents as agent_tools
from tests.core.agents.play import KID, Play, answer, collab_item, tool
from tests.core.lab import Lab, lab, rows
from tests.support.client import Client

pytestmark = pytest.mark.anyio
SPAWN = answer(tool("spawn_agent", "s", message="child task"))
NOTE = '<subagent_notification>\n{{"agent_path":"{id}","status":{status}}}\n</subagent_notification>'


def note(agent_id: str, status: str) -> str:
    return "user: " + NOTE.format(id=agent_id, status=status)


async def started(home: Lab, client: Client, text: str = "go", **params: Any) -> tuple[str, str]:
    """A thread that has spawned an agent, and the agent."""
    thread = await home.start(client, **params)
    await home.begin(client, thread["id"], text)
    item = await collab_item(client, "s")
    return thread["id"], item["receiverThreadIds"][0]


async def test_an_agent_is_a_thread_that_gets_its_task_as_a_users_words_and_its_parent_waits_for_it(tmp_path: Path) -> None:
    play = Play(
        [SPAWN, answer(tool("wait_agent", "w", targets=[KID])), answer({"message": "all done"})], [answer({"message": "mine"})]
    )
    async with lab(tmp_path, play.script()) as home, home.talk() as client:
        thread_id, agent_id = await started(home, client)
        begun = await client.wait_notification("turn/started", threadId=agent_id)
        said = await client.wait_notification("item/completed", threadId=agent_id, item__type="userMessage")
        assert [part["text"] for part in said["item"]["content"]] == ["child task"]
        waited = await collab_item(client, "w")
        assert waited["agentsStates"] == {agent_id: {"status": "completed", "message": "mine"}}
        ended = await client.wait_notification("turn/completed", threadId=thread_id)
        assert begun["turn"]["rootTurnId"] == ended["turn"]["id"] != begun["turn"]["id"]
        assert play.told(0, is_agent=True)[-1] == "user: child task"
        assert play.told(2)[-2:] == [
            f'{{"status":{{"{agent_id}":{{"completed":"mine"}}}},"timed_out":false}}',
            note(agent_id, '{"completed":"mine"}'),
        ]
        (request,) = play.requests[True]
        assert request.headers["x-openai-subagent"] == "collab_spawn"
        assert request.headers["x-codex-parent-thread-id"] == request.headers["session-id"] == thread_id
        assert request.headers["thread-id"] == agent_id
        assert "multi_agent_v1" not in [spec.get("name") for spec in request.body["tools"]]
        (group,) = [spec for spec in play.requests[False][0].body["tools"] if spec.get("name") == "multi_agent_v1"]
        names = ["close_agent", "resume_agent", "send_input", "spawn_agent", "wait_agent"]
        assert [spec["name"] for spec in group["tools"]] == names


async def test_clients_see_what_is_asked_for_and_what_the_agent_became(tmp_path: Path) -> None:
    play = Play([answer(tool("spawn_agent", "s", message="x", model="lab-text")), answer()], [answer()])
    async with lab(tmp_path, play.script()) as home, home.talk() as client:
        thread = await home.start(client)
        await home.begin(client, thread["id"], "go")
        shared = {"tool": "spawnAgent", "senderThreadId": thread["id"], "prompt": "x", "model": "lab-text"}
        assert await collab_item(client, "s", "item/started") == {
            **shared,
            "status": "inProgress",
            "receiverThreadIds": [],
            "reasoningEffort": "medium",
            "agentsStates": {},
        }
        became = await collab_item(client, "s")
        (agent_id,) = became["receiverThreadIds"]
        assert became == {
            **shared,
            "status": "completed",
            "receiverThreadIds": [agent_id],
            "reasoningEffort": "low",
            "agentsStates": {agent_id: {"status": "pendingInit", "message": None}},
        }
        await client.wait_notification("turn/completed", threadId=agent_id)
        assert play.requests[True][0].body["model"] == "lab-text"


async def test_the_end_of_an_agent_wakes_its_idle_parent(tmp_path: Path) -> None:
    go_on = anyio.Event()
    play = Play(
        [SPAWN, answer({"message": "idle"}), answer({"message": "seen"})], [["created", go_on, {"message": "mine"}, "completed"]]
    )
    async with lab(tmp_path, play.script()) as home, home.talk() as client:
        thread_id, agent_id = await started(home, client)
        await client.wait_notification("turn/completed", threadId=thread_id)
        go_on.set()
        woken = await client.wait_notification("turn/started", threadId=thread_id)
        ended = await client.wait_notification("turn/completed", threadId=thread_id)
        assert ended["turn"]["id"] == woken["turn"]["id"]
        assert play.told(2)[-1] == note(agent_id, '{"completed":"mine"}')


async def test_a_turn_that_would_have_ended_goes_on_when_an_agent_ends_meanwhile(tmp_path: Path) -> None:
    go_on = anyio.Event()
    play = Play(
        [SPAWN, ["created", {"message": "early"}, go_on, "completed"], answer({"message": "late"})], [answer({"message": "mine"})]
    )
    async with lab(tmp_path, play.script()) as home, home.talk() as client:
        thread_id, agent_id = await started(home, client)
        await client.wait_notification("turn/completed", threadId=agent_id)
        go_on.set()
        ended = await client.wait_notification("turn/completed", threadId=thread_id)
        assert ended["turn"]["items"][-1]["text"] == "late"
        assert play.told(2)[-1] == note(agent_id, '{"completed":"mine"}')


async def test_an_agent_that_fails_is_told_with_its_error(tmp_path: Path) -> None:
    bad: list[Any] = ["created", {"failed": {"code": "context_length_exceeded", "message": "too long"}}]
    play = Play([SPAWN, answer(tool("wait_agent", "w", targets=[KID])), answer()], [bad])
    async with lab(tmp_path, play.script()) as home, home.talk() as client:
        _, agent_id = await started(home, client)
        failed = await client.wait_notification("turn/completed", threadId=agent_id)
        waited = await collab_item(client, "w")
        message = failed["turn"]["error"]["message"]
        assert waited["agentsStates"] == {agent_id: {"status": "errored", "message": message}}


async def test_an_interrupted_agent_leaves_a_note_and_wakes_nobody(tmp_path: Path) -> None:
    play = Play([SPAWN, answer({"message": "idle"}), answer({"message": "asked"})], [["created", "hang"]])
    async with lab(tmp_path, play.script()) as home, home.talk() as client:
        thread_id, agent_id = await started(home, client)
        turn = (await client.wait_notification("turn/started", threadId=agent_id))["turn"]
        await client.wait_notification("turn/completed", threadId=thread_id)
        await client.request("turn/interrupt", {"threadId": agent_id, "turnId": turn["id"]})
        await client.wait_notification("turn/completed", threadId=agent_id)
        assert (await client.request("thread/read", {"threadId": thread_id}))["thread"]["status"] == {"type": "idle"}
        await home.turn(client, thread_id, "what is it?")
        assert play.told(2)[-2:] == [note(agent_id, '"interrupted"'), "user: what is it?"]


async def test_words_reach_an_agent_that_works_and_one_that_is_done(tmp_path: Path) -> None:
    waiting, begun = anyio.Event(), anyio.Event()
    parent: list[Any] = [
        SPAWN,
        ["created", begun, tool("send_input", "i", target=KID, message="besides"), "completed"],
        answer(tool("wait_agent", "w", targets=[KID])),
        answer(tool("send_input", "j", target=KID, message="again")),
        answer(tool("wait_agent", "v", targets=[KID])),
        answer({"message": "all done"}),
    ]
    agents: list[Any] = [
        ["created", waiting, {"message": "one"}, "completed"],
        answer({"message": "two"}),
        answer({"message": "three"}),
    ]
    play = Play(parent, agents)
    async with lab(tmp_path, play.script()) as home, home.talk() as client:
        thread_id, agent_id = await started(home, client)
        await home.provider.wait_requests(3)
        begun.set()
        sent = await collab_item(client, "i")
        assert (sent["tool"], sent["prompt"], sent["status"]) == ("sendInput", "besides", "completed")
        waiting.set()
        await client.wait_notification("turn/completed", threadId=thread_id)
        assert play.told(1, is_agent=True)[-1] == "user: besides"
        assert play.told(2, is_agent=True)[-2:] == ["assistant: two", "user: again"]
        assert play.told(5)[-1] == f'{{"status":{{"{agent_id}":{{"completed":"three"}}}},"timed_out":false}}'


async def test_an_urgent_word_interrupts_an_agent_without_a_note(tmp_path: Path) -> None:
    begun = anyio.Event()
    parent: list[Any] = [
        SPAWN,
        ["created", begun, tool("send_input", "i", target=KID, message="stop that", interrupt=True), "completed"],
        answer(tool("wait_agent", "w", targets=[KID])),
        answer({"message": "all done"}),
    ]
    play = Play(parent, [["created", "hang"], answer({"message": "instead"})])
    async with lab(tmp_path, play.script()) as home, home.talk() as client:
        thread_id, agent_id = await started(home, client)
        await home.provider.wait_requests(3)
        begun.set()
        cut = await client.wait_notification("turn/completed", threadId=agent_id)
        assert cut["turn"]["status"] == "interrupted"
        await client.wait_notification("turn/completed", threadId=thread_id)
        assert play.told(1, is_agent=True)[-1] == "user: stop that"
        assert not [text for text in play.told(3) if '"interrupted"' in text]
        assert note(agent_id, '{"completed":"instead"}') in play.told(3)


async def test_a_closed_agent_is_not_found_until_it_is_resumed(tmp_path: Path) -> None:
    calls = [
        tool("close_agent", "c", target=KID),
        tool("wait_agent", "w", targets=[KID]),
        tool("send_input", "i", target=KID, message="x"),
        tool("resume_agent", "r", id=KID),
        tool("send_input", "j", target=KID, message="more"),
        tool("wait_agent", "v", targets=[KID]),
    ]
    first = answer(tool("wait_agent", "z", targets=[KID]))
    parent = [SPAWN, first, *(answer(call) for call in calls), answer({"message": "all done"})]
    play = Play(parent, [answer({"message": "one"}), answer({"message": "two"})])
    async with lab(tmp_path, play.script()) as home, home.talk() as client:
        thread_id, agent_id = await started(home, client)
        gone = await client.wait_notification("thread/status/changed", threadId=agent_id, status__type="notLoaded")
        assert gone["threadId"] == agent_id
        waited = await collab_item(client, "w")
        assert waited["agentsStates"] == {agent_id: {"status": "notFound", "message": None}}
        assert waited["status"] == "failed"
        await client.wait_notification("turn/completed", threadId=thread_id)
        outputs = [play.told(index)[-1] for index in range(3, 8)]
        assert outputs[0] == '{"previous_status":{"completed":"one"}}'
        assert outputs[1] == f'{{"status":{{"{agent_id}":"not_found"}},"timed_out":false}}'
        assert outputs[2] == f"agent with id {agent_id} not found"
        assert outputs[3] == '{"status":"pending_init"}'
        assert play.told(1, is_agent=True)[-3:] == ["user: child task", "assistant: one", "user: more"]


async def test_a_wait_in_vain_names_nobody_and_an_agent_that_is_closed_at_work_is_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent_tools, "LEAST_WAIT_MS", 1)
    waiting = answer(tool("wait_agent", "w", targets=[KID], timeout_ms=1))
    play = Play([SPAWN, waiting, answer(tool("close_agent", "c", target=KID)), answer()], [["created", "hang"]])
    async with lab(tmp_path, play.script()) as home, home.talk() as client:
        thread_id, agent_id = await started(home, client)
        waited = await collab_item(client, "w")
        assert (waited["status"], waited["receiverThreadIds"], waited["agentsStates"]) == ("completed", [], {})
        await client.wait_notification("turn/completed", threadId=thread_id)
        assert play.told(2)[-1] == '{"status":{},"timed_out":true}'
        assert play.told(3)[-2:] == ['{"previous_status":"running"}', note(agent_id, '"shutdown"')]


async def test_an_agent_may_share_what_was_said_but_not_what_tools_did(tmp_path: Path) -> None:
    work = answer({"message": "thinking aloud"}, {"call": "exec_command", "arguments": {"cmd": "true"}, "call_id": "x"})
    spawn = answer(tool("spawn_agent", "s", message="child task", fork_context=True))
    play = Play([work, spawn, answer(tool("wait_agent", "w", targets=[KID])), answer()], [answer({"message": "mine"})])
    async with lab(tmp_path, play.script()) as home, home.talk() as client:
        thread_id, agent_id = await started(home, client, "the beginning")
        await client.wait_notification("turn/completed", threadId=thread_id)
        told = play.told(0, is_agent=True)
        assert [text for text in told if not text.startswith(("developer", "user: <environment"))] == [
            "user: the beginning",
            "assistant: thinking aloud",
            "user: child task",
        ]
        assert told.count("developer") == play.told(0).count("developer")
        (file,) = [path for path in home.files() if agent_id in path.name]
        assert any("the beginning" in str(line.payload) for line in rows(file))


async def test_agents_are_listed_with_their_parent_and_not_among_the_users_threads(tmp_path: Path) -> None:
    play = Play([SPAWN, answer(tool("wait_agent", "w", targets=[KID])), answer()], [answer({"message": "mine"})])
    async with lab(tmp_path, play.script()) as home, home.talk() as client:
        thread_id, agent_id = await started(home, client)
        await client.wait_notification("turn/completed", threadId=thread_id)
        for wish in ({"parentThreadId": thread_id}, {"sourceKinds": ["subAgentThreadSpawn"]}, {"sourceKinds": ["subAgent"]}):
            page = await client.request("thread/list", wish)
            assert [entry["id"] for entry in page["data"]] == [agent_id]
            assert page["readStates"] == {}
        (entry,) = page["data"]
        facts = entry["source"]["subAgent"]["thread_spawn"]
        assert facts == {
            "parent_thread_id": thread_id,
            "depth": 1,
            "agent_path": None,
            "agent_nickname": entry["agentNickname"],
            "agent_role": None,
        }
        assert (entry["parentThreadId"], entry["sessionId"], entry["preview"]) == (thread_id, agent_id, "child task")
        assert [each["id"] for each in (await client.request("thread/list"))["data"]] == [thread_id]
        read = await client.request("thread/read", {"threadId": agent_id, "includeTurns": True})
        assert read["thread"]["turns"][0]["rootTurnId"] != read["thread"]["turns"][0]["id"]


async def test_there_are_no_more_agents_than_the_configuration_allows(tmp_path: Path) -> None:
    spawns = [tool("spawn_agent", f"s{number}", message="x") for number in range(3)]
    play = Play([answer(*spawns), answer({"message": "done"})], [["created", "hang"]] * 2)
    config = {"agents": {"max_threads": 2}}
    async with lab(tmp_path, play.script()) as home, home.talk() as client:
        thread = await home.start(client, config=config)
        await home.begin(client, thread["id"], "go")
        refused = await collab_item(client, "s2")
        assert (refused["status"], refused["receiverThreadIds"]) == ("failed", [])
        await client.wait_notification("turn/completed", threadId=thread["id"])
        assert play.told(1)[-1] == "collab spawn failed: agent thread limit reached"


async def test_an_agent_may_have_agents_where_the_configuration_allows_it(tmp_path: Path) -> None:
    play = Play([SPAWN, answer({"message": "idle"})], [["created", "hang"]])
    async with lab(tmp_path, play.script()) as home, home.talk() as client:
        await started(home, client, config={"agents": {"max_depth": 2}})
        await home.provider.wait_requests(3)
        assert "multi_agent_v1" in [spec.get("name") for spec in play.requests[True][0].body["tools"]]


async def test_an_agent_that_is_closed_takes_its_own_agents_with_it(tmp_path: Path) -> None:
    begun = anyio.Event()
    close: list[Any] = ["created", begun, tool("close_agent", "c", target=KID), "completed"]
    inner = answer(tool("spawn_agent", "t", message="deeper"))
    play = Play([SPAWN, close, answer({"message": "done"})], [inner, ["created", "hang"], ["created", "hang"]])
    async with lab(tmp_path, play.script()) as home, home.talk() as client:
        thread_id, agent_id = await started(home, client, config={"agents": {"max_depth": 2}})
        (inner_id,) = (await collab_item(client, "t"))["receiverThreadIds"]
        await client.wait_notification("turn/started", threadId=inner_id)
        begun.set()
        await client.wait_notification("turn/completed", threadId=thread_id)
        loaded = (await client.request("thread/loaded/list"))["data"]
        assert loaded == [thread_id]
        assert agent_id != inner_id


@pytest.mark.parametrize("config", [{"features": {"multi_agent": False}}, {"agents": {"enabled": False}}])
async def test_where_they_are_switched_off_there_are_no_tools_for_agents(tmp_path: Path, config: dict[str, Any]) -> None:
    play = Play([answer()], [])
    async with lab(tmp_path, play.script()) as home, home.talk() as client:
        thread = await home.start(client, config=config)
        await home.turn(client, thread["id"], "go")
        assert "multi_agent_v1" not in [spec.get("name") for spec in play.requests[False][0].body["tools"]]


NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (tool("spawn_agent"), "Provide one of: message or items"),
        (tool("spawn_agent", message="  "), "Empty message can't be sent to an agent"),
        (tool("spawn_agent", message="a", items=[]), "Provide either message or items, but not both"),
        (tool("spawn_agent", items=[]), "Items can't be empty"),
        (tool("spawn_agent", items=[{"type": "moon"}]), "an item of type `moon` can't be sent to an agent like this"),
        (
            tool("spawn_agent", message="a", model="nope"),
            "Unknown model `nope` for spawn_agent. Available models: lab-full, lab-text",
        ),
        (
            tool("spawn_agent", message="a", reasoning_effort="nope"),
            "Reasoning effort `nope` is not supported for model `lab-full`. Supported reasoning efforts: low, medium, high",
        ),
        (tool("spawn_agent", message="a", agent_type="nope"), "unknown agent_type 'nope'"),
        (tool("wait_agent", targets=[]), "agent ids must be non-empty"),
        (tool("wait_agent", targets=["x"]), "invalid agent id x: Error(ParseChar { character: 'x', index: 1 })"),
        (tool("wait_agent", targets=[NOBODY], timeout_ms=0), "timeout_ms must be greater than zero"),
        (tool("wait_agent", targets=[NOBODY]), f'{{"status":{{"{NOBODY}":"not_found"}},"timed_out":false}}'),
        (tool("send_input", target=NOBODY, message="x"), f"agent with id {NOBODY} not found"),
        (tool("send_input", target=NOBODY), "Provide one of: message or items"),
        (tool("close_agent", target=NOBODY), f"agent with id {NOBODY} not found"),
        (tool("close_agent"), "failed to parse function arguments: missing field `target` at line 1 column 2"),
        (tool("resume_agent", id=NOBODY), f"agent with id {NOBODY} not found"),
        ({**tool("close_agent", target=NOBODY), "namespace": "other"}, "unsupported call: otherclose_agent"),
    ],
)
async def test_calls_that_cannot_work_are_answered_in_words(tmp_path: Path, call: dict[str, Any], why: str) -> None:
    play = Play([answer(call), answer({"message": "oh"})], [])
    async with lab(tmp_path, play.script()) as home, home.talk() as client:
        thread = await home.start(client)
        await home.turn(client, thread["id"], "go")
        assert play.told(1)[-1] == why
