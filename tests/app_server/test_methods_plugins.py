"""Plugins over a connection: marketplaces, installing, and what a plugin brings into lists and threads."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.core.plugins.shop import marketplace, plugin, put
from tests.support.client import Client, RpcError, connected
from tests.support.deterministic import served
from tests.support.home import Home, make_home
from tests.support.provider import ScriptedProvider

HOOKS = {"hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "echo hi"}]}]}}
SERVERS = {"mcpServers": {"oven": {"type": "stdio", "command": "true", "cwd": "in"}}}
ANSWER = ["created", {"message": "Done"}, "completed"]


def shop(work: Path) -> Path:
    """The file of a marketplace with a plugin of every kind."""
    plugin(work / "shop/sample", version="1.2.0", skills=("bake",), files={"hooks/hooks.json": HOOKS, ".mcp.json": SERVERS})
    plugin(work / "shop/plain")
    closed = {"name": "closed", "source": "./plain", "policy": {"installation": "NOT_AVAILABLE"}}
    far = {"name": "far", "source": {"source": "url", "url": "https://example.com/a.git"}}
    return marketplace(work / "shop", "sample", "plain", closed, far, {"name": "gone", "source": "./gone"})


@asynccontextmanager
async def served_shop(
    folder: Path, is_on: bool = True, provider: str = "http://127.0.0.1:9/v1"
) -> AsyncIterator[tuple[Client, Home]]:
    """A client of a server that knows the shop."""
    home = make_home(folder, provider)
    config = home.codex_home / "config.toml"
    config.write_text(config.read_text().replace("plugins = false", f"plugins = {str(is_on).lower()}"))
    shop(home.work)
    async with served(home) as pipe, connected(pipe) as client:
        await client.initialize()
        yield client, home


def file_of(home: Home) -> str:
    return str(home.work / "shop/.agents/plugins/marketplace.json")


async def refusal(client: Client, method: str, **params: Any) -> str:
    with pytest.raises(RpcError) as caught:
        await client.request(method, params)
    assert caught.value.code == -32600
    return caught.value.message


async def plugins(client: Client, method: str = "plugin/list", **params: Any) -> dict[str, tuple[bool, bool]]:
    answer = await client.request(method, params)
    return {each["id"]: (each["installed"], each["enabled"]) for entry in answer["marketplaces"] for each in entry["plugins"]}


async def test_a_marketplace_is_named_once_and_forgotten(tmp_path: Path) -> None:
    async with served_shop(tmp_path) as (client, home):
        assert await plugins(client) == {}
        place = {"source": str(home.work / "shop")}
        added = {"marketplaceName": "acme", "installedRoot": str(home.work / "shop")}
        assert await client.request("marketplace/add", place) == {**added, "alreadyAdded": False}
        assert await client.request("marketplace/add", {"source": "./shop"}) == {**added, "alreadyAdded": True}
        assert set(await plugins(client)) == {f"{name}@acme" for name in ("sample", "plain", "closed", "far", "gone")}
        assert await plugins(client, marketplaceKinds=["vertical"]) == {}
        marketplace(home.work / "other")
        assert "already added from a different source" in await refusal(
            client, "marketplace/add", source=str(home.work / "other")
        )
        removed = {"marketplaceName": "acme", "installedRoot": None}
        assert await client.request("marketplace/remove", {"marketplaceName": "acme"}) == removed
        assert (
            await refusal(client, "marketplace/remove", marketplaceName="acme")
            == "marketplace `acme` is not configured or installed"
        )
        assert await plugins(client) == {}
        assert len(await plugins(client, cwds=[str(home.work / "shop")])) == 5
        assert (home.work / "shop/sample").is_dir()


async def test_what_is_no_marketplace_in_a_folder_is_refused(tmp_path: Path) -> None:
    async with served_shop(tmp_path) as (client, home):
        (home.work / "file").touch()
        sources = {
            " ": "marketplace source must not be empty",
            "what is this": "invalid marketplace source format",
            "owner/repo": "marketplaces in repositories are not supported",
            "https://example.com/a.git": "marketplaces in repositories are not supported",
            "./nowhere": "failed to resolve local marketplace source path: No such file or directory (os error 2)",
            "./file": "local marketplace source must be a directory, not a file",
            "./shop#main": "--ref is only supported for git marketplace sources",
            ".": "marketplace root does not contain a supported manifest",
        }
        for source, said in sources.items():
            assert said in await refusal(client, "marketplace/add", source=source)
        sparse = await refusal(client, "marketplace/add", source="./shop", sparsePaths=["a"])
        assert sparse == "--sparse is only supported for git marketplace sources"


async def test_a_plugin_is_read_with_all_that_it_brings(tmp_path: Path) -> None:
    async with served_shop(tmp_path) as (client, home):
        told = (await client.request("plugin/read", {"marketplacePath": file_of(home), "pluginName": "sample"}))["plugin"]
        assert (told["summary"]["localVersion"], told["summary"]["installed"]) == ("1.2.0", False)
        assert [(skill["name"], skill["enabled"]) for skill in told["skills"]] == [("sample:bake", True)]
        assert told["hooks"] == [{"key": "sample@acme:hooks/hooks.json:pre_tool_use:0:0", "eventName": "preToolUse"}]
        assert told["mcpServers"] == ["oven"]
        far = (await client.request("plugin/read", {"marketplacePath": file_of(home), "pluginName": "far"}))["plugin"]
        assert far["summary"]["source"]["url"] == "https://example.com/a.git"
        gone = await refusal(client, "plugin/read", marketplacePath=file_of(home), pluginName="gone")
        assert gone == "path does not exist or is not a directory"


async def test_an_installed_plugin_is_listed_and_brings_skills_and_hooks(tmp_path: Path) -> None:
    async with served_shop(tmp_path) as (client, home):
        await client.request("marketplace/add", {"source": "./shop"})
        for name, said in {
            "closed": "is not available for install",
            "gone": "missing plugin.json",
            "far": "in a repository",
        }.items():
            assert said in await refusal(client, "plugin/install", marketplacePath=file_of(home), pluginName=name)
        assert await plugins(client, "plugin/installed") == {}
        done = await client.request("plugin/install", {"marketplacePath": file_of(home), "pluginName": "sample"})
        assert done == {"authPolicy": "ON_INSTALL", "appsNeedingAuth": []}
        assert await plugins(client, "plugin/installed") == {"sample@acme": (True, True)}
        wanted = await plugins(client, "plugin/installed", installSuggestionPluginNames=["plain"])
        assert wanted == {"sample@acme": (True, True), "plain@acme": (False, False)}
        (hit,) = (await client.request("plugin/search", {"searchTerm": "SAMP"}))["data"]
        assert hit["plugin"]["id"] == "sample@acme"

        root = home.codex_home / "plugins/cache/acme/sample/1.2.0"
        (skills,) = (await client.request("skills/list", {}))["data"]
        assert [(skill["name"], skill["pluginId"], skill["path"]) for skill in skills["skills"]] == [
            ("sample:bake", "sample@acme", str(root / "skills/bake/SKILL.md"))
        ]
        (hooks,) = (await client.request("hooks/list", {}))["data"]
        (hook,) = hooks["hooks"]
        assert (hook["source"], hook["pluginId"], hook["trustStatus"]) == ("plugin", "sample@acme", "untrusted")

        assert await client.request("plugin/uninstall", {"pluginId": "sample@acme"}) == {}
        assert await plugins(client, "plugin/installed") == {}
        assert (await client.request("skills/list", {}))["data"][0]["skills"] == []
        assert "sample@acme" not in (home.codex_home / "config.toml").read_text()
        assert not root.exists()


async def test_trust_in_a_plugin_s_hooks_ends_with_a_change_of_any_of_its_files(tmp_path: Path) -> None:
    async with served_shop(tmp_path) as (client, home):
        await client.request("plugin/install", {"marketplacePath": file_of(home), "pluginName": "sample"})

        async def trust() -> tuple[str, str, str]:
            (entry,) = (await client.request("hooks/list", {}))["data"]
            (hook,) = entry["hooks"]
            return hook["key"], hook["currentHash"], hook["trustStatus"]

        key, digest, _ = await trust()
        path = f'hooks.state."{key}".trusted_hash'
        await client.request("config/value/write", {"keyPath": path, "value": digest, "mergeStrategy": "upsert"})
        assert (await trust())[2] == "trusted"
        put(home.codex_home / "plugins/cache/acme/sample/1.2.0/tool.sh", "rm -rf /")
        assert (await trust())[2] == "modified"


async def test_without_the_feature_plugins_bring_nothing(tmp_path: Path) -> None:
    async with served_shop(tmp_path, is_on=False) as (client, home):
        await client.request("marketplace/add", {"source": "./shop"})
        await client.request("plugin/install", {"marketplacePath": file_of(home), "pluginName": "sample"})
        assert await plugins(client) == await plugins(client, "plugin/installed") == {}
        assert (await client.request("plugin/search", {"searchTerm": "sample"}))["data"] == []
        assert (
            await refusal(client, "plugin/read", marketplacePath=file_of(home), pluginName="x") == "plugins feature is disabled"
        )
        assert (await client.request("skills/list", {}))["data"][0]["skills"] == []


async def test_what_only_the_cloud_knows_is_refused(tmp_path: Path) -> None:
    async with served_shop(tmp_path) as (client, _):
        named = {"remoteMarketplaceName": "m", "pluginName": "p"}
        assert await refusal(client, "plugin/read", **named) == "remote plugin read is not enabled for marketplace m"
        assert await refusal(client, "plugin/install", **named) == "remote plugin install is not enabled for marketplace m"
        assert await refusal(client, "plugin/uninstall", pluginId="plugin_1") == "remote plugin uninstall is not enabled"
        assert await refusal(client, "plugin/uninstall", pluginId="a/b@c") == "invalid remote plugin id"
        assert "requires exactly one of" in await refusal(client, "plugin/install", pluginName="p")


async def test_a_plugin_that_is_installed_meanwhile_reaches_a_thread_s_next_turn(tmp_path: Path) -> None:
    async with ScriptedProvider([ANSWER] * 3) as provider, served_shop(tmp_path, provider=provider.url) as (client, home):

        async def take_turn(thread: str, words: str) -> str:
            await client.request("turn/start", {"threadId": thread, "input": [{"type": "text", "text": words}]})
            with anyio.fail_after(5):
                await client.wait_notification("turn/completed", threadId=thread)
            return str(provider.requests[-1].body["input"])

        thread = (await client.request("thread/start", {}))["thread"]["id"]
        assert "<mark:bake>" not in await take_turn(thread, "$sample:bake")
        await client.request("plugin/install", {"marketplacePath": file_of(home), "pluginName": "sample"})
        assert "<mark:bake>" in await take_turn(thread, "$sample:bake")
        fresh = (await client.request("thread/start", {}))["thread"]["id"]
        assert "sample:bake: d" in await take_turn(fresh, "hello")


async def test_a_thread_may_do_without_a_plugin(tmp_path: Path) -> None:
    async with ScriptedProvider([ANSWER] * 2) as provider, served_shop(tmp_path, provider=provider.url) as (client, home):
        await client.request("plugin/install", {"marketplacePath": file_of(home), "pluginName": "sample"})
        thread = (await client.request("thread/start", {}))["thread"]["id"]
        inputs = []
        for without in (["sample@acme"], []):
            words = [{"type": "text", "text": "$sample:bake"}]
            await client.request("turn/start", {"threadId": thread, "input": words, "disabledPluginIds": without})
            with anyio.fail_after(5):
                await client.wait_notification("turn/completed", threadId=thread)
            inputs.append(str(provider.requests[-1].body["input"]))
        assert "sample:bake:" not in inputs[0]
        assert ["<mark:bake>" in each for each in inputs] == [False, True]
