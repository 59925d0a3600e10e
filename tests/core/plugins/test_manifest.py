"""What a plugin says of itself."""

from pathlib import Path
from typing import Any

import pytest

from app_server.core.plugins.manifest import read
from app_server.core.plugins.parts import skill_roots
from tests.core.plugins.shop import plugin, put


def test_a_whole_manifest_is_read(tmp_path: Path) -> None:
    told = {
        "displayName": "Sample",
        "websiteURL": "https://w",
        "capabilities": ["Read", 3],
        "logo": "./l.svg",
        "composerIcon": "/x",
    }
    told |= {"defaultPrompt": ["  do   it ", "", "x" * 129, 4, "two", "three", "four"], "screenshots": ["./a.png", "../b.png"]}
    root = plugin(tmp_path / "sample", version=" 1.2 ", description="d", keywords=["a"], interface=told, skills=())
    manifest = read(root)
    assert manifest is not None
    assert (manifest.name, manifest.version, manifest.description, manifest.keywords) == ("sample", "1.2", "d", ("a",))
    assert manifest.interface == {
        "displayName": "Sample",
        "websiteUrl": "https://w",
        "logo": str(root / "l.svg"),
        "defaultPrompt": ["do it", "two", "three"],
        "capabilities": ["Read"],
        "screenshots": [str(root / "a.png")],
        "screenshotUrls": [],
    }


@pytest.mark.parametrize("name", [".claude-plugin", ".cursor-plugin"])
def test_the_manifests_of_other_agents_are_plugins_too(tmp_path: Path, name: str) -> None:
    put(tmp_path / name / "plugin.json", {"description": "d"})
    manifest = read(tmp_path)
    assert manifest is not None
    assert (manifest.name, manifest.interface, manifest.hooks) == (tmp_path.name, None, None)


@pytest.mark.parametrize("text", ["", "[]", '{"name":', '"x"'])
def test_what_is_no_object_is_no_manifest(tmp_path: Path, text: str) -> None:
    put(tmp_path / ".codex-plugin/plugin.json", text)
    assert read(tmp_path) is None


@pytest.mark.parametrize(
    "odd", [{"name": 3, "version": 4, "interface": [], "skills": {}, "mcpServers": 3, "hooks": 7}, {"interface": {}}]
)
def test_members_that_make_no_sense_count_as_absent(tmp_path: Path, odd: dict[str, Any]) -> None:
    put(tmp_path / ".codex-plugin/plugin.json", odd)
    manifest = read(tmp_path)
    assert manifest is not None
    assert (manifest.name, manifest.version, manifest.interface, manifest.skills) == (tmp_path.name, None, None, ())
    assert (manifest.mcp_servers, manifest.hooks) == (None, None)


def test_paths_stay_inside_the_plugin(tmp_path: Path) -> None:
    paths = ["./more", "./a/../..", "/etc", "more", ".//etc", "./"]
    root = plugin(tmp_path / "sample", skills=("bake",))
    put(root / ".codex-plugin/plugin.json", {"name": "sample", "skills": paths})
    manifest = read(root)
    assert manifest is not None
    assert skill_roots(root, manifest) == [root / "more", root / "skills"]
