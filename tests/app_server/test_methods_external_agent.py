"""Taking over what people have set up for another agent, over a connection."""

import json
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio

from tests.core.plugins.shop import put
from tests.support.client import Client, connected
from tests.support.deterministic import served
from tests.support.home import Home, make_home

HOOKS = {"PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "echo hi"}]}]}


@asynccontextmanager
async def beside_the_other(folder: Path) -> AsyncIterator[tuple[Client, Home, Path]]:
    """A client of a server whose user and project have things of the other agent; gives the user's folder too."""
    home = make_home(folder, "http://127.0.0.1:9/v1")
    user = home.codex_home.parent
    put(user / ".claude/CLAUDE.md", "Use Claude.")
    put(user / ".claude/settings.json", {"env": {"A": "b"}, "hooks": HOOKS})
    put(user / ".claude.json", {"mcpServers": {"oven": {"command": "true"}, "far": {"type": "sse", "url": "https://x"}}})
    put(user / ".claude/skills/bake/SKILL.md", "---\nname: bake\ndescription: d\n---\nClaude bakes")
    put(user / ".claude/commands/git/pr.md", "Do a PR")
    put(user / ".claude/agents/rev.md", "---\nname: rev\ndescription: Reviews\n---\nReview.")
    put(home.work / ".git/HEAD", "ref: refs/heads/main\n")
    put(home.work / "CLAUDE.md", "# project")
    put(home.work / ".mcp.json", {"mcpServers": {"own": {"url": "https://own"}}})
    (home.work / "in").mkdir()
    async with served(home) as pipe, connected(pipe) as client:
        await client.initialize()
        yield client, home, user


async def found(client: Client, **params: Any) -> list[Any]:
    items: list[Any] = (await client.request("externalAgentConfig/detect", params))["items"]
    return items


async def imported(client: Client, items: list[Any]) -> list[Any]:
    import_id = (await client.request("externalAgentConfig/import", {"migrationItems": items}))["importId"]
    with anyio.fail_after(5):
        done = await client.wait_notification("externalAgentConfig/import/completed", importId=import_id)
    results: list[Any] = done["itemTypeResults"]
    return results


async def test_all_is_found_taken_over_and_not_found_again(tmp_path: Path) -> None:
    async with beside_the_other(tmp_path) as (client, home, user):
        assert await found(client) == []
        items = await found(client, includeHome=True, cwds=[str(home.work / "in")])
        kinds = [(item["itemType"], item["cwd"] is not None) for item in items]
        own = ("CONFIG", "MCP_SERVER_CONFIG", "HOOKS", "SKILLS", "COMMANDS", "SUBAGENTS", "AGENTS_MD")
        assert kinds == [*((kind, False) for kind in own), ("MCP_SERVER_CONFIG", True), ("AGENTS_MD", True)]
        assert items[1]["details"]["mcpServers"] == [{"name": "oven"}]
        assert items[3]["description"] == f"Migrate skills from {user / '.claude/skills'} to {user / '.agents/skills'}"

        results = await imported(client, items)
        assert [(result["itemType"], len(result["successes"]), result["failures"]) for result in results] == [
            ("CONFIG", 1, []),
            ("SKILLS", 1, []),
            ("AGENTS_MD", 2, []),
            ("MCP_SERVER_CONFIG", 2, []),
            ("SUBAGENTS", 1, []),
            ("HOOKS", 1, []),
            ("COMMANDS", 1, []),
        ]
        config = tomllib.loads((home.codex_home / "config.toml").read_text())
        assert config["mcp_servers"] == {"oven": {"command": "true"}}
        assert config["shell_environment_policy"] == {"inherit": "core", "set": {"A": "b"}}
        assert tomllib.loads((home.work / ".codex/config.toml").read_text()) == {"mcp_servers": {"own": {"url": "https://own"}}}
        assert json.loads((home.codex_home / "hooks.json").read_text()) == {"hooks": HOOKS}
        assert (home.codex_home / "AGENTS.md").read_text() == "Use Codex."
        assert (user / ".agents/skills/bake/SKILL.md").read_text().endswith("Codex bakes")
        assert "Do a PR" in (user / ".agents/skills/source-command-git-pr/SKILL.md").read_text()
        assert tomllib.loads((home.codex_home / "agents/rev.toml").read_text())["name"] == "rev"
        assert await found(client, includeHome=True, cwds=[str(home.work)]) == []
        listed = (await client.request("skills/list", {}))["data"][0]["skills"]
        assert {skill["name"] for skill in listed} == {"bake", "source-command-git-pr"}


async def test_what_is_there_is_not_written_over_and_names_choose(tmp_path: Path) -> None:
    async with beside_the_other(tmp_path) as (client, home, user):
        put(home.codex_home / "AGENTS.md", "mine")
        put(user / ".claude/skills/sail/SKILL.md", "x")
        items = {item["itemType"]: item for item in await found(client, includeHome=True)}
        assert "AGENTS_MD" not in items
        skills = items["SKILLS"]
        assert skills["details"]["skills"] == [{"name": "bake"}, {"name": "sail"}]
        skills["details"]["skills"] = [{"name": "sail"}, {"name": "../../.claude/agents"}]
        agents = {"itemType": "AGENTS_MD", "description": "", "cwd": None, "details": None}
        (taken, kept) = await imported(client, [skills, agents])
        assert [each["source"] for each in taken["successes"]] == ["sail"]
        assert kept == {"itemType": "AGENTS_MD", "successes": [], "failures": []}
        assert (home.codex_home / "AGENTS.md").read_text() == "mine"
        assert [path.name for path in (user / ".agents/skills").iterdir()] == ["sail"]


async def test_what_can_t_be_taken_over_is_said_and_remembered(tmp_path: Path) -> None:
    async with beside_the_other(tmp_path) as (client, home, _):
        put(home.codex_home / "agents", "a file in the way")
        items = [item for item in await found(client, includeHome=True) if item["itemType"] == "SUBAGENTS"]
        items.append({"itemType": "SESSIONS", "description": "", "cwd": None, "details": None})
        results = await imported(client, items)
        told = {
            result["itemType"]: (result["failures"][0]["failureStage"], result["failures"][0]["message"]) for result in results
        }
        assert told == {
            "SUBAGENTS": ("write", "File exists (os error 17)"),
            "SESSIONS": ("unsupported", "SESSIONS can't be taken over"),
        }
        success = {"itemType": "SKILLS", "cwd": None, "source": "a", "target": "b", "title": None}
        by_itself = {"itemType": "SKILLS", "successes": [success], "failures": []}
        await client.request("externalAgentConfig/import/recordHistory", {"providerId": "x", "itemTypeResults": [by_itself]})
        with (home.codex_home / "app_server_imports.jsonl").open("a") as kept:
            kept.write("torn")
        latest, first = (await client.request("externalAgentConfig/import/readHistories", None))["data"]
        assert (latest["providerId"], latest["successes"]) == ("x", [success])
        assert [failure["itemType"] for failure in first["failures"]] == ["SUBAGENTS", "SESSIONS"]
