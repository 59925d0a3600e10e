"""Items of the Responses API: the history as the model provider knows it, in the provider's shapes."""

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
    """Tools that the model has from here on."""

    type: Literal["additional_tools"] = "additional_tools"
    """The tag of this alternative."""
    id: Annotated[str | None, OMIT_NONE] = None
    """The provider's id; left out: none."""
    role: str
    """Who brings them."""
    tools: list[Any]
    """The tools."""


class MessageResponseItem(SnakeVariant):
    """A message."""

    type: Literal["message"] = "message"
    """The tag of this alternative."""
    encrypted_content: Annotated[str | None, OMIT_NONE] = None
    """A form that only the provider can read; left out: none."""
    status: Annotated[str | None, OMIT_NONE] = None
    """How it stands; left out when not told."""
    id: Annotated[str | None, OMIT_NONE] = None
    """The provider's id; left out: none."""
    role: str
    """Who says it."""
    content: list[ContentItem]
    """Its pieces."""
    phase: Annotated[MessagePhase | None, OMIT_NONE] = None
    """Whether it is said on the way or is the answer; left out when not told."""
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None
    """What the server adds for the provider; left out: nothing."""


class AgentMessageResponseItem(SnakeVariant):
    """A message from one agent to another."""

    type: Literal["agent_message"] = "agent_message"
    """The tag of this alternative."""
    id: Annotated[str | None, OMIT_NONE] = None
    """The provider's id; left out: none."""
    author: str
    """Who says it."""
    recipient: str
    """To whom."""
    content: list[AgentMessageInputContent]
    """Its pieces."""
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None
    """What the server adds for the provider; left out: nothing."""


class ReasoningResponseItem(SnakeVariant):
    """Reasoning."""

    type: Literal["reasoning"] = "reasoning"
    """The tag of this alternative."""
    id: Annotated[str | None, OMIT_NONE] = None
    """The provider's id; left out: none."""
    summary: list[ReasoningItemReasoningSummary]
    """Summaries of it."""
    content: Annotated[list[ReasoningItemContent] | None, OMIT_NONE] = None
    """The reasoning itself; left out when the provider keeps it."""
    encrypted_content: str | None = None
    """A form that only the provider can read; null: none."""
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None
    """What the server adds for the provider; left out: nothing."""


class LocalShellCallResponseItem(SnakeVariant):
    """A call of the provider's shell tool."""

    type: Literal["local_shell_call"] = "local_shell_call"
    """The tag of this alternative."""
    encrypted_content: Annotated[str | None, OMIT_NONE] = None
    """A form that only the provider can read; left out: none."""
    id: Annotated[str | None, OMIT_NONE] = None
    """The older form of the call's id; left out: none."""
    call_id: str | None = None
    """The id of the call; null: none."""
    status: LocalShellStatus
    """How it stands."""
    action: LocalShellAction
    """What to do."""
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None
    """What the server adds for the provider; left out: nothing."""


class FunctionCallResponseItem(SnakeVariant):
    """A call of a function."""

    type: Literal["function_call"] = "function_call"
    """The tag of this alternative."""
    encrypted_content: Annotated[str | None, OMIT_NONE] = None
    """A form that only the provider can read; left out: none."""
    status: Annotated[str | None, OMIT_NONE] = None
    """How it stands; left out when not told."""
    id: Annotated[str | None, OMIT_NONE] = None
    """The provider's id; left out: none."""
    name: str
    """The function."""
    namespace: Annotated[str | None, OMIT_NONE] = None
    """The group that it belongs to; left out: none."""
    arguments: str
    """Its arguments, as JSON text."""
    encrypted_function_args: Annotated[list[str] | None, OMIT_NONE] = None
    """Arguments that only the provider can read; left out: none."""
    call_id: str
    """The id of the call."""
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None
    """What the server adds for the provider; left out: nothing."""


class ToolSearchCallResponseItem(SnakeVariant):
    """A search for tools."""

    type: Literal["tool_search_call"] = "tool_search_call"
    """The tag of this alternative."""
    encrypted_content: Annotated[str | None, OMIT_NONE] = None
    """A form that only the provider can read; left out: none."""
    id: Annotated[str | None, OMIT_NONE] = None
    """The provider's id; left out: none."""
    call_id: str | None = None
    """The id of the call; null: the provider searches."""
    status: Annotated[str | None, OMIT_NONE] = None
    """How it stands; left out when not told."""
    execution: str
    """Who searches."""
    arguments: Any
    """What for."""
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None
    """What the server adds for the provider; left out: nothing."""


class FunctionCallOutputResponseItem(SnakeVariant):
    """What a function answered."""

    type: Literal["function_call_output"] = "function_call_output"
    """The tag of this alternative."""
    id: Annotated[str | None, OMIT_NONE] = None
    """The provider's id; left out: none."""
    call_id: Annotated[str | None, OMIT_NONE] = None
    """The id of the call; null: it was not called."""
    name: Annotated[str | None, OMIT_NONE] = None
    """The function; left out when the call tells."""
    namespace: Annotated[str | None, OMIT_NONE] = None
    """The group that it belongs to; left out: none."""
    output: FunctionCallOutputBody
    """The answer."""
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None
    """What the server adds for the provider; left out: nothing."""


