"""Running commands for the model: what it gets, what clients see, and what happens to commands that nobody awaits."""

import json
import re
from pathlib import Path
from typing import Any

import anyio
import pytest

from app_server.core.launch import Launch
from app_server.core.models.metadata import Truncation
from app_server.core.sandbox.rules import Rules
from app_server.core.tools.base import BY_USER, UNANSWERED, CommandAction, Denial, Permit, ToolCall, ToolFailure
from app_server.core.tools.exec_command import rejection
from app_server.core.tools.permissions import Permissions
from tests.core.tools.exec_support import UNSANDBOXED, Bench, bench

pytestmark = pytest.mark.anyio
LAYOUT = re.compile(
    r"Chunk ID: ([0-9a-f]{6})\nWall time: (\d+\.\d{4}) seconds\nProcess (.*)\nOriginal token count: (\d+)\nOutput:\n(.*)",
    re.DOTALL,
)


def parts(output: str) -> tuple[str, int, str]:
    """How the process stands, its tokens, its text."""
    found = LAYOUT.fullmatch(output)
    assert found, output
    return found.group(3), int(found.group(4)), found.group(5)


def session_id(output: str) -> int:
    found = re.search(r"running with session ID (\d+)", output)
    assert found, output
    return int(found.group(1))


async def test_a_quick_command_gives_its_output_and_exit_code(tmp_path: Path) -> None:
    async with bench(tmp_path) as tools:
        output = await tools.execute("printf 'one\\ntwo\\n'; exit 7")
        assert parts(output) == ("exited with code 7", 2, "one\ntwo\n")
        assert tools.host.kinds() == ["item/started", "item/completed"]
        started, completed = (value for _, value in tools.host.events)
        expected = {
            "type": "commandExecution",
            "id": "call",
            "pluginId": None,
            "scriptPath": None,
            "command": "/bin/sh -lc \"printf 'one\\\\ntwo\\\\n'; exit 7\"",
            "cwd": str(tmp_path),
            "processId": started["processId"],
            "source": "unifiedExecStartup",
            "status": "inProgress",
            "commandActions": [{"type": "unknown", "command": "printf 'one\\ntwo\\n'; exit 7"}],
            "aggregatedOutput": None,
            "exitCode": None,
            "durationMs": None,
        }
        assert started == expected
        duration = completed["durationMs"]
        ended = {"status": "failed", "aggregatedOutput": "one\ntwo\n", "exitCode": 7, "durationMs": duration}
        assert completed == {**expected, **ended}
        assert duration >= 0


async def test_success_without_output_closes_the_item_with_null() -> None:
    async with bench() as tools:
        assert parts(await tools.execute("true")) == ("exited with code 0", 0, "")
        (completed,) = tools.host.of("item/completed")
        assert (completed["status"], completed["exitCode"], completed["aggregatedOutput"]) == ("completed", 0, None)


async def test_a_command_that_outlives_the_patience_becomes_a_session_and_ends_by_itself() -> None:
    async with bench() as tools:
        output = await tools.execute("echo early; read x; echo $x; exit 3", tty=True, yield_time_ms=1000)
        state, _, text = parts(output)
        assert text == "early\r\n"
        assert state == f"running with session ID {tools.host.of('item/started')[0]['processId']}"
        session = tools.sessions.get(session_id(output))
        assert session
        assert tools.host.kept == {"call"}
        await session.process.write(b"late\n")
        completed = await tools.host.wait_for("item/completed")
        assert (completed["exitCode"], completed["aggregatedOutput"]) == (3, "early\r\nlate\r\nlate\r\n")
        deltas = [delta["delta"] for delta in tools.host.of("item/commandExecution/outputDelta")]
        assert "".join(deltas) == "early\r\nlate\r\nlate\r\n"
        assert tools.host.kinds()[-1] == "item/completed"


async def test_of_commands_side_by_side_the_one_that_ends_first_is_shown_first() -> None:
    async with bench() as tools:
        async with anyio.create_task_group() as group:
            group.start_soon(tools.execute, "sleep 0.6", "slow")
            group.start_soon(tools.execute, "true", "quick")
        shown = [(kind, item["id"], item["status"]) for kind, item in tools.host.events]
    assert shown == [
        ("item/started", "quick", "inProgress"),
        ("item/completed", "quick", "completed"),
        ("item/started", "slow", "inProgress"),
        ("item/completed", "slow", "completed"),
    ]


