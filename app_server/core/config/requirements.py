"""What the administrator of the machine requires, in `requirements.toml` beside the machine's configuration.

Of some settings only certain values are allowed: one that is not gives way to the first that is, with a warning. Features are
pinned, and only the MCP servers that are named run. Nobody's configuration, request or stored thread gets past it.
Source: spec/config-auth.md section 3, the reference's answers.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from app_server.core.config.config import Config
from app_server.core.config.layers import InvalidConfig, parse_file
from app_server.core.config.limits import LIMITED, Limits
from app_server.core.frozen import replace

FILE = "requirements.toml"
LISTS: Mapping[str, str] = MappingProxyType(
    {
        "approval_policy": "allowed_approval_policies",
        "approvals_reviewer": "allowed_approvals_reviewers",
        "sandbox_mode": "allowed_sandbox_modes",
        "web_search_mode": "allowed_web_search_modes",
        "login_method": "allowed_login_methods",
    }
)
"""The settings that are limited, each with the key that lists what is allowed."""


def read(file: Path, read_text: Callable[[Path], str | None]) -> Limits:
    """What is required. Raises: InvalidConfig: as long as nobody knows what is required, nothing holds."""
    text = read_text(file)
    if not text:
        return Limits()
    data = parse_file(file, text)
    allowed = {setting: texts_of(file, data, key) for setting, key in LISTS.items() if key in data}
    if "web_search_mode" in allowed and "disabled" not in allowed["web_search_mode"]:
        allowed["web_search_mode"] = (*allowed["web_search_mode"], "disabled")
    features = table_of(file, data, "features")
    if not all(isinstance(value, bool) for value in features.values()):
        raise InvalidConfig(f"{file}: expected booleans in `features`", path=file)
    servers = table_of(file, data, "mcp_servers") if "mcp_servers" in data else None
    return Limits(str(file), allowed, dict(features), servers, data)


def texts_of(file: Path, data: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """A list of words. Raises: InvalidConfig; an empty one would allow nothing at all."""
    value = data[key]
    if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
        raise InvalidConfig(f"{file}: expected a list of words as `{key}`", path=file)
    return tuple(value)


def table_of(file: Path, data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """A table. Raises: InvalidConfig."""
    value = data.get(key, {})
    if not isinstance(value, dict):
        raise InvalidConfig(f"{file}: expected a table as `{key}`", path=file)
    return value


def constrained(config: Config, limits: Limits) -> Config:
    """The configuration as the requirements leave it."""
    if not limits.file:
        return config
    values = {
        "approval_policy": (word_of(config.approval_policy), config.raw.get("approval_policy") is not None),
        "approvals_reviewer": (config.approvals_reviewer, "approvals_reviewer" in config.raw),
        "sandbox_mode": (config.sandbox_mode, "sandbox_mode" in config.raw or "default_permissions" in config.raw),
        "web_search_mode": (config.web_search or "cached", "web_search" in config.raw),
    }
    changes: dict[str, Any] = {"limits": limits}
    warnings: list[str] = []
    for setting, (value, is_chosen) in values.items():
        if not limits.allows(setting, value):
            changes[LIMITED[setting]] = limits.fallback(setting)
            if is_chosen:
                warnings.append(limits.warning(setting, value))
    if "sandbox_mode" in changes:
        changes["active_permission_profile"] = None
    if "web_search_mode" in limits.allowed and config.web_search is None:
        changes.setdefault("web_search", "cached")  # and not what the sandbox would make of it
    methods = limits.allowed.get("login_method", ())
    if len(methods) == 1:
        changes["forced_login_method"] = methods[0]
    if limits.features:
        changes["features"] = replace(config.features, configured={**config.features.configured, **limits.features})
    if limits.servers is not None:
        changes["mcp_servers"] = {name: limited_server(name, table, limits.servers) for name, table in config.mcp_servers.items()}
    return replace(config, warnings=(*warnings, *config.warnings), **changes)


def limited_server(name: str, table: Mapping[str, Any], servers: Mapping[str, Any]) -> Mapping[str, Any]:
    """An MCP server, switched off unless it is the one that the requirements name."""
    named = servers.get(name)
    identity = named.get("identity") if isinstance(named, Mapping) else None
    is_known = isinstance(identity, Mapping) and any(
        identity.get(key) is not None and identity.get(key) == table.get(key) for key in ("command", "url")
    )
    return table if is_known else {**table, "enabled": False}


def check_features(raw: Mapping[str, Any], limits: Limits) -> None:
    """Refuse a configuration that sets a pinned feature otherwise. Raises: InvalidConfig."""
    for name, is_on in raw.get("features", {}).items():
        if name in limits.features and isinstance(is_on, bool) and is_on != limits.features[name]:
            pins = ", ".join(f"{each}={str(value).lower()}" for each, value in sorted(limits.features.items()))
            raise InvalidConfig(
                f"invalid value for `features`: `features.{name}={str(is_on).lower()}` is not in the allowed set [{pins}] "
                f"(set by {limits.file})"
            )


def word_of(policy: str | Mapping[str, Any]) -> str:
    """The word for a policy."""
    return policy if isinstance(policy, str) else "granular"
