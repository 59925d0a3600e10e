"""Threads: what a thread is, and starting one.

A thread is a conversation with its settings and history. This family is on the way of starting up, so it needs few others;
opening, listing and changing threads are families of their own.
"""

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
"""How the history of a thread is kept: whole (`legacy`) or in pages that are read on demand (`paginated`)."""

ThreadStartSource = TypeAliasType("ThreadStartSource", Literal["startup", "clear"])
"""Why a client starts a thread: its own start, or clearing the conversation before."""

ThreadSource = TypeAliasType("ThreadSource", str)
"""A word of the client's own for what started the thread; told in statistics only."""


class ThreadStartParams(Params):
    """How the new thread should work. Everything left out comes from the configuration."""

    model: str | None = None
    """The model; null takes the configured one."""
    model_provider: str | None = None
    """The provider that serves the model; null takes the configured one."""
    allow_provider_model_fallback: Annotated[bool, EXPERIMENTAL] = False
    """Whether a provider with a fixed catalog may use its default instead of a model that it lacks."""
    service_tier: str | None = None
    """The service tier to ask the provider for; null clears it, absent takes the configured one."""
    cwd: str | None = None
    """The working directory; null takes that of the server."""
    runtime_workspace_roots: Annotated[list[AbsolutePathBuf] | None, EXPERIMENTAL] = None
    """Absolute directories that count as the workspace; null takes the working directory."""
    approval_policy: AskForApproval | None = None
    """When the user is asked before something is done; null takes the configured policy."""
    approvals_reviewer: ApprovalsReviewer | None = None
    """Who answers approval requests; null takes the configured reviewer."""
    sandbox: SandboxMode | None = None
    """What commands may touch; null takes the configured mode."""
    permissions: Annotated[str | None, EXPERIMENTAL] = None
    """A named permission profile instead of `sandbox`; both together are refused."""
    config: dict[str, Any] | None = None
    """Settings for this thread alone, as dotted keys of the configuration file."""
    service_name: str | None = None
    """The name under which this use is reported; null: none."""
    base_instructions: str | None = None
    """Instructions in place of the model's own; null keeps those."""
    developer_instructions: str | None = None
    """Instructions of the developer besides the base ones; null takes the configured ones."""
    personality: Personality | None = None
    """Ignored; kept for older clients."""
    multi_agent_mode: Annotated[MultiAgentMode | None, EXPERIMENTAL] = None
    """Ignored; kept for older clients."""
    ephemeral: bool | None = None
    """Whether the thread is never written to disk; null means it is."""
    history_mode: Annotated[ThreadHistoryMode | None, EXPERIMENTAL] = None
    """How the history is kept; null lets the server choose."""
    session_start_source: ThreadStartSource | None = None
    """Why the thread is started; null means the start of the client."""
    thread_source: ThreadSource | None = None
    """A word for statistics about what started the thread."""
    project_id: Annotated[str | None, EXPERIMENTAL] = None
    """The project that the thread belongs to; null: none."""
    daybreak_enabled: Annotated[bool | None, EXPERIMENTAL] = None
    """The first value of the thread's Daybreak choice; null leaves it open. Not for ephemeral threads."""
    environments: Annotated[list[TurnEnvironmentParams] | None, EXPERIMENTAL] = None
    """Where the thread can act, the first being the main one; empty: nowhere; null: the default environment."""
    dynamic_tools: Annotated[list[DynamicToolSpec] | None, EXPERIMENTAL] = None
    """Tools that the client itself carries out when the model calls them."""
    selected_capability_roots: Annotated[list[SelectedCapabilityRoot] | None, EXPERIMENTAL] = None
    """Directories picked by the hosting platform that bring skills and the like."""
    mock_experimental_field: Annotated[str | None, EXPERIMENTAL] = None
    """Without effect; tests of the experimental gate use it."""
    experimental_raw_events: Annotated[bool, EXPERIMENTAL] = False
    """Whether the client also gets the provider's items as they are."""


class ActivePermissionProfile(Record):
    """The permission profile that is in force."""

    id: str
    """Its name, built in (`:workspace`) or from the configuration."""
    extends: str | None = None
    """The profile that it builds on; null: none."""


