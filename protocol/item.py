"""The item family of the wire contract."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import HOISTED, I32, I64, OMIT_EMPTY, OMIT_NONE, U64, OneMember, TypeAliasType, Variant
from protocol.input import FunctionCallOutputBody, UserInput
from protocol.item_agent import (
    AgentMessageDelivery,
    AgentMessageModeration,
    AsyncUserInputQuestion,
    CollabAgentState,
    CollabAgentTool,
    CollabAgentToolCallStatus,
    ImageGenerationFailure,
    ImageGenerationInputImage,
    SubAgentActivityKind,
)
from protocol.item_parts import (
    CommandAction,
    CommandExecutionSource,
    CommandExecutionStatus,
    DynamicToolCallOutputContentItem,
    DynamicToolCallStatus,
    FileUpdateChange,
    HookPromptFragment,
    McpAppUi,
    McpToolCallAppContext,
    McpToolCallError,
    McpToolCallResult,
    McpToolCallStatus,
    MemoryCitation,
    PatchApplyStatus,
    WebSearchAction,
)
from protocol.mode import ReasoningEffort
from protocol.scalars import AbsolutePathBuf, LegacyAppPathString, MessagePhase


class TimedItem(Variant):
    """Timed item."""

    started_at_ms: Annotated[I64 | None, HOISTED] = None
    completed_at_ms: Annotated[I64 | None, HOISTED] = None


class UserMessageItem(TimedItem):
    """User message item."""

    type: Literal["userMessage"] = "userMessage"
    id: str
    client_id: str | None = None
    content: list[UserInput]


class HookPromptItem(TimedItem):
    """Hook prompt item."""

    type: Literal["hookPrompt"] = "hookPrompt"
    id: str
    fragments: list[HookPromptFragment]


class AgentMessageItem(TimedItem):
    """Agent message item."""

    type: Literal["agentMessage"] = "agentMessage"
    moderation: AgentMessageModeration | None = None
    id: str
    text: str
    phase: MessagePhase | None = None
    memory_citation: MemoryCitation | None = None
    delivery: AgentMessageDelivery | None = None
    questions: list[AsyncUserInputQuestion] | None = None


class FunctionCallOutputItem(TimedItem):
    """Function call output item."""

    type: Literal["functionCallOutput"] = "functionCallOutput"
    id: str
    name: str
    namespace: str | None = None
    output: FunctionCallOutputBody


class PlanItem(TimedItem):
    """Plan item."""

    type: Literal["plan"] = "plan"
    id: str
    text: str


class ReasoningItem(TimedItem):
    """Reasoning item."""

    type: Literal["reasoning"] = "reasoning"
    id: str
    summary: list[str] = Field(default=[])
    content: list[str] = Field(default=[])


class CommandExecutionItem(TimedItem):
    """Command execution item."""

    type: Literal["commandExecution"] = "commandExecution"
    id: str
    plugin_id: str | None = None
    script_path: str | None = None
    command: str
    cwd: LegacyAppPathString
    process_id: str | None = None
    source: CommandExecutionSource = "agent"
    status: CommandExecutionStatus
    command_actions: list[CommandAction]
    aggregated_output: str | None = None
    exit_code: I32 | None = None
    duration_ms: I64 | None = None


class FileChangeItem(TimedItem):
    """File change item."""

    type: Literal["fileChange"] = "fileChange"
    id: str
    changes: list[FileUpdateChange]
    status: PatchApplyStatus


class McpToolCallItem(TimedItem):
    """Mcp tool call item."""

    type: Literal["mcpToolCall"] = "mcpToolCall"
    id: str
    server: str
    tool: str
    status: McpToolCallStatus
    arguments: Any
    app_context: McpToolCallAppContext | None = None
    mcp_app_resource_uri: Annotated[str | None, OMIT_NONE] = None
    mcp_app_ui: McpAppUi | None = None
    plugin_id: str | None = None
    read_only_hint: bool | None = None
    result: McpToolCallResult | None = None
    error: McpToolCallError | None = None
    duration_ms: I64 | None = None


class DynamicToolCallItem(TimedItem):
    """Dynamic tool call item."""

    type: Literal["dynamicToolCall"] = "dynamicToolCall"
    id: str
    namespace: str | None = None
    tool: str
    arguments: Any
    status: DynamicToolCallStatus
    content_items: list[DynamicToolCallOutputContentItem] | None = None
    success: bool | None = None
    duration_ms: I64 | None = None


class CollabAgentToolCallItem(TimedItem):
    """Collab agent tool call item."""

    type: Literal["collabAgentToolCall"] = "collabAgentToolCall"
    id: str
    tool: CollabAgentTool
    status: CollabAgentToolCallStatus
    sender_thread_id: str
    receiver_thread_ids: list[str]
    prompt: str | None = None
    model: str | None = None
    reasoning_effort: ReasoningEffort | None = None
    agents_states: dict[str, CollabAgentState]


class SubAgentActivityItem(TimedItem):
    """Sub agent activity item."""

    type: Literal["subAgentActivity"] = "subAgentActivity"
    model: str | None = None
    reasoning_effort: ReasoningEffort | None = None
    id: str
    kind: SubAgentActivityKind
    agent_thread_id: str
    agent_path: str


class WebSearchItem(TimedItem):
    """Web search item."""

    type: Literal["webSearch"] = "webSearch"
    id: str
    query: str
    action: WebSearchAction | None = None
    results: list[Any] | None = None


class ImageViewItem(TimedItem):
    """Image view item."""

    type: Literal["imageView"] = "imageView"
    id: str
    path: LegacyAppPathString


class SleepItem(TimedItem):
    """Sleep item."""

    type: Literal["sleep"] = "sleep"
    id: str
    duration_ms: U64


class ImageGenerationItem(TimedItem, OneMember):
    """Image generation item."""

    one_of: ClassVar[tuple[str, ...]] = ("file_id", "result")
    type: Literal["imageGeneration"] = "imageGeneration"
    id: str
    status: str
    revised_prompt: str | None = None
    transparent_background: Annotated[bool | None, OMIT_NONE] = None
    failure: ImageGenerationFailure | None = None
    saved_path: Annotated[AbsolutePathBuf | None, OMIT_NONE] = None
    input_images: Annotated[list[ImageGenerationInputImage], OMIT_EMPTY] = Field(default=[])
    generation_id: str | None = None
    file_id: Annotated[str | None, OMIT_NONE] = None
    result: Annotated[str | None, OMIT_NONE] = None


class EnteredReviewModeItem(TimedItem):
    """Entered review mode item."""

    type: Literal["enteredReviewMode"] = "enteredReviewMode"
    id: str
    review: str


class ExitedReviewModeItem(TimedItem):
    """Exited review mode item."""

    type: Literal["exitedReviewMode"] = "exitedReviewMode"
    id: str
    review: str


class ContextCompactionItem(TimedItem):
    """Context compaction item."""

    type: Literal["contextCompaction"] = "contextCompaction"
    id: str


ThreadItem = TypeAliasType(
    "ThreadItem",
    Annotated[
        UserMessageItem
        | HookPromptItem
        | AgentMessageItem
        | FunctionCallOutputItem
        | PlanItem
        | ReasoningItem
        | CommandExecutionItem
        | FileChangeItem
        | McpToolCallItem
        | DynamicToolCallItem
        | CollabAgentToolCallItem
        | SubAgentActivityItem
        | WebSearchItem
        | ImageViewItem
        | SleepItem
        | ImageGenerationItem
        | EnteredReviewModeItem
        | ExitedReviewModeItem
        | ContextCompactionItem,
        Field(discriminator="type"),
    ],
)
"""Thread item."""
