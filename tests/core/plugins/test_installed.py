"""Copies of plugins below the home."""

import os
from pathlib import Path

import pytest

from app_server.core.plugins.installed import NotInstallable, active_root, install, uninstall
from app_server.core.plugins.names import BadName
from tests.core.plugins.shop import plugin, put


def test_a_plugin_is_copied_without_links_and_special_files(tmp_path: Path) -> None:
    source = plugin(tmp_path / "sample", files={"run.sh": "x", "in/deep": "y"})
    (source / "run.sh").chmod(0o755)
    (source / "out").symlink_to("/etc/passwd")
    os.mkfifo(source / "fifo")
    root = install(tmp_path / "home", source, "sample@acme")
    assert root == tmp_path / "home/plugins/cache/acme/sample/local" == active_root(tmp_path / "home", "sample@acme")
    assert sorted(path.name for path in root.rglob("*") if path.is_file()) == ["deep", "plugin.json", "run.sh"]
    assert os.access(root / "run.sh", os.X_OK)
    assert [path.name for path in root.parents[1].iterdir()] == ["sample"]


def test_a_new_version_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    source, home = plugin(tmp_path / "sample", version="1.9.0"), tmp_path / "home"
    install(home, source, "sample@acme")
    plugin(source, version="1.10.0")
    install(home, source, "sample@acme")
    assert [path.name for path in (home / "plugins/cache/acme/sample").iterdir()] == ["1.10.0"]


@pytest.mark.parametrize(
    ("versions", "active"),
    [(("1.9.0", "1.10.0"), "1.10.0"), (("2.0.0", "2.0.0-rc.1"), "2.0.0"), (("1.0.0", "local"), "local"), (("abc", "0.1"), "0.1")],
)
def test_of_several_versions_the_newest_counts(tmp_path: Path, versions: tuple[str, ...], active: str) -> None:
    for version in versions:
        plugin(tmp_path / "plugins/cache/acme/sample" / version)
    root = active_root(tmp_path, "sample@acme")
    assert root is not None
    assert root.name == active


@pytest.mark.parametrize(
    ("manifest", "refusal"),
    [
        (None, "missing plugin.json"),
        ("{", "failed to parse plugin.json"),
        ({"name": "other"}, "plugin.json name `other` does not match marketplace plugin name `sample`"),
        ({"version": 1}, "invalid plugin version in plugin.json: expected string"),
        ({"version": " "}, "invalid plugin version in plugin.json: must not be blank"),
        ({"version": ".."}, "invalid plugin version: path traversal is not allowed"),
        ({"version": "a/b"}, "invalid plugin version: only ASCII letters"),
        ("[]", "missing or invalid plugin.json"),
    ],
)
def test_what_is_no_plugin_is_not_installed(tmp_path: Path, manifest: object, refusal: str) -> None:
    (tmp_path / "sample").mkdir()
    if manifest is not None:
        put(tmp_path / "sample/.codex-plugin/plugin.json", manifest)
    with pytest.raises(NotInstallable, match=refusal.replace(".", r"\.")):
        install(tmp_path / "home", tmp_path / "sample", "sample@acme")
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("plugin_id", ["sample", "@acme", "sample@", "../x@acme", "a@../x", "a@b@c/d"])
def test_ids_name_folders_below_the_cache_alone(tmp_path: Path, plugin_id: str) -> None:
    assert active_root(tmp_path, plugin_id) is None
    with pytest.raises(BadName):
        uninstall(tmp_path, plugin_id)


def test_what_is_uninstalled_is_gone(tmp_path: Path) -> None:
    install(tmp_path / "home", plugin(tmp_path / "sample"), "sample@acme")
    uninstall(tmp_path / "home", "sample@acme")
    uninstall(tmp_path / "home", "sample@acme")
    assert active_root(tmp_path / "home", "sample@acme") is None
