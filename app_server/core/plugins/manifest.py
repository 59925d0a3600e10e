"""Reads what a plugin says of itself, in `.codex-plugin/plugin.json` or one of the names that other agents use.

People write these by hand, so a member that makes no sense counts as absent; only a file that is no JSON object makes no
plugin. Paths begin with `./` and stay inside the plugin. Source: the reference's plugin format.
"""

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from app_server.core.frozen import frozen

FILES = (".codex-plugin/plugin.json", ".claude-plugin/plugin.json", ".cursor-plugin/plugin.json")
MOST_PROMPTS = 3
PROMPT_CHARACTERS = 128
TEXTS = {
    **{name: name for name in ("displayName", "shortDescription", "longDescription", "developerName", "category", "brandColor")},
    **{name: name for name in ("websiteUrl", "privacyPolicyUrl", "termsOfServiceUrl")},
    "websiteURL": "websiteUrl",
    "privacyPolicyURL": "privacyPolicyUrl",
    "termsOfServiceURL": "termsOfServiceUrl",
}
"""Texts of the interface by the names in the file; the value is the name on the wire."""
ASSETS = ("composerIcon", "logo", "logoDark")


@frozen
class Manifest:
    """A plugin in its own words. `interface` has the members of the wire; `mcp_servers` and `hooks` are paths or tables."""

    file: Path
    name: str
    version: str | None
    description: str | None
    keywords: tuple[str, ...]
    interface: Mapping[str, Any] | None
    skills: tuple[Path, ...]
    mcp_servers: Path | Mapping[str, Any] | None
    apps: Path | None
    hooks: tuple[Path | Mapping[str, Any], ...] | None


def read(root: Path) -> Manifest | None:
    """The manifest of the plugin in a folder; None where there is none that can be read."""
    file = find(root)
    if file is None:
        return None
    try:
        document = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return _manifest(root, file, document) if isinstance(document, dict) else None


def find(root: Path) -> Path | None:
    """The file of the manifest, if there is one."""
    return next((file for name in FILES if (file := root / name).is_file()), None)


def _manifest(root: Path, file: Path, told: Mapping[str, Any]) -> Manifest:
    servers = told.get("mcpServers")
    return Manifest(
        file=file,
        name=_text(told.get("name")) or root.name,
        version=_text(told.get("version")),
        description=told.get("description") if isinstance(told.get("description"), str) else None,
        keywords=_texts(told.get("keywords")),
        interface=_interface(root, told.get("interface")),
        skills=_paths(root, told.get("skills")),
        mcp_servers=servers if isinstance(servers, Mapping) else inside(root, servers),
        apps=inside(root, told.get("apps")),
        hooks=_hooks(root, told.get("hooks")),
    )


def _hooks(root: Path, told: Any) -> tuple[Path | Mapping[str, Any], ...] | None:
    """The files of hooks that are named, or the hooks themselves; None where nothing usable is said."""
    listed = told if isinstance(told, list) else [told]
    found = [each if isinstance(each, Mapping) else inside(root, each) for each in listed]
    return tuple(each for each in found if each is not None) or None


def _interface(root: Path, told: Any) -> Mapping[str, Any] | None:
    """How a plugin is shown; None where nothing is said about it."""
    if not isinstance(told, Mapping):
        return None
    shown: dict[str, Any] = {wire: told[name] for name, wire in TEXTS.items() if isinstance(told.get(name), str)}
    shown |= {name: str(path) for name in ASSETS if (path := inside(root, told.get(name)))}
    if prompts := _prompts(told.get("defaultPrompt")):
        shown["defaultPrompt"] = prompts
    lists = {
        "capabilities": list(_texts(told.get("capabilities"))),
        "screenshots": [str(path) for path in _paths(root, told.get("screenshots"))],
    }
    return {**shown, **lists, "screenshotUrls": []} if shown or any(lists.values()) else None


def _prompts(told: Any) -> list[str]:
    """What a person might ask first, each on one line."""
    lines = (" ".join(text.split()) for text in _texts([told] if isinstance(told, str) else told))
    return [line for line in lines if 0 < len(line) <= PROMPT_CHARACTERS][:MOST_PROMPTS]


def _paths(root: Path, told: Any) -> tuple[Path, ...]:
    listed = told if isinstance(told, list) else [told]
    return tuple(path for each in listed if (path := inside(root, each)) is not None)


def inside(root: Path, told: Any) -> Path | None:
    """The path that is meant by `./a/b`; None for one that leaves the plugin or is no such path."""
    if not isinstance(told, str) or not told.startswith("./"):
        return None
    parts = PurePosixPath(told[2:]).parts
    return root.joinpath(*parts) if parts and ".." not in parts and not told[2:].startswith("/") else None


def _text(told: Any) -> str | None:
    return (told.strip() or None) if isinstance(told, str) else None


def _texts(told: Any) -> tuple[str, ...]:
    return tuple(each for each in told if isinstance(each, str)) if isinstance(told, list) else ()
