"""What is told about a plugin: where it comes from, what it brings, who may have it."""

from typing import Annotated, Literal

from pydantic import Field

from protocol.app import AppSummary, AppTemplateSummary
from protocol.base import I64, U32, Record, TypeAliasType, Variant
from protocol.hook import HookEventName
from protocol.scalars import AbsolutePathBuf
from protocol.skill import SkillSummary


class MarketplaceLoadErrorInfo(Record):
    """A marketplace that cannot be read."""

    marketplace_path: AbsolutePathBuf
    """Its file."""
    message: str
    """Why."""


class MarketplaceInterface(Record):
    """How a marketplace is shown."""

    display_name: str | None = None
    """Its name for people; null: none."""


PluginAuthPolicy = TypeAliasType("PluginAuthPolicy", Literal["ON_INSTALL", "ON_USE"])
"""When the user has to log in for a plugin."""

PluginAvailability = TypeAliasType("PluginAvailability", Literal["DISABLED_BY_ADMIN", "AVAILABLE"])
"""Whether a plugin can be had."""

PluginDisabledReason = TypeAliasType(
    "PluginDisabledReason", Literal["disabled_by_admin", "plan_not_eligible", "required_app_unavailable", "unknown"]
)
"""Why a plugin cannot be had."""

PluginInstallPolicy = TypeAliasType("PluginInstallPolicy", Literal["NOT_AVAILABLE", "AVAILABLE", "INSTALLED_BY_DEFAULT"])
"""Whether a plugin can be installed, or is from the start."""

PluginInstallPolicySource = TypeAliasType("PluginInstallPolicySource", Literal["WORKSPACE_SETTING", "IMPLICIT_CANONICAL_APP"])
"""Who decided that."""


class PluginInterface(Record):
    """How a plugin is shown. Null: not told."""

    display_name: str | None = None
    """Its name for people."""
    short_description: str | None = None
    """What it does, in a few words."""
    long_description: str | None = None
    """What it does."""
    developer_name: str | None = None
    """Who made it."""
    category: str | None = None
    """Its kind."""
    capabilities: list[str]
    """What it can do."""
    website_url: str | None = None
    """Its page."""
    privacy_policy_url: str | None = None
    """What is done with data."""
    terms_of_service_url: str | None = None
    """Its terms."""
    default_prompt: list[str] | None = None
    """What to say to use it; at most three."""
    brand_color: str | None = None
    """Its color."""
    composer_icon: AbsolutePathBuf | None = None
    """The file of its small icon."""
    composer_icon_url: str | None = None
    """The address of its small icon."""
    logo: AbsolutePathBuf | None = None
    """The file of its logo."""
    logo_dark: AbsolutePathBuf | None = None
    """The file of its logo on dark ground."""
    logo_url: str | None = None
    """The address of its logo."""
    logo_url_dark: str | None = None
    """The address of its logo on dark ground."""
    screenshots: list[AbsolutePathBuf]
    """Files of pictures."""
    screenshot_urls: list[str]
    """Addresses of pictures."""


PluginShareDiscoverability = TypeAliasType("PluginShareDiscoverability", Literal["LISTED", "UNLISTED", "PRIVATE"])
"""Who finds a shared plugin."""

PluginSharePrincipalType = TypeAliasType("PluginSharePrincipalType", Literal["user", "group", "workspace"])
"""Who a plugin is shared with."""

PluginSharePrincipalRole = TypeAliasType("PluginSharePrincipalRole", Literal["reader", "editor", "owner"])
"""What those may do with it."""


class PluginSharePrincipal(Record):
    """Somebody a plugin is shared with."""

    principal_type: PluginSharePrincipalType
    """What they are."""
    principal_id: str
    """Their id."""
    role: PluginSharePrincipalRole
    """What they may do."""
    name: str
    """Their name."""


class PluginShareContext(Record):
    """How a plugin is shared. Null: not told."""

    remote_plugin_id: str
    """Its id in the catalog."""
    remote_version: str | None = None
    """Its version there."""
    discoverability: PluginShareDiscoverability | None = None
    """Who finds it."""
    share_url: str | None = None
    """Its page."""
    creator_account_user_id: str | None = None
    """The id of who shared it."""
    creator_name: str | None = None
    """The name of who shared it."""
    share_principals: list[PluginSharePrincipal] | None = None
    """Who it is shared with."""
    can_publish_to_workspace: bool | None = None
    """Whether it may be shown to the whole workspace."""


class LocalPluginSource(Variant):
    """A directory."""

    type: Literal["local"] = "local"
    """The tag of this alternative."""
    path: AbsolutePathBuf
    """The directory."""


class GitPluginSource(Variant):
    """A repository."""

    type: Literal["git"] = "git"
    """The tag of this alternative."""
    url: str
    """Its address."""
    path: str | None = None
    """The directory in it; null: all of it."""
    ref_name: str | None = None
    """The branch or tag; null: the usual one."""
    sha: str | None = None
    """The commit; null: the newest."""


class NpmPluginSource(Variant):
    """A package of npm."""

    type: Literal["npm"] = "npm"
    """The tag of this alternative."""
    package: str
    """Its name."""
    version: str | None = None
    """The version, or a range of them; null: the newest."""
    registry: str | None = None
    """The registry; null: the usual one."""


class RemotePluginSource(Variant):
    """A catalog."""

    type: Literal["remote"] = "remote"
    """The tag of this alternative."""


