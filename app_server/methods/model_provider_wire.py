"""Configured providers as clients see them."""

from app_server.core.provider.settings import ProviderSettings
from protocol.model_provider import (
    CustomGatewaySettings,
    EnvironmentVariableGatewayAuth,
    ExternallyConfiguredGatewayAuth,
    GatewayAuth,
    ModelProviderSummary,
    NoneGatewayAuth,
)


def summary(provider: ProviderSettings) -> ModelProviderSummary:
    """A configured provider as it is listed."""
    return ModelProviderSummary(
        id=provider.id,
        name=provider.name,
        can_edit=True,
        base_url=provider.base_url,
        settings=CustomGatewaySettings(auth=gateway_auth(provider)),
    )


def gateway_auth(provider: ProviderSettings) -> GatewayAuth:
    """How we prove ourselves to it, as far as a client could set that."""
    is_beyond_clients = (
        provider.is_openai
        or provider.experimental_bearer_token is not None
        or provider.auth is not None
        or provider.requires_openai_auth
        or provider.http_headers
        or provider.env_http_headers
        or provider.query_params
    )
    if is_beyond_clients:
        return ExternallyConfiguredGatewayAuth(env_key=provider.env_key)
    return NoneGatewayAuth() if provider.env_key is None else EnvironmentVariableGatewayAuth(env_key=provider.env_key)
