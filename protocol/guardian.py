"""Automatic review: a model judges approval requests in place of the user.

The notifications tell clients what was judged and how; their shape may change.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.approval import NetworkApprovalProtocol
from protocol.base import I64, U16, Method, Notification, Params, Record, Response, TypeAliasType, Variant
from protocol.permission import RequestPermissionProfile
from protocol.scalars import AbsolutePathBuf, LegacyAppPathString


class ThreadApproveGuardianDeniedActionParams(Params):
    """Allow something that the reviewer refused."""

    thread_id: str
    """The thread."""
    event: Any
    """The refusal, as the server told it."""


class ThreadApproveGuardianDeniedActionResponse(Response):
    """It is allowed."""


class ThreadGuardianReviewParams(Params):
    """Whose pending question to have judged. The client gets the thread's notifications from then on."""

    thread_id: str
    """The thread."""


GuardianAssessmentOutcome = TypeAliasType("GuardianAssessmentOutcome", Literal["allow", "deny"])
"""What the reviewer decided."""

GuardianRiskLevel = TypeAliasType("GuardianRiskLevel", Literal["low", "medium", "high", "critical"])
"""How dangerous the reviewer finds it."""

GuardianUserAuthorization = TypeAliasType("GuardianUserAuthorization", Literal["unknown", "low", "medium", "high"])
"""How sure the reviewer is that the user wants it."""


class ThreadGuardianAssessment(Record):
    """A judgement."""

    outcome: GuardianAssessmentOutcome
    """What was decided."""
    risk_level: GuardianRiskLevel
    """How dangerous it is."""
    user_authorization: GuardianUserAuthorization
    """How sure it is that the user wants it."""
    rationale: str
    """Why."""


class ThreadGuardianReviewResponse(Response):
    """What became of the question."""

    call_id: str
    """The call that it was about."""
    assessment: ThreadGuardianAssessment | None = None
    """The judgement; null when none was needed."""


GuardianCommandSource = TypeAliasType("GuardianCommandSource", Literal["shell", "unifiedExec"])
"""Which tool wanted to run a command."""


class CommandGuardianAction(Variant):
    """A command."""

    type: Literal["command"] = "command"
    """The tag of this alternative."""
    source: GuardianCommandSource
    """Which tool wanted it."""
    command: str
    """The command line."""
    cwd: LegacyAppPathString
    """Where."""


class ExecveGuardianAction(Variant):
    """A program that a command starts."""

    type: Literal["execve"] = "execve"
    """The tag of this alternative."""
    source: GuardianCommandSource
    """Which tool ran the command."""
    program: str
    """The program."""
    argv: list[str]
    """Its arguments, the first being its name."""
    cwd: AbsolutePathBuf
    """Where."""


class WriteStdinGuardianAction(Variant):
    """Input to a session."""

    type: Literal["writeStdin"] = "writeStdin"
    """The tag of this alternative."""
    approval_id: str
    """The id of the question."""
    process_id: str
    """The session."""
    stdin: str
    """The input."""
    cwd: LegacyAppPathString
    """Where the session runs."""


class ApplyPatchGuardianAction(Variant):
    """Changes to files."""

    type: Literal["applyPatch"] = "applyPatch"
    """The tag of this alternative."""
    cwd: LegacyAppPathString
    """The directory that paths count from."""
    files: list[LegacyAppPathString]
    """The files."""


class NetworkAccessGuardianAction(Variant):
    """A connection."""

    type: Literal["networkAccess"] = "networkAccess"
    """The tag of this alternative."""
    target: str
    """Where to, as it was asked."""
    host: str
    """The host."""
    protocol: NetworkApprovalProtocol
    """How."""
    port: U16
    """The port."""


