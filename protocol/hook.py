"""Hooks: programs that run when something happens in a thread."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import HOISTED, I64, U64, Method, Notification, Params, Record, Response, TypeAliasType, Variant
from protocol.scalars import AbsolutePathBuf, LegacyAppPathString


class HooksListParams(Params):
    """Whose hooks."""

    cwds: list[str] = Field(default=[])
    """The directories whose hooks to list; empty: that of the server."""
    thread_id: str | None = None
    """The thread whose hooks to list, instead of directories; null: none."""


class HookErrorInfo(Record):
    """A file of hooks that cannot be used."""

    path: str
    """The file."""
    message: str
    """Why."""


HookEventName = TypeAliasType(
    "HookEventName",
    Literal[
        "preModelRequest",
        "postModelRequest",
        "preToolUse",
        "permissionRequest",
        "postToolUse",
        "preCompact",
        "postCompact",
        "sessionStart",
        "sessionEnd",
        "userPromptSubmit",
        "subagentStart",
        "subagentStop",
        "stop",
        "interrupt",
    ],
)
"""What hooks can be run for."""

HookSource = TypeAliasType(
    "HookSource",
    Literal[
        "system",
        "user",
        "project",
        "mdm",
        "sessionFlags",
        "plugin",
        "cloudRequirements",
        "cloudManagedConfig",
        "legacyManagedConfigFile",
        "legacyManagedConfigMdm",
        "unknown",
    ],
)
"""Where a hook is set."""

HookTrustStatus = TypeAliasType("HookTrustStatus", Literal["managed", "untrusted", "trusted", "modified"])
"""Whether the user trusts a hook to run."""


class HookBase(Variant):
    """What all hooks have."""

    key: Annotated[str, HOISTED]
    """Its key, by which it is turned on and off."""
    event_name: Annotated[HookEventName, HOISTED]
    """What it runs for."""
    matcher: Annotated[str | None, HOISTED] = None
    """A pattern of the names that it is for; null: all."""
    timeout_sec: Annotated[U64, HOISTED]
    """How long it may take, in seconds."""
    status_message: Annotated[str | None, HOISTED] = None
    """What to show meanwhile; null: nothing special."""
    additional_context_limit: Annotated[U64 | None, HOISTED] = None
    """From how many tokens its context goes into a file; 0: never; null: as usual."""
    source_path: Annotated[AbsolutePathBuf, HOISTED]
    """The file that sets it."""
    source: Annotated[HookSource, HOISTED]
    """Whose file that is."""
    plugin_id: Annotated[str | None, HOISTED] = None
    """The plugin that brings it; null: none."""
    environment_id: Annotated[str | None, HOISTED] = None
    """The environment that brings it; null: none."""
    display_order: Annotated[I64, HOISTED]
    """Its place in lists."""
    enabled: Annotated[bool, HOISTED]
    """Whether it is turned on."""
    is_managed: Annotated[bool, HOISTED]
    """Whether the administrator set it, so that users cannot turn it off."""
    current_hash: Annotated[str, HOISTED]
    """A hash of what it does, which trust is tied to."""
    trust_status: Annotated[HookTrustStatus, HOISTED]
    """Whether the user trusts it."""


class CommandHook(HookBase):
    """Runs a command."""

    handler_type: Literal["command"] = "command"
    """The tag of this alternative."""
    command: str
    """The command."""
    async_: bool = False
    """Whether nobody waits for it."""


class McpToolHook(HookBase):
    """Calls a tool of an MCP server."""

    handler_type: Literal["mcpTool"] = "mcpTool"
    """The tag of this alternative."""
    server: str
    """The server."""
    tool: str
    """The tool."""


class PromptHook(HookBase):
    """Asks a model; known but not run."""

    handler_type: Literal["prompt"] = "prompt"
    """The tag of this alternative."""


class AgentHook(HookBase):
    """Asks an agent; known but not run."""

    handler_type: Literal["agent"] = "agent"
    """The tag of this alternative."""


HookMetadata = TypeAliasType(
    "HookMetadata", Annotated[CommandHook | McpToolHook | PromptHook | AgentHook, Field(discriminator="handler_type")]
)
"""A hook."""


class HooksListEntry(Record):
    """The hooks of a directory."""

    cwd: str
    """The directory."""
    hooks: list[HookMetadata]
    """Its hooks."""
    warnings: list[str]
    """What is odd about them, for the user."""
    errors: list[HookErrorInfo]
    """Files that cannot be used."""


class HooksListResponse(Response):
    """The hooks."""

    data: list[HooksListEntry]
    """By directory."""


HookOutputEntryKind = TypeAliasType("HookOutputEntryKind", Literal["warning", "stop", "feedback", "context", "error"])
"""What a line of a hook is about."""


class HookOutputEntry(Record):
    """A line of a hook."""

    kind: HookOutputEntryKind
    """What it is about."""
    text: str
    """The line."""


HookExecutionMode = TypeAliasType("HookExecutionMode", Literal["sync", "async"])
"""Whether the turn waits for a hook."""

HookHandlerType = TypeAliasType("HookHandlerType", Literal["command", "mcpTool", "prompt", "agent"])
"""What a hook does."""

HookScope = TypeAliasType("HookScope", Literal["thread", "turn"])
"""Whether a hook ran for the thread or for a turn."""

HookRunStatus = TypeAliasType("HookRunStatus", Literal["running", "completed", "failed", "blocked", "stopped"])
"""How a run stands."""


class HookRunSummary(Record):
    """A run of a hook."""

    id: str
    """Its id."""
    event_name: HookEventName
    """What it ran for."""
    handler_type: HookHandlerType
    """What it does."""
    execution_mode: HookExecutionMode
    """Whether the turn waits for it."""
    scope: HookScope
    """Whether it ran for the thread or for a turn."""
    source_path: LegacyAppPathString
    """The file that sets the hook."""
    source: HookSource = "unknown"
    """Whose file that is."""
    display_order: I64
    """Its place in lists."""
    status: HookRunStatus
    """How it stands."""
    status_message: str | None = None
    """What to show; null: nothing special."""
    started_at: I64
    """When it began, in Unix seconds."""
    completed_at: I64 | None = None
    """When it ended, in Unix seconds; null while it runs."""
    duration_ms: I64 | None = None
    """How long it took; null while it runs."""
    entries: list[HookOutputEntry]
    """What it said."""


class HookStartedNotification(Notification):
    """A hook runs."""

    method: ClassVar[str] = "hook/started"

    thread_id: str
    """The thread."""
    turn_id: str | None = None
    """The turn; null outside of one."""
    run: HookRunSummary
    """The run."""


class HookCompletedNotification(Notification):
    """A hook has run."""

    method: ClassVar[str] = "hook/completed"

    thread_id: str
    """The thread."""
    turn_id: str | None = None
    """The turn; null outside of one."""
    run: HookRunSummary
    """The run."""


HOOKS_LIST = Method("hooks/list", HooksListParams, HooksListResponse)

METHODS: tuple[Method[Any, Any], ...] = (HOOKS_LIST,)
NOTIFICATIONS: tuple[type[Notification], ...] = (HookStartedNotification, HookCompletedNotification)
