"""Skills over a connection: lists, switches, further folders, changes, and what reaches the model."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.client import Client, RpcError
from tests.support.deterministic import conversing
from tests.support.home import make_home
from tests.support.noticing import noticing
from tests.support.websocket import joined, listening

ANSWER = ["created", {"message": "Done"}, "completed"]


def put(root: Path, name: str, description: str = "d") -> Path:
    (root / name).mkdir(parents=True, exist_ok=True)
    file = root / name / "SKILL.md"
    file.write_text(f"---\nname: {name}\ndescription: {description}\n---\nDo it. <mark:{name}>\n")
    return file


async def listed(client: Client, cwd: Path, **params: Any) -> dict[str, bool]:
    (entry,) = (await client.request("skills/list", {"cwds": [str(cwd)], **params}))["data"]
    assert entry["cwd"] == str(cwd)
    return {skill["name"]: skill["enabled"] for skill in entry["skills"]}


async def test_skills_are_listed_and_switched(tmp_path: Path) -> None:
    async with conversing(tmp_path, tables='[tui]\ntheme = "x" # kept') as talk:
        client, work = talk.client, talk.home.work
        bake, sail = put(talk.home.codex_home / "skills", "bake"), put(work / ".agents/skills", "sail")
        (work / ".agents/skills/broken").mkdir()
        (work / ".agents/skills/broken/SKILL.md").write_text("")
        (entry,) = (await client.request("skills/list", {}))["data"]
        assert entry == {
            "cwd": str(work),
            "skills": [
                {"name": "sail", "description": "d", "path": str(sail), "scope": "repo", "enabled": True, "pluginId": None},
                {"name": "bake", "description": "d", "path": str(bake), "scope": "user", "enabled": True, "pluginId": None},
            ],
            "errors": [
                {"path": str(work / ".agents/skills/broken/SKILL.md"), "message": "missing YAML frontmatter delimited by ---"}
            ],
        }
        write = "skills/config/write"
        assert await client.request(write, {"name": "bake", "enabled": False}) == {"effectiveEnabled": False}
        assert await client.request(write, {"path": str(sail), "enabled": False}) == {"effectiveEnabled": False}
        assert await listed(client, work) == {"sail": False, "bake": False}
        text = (talk.home.codex_home / "config.toml").read_text()
        assert 'theme = "x" # kept' in text
        lines = ['[[skills.config]]\nname = "bake"\n', f'[[skills.config]]\npath = "{sail}"\n']
        assert "".join(f"\n{line}enabled = false\n" for line in lines) in text
        assert await client.request(write, {"name": "bake", "enabled": True}) == {"effectiveEnabled": True}
        assert await listed(client, work) == {"sail": False, "bake": True}
        assert await client.request(write, {"path": str(sail), "enabled": True}) == {"effectiveEnabled": True}
        assert "skills.config" not in (talk.home.codex_home / "config.toml").read_text()
        assert await listed(client, work) == {"sail": True, "bake": True}
        for params in ({}, {"name": "a", "path": "/b"}, {"name": ""}):
            with pytest.raises(RpcError) as caught:
                await client.request(write, {**params, "enabled": True})
            assert caught.value.code == -32602
            assert caught.value.message == "skills/config/write requires exactly one of path or name"


async def test_a_configuration_that_is_broken_is_told_with_the_list(tmp_path: Path) -> None:
    async with conversing(tmp_path) as talk:
        (talk.home.codex_home / "config.toml").write_text("model = [")
        (entry,) = (await talk.client.request("skills/list", {"cwds": ["relative"]}))["data"]
        assert (entry["cwd"], entry["skills"], entry["errors"][0]["path"]) == ("relative", [], "relative")
        assert entry["errors"][0]["message"].startswith("failed to reload config: ")


async def test_further_folders_count_for_all_and_are_told_before_the_answer(tmp_path: Path) -> None:
    async with conversing(tmp_path) as talk:
        put(tmp_path / "extra", "more")
        await talk.client.request("skills/extraRoots/set", {"extraRoots": [str(tmp_path / "extra"), "/none"]})
        kinds = [message.get("method", "answer") for message in talk.client.messages]
        assert kinds[-2:] == ["skills/changed", "answer"]
        assert await listed(talk.client, talk.home.work) == {"more": True}
        await talk.client.request("skills/extraRoots/set", {"extraRoots": []})
        assert await listed(talk.client, talk.home.work) == {}


async def test_changes_of_the_skills_of_started_threads_are_told(tmp_path: Path) -> None:
    home = make_home(tmp_path, "http://127.0.0.1:9/v1")
    async with listening(home) as (server, url), joined(url) as client:
        root = home.work / ".agents" / "skills"
        watcher = server.services.watcher()
        with noticing(watcher, "watch") as until:
            await client.request("thread/start", {"cwd": str(home.work)})
            await until(lambda: len(watcher._watches) >= 6)  # it begins after the answer
        put(root, "sail")  # neither the folder nor its parents were there
        await client.wait_notification("skills/changed")
        assert await listed(client, home.work) == {"sail": True}
        put(root, "row")
        await client.wait_notification("skills/changed")
        (root / "row" / "agents").mkdir()
        await client.wait_notification("skills/changed")
        (root / "row" / "agents" / "openai.yaml").write_text("interface: {display_name: Row}")
        await client.wait_notification("skills/changed")
        put(home.codex_home / "skills", "bake")
        await client.wait_notification("skills/changed")
        assert await listed(client, home.work) == {"row": True, "sail": True, "bake": True}


def texts(body: Any) -> list[str]:
    """The texts of a request's messages, in order."""
    return [part["text"] for item in body["input"] if item["type"] == "message" for part in item["content"] if "text" in part]


async def test_the_model_is_told_of_skills_once_and_gets_those_that_are_named(tmp_path: Path) -> None:
    async with conversing(tmp_path, [ANSWER, ANSWER, ANSWER], tables='[[skills.config]]\nname = "off"\nenabled = false') as talk:
        bake = put(talk.home.codex_home / "skills", "bake")
        sail = put(talk.home.codex_home / "skills", "sail")
        put(talk.home.codex_home / "skills", "off")
        thread = await talk.start_thread()
        given = {"type": "skill", "name": "bake", "path": str(bake)}
        for words in ([{"type": "text", "text": "$sail, $bake, $off"}, given], [{"type": "text", "text": "no more"}]):
            await talk.client.request("turn/start", {"threadId": thread, "input": words})
            await talk.client.wait_notification("turn/completed", turn__status="completed")
        first, second = (texts(request.body) for request in talk.provider.requests)
        (block,) = [text for text in second if text.startswith("<skills_instructions>")]
        assert "- bake: d (file: r0/bake/SKILL.md)" in block
        assert "off" not in block
        said = [text for text in first if text.startswith("<skill>")]
        assert [text.splitlines()[1:3] for text in said] == [
            ["<name>bake</name>", f"<path>{bake}</path>"],
            ["<name>sail</name>", f"<path>{sail}</path>"],
        ]
        assert "<mark:sail>" in said[1]
        assert sum(text.startswith("<skill>") for text in second) == 2


async def test_the_list_for_the_model_can_be_switched_off(tmp_path: Path) -> None:
    async with conversing(tmp_path, [ANSWER], tables="[skills]\ninclude_instructions = false") as talk:
        put(talk.home.codex_home / "skills", "bake")
        thread = await talk.start_thread()
        await talk.start_turn(thread)
        await talk.client.wait_notification("turn/completed")
        assert not [text for text in texts(talk.provider.requests[0].body) if "skills_instructions" in text]
