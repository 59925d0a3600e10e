"""The resolved configuration of one working directory: typed values with their defaults applied.

A `Config` is a value: it never changes, and a running thread keeps the one it started with. Tables that other rooms
understand (providers, MCP servers, realtime) are kept as they were written. What a value means together with a
model's metadata is not decided here.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app_server.core.config import features, layers
from app_server.core.config.layers import InvalidConfig, Stack
from app_server.core.config.limits import Limits
from app_server.core.config.schema import BUILT_IN_PROVIDERS
from app_server.core.config.trust import DEFAULT_MARKERS, TRUSTED, UNTRUSTED
from app_server.core.frozen import frozen
from app_server.core.models.metadata import ModelInfo

PROFILES = {":read-only": "read-only", ":workspace": "workspace-write", ":danger-full-access": "danger-full-access"}
"""The permission profiles that need no table, and the sandbox that each stands for."""
SERVICE_TIERS = {"fast": "priority"}
DEFAULT_DOC_BYTES = 32768
DEFAULT_UNLOAD_DELAY_S = 1800
DEFAULT_POLL_LIMIT_MS = 300_000

ApprovalPolicy = str | Mapping[str, Mapping[str, bool]]
Table = Mapping[str, Any]


@frozen
class WorkspaceWrite:
    """What `workspace-write` allows beyond the workspace itself; roots are absolute."""

    writable_roots: tuple[str, ...] = ()
    network_access: bool = False
    exclude_tmpdir_env_var: bool = False
    exclude_slash_tmp: bool = False


@frozen
class Config:
    """Everything that configuration decides, for one working directory.

    `raw` is the merged table as it was written; `stack` are the layers behind it. `warnings` and `deprecations` are
    what a client is told once a thread uses this configuration.
    """

    home: Path
    cwd: Path
    stack: Stack
    raw: Table
    warnings: tuple[str, ...]
    deprecations: tuple[Mapping[str, Any], ...]
    features: features.Features

    # The model and what is asked of it; None is the model's own default.
    model: str | None
    review_model: str | None
    model_provider: str
    model_providers: Mapping[str, Table]
    model_catalog: tuple[ModelInfo, ...] | None
    model_reasoning_effort: str | None
    plan_mode_reasoning_effort: str | None
    model_reasoning_summary: str | None
    model_verbosity: str | None
    model_context_window: int | None
    model_auto_compact_token_limit: int | None
    model_auto_compact_token_limit_scope: str | None
    tool_output_token_limit: int | None
    service_tier: str | None
    personality: str | None

    # What the model is told.
    base_instructions: str | None
    instructions: str | None
    developer_instructions: str | None
    compact_prompt: str | None
    project_doc_max_bytes: int
    project_doc_fallback_filenames: tuple[str, ...]
    project_root_markers: tuple[str, ...]
    skills: Table
    include_environment_context: bool
    include_environment_context_time: bool
    include_permissions_instructions: bool
    include_apps_instructions: bool
    include_collaboration_mode_instructions: bool

    # What is allowed.
    trust_level: str | None
    approval_policy: ApprovalPolicy
    approvals_reviewer: str
    sandbox_mode: str
    sandbox_workspace_write: WorkspaceWrite
    active_permission_profile: str | None
    permissions: Mapping[str, Table]

    # Tools and commands.
    web_search: str | None
    web_search_tool: Table
    shell_environment_policy: Table
    allow_login_shell: bool
    background_terminal_max_timeout_ms: int
    mcp_servers: Mapping[str, Table]

    # The server.
    thread_unload_delay_s: int
    openai_base_url: str | None
    chatgpt_base_url: str
    cli_auth_credentials_store: str
    forced_login_method: str | None
    forced_workspaces: tuple[str, ...]
    sqlite_home: Path
    log_dir: Path
    realtime: Table
    hide_agent_reasoning: bool
    show_raw_agent_reasoning: bool
    analytics_enabled: bool | None
    limits: Limits = Limits()
    """What the machine's administrator requires."""

    @property
    def project_root(self) -> Path:
        """The directory that holds a root marker, at or above the working directory."""
        return self.stack.root

    @property
    def is_sandbox_configured(self) -> bool:
        """Whether the sandbox was chosen by somebody, and not by the project's trust."""
        return "sandbox_mode" in self.raw

    @property
    def requires_servers(self) -> bool:
        """Whether a thread can't do without some MCP server."""
        return any(table.get("required") and table.get("enabled", True) for table in self.mcp_servers.values())


