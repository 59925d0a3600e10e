"""What clients ask of MCP servers by themselves, past the model, over a connection to a real server process."""

from typing import Any

import pytest

from tests.conftest import Conversation, Converse
from tests.support.client import RpcError
from tests.support.mcp import is_alive, noted_pids, server_table, wait_gone

FREE = {"approvalPolicy": "never", "sandbox": "danger-full-access"}


async def start(talk: Conversation, name: str = "lab") -> str:
    """A thread whose server is there."""
    thread = (await talk.client.request("thread/start", {"cwd": str(talk.home.work), **FREE}))["thread"]["id"]
    await talk.client.wait_notification("mcpServer/startupStatus/updated", status="ready", threadId=thread, name=name)
    return str(thread)


async def refused(talk: Conversation, method: str, params: Any) -> tuple[int, str]:
    with pytest.raises(RpcError) as refusal:
        await talk.client.request(method, params)
    return refusal.value.code, refusal.value.message


async def test_the_list_tells_what_servers_have_page_by_page(converse: Converse) -> None:
    tables = (
        server_table("b", 'enabled_tools = ["add"]') + server_table("a", "enabled = false") + server_table("c", LAB_FAIL="list")
    )
    async with converse(tables=tables) as talk:
        first = await talk.client.request("mcpServerStatus/list", {"limit": 2})
        rest = await talk.client.request("mcpServerStatus/list", {"cursor": first["nextCursor"]})
        brief = await talk.client.request("mcpServerStatus/list", {"serverName": "b", "detail": "toolsAndAuthOnly"})
        wrong = await refused(talk, "mcpServerStatus/list", {"cursor": "9"})

    off, there = first["data"]
    [broken] = rest["data"]
    assert [each["name"] for each in (off, there, broken)] == ["a", "b", "c"]
    assert (off["tools"], off["serverInfo"], off["toolsError"], off["runtimeStatus"]) == ({}, None, None, None)
    assert list(there["tools"]) == ["add"]
    assert there["serverInfo"]["name"] == "lab"
    assert there["serverCapabilities"] == {"tools": {}, "resources": {}}
    assert there["resources"] == [{"name": "one", "uri": "lab://one"}]
    assert there["resourceTemplates"] == [{"uriTemplate": "lab://{x}", "name": "any"}]
    assert broken["toolsError"] == 'MCP startup failed: Mcp error: -32000: no tools/list({"lab":1})'
    assert (rest["nextCursor"], brief["data"][0]["resources"]) == (None, [])
    assert wrong == (-32600, "cursor 9 exceeds total MCP servers 3")


async def test_a_tool_is_called_for_the_client_without_a_question(converse: Converse) -> None:
    async with converse(tables=server_table() + server_table("off", "enabled = false")) as talk:
        thread = await start(talk)
        call = {"threadId": thread, "server": "lab", "tool": "add", "arguments": {"a": 2, "b": 2}}
        answer = await talk.client.request("mcpServer/tool/call", call)
        failing = await talk.client.request("mcpServer/tool/call", {"threadId": thread, "server": "lab", "tool": "look-up"})
        refusals = [
            await refused(talk, "mcpServer/tool/call", {**call, **change})
            for change in ({"server": "off"}, {"arguments": [1]}, {"threadId": "00000000-0000-7000-8000-000000000000"})
        ]

    assert answer == {"content": [{"type": "text", "text": "4"}], "structuredContent": {"sum": 4}}
    assert failing == {"content": [{"type": "text", "text": "done"}], "isError": True}
    assert refusals == [
        (-32603, "unknown MCP server 'off'"),
        (-32603, "tool call failed for `lab/add`: MCP tool arguments must be a JSON object, got [1]"),
        (-32600, "thread not found: 00000000-0000-7000-8000-000000000000"),
    ]


async def test_a_resource_is_read_with_and_without_a_thread_and_a_servers_refusal_passed_on(converse: Converse) -> None:
    async with converse(tables=server_table()) as talk:
        thread = await start(talk)
        wanted = {"server": "lab", "uri": "lab://one"}
        answers = [
            await talk.client.request("mcpServer/resource/read", {**wanted, **more}) for more in ({}, {"threadId": thread})
        ]
        missing = await refused(talk, "mcpServer/resource/read", {"server": "lab", "uri": "lab://two"})
        nobody = await refused(talk, "mcpServer/resource/read", {"server": "nobody", "uri": "lab://one"})

    contents = [{"uri": "lab://one", "mimeType": "text/plain", "text": "one!"}]
    assert answers == [{"contents": contents, "originCallId": None}] * 2
    assert missing == (-32000, "no resources/read")
    assert nobody == (-32603, "unknown MCP server 'nobody'")


