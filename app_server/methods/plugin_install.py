"""Installing plugins and naming marketplaces: copies below the home, and the user's configuration that mentions them.

Only what lies in folders of this machine. Source: the reference; what needs a repository or OpenAI's cloud is refused.
"""

import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import anyio.to_thread

from app_server.core.config.edit import Edit
from app_server.core.config.store import os_text
from app_server.core.config.writing import write
from app_server.core.errors import INTERNAL_ERROR, CallerError
from app_server.core.plugins.installed import NotInstallable, install, uninstall
from app_server.core.plugins.marketplace import BadMarketplace, Offer, find_file, find_offer, invalid, load
from app_server.core.plugins.names import BadName, check_name, split_id
from app_server.methods.plugin import marketplace_path
from app_server.routing import route
from app_server.services import Context, Services
from protocol.plugin_install import (
    MARKETPLACE_ADD,
    MARKETPLACE_REMOVE,
    MARKETPLACE_UPGRADE,
    PLUGIN_INSTALL,
    PLUGIN_RECONCILE,
    PLUGIN_UNINSTALL,
    MarketplaceAddParams,
    MarketplaceAddResponse,
    MarketplaceRemoveParams,
    MarketplaceRemoveResponse,
    MarketplaceUpgradeParams,
    MarketplaceUpgradeResponse,
    PluginInstallParams,
    PluginInstallResponse,
    PluginReconcileParams,
    PluginReconcileResponse,
    PluginUninstallParams,
    PluginUninstallResponse,
)

T = TypeVar("T")
LOCAL = re.compile(r"/|\.{1,2}(?:/|$)|~/")
SHORTHAND = re.compile(r"[\w.-]+/[\w.-]+")
URL = re.compile(r"https?://|ssh://|git@.*:")
CLONES = ".tmp/marketplaces"
"""Where the reference keeps its copies of marketplaces from repositories."""


async def install_plugin(context: Context, params: PluginInstallParams) -> PluginInstallResponse:
    """Copy a plugin into the home and turn it on."""
    services = context.services
    path = marketplace_path("plugin/install", params.marketplace_path, params.remote_marketplace_name)
    if path is None:
        text = f"remote plugin install is not enabled for marketplace {params.remote_marketplace_name}"
        raise CallerError(text, reason="not_available", data={"field": "remoteMarketplaceName"})
    try:
        offer = await in_thread(lambda: copied(services.home, path, params.plugin_name))
    except (BadMarketplace, NotInstallable, BadName) as error:
        raise CallerError(str(error), reason="invalid_value", data={"field": "pluginName"}) from None
    configure(services, [Edit(("plugins", offer.id, "enabled"), True, is_merge=False)])
    return PluginInstallResponse(auth_policy=offer.auth_policy, apps_needing_auth=[])


def copied(home: Path, file: Path, name: str) -> Offer:
    """The offer, when its copy is in place. Raises: BadMarketplace, NotInstallable, BadName, OSError."""
    offer = find_offer(file, name)
    if offer.install_policy == "NOT_AVAILABLE":
        raise BadMarketplace(f"plugin `{name}` is not available for install in marketplace `{offer.marketplace}`")
    if not isinstance(offer.source, Path):
        raise NotInstallable(
            f"plugin `{name}` lies in a repository ({offer.source.url}); only plugins in folders can be installed"
        )
    install(home, offer.source, offer.id)
    return offer


async def uninstall_plugin(context: Context, params: PluginUninstallParams) -> PluginUninstallResponse:
    """Remove a plugin's copies and what the user's configuration says of it; one that is not installed is fine too."""
    services, plugin_id = context.services, params.plugin_id
    try:
        split_id(plugin_id)
    except BadName:
        if re.fullmatch(r"[\w-]+", plugin_id, re.ASCII):
            raise CallerError("remote plugin uninstall is not enabled", reason="not_available") from None
        raise CallerError("invalid remote plugin id", reason="invalid_value", data={"field": "pluginId"}) from None
    await in_thread(lambda: uninstall(services.home, plugin_id))
    configure(services, [Edit(("plugins", plugin_id), None, is_merge=False)])
    return PluginUninstallResponse()


async def add(context: Context, params: MarketplaceAddParams) -> MarketplaceAddResponse:
    """Have the configuration name a marketplace in a folder, which is read where it is."""
    services = context.services
    place = source_folder(services, params)
    return await in_thread(lambda: added(services, place))


