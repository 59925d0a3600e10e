"""The parts of items that concern messages of the agent, other agents, and images it makes."""

from typing import Literal

from protocol.base import I64, Record, TypeAliasType, Variant
from protocol.scalars import AbsolutePathBuf

AgentMessageDelivery = TypeAliasType("AgentMessageDelivery", Literal["async"])
"""How a message is delivered when not at once."""


class AgentMessageDisplay(Record):
    """How the provider wants a message shown."""

    action: str
    """What to do; unknown words are left to the client that made the message."""
    block_type: str | None = None
    """The kind of notice; null: none."""
    cyber_trusted_access: bool | None = None
    """Whether to offer access for security work; null when not told."""
    check_trusted_contacts: bool | None = None
    """Whether to point to trusted contacts; null when not told."""


class AgentMessageModeration(Record):
    """What the provider says about showing a message."""

    moderated: bool
    """Whether it stepped in."""
    display: AgentMessageDisplay | None = None
    """How to show the message; null: as usual."""


class AsyncUserInputQuestion(Record, extra="forbid"):
    """A question that the user may answer later."""

    title: str
    """The question."""
    options: list[str] | None = None
    """Answers to choose from; null: any."""


CollabAgentStatus = TypeAliasType(
    "CollabAgentStatus", Literal["pendingInit", "running", "interrupted", "completed", "errored", "shutdown", "notFound"]
)
"""How another agent stands."""


class CollabAgentState(Record):
    """How another agent stood last."""

    status: CollabAgentStatus
    """How it stands."""
    message: str | None = None
    """Its last message or failure; null: none."""


CollabAgentToolCallStatus = TypeAliasType(
    "CollabAgentToolCallStatus", Literal["inProgress", "completed", "failed", "interrupted"]
)
"""How a call to another agent stands."""

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
"""What is asked of another agent."""

SubAgentActivityKind = TypeAliasType("SubAgentActivityKind", Literal["started", "interacted", "interrupted", "completed"])
"""What became of a sub-agent."""


class UsageLimitExceededImageGenerationFailure(Variant):
    """A limit was reached."""

    type: Literal["usageLimitExceeded"] = "usageLimitExceeded"
    """The tag of this alternative."""
    limit_id: str
    """The limit."""
    resets_at: I64 | None = None
    """When it is lifted, in Unix seconds; null when unknown."""


ImageGenerationFailure = TypeAliasType("ImageGenerationFailure", UsageLimitExceededImageGenerationFailure)
"""Why no image was made."""


class ImageGenerationInputImage(Record):
    """A local image that an image was made from."""

    path: AbsolutePathBuf
    """The file."""
    sha256: str
    """The SHA-256 of the file as it was read, in lowercase hexadecimal digits."""
