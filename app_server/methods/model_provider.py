"""`modelProvider/list` and `modelProvider/capabilities/read`."""

from app_server import PROTOCOL_VERSION
from app_server.core.config.config import Config
from app_server.core.errors import ConfigError
from app_server.core.provider.settings import AWS_IDS, ProviderSettings, built_in_providers
from app_server.core.provider.table import ProviderConfigError
from app_server.routing import route
from app_server.services import Context, Services
from protocol.model_provider import (
    MODEL_PROVIDER_CAPABILITIES_READ,
    MODEL_PROVIDER_LIST,
    CustomGatewaySettings,
    EnvironmentVariableGatewayAuth,
    ExternallyConfiguredGatewayAuth,
    GatewayAuth,
    ModelProviderCapabilitiesReadParams,
    ModelProviderCapabilitiesReadResponse,
    ModelProviderListParams,
    ModelProviderListResponse,
    ModelProviderSummary,
    NoneGatewayAuth,
    OpenaiSettings,
)

OPENAI = "openai"


def list_providers(context: Context, _params: ModelProviderListParams) -> ModelProviderListResponse:
    """The configured providers and OpenAI, by id."""
    config = context.services.config.startup()[0]
    listed = [summary(settings) for settings in configured(config)]
    openai = ModelProviderSummary(
        id=OPENAI, name="OpenAI", can_edit=False, base_url=config.openai_base_url, settings=OpenaiSettings()
    )
    return ModelProviderListResponse(
        data=sorted([*listed, openai], key=lambda each: each.id),
        default_provider_id=config.model_provider,
        can_change_default=True,
    )


def configured(config: Config) -> list[ProviderSettings]:
    """The providers that the configuration defines. Raises: ConfigError."""
    try:
        return [ProviderSettings.from_table(name, table) for name, table in config.model_providers.items()]
    except ProviderConfigError as error:
        raise ConfigError(str(error)) from None


def find(services: Services, provider_id: str | None = None) -> ProviderSettings | None:
    """A provider of the configuration, or the one in use; None when there is none of that id. Raises: ConfigError."""
    config = services.config.startup()[0]
    wanted = provider_id or config.model_provider
    known = built_in_providers(PROTOCOL_VERSION, services.settings.environment, config.openai_base_url)
    return {**known, **{each.id: each for each in configured(config)}}.get(wanted)


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


def capabilities(context: Context, _params: ModelProviderCapabilitiesReadParams) -> ModelProviderCapabilitiesReadResponse:
    """What the provider in use can do besides answering."""
    provider = context.services.config.startup()[0].model_provider
    return ModelProviderCapabilitiesReadResponse(image_generation=provider not in AWS_IDS, web_search=True)


ROUTES = [route(MODEL_PROVIDER_LIST, list_providers), route(MODEL_PROVIDER_CAPABILITIES_READ, capabilities)]
