"""Opening threads that exist, copying them, leaving them, and rewriting their history."""

from typing import Annotated, Any, ClassVar, Literal

from protocol.approval import ApprovalsReviewer, AskForApproval
from protocol.base import EXPERIMENTAL, I64, U32, Method, Notification, Params, Record, Response, TypeAliasType
from protocol.mode import CollaborationMode, Personality
from protocol.responses_items import ResponseItem
from protocol.sandbox import SandboxMode
from protocol.scalars import AbsolutePathBuf, SortDirection
from protocol.thread import Thread, ThreadOpened, ThreadSource
from protocol.turn import Turn, TurnItemsView


class ThreadResumeInitialTurnsPageParams(Record):
    """A page of turns to get with the answer."""

    limit: U32 | None = None
    """The most turns; null lets the server choose."""
    sort_direction: SortDirection | None = None
    """Which end comes first; null: the newest."""
    items_view: TurnItemsView | None = None
    """How much of each turn; null: an overview."""


class ThreadResumeParams(Params):
    """Which thread to open, and what should be different in it. Members that are null leave things as they were."""

    thread_id: str
    """The thread. Ignored for a thread that is not loaded when `path` or `history` is given."""
    history: Annotated[list[ResponseItem] | None, EXPERIMENTAL] = None
    """A history to open in place of the one on disk; may change without notice."""
    path: Annotated[str | None, EXPERIMENTAL] = None
    """The file of the thread instead of its id; may change without notice."""
    model: str | None = None
    """The model."""
    model_provider: str | None = None
    """The provider that serves the model."""
    service_tier: str | None = None
    """The service tier; null clears it, absent leaves it."""
    cwd: str | None = None
    """The working directory."""
    runtime_workspace_roots: Annotated[list[AbsolutePathBuf] | None, EXPERIMENTAL] = None
    """The absolute directories that count as the workspace."""
    approval_policy: AskForApproval | None = None
    """When the user is asked."""
    approvals_reviewer: ApprovalsReviewer | None = None
    """Who answers approval requests."""
    sandbox: SandboxMode | None = None
    """What commands may touch."""
    permissions: Annotated[str | None, EXPERIMENTAL] = None
    """A named permission profile instead of `sandbox`."""
    config: dict[str, Any] | None = None
    """Settings for this thread alone, as dotted keys of the configuration file."""
    base_instructions: str | None = None
    """Instructions in place of the model's own."""
    developer_instructions: str | None = None
    """Instructions besides the base ones."""
    personality: Personality | None = None
    """Ignored; kept for older clients."""
    exclude_turns: bool = False
    """Whether the answer leaves out the turns, for clients that read them page by page."""
    initial_turns_page: Annotated[ThreadResumeInitialTurnsPageParams | None, EXPERIMENTAL] = None
    """A page of turns to get with the answer; null: none."""


class TurnsPage(Record):
    """A page of turns."""

    data: list[Turn]
    """The turns."""
    next_cursor: str | None = None
    """What to ask for the next page with; null on the last page."""
    backwards_cursor: str | None = None
    """What to ask with to go the other way; null when the page is empty."""


class ThreadResumeResponse(ThreadOpened):
    """The thread and its settings."""

    collaboration_mode: CollaborationMode | None = None
    """Its mode; null when unknown."""
    initial_turns_page: Annotated[TurnsPage | None, EXPERIMENTAL] = None
    """The page of turns that was asked for; null: none was."""
    turns_backwards_cursor: str | None = None
    """Where to begin reading turns from the newest; null when there are none."""
    items_backwards_cursor: str | None = None
    """Where to begin reading items from the newest; null when there are none."""


