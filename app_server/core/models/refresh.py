"""Asks providers for their models. It never fails a request: what can't be had is logged, and what is known stays.

A refresh takes five seconds at most. Those who ask for one while it runs wait for the same. Source: spec/models.md section 2.
"""

import json
import logging

import anyio

from app_server import PROTOCOL_VERSION
from app_server.core.clock import Clock
from app_server.core.config.config import Config
from app_server.core.models.catalog import CatalogError, read_models
from app_server.core.models.decoding import DecodeError
from app_server.core.models.remote import TTL_MS, Listed, RemoteModels, Source
from app_server.core.provider.base import ProviderError
from app_server.core.provider.fetch import Fetched, NoAnswerError
from app_server.core.provider.resource import HasResources
from app_server.core.provider.settings import ProviderSettings
from app_server.core.providers import Providers

TIMEOUT_S = 5.0

log = logging.getLogger(__name__)


class ModelsRefresher:
    """Keeps `remote` up to date, and knows the names that other providers list."""

    def __init__(self, remote: RemoteModels, providers: Providers, clock: Clock) -> None:
        self._remote = remote
        self._providers = providers
        self._clock = clock
        self._lock = anyio.Lock()
        self._names: dict[tuple[str, str | None], tuple[int, tuple[str, ...]]] = {}

    async def refresh(self, config: Config, *, is_forced: bool = False) -> None:
        """Ask the configuration's source, if there is one and its list is old, or `is_forced`. Never raises."""
        source = self._remote.source(config)
        if source is None:
            return
        before = self._remote.listed(source)
        async with self._lock:
            is_newer = self._remote.listed(source) is not before
            if not is_newer and (is_forced or self._remote.is_due(config)):
                await self._ask(source)

    async def note_etag(self, config: Config, etag: str) -> None:
        """An answer told the version of the source's list: ask for it, if ours is another. Never raises."""
        source = self._remote.source(config)
        listed = None if source is None else self._remote.listed(source)
        if source is not None and (listed is None or listed.etag != etag):
            await self.refresh(config, is_forced=True)

    async def names(self, settings: ProviderSettings) -> tuple[str, ...]:
        """The names that a provider lists by itself, as OpenAI-compatible servers do; empty if it does not. Never raises."""
        async with self._lock:
            key = (settings.id, settings.base_url)
            known = self._names.get(key)
            if known is not None and self._clock.now_ms() - known[0] < TTL_MS:
                return known[1]
            names = await self._ask_names(settings)
            self._names[key] = (self._clock.now_ms(), names)
            return names

    async def _ask(self, source: Source) -> None:
        answer = await self._get(source.settings, f"models?client_version={PROTOCOL_VERSION}")
        if answer is None:
            return
        try:
            document = json.loads(answer.body)
            models = read_models(document)
        except (ValueError, DecodeError, CatalogError) as error:
            log.error("failed to refresh available models: failed to decode models response: %s", error)
            return
        listed = Listed(tuple(models), tuple(document["models"]), answer.headers.get("etag"), self._clock.now_ms())
        self._remote.put(source, listed)

    async def _ask_names(self, settings: ProviderSettings) -> tuple[str, ...]:
        answer = await self._get(settings, "models")
        if answer is None:
            return ()
        try:
            document = json.loads(answer.body)
        except ValueError:
            return ()
        rows = document.get("data") if isinstance(document, dict) else None
        if not isinstance(rows, list):
            return ()
        names = [row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]
        return tuple(dict.fromkeys(names))

    async def _get(self, settings: ProviderSettings, path: str) -> Fetched | None:
        """The provider's answer, if it is one."""
        try:
            provider = self._providers.open(settings)
            if not isinstance(provider, HasResources):
                return None
            answer = await provider.get(path, TIMEOUT_S)
        except (NoAnswerError, ProviderError) as error:
            log.warning("failed to refresh available models: %s", error)
            return None
        if answer.status != 200:
            log.warning("failed to refresh available models: status %d", answer.status)
            return None
        return answer
