"""`account/gatewayOAuth/read`: whether a provider wants a login at its gateway, which none of ours does."""

from app_server.methods.model import not_configured
from app_server.methods.model_provider import find
from app_server.routing import route
from app_server.services import Context
from protocol.account_provider import ACCOUNT_GATEWAY_OAUTH_READ, GatewayOAuthReadParams, GatewayOAuthReadResponse


def read(context: Context, params: GatewayOAuthReadParams) -> GatewayOAuthReadResponse:
    """The login at the gateway of a provider, or of the one in use."""
    provider = find(context.services, params.model_provider)
    if provider is None:
        raise not_configured(params.model_provider or "")
    return GatewayOAuthReadResponse(
        provider_id=provider.id,
        provider_name=provider.name,
        required=False,
        supports_device_auth=False,
        status=None,
        error=None,
    )


ROUTES = [route(ACCOUNT_GATEWAY_OAUTH_READ, read)]
