"""`account/gatewayOAuth/read`: whether a provider wants a login at its gateway, which none of ours does."""

from app_server.core.errors import CallerError
from app_server.methods.model_provider import find
from app_server.routing import route
from app_server.services import Context
from protocol.account_provider import ACCOUNT_GATEWAY_OAUTH_READ, GatewayOAuthReadParams, GatewayOAuthReadResponse


def read(context: Context, params: GatewayOAuthReadParams) -> GatewayOAuthReadResponse:
    """The login at the gateway of a provider, or of the one in use."""
    provider = find(context.services, params.model_provider)
    if provider is None:
        raise CallerError(
            f"This chat uses model provider “{params.model_provider}”, which is no longer configured. "
            "Restore this provider’s configuration to continue.",
            reason="not_found",
            data={"type": "modelProviderNotConfigured", "modelProvider": params.model_provider, "field": "modelProvider"},
        )
    return GatewayOAuthReadResponse(
        provider_id=provider.id,
        provider_name=provider.name,
        required=False,
        supports_device_auth=False,
        status=None,
        error=None,
    )


ROUTES = [route(ACCOUNT_GATEWAY_OAUTH_READ, read)]