class CustomToolCallResponseItem(SnakeVariant):
    """A call of a tool that takes plain text."""

    type: Literal["custom_tool_call"] = "custom_tool_call"
    """The tag of this alternative."""
    encrypted_content: Annotated[str | None, OMIT_NONE] = None
    """A form that only the provider can read; left out: none."""
    id: Annotated[str | None, OMIT_NONE] = None
    """The provider's id; left out: none."""
    status: Annotated[str | None, OMIT_NONE] = None
    """How it stands; left out when not told."""
    call_id: str
    """The id of the call."""
    name: str
    """The tool."""
    namespace: Annotated[str | None, OMIT_NONE] = None
    """The group that it belongs to; left out: none."""
    input: str
    """What it is given."""
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None
    """What the server adds for the provider; left out: nothing."""


class CustomToolCallOutputResponseItem(SnakeVariant):
    """What such a tool answered."""

    type: Literal["custom_tool_call_output"] = "custom_tool_call_output"
    """The tag of this alternative."""
    id: Annotated[str | None, OMIT_NONE] = None
    """The provider's id; left out: none."""
    call_id: str
    """The id of the call."""
    name: Annotated[str | None, OMIT_NONE] = None
    """The tool; left out when the call tells."""
    output: FunctionCallOutputBody
    """The answer."""
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None
    """What the server adds for the provider; left out: nothing."""


class ToolSearchOutputResponseItem(SnakeVariant):
    """Tools that were found."""

    type: Literal["tool_search_output"] = "tool_search_output"
    """The tag of this alternative."""
    id: Annotated[str | None, OMIT_NONE] = None
    """The provider's id; left out: none."""
    call_id: str | None = None
    """The id of the call; null: the provider searched."""
    status: str
    """How it stands."""
    execution: str
    """Who searched."""
    tools: list[Any]
    """The tools."""
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None
    """What the server adds for the provider; left out: nothing."""


class WebSearchCallResponseItem(SnakeVariant):
    """A search of the web by the provider."""

    type: Literal["web_search_call"] = "web_search_call"
    """The tag of this alternative."""
    encrypted_content: Annotated[str | None, OMIT_NONE] = None
    """A form that only the provider can read; left out: none."""
    id: Annotated[str | None, OMIT_NONE] = None
    """The provider's id; left out: none."""
    status: Annotated[str | None, OMIT_NONE] = None
    """How it stands; left out when not told."""
    action: Annotated[ResponsesApiWebSearchAction | None, OMIT_NONE] = None
    """What was done; left out when not told."""
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None
    """What the server adds for the provider; left out: nothing."""


class ImageGenerationCallResponseItem(SnakeVariant):
    """An image made by the provider."""

    type: Literal["image_generation_call"] = "image_generation_call"
    """The tag of this alternative."""
    encrypted_content: Annotated[str | None, OMIT_NONE] = None
    """A form that only the provider can read; left out: none."""
    id: Annotated[str | None, OMIT_NONE] = None
    """The provider's id; left out: none."""
    status: str
    """How it stands."""
    revised_prompt: Annotated[str | None, OMIT_NONE] = None
    """What it was made from in the end; left out when not told."""
    result: str
    """The image, in base64."""
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None
    """What the server adds for the provider; left out: nothing."""


class CompactionResponseItem(SnakeVariant):
    """A summary made by the provider, in place of what came before."""

    type: Literal["compaction"] = "compaction"
    """The tag of this alternative."""
    id: Annotated[str | None, OMIT_NONE] = None
    """The provider's id; left out: none."""
    encrypted_content: str
    """The summary, which only the provider can read."""
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None
    """What the server adds for the provider; left out: nothing."""


class ConfigurationUpdateResponseItem(Variant):
    """Settings of the model change here."""

    type: Literal["configuration_update"] = "configuration_update"
    """The tag of this alternative."""
    reasoning: ConfigurationReasoning
    """How it reasons from here on."""


class CompactionTriggerResponseItem(Variant):
    """The provider should summarize here."""

    type: Literal["compaction_trigger"] = "compaction_trigger"
    """The tag of this alternative."""


class ContextCompactionResponseItem(SnakeVariant):
    """The server's own mark of a summary."""

    type: Literal["context_compaction"] = "context_compaction"
    """The tag of this alternative."""
    id: Annotated[str | None, OMIT_NONE] = None
    """Its id; left out: none."""
    encrypted_content: Annotated[str | None, OMIT_NONE] = None
    """The summary, when only the provider can read it; left out: none."""
    internal_chat_message_metadata_passthrough: Annotated[InternalChatMessageMetadataPassthrough | None, OMIT_NONE] = None
    """What the server adds for the provider; left out: nothing."""


class OtherResponseItem(Variant):
    """Something that this version does not know."""

    type: Literal["other"] = "other"
    """The tag of this alternative."""


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
"""An item of a conversation with a model."""
