"""The providers that threads use: one object per distinct settings, opened when first needed and shared by all threads."""

from collections.abc import Callable, Mapping
from typing import Any

from app_server import PROTOCOL_VERSION
from app_server.core.config.config import Config
from app_server.core.errors import ConfigError
from app_server.core.provider.base import Provider
from app_server.core.provider.settings import ProviderSettings, built_in_providers, unknown_provider
from app_server.core.provider.table import ProviderConfigError


class Providers:
    """Opens and keeps providers. `makers` says how for each wire API; each is imported when it is first used."""

    def __init__(
        self,
        environment: Mapping[str, str],
        makers: Mapping[str, Callable[[ProviderSettings], Provider]],
        make_socket: Callable[..., Any],
    ) -> None:
        self._environment = environment
        self._makers = makers
        self._make_socket = make_socket
        self._sockets: dict[str, Any] = {}
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

    async def for_thread(self, thread_id: str, settings: ProviderSettings, prefers_websockets: bool) -> Provider:
        """A thread's way to the provider: a websocket of its own where one is wanted, kept until `release`."""
        provider = self.open(settings)
        is_wanted = speaks_websocket(settings, prefers_websockets)
        kept = self._sockets.get(thread_id)
        if kept is not None and (kept.provider is not provider or not is_wanted):
            await self.release(thread_id)
            kept = None
        if not is_wanted:
            return provider
        if kept is None:
            kept = self._sockets[thread_id] = self._make_socket(provider, is_declared=settings.supports_websockets)
        way: Provider = kept
        return way

    async def release(self, thread_id: str) -> None:
        """A thread is not loaded any more: close the connection of its own, if it has one."""
        socket = self._sockets.pop(thread_id, None)
        if socket is not None:
            await socket.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        for thread_id in list(self._sockets):
            await self.release(thread_id)
        for _, provider in self._open:
            await provider.aclose()
        self._open.clear()


def speaks_websocket(settings: ProviderSettings, prefers_websockets: bool) -> bool:
    """Whether threads of a provider use websockets: it says so, or their model does."""
    return settings.wire_api == "responses" and (settings.supports_websockets or prefers_websockets)
