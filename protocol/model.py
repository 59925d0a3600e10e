"""Models and modes to choose from, and what a provider does to a turn's model."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from protocol.base import I64, U32, Method, Notification, Params, Record, Response, SnakeRecord, TypeAliasType
from protocol.mode import CyberAccessProgram, ModeKind, ReasoningEffort


class ModelListParams(Params):
    """Which page of the models, and which of them."""

    model_provider: str | None = None
    """The provider whose models to list; null: the configured one."""
    cursor: str | None = None
    """Where to go on: the `nextCursor` of the page before; null begins at the first page."""
    limit: U32 | None = None
    """The most entries to return; null lets the server choose."""
    include_hidden: bool | None = None
    """Whether models count that are not offered; null: no."""


class ModelAvailabilityNux(Record):
    """A word about a model that has become available."""

    message: str
    """The word, for the user."""


class ModelAccessPrograms(Record):
    """Programs that the account has for a model."""

    cyber: list[CyberAccessProgram]
    """Those for security work."""


InputModality = TypeAliasType("InputModality", Literal["text", "image", "audio"])
"""What a model can take in."""

MultiAgentVersion = TypeAliasType("MultiAgentVersion", Literal["disabled", "v1", "v2"])
"""Which way of asking other agents a model knows."""


class ModelServiceTier(Record):
    """A service tier of a model."""

    id: str
    """What to ask the provider for."""
    name: str
    """Its name."""
    description: str
    """What it means, for the user."""


class ReasoningEffortOption(Record):
    """An effort that a model offers."""

    reasoning_effort: ReasoningEffort
    """The word for it."""
    description: str
    """What it means, for the user."""


class ModelUpgradeInfo(Record):
    """A better model to change to."""

    model: str
    """That model."""
    upgrade_copy: str | None = None
    """Why, for the user; null: no word."""
    model_link: str | None = None
    """Where to read about it; null: nowhere."""
    migration_markdown: str | None = None
    """How to change, Markdown; null: no word."""
    retirement_at: I64 | None = None
    """When the older model goes away, in Unix seconds; null when unknown."""


class Model(Record):
    """A model to choose."""

    id: str
    """Its id."""
    model: str
    """What to ask the provider for."""
    upgrade: str | None = None
    """The model that replaces it; null: none."""
    upgrade_info: ModelUpgradeInfo | None = None
    """More about that; null: nothing."""
    availability_nux: ModelAvailabilityNux | None = None
    """A word about it that clients show once; null: none."""
    display_name: str
    """Its name."""
    description: str
    """What it is good for, for the user."""
    model_specialty: str | None = None
    """What it is made for; null: nothing special."""
    hidden: bool
    """Whether it is left out when models are offered."""
    supported_reasoning_efforts: list[ReasoningEffortOption]
    """The efforts that it offers."""
    default_reasoning_effort: ReasoningEffort
    """The effort when none is asked for."""
    input_modalities: list[InputModality] = Field(default=["text", "image"])
    """What it can take in."""
    supports_personality: bool = False
    """Kept for older clients; always false."""
    multi_agent_version: MultiAgentVersion | None = None
    """Which way of asking other agents it knows; null when not told."""
    additional_speed_tiers: list[str] = Field(default=[])
    """Older form of `serviceTiers`."""
    service_tiers: list[ModelServiceTier] = Field(default=[])
    """The service tiers that it offers."""
    default_service_tier: str | None = None
    """The service tier when none is asked for; null: the provider's default."""
    available_access_programs: ModelAccessPrograms | None = None
    """Programs that the account has for it; null when not told."""
    is_default: bool
    """Whether it is used when none is asked for."""


class ModelListResponse(Response):
    """The models."""

    data: list[Model]
    """One page of them."""
    next_cursor: str | None = None
    """What to ask for the next page with; null on the last page."""


class CollaborationModeListParams(Params):
    """Nothing to ask with."""


class CollaborationModeMask(SnakeRecord):
    """A mode to choose."""

    name: str
    """Its name, for the user."""
    mode: ModeKind | None = None
    """Which mode; null leaves it."""
    model: str | None = None
    """The model that it sets; null leaves it."""
    reasoning_effort: ReasoningEffort | None | None = None
    """The effort that it sets; null leaves it."""


class CollaborationModeListResponse(Response):
    """The modes."""

    data: list[CollaborationModeMask]
    """All of them."""


ModelRerouteReason = TypeAliasType("ModelRerouteReason", Literal["highRiskCyberActivity"])
"""Why a provider used another model."""


class ModelReroutedNotification(Notification):
    """The provider used another model than was asked for."""

    method: ClassVar[str] = "model/rerouted"

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    from_model: str
    """The model that was asked for."""
    to_model: str
    """The model that was used."""
    reason: ModelRerouteReason
    """Why."""


ModelVerification = TypeAliasType("ModelVerification", Literal["trustedAccessForCyber"])
"""What an account has been checked for."""


class ModelVerificationNotification(Notification):
    """The provider tells what the account has been checked for."""

    method: ClassVar[str] = "model/verification"

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    verifications: list[ModelVerification]
    """The checks."""


class ModelSafetyBufferingUpdatedNotification(Notification):
    """The provider holds the answer back until it has been checked."""

    method: ClassVar[str] = "model/safetyBuffering/updated"

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    model: str
    """The model."""
    use_cases: list[str]
    """What the check is about."""
    reasons: list[str]
    """Why it happens."""
    show_buffering_ui: bool
    """Whether clients should say so."""
    faster_model: str | None = None
    """A model that would not be held back; null: none."""


MODEL_LIST = Method("model/list", ModelListParams, ModelListResponse)
COLLABORATION_MODE_LIST = Method("collaborationMode/list", CollaborationModeListParams, CollaborationModeListResponse)

METHODS: tuple[Method[Any, Any], ...] = (MODEL_LIST, COLLABORATION_MODE_LIST)
NOTIFICATIONS: tuple[type[Notification], ...] = (
    ModelReroutedNotification,
    ModelVerificationNotification,
    ModelSafetyBufferingUpdatedNotification,
)
