"""`experimentalFeature/list`, and switching features for the time that the process runs."""

from collections.abc import MutableMapping
from weakref import WeakKeyDictionary

from pydantic_core import to_json

from app_server.core.config import features
from app_server.core.config.features import Features
from app_server.core.config.store import ConfigStore
from app_server.methods.paging import page
from app_server.routing import route
from app_server.services import Context
from protocol.feature import (
    EXPERIMENTAL_FEATURE_ENABLEMENT_SET,
    EXPERIMENTAL_FEATURE_LIST,
    ExperimentalFeatureEnablementSetParams,
    ExperimentalFeatureEnablementSetResponse,
    ExperimentalFeatureListParams,
)

TOGGLEABLE = frozenset(
    {
        "api_key_cyber_access_programs", "api_key_model_discovery", "apps", "auth_elicitation",
        "background_paginated_rollout_migration", "codex_apps_mcp_2026_07_28", "daybreak_program_propagation", "mcp_2026_07_28",
        "mcp_connection_sharing", "mcp_lazy_stdio_startup", "memories", "mentions_v2", "plugins", "remote_control",
        "remote_plugin", "tool_suggest", "windows_sandbox_service",
    }
)  # fmt: skip
"""The features that a client may switch while the process runs."""
_SWITCHES: MutableMapping[ConfigStore, dict[str, bool]] = WeakKeyDictionary()


def switches(config: ConfigStore) -> dict[str, bool]:
    """What clients have switched in the process of this configuration."""
    return _SWITCHES.setdefault(config, {})


def list_features(context: Context, params: ExperimentalFeatureListParams) -> bytes:
    """Every feature with its state: that of a thread, or that of the process."""
    services = context.services
    config = services.threads.get(params.thread_id).config if params.thread_id is not None else services.config.startup()[0]
    rows = features.rows(config.features, not_configured(config.features, switches(services.config)))
    data, cursor = page(rows, params.cursor, params.limit, "feature flags")
    return to_json({"data": data, "nextCursor": cursor})


def enable(context: Context, params: ExperimentalFeatureEnablementSetParams) -> ExperimentalFeatureEnablementSetResponse:
    """Switch features. Answers with those that were switched: what the configuration sets stays as it is there."""
    services = context.services
    configured = services.config.startup()[0].features
    applied = not_configured(configured, {name: is_on for name, is_on in params.enablement.items() if name in TOGGLEABLE})
    switches(services.config).update(applied)
    return ExperimentalFeatureEnablementSetResponse(enablement=dict(sorted(applied.items())))


def not_configured(configured: Features, switched: dict[str, bool]) -> dict[str, bool]:
    """Those switches that the configuration leaves open."""
    return {name: is_on for name, is_on in switched.items() if name not in configured.configured}


ROUTES = [route(EXPERIMENTAL_FEATURE_LIST, list_features), route(EXPERIMENTAL_FEATURE_ENABLEMENT_SET, enable)]
