"""What an administrator requires: settings that users cannot change, and limits to those they can."""

from typing import Annotated, Any, Literal

from protocol.approval import ApprovalsReviewer, AskForApproval
from protocol.base import EXPERIMENTAL, U16, Method, Record, Response, TypeAliasType
from protocol.config_values import ForcedLoginMethod, WebSearchMode
from protocol.mode import ReasoningEffort
from protocol.requirements_hooks import ManagedHooksRequirements
from protocol.requirements_telemetry import OtelRequirements
from protocol.requirements_tools import BrowserUseRequirements, ComputerUseRequirements, InAppBrowserRequirements
from protocol.sandbox import SandboxMode
from protocol.scalars import LegacyAppPathString

WindowsSandboxImplementation = TypeAliasType("WindowsSandboxImplementation", Literal["elevated", "unelevated", "mxc"])
"""A way to sandbox commands on Windows."""

NetworkDomainPermission = TypeAliasType("NetworkDomainPermission", Literal["allow", "deny"])
"""Whether a host may be reached."""


class ApplicationNetworkRequirements(Record):
    """Which hosts the desktop client may reach."""

    enabled: bool
    """Whether only those that are listed."""
    domains: dict[str, NetworkDomainPermission]
    """By host."""


class ApplicationStorageRequirements(Record):
    """Where the desktop client puts new workspaces."""

    default_project_parent: LegacyAppPathString | None = None
    """The directory of projects; null: as usual."""
    projectless_workspace_root: LegacyAppPathString | None = None
    """The directory of everything else; null: as usual."""


class ApplicationRequirements(Record):
    """Requirements of the desktop client."""

    network: ApplicationNetworkRequirements | None = None
    """Which hosts it may reach; null: any."""
    storage: ApplicationStorageRequirements | None = None
    """Where it puts new workspaces; null: as usual."""


class AutoReviewRequirements(Record):
    """Requirements of automatic review."""

    required_on_models: list[str] | None = None
    """The models whose commands must be reviewed; null: none."""
    ignore_rules: list[str] | None = None
    """The rules that do not spare a command from review; null: none."""


CliAuthCredentialsStoreMode = TypeAliasType("CliAuthCredentialsStoreMode", Literal["file", "keyring", "auto", "ephemeral"])
"""Where the login is kept."""

ResidencyRequirement = TypeAliasType("ResidencyRequirement", Literal["us"])
"""Where the provider must handle requests."""


class FeedbackRequirements(Record):
    """Requirements of feedback."""

    enabled: bool | None = None
    """Whether it can be sent; null: as usual."""


class NewThreadModelDefaults(Record):
    """What new threads begin with. Null: as usual."""

    model: str | None = None
    """The model."""
    model_reasoning_effort: ReasoningEffort | None = None
    """How hard it thinks."""
    service_tier: str | None = None
    """The service tier."""


class ModelsRequirements(Record):
    """Requirements of models."""

    new_thread: NewThreadModelDefaults | None = None
    """What new threads begin with; null: as usual."""


NetworkUnixSocketPermission = TypeAliasType("NetworkUnixSocketPermission", Literal["allow", "deny"])
"""Whether a socket may be used."""


class NetworkRequirements(Record):
    """Requirements of the network of sandboxed commands. Null: as usual."""

    enabled: bool | None = None
    """Whether it goes through the managed proxy."""
    http_port: U16 | None = None
    """The port of the HTTP proxy."""
    socks_port: U16 | None = None
    """The port of the SOCKS proxy."""
    allow_upstream_proxy: bool | None = None
    """Whether the proxy may use another proxy."""
    dangerously_allow_non_loopback_proxy: bool | None = None
    """Whether the proxy may listen beyond this machine."""
    dangerously_allow_all_unix_sockets: bool | None = None
    """Whether all sockets of the machine may be used."""
    domains: dict[str, NetworkDomainPermission] | None = None
    """Which hosts may be reached."""
    review_domains: list[str] | None = None
    """Hosts that are asked about even when they may be reached."""
    managed_allowed_domains_only: bool | None = None
    """Whether users can add no hosts."""
    allowed_domains: list[str] | None = None
    """Older form of `domains`: those that may be reached."""
    denied_domains: list[str] | None = None
    """Older form of `domains`: those that may not."""
    unix_sockets: dict[str, NetworkUnixSocketPermission] | None = None
    """Which sockets of the machine may be used."""
    allow_unix_sockets: list[str] | None = None
    """Older form of `unixSockets`: those that may be used."""
    allow_local_binding: bool | None = None
    """Whether commands may listen on ports."""


