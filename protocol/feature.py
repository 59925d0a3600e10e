"""The feature family of the wire contract."""

from typing import Any, Literal

from protocol.base import U32, Method, Params, Record, Response, TypeAliasType


class ExperimentalFeatureListParams(Params):
    """What `experimentalFeature/list` asks with."""

    cursor: str | None = None
    limit: U32 | None = None
    thread_id: str | None = None


ExperimentalFeatureStage = TypeAliasType(
    "ExperimentalFeatureStage", Literal["beta", "underDevelopment", "stable", "deprecated", "removed"]
)
"""Experimental feature stage."""


class ExperimentalFeature(Record):
    """Experimental feature."""

    name: str
    stage: ExperimentalFeatureStage
    display_name: str | None = None
    description: str | None = None
    announcement: str | None = None
    enabled: bool
    default_enabled: bool


class ExperimentalFeatureListResponse(Response):
    """What `experimentalFeature/list` is answered with."""

    data: list[ExperimentalFeature]
    next_cursor: str | None = None


class ExperimentalFeatureEnablementSetParams(Params):
    """What `experimentalFeature/enablement/set` asks with."""

    enablement: dict[str, bool]


class ExperimentalFeatureEnablementSetResponse(Response):
    """What `experimentalFeature/enablement/set` is answered with."""

    enablement: dict[str, bool]


EXPERIMENTAL_FEATURE_LIST = Method("experimentalFeature/list", ExperimentalFeatureListParams, ExperimentalFeatureListResponse)
EXPERIMENTAL_FEATURE_ENABLEMENT_SET = Method(
    "experimentalFeature/enablement/set", ExperimentalFeatureEnablementSetParams, ExperimentalFeatureEnablementSetResponse
)

METHODS: tuple[Method[Any, Any], ...] = (EXPERIMENTAL_FEATURE_LIST, EXPERIMENTAL_FEATURE_ENABLEMENT_SET)
