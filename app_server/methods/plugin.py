"""`plugin/read`: there are no plugins, so all that can be said is what is wrong with the question."""

from app_server.core.errors import CallerError
from app_server.routing import route
from app_server.services import Context
from protocol.plugin import PLUGIN_READ, PluginReadParams, PluginReadResponse


def read(_context: Context, params: PluginReadParams) -> PluginReadResponse:
    """Refused."""
    if (params.marketplace_path is None) == (params.remote_marketplace_name is None):
        text = "plugin/read requires exactly one of marketplacePath or remoteMarketplaceName"
        raise CallerError(text, reason="invalid_value", data={"field": "marketplacePath", "expected": "one of the two"})
    if params.remote_marketplace_name is not None:
        text = f"remote plugin read is not enabled for marketplace {params.remote_marketplace_name}"
        raise CallerError(text, reason="not_available", data={"field": "remoteMarketplaceName"})
    raise CallerError("plugins feature is disabled", reason="not_available")


ROUTES = [route(PLUGIN_READ, read)]