class ThreadExtra(Record):
    """Room for what a particular server wants to tell about a thread; empty so far."""


class GitInfo(Record):
    """The git state of the working directory when the thread began."""

    sha: str | None = None
    """The commit; null when unknown."""
    branch: str | None = None
    """The branch; null when detached or unknown."""
    origin_url: str | None = None
    """The address of the remote `origin`; null when there is none."""


class ThreadSectionAppearance(Record):
    """How a section looks in a client."""

    icon: str | None = None
    """The name of its icon; null: none."""
    color: str | None = None
    """The name of its color; null: none."""


class ThreadSection(Record):
    """A named group that the user sorts threads into."""

    id: str
    """Its id, which stays when it is renamed."""
    name: str
    """Its name."""
    appearance: ThreadSectionAppearance | None = None
    """How it looks; null: plain."""


class ThreadSpawn(SnakeVariant):
    """Where a sub-agent's thread comes from."""

    parent_thread_id: ThreadId
    """The thread that started it."""
    depth: I32
    """How many agents stand above it."""
    agent_path: AgentPath | None = None
    """Its place in the tree of agents; null in older records."""
    agent_nickname: str | None = None
    """The name it was given; null: none."""
    agent_role: str | None = None
    """The role it was given; null: none."""


class ThreadSpawnSource(SnakeVariant, extra="forbid"):
    """The thread belongs to a sub-agent."""

    thread_spawn: ThreadSpawn
    """Where it comes from."""


class OtherSubAgentSource(Variant, extra="forbid"):
    """The thread belongs to a helper of another kind."""

    other: str
    """That kind."""


SubAgentSource = TypeAliasType(
    "SubAgentSource", Literal["review", "compact", "memory_consolidation"] | ThreadSpawnSource | OtherSubAgentSource
)
"""Which helper inside the server a thread belongs to."""


class CustomSessionSource(Variant, extra="forbid"):
    """A client that is none of the known kinds."""

    custom: str
    """What it calls itself."""


class SubAgentSessionSource(Variant, extra="forbid"):
    """Started inside the server."""

    sub_agent: SubAgentSource
    """By which helper."""


SessionSource = TypeAliasType(
    "SessionSource", Literal["cli", "vscode", "exec", "appServer", "unknown"] | CustomSessionSource | SubAgentSessionSource
)
"""What kind of client started the thread."""

ThreadActiveFlag = TypeAliasType("ThreadActiveFlag", Literal["waitingOnApproval", "waitingOnUserInput"])
"""What a running turn waits for."""


class NotLoadedStatus(Variant):
    """The thread is on disk only."""

    type: Literal["notLoaded"] = "notLoaded"
    """The tag of this alternative."""


class IdleStatus(Variant):
    """The thread is loaded and no turn runs."""

    type: Literal["idle"] = "idle"
    """The tag of this alternative."""


class SystemErrorStatus(Variant):
    """Something of the thread broke; a new turn tries again."""

    type: Literal["systemError"] = "systemError"
    """The tag of this alternative."""


class ActiveStatus(Variant):
    """A turn runs."""

    type: Literal["active"] = "active"
    """The tag of this alternative."""
    active_flags: list[ThreadActiveFlag]
    """What it waits for; empty when it waits for nobody."""


ThreadStatus = TypeAliasType(
    "ThreadStatus", Annotated[NotLoadedStatus | IdleStatus | SystemErrorStatus | ActiveStatus, Field(discriminator="type")]
)
"""What a thread is doing."""


