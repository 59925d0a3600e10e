"""The plugin install family of the wire contract."""

from typing import Any

from protocol.app import AppSummary
from protocol.base import Method, Params, Response
from protocol.plugin import MarketplaceUpgradeErrorInfo, PluginReconcileChangedPlugin
from protocol.plugin_parts import PluginAuthPolicy
from protocol.scalars import AbsolutePathBuf


class MarketplaceAddParams(Params):
    """What `marketplace/add` asks with."""

    source: str
    ref_name: str | None = None
    sparse_paths: list[str] | None = None


class MarketplaceAddResponse(Response):
    """What `marketplace/add` is answered with."""

    marketplace_name: str
    installed_root: AbsolutePathBuf
    already_added: bool


class MarketplaceRemoveParams(Params):
    """What `marketplace/remove` asks with."""

    marketplace_name: str


class MarketplaceRemoveResponse(Response):
    """What `marketplace/remove` is answered with."""

    marketplace_name: str
    installed_root: AbsolutePathBuf | None = None


class MarketplaceUpgradeParams(Params):
    """What `marketplace/upgrade` asks with."""

    marketplace_name: str | None = None


class MarketplaceUpgradeResponse(Response):
    """What `marketplace/upgrade` is answered with."""

    selected_marketplaces: list[str]
    upgraded_roots: list[AbsolutePathBuf]
    errors: list[MarketplaceUpgradeErrorInfo]


class PluginReconcileParams(Params):
    """What `plugin/reconcile` asks with."""

    reason: str | None = None


class PluginReconcileResponse(Response):
    """What `plugin/reconcile` is answered with."""

    changed_plugins: list[PluginReconcileChangedPlugin]
    failed_remote_plugin_ids: list[str]
    failed_materialization_remote_plugin_ids: list[str]


class PluginInstallParams(Params):
    """What `plugin/install` asks with."""

    marketplace_path: AbsolutePathBuf | None = None
    remote_marketplace_name: str | None = None
    install_attempt_id: str | None = None
    plugin_name: str


class PluginInstallResponse(Response):
    """What `plugin/install` is answered with."""

    auth_policy: PluginAuthPolicy
    apps_needing_auth: list[AppSummary]


class PluginUninstallParams(Params):
    """What `plugin/uninstall` asks with."""

    plugin_id: str


class PluginUninstallResponse(Response):
    """What `plugin/uninstall` is answered with."""


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
