"""Looking at plugins: those of marketplaces in folders, and which of them are installed.

Catalogs that OpenAI's cloud keeps are not asked: whoever names one is refused as by the reference without a login.
"""

from pathlib import Path

from app_server.core.errors import CallerError
from app_server.core.plugins.marketplace import BadMarketplace, Offer, find_offer
from app_server.methods.paging import page
from app_server.methods.plugin_wire import detail, entry, is_installed, marketplaces, summary
from app_server.routing import route
from app_server.services import Context
from protocol.plugin import (
    PLUGIN_INSTALLED,
    PLUGIN_LIST,
    PLUGIN_READ,
    PLUGIN_SEARCH,
    PluginInstalledParams,
    PluginInstalledResponse,
    PluginListParams,
    PluginListResponse,
    PluginReadParams,
    PluginReadResponse,
    PluginSearchParams,
    PluginSearchResponse,
    PluginSearchResult,
)


def list_plugins(context: Context, params: PluginListParams) -> PluginListResponse:
    """The plugins of all marketplaces that the folders see; none while the feature is off."""
    services, config = context.services, context.services.config.load()
    kinds = params.marketplace_kinds
    if not config.features.is_enabled("plugins") or (kinds is not None and "local" not in kinds):
        return PluginListResponse(marketplaces=[], marketplace_load_errors=[], featured_plugin_ids=[])
    found, faults = marketplaces(services, config, params.cwds or [])
    listed = [entry(config, each, list(each.offers)) for each in found]
    return PluginListResponse(marketplaces=listed, marketplace_load_errors=faults, featured_plugin_ids=[])


def installed(context: Context, params: PluginInstalledParams) -> PluginInstalledResponse:
    """Those of them that are installed, or that the client would suggest."""
    services, config = context.services, context.services.config.load()
    if not config.features.is_enabled("plugins"):
        return PluginInstalledResponse(marketplaces=[], marketplace_load_errors=[])
    wanted = set(params.install_suggestion_plugin_names or ())
    found, faults = marketplaces(services, config, params.cwds or [])
    shown = [(each, [offer for offer in each.offers if offer.name in wanted or is_installed(config, offer)]) for each in found]
    listed = [entry(config, each, offers) for each, offers in shown if offers]
    return PluginInstalledResponse(marketplaces=listed, marketplace_load_errors=faults)


def search(context: Context, params: PluginSearchParams) -> PluginSearchResponse:
    """Those of them in whose name or description the term is."""
    services, config = context.services, context.services.config.load()
    term = params.search_term.strip().casefold()
    if not term or not config.features.is_enabled("plugins"):
        return PluginSearchResponse(data=[])
    found, _ = marketplaces(services, config, params.cwds or [])
    hits = [(each, offer) for each in found for offer in each.offers if term in words(offer)]
    shown, cursor = page(hits, params.cursor, params.limit, "plugins")
    data = [
        PluginSearchResult(plugin=summary(config, offer), marketplace_name=each.name, marketplace_path=str(each.file))
        for each, offer in shown
    ]
    return PluginSearchResponse(data=data, next_cursor=cursor)


def words(offer: Offer) -> str:
    """What of a plugin is searched."""
    manifest = offer.manifest
    told = [offer.name, offer.category or ""]
    if manifest is not None:
        shown = manifest.interface or {}
        told += [manifest.description or "", *manifest.keywords]
        told += [str(shown.get(name, "")) for name in ("displayName", "shortDescription")]
    return "\n".join(told).casefold()


def read(context: Context, params: PluginReadParams) -> PluginReadResponse:
    """One plugin with what it brings along."""
    services, config = context.services, context.services.config.load()
    path = marketplace_path("plugin/read", params.marketplace_path, params.remote_marketplace_name)
    if path is None:
        text = f"remote plugin read is not enabled for marketplace {params.remote_marketplace_name}"
        raise CallerError(text, reason="not_available", data={"field": "remoteMarketplaceName"})
    if not config.features.is_enabled("plugins"):
        raise CallerError("plugins feature is disabled", reason="not_available")
    try:
        return PluginReadResponse(plugin=detail(services, config, path, find_offer(path, params.plugin_name)))
    except BadMarketplace as error:
        raise CallerError(str(error), reason="not_found", data={"field": "marketplacePath"}) from None


def marketplace_path(method: str, local: str | None, remote: str | None) -> Path | None:
    """The file of the marketplace that is meant; None for one of the cloud. Raises: CallerError."""
    if (local is None) == (remote is None):
        text = f"{method} requires exactly one of marketplacePath or remoteMarketplaceName"
        raise CallerError(text, reason="invalid_value", data={"field": "marketplacePath", "expected": "one of the two"})
    return Path(local) if local is not None else None


ROUTES = [
    route(PLUGIN_LIST, list_plugins),
    route(PLUGIN_INSTALLED, installed),
    route(PLUGIN_SEARCH, search),
    route(PLUGIN_READ, read),
]
