"""The guardian family of the wire contract."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.approval import NetworkApprovalProtocol
from protocol.base import I64, U16, Method, Notification, Params, Record, Response, TypeAliasType, Variant
from protocol.permission import RequestPermissionProfile
from protocol.scalars import AbsolutePathBuf, LegacyAppPathString


class ThreadApproveGuardianDeniedActionParams(Params):
    """What `thread/approveGuardianDeniedAction` asks with."""

    thread_id: str
    event: Any


class ThreadApproveGuardianDeniedActionResponse(Response):
    """What `thread/approveGuardianDeniedAction` is answered with."""


class ThreadGuardianReviewParams(Params):
    """What `thread/guardianReview` asks with."""

    thread_id: str


GuardianAssessmentOutcome = TypeAliasType("GuardianAssessmentOutcome", Literal["allow", "deny"])
"""Guardian assessment outcome."""

GuardianRiskLevel = TypeAliasType("GuardianRiskLevel", Literal["low", "medium", "high", "critical"])
"""Guardian risk level."""

GuardianUserAuthorization = TypeAliasType("GuardianUserAuthorization", Literal["unknown", "low", "medium", "high"])
"""Guardian user authorization."""


class ThreadGuardianAssessment(Record):
    """Thread guardian assessment."""

    outcome: GuardianAssessmentOutcome
    risk_level: GuardianRiskLevel
    user_authorization: GuardianUserAuthorization
    rationale: str


class ThreadGuardianReviewResponse(Response):
    """What `thread/guardianReview` is answered with."""

    call_id: str
    assessment: ThreadGuardianAssessment | None = None


GuardianCommandSource = TypeAliasType("GuardianCommandSource", Literal["shell", "unifiedExec"])
"""Guardian command source."""


class CommandGuardianAction(Variant):
    """Command guardian action."""

    type: Literal["command"] = "command"
    source: GuardianCommandSource
    command: str
    cwd: LegacyAppPathString


class ExecveGuardianAction(Variant):
    """Execve guardian action."""

    type: Literal["execve"] = "execve"
    source: GuardianCommandSource
    program: str
    argv: list[str]
    cwd: AbsolutePathBuf


class WriteStdinGuardianAction(Variant):
    """Write stdin guardian action."""

    type: Literal["writeStdin"] = "writeStdin"
    approval_id: str
    process_id: str
    stdin: str
    cwd: LegacyAppPathString


class ApplyPatchGuardianAction(Variant):
    """Apply patch guardian action."""

    type: Literal["applyPatch"] = "applyPatch"
    cwd: LegacyAppPathString
    files: list[LegacyAppPathString]


class NetworkAccessGuardianAction(Variant):
    """Network access guardian action."""

    type: Literal["networkAccess"] = "networkAccess"
    target: str
    host: str
    protocol: NetworkApprovalProtocol
    port: U16


class McpToolCallGuardianAction(Variant):
    """Mcp tool call guardian action."""

    type: Literal["mcpToolCall"] = "mcpToolCall"
    server: str
    tool_name: str
    connector_id: str | None = None
    connector_name: str | None = None
    tool_title: str | None = None


class RequestPermissionsGuardianAction(Variant):
    """Request permissions guardian action."""

    type: Literal["requestPermissions"] = "requestPermissions"
    reason: str | None = None
    permissions: RequestPermissionProfile


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
"""Guardian approval review action."""

GuardianApprovalReviewStatus = TypeAliasType(
    "GuardianApprovalReviewStatus", Literal["inProgress", "approved", "denied", "timedOut", "aborted"]
)
"""Guardian approval review status."""


class GuardianApprovalReview(Record):
    """Guardian approval review."""

    status: GuardianApprovalReviewStatus
    risk_level: GuardianRiskLevel | None = None
    user_authorization: GuardianUserAuthorization | None = None
    rationale: str | None = None


class ItemGuardianApprovalReviewStartedNotification(Notification):
    """Announced as `item/autoApprovalReview/started`."""

    method: ClassVar[str] = "item/autoApprovalReview/started"

    thread_id: str
    turn_id: str
    started_at_ms: I64
    review_id: str
    target_item_id: str | None = None
    review: GuardianApprovalReview
    action: GuardianApprovalReviewAction


AutoReviewDecisionSource = TypeAliasType("AutoReviewDecisionSource", Literal["agent"])
"""Auto review decision source."""


class ItemGuardianApprovalReviewCompletedNotification(Notification):
    """Announced as `item/autoApprovalReview/completed`."""

    method: ClassVar[str] = "item/autoApprovalReview/completed"

    thread_id: str
    turn_id: str
    started_at_ms: I64
    completed_at_ms: I64
    review_id: str
    target_item_id: str | None = None
    decision_source: AutoReviewDecisionSource
    review: GuardianApprovalReview
    action: GuardianApprovalReviewAction


class StrictReviewRequiredNotification(Notification):
    """Announced as `autoApprovalReview/strictReviewRequired`."""

    method: ClassVar[str] = "autoApprovalReview/strictReviewRequired"

    thread_id: str
    turn_id: str
    started_at_ms: I64


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
