"""The plugin parts family of the wire contract."""

from typing import Annotated, Literal

from pydantic import Field

from protocol.app import AppSummary, AppTemplateSummary
from protocol.base import I64, U32, Record, TypeAliasType, Variant
from protocol.hook import HookEventName
from protocol.scalars import AbsolutePathBuf
from protocol.skill import SkillSummary


class MarketplaceLoadErrorInfo(Record):
    """Marketplace load error info."""

    marketplace_path: AbsolutePathBuf
    message: str


class MarketplaceInterface(Record):
    """Marketplace interface."""

    display_name: str | None = None


PluginAuthPolicy = TypeAliasType("PluginAuthPolicy", Literal["ON_INSTALL", "ON_USE"])
"""Plugin auth policy."""

PluginAvailability = TypeAliasType("PluginAvailability", Literal["DISABLED_BY_ADMIN", "AVAILABLE"])
"""Plugin availability."""

PluginDisabledReason = TypeAliasType(
    "PluginDisabledReason", Literal["disabled_by_admin", "plan_not_eligible", "required_app_unavailable", "unknown"]
)
"""Plugin disabled reason."""

PluginInstallPolicy = TypeAliasType("PluginInstallPolicy", Literal["NOT_AVAILABLE", "AVAILABLE", "INSTALLED_BY_DEFAULT"])
"""Plugin install policy."""

PluginInstallPolicySource = TypeAliasType("PluginInstallPolicySource", Literal["WORKSPACE_SETTING", "IMPLICIT_CANONICAL_APP"])
"""Plugin install policy source."""


class PluginInterface(Record):
    """Plugin interface."""

    display_name: str | None = None
    short_description: str | None = None
    long_description: str | None = None
    developer_name: str | None = None
    category: str | None = None
    capabilities: list[str]
    website_url: str | None = None
    privacy_policy_url: str | None = None
    terms_of_service_url: str | None = None
    default_prompt: list[str] | None = None
    brand_color: str | None = None
    composer_icon: AbsolutePathBuf | None = None
    composer_icon_url: str | None = None
    logo: AbsolutePathBuf | None = None
    logo_dark: AbsolutePathBuf | None = None
    logo_url: str | None = None
    logo_url_dark: str | None = None
    screenshots: list[AbsolutePathBuf]
    screenshot_urls: list[str]


PluginShareDiscoverability = TypeAliasType("PluginShareDiscoverability", Literal["LISTED", "UNLISTED", "PRIVATE"])
"""Plugin share discoverability."""

PluginSharePrincipalType = TypeAliasType("PluginSharePrincipalType", Literal["user", "group", "workspace"])
"""Plugin share principal type."""

PluginSharePrincipalRole = TypeAliasType("PluginSharePrincipalRole", Literal["reader", "editor", "owner"])
"""Plugin share principal role."""


class PluginSharePrincipal(Record):
    """Plugin share principal."""

    principal_type: PluginSharePrincipalType
    principal_id: str
    role: PluginSharePrincipalRole
    name: str


class PluginShareContext(Record):
    """Plugin share context."""

    remote_plugin_id: str
    remote_version: str | None = None
    discoverability: PluginShareDiscoverability | None = None
    share_url: str | None = None
    creator_account_user_id: str | None = None
    creator_name: str | None = None
    share_principals: list[PluginSharePrincipal] | None = None
    can_publish_to_workspace: bool | None = None


class LocalPluginSource(Variant):
    """Local plugin source."""

    type: Literal["local"] = "local"
    path: AbsolutePathBuf


class GitPluginSource(Variant):
    """Git plugin source."""

    type: Literal["git"] = "git"
    url: str
    path: str | None = None
    ref_name: str | None = None
    sha: str | None = None


class NpmPluginSource(Variant):
    """Npm plugin source."""

    type: Literal["npm"] = "npm"
    package: str
    version: str | None = None
    registry: str | None = None


class RemotePluginSource(Variant):
    """Remote plugin source."""

    type: Literal["remote"] = "remote"


PluginSource = TypeAliasType(
    "PluginSource",
    Annotated[LocalPluginSource | GitPluginSource | NpmPluginSource | RemotePluginSource, Field(discriminator="type")],
)
"""Plugin source."""


class PluginSummary(Record):
    """Plugin summary."""

    id: str
    remote_plugin_id: str | None = None
    version: str | None = None
    local_version: str | None = None
    name: str
    share_context: PluginShareContext | None = None
    source: PluginSource
    installed: bool
    installed_at: I64 | None = None
    enabled: bool
    install_policy: PluginInstallPolicy
    install_policy_source: PluginInstallPolicySource | None = None
    must_show_installation_interstitial: bool | None = None
    auth_policy: PluginAuthPolicy
    availability: PluginAvailability = "AVAILABLE"
    disabled_reason: PluginDisabledReason | None = None
    eligible_plan_types: list[str] | None = None
    interface: PluginInterface | None = None
    keywords: list[str] = Field(default=[])


class PluginMarketplaceEntry(Record):
    """Plugin marketplace entry."""

    name: str
    path: AbsolutePathBuf | None = None
    interface: MarketplaceInterface | None = None
    plugins: list[PluginSummary]


class PluginHookSummary(Record):
    """Plugin hook summary."""

    key: str
    event_name: HookEventName


ScheduledTaskWeekday = TypeAliasType("ScheduledTaskWeekday", Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
"""Scheduled task weekday."""


class HourlySchedule(Variant):
    """Hourly schedule."""

    type: Literal["hourly"] = "hourly"
    interval_hours: U32
    days: list[ScheduledTaskWeekday] | None = None


class DailySchedule(Variant):
    """Daily schedule."""

    type: Literal["daily"] = "daily"
    time: str


class WeekdaysSchedule(Variant):
    """Weekdays schedule."""

    type: Literal["weekdays"] = "weekdays"
    time: str


class WeeklySchedule(Variant):
    """Weekly schedule."""

    type: Literal["weekly"] = "weekly"
    days: list[ScheduledTaskWeekday]
    time: str


ScheduledTaskSchedule = TypeAliasType(
    "ScheduledTaskSchedule",
    Annotated[HourlySchedule | DailySchedule | WeekdaysSchedule | WeeklySchedule, Field(discriminator="type")],
)
"""Scheduled task schedule."""


class ScheduledTaskSummary(Record):
    """Scheduled task summary."""

    key: str
    name: str
    prompt: str
    schedule: ScheduledTaskSchedule


class PluginDetail(Record):
    """Plugin detail."""

    marketplace_name: str
    marketplace_path: AbsolutePathBuf | None = None
    summary: PluginSummary
    share_url: str | None = None
    description: str | None = None
    skills: list[SkillSummary]
    onboarding_skill: SkillSummary | None = None
    hooks: list[PluginHookSummary]
    apps: list[AppSummary]
    app_templates: list[AppTemplateSummary]
    mcp_servers: list[str]
    scheduled_tasks: list[ScheduledTaskSummary] | None = None


PluginShareTargetRole = TypeAliasType("PluginShareTargetRole", Literal["reader", "editor"])
"""Plugin share target role."""


class PluginShareTarget(Record):
    """Plugin share target."""

    principal_type: PluginSharePrincipalType
    principal_id: str
    role: PluginShareTargetRole


PluginShareUpdateDiscoverability = TypeAliasType("PluginShareUpdateDiscoverability", Literal["UNLISTED", "PRIVATE", "LISTED"])
"""Plugin share update discoverability."""


class PluginShareListItem(Record):
    """Plugin share list item."""

    plugin: PluginSummary
    local_plugin_path: AbsolutePathBuf | None = None
