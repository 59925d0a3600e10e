"""The requirements family of the wire contract."""

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
"""Windows sandbox implementation."""

NetworkDomainPermission = TypeAliasType("NetworkDomainPermission", Literal["allow", "deny"])
"""Network domain permission."""


class ApplicationNetworkRequirements(Record):
    """Application network requirements."""

    enabled: bool
    domains: dict[str, NetworkDomainPermission]


class ApplicationStorageRequirements(Record):
    """Application storage requirements."""

    default_project_parent: LegacyAppPathString | None = None
    projectless_workspace_root: LegacyAppPathString | None = None


class ApplicationRequirements(Record):
    """Application requirements."""

    network: ApplicationNetworkRequirements | None = None
    storage: ApplicationStorageRequirements | None = None


class AutoReviewRequirements(Record):
    """Auto review requirements."""

    required_on_models: list[str] | None = None
    ignore_rules: list[str] | None = None


CliAuthCredentialsStoreMode = TypeAliasType("CliAuthCredentialsStoreMode", Literal["file", "keyring", "auto", "ephemeral"])
"""Cli auth credentials store mode."""

ResidencyRequirement = TypeAliasType("ResidencyRequirement", Literal["us"])
"""Residency requirement."""


class FeedbackRequirements(Record):
    """Feedback requirements."""

    enabled: bool | None = None


class NewThreadModelDefaults(Record):
    """New thread model defaults."""

    model: str | None = None
    model_reasoning_effort: ReasoningEffort | None = None
    service_tier: str | None = None


class ModelsRequirements(Record):
    """Models requirements."""

    new_thread: NewThreadModelDefaults | None = None


NetworkUnixSocketPermission = TypeAliasType("NetworkUnixSocketPermission", Literal["allow", "deny"])
"""Network unix socket permission."""


class NetworkRequirements(Record):
    """Network requirements."""

    enabled: bool | None = None
    http_port: U16 | None = None
    socks_port: U16 | None = None
    allow_upstream_proxy: bool | None = None
    dangerously_allow_non_loopback_proxy: bool | None = None
    dangerously_allow_all_unix_sockets: bool | None = None
    domains: dict[str, NetworkDomainPermission] | None = None
    review_domains: list[str] | None = None
    managed_allowed_domains_only: bool | None = None
    allowed_domains: list[str] | None = None
    denied_domains: list[str] | None = None
    unix_sockets: dict[str, NetworkUnixSocketPermission] | None = None
    allow_unix_sockets: list[str] | None = None
    allow_local_binding: bool | None = None


class ConfigRequirements(Record):
    """Config requirements."""

    model_provider: str | None = None
    model_providers: dict[str, Any] | None = None
    allowed_login_methods: list[ForcedLoginMethod] | None = None
    cli_auth_credentials_store: CliAuthCredentialsStoreMode | None = None
    chatgpt_base_url: str | None = None
    additional_developer_instructions: str | None = None
    allowed_approval_policies: list[AskForApproval] | None = None
    allowed_approvals_reviewers: Annotated[list[ApprovalsReviewer] | None, EXPERIMENTAL] = None
    allowed_sandbox_modes: list[SandboxMode] | None = None
    allowed_windows_sandbox_implementations: list[WindowsSandboxImplementation] | None = None
    allowed_permission_profiles: dict[str, bool] | None = None
    default_permissions: str | None = None
    allowed_web_search_modes: list[WebSearchMode] | None = None
    allow_managed_hooks_only: bool | None = None
    allow_browser_and_computer_use: bool | None = None
    allow_appshots: bool | None = None
    allow_remote_control: bool | None = None
    computer_use: ComputerUseRequirements | None = None
    browser_use: BrowserUseRequirements | None = None
    in_app_browser: InAppBrowserRequirements | None = None
    feature_requirements: dict[str, bool] | None = None
    hooks: Annotated[ManagedHooksRequirements | None, EXPERIMENTAL] = None
    enforce_residency: ResidencyRequirement | None = None
    network: Annotated[NetworkRequirements | None, EXPERIMENTAL] = None
    application: Annotated[ApplicationRequirements | None, EXPERIMENTAL] = None
    auto_review: AutoReviewRequirements | None = None
    models: ModelsRequirements | None = None
    sqlite_home: str | None = None
    log_dir: str | None = None
    model_catalog_json: str | None = None
    check_for_update_on_startup: bool | None = None
    allow_login_shell: bool | None = None
    feedback: FeedbackRequirements | None = None
    otel: OtelRequirements | None = None


class ConfigRequirementsReadResponse(Response):
    """What `configRequirements/read` is answered with."""

    supports_independent_speed_modes: bool | None = None
    requirements: ConfigRequirements | None = None


CONFIG_REQUIREMENTS_READ: Method[None, ConfigRequirementsReadResponse] = Method(
    "configRequirements/read", None, ConfigRequirementsReadResponse
)

METHODS: tuple[Method[Any, Any], ...] = (CONFIG_REQUIREMENTS_READ,)