async def test_a_command_that_is_interrupted_in_its_first_moment_is_shown_all_the_same() -> None:
    async with bench() as tools:
        async with anyio.create_task_group() as turn:
            turn.start_soon(tools.execute, "sleep 60")
            await anyio.wait_all_tasks_blocked()
            assert tools.host.events == []
            turn.cancel_scope.cancel()
        assert tools.host.kinds()[0] == "item/started"
    (completed,) = tools.host.of("item/completed")
    assert completed["status"] == "failed"


async def test_much_output_is_shown_while_it_comes_even_of_a_quick_command() -> None:
    async with bench() as tools:
        await tools.execute("head -c 300000 /dev/zero | tr '\\0' x")
        deltas = [delta["delta"] for delta in tools.host.of("item/commandExecution/outputDelta")]
        assert sum(map(len, deltas)) == 300_000
        assert max(map(len, deltas)) <= 8192


async def test_deltas_do_not_break_characters() -> None:
    async with bench() as tools:
        await tools.execute("read x; printf '\\303'; read x; printf '\\251\\303'", tty=True, yield_time_ms=250)
        (session,) = tools.sessions.running()
        await session.process.write(b"\n\n")
        await tools.host.wait_for("item/completed")
        text = "".join(delta["delta"] for delta in tools.host.of("item/commandExecution/outputDelta"))
        assert text.replace("\r\n", "") == "é\ufffd"


async def test_long_output_is_cut_in_the_middle() -> None:
    async with bench() as tools:
        state, tokens, text = parts(await tools.execute("seq 1 400", max_output_tokens=60))
        assert (state, tokens) == ("exited with code 0", 373)
        head = "".join(f"{n}\n" for n in range(1, 44))
        tail = "".join(f"{n}\n" for n in range(371, 401))
        warning = "Warning: truncated output (original token count: 373)\nTotal output lines: 400\n\n"
        assert text == f"{warning}{head}…313 tokens truncated…{tail}"


async def test_the_models_own_limit_holds_whatever_it_asks_for() -> None:
    async with bench(truncation=Truncation("bytes", 600)) as tools:
        report = await tools.execute("seq 1 400", max_output_tokens=10_000)
        _, tokens, text = parts(report)
        assert tokens == 373
        assert re.search(r"…\d+ chars truncated…", text)
        assert len(report.encode()) == 720


async def test_output_beyond_the_buffer_keeps_its_true_size() -> None:
    async with bench() as tools:
        _, tokens, text = parts(await tools.execute("seq 1 400000", max_output_tokens=60))
        assert tokens == 672224
        assert text.startswith(
            "Warning: truncated output (original token count: 672224)\n... 1640319 bytes omitted ...\n\n1\n2\n"
        )
        assert "43\n…262092 tokens truncated…\n399984\n" in text
        aggregated = tools.host.of("item/completed")[0]["aggregatedOutput"]
        assert "\n... 1640319 bytes omitted ...\n" in aggregated


async def test_the_folder_the_shell_and_the_login_can_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    async with bench(tmp_path) as tools:
        _, _, text = parts(await tools.execute("pwd", workdir="sub/../sub", shell="bash", login=False))
        assert text == f"{tmp_path}/sub\n"
        (started,) = tools.host.of("item/started")
        assert re.fullmatch(r"/\S*bin/bash -c pwd", started["command"])
        assert started["cwd"] == f"{tmp_path}/sub"


async def test_without_login_shells_the_model_cannot_ask_for_one() -> None:
    async with bench(allows_login_shell=False) as tools:
        await tools.execute("true", login=True)
        assert tools.host.of("item/started")[0]["command"] == "/bin/sh -c true"
        assert "login" not in tools.exec_command.spec()["parameters"]["properties"]


async def test_commands_know_where_they_run() -> None:
    async with bench() as tools:
        script = "echo $CODEX_THREAD_ID $CODEX_SESSION_ID $CODEX_TOOL_CALL_ID $CODEX_VERSION $TERM $PAGER"
        assert parts(await tools.execute(script, call_id="c9"))[2] == "thread session c9 1.0 dumb cat\n"