PluginSource = TypeAliasType(
    "PluginSource",
    Annotated[LocalPluginSource | GitPluginSource | NpmPluginSource | RemotePluginSource, Field(discriminator="type")],
)
"""Where a plugin comes from."""


class PluginSummary(Record):
    """A plugin, in short."""

    id: str
    """Its id, name and marketplace."""
    remote_plugin_id: str | None = None
    """Its id in a catalog; null: it is in none."""
    version: str | None = None
    """Its version there; null when not told."""
    local_version: str | None = None
    """The version that is installed; null: none."""
    name: str
    """Its name."""
    share_context: PluginShareContext | None = None
    """How it is shared; null: it is not."""
    source: PluginSource
    """Where it comes from."""
    installed: bool
    """Whether it is installed."""
    installed_at: I64 | None = None
    """Since when, in Unix seconds; null when not told."""
    enabled: bool
    """Whether it is on."""
    install_policy: PluginInstallPolicy
    """Whether it can be installed."""
    install_policy_source: PluginInstallPolicySource | None = None
    """Who decided that; null when not told."""
    must_show_installation_interstitial: bool | None = None
    """Whether the user must be told more before it is installed; null when not told."""
    auth_policy: PluginAuthPolicy
    """When the user has to log in for it."""
    availability: PluginAvailability = "AVAILABLE"
    """Whether it can be had."""
    disabled_reason: PluginDisabledReason | None = None
    """Why not; null when it can, or when not told."""
    eligible_plan_types: list[str] | None = None
    """The plans that can have it; null when not told."""
    interface: PluginInterface | None = None
    """How it is shown; null: by its name."""
    keywords: list[str] = Field(default=[])
    """Words to find it by."""


class PluginMarketplaceEntry(Record):
    """A marketplace."""

    name: str
    """Its name."""
    path: AbsolutePathBuf | None = None
    """Its file; null: it is a catalog."""
    interface: MarketplaceInterface | None = None
    """How it is shown; null: by its name."""
    plugins: list[PluginSummary]
    """Its plugins."""


class PluginHookSummary(Record):
    """A hook of a plugin."""

    key: str
    """Its key."""
    event_name: HookEventName
    """What it runs for."""


ScheduledTaskWeekday = TypeAliasType("ScheduledTaskWeekday", Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
"""A day of the week."""


class HourlySchedule(Variant):
    """Every few hours."""

    type: Literal["hourly"] = "hourly"
    """The tag of this alternative."""
    interval_hours: U32
    """How many."""
    days: list[ScheduledTaskWeekday] | None = None
    """The days; null: all."""


class DailySchedule(Variant):
    """Every day."""

    type: Literal["daily"] = "daily"
    """The tag of this alternative."""
    time: str
    """The time of day."""


class WeekdaysSchedule(Variant):
    """From Monday to Friday."""

    type: Literal["weekdays"] = "weekdays"
    """The tag of this alternative."""
    time: str
    """The time of day."""


class WeeklySchedule(Variant):
    """On days of the week."""

    type: Literal["weekly"] = "weekly"
    """The tag of this alternative."""
    days: list[ScheduledTaskWeekday]
    """The days."""
    time: str
    """The time of day."""


ScheduledTaskSchedule = TypeAliasType(
    "ScheduledTaskSchedule",
    Annotated[HourlySchedule | DailySchedule | WeekdaysSchedule | WeeklySchedule, Field(discriminator="type")],
)
"""When a task is done."""


class ScheduledTaskSummary(Record):
    """A task that a plugin would do from time to time."""

    key: str
    """Its key."""
    name: str
    """Its name."""
    prompt: str
    """What is said to begin it."""
    schedule: ScheduledTaskSchedule
    """When."""


class PluginDetail(Record):
    """All about a plugin."""

    marketplace_name: str
    """Its marketplace."""
    marketplace_path: AbsolutePathBuf | None = None
    """The file of the marketplace; null: it is a catalog."""
    summary: PluginSummary
    """The plugin, in short."""
    share_url: str | None = None
    """Its page; null: none."""
    description: str | None = None
    """What it does; null: no word."""
    skills: list[SkillSummary]
    """Its skills."""
    onboarding_skill: SkillSummary | None = None
    """The skill to begin with; null: none."""
    hooks: list[PluginHookSummary]
    """Its hooks."""
    apps: list[AppSummary]
    """Its apps."""
    app_templates: list[AppTemplateSummary]
    """Templates of its apps."""
    mcp_servers: list[str]
    """Its MCP servers."""
    scheduled_tasks: list[ScheduledTaskSummary] | None = None
    """Its tasks; null when not told."""


PluginShareTargetRole = TypeAliasType("PluginShareTargetRole", Literal["reader", "editor"])
"""What somebody may do with a shared plugin."""


class PluginShareTarget(Record):
    """Somebody to share a plugin with."""

    principal_type: PluginSharePrincipalType
    """What they are."""
    principal_id: str
    """Their id."""
    role: PluginShareTargetRole
    """What they may do."""


PluginShareUpdateDiscoverability = TypeAliasType("PluginShareUpdateDiscoverability", Literal["UNLISTED", "PRIVATE", "LISTED"])
"""Who finds a shared plugin."""


class PluginShareListItem(Record):
    """A plugin that is shared."""

    plugin: PluginSummary
    """The plugin."""
    local_plugin_path: AbsolutePathBuf | None = None
    """Where it is here; null: nowhere."""
