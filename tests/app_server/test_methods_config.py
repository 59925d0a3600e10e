"""The configuration while the server runs: what is written, reloaded, switched, broken, and told."""

from pathlib import Path
from typing import Any

import pytest

from tests.core.lab import FREE, Lab, answers, lab, refusal
from tests.support.client import Client, Json

pytestmark = pytest.mark.anyio


async def write(client: Client, key: str, value: Any, **params: Any) -> Json:
    """Write one setting."""
    edit = {"keyPath": key, "value": value, "mergeStrategy": "replace", **params}
    written: Json = await client.request("config/value/write", edit)
    return written


def file_of(home: Lab) -> Path:
    """The user's file."""
    return home.home.codex_home / "config.toml"


def warnings(client: Client) -> list[str]:
    """The summaries of all warnings about the configuration."""
    return [each["params"]["summary"] for each in client.messages if each.get("method") == "configWarning"]


async def test_a_reload_reaches_loaded_threads_but_not_how_hard_they_think(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1", "2", "3")) as home, home.talk() as client:
        thread = (await home.start(client))["id"]
        await home.turn(client, thread, "one")
        edits = [
            {"keyPath": key, "value": value, "mergeStrategy": "replace"}
            for key, value in (("model_reasoning_effort", "high"), ("model_verbosity", "high"))
        ]
        await client.request("config/batchWrite", {"edits": edits, "reloadUserConfig": True})
        await home.turn(client, thread, "two")
        await home.turn(client, (await home.start(client))["id"], "three")
        asked = [(each.body["reasoning"]["effort"], each.body["text"]["verbosity"]) for each in home.provider.requests]
        assert asked == [("medium", "low"), ("medium", "high"), ("high", "high")]


async def test_a_write_is_refused_when_somebody_else_has_written_and_changes_nothing(tmp_path: Path) -> None:
    async with lab(tmp_path) as home, home.talk() as client:
        version = (await write(client, "model_verbosity", "low"))["version"]
        await write(client, "model_verbosity", "medium", expectedVersion=version)
        before = file_of(home).read_text()
        stale = await refusal(write(client, "model_verbosity", "high", expectedVersion=version))
        assert stale == "Configuration was modified since last read. Fetch latest version and retry."
        edits = [
            {"keyPath": key, "value": value, "mergeStrategy": "replace"}
            for key, value in (("model_verbosity", "high"), ("approval_policy", "bogus"))
        ]
        assert "unknown variant `bogus`" in await refusal(client.request("config/batchWrite", {"edits": edits}))
        assert file_of(home).read_text() == before


async def test_a_file_that_is_no_toml_is_no_fault_of_the_request(tmp_path: Path) -> None:
    async with lab(tmp_path) as home, home.talk() as client:
        file_of(home).write_text(file_of(home).read_text() + "\na = \n")
        for method, params, text in (
            (
                "config/value/write",
                {"keyPath": "model", "value": "x", "mergeStrategy": "replace"},
                "failed to load configuration",
            ),
            ("config/read", {}, "failed to read configuration layers"),
            ("experimentalFeature/list", {}, "failed to reload config"),
            ("permissionProfile/list", {}, "failed to reload config"),
            ("skills/config/write", {"name": "x", "enabled": False}, "failed to update skill settings"),
            ("modelProvider/capabilities/read", {}, "failed to resolve feature override precedence"),
        ):
            assert (await refusal(client.request(method, params))).startswith(f"-32603 {text}: {file_of(home)}:"), method
        assert (await refusal(client.request("thread/start", {}))).startswith("failed to load configuration: ")


async def test_profiles_are_listed_while_a_value_is_wrong(tmp_path: Path) -> None:
    async with lab(tmp_path, top='approval_policy = "bogus"') as home, home.talk() as client:
        assert warnings(client) == ["Invalid configuration; using defaults."]
        assert len((await client.request("permissionProfile/list", {}))["data"]) == 3
        assert (await refusal(client.request("experimentalFeature/list", {}))).startswith("-32603 failed to reload config: ")
        text = file_of(home).read_text().replace('approval_policy = "bogus"', "typo_key = 1")
        file_of(home).write_text(text)
        await client.request("thread/start", {})
        await client.request("thread/start", {})
        assert len(warnings(client)) == 2  # what is new is told to all, once
        assert "`typo_key` is ignored." in warnings(client)[1]
        assert client.methods().count("warning") == 2


async def test_a_project_overrides_nothing_that_is_written_for_all(tmp_path: Path) -> None:
    async with lab(tmp_path) as home, home.talk() as client:
        folder = home.home.work / ".codex"
        folder.mkdir()
        (home.home.work / ".git").mkdir()
        await write(client, f'projects."{home.home.work}".trust_level', "trusted")
        (folder / "config.toml").write_text('model_verbosity = "low"\n')
        written = await write(client, "model_verbosity", "high")
        assert (written["status"], written["overriddenMetadata"]) == ("ok", None)


async def test_a_projects_folder_needs_trust_whatever_is_in_it(tmp_path: Path) -> None:
    async with lab(tmp_path) as home, home.talk() as client:
        (home.home.work / ".git").mkdir()
        (home.home.work / ".codex" / "skills").mkdir(parents=True)
        wish = {"cwd": str(home.home.work), "includeLayers": True}
        layer = (await client.request("config/read", wish))["layers"][0]
        assert (layer["name"]["type"], layer["config"]) == ("project", {})
        assert "as a trusted project" in layer["disabledReason"]
        await client.request("thread/start", {**FREE, "cwd": str(home.home.work)})
        assert "disabledReason" not in (await client.request("config/read", wish))["layers"][0]


async def test_a_switched_feature_holds_for_threads_that_begin_later(tmp_path: Path) -> None:
    async with lab(tmp_path) as home, home.server() as server, server.client() as client:
        before = (await home.start(client))["id"]
        switch = {"enablement": {"memories": True, "goals": False}}
        assert await client.request("experimentalFeature/enablement/set", switch) == {"enablement": {"memories": True}}
        after = (await home.start(client))["id"]
        loaded = server.server.services.threads
        assert [loaded.get(each).config.features.is_enabled("memories") for each in (before, after)] == [False, True]
        rows = (await client.request("experimentalFeature/list", {"limit": 300, "threadId": before}))["data"]
        assert [row["enabled"] for row in rows if row["name"] == "memories"] == [False]
        own = {"features.memories": False}
        configured = (await home.start(client, config=own))["id"]
        assert loaded.get(configured).config.features.is_enabled("memories") is False


async def test_requirements_are_told_and_hold_for_threads_and_turns(tmp_path: Path) -> None:
    async with lab(tmp_path) as home, home.server() as server, server.client() as client:
        assert (await client.request("configRequirements/read"))["requirements"] is None
        thread = (await home.start(client))["id"]
        server.server.services.config._system = tmp_path
        (tmp_path / "requirements.toml").write_text(
            'allowed_sandbox_modes = ["read-only"]\nallowed_approval_policies = ["on-request"]\nenforce_residency = "us"\n'
            "[features]\ngoals = false\n"
        )
        told = (await client.request("configRequirements/read"))["requirements"]
        assert {name: value for name, value in told.items() if value is not None} == {
            "allowedSandboxModes": ["read-only"],
            "allowedApprovalPolicies": ["on-request"],
            "enforceResidency": "us",
            "featureRequirements": {"goals": False},
        }
        own = {"model_verbosity": "low"}  # so that the files are read, which were elsewhere before
        started = await client.request("thread/start", {**FREE, "config": own})
        assert (started["sandbox"]["type"], started["approvalPolicy"]) == ("readOnly", "on-request")
        new = started["thread"]["id"]
        wish = {"threadId": new, "approvalPolicy": "never"}
        assert "`Never` is not in the allowed set [OnRequest]" in await refusal(client.request("thread/settings/update", wish))
        words = [{"type": "text", "text": "x"}]
        assert "invalid thread settings override: " in await refusal(client.request("turn/start", {**wish, "input": words}))
        profiles = (await client.request("permissionProfile/list", {}))["data"]
        assert [each["allowed"] for each in profiles] == [True, False, False]
        assert thread in (await client.request("thread/loaded/list", {}))["data"]
