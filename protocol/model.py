"""The model family of the wire contract."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from protocol.base import I64, U32, Method, Notification, Params, Record, Response, SnakeRecord, TypeAliasType
from protocol.mode import CyberAccessProgram, ModeKind, ReasoningEffort


class ModelListParams(Params):
    """What `model/list` asks with."""

    model_provider: str | None = None
    cursor: str | None = None
    limit: U32 | None = None
    include_hidden: bool | None = None


class ModelAvailabilityNux(Record):
    """Model availability nux."""

    message: str


class ModelAccessPrograms(Record):
    """Model access programs."""

    cyber: list[CyberAccessProgram]


InputModality = TypeAliasType("InputModality", Literal["text", "image", "audio"])
"""Input modality."""

MultiAgentVersion = TypeAliasType("MultiAgentVersion", Literal["disabled", "v1", "v2"])
"""Multi agent version."""


class ModelServiceTier(Record):
    """Model service tier."""

    id: str
    name: str
    description: str


class ReasoningEffortOption(Record):
    """Reasoning effort option."""

    reasoning_effort: ReasoningEffort
    description: str


class ModelUpgradeInfo(Record):
    """Model upgrade info."""

    model: str
    upgrade_copy: str | None = None
    model_link: str | None = None
    migration_markdown: str | None = None
    retirement_at: I64 | None = None


class Model(Record):
    """Model."""

    id: str
    model: str
    upgrade: str | None = None
    upgrade_info: ModelUpgradeInfo | None = None
    availability_nux: ModelAvailabilityNux | None = None
    display_name: str
    description: str
    model_specialty: str | None = None
    hidden: bool
    supported_reasoning_efforts: list[ReasoningEffortOption]
    default_reasoning_effort: ReasoningEffort
    input_modalities: list[InputModality] = Field(default=["text", "image"])
    supports_personality: bool = False
    multi_agent_version: MultiAgentVersion | None = None
    additional_speed_tiers: list[str] = Field(default=[])
    service_tiers: list[ModelServiceTier] = Field(default=[])
    default_service_tier: str | None = None
    available_access_programs: ModelAccessPrograms | None = None
    is_default: bool


class ModelListResponse(Response):
    """What `model/list` is answered with."""

    data: list[Model]
    next_cursor: str | None = None


class CollaborationModeListParams(Params):
    """What `collaborationMode/list` asks with."""


class CollaborationModeMask(SnakeRecord):
    """Collaboration mode mask."""

    name: str
    mode: ModeKind | None = None
    model: str | None = None
    reasoning_effort: ReasoningEffort | None | None = None


class CollaborationModeListResponse(Response):
    """What `collaborationMode/list` is answered with."""

    data: list[CollaborationModeMask]


ModelRerouteReason = TypeAliasType("ModelRerouteReason", Literal["highRiskCyberActivity"])
"""Model reroute reason."""


class ModelReroutedNotification(Notification):
    """Announced as `model/rerouted`."""

    method: ClassVar[str] = "model/rerouted"

    thread_id: str
    turn_id: str
    from_model: str
    to_model: str
    reason: ModelRerouteReason


ModelVerification = TypeAliasType("ModelVerification", Literal["trustedAccessForCyber"])
"""Model verification."""


class ModelVerificationNotification(Notification):
    """Announced as `model/verification`."""

    method: ClassVar[str] = "model/verification"

    thread_id: str
    turn_id: str
    verifications: list[ModelVerification]


class ModelSafetyBufferingUpdatedNotification(Notification):
    """Announced as `model/safetyBuffering/updated`."""

    method: ClassVar[str] = "model/safetyBuffering/updated"

    thread_id: str
    turn_id: str
    model: str
    use_cases: list[str]
    reasons: list[str]
    show_buffering_ui: bool
    faster_model: str | None = None


MODEL_LIST = Method("model/list", ModelListParams, ModelListResponse)
COLLABORATION_MODE_LIST = Method("collaborationMode/list", CollaborationModeListParams, CollaborationModeListResponse)

METHODS: tuple[Method[Any, Any], ...] = (MODEL_LIST, COLLABORATION_MODE_LIST)
NOTIFICATIONS: tuple[type[Notification], ...] = (
    ModelReroutedNotification,
    ModelVerificationNotification,
    ModelSafetyBufferingUpdatedNotification,
)
