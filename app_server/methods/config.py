"""`config/read`: what the configuration files amount to, as the reference shows it. Source: spec/config-auth.md section 3.

Every known key is there, null when nobody set it, and the tables that matter to this server are filled up the same way.
Tables that only other programs read (such as `tui`) are shown as they were written.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from app_server.core.config import layers
from app_server.core.config.features import SWITCHABLE, Features
from app_server.core.config.features import resolve as resolve_features
from app_server.core.config.layers import InvalidConfig, Stack
from app_server.core.config.schema import SCHEMA
from app_server.core.errors import INTERNAL_ERROR, CallerError
from app_server.core.frozen import replace
from app_server.methods.config_write import write_batch, write_value
from app_server.routing import route
from app_server.services import Context
from protocol.config import CONFIG_BATCH_WRITE, CONFIG_READ, CONFIG_VALUE_WRITE, ConfigReadParams
from protocol.config import Config as WireConfig

DEFAULTS: Mapping[str, Any] = {
    "allow_login_shell": True,
    "background_terminal_max_timeout": 300_000,
    "chatgpt_base_url": "https://chatgpt.com/backend-api/",
    "cli_auth_credentials_store": "file",
    "file_opener": "vscode",
    "hide_agent_reasoning": False,
    "history": {},
    "include_apps_instructions": True,
    "include_collaboration_mode_instructions": True,
    "include_environment_context": True,
    "include_environment_context_time": True,
    "include_permissions_instructions": True,
    "marketplaces": {},
    "mcp_oauth_credentials_store": "auto",
    "mcp_servers": {},
    "model_providers": {},
    "plugins": {},
    "profiles": {},
    "project_doc_fallback_filenames": [],
    "project_doc_max_bytes": 32_768,
    "project_root_markers": [".git"],
    "shell_environment_policy": {},
}
"""Keys that are shown with a value when nobody set them."""
OURS = frozenset({"experimental_realtime_ws_mode"})
"""Keys that the reference does not have; shown when somebody set them."""
PROVIDER: Mapping[str, Any] = {
    **dict.fromkeys(
        (
            "name", "base_url", "model_catalog_url", "env_key", "env_key_instructions", "experimental_bearer_token", "auth",
            "gateway_oauth", "aws", "project_id", "location", "credential_file",
        )
    ),
    "wire_api": "responses",
    **dict.fromkeys(
        (
            "capabilities", "query_params", "http_headers", "env_http_headers", "request_max_retries", "stream_max_retries",
            "stream_idle_timeout_ms", "websocket_connect_timeout_ms",
        )
    ),
    **dict.fromkeys(("requires_openai_auth", "supports_websockets", "supports_standalone_web_search"), False),
}  # fmt: skip
MCP_SERVER: Mapping[str, Any] = {"environment_id": "local", "enabled": True, "tool_timeout_sec": None}
GRANULAR: Mapping[str, Any] = dict.fromkeys(
    ("sandbox_approval", "rules", "skill_approval", "request_permissions", "mcp_elicitations"), False
)
TABLES: Mapping[str, Mapping[str, Any]] = {
    "history": {"persistence": "save-all", "max_bytes": None},
    "shell_environment_policy": dict.fromkeys(
        ("inherit", "ignore_default_excludes", "exclude", "set", "include_only", "filters", "experimental_use_profile")
    ),
    "sandbox_workspace_write": {
        "writable_roots": [],
        **dict.fromkeys(("network_access", "exclude_tmpdir_env_var", "exclude_slash_tmp"), False),
    },
    "realtime": dict.fromkeys(("version", "type", "transport", "voice")),
    "audio": dict.fromkeys(("microphone_channel", "microphone", "speaker")),
}
"""The members of single tables; what else stands in them is not shown."""


def read(context: Context, params: ConfigReadParams) -> bytes:
    """The merged configuration, where each value comes from, and the layers. Without a directory projects don't count."""
    store, environment = context.services.config, context.services.settings.environment
    try:
        stack = store.layers(params.cwd)
    except InvalidConfig as problem:
        raise _internal(f"failed to read configuration layers: {problem.detail}") from None
    if params.cwd is None:
        stack = without_projects(stack, Path(environment.get("HOME") or "/"))
    try:
        layers.validated(stack)
    except InvalidConfig as problem:
        raise _internal(f"invalid configuration: {problem.plain}") from None
    listed = {"layers": [layer.to_wire() for layer in reversed(stack.layers)]} if params.include_layers else {}
    return to_json({"config": shown(stack.merged, store.switched), "origins": stack.origins(), **listed})


def without_projects(stack: Stack, user_home: Path) -> Stack:
    """What holds wherever one works."""
    own = tuple(layer for layer in stack.layers if layer.source["type"] != "project")
    return replace(stack, layers=own, merged=layers.merged(own, user_home))


def shown(merged: Mapping[str, Any], switched: Mapping[str, bool]) -> dict[str, Any]:
    """The merged table as clients see it: those members that clients know by type first, then all others."""
    known = [*WireConfig.model_fields, *(name for name in SCHEMA.members if name not in WireConfig.model_fields)]
    config = {name: merged.get(name, DEFAULTS.get(name)) for name in known if name in merged or name not in OURS}
    for name, members in TABLES.items():
        if config[name] is not None:
            config[name] = {member: config[name].get(member, default) for member, default in members.items()}
    config["model_providers"] = {name: {**PROVIDER, **table} for name, table in config["model_providers"].items()}
    config["mcp_servers"] = {name: mcp_server(table) for name, table in config["mcp_servers"].items()}
    config["features"] = shown_features(merged.get("features"), switched)
    policy = config["approval_policy"]
    if isinstance(policy, Mapping):
        config["approval_policy"] = {"granular": {**GRANULAR, **policy["granular"]}}
    return config


def mcp_server(table: Mapping[str, Any]) -> dict[str, Any]:
    """An MCP server with the members that are always there."""
    arguments: dict[str, Any] = {"args": []} if "command" in table else {}
    return {**arguments, **MCP_SERVER, **table}


def shown_features(section: Mapping[str, Any] | None, switched: Mapping[str, bool]) -> dict[str, Any]:
    """What is configured, and the state of everything that can be switched while the process runs."""
    configured: Features = resolve_features(section or {})
    open_to_clients = configured.open_to_clients(switched)
    states = {name: open_to_clients.get(name, configured.is_enabled(name)) for name in sorted(SWITCHABLE - {"apps", "plugins"})}
    return {**({} if section is None else {"network_proxy": None}), **(section or {}), **states}


def _internal(text: str) -> CallerError:
    return CallerError(text, code=INTERNAL_ERROR, reason="invalid_config")


ROUTES = [route(CONFIG_READ, read), route(CONFIG_VALUE_WRITE, write_value), route(CONFIG_BATCH_WRITE, write_batch)]
