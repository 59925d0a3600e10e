"""Hooks in real turns: what they are told, what they may do, and that what they deny no tool can do."""

import json
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.core.agents.play import KID, Play, answer, tool
from tests.core.lab import FREE, Lab, answers, content, lab, rows
from tests.support.client import Client
from tests.support.mcp import server_table
from tests.support.provider import Request

pytestmark = pytest.mark.anyio
KEEP = 'd="$HOME/told"; mkdir -p "$d"; cat > "$d/$(ls "$d" | wc -l).{event}.json"'
DENY = "echo 'not that' >&2; exit 2"
PATCH = "*** Begin Patch\n*** Add File: made.txt\n+x\n*** End Patch\n"


def calls(*entries: dict[str, Any]) -> list[Any]:
    """An answer with calls."""
    return ["created", *entries, "completed"]


def command(script: str, **arguments: Any) -> dict[str, Any]:
    """A call of the tool for commands."""
    return {"call": "exec_command", "arguments": {"cmd": script, **arguments}, "call_id": f"call {script[:20]}"}


async def set_hooks(home: Lab, client: Client, is_trusted: bool = True, **scripts: str) -> None:
    """Set a command for each of these events, which first keeps what it is told, and trust them."""
    hooks = {
        event: [{"hooks": [{"type": "command", "command": f"{KEEP.format(event=event)}\n{script}", "timeout": 20}]}]
        for event, script in scripts.items()
    }
    (home.home.codex_home / "hooks.json").write_text(json.dumps({"hooks": hooks}))
    if is_trusted:
        assert await trust_all(client) == len(scripts)


async def trust_all(client: Client, **params: Any) -> int:
    """Trust all hooks that are listed. Returns how many."""
    found = (await client.request("hooks/list", params))["data"][0]["hooks"]
    state = {each["key"]: {"trusted_hash": each["currentHash"]} for each in found}
    edit = {"keyPath": "hooks.state", "value": state, "mergeStrategy": "replace"}
    await client.request("config/value/write", edit)
    return len(found)


def told(home: Lab, event: str) -> list[dict[str, Any]]:
    """What the hooks of an event were told, in order."""
    folder = Path(home.home.environment["HOME"]) / "told"
    files = sorted(folder.glob(f"*.{event}.json"), key=lambda file: int(file.name.split(".")[0]))
    return [json.loads(file.read_text()) for file in files]


