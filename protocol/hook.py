"""The hook family of the wire contract."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import HOISTED, I64, U64, Method, Notification, Params, Record, Response, TypeAliasType, Variant
from protocol.scalars import AbsolutePathBuf, LegacyAppPathString


class HooksListParams(Params):
    """What `hooks/list` asks with."""

    cwds: list[str] = Field(default=[])
    thread_id: str | None = None


class HookErrorInfo(Record):
    """Hook error info."""

    path: str
    message: str


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
"""Hook event name."""

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
"""Hook source."""

HookTrustStatus = TypeAliasType("HookTrustStatus", Literal["managed", "untrusted", "trusted", "modified"])
"""Hook trust status."""


class HookBase(Variant):
    """Hook base."""

    key: Annotated[str, HOISTED]
    event_name: Annotated[HookEventName, HOISTED]
    matcher: Annotated[str | None, HOISTED] = None
    timeout_sec: Annotated[U64, HOISTED]
    status_message: Annotated[str | None, HOISTED] = None
    additional_context_limit: Annotated[U64 | None, HOISTED] = None
    source_path: Annotated[AbsolutePathBuf, HOISTED]
    source: Annotated[HookSource, HOISTED]
    plugin_id: Annotated[str | None, HOISTED] = None
    environment_id: Annotated[str | None, HOISTED] = None
    display_order: Annotated[I64, HOISTED]
    enabled: Annotated[bool, HOISTED]
    is_managed: Annotated[bool, HOISTED]
    current_hash: Annotated[str, HOISTED]
    trust_status: Annotated[HookTrustStatus, HOISTED]


class CommandHook(HookBase):
    """Command hook."""

    handler_type: Literal["command"] = "command"
    command: str
    async_: bool = False


class McpToolHook(HookBase):
    """Mcp tool hook."""

    handler_type: Literal["mcpTool"] = "mcpTool"
    server: str
    tool: str


class PromptHook(HookBase):
    """Prompt hook."""

    handler_type: Literal["prompt"] = "prompt"


class AgentHook(HookBase):
    """Agent hook."""

    handler_type: Literal["agent"] = "agent"


HookMetadata = TypeAliasType(
    "HookMetadata", Annotated[CommandHook | McpToolHook | PromptHook | AgentHook, Field(discriminator="handler_type")]
)
"""Hook metadata."""


class HooksListEntry(Record):
    """Hooks list entry."""

    cwd: str
    hooks: list[HookMetadata]
    warnings: list[str]
    errors: list[HookErrorInfo]


class HooksListResponse(Response):
    """What `hooks/list` is answered with."""

    data: list[HooksListEntry]


HookOutputEntryKind = TypeAliasType("HookOutputEntryKind", Literal["warning", "stop", "feedback", "context", "error"])
"""Hook output entry kind."""


class HookOutputEntry(Record):
    """Hook output entry."""

    kind: HookOutputEntryKind
    text: str


HookExecutionMode = TypeAliasType("HookExecutionMode", Literal["sync", "async"])
"""Hook execution mode."""

HookHandlerType = TypeAliasType("HookHandlerType", Literal["command", "mcpTool", "prompt", "agent"])
"""Hook handler type."""

HookScope = TypeAliasType("HookScope", Literal["thread", "turn"])
"""Hook scope."""

HookRunStatus = TypeAliasType("HookRunStatus", Literal["running", "completed", "failed", "blocked", "stopped"])
"""Hook run status."""


class HookRunSummary(Record):
    """Hook run summary."""

    id: str
    event_name: HookEventName
    handler_type: HookHandlerType
    execution_mode: HookExecutionMode
    scope: HookScope
    source_path: LegacyAppPathString
    source: HookSource = "unknown"
    display_order: I64
    status: HookRunStatus
    status_message: str | None = None
    started_at: I64
    completed_at: I64 | None = None
    duration_ms: I64 | None = None
    entries: list[HookOutputEntry]


class HookStartedNotification(Notification):
    """Announced as `hook/started`."""

    method: ClassVar[str] = "hook/started"

    thread_id: str
    turn_id: str | None = None
    run: HookRunSummary


class HookCompletedNotification(Notification):
    """Announced as `hook/completed`."""

    method: ClassVar[str] = "hook/completed"

    thread_id: str
    turn_id: str | None = None
    run: HookRunSummary


HOOKS_LIST = Method("hooks/list", HooksListParams, HooksListResponse)

METHODS: tuple[Method[Any, Any], ...] = (HOOKS_LIST,)
NOTIFICATIONS: tuple[type[Notification], ...] = (HookStartedNotification, HookCompletedNotification)
