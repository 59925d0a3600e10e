"""Turns: what one is, starting, steering and interrupting one.

A turn begins with input and ends exactly once: completed, interrupted or failed. What happens in between is told by the items
(`item_events`) and the events of the turn (`turn_events`).
"""

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
"""Turns that take no further input while they run."""


class UpstreamHttpStatus(Variant):
    """What the model provider answered."""

    http_status_code: U16 | None = None
    """The HTTP status; null when the provider did not answer at all."""


class HttpConnectionFailed(Variant, extra="forbid"):
    """The provider could not be reached, or refused the request."""

    http_connection_failed: UpstreamHttpStatus
    """What it answered."""


class ResponseStreamConnectionFailed(Variant, extra="forbid"):
    """The answer did not begin."""

    response_stream_connection_failed: UpstreamHttpStatus
    """What the provider answered."""


class ResponseStreamDisconnected(Variant, extra="forbid"):
    """The answer broke off."""

    response_stream_disconnected: UpstreamHttpStatus
    """What the provider answered."""


class ResponseTooManyFailedAttempts(Variant, extra="forbid"):
    """All attempts failed."""

    response_too_many_failed_attempts: UpstreamHttpStatus
    """What the last one was answered."""


class UnsteerableTurn(Variant):
    """The turn that takes no input."""

    turn_kind: NonSteerableTurnKind
    """What kind of turn it is."""


class ActiveTurnNotSteerable(Variant, extra="forbid"):
    """The running turn takes no input."""

    active_turn_not_steerable: UnsteerableTurn
    """Which turn that is."""


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
"""What kind of failure ended a turn; words that a client does not know are to be taken as `other`."""


class MisalignmentSteer(Record):
    """How the conversation may go on after it was stopped."""

    message: str
    """What to send as the next input if the user agrees."""


class MisalignmentErrorDetails(Record):
    """Why a provider stopped the model for not doing what it was asked."""

    error_type: str | None = None
    """A word for the kind; new ones may appear. Null when not told."""
    detailed_explanation: str | None = None
    """What happened, for the user; null when not told."""
    steer: MisalignmentSteer | None = None
    """How to go on; null when that is not offered."""
    review_target: str | None = None
    """What the provider calls the stopped action; null: none."""


class TurnError(Record):
    """Why a turn failed, or what went wrong in it."""

    message: str
    """A sentence for the user."""
    codex_error_info: CodexErrorInfo | None = None
    """The kind of failure; null when it is none of the known ones."""
    additional_details: str | None = None
    """More for those who look into it; null: nothing."""
    misalignment: MisalignmentErrorDetails | None = None
    """Details when the provider stopped the model; else null."""


TurnItemsView = TypeAliasType("TurnItemsView", Literal["notLoaded", "summary", "full"])
"""How much of a turn an answer holds: no items, those for an overview, or all."""

TurnStatus = TypeAliasType("TurnStatus", Literal["completed", "interrupted", "failed", "inProgress"])
"""How a turn stands."""


class Turn(Record):
    """One round of input and everything the agent did with it."""

    id: str
    """Its id, a UUID that sorts by time."""
    root_turn_id: str | None = None
    """The turn that the chain of work began with, often itself; null in older records."""
    items: list[ThreadItem]
    """Its items, as far as `itemsView` says."""
    items_view: TurnItemsView = "full"
    """How much of the turn is in `items`."""
    status: TurnStatus
    """How it stands."""
    error: TurnError | None = None
    """Why it failed; null otherwise."""
    started_at: I64 | None = None
    """When it began, in Unix seconds; null when not recorded."""
    completed_at: I64 | None = None
    """When it ended, in Unix seconds; null while it runs."""
    duration_ms: I64 | None = None
    """How long it took; null while it runs or when unknown."""


class TurnToolOutput(Record):
    """The result of something that the client did, given to the model with the input."""

    name: str
    """What was done."""
    namespace: str | None = None
    """The group of tools that it belongs to; null: none."""
    output: FunctionCallOutputBody
    """What came out."""
    retain: bool = False
    """Whether it stays in the history of the model."""


