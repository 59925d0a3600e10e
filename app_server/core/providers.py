"""The providers that threads use: one object per distinct settings, opened when first needed and shared by all threads."""

from collections.abc import Callable, Mapping

from app_server import PROTOCOL_VERSION
from app_server.core.config.config import Config
from app_server.core.errors import ConfigError
from app_server.core.provider.base import Provider
from app_server.core.provider.settings import ProviderSettings, built_in_providers, unknown_provider
from app_server.core.provider.table import ProviderConfigError


class Providers:
    """Opens and keeps providers. `makers` says how for each wire API; each is imported when it is first used."""

    def __init__(self, environment: Mapping[str, str], makers: Mapping[str, Callable[[ProviderSettings], Provider]]) -> None:
        self._environment = environment
        self._makers = makers
        self._open: list[tuple[ProviderSettings, Provider]] = []

    def settings(self, provider_id: str, config: Config) -> ProviderSettings:
        """What is configured about a provider. Raises: ConfigError."""
        try:
            table = config.model_providers.get(provider_id)
            if table is not None:
                return ProviderSettings.from_table(provider_id, table)
            known = built_in_providers(PROTOCOL_VERSION, self._environment, config.openai_base_url).get(provider_id)
            if known is None:
                raise unknown_provider(provider_id)
        except ProviderConfigError as error:
            raise ConfigError(str(error)) from None
        return known

    def open(self, settings: ProviderSettings) -> Provider:
        """The provider with these settings."""
        provider = next((provider for known, provider in self._open if known is settings or known == settings), None)
        if provider is None:
            provider = self._makers[settings.wire_api](settings)
            self._open.append((settings, provider))
        return provider

    async def aclose(self) -> None:
        """Close all connections."""
        for _, provider in self._open:
            await provider.aclose()
        self._open.clear()
