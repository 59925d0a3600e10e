"""All configuration keys, as data: which kinds of values they take.

The table is the reference's (0.169) with a few keys of ours. Keys that are of no use to a server are known, so
that a shared file raises no warning, but what is inside their tables is not looked at.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from app_server.core.config.features import ALIASES, EXTRA_NAMES, TABLE_NAMES, defaults
from app_server.core.config.kinds import (
    ANY,
    BOOL,
    I64,
    PATH,
    REAL,
    STRING,
    STRING_MAP,
    STRINGS,
    U16,
    U64,
    USIZE,
    Choice,
    Either,
    Filled,
    Kind,
    ListOf,
    MapOf,
    Path,
    Scalar,
    Table,
    WrongValue,
)

BUILT_IN_PROVIDERS = ("openai", "ollama", "lmstudio", "amazon-bedrock", "gcp", "rehearsal")
"""Providers that need no table; "rehearsal" is ours and works without a network."""
AWS_PROVIDERS = ("amazon-bedrock", "amazon-bedrock-runtime")
RESERVED_PROVIDERS = ("openai", "ollama", "lmstudio", "rehearsal")
WIRE_APIS = ("responses", "chat", "litellm")
"""The reference kept only the first; we speak to any provider."""
VOICES = (
    "alloy", "arbor", "ash", "aube", "ballad", "breeze", "bubbie", "cedar", "coral", "cove", "echo", "ember", "haetsal", "hanul",
    "himari", "juniper", "leher", "maple", "marin", "miko", "neer", "porto", "rindo", "rio", "rivage", "sage", "selva", "shimmer",
    "sol", "sonna", "spruce", "tinta", "vale", "verse", "viola",
)  # fmt: skip


def _unseen(name: str) -> Table:
    """A known table whose members don't concern us."""
    return Table(name, {}, rest=ANY)


class _Features:
    """`[features]`: a switch per feature. Some take a table with `enabled` and settings of their own."""

    def check(self, value: Any, path: Path, unknown: list[Path], /) -> None:
        if not isinstance(value, dict):
            _unseen("FeaturesToml").check(value, path, unknown)
        names = defaults()
        for name, switch in value.items():
            if name in TABLE_NAMES:
                FEATURE_TABLE.check(switch, (*path, name), unknown)
                continue
            try:
                BOOL.check(switch, (*path, name), unknown)
            except WrongValue as error:
                raise WrongValue(error.message, error.path, shown=path) from None
            if name not in names and name not in ALIASES and name not in EXTRA_NAMES:
                unknown.append((*path, name))


FEATURE_TABLE = Either("FeatureToml", (BOOL, Table("FeatureTable", {"enabled": BOOL}, rest=ANY)))


class _Providers:
    """`[model_providers]`: named providers, none of which may replace a built-in one."""

    def check(self, value: Any, path: Path, unknown: list[Path], /) -> None:
        MapOf(PROVIDER).check(value, path, unknown)
        taken = [f"`{name}`" for name in sorted(value) if name in RESERVED_PROVIDERS]
        if taken:
            raise WrongValue(
                f"model_providers contains reserved built-in provider IDs: {', '.join(taken)}. Built-in providers cannot be "
                "overridden. Rename your custom provider (for example, `openai-custom`).",
                path,
            )
        for name, provider in value.items():
            problem = provider_problem(name, provider)
            if problem is not None:
                raise WrongValue(f"model_providers.{name}: {problem}", path)


def provider_problem(name: str, provider: dict[str, Any]) -> str | None:
    """What keeps a provider's settings from holding together."""
    if "aws" in provider and name not in AWS_PROVIDERS:
        return "provider aws is only supported for `amazon-bedrock` or `amazon-bedrock-runtime`"
    if not str(provider.get("name", "")).strip() and name not in (*AWS_PROVIDERS, "gcp"):
        return "provider name must not be empty"
    if "auth" not in provider:
        return None
    if not str(provider["auth"]["command"]).strip():
        return "provider auth.command must not be empty"
    clashing: list[str] = [each for each in ("env_key", "experimental_bearer_token") if each in provider]
    clashing += ["requires_openai_auth"] if provider.get("requires_openai_auth") else []
    return f"provider auth cannot be combined with {', '.join(clashing)}" if clashing else None


