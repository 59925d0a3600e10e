"""The turn family of the wire contract."""

from typing import Annotated, Any, ClassVar, Literal

from protocol.approval import ApprovalsReviewer, AskForApproval
from protocol.base import EXPERIMENTAL, I64, U16, Method, Notification, Params, Record, Response, TypeAliasType, Variant
from protocol.capability import TurnEnvironmentParams
from protocol.input import AdditionalContextEntry, FunctionCallOutputBody, UserInput
from protocol.item import ThreadItem
from protocol.mode import CollaborationMode, CyberAccessProgram, MultiAgentMode, Personality, ReasoningEffort, ReasoningSummary
from protocol.sandbox import SandboxPolicy
from protocol.scalars import AbsolutePathBuf

NonSteerableTurnKind = TypeAliasType("NonSteerableTurnKind", Literal["review", "compact"])
"""Non steerable turn kind."""


class UpstreamHttpStatus(Variant):
    """Upstream http status."""

    http_status_code: U16 | None = None


class HttpConnectionFailed(Variant, extra="forbid"):
    """Http connection failed."""

    http_connection_failed: UpstreamHttpStatus


class ResponseStreamConnectionFailed(Variant, extra="forbid"):
    """Response stream connection failed."""

    response_stream_connection_failed: UpstreamHttpStatus


class ResponseStreamDisconnected(Variant, extra="forbid"):
    """Response stream disconnected."""

    response_stream_disconnected: UpstreamHttpStatus


class ResponseTooManyFailedAttempts(Variant, extra="forbid"):
    """Response too many failed attempts."""

    response_too_many_failed_attempts: UpstreamHttpStatus


class UnsteerableTurn(Variant):
    """Unsteerable turn."""

    turn_kind: NonSteerableTurnKind


class ActiveTurnNotSteerable(Variant, extra="forbid"):
    """Active turn not steerable."""

    active_turn_not_steerable: UnsteerableTurn


CodexErrorInfo = TypeAliasType(
    "CodexErrorInfo",
    Literal[
        "contextWindowExceeded",
        "sessionBudgetExceeded",
        "usageLimitExceeded",
        "rateLimitExceeded",
        "flexUnavailable",
        "serverOverloaded",
        "modelNotFound",
        "policyCapacityUnavailable",
        "cyberPolicy",
        "misalignmentPolicyViolation",
        "tooManyDenials",
        "internalServerError",
        "unauthorized",
        "badRequest",
        "threadRollbackFailed",
        "sandboxError",
        "other",
        "inferenceHookDenied",
    ]
    | HttpConnectionFailed
    | ResponseStreamConnectionFailed
    | ResponseStreamDisconnected
    | ResponseTooManyFailedAttempts
    | ActiveTurnNotSteerable
    | str
    | dict[str, Any],
)
"""Codex error info."""


class MisalignmentSteer(Record):
    """Misalignment steer."""

    message: str


class MisalignmentErrorDetails(Record):
    """Misalignment error details."""

    error_type: str | None = None
    detailed_explanation: str | None = None
    steer: MisalignmentSteer | None = None
    review_target: str | None = None


class TurnError(Record):
    """Turn error."""

    message: str
    codex_error_info: CodexErrorInfo | None = None
    additional_details: str | None = None
    misalignment: MisalignmentErrorDetails | None = None


TurnItemsView = TypeAliasType("TurnItemsView", Literal["notLoaded", "summary", "full"])
"""Turn items view."""

TurnStatus = TypeAliasType("TurnStatus", Literal["completed", "interrupted", "failed", "inProgress"])
"""Turn status."""


class Turn(Record):
    """Turn."""

    id: str
    root_turn_id: str | None = None
    items: list[ThreadItem]
    items_view: TurnItemsView = "full"
    status: TurnStatus
    error: TurnError | None = None
    started_at: I64 | None = None
    completed_at: I64 | None = None
    duration_ms: I64 | None = None


class TurnToolOutput(Record):
    """Turn tool output."""

    name: str
    namespace: str | None = None
    output: FunctionCallOutputBody
    retain: bool = False