class McpToolCallGuardianAction(Variant):
    """A call of a tool of an MCP server."""

    type: Literal["mcpToolCall"] = "mcpToolCall"
    """The tag of this alternative."""
    server: str
    """The server."""
    tool_name: str
    """The tool."""
    connector_id: str | None = None
    """The connector behind it; null: none."""
    connector_name: str | None = None
    """The name of the connector; null: none."""
    tool_title: str | None = None
    """The title of the tool; null: none."""


class RequestPermissionsGuardianAction(Variant):
    """More permissions."""

    type: Literal["requestPermissions"] = "requestPermissions"
    """The tag of this alternative."""
    reason: str | None = None
    """Why, in the agent's words; null: no word."""
    permissions: RequestPermissionProfile
    """What it asks for."""


GuardianApprovalReviewAction = TypeAliasType(
    "GuardianApprovalReviewAction",
    Annotated[
        CommandGuardianAction
        | ExecveGuardianAction
        | WriteStdinGuardianAction
        | ApplyPatchGuardianAction
        | NetworkAccessGuardianAction
        | McpToolCallGuardianAction
        | RequestPermissionsGuardianAction,
        Field(discriminator="type"),
    ],
)
"""What is judged."""

GuardianApprovalReviewStatus = TypeAliasType(
    "GuardianApprovalReviewStatus", Literal["inProgress", "approved", "denied", "timedOut", "aborted"]
)
"""How a review stands."""


class GuardianApprovalReview(Record):
    """A review."""

    status: GuardianApprovalReviewStatus
    """How it stands."""
    risk_level: GuardianRiskLevel | None = None
    """How dangerous it is; null before that is known."""
    user_authorization: GuardianUserAuthorization | None = None
    """How sure it is that the user wants it; null before that is known."""
    rationale: str | None = None
    """Why; null before."""


class ItemGuardianApprovalReviewStartedNotification(Notification):
    """A review began."""

    method: ClassVar[str] = "item/autoApprovalReview/started"

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    started_at_ms: I64
    """When, in Unix milliseconds."""
    review_id: str
    """The id of the review."""
    target_item_id: str | None = None
    """The item that it is about; null when there is none."""
    review: GuardianApprovalReview
    """The review."""
    action: GuardianApprovalReviewAction
    """What is judged."""


AutoReviewDecisionSource = TypeAliasType("AutoReviewDecisionSource", Literal["agent"])
"""Who decided a review."""


class ItemGuardianApprovalReviewCompletedNotification(Notification):
    """A review ended."""

    method: ClassVar[str] = "item/autoApprovalReview/completed"

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    started_at_ms: I64
    """When it began, in Unix milliseconds."""
    completed_at_ms: I64
    """When it ended, in Unix milliseconds."""
    review_id: str
    """The id of the review."""
    target_item_id: str | None = None
    """The item that it was about; null when there was none."""
    decision_source: AutoReviewDecisionSource
    """Who decided."""
    review: GuardianApprovalReview
    """The review."""
    action: GuardianApprovalReviewAction
    """What was judged."""


class StrictReviewRequiredNotification(Notification):
    """From now on each command of the turn is reviewed."""

    method: ClassVar[str] = "autoApprovalReview/strictReviewRequired"

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    started_at_ms: I64
    """Since when, in Unix milliseconds."""


THREAD_APPROVE_GUARDIAN_DENIED_ACTION = Method(
    "thread/approveGuardianDeniedAction", ThreadApproveGuardianDeniedActionParams, ThreadApproveGuardianDeniedActionResponse
)
THREAD_GUARDIAN_REVIEW = Method("thread/guardianReview", ThreadGuardianReviewParams, ThreadGuardianReviewResponse)

METHODS: tuple[Method[Any, Any], ...] = (THREAD_APPROVE_GUARDIAN_DENIED_ACTION, THREAD_GUARDIAN_REVIEW)
NOTIFICATIONS: tuple[type[Notification], ...] = (
    ItemGuardianApprovalReviewStartedNotification,
    ItemGuardianApprovalReviewCompletedNotification,
    StrictReviewRequiredNotification,
)
