"""Plugins: finding them and reading about them."""

from typing import Any, Literal

from pydantic import Field

from protocol.base import U32, Method, Params, Record, Response, TypeAliasType
from protocol.plugin_parts import MarketplaceLoadErrorInfo, PluginDetail, PluginMarketplaceEntry, PluginSummary
from protocol.scalars import AbsolutePathBuf


class MarketplaceUpgradeErrorInfo(Record):
    """A marketplace that could not be renewed."""

    marketplace_name: str
    """The marketplace."""
    message: str
    """Why."""


PluginListMarketplaceKind = TypeAliasType(
    "PluginListMarketplaceKind", Literal["local", "vertical", "workspace-directory", "shared-with-me", "created-by-me-remote"]
)
"""A kind of marketplace."""


class PluginListParams(Params):
    """Which plugins."""

    cwds: list[AbsolutePathBuf] | None = None
    """The directories whose marketplaces count; null: none."""
    marketplace_kinds: list[PluginListMarketplaceKind] | None = None
    """The kinds of marketplaces; null: as usual."""
    force_refetch: bool = False
    """Whether to ask catalogs anew."""


class PluginListResponse(Response):
    """The plugins."""

    marketplaces: list[PluginMarketplaceEntry]
    """By marketplace."""
    marketplace_load_errors: list[MarketplaceLoadErrorInfo] = Field(default=[])
    """Marketplaces that cannot be read."""
    featured_plugin_ids: list[str] = Field(default=[])
    """Plugins to show first."""


PluginSearchScope = TypeAliasType("PluginSearchScope", Literal["global", "workspace", "personal"])
"""Whose plugins to search."""


class PluginSearchParams(Params):
    """What to look for."""

    search_term: str
    """The words."""
    scope: PluginSearchScope | None = None
    """Whose plugins; null: all."""
    cwds: list[AbsolutePathBuf] | None = None
    """The directories whose marketplaces count; null: none."""
    cursor: str | None = None
    """Where to go on: the `nextCursor` of the page before; null begins at the first page."""
    limit: U32 | None = None
    """The most entries to return; null lets the server choose."""


class PluginSearchResult(Record):
    """A plugin that was found."""

    plugin: PluginSummary
    """The plugin."""
    marketplace_name: str
    """Its marketplace."""
    marketplace_path: AbsolutePathBuf | None = None
    """The file of the marketplace; null: none."""


class PluginSearchResponse(Response):
    """What was found."""

    data: list[PluginSearchResult]
    """One page of it."""
    next_cursor: str | None = None
    """What to ask for the next page with; null on the last page."""


class PluginInstalledParams(Params):
    """Which plugins are installed?"""

    cwds: list[AbsolutePathBuf] | None = None
    """The directories whose marketplaces count; null: none."""
    install_suggestion_plugin_names: list[str] | None = None
    """Plugins to tell about though they are not installed; null: none."""


class PluginInstalledResponse(Response):
    """The plugins that are installed."""

    marketplaces: list[PluginMarketplaceEntry]
    """By marketplace."""
    marketplace_load_errors: list[MarketplaceLoadErrorInfo] = Field(default=[])
    """Marketplaces that cannot be read."""


class PluginReconcileChangedPlugin(Record):
    """A plugin that changed, and what the change concerns."""

    id: str
    """Its id."""
    has_mcps: bool
    """MCP servers."""
    has_apps: bool
    """Apps."""
    has_hooks: bool
    """Hooks."""
    has_skills: bool
    """Skills."""


class PluginReadParams(Params):
    """Which plugin."""

    marketplace_path: AbsolutePathBuf | None = None
    """The file of its marketplace; null: it is in a catalog."""
    remote_marketplace_name: str | None = None
    """The catalog; null: it is in a file."""
    plugin_name: str
    """Its name."""


class PluginReadResponse(Response):
    """The plugin."""

    plugin: PluginDetail
    """All about it."""


class PluginSkillReadParams(Params):
    """Which skill of a plugin that is not installed."""

    remote_marketplace_name: str
    """The catalog."""
    remote_plugin_id: str
    """The plugin."""
    skill_name: str
    """The skill."""


class PluginSkillReadResponse(Response):
    """The skill."""

    contents: str | None = None
    """Its `SKILL.md`; null: it has none."""


PLUGIN_LIST = Method("plugin/list", PluginListParams, PluginListResponse)
PLUGIN_SEARCH = Method("plugin/search", PluginSearchParams, PluginSearchResponse)
PLUGIN_INSTALLED = Method("plugin/installed", PluginInstalledParams, PluginInstalledResponse)
PLUGIN_READ = Method("plugin/read", PluginReadParams, PluginReadResponse)
PLUGIN_SKILL_READ = Method("plugin/skill/read", PluginSkillReadParams, PluginSkillReadResponse)

METHODS: tuple[Method[Any, Any], ...] = (PLUGIN_LIST, PLUGIN_SEARCH, PLUGIN_INSTALLED, PLUGIN_READ, PLUGIN_SKILL_READ)
