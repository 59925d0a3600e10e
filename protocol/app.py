"""The app family of the wire contract."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from protocol.base import U32, Method, Notification, Params, Record, Response, TypeAliasType

AppTemplateUnavailableReason = TypeAliasType(
    "AppTemplateUnavailableReason", Literal["NOT_CONFIGURED_FOR_WORKSPACE", "NO_ACTIVE_WORKSPACE"]
)
"""App template unavailable reason."""


class AppTemplateSummary(Record):
    """App template summary."""

    template_id: str
    name: str
    description: str | None = None
    category: str | None = None
    canonical_connector_id: str | None = None
    logo_url: str | None = None
    logo_url_dark: str | None = None
    materialized_app_ids: list[str]
    reason: AppTemplateUnavailableReason | None = None


class AppSummary(Record):
    """App summary."""

    id: str
    name: str
    description: str | None = None
    install_url: str | None = None
    category: str | None = None


class AppsReadParams(Params):
    """What `app/read` asks with."""

    app_ids: list[str]
    thread_id: str | None = None
    include_tools: bool = False


class AppToolSummary(Record):
    """App tool summary."""

    name: str
    title: str | None = None
    description: str
    is_enabled: bool = True
    disabled_reason: str | None = None
    is_read_only: bool = False


class ConnectorMetadata(Record):
    """Connector metadata."""

    id: str
    name: str
    description: str | None = None
    icon_url: str | None = None
    icon_url_dark: str | None = None
    distribution_channel: str | None = None
    install_url: str | None = None
    plugin_display_names: list[str] = Field(default=[])
    tool_summaries: list[AppToolSummary] | None = None


class AppsReadResponse(Response):
    """What `app/read` is answered with."""

    apps: list[ConnectorMetadata]
    missing_app_ids: list[str]


class AppsListParams(Params):
    """What `app/list` asks with."""

    cursor: str | None = None
    limit: U32 | None = None
    thread_id: str | None = None
    force_refetch: bool = False


class AppReview(Record):
    """App review."""

    status: str


class AppScreenshot(Record):
    """App screenshot."""

    url: str | None = None
    file_id: str | None = None
    user_prompt: str


class AppMetadata(Record):
    """App metadata."""

    review: AppReview | None = None
    categories: list[str] | None = None
    sub_categories: list[str] | None = None
    seo_description: str | None = None
    screenshots: list[AppScreenshot] | None = None
    developer: str | None = None
    version: str | None = None
    version_id: str | None = None
    version_notes: str | None = None
    first_party_requires_install: bool | None = None
    show_in_composer_when_unlinked: bool | None = None


class AppBranding(Record):
    """App branding."""

    category: str | None = None
    developer: str | None = None
    website: str | None = None
    privacy_policy: str | None = None
    terms_of_service: str | None = None
    is_discoverable_app: bool


class AppInfo(Record):
    """App info."""

    id: str
    name: str
    description: str | None = None
    logo_url: str | None = None
    logo_url_dark: str | None = None
    icon_assets: dict[str, str] | None = None
    icon_dark_assets: dict[str, str] | None = None
    distribution_channel: str | None = None
    branding: AppBranding | None = None
    app_metadata: AppMetadata | None = None
    labels: dict[str, str] | None = None
    install_url: str | None = None
    is_accessible: bool = False
    is_enabled: bool = True
    plugin_display_names: list[str] = Field(default=[])


class AppsListResponse(Response):
    """What `app/list` is answered with."""

    data: list[AppInfo]
    next_cursor: str | None = None


class AppsInstalledParams(Params):
    """What `app/installed` asks with."""

    thread_id: str | None = None
    force_refresh: bool = False


class InstalledApp(Record):
    """Installed app."""

    id: str
    runtime_name: str | None = None
    enabled: bool
    callable: bool


class AppsInstalledResponse(Response):
    """What `app/installed` is answered with."""

    apps: list[InstalledApp]


class AppListUpdatedNotification(Notification):
    """Announced as `app/list/updated`."""

    method: ClassVar[str] = "app/list/updated"

    data: list[AppInfo]


APP_READ = Method("app/read", AppsReadParams, AppsReadResponse)
APP_LIST = Method("app/list", AppsListParams, AppsListResponse)
APP_INSTALLED = Method("app/installed", AppsInstalledParams, AppsInstalledResponse)

METHODS: tuple[Method[Any, Any], ...] = (APP_READ, APP_LIST, APP_INSTALLED)
NOTIFICATIONS: tuple[type[Notification], ...] = (AppListUpdatedNotification,)
