"""Apps: services that an account is connected to, whose tools the model can use."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from protocol.base import U32, Method, Notification, Params, Record, Response, TypeAliasType

AppTemplateUnavailableReason = TypeAliasType(
    "AppTemplateUnavailableReason", Literal["NOT_CONFIGURED_FOR_WORKSPACE", "NO_ACTIVE_WORKSPACE"]
)
"""Why an app cannot be made from a template."""


class AppTemplateSummary(Record):
    """A template that a workspace makes an app from."""

    template_id: str
    """Its id."""
    name: str
    """Its name."""
    description: str | None = None
    """What it is for; null: no word."""
    category: str | None = None
    """Its kind; null when not told."""
    canonical_connector_id: str | None = None
    """The connector that it stands for; null: none."""
    logo_url: str | None = None
    """Its logo; null: none."""
    logo_url_dark: str | None = None
    """Its logo on dark ground; null: none."""
    materialized_app_ids: list[str]
    """The apps made from it."""
    reason: AppTemplateUnavailableReason | None = None
    """Why none can be made; null when one can."""


class AppSummary(Record):
    """An app, in short."""

    id: str
    """Its id."""
    name: str
    """Its name."""
    description: str | None = None
    """What it is for; null: no word."""
    install_url: str | None = None
    """Where to connect it; null when not told."""
    category: str | None = None
    """Its kind; null when not told."""


class AppsReadParams(Params):
    """Which apps."""

    app_ids: list[str]
    """Their ids, at most 100."""
    thread_id: str | None = None
    """The thread whose configuration counts; null: none."""
    include_tools: bool = False
    """Whether to tell their tools."""


class AppToolSummary(Record):
    """A tool of an app."""

    name: str
    """Its name."""
    title: str | None = None
    """Its name for people; null: none."""
    description: str
    """What it does."""
    is_enabled: bool = True
    """Whether it can be used."""
    disabled_reason: str | None = None
    """Why not; null when it can."""
    is_read_only: bool = False
    """Whether it changes nothing."""


class ConnectorMetadata(Record):
    """An app."""

    id: str
    """Its id."""
    name: str
    """Its name."""
    description: str | None = None
    """What it is for; null: no word."""
    icon_url: str | None = None
    """Its icon; null: none."""
    icon_url_dark: str | None = None
    """Its icon on dark ground; null: none."""
    distribution_channel: str | None = None
    """Where it comes from; null when not told."""
    install_url: str | None = None
    """Where to connect it; null when not told."""
    plugin_display_names: list[str] = Field(default=[])
    """The plugins that use it."""
    tool_summaries: list[AppToolSummary] | None = None
    """Its tools; null unless asked for."""


class AppsReadResponse(Response):
    """The apps."""

    apps: list[ConnectorMetadata]
    """Those that there are."""
    missing_app_ids: list[str]
    """Those that there are not."""


class AppsListParams(Params):
    """Which page of the apps."""

    cursor: str | None = None
    """Where to go on: the `nextCursor` of the page before; null begins at the first page."""
    limit: U32 | None = None
    """The most entries to return; null lets the server choose."""
    thread_id: str | None = None
    """The thread whose configuration counts; null: none."""
    force_refetch: bool = False
    """Whether to ask the services anew."""


class AppReview(Record):
    """The check of an app by the vendor."""

    status: str
    """How it stands."""


class AppScreenshot(Record):
    """A picture of an app."""

    url: str | None = None
    """Its address; null: none."""
    file_id: str | None = None
    """The file of the provider's; null: none."""
    user_prompt: str
    """What the user said in it."""


class AppMetadata(Record):
    """What the directory of apps tells. Null: not told."""

    review: AppReview | None = None
    """The check by the vendor."""
    categories: list[str] | None = None
    """Its kinds."""
    sub_categories: list[str] | None = None
    """Its finer kinds."""
    seo_description: str | None = None
    """A description for search engines."""
    screenshots: list[AppScreenshot] | None = None
    """Pictures."""
    developer: str | None = None
    """Who made it."""
    version: str | None = None
    """Its version."""
    version_id: str | None = None
    """The id of the version."""
    version_notes: str | None = None
    """What is new."""
    first_party_requires_install: bool | None = None
    """Whether it must be connected though it is the vendor's own."""
    show_in_composer_when_unlinked: bool | None = None
    """Whether to offer it before it is connected."""


class AppBranding(Record):
    """Who is behind an app. Null: not told."""

    category: str | None = None
    """Its kind."""
    developer: str | None = None
    """Who made it."""
    website: str | None = None
    """Their page."""
    privacy_policy: str | None = None
    """What they do with data."""
    terms_of_service: str | None = None
    """Their terms."""
    is_discoverable_app: bool
    """Whether it is offered to everyone."""


class AppInfo(Record):
    """An app."""

    id: str
    """Its id."""
    name: str
    """Its name."""
    description: str | None = None
    """What it is for; null: no word."""
    logo_url: str | None = None
    """Its logo; null: none."""
    logo_url_dark: str | None = None
    """Its logo on dark ground; null: none."""
    icon_assets: dict[str, str] | None = None
    """Its icons by size; null: none."""
    icon_dark_assets: dict[str, str] | None = None
    """Its icons on dark ground by size; null: none."""
    distribution_channel: str | None = None
    """Where it comes from; null when not told."""
    branding: AppBranding | None = None
    """Who is behind it; null when not told."""
    app_metadata: AppMetadata | None = None
    """What the directory tells; null: nothing."""
    labels: dict[str, str] | None = None
    """Labels; null: none."""
    install_url: str | None = None
    """Where to connect it; null when not told."""
    is_accessible: bool = False
    """Whether the account is connected."""
    is_enabled: bool = True
    """Whether it is on in the configuration."""
    plugin_display_names: list[str] = Field(default=[])
    """The plugins that use it."""


class AppsListResponse(Response):
    """The apps."""

    data: list[AppInfo]
    """One page of them."""
    next_cursor: str | None = None
    """What to ask for the next page with; null on the last page."""


class AppsInstalledParams(Params):
    """Which apps are connected?"""

    thread_id: str | None = None
    """The thread whose configuration counts; null: none."""
    force_refresh: bool = False
    """Whether to ask the services anew."""


class InstalledApp(Record):
    """An app that is connected."""

    id: str
    """Its id."""
    runtime_name: str | None = None
    """Its name as its tools tell it; null when they do not."""
    enabled: bool
    """Whether it is on."""
    callable: bool
    """Whether the model has a tool of it."""


class AppsInstalledResponse(Response):
    """The apps that are connected."""

    apps: list[InstalledApp]
    """All of them."""


class AppListUpdatedNotification(Notification):
    """The apps changed."""

    method: ClassVar[str] = "app/list/updated"

    data: list[AppInfo]
    """All of them."""


APP_READ = Method("app/read", AppsReadParams, AppsReadResponse)
APP_LIST = Method("app/list", AppsListParams, AppsListResponse)
APP_INSTALLED = Method("app/installed", AppsInstalledParams, AppsInstalledResponse)

METHODS: tuple[Method[Any, Any], ...] = (APP_READ, APP_LIST, APP_INSTALLED)
NOTIFICATIONS: tuple[type[Notification], ...] = (AppListUpdatedNotification,)