@pytest.mark.parametrize(
    ("arguments", "script", "reason"),
    [
        ({"workdir": "nowhere"}, "true", "No such file or directory (os error 2)"),
        ({}, "a\0b", "nul byte found in provided data"),
        ({}, "#" * 200_000, "Argument list too long (os error 7)"),
    ],
)
async def test_a_command_that_cannot_be_started_fails_with_its_item(
    tmp_path: Path, arguments: dict[str, Any], script: str, reason: str
) -> None:
    async with bench(tmp_path) as tools:
        with pytest.raises(ToolFailure) as failure:
            await tools.execute(script, **arguments)
        text = f"Failed to create unified exec process: {reason}"
        assert failure.value.text == f'exec_command failed: CreateProcess {{ message: "Rejected(\\"{text}\\")" }}'
        assert tools.host.kinds() == ["item/started", "item/completed"]
        started, completed = (value for _, value in tools.host.events)
        assert (started["processId"], started["source"]) == (None, "unifiedExecStartup")
        assert (completed["status"], completed["exitCode"], completed["aggregatedOutput"]) == ("failed", -1, text)


async def test_what_is_proposed_names_the_command_and_the_wish_for_more_rights(tmp_path: Path) -> None:
    async with bench(tmp_path) as tools:
        arguments = {
            "cmd": "cat a",
            "sandbox_permissions": "require_escalated",
            "justification": "May I?",
            "prefix_rule": ["cat"],
        }
        prepared = tools.exec_command.prepare(ToolCall("call", "exec_command", json.dumps(arguments)), tools.host)
        assert prepared.action == CommandAction(
            ("/bin/sh", "-lc", "cat a"),
            "cat a",
            str(tmp_path),
            wants_escalation=True,
            justification="May I?",
            prefix_rule=("cat",),
        )
        assert tools.host.events == []


async def test_an_approved_command_keeps_the_item_that_was_shown() -> None:
    async with bench() as tools:
        call = ToolCall("call", "exec_command", '{"cmd":"true"}')
        prepared = tools.exec_command.prepare(call, tools.host)
        assert prepared.item
        tools.host.open_item(prepared.item)
        await tools.exec_command.run(call, prepared, UNSANDBOXED, tools.host)
        assert tools.host.kinds() == ["item/started", "item/completed"]
        shown, completed = (value for _, value in tools.host.events)
        assert (shown["source"], shown["processId"]) == ("agent", None)
        assert completed["source"] == "unifiedExecStartup"
        assert completed["processId"].isdecimal()


async def test_a_declined_command_closes_its_item_and_never_runs(tmp_path: Path) -> None:
    async with bench(tmp_path) as tools:
        call = ToolCall("call", "exec_command", '{"cmd":"touch ran"}')
        prepared = tools.exec_command.prepare(call, tools.host)
        assert prepared.item
        tools.host.open_item(prepared.item)
        output = tools.exec_command.declined(call, prepared, BY_USER, tools.host)
        assert output.content == 'exec_command failed: CreateProcess { message: "Rejected(\\"rejected by user\\")" }'
        (completed,) = tools.host.of("item/completed")
        assert (completed["status"], completed["exitCode"], completed["durationMs"]) == ("declined", None, None)
        assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("denial", "status", "text"),
    [
        (UNANSWERED, "failed", rejection("approval request failed")),
        (Denial("`a` rejected: no"), "declined", rejection("`a` rejected: no")),
        (Denial("you can't ask", whole=True), "declined", "you can't ask"),
    ],
)
async def test_a_command_that_was_refused_unasked_is_shown_all_the_same(denial: Denial, status: str, text: str) -> None:
    async with bench() as tools:
        call = ToolCall("call", "exec_command", '{"cmd":"true"}')
        output = tools.exec_command.declined(call, tools.exec_command.prepare(call, tools.host), denial, tools.host)
        assert output.content == text
        assert [(kind, item["status"]) for kind, item in tools.host.events] == [
            ("item/started", "inProgress"),
            ("item/completed", status),
        ]


def test_a_reason_with_quotes_is_escaped_twice() -> None:
    assert rejection('a "b"') == 'exec_command failed: CreateProcess { message: "Rejected(\\"a \\\\\\"b\\\\\\"\\")" }'


async def test_a_command_without_a_sandbox_to_put_it_in_is_refused(tmp_path: Path) -> None:
    async with bench(tmp_path) as tools:
        with pytest.raises(ToolFailure, match="no sandbox"):
            await tools.execute("touch ran", permit=Permit(Rules((), has_network=False)))
        assert not (tmp_path / "ran").exists()


async def test_a_sandbox_is_put_around_commands_that_need_one() -> None:
    def confine(launch: Launch, rules: Rules) -> Launch:
        return Launch(("/usr/bin/env", "CONFINED=yes", *launch.argv), launch.cwd, launch.env)

    async with bench(confine=confine) as tools:
        assert parts(await tools.execute("echo $CONFINED", permit=Permit(Rules((), has_network=False))))[2] == "yes\n"
        assert parts(await tools.execute("echo $CONFINED"))[2] == "\n"