class ThreadForkParams(Params):
    """Which thread to copy, up to where, and what should be different in the copy. Members that are null leave things as they
    are."""

    thread_id: str
    """The thread. Ignored when `path` is given."""
    experimental_prediction_mode: Annotated[bool, EXPERIMENTAL] = False
    """Whether the copy is for guessing the next input, as close to the original as can be."""
    experimental_disable_prediction_mcp: Annotated[bool, EXPERIMENTAL] = False
    """Whether such a copy goes without MCP servers."""
    last_turn_id: str | None = None
    """The last turn to copy; null: all."""
    before_turn_id: Annotated[str | None, EXPERIMENTAL] = None
    """The first turn not to copy; not together with `lastTurnId`."""
    path: Annotated[str | None, EXPERIMENTAL] = None
    """The file of the thread instead of its id; may change without notice."""
    model: str | None = None
    """The model."""
    model_provider: str | None = None
    """The provider that serves the model."""
    service_tier: str | None = None
    """The service tier; null clears it, absent leaves it."""
    cwd: str | None = None
    """The working directory."""
    runtime_workspace_roots: Annotated[list[AbsolutePathBuf] | None, EXPERIMENTAL] = None
    """The absolute directories that count as the workspace."""
    approval_policy: AskForApproval | None = None
    """When the user is asked."""
    approvals_reviewer: ApprovalsReviewer | None = None
    """Who answers approval requests."""
    sandbox: SandboxMode | None = None
    """What commands may touch."""
    permissions: Annotated[str | None, EXPERIMENTAL] = None
    """A named permission profile instead of `sandbox`."""
    config: dict[str, Any] | None = None
    """Settings for this thread alone, as dotted keys of the configuration file."""
    base_instructions: str | None = None
    """Instructions in place of the model's own."""
    developer_instructions: str | None = None
    """Instructions besides the base ones."""
    ephemeral: bool = False
    """Whether the copy is never written to disk."""
    attach_to_source: Annotated[bool, EXPERIMENTAL] = False
    """Whether the copy is kept with the original and left out of lists."""
    thread_source: ThreadSource | None = None
    """A word for statistics about what made the copy."""
    exclude_turns: bool = False
    """Whether the answer leaves out the turns, for clients that read them page by page."""
    defer_goal_continuation: Annotated[bool, EXPERIMENTAL] = False
    """Whether a goal of the original waits for the next turn instead of going on at once."""


class ThreadForkResponse(ThreadOpened):
    """The copy and its settings."""


class ThreadUnsubscribeParams(Params):
    """Whose notifications the client no longer wants."""

    thread_id: str
    """The thread."""


ThreadUnsubscribeStatus = TypeAliasType("ThreadUnsubscribeStatus", Literal["notLoaded", "notSubscribed", "unsubscribed"])
"""Whether the client had got them."""


class ThreadUnsubscribeResponse(Response):
    """The result."""

    status: ThreadUnsubscribeStatus
    """Whether the client had got them."""


class ThreadCompactStartParams(Params):
    """Whose history to summarize for the model."""

    thread_id: str
    """The thread."""


class ThreadCompactStartResponse(Response):
    """A turn that summarizes has begun."""


class ThreadShellCommandParams(Params):
    """A command of the user, run without a sandbox."""

    thread_id: str
    """The thread."""
    command: str
    """The command line, for the shell."""
    timeout_ms: I64 | None = None
    """How long it may take; null: an hour."""


class ThreadShellCommandResponse(Response):
    """The command runs; its item tells the rest."""


class ThreadRevertParams(Params):
    """Which turns to forget. Files stay as they are."""

    thread_id: str
    """The thread."""
    before_turn_id: str
    """The first turn to forget, with all that follow."""


class ThreadRevertResponse(Response):
    """What is left."""

    thread: Thread
    """The thread, without turns."""
    turns_backwards_cursor: str | None = None
    """Where to begin reading turns from the newest; null when there are none."""
    items_backwards_cursor: str | None = None
    """Where to begin reading items from the newest; null when there are none."""


class ThreadInjectItemsParams(Params):
    """Items to add to what the model sees."""

    thread_id: str
    """The thread."""
    items: list[Any]
    """Items of the Responses API, as they are."""


class ThreadInjectItemsResponse(Response):
    """They are added."""


class ThreadPrepareApprovedPlanParams(Params):
    """A plan that the user agreed to, for the first turn of a fresh thread."""

    thread_id: str
    """The thread."""
    markdown: str
    """The plan."""
    attachment_path: str | None = None
    """An absolute path to put it at; null: none."""


class ThreadPrepareApprovedPlanResponse(Response):
    """The thread knows the plan."""

    prompt: str
    """What to say in the first turn."""


class ThreadRevertedNotification(Notification):
    """Turns of a thread were forgotten; read it anew."""

    method: ClassVar[str] = "thread/reverted"

    thread_id: str
    """The thread."""


class ContextCompactedNotification(Notification):
    """The history was summarized. The item `contextCompaction` is the newer way to tell."""

    method: ClassVar[str] = "thread/compacted"

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""


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
