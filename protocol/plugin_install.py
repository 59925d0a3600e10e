"""Installing and removing plugins and their marketplaces."""

from typing import Any

from protocol.app import AppSummary
from protocol.base import Method, Params, Response
from protocol.plugin import MarketplaceUpgradeErrorInfo, PluginReconcileChangedPlugin
from protocol.plugin_parts import PluginAuthPolicy
from protocol.scalars import AbsolutePathBuf


class MarketplaceAddParams(Params):
    """A marketplace to add."""

    source: str
    """Where it is."""
    ref_name: str | None = None
    """The branch or tag; null: the usual one."""
    sparse_paths: list[str] | None = None
    """The only paths to fetch; null: all."""


class MarketplaceAddResponse(Response):
    """It is added."""

    marketplace_name: str
    """Its name."""
    installed_root: AbsolutePathBuf
    """The directory it is in."""
    already_added: bool
    """Whether it was there before."""


class MarketplaceRemoveParams(Params):
    """A marketplace to remove."""

    marketplace_name: str
    """The marketplace."""


class MarketplaceRemoveResponse(Response):
    """It is removed."""

    marketplace_name: str
    """The marketplace."""
    installed_root: AbsolutePathBuf | None = None
    """The directory it was in; null: none."""


class MarketplaceUpgradeParams(Params):
    """Which marketplace to renew."""

    marketplace_name: str | None = None
    """The marketplace; null: all."""


class MarketplaceUpgradeResponse(Response):
    """What became of it."""

    selected_marketplaces: list[str]
    """Those that were looked at."""
    upgraded_roots: list[AbsolutePathBuf]
    """The directories that are new."""
    errors: list[MarketplaceUpgradeErrorInfo]
    """Those that could not be renewed."""


class PluginReconcileParams(Params):
    """Bring what is installed in line with what should be."""

    reason: str | None = None
    """Why, for the record; null: not told."""


class PluginReconcileResponse(Response):
    """What became of it."""

    changed_plugins: list[PluginReconcileChangedPlugin]
    """Plugins that changed."""
    failed_remote_plugin_ids: list[str]
    """Plugins that could not be brought in line."""
    failed_materialization_remote_plugin_ids: list[str]
    """Those of them that could not be fetched."""


class PluginInstallParams(Params):
    """A plugin to install."""

    marketplace_path: AbsolutePathBuf | None = None
    """The file of its marketplace; null: it is in a catalog."""
    remote_marketplace_name: str | None = None
    """The catalog; null: it is in a file."""
    install_attempt_id: str | None = None
    """The client's name for this attempt; null: none."""
    plugin_name: str
    """Its name."""


class PluginInstallResponse(Response):
    """It is installed."""

    auth_policy: PluginAuthPolicy
    """When the user has to log in for it."""
    apps_needing_auth: list[AppSummary]
    """Its apps that are not connected."""


class PluginUninstallParams(Params):
    """A plugin to remove."""

    plugin_id: str
    """The plugin."""


class PluginUninstallResponse(Response):
    """It is removed."""


MARKETPLACE_ADD = Method("marketplace/add", MarketplaceAddParams, MarketplaceAddResponse)
MARKETPLACE_REMOVE = Method("marketplace/remove", MarketplaceRemoveParams, MarketplaceRemoveResponse)
MARKETPLACE_UPGRADE = Method("marketplace/upgrade", MarketplaceUpgradeParams, MarketplaceUpgradeResponse)
PLUGIN_RECONCILE = Method("plugin/reconcile", PluginReconcileParams, PluginReconcileResponse)
PLUGIN_INSTALL = Method("plugin/install", PluginInstallParams, PluginInstallResponse)
PLUGIN_UNINSTALL = Method("plugin/uninstall", PluginUninstallParams, PluginUninstallResponse)

METHODS: tuple[Method[Any, Any], ...] = (
    MARKETPLACE_ADD,
    MARKETPLACE_REMOVE,
    MARKETPLACE_UPGRADE,
    PLUGIN_RECONCILE,
    PLUGIN_INSTALL,
    PLUGIN_UNINSTALL,
)
