"""The thread open family of the wire contract."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.approval import ApprovalsReviewer, AskForApproval
from protocol.base import EXPERIMENTAL, I64, U32, Method, Notification, Params, Record, Response, TypeAliasType
from protocol.mode import CollaborationMode, MultiAgentMode, Personality, ReasoningEffort
from protocol.responses_items import ResponseItem
from protocol.sandbox import SandboxMode, SandboxPolicy
from protocol.scalars import AbsolutePathBuf, LegacyAppPathString, SortDirection
from protocol.thread import ActivePermissionProfile, Thread, ThreadSource
from protocol.turn import Turn, TurnItemsView


class ThreadResumeInitialTurnsPageParams(Record):
    """Thread resume initial turns page params."""

    limit: U32 | None = None
    sort_direction: SortDirection | None = None
    items_view: TurnItemsView | None = None


class ThreadResumeParams(Params):
    """What `thread/resume` asks with."""

    thread_id: str
    history: Annotated[list[ResponseItem] | None, EXPERIMENTAL] = None
    path: Annotated[str | None, EXPERIMENTAL] = None
    model: str | None = None
    model_provider: str | None = None
    service_tier: str | None = None
    cwd: str | None = None
    runtime_workspace_roots: Annotated[list[AbsolutePathBuf] | None, EXPERIMENTAL] = None
    approval_policy: AskForApproval | None = None
    approvals_reviewer: ApprovalsReviewer | None = None
    sandbox: SandboxMode | None = None
    permissions: Annotated[str | None, EXPERIMENTAL] = None
    config: dict[str, Any] | None = None
    base_instructions: str | None = None
    developer_instructions: str | None = None
    personality: Personality | None = None
    exclude_turns: bool = False
    initial_turns_page: Annotated[ThreadResumeInitialTurnsPageParams | None, EXPERIMENTAL] = None


class TurnsPage(Record):
    """Turns page."""

    data: list[Turn]
    next_cursor: str | None = None
    backwards_cursor: str | None = None


class ThreadResumeResponse(Response):
    """What `thread/resume` is answered with."""

    thread: Thread
    model: str
    model_provider: str
    service_tier: str | None = None
    disabled_plugin_ids: list[str] = Field(default=[])
    cwd: AbsolutePathBuf
    runtime_workspace_roots: Annotated[list[AbsolutePathBuf], EXPERIMENTAL] = Field(default=[])
    instruction_sources: list[LegacyAppPathString] = Field(default=[])
    approval_policy: AskForApproval
    approvals_reviewer: ApprovalsReviewer
    sandbox: SandboxPolicy
    active_permission_profile: Annotated[ActivePermissionProfile | None, EXPERIMENTAL] = None
    reasoning_effort: ReasoningEffort | None = None
    collaboration_mode: CollaborationMode | None = None
    multi_agent_mode: Annotated[MultiAgentMode, EXPERIMENTAL] = "explicitRequestOnly"
    initial_turns_page: Annotated[TurnsPage | None, EXPERIMENTAL] = None
    turns_backwards_cursor: str | None = None
    items_backwards_cursor: str | None = None


class ThreadForkParams(Params):
    """What `thread/fork` asks with."""

    thread_id: str
    experimental_prediction_mode: Annotated[bool, EXPERIMENTAL] = False
    experimental_disable_prediction_mcp: Annotated[bool, EXPERIMENTAL] = False
    last_turn_id: str | None = None
    before_turn_id: Annotated[str | None, EXPERIMENTAL] = None
    path: Annotated[str | None, EXPERIMENTAL] = None
    model: str | None = None
    model_provider: str | None = None
    service_tier: str | None = None
    cwd: str | None = None
    runtime_workspace_roots: Annotated[list[AbsolutePathBuf] | None, EXPERIMENTAL] = None
    approval_policy: AskForApproval | None = None
    approvals_reviewer: ApprovalsReviewer | None = None
    sandbox: SandboxMode | None = None
    permissions: Annotated[str | None, EXPERIMENTAL] = None
    config: dict[str, Any] | None = None
    base_instructions: str | None = None
    developer_instructions: str | None = None
    ephemeral: bool = False
    attach_to_source: Annotated[bool, EXPERIMENTAL] = False
    thread_source: ThreadSource | None = None
    exclude_turns: bool = False
    defer_goal_continuation: Annotated[bool, EXPERIMENTAL] = False


class ThreadForkResponse(Response):
    """What `thread/fork` is answered with."""

    thread: Thread
    model: str
    model_provider: str
    service_tier: str | None = None
    disabled_plugin_ids: list[str] = Field(default=[])
    cwd: AbsolutePathBuf
    runtime_workspace_roots: Annotated[list[AbsolutePathBuf], EXPERIMENTAL] = Field(default=[])
    instruction_sources: list[LegacyAppPathString] = Field(default=[])
    approval_policy: AskForApproval
    approvals_reviewer: ApprovalsReviewer
    sandbox: SandboxPolicy
    active_permission_profile: Annotated[ActivePermissionProfile | None, EXPERIMENTAL] = None
    reasoning_effort: ReasoningEffort | None = None
    multi_agent_mode: Annotated[MultiAgentMode, EXPERIMENTAL] = "explicitRequestOnly"


class ThreadUnsubscribeParams(Params):
    """What `thread/unsubscribe` asks with."""

    thread_id: str


ThreadUnsubscribeStatus = TypeAliasType("ThreadUnsubscribeStatus", Literal["notLoaded", "notSubscribed", "unsubscribed"])
"""Thread unsubscribe status."""


class ThreadUnsubscribeResponse(Response):
    """What `thread/unsubscribe` is answered with."""

    status: ThreadUnsubscribeStatus


class ThreadCompactStartParams(Params):
    """What `thread/compact/start` asks with."""

    thread_id: str


class ThreadCompactStartResponse(Response):
    """What `thread/compact/start` is answered with."""


class ThreadShellCommandParams(Params):
    """What `thread/shellCommand` asks with."""

    thread_id: str
    command: str
    timeout_ms: I64 | None = None


class ThreadShellCommandResponse(Response):
    """What `thread/shellCommand` is answered with."""


class ThreadRevertParams(Params):
    """What `thread/revert` asks with."""

    thread_id: str
    before_turn_id: str


class ThreadRevertResponse(Response):
    """What `thread/revert` is answered with."""

    thread: Thread
    turns_backwards_cursor: str | None = None
    items_backwards_cursor: str | None = None


class ThreadInjectItemsParams(Params):
    """What `thread/inject_items` asks with."""

    thread_id: str
    items: list[Any]


class ThreadInjectItemsResponse(Response):
    """What `thread/inject_items` is answered with."""


class ThreadPrepareApprovedPlanParams(Params):
    """What `thread/prepareApprovedPlan` asks with."""

    thread_id: str
    markdown: str
    attachment_path: str | None = None


class ThreadPrepareApprovedPlanResponse(Response):
    """What `thread/prepareApprovedPlan` is answered with."""

    prompt: str


class ThreadRevertedNotification(Notification):
    """Announced as `thread/reverted`."""

    method: ClassVar[str] = "thread/reverted"

    thread_id: str


class ContextCompactedNotification(Notification):
    """Announced as `thread/compacted`."""

    method: ClassVar[str] = "thread/compacted"

    thread_id: str
    turn_id: str


THREAD_RESUME = Method("thread/resume", ThreadResumeParams, ThreadResumeResponse)
THREAD_FORK = Method("thread/fork", ThreadForkParams, ThreadForkResponse)
THREAD_UNSUBSCRIBE = Method("thread/unsubscribe", ThreadUnsubscribeParams, ThreadUnsubscribeResponse)
THREAD_COMPACT_START = Method("thread/compact/start", ThreadCompactStartParams, ThreadCompactStartResponse)
THREAD_SHELL_COMMAND = Method("thread/shellCommand", ThreadShellCommandParams, ThreadShellCommandResponse)
THREAD_REVERT = Method("thread/revert", ThreadRevertParams, ThreadRevertResponse)
THREAD_INJECT_ITEMS = Method("thread/inject_items", ThreadInjectItemsParams, ThreadInjectItemsResponse)
THREAD_PREPARE_APPROVED_PLAN = Method(
    "thread/prepareApprovedPlan", ThreadPrepareApprovedPlanParams, ThreadPrepareApprovedPlanResponse
)

METHODS: tuple[Method[Any, Any], ...] = (
    THREAD_RESUME,
    THREAD_FORK,
    THREAD_UNSUBSCRIBE,
    THREAD_COMPACT_START,
    THREAD_SHELL_COMMAND,
    THREAD_REVERT,
    THREAD_INJECT_ITEMS,
    THREAD_PREPARE_APPROVED_PLAN,
)
NOTIFICATIONS: tuple[type[Notification], ...] = (ThreadRevertedNotification, ContextCompactedNotification)
