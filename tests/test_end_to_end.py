"""The installed `app-server`, spawned as clients spawn it, with a model provider over real HTTP on loopback."""

import json
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.conftest import Conversation, Converse
from tests.core.turn_rules import calls_are_answered, check_turns
from tests.support.client import RpcError
from tests.support.home import Home
from tests.support.process import spawned
from tests.support.provider import Script, ScriptedProvider

LOOK: Script = [
    ["created", {"reasoning": ["**Looking** around"]}, {"call": "exec_command", "arguments": {"cmd": "cat note"}}, "completed"],
    ["created", {"message": "The note says hello.", "phase": "final_answer"}, "completed"],
    ["created", {"message": "As I said: hello."}, "completed"],
]


async def start_thread(talk: Conversation) -> Any:
    options = {"cwd": str(talk.home.work), "approvalPolicy": "never", "sandbox": "danger-full-access"}
    return (await talk.client.request("thread/start", options))["thread"]


async def take_turn(talk: Conversation, thread: str, text: str) -> Any:
    """A whole turn; gives it as it has ended."""
    words = [{"type": "text", "text": text}]
    await talk.client.request("turn/start", {"threadId": thread, "input": words})
    return (await talk.client.wait_notification("turn/completed", threadId=thread))["turn"]


def lines_of(path: str) -> list[Any]:
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


async def test_two_turns_with_a_command(converse: Converse) -> None:
    async with converse(LOOK) as talk:
        (talk.home.work / "note").write_text("hello\n")
        thread = await start_thread(talk)
        first = await take_turn(talk, thread["id"], "What does the note say?")
        second = await take_turn(talk, thread["id"], "Again, please.")
        log = talk.home.log.read_text()

    assert [turn["status"] for turn in (first, second)] == ["completed", "completed"]
    assert [turn["items"][0]["text"] for turn in (first, second)] == ["The note says hello.", "As I said: hello."]
    assert check_turns(talk.client.messages) == ["completed", "completed"]
    assert log == ""

    commands = [
        message["params"]["item"]
        for message in talk.client.messages
        if message.get("method") == "item/completed" and message["params"]["item"]["type"] == "commandExecution"
    ]
    assert [(item["status"], item["exitCode"], item["aggregatedOutput"]) for item in commands] == [("completed", 0, "hello\n")]

    asked, told, again = (request.body for request in talk.provider.requests)
    assert (asked["model"], asked["stream"]) == ("lab-full", True)
    assert "exec_command" in [tool.get("name") for tool in asked["tools"]]
    assert talk.provider.requests[0].headers["user-agent"].startswith("tests/0.169.0 (")
    for request in talk.provider.requests:
        calls_are_answered(request.body)
    for earlier, later in ((asked, told), (told, again)):
        assert later["input"][: len(earlier["input"])] == earlier["input"], "what was sent is sent again as it was"
    (output,) = [item["output"] for item in told["input"] if item["type"] == "function_call_output"]
    assert output.endswith("Output:\nhello\n")
    said = [(item["role"], item["content"][0]["text"]) for item in again["input"] if item["type"] == "message"]
    assert said[-3:] == [
        ("user", "What does the note say?"),
        ("assistant", "The note says hello."),
        ("user", "Again, please."),
    ]

    written = lines_of(thread["path"])
    assert written[0]["type"] == "session_meta"
    assert [line["ordinal"] for line in written] == list(range(len(written)))
    assert [line["payload"]["type"] for line in written if line["type"] == "event_msg"][-1] == "task_complete"
    for_model = [line["payload"] for line in written if line["type"] == "response_item"]
    assert [item["type"] for item in for_model if item["type"] != "message"] == [
        "reasoning",
        "function_call",
        "function_call_output",
    ]


async def test_what_was_acknowledged_is_on_disk_even_if_the_server_is_killed(converse: Converse) -> None:
    async with converse([["created", "hang"]]) as talk:
        thread = await start_thread(talk)
        assert not await anyio.Path(thread["path"]).exists()
        words = [{"type": "text", "text": "remember me"}]
        await talk.client.request("turn/start", {"threadId": thread["id"], "input": words})
        talk.client.process.send_signal(signal.SIGKILL)
        assert await talk.client.process.wait_exit() == -signal.SIGKILL
        written = lines_of(thread["path"])
    events = [line["payload"] for line in written if line["type"] == "event_msg"]
    assert [event["type"] for event in events if event["type"] in ("task_started", "turn_aborted")] == ["task_started"]
    (item,) = [event["item"] for event in events if event["type"] == "item_completed"]
    assert item["content"][0]["text"] == "remember me"
    assert [line["payload"]["content"] for line in written if line["type"] == "response_item"][-1][0]["text"] == "remember me"


async def test_a_disk_that_takes_no_more_fails_the_turn_and_not_the_server(
    home: Callable[..., Home], server_command: Sequence[str]
) -> None:
    """No file may grow beyond a limit, as on a disk that is full; the thread's file reaches it with a long answer."""
    limited = ["sh", "-c", 'ulimit -f 100; exec "$@"', "sh", *server_command]
    script: Script = [["created", {"item": long_message()}, "completed"], ["created", {"message": "x"}, "completed"]]
    async with ScriptedProvider(script) as provider:
        place = home(provider.url)
        async with spawned(limited, place) as client:
            talk = Conversation(client, place, provider)
            await client.initialize()
            thread = await start_thread(talk)
            ended = await take_turn(talk, thread["id"], "go on and on")
            assert ended["status"] == "failed"
            assert ended["error"]["message"].startswith(f"could not write {thread['path']}: ")
            other = await start_thread(talk)
            assert (await take_turn(talk, other["id"], "short, please"))["status"] == "completed"
            assert lines_of(thread["path"])[-1]["type"], "nothing is torn"
            with pytest.raises(RpcError, match="the disk is full") as refusal:
                await take_turn(talk, other["id"], "on and on " * 20_000)
            assert (refusal.value.code, refusal.value.data) == (-32603, {"reason": "io_error"})
            assert (await client.request("thread/read", {"threadId": other["id"]}))["thread"]["status"] == {"type": "idle"}
        assert check_turns(client.messages) == ["failed", "completed"]
        assert "Traceback" not in place.log.read_text()


def long_message() -> Any:
    text = "on and on " * 20_000
    return {"type": "message", "role": "assistant", "id": "msg_1", "content": [{"type": "output_text", "text": text}]}


async def test_a_client_may_send_everything_at_once(converse: Converse) -> None:
    """Requests that were sent before the server could read them are served in their order."""
    async with converse([["created", {"message": "Quick."}, "completed"]]) as talk:
        thread = await start_thread(talk)
        words = [{"type": "text", "text": "go"}]
        ask = {"threadId": thread["id"], "input": words}
        sent = [
            await talk.client.send("turn/start", ask),
            await talk.client.send("thread/read", {"threadId": thread["id"]}),
            await talk.client.send("model/list", {}),
        ]
        started, read, models = [await talk.client.response(id) for id in sent]
        assert read["thread"]["status"]["type"] == "active"
        assert started["turn"]["status"] == "inProgress"
        assert len(models["data"]) > 1
        await talk.client.wait_notification("turn/completed")
        with anyio.fail_after(5):
            assert (await talk.client.request("thread/read", {"threadId": thread["id"]}))["thread"]["preview"] == "go"