class McpServer:
    """One `[mcp_servers.NAME]`: a command to run or a URL to call, not both."""

    def check(self, value: Any, path: Path, unknown: list[Path], /) -> None:
        MCP_SERVER_KEYS.check(value, path, unknown)
        if "command" in value:
            for name in ("url", "bearer_token_env_var", "http_headers", "env_http_headers"):
                if name in value:
                    raise WrongValue(f"{name} is not supported for stdio", path)
        elif "url" in value:
            for name in ("args", "env", "env_vars", "cwd"):
                if name in value:
                    raise WrongValue(f"{name} is not supported for streamable_http", path)
        else:
            raise WrongValue("invalid transport", path)


GRANULAR = Table(
    "GranularApprovalConfig",
    dict.fromkeys(("sandbox_approval", "rules", "skill_approval", "request_permissions", "mcp_elicitations"), BOOL),
    required=("sandbox_approval", "rules", "mcp_elicitations"),
)
APPROVAL = Choice(("untrusted", "on-failure", "on-request", "granular", "never"), {"granular": GRANULAR})
REVIEWER = Choice(("user", "auto_review", "guardian_subagent"))
SANDBOX = Choice(("read-only", "workspace-write", "danger-full-access"))
EFFORT = Filled("reasoning_effort")

PROVIDER = Table(
    "ModelProviderInfo",
    {
        **dict.fromkeys(("name", "base_url", "env_key", "env_key_instructions", "experimental_bearer_token"), STRING),
        **dict.fromkeys(("model_catalog_url", "project_id", "location", "credential_file"), STRING),
        **dict.fromkeys(("query_params", "http_headers", "env_http_headers"), STRING_MAP),
        **dict.fromkeys(("request_max_retries", "stream_max_retries", "stream_idle_timeout_ms"), U64),
        "websocket_connect_timeout_ms": U64,
        **dict.fromkeys(("requires_openai_auth", "supports_websockets", "supports_standalone_web_search"), BOOL),
        "auth": Table("ModelProviderAuthInfo", {}, required=("command",), rest=ANY),
        "aws": _unseen("ModelProviderAwsAuthInfo"),
        "gateway_oauth": ANY,
        "capabilities": ANY,
        "wire_api": Choice(WIRE_APIS),
        "request_compression": Choice(("zstd", "none")),
    },
)
TOOL_APPROVAL = Choice(("auto", "prompt", "approve"))
MCP_SERVER_KEYS = Table(
    "RawMcpServerConfig",
    {
        **dict.fromkeys(("command", "url", "bearer_token_env_var", "oauth_resource", "environment_id", "name"), STRING),
        **dict.fromkeys(("args", "scopes", "enabled_tools", "disabled_tools"), STRINGS),
        **dict.fromkeys(("env", "http_headers", "env_http_headers"), STRING_MAP),
        **dict.fromkeys(("enabled", "required", "supports_parallel_tool_calls"), BOOL),
        **dict.fromkeys(("env_vars", "oauth", "auth", "identity", "experimental_environment"), ANY),
        "cwd": STRING,
        "startup_timeout_sec": REAL,
        "startup_timeout_ms": U64,
        "tool_timeout_sec": REAL,
        "default_tools_approval_mode": TOOL_APPROVAL,
        "tools": MapOf(Table("McpServerToolConfig", {"approval_mode": TOOL_APPROVAL}, rest=ANY)),
    },
)
WEB_SEARCH_LOCATION = Table("WebSearchLocation", dict.fromkeys(("country", "region", "city", "timezone"), STRING))
WEB_SEARCH_TOOL = Table(
    "WebSearchToolConfig",
    {
        "context_size": Choice(("low", "medium", "high")),
        "allowed_domains": STRINGS,
        "location": WEB_SEARCH_LOCATION,
    },
)
REALTIME = Table(
    "RealtimeToml",
    {
        "version": Choice(("v1", "v2", "v3")),
        "type": Choice(("conversational", "transcription")),
        "transport": Choice(("webrtc", "websocket")),
        "voice": Choice(VOICES),
    },
)