class ConfigRequirements(Record):
    """All requirements. Null: none."""

    model_provider: str | None = None
    """The provider that must be used."""
    model_providers: dict[str, Any] | None = None
    """Definitions of providers, as in the configuration file."""
    allowed_login_methods: list[ForcedLoginMethod] | None = None
    """The ways to log in; empty: none."""
    cli_auth_credentials_store: CliAuthCredentialsStoreMode | None = None
    """Where the login is kept."""
    chatgpt_base_url: str | None = None
    """The address of ChatGPT."""
    additional_developer_instructions: str | None = None
    """Instructions that every thread gets."""
    allowed_approval_policies: list[AskForApproval] | None = None
    """The approval policies to choose from."""
    allowed_approvals_reviewers: Annotated[list[ApprovalsReviewer] | None, EXPERIMENTAL] = None
    """The reviewers to choose from."""
    allowed_sandbox_modes: list[SandboxMode] | None = None
    """The sandbox modes to choose from."""
    allowed_windows_sandbox_implementations: list[WindowsSandboxImplementation] | None = None
    """The sandboxes of Windows to choose from."""
    allowed_permission_profiles: dict[str, bool] | None = None
    """Which permission profiles may be chosen, by name."""
    default_permissions: str | None = None
    """The permission profile when none is chosen."""
    allowed_web_search_modes: list[WebSearchMode] | None = None
    """The ways to search the web."""
    allow_managed_hooks_only: bool | None = None
    """Whether only the administrator's hooks run."""
    allow_browser_and_computer_use: bool | None = None
    """Whether the browser and the computer can be used."""
    allow_appshots: bool | None = None
    """Whether pictures of programs can be taken."""
    allow_remote_control: bool | None = None
    """Whether the server can be used from afar."""
    computer_use: ComputerUseRequirements | None = None
    """Requirements of using the computer."""
    browser_use: BrowserUseRequirements | None = None
    """Requirements of the browser."""
    in_app_browser: InAppBrowserRequirements | None = None
    """Requirements of the browser inside the client."""
    feature_requirements: dict[str, bool] | None = None
    """Features that are always on or off, by name."""
    hooks: Annotated[ManagedHooksRequirements | None, EXPERIMENTAL] = None
    """The administrator's hooks."""
    enforce_residency: ResidencyRequirement | None = None
    """Where the provider must handle requests."""
    network: Annotated[NetworkRequirements | None, EXPERIMENTAL] = None
    """Requirements of the network of commands."""
    application: Annotated[ApplicationRequirements | None, EXPERIMENTAL] = None
    """Requirements of the desktop client."""
    auto_review: AutoReviewRequirements | None = None
    """Requirements of automatic review."""
    models: ModelsRequirements | None = None
    """Requirements of models."""
    sqlite_home: str | None = None
    """The directory of databases."""
    log_dir: str | None = None
    """The directory of logs."""
    model_catalog_json: str | None = None
    """A file with the models that there are."""
    check_for_update_on_startup: bool | None = None
    """Whether to look for updates."""
    allow_login_shell: bool | None = None
    """Whether commands may run in login shells."""
    feedback: FeedbackRequirements | None = None
    """Requirements of feedback."""
    otel: OtelRequirements | None = None
    """Requirements of telemetry."""


class ConfigRequirementsReadResponse(Response):
    """What is required."""

    supports_independent_speed_modes: bool | None = None
    """Whether the two fast modes are allowed one by one; null: together."""
    requirements: ConfigRequirements | None = None
    """The requirements; null: none."""


CONFIG_REQUIREMENTS_READ: Method[None, ConfigRequirementsReadResponse] = Method(
    "configRequirements/read", None, ConfigRequirementsReadResponse
)

METHODS: tuple[Method[Any, Any], ...] = (CONFIG_REQUIREMENTS_READ,)
