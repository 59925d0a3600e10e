"""Features that can be turned on and off."""

from typing import Any, Literal

from protocol.base import U32, Method, Params, Record, Response, TypeAliasType


class ExperimentalFeatureListParams(Params):
    """Which page of the features."""

    cursor: str | None = None
    """Where to go on: the `nextCursor` of the page before; null begins at the first page."""
    limit: U32 | None = None
    """The most entries to return; null lets the server choose."""
    thread_id: str | None = None
    """The thread whose configuration counts; null: none."""


ExperimentalFeatureStage = TypeAliasType(
    "ExperimentalFeatureStage", Literal["beta", "underDevelopment", "stable", "deprecated", "removed"]
)
"""How far a feature is."""


class ExperimentalFeature(Record):
    """A feature."""

    name: str
    """Its name in the configuration."""
    stage: ExperimentalFeatureStage
    """How far it is."""
    display_name: str | None = None
    """Its name for people; null unless it is offered."""
    description: str | None = None
    """What it does; null unless it is offered."""
    announcement: str | None = None
    """A word about it for those who do not know it; null unless it is offered."""
    enabled: bool
    """Whether it is on."""
    default_enabled: bool
    """Whether it is on unless configured."""


class ExperimentalFeatureListResponse(Response):
    """The features."""

    data: list[ExperimentalFeature]
    """One page of them."""
    next_cursor: str | None = None
    """What to ask for the next page with; null on the last page."""


class ExperimentalFeatureEnablementSetParams(Params):
    """Features to turn on or off until the server ends."""

    enablement: dict[str, bool]
    """On or off, by name; others stay."""


class ExperimentalFeatureEnablementSetResponse(Response):
    """What was changed."""

    enablement: dict[str, bool]
    """On or off, by name; features that cannot be changed so are missing."""


EXPERIMENTAL_FEATURE_LIST = Method("experimentalFeature/list", ExperimentalFeatureListParams, ExperimentalFeatureListResponse)
EXPERIMENTAL_FEATURE_ENABLEMENT_SET = Method(
    "experimentalFeature/enablement/set", ExperimentalFeatureEnablementSetParams, ExperimentalFeatureEnablementSetResponse
)

METHODS: tuple[Method[Any, Any], ...] = (EXPERIMENTAL_FEATURE_LIST, EXPERIMENTAL_FEATURE_ENABLEMENT_SET)
