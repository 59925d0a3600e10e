"""The models that a configuration can use: their order, their metadata with the configuration applied, and the list
that clients see.

Where the entries come from (bundled, a file, the provider) makes no difference to anybody else. The bundled
catalogue is read when it is first needed.
"""

from collections.abc import Callable, Sequence
from typing import Any

from pydantic_core import to_json

from app_server.core.config.config import Config
from app_server.core.errors import CallerError
from app_server.core.frozen import replace
from app_server.core.models.catalog import find, load_bundled
from app_server.core.models.metadata import ModelInfo, Truncation, fallback
from app_server.core.models.remote import RemoteModels

BYTES_PER_TOKEN = 4
REMEMBERED_PAGES = 64


class ModelsManager:
    """Knows the models of a process.

    Invariant: what `remote` knows counts beside the bundled entries, and never beside a catalogue that the configuration names.
    """

    def __init__(
        self,
        bundled: Callable[[], tuple[ModelInfo, ...]] = load_bundled,
        remote: RemoteModels | None = None,
        is_chatgpt: Callable[[], bool] = lambda: False,
    ) -> None:
        self._read_bundled = bundled
        self._is_chatgpt = is_chatgpt
        self._bundled: tuple[ModelInfo, ...] | None = None
        self._remote = remote
        self._named: tuple[Sequence[str], Sequence[ModelInfo], tuple[ModelInfo, ...]] = ((), (), ())
        self._pages: dict[tuple[object, ...], tuple[tuple[ModelInfo, ...], bytes]] = {}

    def models(self, config: Config) -> tuple[ModelInfo, ...]:
        """All models, by priority."""
        if config.model_catalog is not None:
            return config.model_catalog
        return self._own() if self._remote is None else self._remote.laid_over(self._own, config)

    def with_names(self, names: Sequence[str], config: Config) -> tuple[ModelInfo, ...]:
        """The models of a provider that only names them, with what a catalogue knows of each."""
        models = self.models(config)
        if self._named[0] is not names or self._named[1] is not models:
            self._named = (names, models, tuple(named(name, models) for name in names))
        return self._named[2]

    def is_refresh_due(self, config: Config) -> bool:
        """Whether the provider should be asked for its models before they are looked at."""
        return self._remote is not None and self._remote.is_due(config)

    def is_remote(self, config: Config) -> bool:
        """Whether the provider sends catalogue entries."""
        return self._remote is not None and self._remote.source(config) is not None

    def _own(self) -> tuple[ModelInfo, ...]:
        if self._bundled is None:
            self._bundled = self._read_bundled()
        return self._bundled

    def default(self, config: Config) -> ModelInfo:
        """The model of a thread that names none: the first that is shown, else the first."""
        models = self.models(config)
        return first_shown(served(models, is_chatgpt=self._is_chatgpt()) or models)

    def lookup(self, name: str, config: Config) -> ModelInfo:
        """The metadata of a model with the configuration's overrides, or the fallback's (`is_fallback`)."""
        return overridden(find(self.models(config), name) or fallback(name), config)

    def page_json(
        self,
        config: Config,
        *,
        cursor: str | None,
        limit: int | None,
        include_hidden: bool,
        is_chatgpt: bool,
        names: Sequence[str] = (),
    ) -> bytes:
        """The result of a `model/list` as JSON, which is remembered as long as the models are the same. Raises: CallerError.

        `names` are those that a provider without catalogue entries lists: then they are what there is.
        """
        models = self.with_names(names, config) if names else self.models(config)
        key = (cursor, limit, include_hidden, is_chatgpt)
        known = self._pages.get(key)
        if known is None or known[0] is not models:
            page = page_of(models, cursor=cursor, limit=limit, include_hidden=include_hidden, is_chatgpt=is_chatgpt)
            if len(self._pages) >= REMEMBERED_PAGES:
                self._pages.clear()
            known = self._pages[key] = (models, to_json(page))
        return known[1]

    def page(
        self, config: Config, *, cursor: str | None, limit: int | None, include_hidden: bool, is_chatgpt: bool
    ) -> dict[str, Any]:
        """The result of a `model/list`. Raises: CallerError, for a cursor that is none."""
        models = self.models(config)
        return page_of(models, cursor=cursor, limit=limit, include_hidden=include_hidden, is_chatgpt=is_chatgpt)


