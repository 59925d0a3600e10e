"""The item agent family of the wire contract."""

from typing import Literal

from protocol.base import I64, Record, TypeAliasType, Variant
from protocol.scalars import AbsolutePathBuf

AgentMessageDelivery = TypeAliasType("AgentMessageDelivery", Literal["async"])
"""Agent message delivery."""


class AgentMessageDisplay(Record):
    """Agent message display."""

    action: str
    block_type: str | None = None
    cyber_trusted_access: bool | None = None
    check_trusted_contacts: bool | None = None


class AgentMessageModeration(Record):
    """Agent message moderation."""

    moderated: bool
    display: AgentMessageDisplay | None = None


class AsyncUserInputQuestion(Record, extra="forbid"):
    """Async user input question."""

    title: str
    options: list[str] | None = None


CollabAgentStatus = TypeAliasType(
    "CollabAgentStatus", Literal["pendingInit", "running", "interrupted", "completed", "errored", "shutdown", "notFound"]
)
"""Collab agent status."""


class CollabAgentState(Record):
    """Collab agent state."""

    status: CollabAgentStatus
    message: str | None = None


CollabAgentToolCallStatus = TypeAliasType(
    "CollabAgentToolCallStatus", Literal["inProgress", "completed", "failed", "interrupted"]
)
"""Collab agent tool call status."""

CollabAgentTool = TypeAliasType(
    "CollabAgentTool",
    Literal[
        "spawnAgent",
        "sendInput",
        "resumeAgent",
        "wait",
        "closeAgent",
        "sendMessage",
        "followupTask",
        "interruptAgent",
        "listAgents",
    ],
)
"""Collab agent tool."""

SubAgentActivityKind = TypeAliasType("SubAgentActivityKind", Literal["started", "interacted", "interrupted", "completed"])
"""Sub agent activity kind."""


class UsageLimitExceededImageGenerationFailure(Variant):
    """Usage limit exceeded image generation failure."""

    type: Literal["usageLimitExceeded"] = "usageLimitExceeded"
    limit_id: str
    resets_at: I64 | None = None


ImageGenerationFailure = TypeAliasType("ImageGenerationFailure", UsageLimitExceededImageGenerationFailure)
"""Image generation failure."""


class ImageGenerationInputImage(Record):
    """Image generation input image."""

    path: AbsolutePathBuf
    sha256: str