async def test_reloading_starts_servers_anew_with_the_configuration_as_it_is_now(converse: Converse) -> None:
    async with converse(tables=server_table(LAB_NOTES="notes")) as talk:
        thread = await start(talk)
        [before] = noted_pids(talk.home.work / "notes")
        edit = {"keyPath": "mcp_servers.lab.enabled_tools", "value": ["where"], "mergeStrategy": "replace"}
        await talk.client.request("config/value/write", edit)
        await talk.client.request("config/mcpServer/reload", None)
        await talk.client.wait_notification("mcpServer/startupStatus/updated", status="ready", threadId=thread)
        listed = await talk.client.request("mcpServerStatus/list", {"threadId": thread, "detail": "toolsAndAuthOnly"})
        await wait_gone(before)
        [_, after] = noted_pids(talk.home.work / "notes")
        assert is_alive(after)

    [status] = listed["data"]
    assert (status["runtimeStatus"], list(status["tools"])) == ("connected", ["where"])


async def test_a_thread_does_not_start_without_a_server_that_it_requires(converse: Converse) -> None:
    async with converse(tables=server_table(more="required = true", LAB_FAIL="init")) as talk:
        code, text = await refused(talk, "thread/start", {"cwd": str(talk.home.work)})
        loaded = await talk.client.request("thread/loaded/list")

    assert (code, loaded["data"]) == (-32603, [])
    assert text.startswith(
        "error creating thread: Fatal error: Failed to initialize session: required MCP servers failed to initialize: "
        "lab: handshaking with MCP server failed: JSON-RPC error: -32000: no initialize"
    )


async def test_a_thread_that_requires_a_server_starts_when_it_is_there(converse: Converse) -> None:
    async with converse(tables=server_table(more="required = true", LAB_SLOW_S="0.5")) as talk:
        thread = (await talk.client.request("thread/start", {"cwd": str(talk.home.work)}))["thread"]["id"]
        listed = await talk.client.request("mcpServerStatus/list", {"threadId": thread})

    assert listed["data"][0]["runtimeStatus"] == "connected"


async def test_a_thread_that_is_let_go_lets_its_servers_go(converse: Converse) -> None:
    async with converse(tables=server_table(LAB_NOTES="notes", LAB_CHILD="1"), top="thread_unload_delay_secs = 0") as talk:
        thread = await start(talk)
        pids = noted_pids(talk.home.work / "notes")
        await talk.client.request("thread/unsubscribe", {"threadId": thread})
        await wait_gone(*pids)


async def test_a_consent_for_always_is_kept_in_the_configuration(converse: Converse) -> None:
    script: list[Any] = [
        ["created", {"call": "write", "namespace": "mcp__lab"}, "completed"],
        ["created", {"message": "Done."}, "completed"],
    ]
    async with converse(script, tables=server_table()) as talk:
        thread = await start(talk)
        words = {"threadId": thread, "input": [{"type": "text", "text": "Go."}], "approvalPolicy": "on-request"}
        await talk.client.request("turn/start", words)
        asked = await talk.client.wait_request("mcpServer/elicitation/request")
        await talk.client.answer(asked, {"action": "accept", "content": {}, "_meta": {"persist": "always"}})
        await talk.client.wait_notification("turn/completed", threadId=thread)
        config = (await talk.client.request("config/read", {}))["config"]

    assert config["mcp_servers"]["lab"]["tools"] == {"write": {"approval_mode": "approve"}}


async def test_a_model_reads_what_servers_have(converse: Converse) -> None:
    reads = [
        ("list_mcp_resources", {}),
        ("list_mcp_resource_templates", {"server": "lab"}),
        ("read_mcp_resource", {"server": "lab", "uri": "lab://one"}),
    ]
    wrong = [
        ("read_mcp_resource", {"server": "lab", "uri": "lab://two"}),
        ("read_mcp_resource", {"server": "no", "uri": "x"}),
        ("list_mcp_resources", {"cursor": "x"}),
        ("read_mcp_resource", {"uri": "x"}),
    ]
    calls = [{"call": name, "arguments": given} for name, given in (*reads, *wrong)]
    script: list[Any] = [["created", *calls, "completed"], ["created", {"message": "Done."}, "completed"]]
    async with converse(script, tables=server_table()) as talk:
        thread = await start(talk)
        await talk.client.request("turn/start", {"threadId": thread, "input": [{"type": "text", "text": "Go."}]})
        await talk.client.wait_notification("turn/completed", threadId=thread)
        sent = talk.provider.requests[-1].body["input"]

    assert [item["output"] for item in sent if item["type"] == "function_call_output"] == [
        '{"resources":[{"server":"lab","uri":"lab://one","name":"one"}]}',
        '{"server":"lab","resourceTemplates":[{"server":"lab","uriTemplate":"lab://{x}","name":"any"}]}',
        '{"server":"lab","uri":"lab://one","contents":[{"uri":"lab://one","mimeType":"text/plain","text":"one!"}]}',
        'resources/read failed: resources/read failed for `lab` (lab://two): Mcp error: -32000: no resources/read({"lab":1})',
        "unknown MCP server 'no'",
        "cursor can only be used when a server is specified",
        "failed to parse function arguments: missing field `server`",
    ]
