"""The MCP servers that plugins bring along, in a real server process."""

import sys
import tomllib
from typing import Any

from tests.conftest import Conversation, Converse
from tests.core.plugins.shop import marketplace, plugin, switched_on
from tests.support.mcp import PROGRAM

CALL: list[Any] = ["created", {"call": "add", "namespace": "mcp__lab", "arguments": {"a": 2, "b": 3}}, "completed"]
DONE: list[Any] = ["created", {"message": "Done."}, "completed"]
LAB = {"command": sys.executable, "args": [str(PROGRAM)]}


async def installed(talk: Conversation, **servers: Any) -> None:
    """A plugin with these servers is installed."""
    switched_on(talk.home.codex_home / "config.toml")
    plugin(talk.home.work / "shop/sample", mcpServers=servers)
    file = marketplace(talk.home.work / "shop", "sample")
    await talk.client.request("plugin/install", {"marketplacePath": str(file), "pluginName": "sample"})


async def statuses(talk: Conversation) -> dict[str, Any]:
    data = (await talk.client.request("mcpServerStatus/list", {}))["data"]
    return {each["name"]: (each["pluginId"], len(each["tools"]) > 0) for each in data}


async def test_a_plugin_s_server_is_one_of_a_thread_s_servers(converse: Converse) -> None:
    async with converse([CALL, DONE]) as talk:
        await installed(talk, lab=LAB, broken={"args": []}, odd={"command": "x", "url": "https://y"})
        assert await statuses(talk) == {"lab": ("sample@acme", True)}
        options = {"approvalPolicy": "never", "sandbox": "danger-full-access"}
        thread = (await talk.client.request("thread/start", options))["thread"]["id"]
        await talk.client.request("turn/start", {"threadId": thread, "input": [{"type": "text", "text": "Go."}]})
        item = (await talk.client.wait_notification("item/completed", item__type="mcpToolCall"))["item"]
        assert (item["server"], item["tool"], item["status"], item["pluginId"]) == ("lab", "add", "completed", "sample@acme")
        await talk.client.wait_notification("turn/completed", threadId=thread)


async def test_a_thread_that_does_without_the_plugin_has_not_its_server(converse: Converse) -> None:
    async with converse([DONE]) as talk:
        await installed(talk, lab=LAB)
        thread = (await talk.client.request("thread/start", {}))["thread"]["id"]
        await talk.client.request("thread/settings/update", {"threadId": thread, "disabledPluginIds": ["sample@acme"]})
        await talk.client.request("config/mcpServer/reload", None)
        await talk.client.request("turn/start", {"threadId": thread, "input": [{"type": "text", "text": "Go."}]})
        await talk.client.wait_notification("turn/completed", threadId=thread)
        assert "mcp__lab" not in [tool.get("name") for tool in talk.provider.requests[0].body["tools"]]


async def test_the_configuration_goes_before_plugins_and_sets_rules_for_their_servers(converse: Converse) -> None:
    own = '[mcp_servers.own]\ncommand = "true"\nenabled = false\n[plugins."sample@acme".mcp_servers.lab]\nenabled = false'
    async with converse(tables=own) as talk:
        await installed(talk, lab=LAB, own=LAB)
        assert await statuses(talk) == {"lab": ("sample@acme", False), "own": (None, False)}


async def test_a_consent_for_good_is_kept_with_the_plugin(converse: Converse) -> None:
    ask = {"approvalPolicy": "on-request", "sandbox": "danger-full-access"}
    write: list[Any] = ["created", {"call": "write", "namespace": "mcp__lab", "arguments": {"text": "x"}}, "completed"]
    async with converse([write, DONE]) as talk:
        await installed(talk, lab=LAB)
        thread = (await talk.client.request("thread/start", ask))["thread"]["id"]
        await talk.client.request("turn/start", {"threadId": thread, "input": [{"type": "text", "text": "Go."}]})
        question = await talk.client.wait_request("mcpServer/elicitation/request")
        await talk.client.answer(question, {"action": "accept", "content": {}, "_meta": {"persist": "always"}})
        await talk.client.wait_notification("turn/completed", threadId=thread)
        config = tomllib.loads((talk.home.codex_home / "config.toml").read_text())
    assert config["plugins"]["sample@acme"]["mcp_servers"]["lab"]["tools"]["write"] == {"approval_mode": "approve"}
    assert "mcp_servers" not in config
