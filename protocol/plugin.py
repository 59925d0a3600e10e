"""The plugin family of the wire contract."""

from typing import Any, Literal

from pydantic import Field

from protocol.base import U32, Method, Params, Record, Response, TypeAliasType
from protocol.plugin_parts import MarketplaceLoadErrorInfo, PluginDetail, PluginMarketplaceEntry, PluginSummary
from protocol.scalars import AbsolutePathBuf


class MarketplaceUpgradeErrorInfo(Record):
    """Marketplace upgrade error info."""

    marketplace_name: str
    message: str


PluginListMarketplaceKind = TypeAliasType(
    "PluginListMarketplaceKind", Literal["local", "vertical", "workspace-directory", "shared-with-me", "created-by-me-remote"]
)
"""Plugin list marketplace kind."""


class PluginListParams(Params):
    """What `plugin/list` asks with."""

    cwds: list[AbsolutePathBuf] | None = None
    marketplace_kinds: list[PluginListMarketplaceKind] | None = None
    force_refetch: bool = False


class PluginListResponse(Response):
    """What `plugin/list` is answered with."""

    marketplaces: list[PluginMarketplaceEntry]
    marketplace_load_errors: list[MarketplaceLoadErrorInfo] = Field(default=[])
    featured_plugin_ids: list[str] = Field(default=[])


PluginSearchScope = TypeAliasType("PluginSearchScope", Literal["global", "workspace", "personal"])
"""Plugin search scope."""


class PluginSearchParams(Params):
    """What `plugin/search` asks with."""

    search_term: str
    scope: PluginSearchScope | None = None
    cwds: list[AbsolutePathBuf] | None = None
    cursor: str | None = None
    limit: U32 | None = None


class PluginSearchResult(Record):
    """Plugin search result."""

    plugin: PluginSummary
    marketplace_name: str
    marketplace_path: AbsolutePathBuf | None = None


class PluginSearchResponse(Response):
    """What `plugin/search` is answered with."""

    data: list[PluginSearchResult]
    next_cursor: str | None = None


class PluginInstalledParams(Params):
    """What `plugin/installed` asks with."""

    cwds: list[AbsolutePathBuf] | None = None
    install_suggestion_plugin_names: list[str] | None = None


class PluginInstalledResponse(Response):
    """What `plugin/installed` is answered with."""

    marketplaces: list[PluginMarketplaceEntry]
    marketplace_load_errors: list[MarketplaceLoadErrorInfo] = Field(default=[])


class PluginReconcileChangedPlugin(Record):
    """Plugin reconcile changed plugin."""

    id: str
    has_mcps: bool
    has_apps: bool
    has_hooks: bool
    has_skills: bool


class PluginReadParams(Params):
    """What `plugin/read` asks with."""

    marketplace_path: AbsolutePathBuf | None = None
    remote_marketplace_name: str | None = None
    plugin_name: str


class PluginReadResponse(Response):
    """What `plugin/read` is answered with."""

    plugin: PluginDetail


class PluginSkillReadParams(Params):
    """What `plugin/skill/read` asks with."""

    remote_marketplace_name: str
    remote_plugin_id: str
    skill_name: str


class PluginSkillReadResponse(Response):
    """What `plugin/skill/read` is answered with."""

    contents: str | None = None


PLUGIN_LIST = Method("plugin/list", PluginListParams, PluginListResponse)
PLUGIN_SEARCH = Method("plugin/search", PluginSearchParams, PluginSearchResponse)
PLUGIN_INSTALLED = Method("plugin/installed", PluginInstalledParams, PluginInstalledResponse)
PLUGIN_READ = Method("plugin/read", PluginReadParams, PluginReadResponse)
PLUGIN_SKILL_READ = Method("plugin/skill/read", PluginSkillReadParams, PluginSkillReadResponse)

METHODS: tuple[Method[Any, Any], ...] = (PLUGIN_LIST, PLUGIN_SEARCH, PLUGIN_INSTALLED, PLUGIN_READ, PLUGIN_SKILL_READ)
