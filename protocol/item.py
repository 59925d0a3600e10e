"""Items: what a turn consists of, as clients show it.

Every item is announced when it begins and when it is done (`item_events`); what it holds in between grows by deltas.
"""

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
    """What all items have."""

    started_at_ms: Annotated[I64 | None, HOISTED] = None
    """When it began, in Unix milliseconds; null when not recorded."""
    completed_at_ms: Annotated[I64 | None, HOISTED] = None
    """When it was done, in Unix milliseconds; null before."""


class UserMessageItem(TimedItem):
    """What the user said."""

    type: Literal["userMessage"] = "userMessage"
    """The tag of this alternative."""
    id: str
    """Its id."""
    client_id: str | None = None
    """The id that the client gave the message; null: none."""
    content: list[UserInput]
    """The input as it was sent."""


class HookPromptItem(TimedItem):
    """What hooks added to the conversation."""

    type: Literal["hookPrompt"] = "hookPrompt"
    """The tag of this alternative."""
    id: str
    """Its id."""
    fragments: list[HookPromptFragment]
    """The pieces, each with the run that made it."""


class AgentMessageItem(TimedItem):
    """What the agent said."""

    type: Literal["agentMessage"] = "agentMessage"
    """The tag of this alternative."""
    moderation: AgentMessageModeration | None = None
    """What the provider says about showing it; null: nothing."""
    id: str
    """Its id."""
    text: str
    """The text, Markdown."""
    phase: MessagePhase | None = None
    """Whether it is said on the way or is the answer; null when the model does not tell."""
    memory_citation: MemoryCitation | None = None
    """The memories that it rests on; null: none."""
    delivery: AgentMessageDelivery | None = None
    """How it is delivered when not at once; null: at once."""
    questions: list[AsyncUserInputQuestion] | None = None
    """Questions that the user may answer later; null: none."""


class FunctionCallOutputItem(TimedItem):
    """The result of something that the client did."""

    type: Literal["functionCallOutput"] = "functionCallOutput"
    """The tag of this alternative."""
    id: str
    """Its id."""
    name: str
    """What was done."""
    namespace: str | None = None
    """The group of tools that it belongs to; null: none."""
    output: FunctionCallOutputBody
    """What came out."""


class PlanItem(TimedItem):
    """A plan that the agent proposes."""

    type: Literal["plan"] = "plan"
    """The tag of this alternative."""
    id: str
    """Its id."""
    text: str
    """The plan, Markdown."""


class ReasoningItem(TimedItem):
    """What the model thought, as far as it tells."""

    type: Literal["reasoning"] = "reasoning"
    """The tag of this alternative."""
    id: str
    """Its id."""
    summary: list[str] = Field(default=[])
    """Summaries, one string each."""
    content: list[str] = Field(default=[])
    """The thoughts themselves where the provider gives them; else empty."""


class CommandExecutionItem(TimedItem):
    """A command."""

    type: Literal["commandExecution"] = "commandExecution"
    """The tag of this alternative."""
    id: str
    """Its id."""
    plugin_id: str | None = None
    """The plugin whose script it runs; null: none."""
    script_path: str | None = None
    """That script, counted from the plugin; null: none."""
    command: str
    """The command as one line, its arguments quoted."""
    cwd: LegacyAppPathString
    """Where it runs."""
    process_id: str | None = None
    """The session that it runs in; null when it has none."""
    source: CommandExecutionSource = "agent"
    """Who started it."""
    status: CommandExecutionStatus
    """How it stands."""
    command_actions: list[CommandAction]
    """What the line does, as far as it can be told from reading it."""
    aggregated_output: str | None = None
    """What it wrote, both streams as they came; null before it is done or when it wrote nothing."""
    exit_code: I32 | None = None
    """Its exit code; null while it runs or when it has none."""
    duration_ms: I64 | None = None
    """How long it took; null while it runs."""


class FileChangeItem(TimedItem):
    """Changes to files."""

    type: Literal["fileChange"] = "fileChange"
    """The tag of this alternative."""
    id: str
    """Its id."""
    changes: list[FileUpdateChange]
    """The changes, one per file."""
    status: PatchApplyStatus
    """How it stands."""


class McpToolCallItem(TimedItem):
    """A call of a tool of an MCP server."""

    type: Literal["mcpToolCall"] = "mcpToolCall"
    """The tag of this alternative."""
    id: str
    """Its id."""
    server: str
    """The server."""
    tool: str
    """The tool."""
    status: McpToolCallStatus
    """How the call stands."""
    arguments: Any
    """What the tool was given."""
    app_context: McpToolCallAppContext | None = None
    """The app behind the tool; null: none."""
    mcp_app_resource_uri: Annotated[str | None, OMIT_NONE] = None
    """Older form of `mcpAppUi.resourceUri`; left out when there is none."""
    mcp_app_ui: McpAppUi | None = None
    """What the tool wants shown; null: nothing."""
    plugin_id: str | None = None
    """The plugin that brought the server; null: none."""
    read_only_hint: bool | None = None
    """Whether the tool claims to change nothing; null when it does not tell."""
    result: McpToolCallResult | None = None
    """What it answered; null before, or when it failed."""
    error: McpToolCallError | None = None
    """Why it failed; null when it did not."""
    duration_ms: I64 | None = None
    """How long it took; null while it runs."""


