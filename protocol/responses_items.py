"""The responses items family of the wire contract."""

from typing import Annotated, Any, Literal

from pydantic import Field

from protocol.base import OMIT_NONE, SnakeVariant, TypeAliasType, Variant
from protocol.input import FunctionCallOutputBody
from protocol.responses_content import (
    AgentMessageInputContent,
    ConfigurationReasoning,
    ContentItem,
    InternalChatMessageMetadataPassthrough,
    LocalShellAction,
    LocalShellStatus,
    ReasoningItemContent,
    ReasoningItemReasoningSummary,
    ResponsesApiWebSearchAction,
)
from protocol.scalars import MessagePhase


class AdditionalToolsResponseItem(Variant):
    """Additional tools response item."""

    type: Literal["additional_tools"] = "additional_tools"
    id: Annotated[str | None, OMIT_NONE] = None
    role: str
    tools: list[Any]


class MessageResponseItem(SnakeVariant):
    """Message response item."""

    type: Literal["message"] = "message"
    encrypted_content: Annotated[str | None, OMIT_NONE] = None
    status: Annotated[str | None, OMIT_NONE] = None
    id: Annotated[str | None, OMIT_NONE] = None
    role: str
    content: list[ContentItem]
    phase: Annotated[MessagePhase | None, OMIT_NONE] = None
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None


class AgentMessageResponseItem(SnakeVariant):
    """Agent message response item."""

    type: Literal["agent_message"] = "agent_message"
    id: Annotated[str | None, OMIT_NONE] = None
    author: str
    recipient: str
    content: list[AgentMessageInputContent]
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None


class ReasoningResponseItem(SnakeVariant):
    """Reasoning response item."""

    type: Literal["reasoning"] = "reasoning"
    id: Annotated[str | None, OMIT_NONE] = None
    summary: list[ReasoningItemReasoningSummary]
    content: Annotated[list[ReasoningItemContent] | None, OMIT_NONE] = None
    encrypted_content: str | None = None
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None


class LocalShellCallResponseItem(SnakeVariant):
    """Local shell call response item."""

    type: Literal["local_shell_call"] = "local_shell_call"
    encrypted_content: Annotated[str | None, OMIT_NONE] = None
    id: Annotated[str | None, OMIT_NONE] = None
    call_id: str | None = None
    status: LocalShellStatus
    action: LocalShellAction
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None


class FunctionCallResponseItem(SnakeVariant):
    """Function call response item."""

    type: Literal["function_call"] = "function_call"
    encrypted_content: Annotated[str | None, OMIT_NONE] = None
    status: Annotated[str | None, OMIT_NONE] = None
    id: Annotated[str | None, OMIT_NONE] = None
    name: str
    namespace: Annotated[str | None, OMIT_NONE] = None
    arguments: str
    encrypted_function_args: Annotated[list[str] | None, OMIT_NONE] = None
    call_id: str
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None


class ToolSearchCallResponseItem(SnakeVariant):
    """Tool search call response item."""

    type: Literal["tool_search_call"] = "tool_search_call"
    encrypted_content: Annotated[str | None, OMIT_NONE] = None
    id: Annotated[str | None, OMIT_NONE] = None
    call_id: str | None = None
    status: Annotated[str | None, OMIT_NONE] = None
    execution: str
    arguments: Any
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None


class FunctionCallOutputResponseItem(SnakeVariant):
    """Function call output response item."""

    type: Literal["function_call_output"] = "function_call_output"
    id: Annotated[str | None, OMIT_NONE] = None
    call_id: Annotated[str | None, OMIT_NONE] = None
    name: Annotated[str | None, OMIT_NONE] = None
    namespace: Annotated[str | None, OMIT_NONE] = None
    output: FunctionCallOutputBody
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None


class CustomToolCallResponseItem(SnakeVariant):
    """Custom tool call response item."""

    type: Literal["custom_tool_call"] = "custom_tool_call"
    encrypted_content: Annotated[str | None, OMIT_NONE] = None
    id: Annotated[str | None, OMIT_NONE] = None
    status: Annotated[str | None, OMIT_NONE] = None
    call_id: str
    name: str
    namespace: Annotated[str | None, OMIT_NONE] = None
    input: str
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None


class CustomToolCallOutputResponseItem(SnakeVariant):
    """Custom tool call output response item."""

    type: Literal["custom_tool_call_output"] = "custom_tool_call_output"
    id: Annotated[str | None, OMIT_NONE] = None
    call_id: str
    name: Annotated[str | None, OMIT_NONE] = None
    output: FunctionCallOutputBody
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None


class ToolSearchOutputResponseItem(SnakeVariant):
    """Tool search output response item."""

    type: Literal["tool_search_output"] = "tool_search_output"
    id: Annotated[str | None, OMIT_NONE] = None
    call_id: str | None = None
    status: str
    execution: str
    tools: list[Any]
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None


class WebSearchCallResponseItem(SnakeVariant):
    """Web search call response item."""

    type: Literal["web_search_call"] = "web_search_call"
    encrypted_content: Annotated[str | None, OMIT_NONE] = None
    id: Annotated[str | None, OMIT_NONE] = None
    status: Annotated[str | None, OMIT_NONE] = None
    action: Annotated[ResponsesApiWebSearchAction | None, OMIT_NONE] = None
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None


class ImageGenerationCallResponseItem(SnakeVariant):
    """Image generation call response item."""

    type: Literal["image_generation_call"] = "image_generation_call"
    encrypted_content: Annotated[str | None, OMIT_NONE] = None
    id: Annotated[str | None, OMIT_NONE] = None
    status: str
    revised_prompt: Annotated[str | None, OMIT_NONE] = None
    result: str
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None


class CompactionResponseItem(SnakeVariant):
    """Compaction response item."""

    type: Literal["compaction"] = "compaction"
    id: Annotated[str | None, OMIT_NONE] = None
    encrypted_content: str
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None


class ConfigurationUpdateResponseItem(Variant):
    """Configuration update response item."""

    type: Literal["configuration_update"] = "configuration_update"
    reasoning: ConfigurationReasoning


class CompactionTriggerResponseItem(Variant):
    """Compaction trigger response item."""

    type: Literal["compaction_trigger"] = "compaction_trigger"


class ContextCompactionResponseItem(SnakeVariant):
    """Context compaction response item."""

    type: Literal["context_compaction"] = "context_compaction"
    id: Annotated[str | None, OMIT_NONE] = None
    encrypted_content: Annotated[str | None, OMIT_NONE] = None
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None


class OtherResponseItem(Variant):
    """Other response item."""

    type: Literal["other"] = "other"


ResponseItem = TypeAliasType(
    "ResponseItem",
    Annotated[
        AdditionalToolsResponseItem
        | MessageResponseItem
        | AgentMessageResponseItem
        | ReasoningResponseItem
        | LocalShellCallResponseItem
        | FunctionCallResponseItem
        | ToolSearchCallResponseItem
        | FunctionCallOutputResponseItem
        | CustomToolCallResponseItem
        | CustomToolCallOutputResponseItem
        | ToolSearchOutputResponseItem
        | WebSearchCallResponseItem
        | ImageGenerationCallResponseItem
        | CompactionResponseItem
        | ConfigurationUpdateResponseItem
        | CompactionTriggerResponseItem
        | ContextCompactionResponseItem
        | OtherResponseItem,
        Field(discriminator="type"),
    ],
)
"""Response item."""
