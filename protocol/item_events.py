"""The item events family of the wire contract."""

from typing import ClassVar

from protocol.base import I64, U64, Notification
from protocol.item import ThreadItem
from protocol.item_parts import FileUpdateChange


class ItemStartedNotification(Notification):
    """Announced as `item/started`."""

    method: ClassVar[str] = "item/started"

    item: ThreadItem
    thread_id: str
    turn_id: str
    started_at_ms: I64


class ItemCompletedNotification(Notification):
    """Announced as `item/completed`."""

    method: ClassVar[str] = "item/completed"

    item: ThreadItem
    thread_id: str
    turn_id: str
    content_token_count: U64 | None = None
    completed_at_ms: I64


class AgentMessageDeltaNotification(Notification):
    """Announced as `item/agentMessage/delta`."""

    method: ClassVar[str] = "item/agentMessage/delta"

    thread_id: str
    turn_id: str
    item_id: str
    delta: str


class PlanDeltaNotification(Notification):
    """Announced as `item/plan/delta`."""

    method: ClassVar[str] = "item/plan/delta"

    thread_id: str
    turn_id: str
    item_id: str
    delta: str


class CommandExecutionOutputDeltaNotification(Notification):
    """Announced as `item/commandExecution/outputDelta`."""

    method: ClassVar[str] = "item/commandExecution/outputDelta"

    thread_id: str
    turn_id: str
    item_id: str
    delta: str


class TerminalInteractionNotification(Notification):
    """Announced as `item/commandExecution/terminalInteraction`."""

    method: ClassVar[str] = "item/commandExecution/terminalInteraction"

    thread_id: str
    turn_id: str
    item_id: str
    process_id: str
    stdin: str


class FileChangeOutputDeltaNotification(Notification):
    """Announced as `item/fileChange/outputDelta`."""

    method: ClassVar[str] = "item/fileChange/outputDelta"

    thread_id: str
    turn_id: str
    item_id: str
    delta: str


class FileChangePatchUpdatedNotification(Notification):
    """Announced as `item/fileChange/patchUpdated`."""

    method: ClassVar[str] = "item/fileChange/patchUpdated"

    thread_id: str
    turn_id: str
    item_id: str
    changes: list[FileUpdateChange]


class McpToolCallProgressNotification(Notification):
    """Announced as `item/mcpToolCall/progress`."""

    method: ClassVar[str] = "item/mcpToolCall/progress"

    thread_id: str
    turn_id: str
    item_id: str
    message: str


class ReasoningSummaryTextDeltaNotification(Notification):
    """Announced as `item/reasoning/summaryTextDelta`."""

    method: ClassVar[str] = "item/reasoning/summaryTextDelta"

    thread_id: str
    turn_id: str
    item_id: str
    delta: str
    summary_index: I64


class ReasoningSummaryPartAddedNotification(Notification):
    """Announced as `item/reasoning/summaryPartAdded`."""

    method: ClassVar[str] = "item/reasoning/summaryPartAdded"

    thread_id: str
    turn_id: str
    item_id: str
    summary_index: I64


class ReasoningTextDeltaNotification(Notification):
    """Announced as `item/reasoning/textDelta`."""

    method: ClassVar[str] = "item/reasoning/textDelta"

    thread_id: str
    turn_id: str
    item_id: str
    delta: str
    content_index: I64


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