class DynamicToolCallItem(TimedItem):
    """A call of a tool that the client carries out."""

    type: Literal["dynamicToolCall"] = "dynamicToolCall"
    """The tag of this alternative."""
    id: str
    """Its id."""
    namespace: str | None = None
    """The group that the tool belongs to; null: none."""
    tool: str
    """The tool."""
    arguments: Any
    """What it was given."""
    status: DynamicToolCallStatus
    """How the call stands."""
    content_items: list[DynamicToolCallOutputContentItem] | None = None
    """What it answered; null before."""
    success: bool | None = None
    """Whether it worked; null before."""
    duration_ms: I64 | None = None
    """How long it took; null while it runs."""


class CollabAgentToolCallItem(TimedItem):
    """Something that the agent asked of another agent."""

    type: Literal["collabAgentToolCall"] = "collabAgentToolCall"
    """The tag of this alternative."""
    id: str
    """Its id."""
    tool: CollabAgentTool
    """What it asked."""
    status: CollabAgentToolCallStatus
    """How the call stands."""
    sender_thread_id: str
    """The thread of the agent that asked."""
    receiver_thread_ids: list[str]
    """The threads of those that were asked; for a new agent, its thread."""
    prompt: str | None = None
    """What they were told; null: nothing."""
    model: str | None = None
    """The model that a new agent should use; null: not told."""
    reasoning_effort: ReasoningEffort | None = None
    """How hard a new agent should think; null: not told."""
    agents_states: dict[str, CollabAgentState]
    """How each of them stood last, by thread."""


class SubAgentActivityItem(TimedItem):
    """Something that became of a sub-agent."""

    type: Literal["subAgentActivity"] = "subAgentActivity"
    """The tag of this alternative."""
    model: str | None = None
    """The model that a new agent got; null for anything else."""
    reasoning_effort: ReasoningEffort | None = None
    """How hard a new agent thinks; null when unknown."""
    id: str
    """Its id."""
    kind: SubAgentActivityKind
    """What became of it."""
    agent_thread_id: str
    """The thread of the sub-agent."""
    agent_path: str
    """Its place in the tree of agents."""


class WebSearchItem(TimedItem):
    """A search of the web."""

    type: Literal["webSearch"] = "webSearch"
    """The tag of this alternative."""
    id: str
    """Its id."""
    query: str
    """What was searched for, or the address that was opened."""
    action: WebSearchAction | None = None
    """What was done exactly; null before that is known."""
    results: list[Any] | None = None
    """What was found, as the provider tells it; null when it does not."""


class ImageViewItem(TimedItem):
    """An image that the agent looked at."""

    type: Literal["imageView"] = "imageView"
    """The tag of this alternative."""
    id: str
    """Its id."""
    path: LegacyAppPathString
    """The file."""


class SleepItem(TimedItem):
    """A wait."""

    type: Literal["sleep"] = "sleep"
    """The tag of this alternative."""
    id: str
    """Its id."""
    duration_ms: U64
    """How long it was to last."""


class ImageGenerationItem(TimedItem, OneMember):
    """An image that the model made."""

    one_of: ClassVar[tuple[str, ...]] = ("file_id", "result")
    type: Literal["imageGeneration"] = "imageGeneration"
    """The tag of this alternative."""
    id: str
    """Its id."""
    status: str
    """How it stands, in the provider's words."""
    revised_prompt: str | None = None
    """What the image was made from in the end; null when not told."""
    transparent_background: Annotated[bool | None, OMIT_NONE] = None
    """Whether its background is transparent; null when not told."""
    failure: ImageGenerationFailure | None = None
    """Why there is none; null when there is one."""
    saved_path: Annotated[AbsolutePathBuf | None, OMIT_NONE] = None
    """Where it was saved; null when it was not."""
    input_images: Annotated[list[ImageGenerationInputImage], OMIT_EMPTY] = Field(default=[])
    """The local images that it was made from; left out when there are none."""
    generation_id: str | None = None
    """What the provider calls this image; null when not told."""
    file_id: Annotated[str | None, OMIT_NONE] = None
    """The image as a file of the provider's."""
    result: Annotated[str | None, OMIT_NONE] = None
    """The image itself, in base64."""


class EnteredReviewModeItem(TimedItem):
    """A review began."""

    type: Literal["enteredReviewMode"] = "enteredReviewMode"
    """The tag of this alternative."""
    id: str
    """Its id."""
    review: str
    """What is reviewed, for the user."""


class ExitedReviewModeItem(TimedItem):
    """A review ended."""

    type: Literal["exitedReviewMode"] = "exitedReviewMode"
    """The tag of this alternative."""
    id: str
    """Its id."""
    review: str
    """What it found, for the user."""


class ContextCompactionItem(TimedItem):
    """The history of the model was replaced by a summary."""

    type: Literal["contextCompaction"] = "contextCompaction"
    """The tag of this alternative."""
    id: str
    """Its id."""


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
"""One thing that was said or done in a turn."""
