"""Settings of tools: apps, the web search, the browser, using the computer."""

from typing import Annotated, Literal

from pydantic import Field

from protocol.approval import ApprovalsReviewer
from protocol.base import OpenRecord, Record, SnakeRecord, TypeAliasType
from protocol.config_values import AllowDenyRequirement

AppToolApproval = TypeAliasType("AppToolApproval", Literal["auto", "prompt", "writes", "approve"])
"""When the user is asked before a tool of an app is used."""


class AppsDefaultConfig(SnakeRecord):
    """What holds for apps that have no settings of their own."""

    enabled: bool = True
    """Whether they can be used."""
    approvals_reviewer: ApprovalsReviewer | None = None
    """Who answers approval requests; null: as usual."""
    destructive_enabled: bool = True
    """Whether tools that destroy something can be used."""
    open_world_enabled: bool = True
    """Whether tools that reach beyond the app can be used."""
    default_tools_approval_mode: AppToolApproval | None = None
    """When the user is asked; null: as usual."""


class AppsConfig(OpenRecord):
    """Settings of apps, by the id of the app."""

    default: Annotated[AppsDefaultConfig | None, Field(alias="_default")] = None
    """For all others; null: nothing special."""


class BrowserUseOriginPolicyConfig(SnakeRecord):
    """What the browser may do on a site. Null: as usual."""

    access: AllowDenyRequirement | None = None
    """Whether it may go there."""
    downloads: AllowDenyRequirement | None = None
    """Whether it may download."""
    uploads: AllowDenyRequirement | None = None
    """Whether it may upload."""
    full_cdp_access: AllowDenyRequirement | None = None
    """Whether it may be steered in full."""


class BrowserUseConfig(SnakeRecord):
    """Settings of the browser."""

    allow_history_access: bool | None = None
    """Whether the history may be read; null: as usual."""
    default_origin_policy: BrowserUseOriginPolicyConfig | None = None
    """For all sites that are not listed; null: as usual."""
    origins: dict[str, BrowserUseOriginPolicyConfig] | None = None
    """By site; null: none."""


WebSearchProvider = TypeAliasType("WebSearchProvider", Literal["standalone", "search_mcp"])
"""Who searches the web."""


class ComputerUseMacosConfig(SnakeRecord):
    """Programs on macOS."""

    bundle_ids: dict[str, AllowDenyRequirement] | None = None
    """By bundle id; null: none."""


class ComputerUseWindowsExeConfig(SnakeRecord):
    """A program on Windows, by its signature."""

    publisher_name: str
    """Who signed it."""
    product_name: str
    """What product it belongs to."""
    binary_name: str | None = None
    """Its file; null: any of the product."""
    access: AllowDenyRequirement
    """Whether it may be used."""


class ComputerUseWindowsConfig(Record):
    """Programs on Windows."""

    aumids: dict[str, AllowDenyRequirement] | None = None
    """By application id; null: none."""
    exes: list[ComputerUseWindowsExeConfig] | None = None
    """By signature; null: none."""


class ComputerUseConfig(SnakeRecord):
    """Settings of using the computer."""

    default_app_access: AllowDenyRequirement | None = None
    """For all programs that are not listed; null: as usual."""
    macos: ComputerUseMacosConfig | None = None
    """On macOS; null: none."""
    windows: ComputerUseWindowsConfig | None = None
    """On Windows; null: none."""


WebSearchContextSize = TypeAliasType("WebSearchContextSize", Literal["low", "medium", "high"])
"""How much of what is found the model gets to read."""


class WebSearchLocation(Record, extra="forbid"):
    """Where the user is, roughly."""

    country: str | None = None
    """The country, by its code of two letters; null: not told."""
    region: str | None = None
    """The region; null: not told."""
    city: str | None = None
    """The city; null: not told."""
    timezone: str | None = None
    """The time zone, by its IANA name; null: not told."""


class WebSearchToolConfig(SnakeRecord, extra="forbid"):
    """Settings of the web search."""

    context_size: WebSearchContextSize | None = None
    """How much the model gets to read; null: as usual."""
    allowed_domains: list[str] | None = None
    """The only sites to search; null: all."""
    location: WebSearchLocation | None = None
    """Where the user is; null: not told."""


class ToolsV2(SnakeRecord):
    """Settings of tools."""

    web_search: WebSearchToolConfig | None = None
    """The web search; null: as usual."""


class AppLinksConfig(OpenRecord):
    """Settings of an app, by the id of the account link."""


ToolExposureSurface = TypeAliasType("ToolExposureSurface", Literal["code_mode", "deferred", "direct"])
"""Where the model sees a tool."""


class AppToolsConfig(OpenRecord):
    """Settings of an app, by the name of the tool."""


class AppConfig(SnakeRecord):
    """Settings of an app. Null: as usual."""

    enabled: bool = True
    """Whether it can be used."""
    omit_tools_from: list[ToolExposureSurface] | None = None
    """Where the model does not see its tools."""
    approvals_reviewer: ApprovalsReviewer | None = None
    """Who answers approval requests."""
    destructive_enabled: bool | None = None
    """Whether tools that destroy something can be used."""
    open_world_enabled: bool | None = None
    """Whether tools that reach beyond the app can be used."""
    default_tools_approval_mode: AppToolApproval | None = None
    """When the user is asked."""
    default_tools_enabled: bool | None = None
    """Whether its tools can be used unless they are listed."""
    tools: AppToolsConfig | None = None
    """By tool."""
    links: AppLinksConfig | None = None
    """By account link."""


class AppLinkConfig(SnakeRecord):
    """Settings of an account link of an app. Null: as usual."""

    approvals_reviewer: ApprovalsReviewer | None = None
    """Who answers approval requests."""
    default_tools_approval_mode: AppToolApproval | None = None
    """When the user is asked."""


class AppToolConfig(SnakeRecord):
    """Settings of a tool of an app. Null: as usual."""

    approval_mode: AppToolApproval | None = None
    """When the user is asked."""
    enabled: bool | None = None
    """Whether it can be used."""
