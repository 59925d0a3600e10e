"""`model/list` and `collaborationMode/list`."""

from collections.abc import Awaitable, Sequence

from app_server.core.config.config import Config
from app_server.core.errors import CallerError, ConfigError
from app_server.core.frozen import replace
from app_server.core.provider.settings import ProviderSettings
from app_server.routing import route
from app_server.services import Context, Services
from protocol.model import (
    COLLABORATION_MODE_LIST,
    MODEL_LIST,
    CollaborationModeListParams,
    CollaborationModeListResponse,
    CollaborationModeMask,
    ModelListParams,
)


def list_models(context: Context, params: ModelListParams) -> bytes | Awaitable[bytes]:
    """The models that a thread can use, page by page. Where the provider has to be asked first, the answer waits for that."""
    services = context.services
    config = services.config.usable()
    if params.model_provider is not None:
        config = replace(config, model_provider=params.model_provider)
        if not is_configured(services, config):
            raise not_configured(params.model_provider)
    names_from = lists_names(services, config)
    if names_from is not None or services.models.is_refresh_due(config):
        return list_after_asking(services, config, params, names_from)
    return page(services, config, params)


async def list_after_asking(
    services: Services, config: Config, params: ModelListParams, names_from: ProviderSettings | None
) -> bytes:
    """The same after the provider was asked, which takes five seconds at most."""
    refresher = services.models_refresher()
    if names_from is not None:
        return page(services, config, params, await refresher.names(names_from))
    await refresher.refresh(config)
    return page(services, config, params)


def page(services: Services, config: Config, params: ModelListParams, names: Sequence[str] = ()) -> bytes:
    """One page of what is known."""
    return services.models.page_json(
        config,
        cursor=params.cursor,
        limit=params.limit,
        include_hidden=bool(params.include_hidden),
        is_chatgpt=services.logins.is_chatgpt,
        names=names,
    )


def lists_names(services: Services, config: Config) -> ProviderSettings | None:
    """The provider, if its models are not in any catalogue: neither in a file, nor bundled, nor sent as entries."""
    if config.model_catalog is not None or services.models.is_remote(config) or not is_configured(services, config):
        return None
    settings = services.threads.runtime.providers.settings(config.model_provider, config)
    has_none = settings.wire_api == "rehearsal" or settings.is_openai or settings.requires_openai_auth
    return None if has_none else settings


def is_configured(services: Services, config: Config) -> bool:
    """Whether the configuration's provider exists."""
    try:
        services.threads.runtime.providers.settings(config.model_provider, config)
    except ConfigError:
        return False
    return True


def not_configured(provider_id: str) -> CallerError:
    """The refusal of a provider that does not exist (any more)."""
    return CallerError(
        f"This chat uses model provider “{provider_id}”, which is no longer configured. "
        "Restore this provider’s configuration to continue.",
        reason="not_found",
        data={"type": "modelProviderNotConfigured", "modelProvider": provider_id, "field": "modelProvider"},
    )


def list_modes(_context: Context, _params: CollaborationModeListParams) -> CollaborationModeListResponse:
    """The ways of working together, and what each sets of the model's settings."""
    return CollaborationModeListResponse(
        data=[
            CollaborationModeMask(name="Plan", mode="plan", model=None, reasoning_effort="medium"),
            CollaborationModeMask(name="Default", mode="default", model=None, reasoning_effort=None),
        ]
    )


ROUTES = [route(MODEL_LIST, list_models), route(COLLABORATION_MODE_LIST, list_modes)]