async def interrupt(tools: Bench, script: str) -> None:
    """Run a command and cancel its call once it has printed something."""
    async with anyio.create_task_group() as turn:

        async def call() -> None:
            await tools.execute(script, call_id="interrupted")

        turn.start_soon(call)
        await tools.host.wait_for("item/commandExecution/outputDelta")
        turn.cancel_scope.cancel()


async def test_an_interrupt_ends_the_command_and_closes_its_item() -> None:
    async with bench() as tools:
        await interrupt(tools, "trap 'echo bye; exit 9' TERM; echo ready; while :; do sleep 0.05; done")
        (completed,) = tools.host.of("item/completed")
        assert (completed["status"], completed["exitCode"]) == ("failed", 9)
        assert completed["aggregatedOutput"].startswith("ready\n")
        assert completed["aggregatedOutput"].endswith("bye\n")
        assert tools.sessions.running() == []


async def test_an_interrupt_does_not_wait_for_a_command_that_ignores_it() -> None:
    async with bench() as tools:
        await interrupt(tools, "trap '' TERM; echo ready; while :; do sleep 0.05; done")
        assert tools.host.of("item/completed") == []
        completed = await tools.host.wait_for("item/completed")
        assert completed["exitCode"] == 137


async def test_sessions_that_the_model_holds_outlive_an_interrupt() -> None:
    async with bench() as tools:
        held = session_id(await tools.execute("sleep 60", yield_time_ms=250))
        await interrupt(tools, "echo ready; sleep 60")
        assert [session.id for session in tools.sessions.running()] == [held]


async def test_the_tool_is_described_as_models_know_it() -> None:
    async with bench() as tools:
        spec = tools.exec_command.spec()
        parameters = spec["parameters"]
        assert (spec["type"], spec["name"], spec["strict"]) == ("function", "exec_command", False)
        assert {name: schema["type"] for name, schema in parameters["properties"].items()} == {
            "cmd": "string",
            "justification": "string",
            "login": "boolean",
            "max_output_tokens": "number",
            "prefix_rule": "array",
            "sandbox_permissions": "string",
            "shell": "string",
            "tty": "boolean",
            "workdir": "string",
            "yield_time_ms": "number",
        }
        assert parameters["required"] == ["cmd"]
        assert parameters["additionalProperties"] is False


MORE = '"additional_permissions":{"file_system":{"write":["sub","/x"]},"network":{"enabled":true}}'
OFF = (
    "additional permissions are disabled; enable `features.exec_permission_approvals` before using `with_additional_permissions`"
)


async def test_a_command_may_ask_for_more_permissions_where_that_is_switched_on() -> None:
    async with bench("/w", may_ask_for_more=True) as tools:
        for choice in ('"sandbox_permissions":"with_additional_permissions",', '"sandbox_permissions":"use_default",', ""):
            prepared = tools.exec_command.prepare(
                ToolCall("call", "exec_command", f'{{"cmd":"true",{choice}{MORE}}}'), tools.host
            )
            assert isinstance(prepared.action, CommandAction)
            assert prepared.action.permissions == Permissions(write=("/w/sub", "/x"), network=True)
            assert not prepared.action.wants_escalation
        properties = tools.exec_command.spec()["parameters"]["properties"]
        assert properties["sandbox_permissions"]["enum"] == ["use_default", "with_additional_permissions", "require_escalated"]
        assert list(properties) == sorted(properties)


@pytest.mark.parametrize(
    ("is_on", "arguments", "why"),
    [
        (False, MORE, OFF),
        (False, '"sandbox_permissions":"with_additional_permissions"', OFF),
        (
            True,
            '"sandbox_permissions":"with_additional_permissions"',
            "missing `additional_permissions`; provide at least one of",
        ),
        (True, '"additional_permissions":{}', "`additional_permissions` must include at least one requested permission"),
        (
            True,
            f'"sandbox_permissions":"require_escalated",{MORE}',
            "`additional_permissions` requires `sandbox_permissions` set to",
        ),
    ],
)
async def test_more_permissions_that_do_not_fit_are_refused(is_on: bool, arguments: str, why: str) -> None:
    async with bench(may_ask_for_more=is_on) as tools:
        with pytest.raises(ToolFailure) as failure:
            tools.exec_command.prepare(ToolCall("call", "exec_command", f'{{"cmd":"true",{arguments}}}'), tools.host)
        assert failure.value.text.startswith(why)