def page_of(
    models: Sequence[ModelInfo], *, cursor: str | None, limit: int | None, include_hidden: bool, is_chatgpt: bool
) -> dict[str, Any]:
    """One page of models. Raises: CallerError, for a cursor that is none."""
    models = served(models, is_chatgpt=is_chatgpt)
    default = first_shown(models) if models else None
    shown = [model for model in models if model.visibility == "list" or include_hidden]
    start = _offset(cursor, len(shown))
    end = len(shown) if limit is None else min(start + max(limit, 1), len(shown))
    return {
        "data": [row(model, is_default=model is default) for model in shown[start:end]],
        "nextCursor": str(end) if end < len(shown) else None,
    }


def named(name: str, models: Sequence[ModelInfo]) -> ModelInfo:
    """The entry for a model that a provider only names: what a catalogue knows of it, if anything."""
    known = find(models, name) or fallback(name)
    return replace(known, slug=name, display_name=name, visibility="list", supported_in_api=True)


def served(models: Sequence[ModelInfo], *, is_chatgpt: bool) -> Sequence[ModelInfo]:
    """The models that can be used with a login: some are for accounts only."""
    return models if is_chatgpt else [model for model in models if model.supported_in_api]


def first_shown(models: Sequence[ModelInfo]) -> ModelInfo:
    """The first model that is shown, else the first."""
    return next((model for model in models if model.visibility == "list"), models[0])


def overridden(model: ModelInfo, config: Config) -> ModelInfo:
    """The metadata with what the configuration says about windows and limits."""
    window = config.model_context_window
    limit = config.model_auto_compact_token_limit
    output = config.tool_output_token_limit
    if window is None and limit is None and output is None:
        return model
    if window is not None and model.max_context_window is not None:
        window = min(window, model.max_context_window)
    truncation = model.truncation_policy
    if output is not None:
        in_tokens = truncation.mode == "tokens"
        truncation = Truncation(truncation.mode, output if in_tokens else output * BYTES_PER_TOKEN)
    return replace(
        model,
        context_window=model.context_window if window is None else window,
        auto_compact_token_limit=model.auto_compact_token_limit if limit is None else limit,
        truncation_policy=truncation,
    )


def unknown_model_warning(name: str) -> str:
    """What the user is told at every turn on a model that no catalogue describes."""
    return (
        f"Model metadata for `{name}` not found. Defaulting to fallback metadata; this can degrade performance and cause issues."
    )


def row(model: ModelInfo, *, is_default: bool) -> dict[str, Any]:
    """A model as `model/list` shows it."""
    upgrade = model.upgrade
    return {
        "id": model.slug,
        "model": model.slug,
        "upgrade": upgrade.model if upgrade else None,
        "upgradeInfo": {
            "model": upgrade.model,
            "upgradeCopy": None,
            "modelLink": None,
            "migrationMarkdown": upgrade.migration_markdown,
            "retirementAt": upgrade.retirement_at,
        }
        if upgrade
        else None,
        "availabilityNux": {"message": model.availability_nux} if model.availability_nux is not None else None,
        "displayName": model.display_name,
        "description": model.description or "",
        "modelSpecialty": model.model_specialty,
        "hidden": model.visibility != "list",
        "supportedReasoningEfforts": [
            {"reasoningEffort": level.effort, "description": level.description} for level in model.supported_reasoning_levels
        ],
        "defaultReasoningEffort": model.default_reasoning_level or "none",
        "inputModalities": list(model.input_modalities),
        "supportsPersonality": model.supports_personality,
        "multiAgentVersion": model.multi_agent_version,
        "additionalSpeedTiers": list(model.additional_speed_tiers),
        "serviceTiers": [{"id": tier.id, "name": tier.name, "description": tier.description} for tier in model.service_tiers],
        "defaultServiceTier": model.default_service_tier,
        "availableAccessPrograms": None,
        "isDefault": is_default,
    }


def _offset(cursor: str | None, total: int) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit()):
        raise CallerError(f"invalid cursor: {cursor}", reason="invalid_cursor", remedy="use a nextCursor of an earlier answer")
    if int(cursor) > total:
        raise CallerError(f"cursor {cursor} exceeds total models {total}", reason="invalid_cursor")
    return int(cursor)
