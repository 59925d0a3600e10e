"""The parts of items of the Responses API, in the provider's shapes."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import OMIT_NONE, U64, OneMember, Record, SnakeRecord, SnakeVariant, TypeAliasType, Variant
from protocol.input import ImageDetail
from protocol.mode import ReasoningEffort


class InputTextContent(Variant):
    """Text to the model."""

    type: Literal["input_text"] = "input_text"
    """The tag of this alternative."""
    text: str
    """The text."""


class InputImageContent(OneMember, SnakeVariant):
    """An image to the model, by its address or as a file of the provider's."""

    one_of: ClassVar[tuple[str, ...]] = ("image_url", "file_id")
    type: Literal["input_image"] = "input_image"
    """The tag of this alternative."""
    detail: Annotated[ImageDetail | None, OMIT_NONE] = None
    """How closely to look; left out lets the provider choose."""
    image_url: Annotated[str | None, OMIT_NONE] = None
    """Its address, usually a `data:` URL."""
    file_id: Annotated[str | None, OMIT_NONE] = None
    """The file of the provider's."""


class InputAudioContent(OneMember, SnakeVariant):
    """A recording to the model, by its address or as a file of the provider's."""

    one_of: ClassVar[tuple[str, ...]] = ("audio_url", "file_id")
    type: Literal["input_audio"] = "input_audio"
    """The tag of this alternative."""
    audio_url: Annotated[str | None, OMIT_NONE] = None
    """Its address, usually a `data:` URL."""
    file_id: Annotated[str | None, OMIT_NONE] = None
    """The file of the provider's."""


class OutputTextContent(Variant):
    """Text from the model."""

    type: Literal["output_text"] = "output_text"
    """The tag of this alternative."""
    text: str
    """The text."""
    annotations: Annotated[list[Any] | None, OMIT_NONE] = None
    """Remarks on it; left out when there are none."""
    logprobs: Annotated[list[Any] | None, OMIT_NONE] = None
    """How likely its words were; left out when not asked for."""


ContentItem = TypeAliasType(
    "ContentItem",
    Annotated[InputTextContent | InputImageContent | InputAudioContent | OutputTextContent, Field(discriminator="type")],
)
"""A piece of a message."""


class InternalChatMessageMetadataPassthrough(SnakeRecord):
    """What the server tells the provider about an item."""

    turn_id: Annotated[str | None, OMIT_NONE] = None
    """The turn; left out: none."""


class InputTextAgentContent(Variant):
    """Text."""

    type: Literal["input_text"] = "input_text"
    """The tag of this alternative."""
    text: str
    """The text."""


class EncryptedContentAgentContent(SnakeVariant):
    """Something that only the provider can read."""

    type: Literal["encrypted_content"] = "encrypted_content"
    """The tag of this alternative."""
    encrypted_content: str
    """As the provider made it."""


AgentMessageInputContent = TypeAliasType(
    "AgentMessageInputContent", Annotated[InputTextAgentContent | EncryptedContentAgentContent, Field(discriminator="type")]
)
"""A piece of a message between agents."""


class ReasoningTextContent(Variant):
    """Reasoning."""

    type: Literal["reasoning_text"] = "reasoning_text"
    """The tag of this alternative."""
    text: str
    """The text."""


class TextContent(Variant):
    """Text beside it."""

    type: Literal["text"] = "text"
    """The tag of this alternative."""
    text: str
    """The text."""


ReasoningItemContent = TypeAliasType(
    "ReasoningItemContent", Annotated[ReasoningTextContent | TextContent, Field(discriminator="type")]
)
"""A piece of reasoning."""


class SummaryText(Variant):
    """A summary."""

    type: Literal["summary_text"] = "summary_text"
    """The tag of this alternative."""
    text: str
    """The text."""


ReasoningItemReasoningSummary = TypeAliasType("ReasoningItemReasoningSummary", SummaryText)
"""A piece of a summary of reasoning."""


class ExecLocalShellAction(SnakeVariant):
    """Run a command."""

    type: Literal["exec"] = "exec"
    """The tag of this alternative."""
    command: list[str]
    """The program and its arguments."""
    timeout_ms: U64 | None = None
    """How long it may take; null: as usual."""
    working_directory: str | None = None
    """Where; null: as usual."""
    env: dict[str, str] | None = None
    """Variables to set; null: none."""
    user: str | None = None
    """As which user; null: as usual."""


LocalShellAction = TypeAliasType("LocalShellAction", ExecLocalShellAction)
"""What the provider's shell tool should do."""

LocalShellStatus = TypeAliasType("LocalShellStatus", Literal["completed", "in_progress", "incomplete"])
"""How a call of the provider's shell tool stands."""


class SearchResponsesWebAction(Variant):
    """Searched."""

    type: Literal["search"] = "search"
    """The tag of this alternative."""
    queries: list[str] | None = None
    """All that was searched for; left out when not told."""
    query: str | None = None
    """What for; left out when not told."""


class OpenPageResponsesWebAction(Variant):
    """Opened a page."""

    type: Literal["open_page"] = "open_page"
    """The tag of this alternative."""
    url: str | None = None
    """The page; left out when not told."""


class FindInPageResponsesWebAction(Variant):
    """Looked for something in a page."""

    type: Literal["find_in_page"] = "find_in_page"
    """The tag of this alternative."""
    pattern: str | None = None
    """What; left out when not told."""
    url: str | None = None
    """The page; left out when not told."""


class OtherResponsesWebAction(Variant):
    """Did something else."""

    type: Literal["other"] = "other"
    """The tag of this alternative."""


ResponsesApiWebSearchAction = TypeAliasType(
    "ResponsesApiWebSearchAction",
    Annotated[
        SearchResponsesWebAction | OpenPageResponsesWebAction | FindInPageResponsesWebAction | OtherResponsesWebAction,
        Field(discriminator="type"),
    ],
)
"""What the provider's web search did."""


class ConfigurationReasoning(Record):
    """Reasoning settings that change within a conversation."""

    effort: ReasoningEffort
    """How hard to think."""