def runs(client: Client) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The hooks that have run, and what they have said."""
    found = [each["params"]["run"] for each in client.messages if each.get("method") == "hook/completed"]
    return [(run["eventName"], run["status"], [(each["kind"], each["text"]) for each in run["entries"]]) for run in found]


def outputs(home: Lab, request: int) -> list[Any]:
    """The outputs of tools that a model request carried."""
    return [item["output"] for item in home.provider.requests[request].body["input"] if item["type"].endswith("_output")]


async def test_what_a_hook_denies_no_tool_can_do(tmp_path: Path) -> None:
    dynamic = {"type": "function", "name": "dyn", "description": "d", "inputSchema": {"type": "object", "properties": {}}}
    image = {"call": "view_image", "arguments": {"path": "made.txt"}, "call_id": "v"}
    script = [
        calls(command("touch ran"), {"custom": "apply_patch", "input": PATCH, "call_id": "p"}),
        calls(command(f"apply_patch <<'E'\n{PATCH}E\n")),
        calls(image, {"call": "dyn", "arguments": {"a": 1}, "call_id": "d"}),
        *answers("done"),
    ]
    async with lab(tmp_path, script) as home, home.talk() as client:
        await set_hooks(home, client, PreToolUse=DENY, PostToolUse="true")
        thread = await home.start(client, dynamicTools=[dynamic])
        await home.turn(client, thread["id"], "go")
        assert list(home.home.work.iterdir()) == []
        said = outputs(home, 3)
        assert len(said) == 5
        assert said[0] == "Command blocked by PreToolUse hook: not that. Command: touch ran"
        assert said[3:] == [f"Tool call blocked by PreToolUse hook: not that. Tool: {name}" for name in ("view_image", "dyn")]
        assert all("blocked by PreToolUse hook: not that" in each for each in said)
        assert (told(home, "PostToolUse"), "item/tool/call" in client.methods()) == ([], False)
        assert runs(client) == [("preToolUse", "blocked", [("feedback", "not that")])] * 5


def typing(request: Request) -> list[Any]:
    """Look at the first of the two commands that the calls before have begun, and type into the second."""
    first, second = (
        int(item["output"].partition("session ID ")[2].split()[0])
        for item in request.body["input"]
        if item["type"] == "function_call_output"
    )
    return calls(
        {"call": "write_stdin", "arguments": {"session_id": first, "chars": ""}, "call_id": "l"},
        {"call": "write_stdin", "arguments": {"session_id": second, "chars": "x\n"}, "call_id": "t"},
    )


async def test_typing_into_a_terminal_is_denied_and_looking_at_it_is_not(tmp_path: Path) -> None:
    begun = calls(command("sleep 1; echo over", yield_time_ms=250), command("read line", tty=True, yield_time_ms=250))
    async with lab(tmp_path, [begun, typing, *answers("done")]) as home, home.talk() as client:
        await set_hooks(home, client, PreToolUse=f'grep -q write_stdin "$d"/* && {{ {DENY}; }}; true')
        await home.turn(client, (await home.start(client))["id"], "go")
        *_, looked, typed = outputs(home, 2)
        assert "over" in looked
        assert typed == "Tool call blocked by PreToolUse hook: not that. Tool: write_stdin"


async def test_a_rewritten_command_is_judged_as_what_it_has_become(tmp_path: Path) -> None:
    output = {"hookEventName": "PreToolUse", "permissionDecision": "allow", "updatedInput": {"command": "rm -f made"}}
    script = f"echo '{json.dumps({'hookSpecificOutput': output})}'"
    async with lab(tmp_path, [calls(command("echo fine")), *answers("done")]) as home, home.talk() as client:
        (home.home.work / "made").write_text("")
        await set_hooks(home, client, PreToolUse=script)
        await home.turn(client, (await home.start(client))["id"], "go")
        assert "rm -f made" in outputs(home, 1)[0]
        assert "rejected" in outputs(home, 1)[0]
        assert (home.home.work / "made").exists()


async def test_hooks_around_a_tool_see_it_and_tell_the_model(tmp_path: Path) -> None:
    before = {"hookSpecificOutput": {"hookEventName": "PreToolUse", "additionalContext": "ctx before"}}
    after = {"hookSpecificOutput": {"hookEventName": "PostToolUse", "additionalContext": "ctx after"}}
    async with lab(tmp_path, [calls(command("echo hi")), *answers("done")]) as home, home.talk() as client:
        await set_hooks(home, client, PreToolUse=f"echo '{json.dumps(before)}'", PostToolUse=f"echo '{json.dumps(after)}'")
        thread = await home.start(client)
        turn = await home.turn(client, thread["id"], "go")
        facts = {
            "session_id": thread["id"],
            "turn_id": turn,
            "transcript_path": thread["path"],
            "cwd": str(home.home.work),
            "model": "lab-full",
            "permission_mode": "bypassPermissions",
            "tool_name": "Bash",
            "tool_input": {"command": "echo hi"},
            "tool_use_id": "call echo hi",
        }
        assert told(home, "PreToolUse") == [{**facts, "hook_event_name": "PreToolUse"}]
        assert told(home, "PostToolUse") == [{**facts, "hook_event_name": "PostToolUse", "tool_response": "hi\n"}]
        assert home.told(1)[-4:-1] == ["function_call", "developer: ctx before", "developer: ctx after"]
        kinds = [row.payload for row in rows(Path(thread["path"])) if row.payload.get("role") == "developer"]
        assert '"hooks.additional_context"' in json.dumps(kinds)


async def test_after_a_tool_the_model_is_told_what_the_hook_says_instead(tmp_path: Path) -> None:
    script = [calls(command("echo hi; sleep 0.5", yield_time_ms=250)), calls(command("echo hi")), *answers("done")]
    async with lab(tmp_path, script) as home, home.talk() as client:
        await set_hooks(home, client, PostToolUse="""echo '{"decision":"block","reason":"bad result"}'""")
        await home.turn(client, (await home.start(client))["id"], "go")
        running, over = outputs(home, 2)
        assert "Process running" in running
        assert over == "bad result"
        assert [each["tool_use_id"] for each in told(home, "PostToolUse")] == ["call echo hi"]


@pytest.mark.parametrize("behavior", ["allow", "deny"])
async def test_a_hook_answers_in_the_users_place(tmp_path: Path, behavior: str) -> None:
    decision = {"hookSpecificOutput": {"hookEventName": "PermissionRequest", "decision": {"behavior": behavior, "message": "no"}}}
    async with lab(tmp_path, [calls(command("touch ran")), *answers("done")]) as home, home.talk() as client:
        await set_hooks(home, client, PermissionRequest=f"echo '{json.dumps(decision)}'")
        thread = (await home.start(client, approvalPolicy="untrusted"))["id"]
        await home.turn(client, thread, "go")
        assert (home.home.work / "ran").exists() is (behavior == "allow")
        assert "item/commandExecution/requestApproval" not in client.methods()
        (facts,) = told(home, "PermissionRequest")
        assert (facts["permission_mode"], facts["tool_input"]) == ("default", {"command": "touch ran"})
        if behavior == "deny":
            assert outputs(home, 1) == ['exec_command failed: CreateProcess { message: "Rejected(\\"no\\")" }']


async def test_words_that_a_hook_blocks_were_never_said_also_over_a_restart(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("fine")) as home:
        async with home.talk() as client:
            block = """grep -q secret "$d"/* && { rm "$d"/*; echo '{"decision":"block","reason":"a secret"}'; }; true"""
            await set_hooks(home, client, UserPromptSubmit=block)
            thread = (await home.start(client))["id"]
            await home.turn(client, thread, "a secret")
            assert (home.provider.requests, "item/started" in client.methods()) == ([], False)
            await home.turn(client, thread, "hello")
            assert home.said(0) == ["user: hello"]
        async with home.talk() as client:
            stored = (await client.request("thread/resume", {"threadId": thread}))["thread"]
            assert (stored["preview"], [len(turn["items"]) for turn in stored["turns"]]) == ("hello", [0, 2])


async def test_sessions_begin_once_and_say_how(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1", "2", "3", "4")) as home:
        async with home.talk() as client:
            await set_hooks(home, client, SessionStart="echo session ctx", UserPromptSubmit="echo prompt ctx", SessionEnd="true")
            thread = (await home.start(client))["id"]
            await home.turn(client, thread, "one")
            await home.turn(client, thread, "two")
            assert home.told(1)[-6:] == [
                "developer: session ctx",
                "user: one",
                "developer: prompt ctx",
                "assistant: 1",
                "user: two",
                "developer: prompt ctx",
            ]
        async with home.talk() as client:
            await client.request("thread/resume", {"threadId": thread})
            await home.turn(client, thread, "three")
            fork = (await client.request("thread/fork", {"threadId": thread, "excludeTurns": True}))["thread"]["id"]
            await home.turn(client, fork, "four")
            assert [each["source"] for each in told(home, "SessionStart")] == ["startup", "resume", "fork"]
            await client.request("thread/archive", {"threadId": thread})
            (ended,) = told(home, "SessionEnd")
            assert (ended["session_id"], ended["reason"]) == (thread, "other")


async def test_a_session_that_is_stopped_at_its_start_has_no_turn(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1")) as home, home.talk() as client:
        await set_hooks(home, client, SessionStart="""echo '{"continue":false,"stopReason":"not now"}'""")
        thread = (await home.start(client))["id"]
        await home.turn(client, thread, "one")
        assert (home.provider.requests, runs(client)) == ([], [("sessionStart", "stopped", [("stop", "not now")])])
        await home.turn(client, thread, "two")
        assert home.said(0) == ["user: two"]


async def test_a_stop_hook_has_the_model_go_on_and_is_told_so(tmp_path: Path) -> None:
    once = '[ "$(ls "$d" | wc -l)" -gt 1 ] || { echo "go <on>" >&2; exit 2; }'
    async with lab(tmp_path, answers("done", "more")) as home, home.talk() as client:
        await set_hooks(home, client, Stop=once)
        thread = (await home.start(client))["id"]
        turn = await home.turn(client, thread, "go")
        run_id = f"stop:0:{home.home.codex_home}/hooks.json"
        assert home.told(1)[-1] == f'user: <hook_prompt hook_run_id="{run_id}">go &lt;on&gt;</hook_prompt>'
        assert [(each["stop_hook_active"], each["last_assistant_message"]) for each in told(home, "Stop")] == [
            (False, "done"),
            (True, "more"),
        ]
        page = await client.request("thread/items/list", {"threadId": thread, "turnId": turn})
        kinds = [entry["item"]["type"] for entry in page["data"]]
        assert kinds == ["userMessage", "agentMessage", "hookPrompt", "agentMessage"]
        assert page["data"][2]["item"]["fragments"] == [{"text": "go <on>", "hookRunId": run_id}]


async def test_hooks_around_requests_are_told_of_their_ends(tmp_path: Path) -> None:
    async with lab(tmp_path, [calls(command("echo hi")), *answers("done")]) as home, home.talk() as client:
        await set_hooks(home, client, PreModelRequest="true", PostModelRequest="true", PreToolUse="true")
        await home.turn(client, (await home.start(client))["id"], "go")
        order = [event for event, _, _ in runs(client)]
        assert order == ["preModelRequest", "postModelRequest", "preToolUse", "preModelRequest", "postModelRequest"]
        first = told(home, "PostModelRequest")[0]
        assert (first["status"], first["error"], first["token_usage"]["total_tokens"]) == ("completed", None, 120)


async def test_compactions_are_announced_and_may_be_stopped(tmp_path: Path) -> None:
    stop = """[ "$(ls "$d" | grep -c PreCompact)" -gt 1 ] || echo '{"continue":false,"stopReason":"not now"}'"""
    async with lab(tmp_path, answers("one", "summary", "three")) as home, home.talk() as client:
        await set_hooks(home, client, PreCompact=stop, PostCompact="true", SessionStart="true")
        thread = (await home.start(client))["id"]
        await home.turn(client, thread, "one")
        for status in ("interrupted", "completed"):
            await client.request("thread/compact/start", {"threadId": thread})
            assert (await client.wait_notification("turn/completed", turn__status=status))["turn"]["error"] is None
        await home.turn(client, thread, "three")
        assert [each["trigger"] for each in told(home, "PreCompact")] == ["manual", "manual"]
        assert (len(told(home, "PostCompact")), len(home.provider.requests)) == (1, 3)
        assert [each["source"] for each in told(home, "SessionStart")] == ["startup", "compact"]
        assert not any("turn_aborted" in text for text in home.told(2))


async def test_an_interrupt_is_told_and_a_hook_that_runs_is_killed_by_it(tmp_path: Path) -> None:
    async with lab(tmp_path, [["created", "hang"]]) as home, home.talk() as client:
        await set_hooks(home, client, Interrupt="true", UserPromptSubmit='touch "$HOME/begun"; sleep 60')
        thread = (await home.start(client))["id"]
        turn = await home.begin(client, thread, "go")
        begun = anyio.Path(home.home.environment["HOME"]) / "begun"
        with anyio.fail_after(10):
            while not await begun.exists():
                await anyio.lowlevel.checkpoint()
        await client.request("turn/interrupt", {"threadId": thread, "turnId": turn})
        ended = await client.wait_notification("turn/completed", turn__id=turn)
        assert (ended["turn"]["status"], home.provider.requests) == ("interrupted", [])
        assert runs(client)[0] == ("userPromptSubmit", "failed", [("error", "hook was interrupted")])
        assert [each["turn_id"] for each in told(home, "Interrupt")] == [turn]
        stored = await client.request("thread/turns/list", {"threadId": thread})
        assert stored["data"][0]["items"] == []


async def test_hooks_that_nobody_trusts_and_hooks_that_are_switched_off_do_not_run(tmp_path: Path) -> None:
    async with lab(tmp_path, [calls(command("touch ran")), *answers("1", "2")]) as home, home.talk() as client:
        await set_hooks(home, client, is_trusted=False, PreToolUse=DENY)
        await home.turn(client, (await home.start(client))["id"], "go")
        assert (home.home.work / "ran").exists()
        await set_hooks(home, client, UserPromptSubmit=DENY)
        off = (await home.start(client, config={"features.hooks": False}))["id"]
        await home.turn(client, off, "go")
        assert (runs(client), len(home.provider.requests)) == ([], 3)


async def test_hooks_of_a_project_run_only_when_the_project_is_trusted(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1")) as home, home.talk() as client:
        (home.home.work / ".git").mkdir()
        (home.home.work / ".codex").mkdir()
        hooks = {"UserPromptSubmit": [{"hooks": [{"type": "command", "command": DENY}]}]}
        (home.home.work / ".codex" / "hooks.json").write_text(json.dumps({"hooks": hooks}))
        cwds = {"cwds": [str(home.home.work)]}
        assert (await client.request("hooks/list", cwds))["data"][0]["hooks"] == []
        trust = {"keyPath": f'projects."{home.home.work}".trust_level', "value": "trusted", "mergeStrategy": "replace"}
        await client.request("config/value/write", trust)
        assert await trust_all(client, **cwds) == 1
        await home.turn(client, (await home.start(client))["id"], "go")
        assert (home.provider.requests, runs(client)[0][1]) == ([], "blocked")


async def test_what_is_long_goes_into_a_file_and_the_model_gets_its_path(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1")) as home, home.talk() as client:
        await set_hooks(home, client, SessionStart="seq 1 9000")
        thread = (await home.start(client))["id"]
        await home.turn(client, thread, "go")
        (context,) = [text for text in home.told(0) if "Full hook output saved to: " in text]
        file = Path(context.rpartition("Full hook output saved to: ")[2])
        assert file.parent == home.home.codex_home / "hook_outputs" / thread
        assert len(content(str(file)).split()) == 9000
        assert len(context) < 10_100


async def test_a_hook_on_its_own_holds_nothing_up_and_is_heard_later(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    script = f"while [ ! -e {gate} ]; do sleep 0.05; done; echo late words"
    hook = {"type": "command", "command": script, "async": True}
    async with lab(tmp_path, answers("1", "2")) as home, home.server() as server, server.client() as client:
        (home.home.codex_home / "hooks.json").write_text(json.dumps({"hooks": {"UserPromptSubmit": [{"hooks": [hook]}]}}))
        await trust_all(client)
        thread = (await home.start(client))["id"]
        await home.turn(client, thread, "one")
        assert runs(client) == []
        gate.touch()
        hooks = server.server.services.threads.get(thread).hooks
        with anyio.fail_after(10):
            while not hooks.has_late:
                await anyio.lowlevel.checkpoint()
        await home.turn(client, thread, "two")
        assert "developer: late words" in home.told(1)


async def test_what_is_odd_about_hooks_is_told_when_a_thread_starts(tmp_path: Path) -> None:
    async with lab(tmp_path) as home, home.talk() as client:
        table = {
            "SessionEnd": [{"hooks": [{"type": "command", "command": "true", "timeout": 9}]}],
            "PreToolUse": [{"matcher": "[", "hooks": [{"type": "command", "command": "true"}]}],
        }
        file = home.home.codex_home / "hooks.json"
        file.write_text(json.dumps({"hooks": table}))
        (listed,) = (await client.request("hooks/list", {}))["data"]
        assert [(each["eventName"], each["timeoutSec"]) for each in listed["hooks"]] == [("sessionEnd", 3)]
        await client.request("thread/start", FREE)
        told_of = [await client.wait_notification("warning") for _ in range(2)]
        assert [each["message"] for each in told_of] == listed["warnings"]
        assert f"clamping SessionEnd hook timeout to 3s in {file}" in listed["warnings"]


async def test_a_reviewers_tools_are_watched_too(tmp_path: Path) -> None:
    findings = {
        "findings": [],
        "overall_correctness": "patch is correct",
        "overall_explanation": "ok",
        "overall_confidence_score": 1,
    }
    async with lab(tmp_path, [calls(command("touch ran")), *answers(json.dumps(findings))]) as home, home.talk() as client:
        await set_hooks(home, client, PreToolUse=DENY, UserPromptSubmit="true")
        thread = (await home.start(client))["id"]
        target = {"type": "custom", "instructions": "look"}
        await client.request("review/start", {"threadId": thread, "target": target})
        await client.wait_notification("turn/completed")
        assert [each["prompt"] for each in told(home, "UserPromptSubmit")] == ["look"]
        assert "blocked by PreToolUse hook" in outputs(home, 1)[0]
        assert not (home.home.work / "ran").exists()


async def test_agents_begin_and_stop_with_hooks_of_their_own_and_their_tools_are_watched(tmp_path: Path) -> None:
    spawn = answer(tool("spawn_agent", "s", message="child task"))
    parent = [spawn, answer(tool("wait_agent", "w", targets=[KID])), *answers("done")]
    play = Play(parent, [calls(command("touch ran")), *answers("mine")])
    async with lab(tmp_path, play.script()) as home, home.talk() as client:
        deny = f'grep -q "touch ran" "$d"/*.PreToolUse.json && {{ {DENY}; }}; true'
        await set_hooks(
            home, client, SessionStart="true", SubagentStart="true", SubagentStop="true", Stop="true", PreToolUse=deny
        )
        thread = await home.start(client)
        await home.turn(client, thread["id"], "go")
        (begun,), (stopped,) = told(home, "SubagentStart"), told(home, "SubagentStop")
        agent = begun["agent_id"]
        assert agent != thread["id"] == begun["session_id"] == stopped["session_id"]
        assert (begun["agent_type"], stopped["agent_type"], stopped["agent_id"]) == ("default", "default", agent)
        assert stopped["transcript_path"] == thread["path"]
        assert agent in stopped["agent_transcript_path"]
        assert stopped["last_assistant_message"] == "mine"
        assert (len(told(home, "SessionStart")), [each["last_assistant_message"] for each in told(home, "Stop")]) == (1, ["done"])
        assert not (home.home.work / "ran").exists()


def tool_hook(name: str, server: str = "lab", **given: Any) -> dict[str, Any]:
    """A hook that calls a tool of the small server."""
    return {"hooks": [{"type": "mcp_tool", "server": server, "tool": name, "input": given, "timeout": 20}]}


async def test_a_tool_of_a_server_is_a_hook_like_a_command(tmp_path: Path) -> None:
    """It denies, tells, and fails as commands do; it sees what has happened, and no one is asked."""
    denial = {"hookEventName": "PreToolUse", "permissionDecision": "deny", "permissionDecisionReason": "no ${tool_input.command}"}
    hooks = {
        "UserPromptSubmit": [tool_hook("write", say="heard ${prompt}")],
        "PreToolUse": [
            tool_hook("write", say=json.dumps({"hookSpecificOutput": denial})),
            tool_hook("look-up"),
            tool_hook("write", server="none"),
            tool_hook("die", server="mortal"),
        ],
    }
    async with (
        lab(tmp_path, [calls(command("touch ran")), *answers("done")], tables=server_table() + server_table("mortal")) as home,
        home.talk() as client,
    ):
        (home.home.codex_home / "hooks.json").write_text(json.dumps({"hooks": hooks}))
        assert await trust_all(client) == 5
        thread = await home.start(client)
        await home.turn(client, thread["id"], "go")
        assert list(home.home.work.iterdir()) == []
        assert outputs(home, 1) == ["Command blocked by PreToolUse hook: no touch ran. Command: touch ran"]
        heard, *others = runs(client)
        assert heard == ("userPromptSubmit", "completed", [("context", "heard go")])
        assert others[0] == ("preToolUse", "blocked", [("feedback", "no touch ran")])
        assert [(status, entries[0][1]) for _, status, entries in others[1:]] == [
            ("failed", "MCP tool returned an error: done"),
            ("failed", "unknown MCP server 'none'"),
            ("failed", "tool call failed for `mortal/die`"),
        ]
        kinds = {each["params"]["run"]["handlerType"] for each in client.messages if each.get("method") == "hook/started"}
        assert (kinds, "mcpServer/elicitation/request" in client.methods()) == ({"mcpTool"}, False)
