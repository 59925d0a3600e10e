"""What is kept of a realtime session in the history of its thread."""

from typing import Annotated, Literal

from pydantic import Field

from protocol.base import HOISTED, SNAKE_IN_SCHEMA, U32, TypeAliasType, Variant

ThreadRealtimeTranscriptRole = TypeAliasType("ThreadRealtimeTranscriptRole", Literal["user", "assistant"])
"""Who spoke."""


class WholeItemPresentation(Variant):
    """Whole."""

    type: Literal["wholeItem"] = "wholeItem"
    """The tag of this alternative."""


class InlineMarkdownPresentation(Variant):
    """As text between what was spoken."""

    type: Literal["inlineMarkdown"] = "inlineMarkdown"
    """The tag of this alternative."""


class InlineVisualizationPresentation(Variant):
    """One of its pictures between what was spoken."""

    type: Literal["inlineVisualization"] = "inlineVisualization"
    """The tag of this alternative."""
    index: U32
    """Which, counted from 0."""


ThreadRealtimeBemItemPresentation = TypeAliasType(
    "ThreadRealtimeBemItemPresentation",
    Annotated[WholeItemPresentation | InlineMarkdownPresentation | InlineVisualizationPresentation, Field(discriminator="type")],
)
"""How an item of the agent is shown within a session."""

ThreadRealtimeSessionOutcome = TypeAliasType("ThreadRealtimeSessionOutcome", Literal["ended", "failed"])
"""How a session ended."""


class RealtimeItemBase(Variant):
    """What all of them have."""

    id: Annotated[str, HOISTED]
    """Its id."""
    realtime_session_id: Annotated[str, HOISTED]
    """The session."""


class RealtimeSessionStartedRealtimeItem(RealtimeItemBase):
    """The session began."""

    type: Literal["realtimeSessionStarted"] = "realtimeSessionStarted"
    """The tag of this alternative."""


class TranscriptSegmentRealtimeItem(RealtimeItemBase):
    """Something was spoken."""

    type: Literal["transcriptSegment"] = "transcriptSegment"
    """The tag of this alternative."""
    role: ThreadRealtimeTranscriptRole
    """By whom."""
    text: str
    """The words."""


class BemItemPromotedRealtimeItem(RealtimeItemBase):
    """An item of the agent was shown."""

    type: Literal["bemItemPromoted"] = "bemItemPromoted"
    """The tag of this alternative."""
    presentation: ThreadRealtimeBemItemPresentation
    """How."""
    item_id: Annotated[str, SNAKE_IN_SCHEMA]
    """The item."""
    turn_id: Annotated[str, SNAKE_IN_SCHEMA]
    """Its turn."""


class RealtimeSessionClosedRealtimeItem(RealtimeItemBase):
    """The session ended."""

    type: Literal["realtimeSessionClosed"] = "realtimeSessionClosed"
    """The tag of this alternative."""
    outcome: ThreadRealtimeSessionOutcome
    """How."""


ThreadRealtimeItem = TypeAliasType(
    "ThreadRealtimeItem",
    Annotated[
        RealtimeSessionStartedRealtimeItem
        | TranscriptSegmentRealtimeItem
        | BemItemPromotedRealtimeItem
        | RealtimeSessionClosedRealtimeItem,
        Field(discriminator="type"),
    ],
)
"""Something of a realtime session."""
