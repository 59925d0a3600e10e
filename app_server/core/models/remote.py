"""The models that providers list: whose list counts for a configuration, how old it is, and the file that keeps it.

Some providers send whole catalogue entries: OpenAI under a ChatGPT login, and gateways that want a command's token. A
gateway's lie over the bundled ones, OpenAI's take their place. The newest list is kept in the home for other
processes and the next start.
Asking the provider is another module's work (`refresh`), since it needs the network; this one is cheap to load.
Source: spec/models.md section 2; what takes whose place comes from the reference itself.
"""

import hashlib
import json
import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app_server import PROTOCOL_VERSION
from app_server.core.clock import Clock
from app_server.core.config.config import Config
from app_server.core.errors import ConfigError
from app_server.core.frozen import frozen
from app_server.core.models.catalog import CatalogError, read_models, with_remote_overrides
from app_server.core.models.decoding import DecodeError
from app_server.core.models.metadata import ModelInfo
from app_server.core.provider.settings import CHATGPT_URL, ProviderSettings

CACHE = "models_cache.json"
TTL_MS = 300_000

log = logging.getLogger(__name__)


@frozen
class Source:
    """A provider that sends catalogue entries. `identity` tells it, and who asks it, from others.

    `is_whole` says that its list is all that there is: a ChatGPT account is told what it may use. (A list that shows
    nothing is not taken for that.)
    """

    settings: ProviderSettings
    identity: str
    is_whole: bool


@frozen
class Listed:
    """What a source has sent. `entries` are the models as they came."""

    models: tuple[ModelInfo, ...]
    entries: tuple[Any, ...]
    etag: str | None
    fetched_at_ms: int


def source_of(config: Config, settings_of: Callable[[str, Config], ProviderSettings], account_id: str | None) -> Source | None:
    """The source for a configuration, or None: then nobody is asked. `account_id` is the ChatGPT login's, if there is one."""
    if config.model_catalog is not None:
        return None
    try:
        settings = settings_of(config.model_provider, config)
    except ConfigError:
        return None
    if settings.wire_api != "responses":
        return None
    if settings.auth is not None:
        who = "\0".join((settings.auth.command, *settings.auth.args))
    elif settings.uses_login and account_id is not None:
        who = account_id
    else:
        return None
    identity = "\0".join((settings.base_url or CHATGPT_URL, settings.id, who))
    return Source(settings, hashlib.sha256(identity.encode()).hexdigest(), is_whole=settings.auth is None)


class RemoteModels:
    """The lists of all sources that this process has heard of."""

    def __init__(self, home: Path, clock: Clock, source: Callable[[Config], Source | None]) -> None:
        self._path = home / CACHE
        self._clock = clock
        self.source = source
        self._lists: dict[str, Listed] = {}
        self._is_read = False
        self._merged: tuple[Listed | None, tuple[ModelInfo, ...]] = (None, ())

    def listed(self, source: Source) -> Listed | None:
        """The newest list of a source, or None."""
        if not self._is_read:
            self._is_read = True
            self._read()
        return self._lists.get(source.identity)

    def laid_over(self, bundled: Callable[[], tuple[ModelInfo, ...]], config: Config) -> tuple[ModelInfo, ...]:
        """The models for a configuration: the bundled ones with those of its source, or its source's alone."""
        source = self.source(config)
        listed = None if source is None else self.listed(source)
        if source is None or listed is None or not listed.models:
            return bundled()
        if self._merged[0] is not listed:
            is_alone = source.is_whole and any(model.visibility == "list" for model in listed.models)
            self._merged = (listed, with_remote_overrides(() if is_alone else bundled(), listed.models))
        return self._merged[1]

    def is_due(self, config: Config) -> bool:
        """Whether there is a provider to ask, and what it has said is too old, or nothing."""
        source = self.source(config)
        if source is None:
            return False
        listed = self.listed(source)
        return listed is None or not self._is_fresh(listed)

    def put(self, source: Source, listed: Listed) -> None:
        """Take over what a source has sent, and keep it in the home."""
        self._lists[source.identity] = listed
        document = {
            "fetched_at": _text_of(listed.fetched_at_ms),
            "etag": listed.etag,
            "client_version": PROTOCOL_VERSION,
            "identity": source.identity,
            "models": list(listed.entries),
        }
        fresh = self._path.with_name(f".{CACHE}.{os.getpid()}")
        try:
            fresh.write_text(json.dumps(document, indent=2), "utf-8")
            fresh.replace(self._path)
        except OSError as error:
            log.warning("the list of models was not kept: %s", error)

    def _read(self) -> None:
        """Take over the kept list, if it is one of ours and not too old."""
        try:
            document = json.loads(self._path.read_bytes())
            if document["client_version"] != PROTOCOL_VERSION:
                return
            entries = tuple(document["models"])
            listed = Listed(tuple(read_models(document)), entries, document.get("etag"), _ms_of(document["fetched_at"]))
            identity = document["identity"]
        except OSError:
            return
        except (ValueError, KeyError, TypeError, DecodeError, CatalogError) as error:
            log.warning("the kept list of models can't be read: %s", error)
            return
        if self._is_fresh(listed) and isinstance(identity, str):
            self._lists.setdefault(identity, listed)

    def _is_fresh(self, listed: Listed) -> bool:
        return 0 <= self._clock.now_ms() - listed.fetched_at_ms < TTL_MS


def _text_of(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).isoformat().replace("+00:00", "Z")


def _ms_of(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)