class TurnStartParams(Params):
    """What `turn/start` asks with."""

    thread_id: str
    disabled_plugin_ids: list[str] | None = None
    client_user_message_id: str | None = None
    input: list[UserInput]
    turn_trigger: str | None = None
    parent_turn_id: str | None = None
    root_turn_id: str | None = None
    tool_output: TurnToolOutput | None = None
    responsesapi_client_metadata: Annotated[dict[str, str] | None, EXPERIMENTAL] = None
    responsesapi_client_metadata_patch: Annotated[dict[str, str] | None, EXPERIMENTAL] = None
    additional_context: Annotated[dict[str, AdditionalContextEntry] | None, EXPERIMENTAL] = None
    environments: Annotated[list[TurnEnvironmentParams] | None, EXPERIMENTAL] = None
    cwd: str | None = None
    runtime_workspace_roots: Annotated[list[AbsolutePathBuf] | None, EXPERIMENTAL] = None
    approval_policy: AskForApproval | None = None
    approvals_reviewer: ApprovalsReviewer | None = None
    sandbox_policy: SandboxPolicy | None = None
    permissions: Annotated[str | None, EXPERIMENTAL] = None
    model: str | None = None
    service_tier: str | None = None
    service_tier_for_turn: str | None = None
    effort: ReasoningEffort | None = None
    summary: ReasoningSummary | None = None
    personality: Personality | None = None
    output_schema: Any = None
    collaboration_mode: Annotated[CollaborationMode | None, EXPERIMENTAL] = None
    multi_agent_mode: Annotated[MultiAgentMode | None, EXPERIMENTAL] = None
    cyber_access_program: Annotated[CyberAccessProgram | None, EXPERIMENTAL] = None


class TurnStartResponse(Response):
    """What `turn/start` is answered with."""

    turn: Turn


class TurnSettingsUpdateParams(Params, extra="forbid"):
    """What `turn/settings/update` asks with."""

    thread_id: str
    turn_id: str
    approvals_reviewer: ApprovalsReviewer | None = None
    environments: list[TurnEnvironmentParams] | None = None
    model: str | None = None
    effort: ReasoningEffort | None = None
    summary: ReasoningSummary | None = None
    service_tier: str | None = None


TurnSettingsUpdateStatus = TypeAliasType("TurnSettingsUpdateStatus", Literal["applied", "targetUnavailable"])
"""Turn settings update status."""


class TurnSettingsUpdateResponse(Response):
    """What `turn/settings/update` is answered with."""

    status: TurnSettingsUpdateStatus


class TurnSteerParams(Params):
    """What `turn/steer` asks with."""

    thread_id: str
    client_user_message_id: str | None = None
    input: list[UserInput]
    responsesapi_client_metadata: Annotated[dict[str, str] | None, EXPERIMENTAL] = None
    responsesapi_client_metadata_patch: Annotated[dict[str, str] | None, EXPERIMENTAL] = None
    additional_context: Annotated[dict[str, AdditionalContextEntry] | None, EXPERIMENTAL] = None
    expected_turn_id: str


class TurnSteerResponse(Response):
    """What `turn/steer` is answered with."""

    turn_id: str


class TurnInterruptParams(Params):
    """What `turn/interrupt` asks with."""

    thread_id: str
    turn_id: str


class TurnInterruptResponse(Response):
    """What `turn/interrupt` is answered with."""


class ErrorNotification(Notification):
    """Announced as `error`."""

    method: ClassVar[str] = "error"

    error: TurnError
    will_retry: bool
    thread_id: str
    turn_id: str


class TurnStartedNotification(Notification):
    """Announced as `turn/started`."""

    method: ClassVar[str] = "turn/started"

    thread_id: str
    turn: Turn


TURN_START = Method("turn/start", TurnStartParams, TurnStartResponse)
TURN_SETTINGS_UPDATE = Method("turn/settings/update", TurnSettingsUpdateParams, TurnSettingsUpdateResponse)
TURN_STEER = Method("turn/steer", TurnSteerParams, TurnSteerResponse)
TURN_INTERRUPT = Method("turn/interrupt", TurnInterruptParams, TurnInterruptResponse)

METHODS: tuple[Method[Any, Any], ...] = (TURN_START, TURN_SETTINGS_UPDATE, TURN_STEER, TURN_INTERRUPT)
NOTIFICATIONS: tuple[type[Notification], ...] = (ErrorNotification, TurnStartedNotification)
