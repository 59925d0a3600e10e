"""The thread family of the wire contract."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.approval import ApprovalsReviewer, AskForApproval
from protocol.base import (
    EXPERIMENTAL,
    I32,
    I64,
    Method,
    Notification,
    Params,
    Record,
    Response,
    SnakeVariant,
    TypeAliasType,
    Variant,
)
from protocol.capability import DynamicToolSpec, SelectedCapabilityRoot, ThreadEnvironment, TurnEnvironmentParams
from protocol.mode import MultiAgentMode, Personality, ReasoningEffort
from protocol.sandbox import SandboxMode, SandboxPolicy
from protocol.scalars import AbsolutePathBuf, AgentPath, LegacyAppPathString, ThreadId
from protocol.turn import Turn

ThreadHistoryMode = TypeAliasType("ThreadHistoryMode", Literal["legacy", "paginated"])
"""Thread history mode."""

ThreadStartSource = TypeAliasType("ThreadStartSource", Literal["startup", "clear"])
"""Thread start source."""

ThreadSource = TypeAliasType("ThreadSource", str)
"""Thread source."""


class ThreadStartParams(Params):
    """What `thread/start` asks with."""

    model: str | None = None
    model_provider: str | None = None
    allow_provider_model_fallback: Annotated[bool, EXPERIMENTAL] = False
    service_tier: str | None = None
    cwd: str | None = None
    runtime_workspace_roots: Annotated[list[AbsolutePathBuf] | None, EXPERIMENTAL] = None
    approval_policy: AskForApproval | None = None
    approvals_reviewer: ApprovalsReviewer | None = None
    sandbox: SandboxMode | None = None
    permissions: Annotated[str | None, EXPERIMENTAL] = None
    config: dict[str, Any] | None = None
    service_name: str | None = None
    base_instructions: str | None = None
    developer_instructions: str | None = None
    personality: Personality | None = None
    multi_agent_mode: Annotated[MultiAgentMode | None, EXPERIMENTAL] = None
    ephemeral: bool | None = None
    history_mode: Annotated[ThreadHistoryMode | None, EXPERIMENTAL] = None
    session_start_source: ThreadStartSource | None = None
    thread_source: ThreadSource | None = None
    project_id: Annotated[str | None, EXPERIMENTAL] = None
    daybreak_enabled: Annotated[bool | None, EXPERIMENTAL] = None
    environments: Annotated[list[TurnEnvironmentParams] | None, EXPERIMENTAL] = None
    dynamic_tools: Annotated[list[DynamicToolSpec] | None, EXPERIMENTAL] = None
    selected_capability_roots: Annotated[list[SelectedCapabilityRoot] | None, EXPERIMENTAL] = None
    mock_experimental_field: Annotated[str | None, EXPERIMENTAL] = None
    experimental_raw_events: Annotated[bool, EXPERIMENTAL] = False


class ActivePermissionProfile(Record):
    """Active permission profile."""

    id: str
    extends: str | None = None


class ThreadExtra(Record):
    """Thread extra."""


class GitInfo(Record):
    """Git info."""

    sha: str | None = None
    branch: str | None = None
    origin_url: str | None = None


class ThreadSectionAppearance(Record):
    """Thread section appearance."""

    icon: str | None = None
    color: str | None = None


class ThreadSection(Record):
    """Thread section."""

    id: str
    name: str
    appearance: ThreadSectionAppearance | None = None


class ThreadSpawn(SnakeVariant):
    """Thread spawn."""

    parent_thread_id: ThreadId
    depth: I32
    agent_path: AgentPath | None = None
    agent_nickname: str | None = None
    agent_role: str | None = None


class ThreadSpawnSource(SnakeVariant, extra="forbid"):
    """Thread spawn source."""

    thread_spawn: ThreadSpawn


class OtherSubAgentSource(Variant, extra="forbid"):
    """Other sub agent source."""

    other: str


SubAgentSource = TypeAliasType(
    "SubAgentSource", Literal["review", "compact", "memory_consolidation"] | ThreadSpawnSource | OtherSubAgentSource
)
"""Sub agent source."""


class CustomSessionSource(Variant, extra="forbid"):
    """Custom session source."""

    custom: str


class SubAgentSessionSource(Variant, extra="forbid"):
    """Sub agent session source."""

    sub_agent: SubAgentSource


SessionSource = TypeAliasType(
    "SessionSource", Literal["cli", "vscode", "exec", "appServer", "unknown"] | CustomSessionSource | SubAgentSessionSource
)
"""Session source."""

ThreadActiveFlag = TypeAliasType("ThreadActiveFlag", Literal["waitingOnApproval", "waitingOnUserInput"])
"""Thread active flag."""


class NotLoadedStatus(Variant):
    """Not loaded status."""

    type: Literal["notLoaded"] = "notLoaded"


class IdleStatus(Variant):
    """Idle status."""

    type: Literal["idle"] = "idle"


class SystemErrorStatus(Variant):
    """System error status."""

    type: Literal["systemError"] = "systemError"


class ActiveStatus(Variant):
    """Active status."""

    type: Literal["active"] = "active"
    active_flags: list[ThreadActiveFlag]


ThreadStatus = TypeAliasType(
    "ThreadStatus", Annotated[NotLoadedStatus | IdleStatus | SystemErrorStatus | ActiveStatus, Field(discriminator="type")]
)
"""Thread status."""


class Thread(Record):
    """Thread."""

    id: str
    environments: Annotated[list[ThreadEnvironment] | None, EXPERIMENTAL] = None
    extra: Annotated[ThreadExtra | None, EXPERIMENTAL] = None
    session_id: str
    forked_from_id: str | None = None
    attached_to_thread_id: Annotated[str | None, EXPERIMENTAL] = None
    parent_thread_id: str | None = None
    preview: str
    ephemeral: bool
    section: ThreadSection | None = None
    section_entered_at: I64 | None = None
    project_id: str | None
    history_mode: ThreadHistoryMode = "legacy"
    model_provider: str
    model: str | None = None
    reasoning_effort: ReasoningEffort | None = None
    created_at: I64
    updated_at: I64
    recency_at: I64 | None = None
    status: ThreadStatus
    path: str | None = None
    cwd: AbsolutePathBuf
    cli_version: str
    originator: str | None = None
    source: SessionSource
    can_accept_direct_input: Annotated[bool | None, EXPERIMENTAL] = None
    thread_source: ThreadSource | None = None
    agent_nickname: str | None = None
    agent_role: str | None = None
    git_info: GitInfo | None = None
    name: str | None = None
    daybreak_enabled: Annotated[bool | None, EXPERIMENTAL] = None
    turns: list[Turn]


class ThreadStartResponse(Response):
    """What `thread/start` is answered with."""

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


class ThreadStartedNotification(Notification):
    """Announced as `thread/started`."""

    method: ClassVar[str] = "thread/started"

    thread: Thread


THREAD_START = Method("thread/start", ThreadStartParams, ThreadStartResponse)

METHODS: tuple[Method[Any, Any], ...] = (THREAD_START,)
NOTIFICATIONS: tuple[type[Notification], ...] = (ThreadStartedNotification,)