class Thread(Record):
    """A conversation: what it is, where it works, how it is doing."""

    id: str
    """Its id, a UUID that sorts by time."""
    environments: Annotated[list[ThreadEnvironment] | None, EXPERIMENTAL] = None
    """Where it can act, the main one first; empty: nowhere; null: not loaded."""
    extra: Annotated[ThreadExtra | None, EXPERIMENTAL] = None
    """What this server tells besides; null: nothing."""
    session_id: str
    """What a thread shares with the threads that came out of it."""
    forked_from_id: str | None = None
    """The thread that it was copied from; null: none."""
    attached_to_thread_id: Annotated[str | None, EXPERIMENTAL] = None
    """The thread that it is kept with; null: none."""
    parent_thread_id: str | None = None
    """For a sub-agent, the thread that started it; else null."""
    preview: str
    """The beginning of the first message of the user; empty before there is one."""
    ephemeral: bool
    """Whether it is never written to disk."""
    section: ThreadSection | None = None
    """The section that it is sorted into; null: none."""
    section_entered_at: I64 | None = None
    """When it came there, in Unix seconds; null: it is in none."""
    project_id: str | None
    """The project that it belongs to; null: none."""
    history_mode: ThreadHistoryMode = "legacy"
    """How its history is kept."""
    model_provider: str
    """The provider that serves its model."""
    model: str | None = None
    """The model in use or, when not loaded, the last one recorded; null when unknown."""
    reasoning_effort: ReasoningEffort | None = None
    """The effort in use or, when not loaded, the last one recorded; null when unset or unknown."""
    created_at: I64
    """When it was started, in Unix seconds."""
    updated_at: I64
    """When it last changed, in Unix seconds."""
    recency_at: I64 | None = None
    """What lists are sorted by, in Unix seconds; null when unknown."""
    status: ThreadStatus
    """What it is doing."""
    path: str | None = None
    """The file that holds it; null when it has none. May change without notice."""
    cwd: AbsolutePathBuf
    """Its working directory."""
    cli_version: str
    """The version of the server that started it."""
    originator: str | None = None
    """The program that started it; null when that was not recorded."""
    source: SessionSource
    """What kind of client started it."""
    can_accept_direct_input: Annotated[bool | None, EXPERIMENTAL] = None
    """Whether clients may start turns in it; null when not loaded."""
    thread_source: ThreadSource | None = None
    """A word for statistics about what started it; null: none."""
    agent_nickname: str | None = None
    """For a sub-agent, the name it was given; else null."""
    agent_role: str | None = None
    """For a sub-agent, the role it was given; else null."""
    git_info: GitInfo | None = None
    """The git state at its start; null outside a repository."""
    name: str | None = None
    """The title that the user gave it; null: none."""
    daybreak_enabled: Annotated[bool | None, EXPERIMENTAL] = None
    """Its saved Daybreak choice; null: open."""
    turns: list[Turn]
    """Its turns where an answer is asked to hold them (resume, fork, read); empty everywhere else."""


class ThreadOpened(Response):
    """A thread that the client may now use, and the settings that it has; what starting, resuming and forking answer."""

    is_shared_base: ClassVar[bool] = True

    thread: Thread
    """The thread."""
    model: str
    """Its model."""
    model_provider: str
    """The provider that serves the model."""
    service_tier: str | None = None
    """The service tier that is asked for; null: the provider's default."""
    disabled_plugin_ids: list[str] = Field(default=[])
    """Plugins that are off in this thread."""
    cwd: AbsolutePathBuf
    """Its working directory."""
    runtime_workspace_roots: Annotated[list[AbsolutePathBuf], EXPERIMENTAL] = Field(default=[])
    """The directories that count as its workspace."""
    instruction_sources: list[LegacyAppPathString] = Field(default=[])
    """The files whose instructions it follows."""
    approval_policy: AskForApproval
    """When the user is asked."""
    approvals_reviewer: ApprovalsReviewer
    """Who answers approval requests."""
    sandbox: SandboxPolicy
    """What commands may touch."""
    active_permission_profile: Annotated[ActivePermissionProfile | None, EXPERIMENTAL] = None
    """The permission profile behind the sandbox; null when unknown."""
    reasoning_effort: ReasoningEffort | None = None
    """How hard the model thinks; null: the model's default."""
    multi_agent_mode: Annotated[MultiAgentMode, EXPERIMENTAL] = "explicitRequestOnly"
    """Kept for older clients; always the same."""


class ThreadStartResponse(ThreadOpened):
    """The new thread and the settings that it got."""


class ThreadStartedNotification(Notification):
    """A thread was started or copied; sent to every client."""

    method: ClassVar[str] = "thread/started"

    thread: Thread
    """The thread, without turns."""


THREAD_START = Method("thread/start", ThreadStartParams, ThreadStartResponse)

METHODS: tuple[Method[Any, Any], ...] = (THREAD_START,)
NOTIFICATIONS: tuple[type[Notification], ...] = (ThreadStartedNotification,)