def added(services: Services, place: Path) -> MarketplaceAddResponse:
    """The marketplace of a folder, now named. Raises: CallerError, OSError."""
    try:
        file = find_file(place)
        if file is None:
            raise invalid(place, "marketplace root does not contain a supported manifest")
        name = check_name(load(file).name, "marketplace name")
    except (BadMarketplace, BadName) as error:
        raise refused(str(error)) from None
    table = services.config.load().raw.get("marketplaces")
    known = table.get(name) if isinstance(table, dict) else None
    is_known = isinstance(known, dict) and known.get("source") == str(place)
    if known is not None and not is_known:
        raise refused(f"marketplace '{name}' is already added from a different source; remove it before adding this source")
    if not is_known:
        configure(services, [Edit(("marketplaces", name), {"source_type": "local", "source": str(place)}, is_merge=False)])
    return MarketplaceAddResponse(marketplace_name=name, installed_root=str(place), already_added=is_known)


def source_folder(services: Services, params: MarketplaceAddParams) -> Path:
    """The folder that a source means. Raises: CallerError."""
    source = params.source.strip()
    if not source:
        raise refused("marketplace source must not be empty")
    base, _, ref = source.rpartition("#") if "#" in source else (source, "", "")
    if LOCAL.match(base):
        if params.ref_name or ref.strip():
            raise refused("--ref is only supported for git marketplace sources")
        if params.sparse_paths:
            raise refused("--sparse is only supported for git marketplace sources")
        return resolved(services, base)
    if URL.match(base) or SHORTHAND.fullmatch(base.partition("@")[0]):
        text = "marketplaces in repositories are not supported"
        raise CallerError(text, reason="not_supported", data={"field": "source", "remedy": "clone it and add the folder"})
    raise refused("invalid marketplace source format; expected owner/repo, a git URL, or a local marketplace path")


def resolved(services: Services, path: str) -> Path:
    """A folder without links. Raises: CallerError."""
    if path.startswith("~/"):
        path = services.settings.environment.get("HOME", "~") + path[1:]
    try:
        place = (services.config.cwd / path).resolve(strict=True)
    except OSError as error:
        raise refused(f"failed to resolve local marketplace source path: {os_text(error)}") from None
    if place.is_file():
        raise refused("local marketplace source must be a directory, not a file")
    return place


async def remove(context: Context, params: MarketplaceRemoveParams) -> MarketplaceRemoveResponse:
    """Have the configuration name a marketplace no more; a folder that the user named stays as it is."""
    services, name = context.services, params.marketplace_name
    try:
        check_name(name, "marketplace name")
    except BadName as error:
        raise refused(str(error), field="marketplaceName") from None
    table = services.config.load().raw.get("marketplaces")
    is_named, clone = isinstance(table, dict) and name in table, services.home / CLONES / name
    has_clone = clone.is_dir()
    if not is_named and not has_clone:
        text = f"marketplace `{name}` is not configured or installed"
        raise CallerError(text, reason="not_found", data={"field": "marketplaceName"})
    if is_named:
        configure(services, [Edit(("marketplaces", name), None, is_merge=False)])
    if has_clone:
        await in_thread(lambda: shutil.rmtree(clone))
    return MarketplaceRemoveResponse(marketplace_name=name, installed_root=str(clone) if has_clone else None)


def upgrade(_context: Context, params: MarketplaceUpgradeParams) -> MarketplaceUpgradeResponse:
    """Only copies of repositories can be older than what they were copied from, and there are none."""
    if params.marketplace_name is not None:
        text = f"marketplace `{params.marketplace_name}` is not configured as a Git marketplace"
        raise CallerError(text, reason="not_found", data={"field": "marketplaceName"})
    return MarketplaceUpgradeResponse(selected_marketplaces=[], upgraded_roots=[], errors=[])


def reconcile(_context: Context, _params: PluginReconcileParams) -> PluginReconcileResponse:
    """Nothing of the cloud's plugins is here that could have to be changed."""
    return PluginReconcileResponse(changed_plugins=[], failed_remote_plugin_ids=[], failed_materialization_remote_plugin_ids=[])


def configure(services: Services, edits: Sequence[Edit]) -> None:
    """Write the user's configuration, and let loaded threads go on with it: they see a plugin's parts from their next turn."""
    write(services.config, edits, None, None)
    services.threads.reload()


async def in_thread(work: Callable[[], T]) -> T:
    """Do the work in a worker thread. Raises: CallerError, also for what the system refuses."""
    try:
        return await anyio.to_thread.run_sync(work)
    except OSError as error:
        raise CallerError(os_text(error), code=INTERNAL_ERROR, reason="io_error") from None


def refused(text: str, *, field: str = "source", **data: Any) -> CallerError:
    """A refusal of what the client wrote."""
    return CallerError(text, reason="invalid_value", data={"field": field, **data})


ROUTES = [
    route(PLUGIN_INSTALL, install_plugin),
    route(PLUGIN_UNINSTALL, uninstall_plugin),
    route(MARKETPLACE_ADD, add),
    route(MARKETPLACE_REMOVE, remove),
    route(MARKETPLACE_UPGRADE, upgrade),
    route(PLUGIN_RECONCILE, reconcile),
]
