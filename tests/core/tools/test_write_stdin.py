"""Typing into sessions and looking at them again."""

import re

import pytest

from app_server.core.tools.base import ToolCall, ToolFailure
from tests.core.tools.exec_support import Bench, bench

pytestmark = pytest.mark.anyio
INTERACTION = "item/commandExecution/terminalInteraction"


async def session_of(tools: Bench, script: str, **arguments: object) -> int:
    """The number of a session that runs a script."""
    output = await tools.execute(script, yield_time_ms=250, **arguments)
    found = re.search(r"running with session ID (\d+)", output)
    assert found, output
    return int(found.group(1))


async def test_input_reaches_a_terminal_and_the_end_is_told_once() -> None:
    async with bench() as tools:
        number = await session_of(tools, "read x; echo got-$x", tty=True)
        output = await tools.write(number, "ping\n", yield_time_ms=30_000)
        assert "\nProcess exited with code 0\nOriginal token count: 4\nOutput:\nping\r\ngot-ping\r\n" in output
        assert tools.host.of(INTERACTION) == [
            {"threadId": "thread", "turnId": "turn", "itemId": "call", "processId": str(number), "stdin": "ping\n"}
        ]
        kinds = tools.host.kinds()
        assert kinds.index(INTERACTION) < kinds.index("item/completed")
        with pytest.raises(ToolFailure) as failure:
            await tools.write(number)
        assert failure.value.text == f"write_stdin failed: Unknown process id {number}"


async def test_each_look_gives_what_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app_server.core.tools.write_stdin._MIN_POLL_MS", 1)
    async with bench() as tools:
        number = await session_of(tools, "while read x; do echo got-$x; done", tty=True)
        session = tools.sessions.get(number)
        assert session
        for letter in "ab":
            await session.process.write(f"{letter}\n".encode())
            await tools.host.wait_shown(f"got-{letter}\r\n")
            output = await tools.write(number, yield_time_ms=1)
            assert f"\nProcess running with session ID {number}\n" in output
            assert output.partition("Output:\n")[2] == f"{letter}\r\ngot-{letter}\r\n"


async def test_an_empty_look_waits_for_the_end_and_only_a_running_command_is_announced() -> None:
    async with bench() as tools:
        number = await session_of(tools, "sleep 0.5; echo done; exit 4")
        output = await tools.write(number)
        assert "\nProcess exited with code 4\nOriginal token count: 2\nOutput:\ndone\n" in output
        assert tools.host.of(INTERACTION) == []


async def test_an_empty_look_at_a_running_command_is_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app_server.core.tools.write_stdin._MIN_POLL_MS", 100)
    async with bench() as tools:
        number = await session_of(tools, "sleep 60")
        assert f"\nProcess running with session ID {number}\n" in await tools.write(number, yield_time_ms=100)
        assert [interaction["stdin"] for interaction in tools.host.of(INTERACTION)] == [""]


async def test_a_command_that_ended_meanwhile_tells_its_rest() -> None:
    async with bench() as tools:
        number = await session_of(tools, "read x; echo rest; exit 2", tty=True)
        session = tools.sessions.get(number)
        assert session
        await session.process.write(b"\n")
        await session.ended.wait()
        output = await tools.write(number, "into the void")
        assert "\nProcess exited with code 2\n" in output
        assert output.endswith("rest\r\n")


async def test_without_a_terminal_there_is_no_input() -> None:
    async with bench() as tools:
        number = await session_of(tools, "sleep 60")
        with pytest.raises(ToolFailure) as failure:
            await tools.write(number, "x")
        assert failure.value.text == (
            "write_stdin failed: stdin is closed for this session; rerun exec_command with tty=true to keep stdin open"
        )
        assert tools.host.of(INTERACTION) == []


INTERRUPTED = "trap 'echo caught; exit 5' INT; echo ready; while :; do sleep 0.05; done"


async def test_ctrl_c_interrupts_a_command_without_a_terminal() -> None:
    async with bench() as tools:
        number = await session_of(tools, INTERRUPTED)
        await tools.host.wait_shown("ready")
        output = await tools.write(number, "\x03", yield_time_ms=30_000)
        assert "\nProcess exited with code 5\n" in output
        assert output.endswith("caught\n")
        assert [interaction["stdin"] for interaction in tools.host.of(INTERACTION)] == ["\x03"]


async def test_ctrl_c_is_typed_into_a_terminal() -> None:
    async with bench() as tools:
        number = await session_of(tools, INTERRUPTED, tty=True)
        await tools.host.wait_shown("ready")
        output = await tools.write(number, "\x03", yield_time_ms=30_000)
        assert "\nProcess exited with code 5\n" in output
        assert "^Ccaught\r\n" in output


async def test_an_unknown_session_is_told() -> None:
    async with bench() as tools:
        with pytest.raises(ToolFailure) as failure:
            await tools.write(-5, "x")
        assert failure.value.text == "write_stdin failed: Unknown process id -5"


async def test_what_a_look_gives_is_cut_too() -> None:
    async with bench() as tools:
        number = await session_of(tools, "read x; seq 1 400", tty=True)
        output = await tools.write(number, "\n", yield_time_ms=30_000, max_output_tokens=10)
        assert "tokens truncated…" in output


@pytest.mark.parametrize(
    ("chars", "asked", "waits_s"),
    [("x", None, 0.25), ("x", 1, 0.25), ("x", 99_999, 30), ("", None, 5), ("", 9_000, 9), ("", 999_999, 300)],
)
async def test_the_wait_is_kept_within_limits(chars: str, asked: int | None, waits_s: float) -> None:
    async with bench() as tools:
        wish = "" if asked is None else f',"yield_time_ms":{asked}'
        call = f'{{"session_id":1,"chars":"{chars}"{wish}}}'
        prepared = tools.write_stdin.prepare(tool_call(call), tools.host)
        assert prepared.arguments.yield_s == waits_s


def tool_call(arguments: str) -> ToolCall:
    return ToolCall("call", "write_stdin", arguments)