@frozen
class Texts:
    """The contents of files that a configuration names."""

    base_instructions: str | None = None
    compact_prompt: str | None = None
    catalog: tuple[ModelInfo, ...] | None = None


@frozen
class Place:
    """Where the server lives and for which directory it reads."""

    home: Path
    cwd: Path
    environment: Mapping[str, str]


def resolve(place: Place, stack: Stack, read_texts: Callable[[Table], Texts]) -> Config:
    """Check the merged layers, read the files that they name and apply the defaults. Raises: InvalidConfig."""
    unknown = layers.validated(stack)
    raw = stack.merged
    texts = read_texts(raw)
    get = raw.get
    _check_retired(raw)
    providers = get("model_providers", {})
    provider = get("model_provider", "openai")
    if provider not in BUILT_IN_PROVIDERS and provider not in providers:
        raise InvalidConfig(f"Model provider `{provider}` not found")
    switches = features.resolve(get("features", {}))
    sandbox_mode, profile = _sandbox(raw, stack.trust)
    search = get("tools", {}).get("web_search")
    return Config(
        home=place.home,
        cwd=place.cwd,
        stack=stack,
        raw=raw,
        warnings=_warnings(place, stack, switches, unknown),
        deprecations=tuple(features.deprecations(get("features", {}))),
        features=switches,
        model=get("model"),
        review_model=get("review_model"),
        model_provider=provider,
        model_providers=providers,
        model_catalog=texts.catalog,
        model_reasoning_effort=get("model_reasoning_effort"),
        plan_mode_reasoning_effort=get("plan_mode_reasoning_effort"),
        model_reasoning_summary=get("model_reasoning_summary"),
        model_verbosity=get("model_verbosity"),
        model_context_window=get("model_context_window"),
        model_auto_compact_token_limit=get("model_auto_compact_token_limit"),
        model_auto_compact_token_limit_scope=get("model_auto_compact_token_limit_scope"),
        tool_output_token_limit=get("tool_output_token_limit"),
        service_tier=_service_tier(raw, switches),
        personality=get("personality"),
        base_instructions=texts.base_instructions,
        instructions=get("instructions"),
        developer_instructions=get("developer_instructions"),
        compact_prompt=texts.compact_prompt or get("compact_prompt"),
        project_doc_max_bytes=get("project_doc_max_bytes", DEFAULT_DOC_BYTES),
        project_doc_fallback_filenames=tuple(get("project_doc_fallback_filenames", ())),
        project_root_markers=tuple(get("project_root_markers", DEFAULT_MARKERS)),
        skills=get("skills", {}),
        include_environment_context=get("include_environment_context", True),
        include_environment_context_time=get("include_environment_context_time", True),
        include_permissions_instructions=get("include_permissions_instructions", True),
        include_apps_instructions=get("include_apps_instructions", True),
        include_collaboration_mode_instructions=get("include_collaboration_mode_instructions", True),
        trust_level=stack.trust,
        approval_policy=_approval_policy(raw, stack.trust),
        approvals_reviewer="user" if get("approvals_reviewer", "user") == "user" else "auto_review",
        sandbox_mode=sandbox_mode,
        sandbox_workspace_write=_workspace_write(get("sandbox_workspace_write", {})),
        active_permission_profile=profile,
        permissions=get("permissions", {}),
        web_search=get("web_search"),
        web_search_tool=search if isinstance(search, dict) else {},
        shell_environment_policy=get("shell_environment_policy", {}),
        allow_login_shell=get("allow_login_shell", True),
        background_terminal_max_timeout_ms=get("background_terminal_max_timeout", DEFAULT_POLL_LIMIT_MS),
        mcp_servers=get("mcp_servers", {}),
        thread_unload_delay_s=get("thread_unload_delay_secs", DEFAULT_UNLOAD_DELAY_S),
        openai_base_url=get("openai_base_url"),
        chatgpt_base_url=get("chatgpt_base_url", "https://chatgpt.com/backend-api/"),
        cli_auth_credentials_store=get("cli_auth_credentials_store", "file"),
        forced_login_method=get("forced_login_method"),
        forced_workspaces=_texts(get("forced_chatgpt_workspace_id")),
        sqlite_home=Path(get("sqlite_home") or place.environment.get("CODEX_SQLITE_HOME") or place.home),
        log_dir=Path(get("log_dir") or place.home / "log"),
        realtime=_realtime(raw),
        hide_agent_reasoning=get("hide_agent_reasoning", False),
        show_raw_agent_reasoning=get("show_raw_agent_reasoning", False),
        analytics_enabled=get("analytics", {}).get("enabled"),
    )