_STRING_KEYS = (
    "model", "review_model", "model_provider", "instructions", "developer_instructions", "compact_prompt", "service_tier",
    "openai_base_url", "chatgpt_base_url", "oss_provider", "default_permissions", "profile", "mcp_oauth_callback_url",
    "apps_mcp_product_sku", "experimental_realtime_ws_base_url", "experimental_realtime_ws_model",
    "experimental_realtime_ws_backend_prompt", "experimental_realtime_ws_startup_context",
    "experimental_realtime_start_instructions", "experimental_realtime_webrtc_call_base_url",
    "experimental_thread_store_endpoint",
)  # fmt: skip
_BOOL_KEYS = (
    "hide_agent_reasoning", "show_raw_agent_reasoning", "allow_login_shell", "include_environment_context",
    "include_environment_context_time", "include_permissions_instructions", "include_apps_instructions",
    "include_collaboration_mode_instructions", "check_for_update_on_startup", "disable_paste_burst",
    "suppress_unstable_features_warning", "experimental_use_unified_exec_tool", "allow_symlinked_codex_home",
    "mcp_enterprise_managed_auth",
)  # fmt: skip
_PATH_KEYS = (
    "model_instructions_file", "experimental_compact_prompt_file", "model_catalog_json", "sqlite_home", "log_dir",
    "js_repl_node_path",
)  # fmt: skip
_U64_KEYS = ("thread_unload_delay_secs", "background_terminal_max_timeout", "mcp_optional_startup_grace_ms")
_UNSEEN_TABLES = {
    "tui": "Tui", "notice": "Notice", "otel": "OtelConfigToml", "windows": "WindowsToml", "memories": "MemoriesToml",
    "hooks": "HooksToml", "plugins": "PluginsToml", "marketplaces": "MarketplacesToml", "apps": "AppsConfigToml",
    "skills": "SkillsConfig", "agents": "AgentsToml", "permissions": "PermissionsToml", "auto_review": "AutoReviewToml",
    "tool_suggest": "ToolSuggestConfig", "goals": "GoalsToml", "profiles": "ConfigProfile", "feedback": "FeedbackConfigToml",
    "ghost_snapshot": "GhostSnapshotToml", "responses_api_metadata": "ResponsesApiMetadata",
}  # fmt: skip
_ANY_KEYS = (
    "browser_use", "computer_use", "desktop", "orchestrator", "experimental_thread_store", "daybreak", "cloud",
    "client_search_provider", "forced_chatgpt_workspace_id", "model_post_turn_compact_threshold_percent", "file_opener",
    "project_root_markers",
)  # fmt: skip

