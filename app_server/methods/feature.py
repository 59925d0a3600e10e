"""`experimentalFeature/list`, and switching features for the time that the process runs."""

from pydantic_core import to_json

from app_server.core.config import features
from app_server.core.errors import INTERNAL_ERROR, CallerError, ConfigError
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


def list_features(context: Context, params: ExperimentalFeatureListParams) -> bytes:
    """Every feature with its state: that of a thread, or that of the process."""
    services = context.services
    try:
        config = services.threads.get(params.thread_id).config if params.thread_id is not None else services.config.load()
    except ConfigError as error:
        text = f"failed to reload config: {error.detail}"
        raise CallerError(text, code=INTERNAL_ERROR, reason=error.reason) from None
    data, cursor = page(features.rows(config.features), params.cursor, params.limit, "feature flags")
    return to_json({"data": data, "nextCursor": cursor})


def enable(context: Context, params: ExperimentalFeatureEnablementSetParams) -> ExperimentalFeatureEnablementSetResponse:
    """Switch features. Answers with those that were switched: what the configuration sets stays as it is there."""
    applied = context.services.config.switch_features(params.enablement)
    return ExperimentalFeatureEnablementSetResponse(enablement=dict(sorted(applied.items())))


ROUTES = [route(EXPERIMENTAL_FEATURE_LIST, list_features), route(EXPERIMENTAL_FEATURE_ENABLEMENT_SET, enable)]
