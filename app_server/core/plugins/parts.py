"""What a plugin brings along: roots of skills, MCP servers, hooks, apps. Files that make no sense bring nothing.

Source: the reference's plugin format.
"""

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app_server.core.config.config import Config
from app_server.core.config.kinds import WrongValue
from app_server.core.config.schema import McpServer
from app_server.core.frozen import frozen, replace
from app_server.core.plugins.installed import enabled
from app_server.core.plugins.manifest import Manifest

log = logging.getLogger(__name__)
SKILLS = "skills"
SERVERS = ".mcp.json"
HOOKS = "hooks/hooks.json"
POLICY = ("enabled", "default_tools_approval_mode", "enabled_tools", "disabled_tools", "tools")
"""What the configuration may set for a server of a plugin."""


@frozen
class PluginHooks:
    """The hooks of one file of a plugin. `place` names the file inside the plugin; `table` is unread, None when it is broken."""

    plugin_id: str
    root: Path
    file: Path
    place: str
    table: Any
    fault: str | None


def skill_roots(root: Path, manifest: Manifest) -> list[Path]:
    """Where a plugin's skills lie."""
    return sorted({*([own] if (own := root / SKILLS).is_dir() else []), *manifest.skills})


def servers(root: Path, manifest: Manifest) -> dict[str, dict[str, Any]]:
    """A plugin's MCP servers by name, as the configuration would write them."""
    told = manifest.mcp_servers
    if told is None:
        told = root / SERVERS
    if isinstance(told, Path):
        told = _document(told)
    inner = told.get("mcpServers")
    table = inner if isinstance(inner, Mapping) else told
    return {name: _server(root, each) for name, each in sorted(table.items()) if isinstance(each, Mapping)}


def with_servers(config: Config) -> Config:
    """The configuration with the MCP servers of all plugins that are on, which know their `plugin_id`.

    The configuration's own servers go before; of two plugins with a server of one name, the first by id has it.
    """
    found: dict[str, Mapping[str, Any]] = dict(config.mcp_servers)
    for plugin in enabled(config):
        rules = plugin.settings.get("mcp_servers")
        for name, table in servers(plugin.root, plugin.manifest).items():
            own = rules.get(name) if isinstance(rules, Mapping) else None
            policy = {key: own[key] for key in POLICY if key in own} if isinstance(own, Mapping) else {}
            if name not in found and _is_usable(plugin.id, name, table):
                found[name] = {**table, **policy, "plugin_id": plugin.id}
    return replace(config, mcp_servers=found)


def _is_usable(plugin_id: str, name: str, table: Mapping[str, Any]) -> bool:
    """Whether a server could stand in the configuration as it is."""
    try:
        McpServer().check(table, (), [])
    except WrongValue as error:
        log.warning("server %s of plugin %s is passed over: %s", name, plugin_id, error)
        return False
    return True


def hooks_of(plugin_id: str, root: Path, manifest: Manifest) -> Iterator[PluginHooks]:
    """The hooks of a plugin, file by file."""
    told = manifest.hooks
    if told is None:
        told = (root / HOOKS,) if (root / HOOKS).is_file() else ()
    for place, each in enumerate(told):
        if isinstance(each, Path):
            name = each.relative_to(root).as_posix()
            try:
                document = json.loads(each.read_text("utf-8"))
            except (OSError, ValueError, RecursionError) as error:
                yield PluginHooks(plugin_id, root, each, name, None, f"failed to parse plugin hooks config {each}: {error}")
                continue
            yield PluginHooks(plugin_id, root, each, name, document.get("hooks") if isinstance(document, dict) else None, None)
        else:
            yield PluginHooks(plugin_id, root, manifest.file, f"plugin.json#hooks[{place}]", each.get("hooks", each), None)


def content_digest(root: Path) -> str:
    """A hash of all files of a plugin, to which the trust in its hooks is tied: they may run any of them."""
    digest = hashlib.sha256()
    for path in sorted(each for each in root.rglob("*") if each.is_file()):
        digest.update(f"{path.relative_to(root).as_posix()}\0".encode("utf-8", "surrogateescape"))
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return f"sha256:{digest.hexdigest()}"


def _server(root: Path, told: Mapping[str, Any]) -> dict[str, Any]:
    table = {name: value for name, value in told.items() if name not in ("type", "oauth")}
    cwd = table.get("cwd")
    if isinstance(cwd, str) and not Path(cwd).is_absolute():
        table["cwd"] = str(root / cwd)
    return table


def _document(file: Path) -> Mapping[str, Any]:
    try:
        document = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