SCHEMA = Table(
    "ConfigToml",
    {
        **dict.fromkeys(_STRING_KEYS, STRING),
        **dict.fromkeys(_BOOL_KEYS, BOOL),
        **dict.fromkeys(_PATH_KEYS, PATH),
        **dict.fromkeys(_U64_KEYS, U64),
        **{name: _unseen(struct) for name, struct in _UNSEEN_TABLES.items()},
        **dict.fromkeys(_ANY_KEYS, ANY),
        "approval_policy": APPROVAL,
        "approvals_reviewer": REVIEWER,
        "sandbox_mode": SANDBOX,
        "sandbox_workspace_write": Table(
            "SandboxWorkspaceWrite",
            {
                "writable_roots": ListOf(PATH),
                **dict.fromkeys(("network_access", "exclude_tmpdir_env_var", "exclude_slash_tmp"), BOOL),
            },
        ),
        "model_reasoning_effort": EFFORT,
        "plan_mode_reasoning_effort": EFFORT,
        "model_reasoning_summary": Choice(("auto", "concise", "detailed", "none")),
        "model_verbosity": Choice(("low", "medium", "high")),
        "model_context_window": I64,
        "model_auto_compact_token_limit": I64,
        "model_auto_compact_token_limit_scope": Choice(("total", "body_after_prefix")),
        "tool_output_token_limit": USIZE,
        "personality": Choice(("none", "friendly", "pragmatic")),
        "model_providers": _Providers(),
        "mcp_servers": MapOf(McpServer()),
        "mcp_oauth_credentials_store": Choice(("auto", "file", "keyring")),
        "mcp_oauth_callback_port": U16,
        "cli_auth_credentials_store": Choice(("file", "keyring", "auto", "ephemeral")),
        "forced_login_method": Choice(("chatgpt", "api")),
        "projects": MapOf(Table("ProjectConfig", {"trust_level": Choice(("trusted", "untrusted"))})),
        "shell_environment_policy": Table(
            "ShellEnvironmentPolicyToml",
            {
                "inherit": Choice(("core", "all", "none")),
                "ignore_default_excludes": BOOL,
                "exclude": STRINGS,
                "include_only": STRINGS,
                "set": STRING_MAP,
                "filters": ANY,
                "experimental_use_profile": BOOL,
            },
        ),
        "web_search": Choice(("disabled", "cached", "indexed", "live")),
        "tools": Table(
            "ToolsToml",
            {
                "web_search": Either("WebSearchToolConfigInput", (BOOL, WEB_SEARCH_TOOL)),
                "experimental_request_user_input": ANY,
                "update_plan": Table("UpdatePlanToolConfig", {"enabled": BOOL}),
            },
        ),
        "features": _Features(),
        "project_doc_max_bytes": USIZE,
        "project_doc_fallback_filenames": STRINGS,
        "history": Table("History", {"persistence": Choice(("save-all", "none")), "max_bytes": USIZE}),
        "analytics": Table("AnalyticsConfigToml", {"enabled": BOOL}),
        "notify": STRINGS,
        "js_repl_node_module_dirs": ListOf(PATH),
        "audio": Table("RealtimeAudioToml", {"microphone": STRING, "speaker": STRING}),
        "realtime": REALTIME,
        # Retired by the reference; we honor it.
        "experimental_realtime_ws_mode": Choice(("conversational", "transcription")),
    },
)

MACHINE_KEYS = (
    "openai_base_url", "chatgpt_base_url", "apps_mcp_product_sku", "model_provider", "model_providers", "notify", "profile",
    "profiles", "experimental_realtime_ws_base_url", "experimental_realtime_webrtc_call_base_url", "otel",
)  # fmt: skip
"""Keys that a project's own file may not set: they decide where data goes, or run programs."""


def check(data: Mapping[str, Any]) -> list[Path]:
    """Check a whole configuration and return the paths of unknown keys, sorted. Raises: WrongValue."""
    unknown: list[Path] = []
    SCHEMA.check(data, (), unknown)
    return sorted(unknown, key=dotted)


def dotted(path: Iterable[str | int]) -> str:
    """A key as texts name it."""
    return ".".join(str(part) for part in path)


def path_kinds(members: Mapping[str, Kind] = SCHEMA.members) -> dict[str, Any]:
    """The keys whose values are file paths: True, or a dict of the same form for a table."""
    found: dict[str, Any] = {}
    for name, kind in members.items():
        if isinstance(kind, ListOf):
            kind = kind.kind
        if isinstance(kind, Scalar) and kind.is_path:
            found[name] = True
        elif isinstance(kind, Table):
            inner = path_kinds(kind.members)
            if inner:
                found[name] = inner
    return found


PATH_KEYS = path_kinds()
