"""How items begin, grow and end.

Deltas are pieces to append to what the item held before; the completed item is what counts.
"""

from typing import ClassVar

from protocol.base import I64, U64, Notification
from protocol.item import ThreadItem
from protocol.item_parts import FileUpdateChange


class ItemStartedNotification(Notification):
    """An item began."""

    method: ClassVar[str] = "item/started"

    item: ThreadItem
    """The item, as far as it is known."""
    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    started_at_ms: I64
    """When it began, in Unix milliseconds."""


class ItemCompletedNotification(Notification):
    """An item is done."""

    method: ClassVar[str] = "item/completed"

    item: ThreadItem
    """The whole item."""
    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    content_token_count: U64 | None = None
    """For a message of the agent, its tokens; null when unknown."""
    completed_at_ms: I64
    """When it was done, in Unix milliseconds."""


class AgentMessageDeltaNotification(Notification):
    """A message of the agent grew."""

    method: ClassVar[str] = "item/agentMessage/delta"

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    item_id: str
    """The item."""
    delta: str
    """Text to append."""


class PlanDeltaNotification(Notification):
    """A proposed plan grew; the completed item may differ from the sum of the pieces."""

    method: ClassVar[str] = "item/plan/delta"

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    item_id: str
    """The item."""
    delta: str
    """Text to append."""


class CommandExecutionOutputDeltaNotification(Notification):
    """A command wrote something."""

    method: ClassVar[str] = "item/commandExecution/outputDelta"

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    item_id: str
    """The item."""
    delta: str
    """Output to append, as text."""


class TerminalInteractionNotification(Notification):
    """The agent typed into a session."""

    method: ClassVar[str] = "item/commandExecution/terminalInteraction"

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    item_id: str
    """The item."""
    process_id: str
    """The session."""
    stdin: str
    """What it typed."""


class FileChangeOutputDeltaNotification(Notification):
    """Output of a change to files; no longer sent."""

    method: ClassVar[str] = "item/fileChange/outputDelta"

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    item_id: str
    """The item."""
    delta: str
    """Text to append."""


class FileChangePatchUpdatedNotification(Notification):
    """The changes of an item are known better."""

    method: ClassVar[str] = "item/fileChange/patchUpdated"

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    item_id: str
    """The item."""
    changes: list[FileUpdateChange]
    """All changes, in place of those told before."""


class McpToolCallProgressNotification(Notification):
    """A tool of an MCP server tells how far it is."""

    method: ClassVar[str] = "item/mcpToolCall/progress"

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    item_id: str
    """The item."""
    message: str
    """What it says."""


class ReasoningSummaryTextDeltaNotification(Notification):
    """A summary of the model's reasoning grew."""

    method: ClassVar[str] = "item/reasoning/summaryTextDelta"

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    item_id: str
    """The item."""
    delta: str
    """Text to append."""
    summary_index: I64
    """Which of the summaries, counted from 0."""


class ReasoningSummaryPartAddedNotification(Notification):
    """Another summary of the model's reasoning began."""

    method: ClassVar[str] = "item/reasoning/summaryPartAdded"

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    item_id: str
    """The item."""
    summary_index: I64
    """Its index, counted from 0."""


class ReasoningTextDeltaNotification(Notification):
    """The model's reasoning grew."""

    method: ClassVar[str] = "item/reasoning/textDelta"

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    item_id: str
    """The item."""
    delta: str
    """Text to append."""
    content_index: I64
    """Which part of the reasoning, counted from 0."""


NOTIFICATIONS: tuple[type[Notification], ...] = (
    ItemStartedNotification,
    ItemCompletedNotification,
    AgentMessageDeltaNotification,
    PlanDeltaNotification,
    CommandExecutionOutputDeltaNotification,
    TerminalInteractionNotification,
    FileChangeOutputDeltaNotification,
    FileChangePatchUpdatedNotification,
    McpToolCallProgressNotification,
    ReasoningSummaryTextDeltaNotification,
    ReasoningSummaryPartAddedNotification,
    ReasoningTextDeltaNotification,
)
