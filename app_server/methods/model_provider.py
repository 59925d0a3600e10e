"""`modelProvider/list`, `modelProvider/config/write` and `modelProvider/capabilities/read`."""

from app_server import PROTOCOL_VERSION
from app_server.core.config.layers import InvalidConfig
from app_server.core.errors import INTERNAL_ERROR, CallerError, ConfigError
from app_server.core.provider.settings import AWS_IDS, ProviderSettings, built_in_providers
from app_server.core.provider.table import ProviderConfigError
from app_server.methods.model_provider_wire import summary, text_in
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
    """The configured providers and OpenAI, by id; also those whose settings can't hold, so that they can be mended."""
    try:
        raw = context.services.config.layers().merged
    except InvalidConfig as error:
        raise CallerError(f"failed to read providers: {error.detail}", code=INTERNAL_ERROR, reason="invalid_config") from None
    url = text_in(raw, "openai_base_url")
    openai = ModelProviderSummary(id=OPENAI, name="OpenAI", can_edit=False, base_url=url, settings=OpenaiSettings())
    tables = raw.get("model_providers")
    listed = [summary(name, table) for name, table in (tables if isinstance(tables, dict) else {}).items()]
    return ModelProviderListResponse(
        data=sorted([*listed, openai], key=lambda each: each.id),
        default_provider_id=text_in(raw, "model_provider") or OPENAI,
        can_change_default=True,
    )


def find(services: Services, provider_id: str | None = None) -> ProviderSettings | None:
    """A provider of the configuration, or the one in use; None when there is none of that id. Raises: ConfigError."""
    config = services.config.startup()[0]
    wanted = provider_id or config.model_provider
    table = config.model_providers.get(wanted)
    if table is None:
        return built_in_providers(PROTOCOL_VERSION, services.settings.environment, config.openai_base_url).get(wanted)
    try:
        return ProviderSettings.from_table(wanted, table)
    except ProviderConfigError as error:
        raise ConfigError(str(error)) from None


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
