"""The responses content family of the wire contract."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import OMIT_NONE, U64, OneMember, Record, SnakeRecord, SnakeVariant, TypeAliasType, Variant
from protocol.input import ImageDetail
from protocol.mode import ReasoningEffort


class InputTextContent(Variant):
    """Input text content."""

    type: Literal["input_text"] = "input_text"
    text: str


class InputImageContent(OneMember, SnakeVariant):
    """Input image content."""

    one_of: ClassVar[tuple[str, ...]] = ("image_url", "file_id")
    type: Literal["input_image"] = "input_image"
    detail: Annotated[ImageDetail | None, OMIT_NONE] = None
    image_url: Annotated[str | None, OMIT_NONE] = None
    file_id: Annotated[str | None, OMIT_NONE] = None


class InputAudioContent(OneMember, SnakeVariant):
    """Input audio content."""

    one_of: ClassVar[tuple[str, ...]] = ("audio_url", "file_id")
    type: Literal["input_audio"] = "input_audio"
    audio_url: Annotated[str | None, OMIT_NONE] = None
    file_id: Annotated[str | None, OMIT_NONE] = None


class OutputTextContent(Variant):
    """Output text content."""

    type: Literal["output_text"] = "output_text"
    text: str
    annotations: Annotated[list[Any] | None, OMIT_NONE] = None
    logprobs: Annotated[list[Any] | None, OMIT_NONE] = None


ContentItem = TypeAliasType(
    "ContentItem",
    Annotated[InputTextContent | InputImageContent | InputAudioContent | OutputTextContent, Field(discriminator="type")],
)
"""Content item."""


class InternalChatMessageMetadataPassthrough(SnakeRecord):
    """Internal chat message metadata passthrough."""

    turn_id: Annotated[str | None, OMIT_NONE] = None


class InputTextAgentContent(Variant):
    """Input text agent content."""

    type: Literal["input_text"] = "input_text"
    text: str


class EncryptedContentAgentContent(SnakeVariant):
    """Encrypted content agent content."""

    type: Literal["encrypted_content"] = "encrypted_content"
    encrypted_content: str


AgentMessageInputContent = TypeAliasType(
    "AgentMessageInputContent", Annotated[InputTextAgentContent | EncryptedContentAgentContent, Field(discriminator="type")]
)
"""Agent message input content."""


class ReasoningTextContent(Variant):
    """Reasoning text content."""

    type: Literal["reasoning_text"] = "reasoning_text"
    text: str


class TextContent(Variant):
    """Text content."""

    type: Literal["text"] = "text"
    text: str


ReasoningItemContent = TypeAliasType(
    "ReasoningItemContent", Annotated[ReasoningTextContent | TextContent, Field(discriminator="type")]
)
"""Reasoning item content."""


class SummaryText(Variant):
    """Summary text."""

    type: Literal["summary_text"] = "summary_text"
    text: str


ReasoningItemReasoningSummary = TypeAliasType("ReasoningItemReasoningSummary", SummaryText)
"""Reasoning item reasoning summary."""


class ExecLocalShellAction(SnakeVariant):
    """Exec local shell action."""

    type: Literal["exec"] = "exec"
    command: list[str]
    timeout_ms: U64 | None = None
    working_directory: str | None = None
    env: dict[str, str] | None = None
    user: str | None = None


LocalShellAction = TypeAliasType("LocalShellAction", ExecLocalShellAction)
"""Local shell action."""

LocalShellStatus = TypeAliasType("LocalShellStatus", Literal["completed", "in_progress", "incomplete"])
"""Local shell status."""


class SearchResponsesWebAction(Variant):
    """Search responses web action."""

    type: Literal["search"] = "search"
    queries: list[str] | None = None
    query: str | None = None


class OpenPageResponsesWebAction(Variant):
    """Open page responses web action."""

    type: Literal["open_page"] = "open_page"
    url: str | None = None


class FindInPageResponsesWebAction(Variant):
    """Find in page responses web action."""

    type: Literal["find_in_page"] = "find_in_page"
    pattern: str | None = None
    url: str | None = None


class OtherResponsesWebAction(Variant):
    """Other responses web action."""

    type: Literal["other"] = "other"


ResponsesApiWebSearchAction = TypeAliasType(
    "ResponsesApiWebSearchAction",
    Annotated[
        SearchResponsesWebAction | OpenPageResponsesWebAction | FindInPageResponsesWebAction | OtherResponsesWebAction,
        Field(discriminator="type"),
    ],
)
"""Responses api web search action."""


class ConfigurationReasoning(Record):
    """Configuration reasoning."""

    effort: ReasoningEffort