def _texts(value: Any) -> tuple[str, ...]:
    """One text, or several, or none."""
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


def _check_retired(raw: Table) -> None:
    profile = raw.get("profile")
    if profile is not None:
        raise InvalidConfig(
            f'legacy `profile = "{profile}"` config is no longer supported; use `--profile {profile}` with '
            f"`{profile}.config.toml` instead"
        )


def _sandbox(raw: Table, trust: str | None) -> tuple[str, str | None]:
    """The sandbox, and the id of the permission profile that chose it. A decision about trust opens the workspace."""
    profile = raw.get("default_permissions")
    if profile is not None and profile.startswith(":"):
        if profile not in PROFILES:
            raise InvalidConfig(f"default_permissions refers to unknown built-in profile `{profile}`")
        return PROFILES[profile], profile
    if profile is not None:
        if "permissions" not in raw:
            raise InvalidConfig("default_permissions requires a `[permissions]` table")
        if profile not in raw["permissions"]:
            raise InvalidConfig(f"default_permissions refers to undefined profile `{profile}`")
    mode = raw.get("sandbox_mode")
    if mode is not None:
        return mode, profile
    default = ":read-only" if trust is None else ":workspace"
    return PROFILES[default], profile or default


def _approval_policy(raw: Table, trust: str | None) -> ApprovalPolicy:
    """The policy as the wire shows it. `on-failure` is retired and means `on-request`."""
    policy = raw.get("approval_policy")
    if policy is None:
        return UNTRUSTED if trust == UNTRUSTED else "on-request"
    if isinstance(policy, dict):
        names = ("sandbox_approval", "rules", "skill_approval", "request_permissions", "mcp_elicitations")
        return {"granular": {name: policy["granular"].get(name, False) for name in names}}
    return "on-request" if policy == "on-failure" else str(policy)


def _workspace_write(table: Table) -> WorkspaceWrite:
    return WorkspaceWrite(
        writable_roots=tuple(table.get("writable_roots", ())),
        network_access=table.get("network_access", False),
        exclude_tmpdir_env_var=table.get("exclude_tmpdir_env_var", False),
        exclude_slash_tmp=table.get("exclude_slash_tmp", False),
    )


def _service_tier(raw: Table, switches: features.Features) -> str | None:
    """The tier under its wire name; without the fast mode feature there is none."""
    tier = raw.get("service_tier")
    if tier is None or not switches.is_enabled("fast_mode"):
        return None
    return SERVICE_TIERS.get(tier, tier)


def _realtime(raw: Table) -> Table:
    """`[realtime]`, `[audio]` and the `experimental_realtime_*` keys under short names, such as `ws_model`."""
    prefix = "experimental_realtime_"
    settings = {key.removeprefix(prefix): value for key, value in raw.items() if key.startswith(prefix)}
    return {**raw.get("realtime", {}), **settings, "audio": raw.get("audio", {})}


def _warnings(place: Place, stack: Stack, switches: features.Features, unknown: list[Any]) -> tuple[str, ...]:
    texts = layers.refused_keys_warnings(stack.layers)
    stray = layers.unknown_keys_warning(unknown)
    if stray is not None:
        texts.append(stray)
    if not stack.merged.get("suppress_unstable_features_warning"):
        unstable = features.unstable_warning(switches, str(place.home / layers.FILE_NAME))
        if unstable is not None:
            texts.append(unstable)
    return tuple(texts)


def is_trusted(config: Config) -> bool:
    """Whether the user trusts the project."""
    return config.trust_level == TRUSTED
