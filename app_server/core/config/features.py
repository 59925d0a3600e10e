"""Feature switches: which ones exist, what a configuration makes of them, and how they are shown.

Ours beyond the reference's list are accepted in `[features]` and not shown in the list. A switch that the
configuration doesn't mention can matter too (`configured` is None), since some of ours fall back to the model's
own metadata then.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from app_server.core.config.feature_table import FEATURES
from app_server.core.frozen import frozen

SWITCHABLE = frozenset(
    {
        "api_key_cyber_access_programs", "api_key_model_discovery", "apps", "auth_elicitation",
        "background_paginated_rollout_migration", "codex_apps_mcp_2026_07_28", "daybreak_program_propagation", "mcp_2026_07_28",
        "mcp_connection_sharing", "mcp_lazy_stdio_startup", "memories", "mentions_v2", "plugins", "remote_control",
        "remote_plugin", "tool_suggest", "windows_sandbox_service",
    }
)  # fmt: skip
"""The features that a client may switch while the process runs."""
EXTRA_NAMES = frozenset({"view_image_original_resolution"})
"""Switches of ours, without a place in the reference's list."""
ALIASES = {
    "collab": "multi_agent",
    "web_search": "web_search_request",
    "codex_hooks": "hooks",
    "connectors": "apps",
    "memory_tool": "memories",
    "telepathy": "chronicle",
    "request_permissions": "exec_permission_approvals",
    "enable_experimental_windows_sandbox": "experimental_windows_sandbox",
    "experimental_use_unified_exec_tool": "unified_exec",
    "imagegenext": "image_generation",
}
"""Former names, each with the present one."""
TABLE_NAMES = frozenset(
    {
        "sleep_tool", "code_mode", "code_mode_host", "network_proxy", "multi_agent_v2", "apps_mcp_path_override",
        "non_prefixed_mcp_tool_names", "guardianv2", "guardianv3", "token_budget", "rollout_budget", "current_time_reminder",
        "async_compaction", "runtime_agent_instances", "context_management",
    }
)  # fmt: skip
"""Features that take a table with settings of their own, besides a plain switch."""
DISPLAY = {
    "analytics_plan_history": ("Analytics plan history", "Shows past five-hour and weekly allowances in the analytics view.", ""),
    "login_shell_package_path": (
        "Bundled tools in login shells",
        "Keeps tools that come with the server on PATH when a login shell resets it.",
        "",
    ),
    "network_proxy": (
        "Network proxy",
        "Filters the network of sandboxed sessions that may use it.",
        "Sandboxed sessions can now have their network filtered.",
    ),
    "respect_system_proxy": ("System proxy", "Uses the proxy settings of macOS or Windows for the server's own requests.", ""),
    "prevent_idle_sleep": (
        "Prevent sleep while running",
        "Keeps the computer awake while a turn runs.",
        "The computer can now be kept awake while a turn runs.",
    ),
}
"""Names and texts of those features that users are invited to try."""
REMOTE_COMPACTION = "remote_compaction_v2"
_DEFAULTS = {name: is_on for name, _, is_on in FEATURES}


def defaults() -> Mapping[str, bool]:
    """Every listed feature with its default."""
    return _DEFAULTS


def beta_names(features: "Features") -> str:
    """What OpenAI is told of the features on trial that are on."""
    on = [name for name in DISPLAY if features.configured.get(name)]
    if features.configured.get(REMOTE_COMPACTION) is not False:
        on.append(REMOTE_COMPACTION)
    return ",".join(sorted(on))


def is_known(name: str) -> bool:
    """Whether `--enable NAME` may name it."""
    return name in _DEFAULTS or name in ALIASES or name in EXTRA_NAMES


@frozen
class Features:
    """What a configuration says about features. `tables` holds the settings of those that have some."""

    configured: Mapping[str, bool]
    tables: Mapping[str, Mapping[str, Any]]
    switched: Mapping[str, bool] = MappingProxyType({})
    """What clients have switched for the time that the process runs, where the configuration leaves it open."""

    def is_enabled(self, name: str) -> bool:
        """The configuration's switch, or else a client's, or else the default."""
        value = self.configured.get(name)
        if value is None:
            value = self.switched.get(name)
        return _DEFAULTS.get(name, False) if value is None else value

    def open_to_clients(self, wishes: Mapping[str, bool]) -> dict[str, bool]:
        """Those of a client's switches that the configuration leaves to it."""
        return {name: is_on for name, is_on in wishes.items() if name in SWITCHABLE and name not in self.configured}


def resolve(section: Mapping[str, Any]) -> Features:
    """Features of a checked `[features]` table; present names win over former ones."""
    configured: dict[str, bool] = {}
    tables: dict[str, Mapping[str, Any]] = {}
    for name, value in sorted(section.items(), key=lambda pair: pair[0] not in ALIASES):
        present = ALIASES.get(name, name)
        if isinstance(value, dict):
            tables[present] = value
            value = value.get("enabled")
        if isinstance(value, bool):
            configured[present] = value
    return Features(configured, tables)


def rows(features: Features) -> list[dict[str, Any]]:
    """The rows of `experimentalFeature/list`."""
    listed = []
    for name, stage, is_on in FEATURES:
        title, description, announcement = DISPLAY.get(name, (None, None, None))
        listed.append(
            {
                "name": name,
                "stage": stage,
                "displayName": title,
                "description": description,
                "announcement": announcement,
                "enabled": features.is_enabled(name),
                "defaultEnabled": is_on,
            }
        )
    return listed


def deprecations(section: Mapping[str, Any]) -> list[dict[str, Any]]:
    """`deprecationNotice` data for switches that have a better way now."""
    notices = []
    for name in section:
        summary = None
        if name in ("web_search", "web_search_request", "web_search_cached"):
            summary = f"`[features].{name}` is deprecated because web search is enabled by default."
            details = 'Set `web_search` to "live", "indexed", "cached" or "disabled" at the top level of config.toml instead.'
        elif name == "use_legacy_landlock":
            summary = f"`[features].{name}` is deprecated and will be removed soon."
            details = "Remove the setting; the sandbox chooses its mechanism by itself."
        elif name in ALIASES:
            present = ALIASES[name]
            summary = f"`[features].{name}` is deprecated. Use `[features].{present}` instead."
            details = f"Enable it with `--enable {present}` or `[features].{present}` in config.toml."
        if summary is not None:
            notices.append({"summary": summary, "details": details})
    return notices


def unstable_warning(features: Features, config_file: str) -> str | None:
    """The warning about unfinished features that the configuration switched on, or None."""
    unfinished = {name for name, stage, _ in FEATURES if stage == "underDevelopment"}
    names = [name for name, is_on in features.configured.items() if is_on and name in unfinished and not _DEFAULTS[name]]
    if not names:
        return None
    return (
        f"Under-development features enabled: {', '.join(sorted(names))}. "
        "Under-development features are incomplete and may behave unpredictably. "
        f"To suppress this warning, set `suppress_unstable_features_warning = true` in {config_file}."
    )