class TurnStartParams(Params):
    """The input, and what should be different from now on. Members that are null leave things as they are."""

    thread_id: str
    """The thread, which must be loaded."""
    disabled_plugin_ids: list[str] | None = None
    """Plugins that are off from now on; empty: none."""
    client_user_message_id: str | None = None
    """The client's own id of the message, given back in its item."""
    input: list[UserInput]
    """What the user says; may be empty when there is tool output."""
    turn_trigger: str | None = None
    """A word of the client's own for what started the turn."""
    parent_turn_id: str | None = None
    """The turn on whose behalf this one is started; null when the user did it."""
    root_turn_id: str | None = None
    """The turn that the chain of work began with; null makes this turn the first."""
    tool_output: TurnToolOutput | None = None
    """The result of something that the client did."""
    responsesapi_client_metadata: Annotated[dict[str, str] | None, EXPERIMENTAL] = None
    """Metadata sent to the provider with each request, in place of what was set before; empty clears it."""
    responsesapi_client_metadata_patch: Annotated[dict[str, str] | None, EXPERIMENTAL] = None
    """Metadata added to what was set before."""
    additional_context: Annotated[dict[str, AdditionalContextEntry] | None, EXPERIMENTAL] = None
    """Pieces of context by a name of the client's own."""
    environments: Annotated[list[TurnEnvironmentParams] | None, EXPERIMENTAL] = None
    """Where the thread can act from now on, the main one first; empty: nowhere in this turn."""
    cwd: str | None = None
    """The working directory from now on."""
    runtime_workspace_roots: Annotated[list[AbsolutePathBuf] | None, EXPERIMENTAL] = None
    """The absolute directories that count as the workspace from now on."""
    approval_policy: AskForApproval | None = None
    """When the user is asked from now on."""
    approvals_reviewer: ApprovalsReviewer | None = None
    """Who answers approval requests from now on."""
    sandbox_policy: SandboxPolicy | None = None
    """What commands may touch from now on."""
    permissions: Annotated[str | None, EXPERIMENTAL] = None
    """A named permission profile from now on, instead of `sandboxPolicy`."""
    model: str | None = None
    """The model from now on."""
    service_tier: str | None = None
    """The service tier from now on; null clears it, absent leaves it."""
    service_tier_for_turn: str | None = None
    """The service tier of this turn alone; `default` asks for the standard one."""
    effort: ReasoningEffort | None = None
    """How hard the model thinks from now on."""
    summary: ReasoningSummary | None = None
    """How the model's reasoning is summarized from now on."""
    personality: Personality | None = None
    """Ignored; kept for older clients."""
    output_schema: Any = None
    """A JSON Schema that the last message of this turn has to follow."""
    collaboration_mode: Annotated[CollaborationMode | None, EXPERIMENTAL] = None
    """The mode from now on; wins over model, effort and developer instructions."""
    multi_agent_mode: Annotated[MultiAgentMode | None, EXPERIMENTAL] = None
    """Ignored; kept for older clients."""
    cyber_access_program: Annotated[CyberAccessProgram | None, EXPERIMENTAL] = None
    """The program for security work to ask for in this turn; grants nothing by itself."""


class TurnStartResponse(Response):
    """The turn, just begun."""

    turn: Turn
    """The turn, without items."""


class TurnSettingsUpdateParams(Params, extra="forbid"):
    """What should be different for the rest of a running turn. Members that are absent leave things as they are."""

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    approvals_reviewer: ApprovalsReviewer | None = None
    """Who answers approval requests; those already asked keep their reviewer."""
    environments: list[TurnEnvironmentParams] | None = None
    """Where the next steps can act; empty: nowhere."""
    model: str | None = None
    """The model of the next steps."""
    effort: ReasoningEffort | None = None
    """How hard the model thinks in the next steps."""
    summary: ReasoningSummary | None = None
    """How reasoning is summarized in the next steps."""
    service_tier: str | None = None
    """The service tier of the next steps; null clears it."""


TurnSettingsUpdateStatus = TypeAliasType("TurnSettingsUpdateStatus", Literal["applied", "targetUnavailable"])
"""Whether the turn was still there to be changed."""


class TurnSettingsUpdateResponse(Response):
    """What became of the change."""

    status: TurnSettingsUpdateStatus
    """Whether it was made."""


class TurnSteerParams(Params):
    """Further input for the running turn."""

    thread_id: str
    """The thread."""
    client_user_message_id: str | None = None
    """The client's own id of the message, given back in its item."""
    input: list[UserInput]
    """What the user says."""
    responsesapi_client_metadata: Annotated[dict[str, str] | None, EXPERIMENTAL] = None
    """Metadata sent to the provider with each request, in place of what was set before; empty clears it."""
    responsesapi_client_metadata_patch: Annotated[dict[str, str] | None, EXPERIMENTAL] = None
    """Metadata added to what was set before."""
    additional_context: Annotated[dict[str, AdditionalContextEntry] | None, EXPERIMENTAL] = None
    """Pieces of context by a name of the client's own."""
    expected_turn_id: str
    """The turn that the input is meant for; refused when another one runs."""


class TurnSteerResponse(Response):
    """The input was taken."""

    turn_id: str
    """The turn that got it."""


class TurnInterruptParams(Params):
    """Which turn to stop."""

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""


class TurnInterruptResponse(Response):
    """The turn is being stopped; `turn/completed` follows."""


class ErrorNotification(Notification):
    """Something went wrong in a turn."""

    method: ClassVar[str] = "error"

    error: TurnError
    """What it was."""
    will_retry: bool
    """Whether the server tries again; if not, the turn ends."""
    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""


class TurnStartedNotification(Notification):
    """A turn began."""

    method: ClassVar[str] = "turn/started"

    thread_id: str
    """The thread."""
    turn: Turn
    """The turn, without items."""


TURN_START = Method("turn/start", TurnStartParams, TurnStartResponse)
TURN_SETTINGS_UPDATE = Method("turn/settings/update", TurnSettingsUpdateParams, TurnSettingsUpdateResponse)
TURN_STEER = Method("turn/steer", TurnSteerParams, TurnSteerResponse)
TURN_INTERRUPT = Method("turn/interrupt", TurnInterruptParams, TurnInterruptResponse)

METHODS: tuple[Method[Any, Any], ...] = (TURN_START, TURN_SETTINGS_UPDATE, TURN_STEER, TURN_INTERRUPT)
NOTIFICATIONS: tuple[type[Notification], ...] = (ErrorNotification, TurnStartedNotification)
