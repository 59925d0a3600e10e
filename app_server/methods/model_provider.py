"""`modelProvider/list`, `modelProvider/config/write` and `modelProvider/capabilities/read`."""

from app_server import PROTOCOL_VERSION
from app_server.core.config.config import Config
from app_server.core.errors import INTERNAL_ERROR, CallerError, ConfigError
from app_server.core.provider.settings import AWS_IDS, ProviderSettings, built_in_providers
from app_server.core.provider.table import ProviderConfigError
from app_server.methods.model_provider_wire import summary
from app_server.methods.model_provider_write import write_provider
from app_server.routing import route
from app_server.services import Context, Services
from protocol.model_provider import (
    MODEL_PROVIDER_CAPABILITIES_READ,
    MODEL_PROVIDER_CONFIG_WRITE,
    MODEL_PROVIDER_LIST,
    ModelProviderCapabilitiesReadParams,
    ModelProviderCapabilitiesReadResponse,
    ModelProviderListParams,
    ModelProviderListResponse,
    ModelProviderSummary,
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


def capabilities(context: Context, _params: ModelProviderCapabilitiesReadParams) -> ModelProviderCapabilitiesReadResponse:
    """What the provider in use can do besides answering. Other APIs than OpenAI's have no tools that the provider runs."""
    try:
        context.services.config.layers()
    except ConfigError as error:
        text = f"failed to resolve feature override precedence: {error.detail}"
        raise CallerError(text, code=INTERNAL_ERROR, reason=error.reason) from None
    provider = find(context.services)
    has_tools = provider is None or provider.wire_api not in ("chat", "litellm")
    return ModelProviderCapabilitiesReadResponse(
        image_generation=has_tools and (provider is None or provider.id not in AWS_IDS), web_search=has_tools
    )


ROUTES = [
    route(MODEL_PROVIDER_LIST, list_providers),
    route(MODEL_PROVIDER_CONFIG_WRITE, write_provider),
    route(MODEL_PROVIDER_CAPABILITIES_READ, capabilities),
]
