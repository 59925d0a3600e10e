"""Commands that the user types: in a turn of their own, beside one that runs, ended by time or by the user."""

from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.core.turn.dialogue import ended, items, said, says, see_through, told
from tests.core.turn_rules import check_turns
from tests.support.deterministic import Talk, conversing
from tests.support.provider import Step

pytestmark = pytest.mark.anyio


async def type_command(talk: Talk, thread: str, command: str, **params: Any) -> None:
    assert await talk.client.request("thread/shellCommand", {"threadId": thread, "command": command, **params}) == {}


def words_for_model(talk: Talk) -> list[str]:
    """What the model was told of commands, as the file has it."""
    lines = [line["content"][0]["text"] for line in talk.recorded("response_item") if line.get("role") == "user"]
    return [text for text in lines if text.startswith("<user_shell_command>")]


async def test_a_command_of_the_user_is_a_turn_without_a_model(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("I saw")]) as talk:
        thread = await talk.start_thread()
        await type_command(talk, thread, "echo out; echo err >&2; exit 3")
        turn = await ended(talk, thread)
        assert (turn["status"], turn["items"], talk.provider.requests) == ("completed", [], [])
        await see_through(talk, thread, "comment")
    item = items(talk, "commandExecution")[0]
    assert (item["source"], item["status"], item["exitCode"], item["processId"]) == ("userShell", "failed", 3, None)
    assert item["aggregatedOutput"] == "out\nerr\n"
    assert "".join(delta["delta"] for delta in told(talk, "item/commandExecution/outputDelta")) == "out\nerr\n"
    assert said(talk)[:2] == ["base", "<user_shell_command>"]
    (told_model,) = words_for_model(talk)
    assert told_model.startswith(
        "<user_shell_command>\n<command>\necho out; echo err >&2; exit 3\n</command>\n<result>\nExit code: 3\n"
    )
    assert told_model.endswith("Output:\nout\nerr\n\n</result>\n</user_shell_command>")
    assert check_turns(talk.client.messages) == ["completed", "completed"]


async def test_a_command_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    async with conversing(tmp_path, []) as talk:
        thread = await talk.start_thread()
        await type_command(talk, thread, "echo first; sleep 60", timeoutMs=300)
        assert (await ended(talk, thread))["status"] == "completed"
    item = items(talk, "commandExecution")[0]
    assert (item["status"], item["exitCode"]) == ("failed", -1)
    assert item["aggregatedOutput"] == "first\ncommand timed out after 300 milliseconds"


async def test_interrupting_ends_the_command_and_the_model_hears_of_both(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("ok")]) as talk:
        thread = await talk.start_thread()
        await type_command(talk, thread, "echo first; sleep 60")
        await talk.client.wait_notification("item/commandExecution/outputDelta")
        await talk.client.request("turn/interrupt", {"threadId": thread, "turnId": ""})
        assert (await ended(talk, thread))["status"] == "interrupted"
        await see_through(talk, thread, "on")
    assert items(talk, "commandExecution")[0]["aggregatedOutput"] == "first\ncommand aborted by user"
    assert said(talk)[1:3] == ["<user_shell_command>", "<turn_aborted>"]
    assert check_turns(talk.client.messages) == ["interrupted", "completed"]


async def test_beside_a_running_turn_a_command_is_an_item_of_it_and_the_model_is_asked_once_more(tmp_path: Path) -> None:
    gate = anyio.Event()
    first: list[Step] = ["created", gate, {"message": "one"}, "completed"]
    async with conversing(tmp_path, [first, says("two")]) as talk:
        thread = await talk.start_thread()
        turn = await talk.start_turn(thread)
        await talk.provider.wait_requests(1)
        await type_command(talk, thread, "echo mine")
        closed = await talk.client.wait_notification("item/completed", item__type="commandExecution")
        assert closed["turnId"] == turn
        gate.set()
        assert (await ended(talk, thread))["items"][0]["text"] == "two"
    assert said(talk)[-2:] == ["one", "<user_shell_command>"]
    assert check_turns(talk.client.messages) == ["completed"]


async def test_an_interrupt_ends_a_command_beside_the_turn_too(tmp_path: Path) -> None:
    async with conversing(tmp_path, [["created", "hang"], says("ok")]) as talk:
        thread = await talk.start_thread()
        await talk.start_turn(thread)
        await talk.provider.wait_requests(1)
        await type_command(talk, thread, "echo first; sleep 60")
        await talk.client.wait_notification("item/commandExecution/outputDelta")
        await talk.client.request("turn/interrupt", {"threadId": thread, "turnId": ""})
        assert (await ended(talk, thread))["status"] == "interrupted"
        await see_through(talk, thread, "on")
    assert items(talk, "commandExecution")[0]["aggregatedOutput"] == "first\ncommand aborted by user"
    assert said(talk)[-3:] == ["<user_shell_command>", "<turn_aborted>", "on"]
    assert check_turns(talk.client.messages) == ["interrupted", "completed"]


async def test_what_is_said_to_a_command_is_answered_when_it_has_ended(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("answer")]) as talk:
        thread = await talk.start_thread()
        await type_command(talk, thread, "until [ -f go ]; do sleep 0.05; done; cat go")
        await talk.client.wait_notification("item/started", item__type="commandExecution")
        await talk.start_turn(thread, "and this")
        (talk.home.work / "go.new").write_text("second\n")
        (talk.home.work / "go.new").rename(talk.home.work / "go")
        turn = await ended(talk, thread)
    assert turn["status"] == "completed"
    assert said(talk)[-1] == "and this"
    assert check_turns(talk.client.messages) == ["completed"]


async def test_a_command_that_can_not_be_started_says_why(tmp_path: Path) -> None:
    async with conversing(tmp_path, []) as talk:
        thread = await talk.start_thread(cwd=str(talk.home.work / "nowhere"))
        await type_command(talk, thread, "echo hi")
        assert (await ended(talk, thread))["status"] == "completed"
    item = items(talk, "commandExecution")[0]
    assert (item["status"], item["exitCode"]) == ("failed", -1)
    assert "could not be started" in item["aggregatedOutput"]
