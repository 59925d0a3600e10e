"""Installed plugins: copies below the home, one version of each at a time, and the table `[plugins]` that turns them on.

Layout:  `plugins/cache/MARKETPLACE/PLUGIN/VERSION/...`; a plugin without a version has `local`. The reference's, so that
plugins that were installed with either are there with both.
"""

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app_server.core.config.config import Config
from app_server.core.config.store import os_text
from app_server.core.frozen import frozen
from app_server.core.plugins.manifest import Manifest, find, read
from app_server.core.plugins.names import VERSION, BadName, split_id

CACHE = "plugins/cache"
WITHOUT_VERSION = "local"


class NotInstallable(Exception):
    """A folder that is no plugin that could be installed; the text says why."""


@frozen
class Plugin:
    """A plugin that is installed and turned on. `settings` is what the configuration says of it."""

    id: str
    name: str
    root: Path
    manifest: Manifest
    settings: Mapping[str, Any]


def configured(config: Config) -> dict[str, Mapping[str, Any]]:
    """What the configuration says of plugins, by id."""
    table = config.raw.get("plugins")
    named = table.items() if isinstance(table, Mapping) else ()
    return {plugin_id: each for plugin_id, each in named if isinstance(each, Mapping)}


def is_on(settings: Mapping[str, Any] | None) -> bool:
    """Whether a plugin with these settings is turned on; one that is not mentioned is not."""
    return settings is not None and settings.get("enabled") is not False


def enabled(config: Config) -> list[Plugin]:
    """The plugins that are installed and on, by id; none while the feature is off."""
    table = configured(config)
    if not table or not config.features.is_enabled("plugins"):
        return []
    found = []
    for plugin_id, settings in sorted(table.items()):
        root = active_root(config.home, plugin_id) if is_on(settings) else None
        manifest = read(root) if root is not None else None
        if root is not None and manifest is not None:
            found.append(Plugin(plugin_id, plugin_id.rpartition("@")[0], root, manifest, settings))
    return found


def active_root(home: Path, plugin_id: str) -> Path | None:
    """Where the version in use of an installed plugin lies; None for one that is not installed."""
    try:
        folder = _folder(home, plugin_id)
        versions = [each.name for each in folder.iterdir() if VERSION.fullmatch(each.name) and each.is_dir()]
    except (OSError, BadName):
        return None
    if not versions:
        return None
    return folder / (WITHOUT_VERSION if WITHOUT_VERSION in versions else max(versions, key=_by_age))


def install(home: Path, source: Path, plugin_id: str) -> Path:
    """Copy a plugin into the home, in the place of other versions of it. Raises: NotInstallable, OSError."""
    folder = _folder(home, plugin_id)
    version = _version(source)
    manifest = read(source)
    if manifest is None:
        raise NotInstallable("missing or invalid plugin.json")
    if manifest.name != folder.name:
        raise NotInstallable(f"plugin.json name `{manifest.name}` does not match marketplace plugin name `{folder.name}`")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="plugin-install-", dir=folder.parent) as scratch:
        fresh, old = Path(scratch, "new"), Path(scratch, "old")
        shutil.copytree(source, fresh / version, symlinks=True, ignore=_special)
        if folder.exists():
            folder.rename(old)
        try:
            fresh.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise
    return folder / version


def uninstall(home: Path, plugin_id: str) -> None:
    """Remove all copies of a plugin. Raises: BadName, OSError."""
    folder = _folder(home, plugin_id)
    if folder.exists():
        shutil.rmtree(folder)


def _folder(home: Path, plugin_id: str) -> Path:
    plugin, marketplace = split_id(plugin_id)
    return home / CACHE / marketplace / plugin


def _version(source: Path) -> str:
    """The version that a plugin says it has. Raises: NotInstallable."""
    file = find(source)
    if file is None:
        raise NotInstallable("missing plugin.json")
    try:
        told = json.loads(file.read_text("utf-8"))
        version = told.get("version") if isinstance(told, dict) else None
    except OSError as error:
        raise NotInstallable(f"failed to read plugin.json: {os_text(error)}") from None
    except (ValueError, RecursionError) as error:
        raise NotInstallable(f"failed to parse plugin.json: {error}") from None
    if version is None:
        return WITHOUT_VERSION
    if not isinstance(version, str):
        raise NotInstallable("invalid plugin version in plugin.json: expected string")
    version = version.strip()
    if not version:
        raise NotInstallable("invalid plugin version in plugin.json: must not be blank")
    if version in (".", ".."):
        raise NotInstallable("invalid plugin version: path traversal is not allowed")
    if not VERSION.fullmatch(version):
        raise NotInstallable("invalid plugin version: only ASCII letters, digits, `.`, `+`, `_`, and `-` are allowed")
    return version


def _special(folder: str, names: list[str]) -> list[str]:
    """What is not copied: links, which could lead anywhere, and everything else that is neither a file nor a folder."""
    paths = ((name, Path(folder, name)) for name in names)
    return [name for name, path in paths if path.is_symlink() or not (path.is_file() or path.is_dir())]


def _by_age(version: str) -> tuple[Any, ...]:
    """Versions of numbers by their numbers, others before them by their letters; a pre-release before its release."""
    release, dash, rest = version.partition("+")[0].partition("-")
    numbers = release.split(".")
    if all(number.isdigit() for number in numbers):
        return (1, [int(number) for number in numbers], not dash, rest)
    return (0, version)
