"""The config tools family of the wire contract."""

from typing import Annotated, Literal

from pydantic import Field

from protocol.approval import ApprovalsReviewer
from protocol.base import OpenRecord, Record, SnakeRecord, TypeAliasType
from protocol.config_values import AllowDenyRequirement

AppToolApproval = TypeAliasType("AppToolApproval", Literal["auto", "prompt", "writes", "approve"])
"""App tool approval."""


class AppsDefaultConfig(SnakeRecord):
    """Apps default config."""

    enabled: bool = True
    approvals_reviewer: ApprovalsReviewer | None = None
    destructive_enabled: bool = True
    open_world_enabled: bool = True
    default_tools_approval_mode: AppToolApproval | None = None


class AppsConfig(OpenRecord):
    """Apps config."""

    default: Annotated[AppsDefaultConfig | None, Field(alias="_default")] = None


class BrowserUseOriginPolicyConfig(SnakeRecord):
    """Browser use origin policy config."""

    access: AllowDenyRequirement | None = None
    downloads: AllowDenyRequirement | None = None
    uploads: AllowDenyRequirement | None = None
    full_cdp_access: AllowDenyRequirement | None = None


class BrowserUseConfig(SnakeRecord):
    """Browser use config."""

    allow_history_access: bool | None = None
    default_origin_policy: BrowserUseOriginPolicyConfig | None = None
    origins: dict[str, BrowserUseOriginPolicyConfig] | None = None


WebSearchProvider = TypeAliasType("WebSearchProvider", Literal["standalone", "search_mcp"])
"""Web search provider."""


class ComputerUseMacosConfig(SnakeRecord):
    """Computer use macos config."""

    bundle_ids: dict[str, AllowDenyRequirement] | None = None


class ComputerUseWindowsExeConfig(SnakeRecord):
    """Computer use windows exe config."""

    publisher_name: str
    product_name: str
    binary_name: str | None = None
    access: AllowDenyRequirement


class ComputerUseWindowsConfig(Record):
    """Computer use windows config."""

    aumids: dict[str, AllowDenyRequirement] | None = None
    exes: list[ComputerUseWindowsExeConfig] | None = None


class ComputerUseConfig(SnakeRecord):
    """Computer use config."""

    default_app_access: AllowDenyRequirement | None = None
    macos: ComputerUseMacosConfig | None = None
    windows: ComputerUseWindowsConfig | None = None


WebSearchContextSize = TypeAliasType("WebSearchContextSize", Literal["low", "medium", "high"])
"""Web search context size."""


class WebSearchLocation(Record, extra="forbid"):
    """Web search location."""

    country: str | None = None
    region: str | None = None
    city: str | None = None
    timezone: str | None = None


class WebSearchToolConfig(SnakeRecord, extra="forbid"):
    """Web search tool config."""

    context_size: WebSearchContextSize | None = None
    allowed_domains: list[str] | None = None
    location: WebSearchLocation | None = None


class ToolsV2(SnakeRecord):
    """Tools V2."""

    web_search: WebSearchToolConfig | None = None


class AppLinksConfig(OpenRecord):
    """App links config."""


ToolExposureSurface = TypeAliasType("ToolExposureSurface", Literal["code_mode", "deferred", "direct"])
"""Tool exposure surface."""


class AppToolsConfig(OpenRecord):
    """App tools config."""


class AppConfig(SnakeRecord):
    """App config."""

    enabled: bool = True
    omit_tools_from: list[ToolExposureSurface] | None = None
    approvals_reviewer: ApprovalsReviewer | None = None
    destructive_enabled: bool | None = None
    open_world_enabled: bool | None = None
    default_tools_approval_mode: AppToolApproval | None = None
    default_tools_enabled: bool | None = None
    tools: AppToolsConfig | None = None
    links: AppLinksConfig | None = None


class AppLinkConfig(SnakeRecord):
    """App link config."""

    approvals_reviewer: ApprovalsReviewer | None = None
    default_tools_approval_mode: AppToolApproval | None = None


class AppToolConfig(SnakeRecord):
    """App tool config."""

    approval_mode: AppToolApproval | None = None
    enabled: bool | None = None
