"""The realtime item family of the wire contract."""

from typing import Annotated, Literal

from pydantic import Field

from protocol.base import HOISTED, U32, TypeAliasType, Variant

ThreadRealtimeTranscriptRole = TypeAliasType("ThreadRealtimeTranscriptRole", Literal["user", "assistant"])
"""Thread realtime transcript role."""


class WholeItemPresentation(Variant):
    """Whole item presentation."""

    type: Literal["wholeItem"] = "wholeItem"


class InlineMarkdownPresentation(Variant):
    """Inline markdown presentation."""

    type: Literal["inlineMarkdown"] = "inlineMarkdown"


class InlineVisualizationPresentation(Variant):
    """Inline visualization presentation."""

    type: Literal["inlineVisualization"] = "inlineVisualization"
    index: U32


ThreadRealtimeBemItemPresentation = TypeAliasType(
    "ThreadRealtimeBemItemPresentation",
    Annotated[WholeItemPresentation | InlineMarkdownPresentation | InlineVisualizationPresentation, Field(discriminator="type")],
)
"""Thread realtime bem item presentation."""

ThreadRealtimeSessionOutcome = TypeAliasType("ThreadRealtimeSessionOutcome", Literal["ended", "failed"])
"""Thread realtime session outcome."""


class RealtimeItemBase(Variant):
    """Realtime item base."""

    id: Annotated[str, HOISTED]
    realtime_session_id: Annotated[str, HOISTED]


class RealtimeSessionStartedRealtimeItem(RealtimeItemBase):
    """Realtime session started realtime item."""

    type: Literal["realtimeSessionStarted"] = "realtimeSessionStarted"


class TranscriptSegmentRealtimeItem(RealtimeItemBase):
    """Transcript segment realtime item."""

    type: Literal["transcriptSegment"] = "transcriptSegment"
    role: ThreadRealtimeTranscriptRole
    text: str


class BemItemPromotedRealtimeItem(RealtimeItemBase):
    """Bem item promoted realtime item."""

    type: Literal["bemItemPromoted"] = "bemItemPromoted"
    presentation: ThreadRealtimeBemItemPresentation
    item_id: Annotated[str, Field(alias="item_id")]
    turn_id: Annotated[str, Field(alias="turn_id")]


class RealtimeSessionClosedRealtimeItem(RealtimeItemBase):
    """Realtime session closed realtime item."""

    type: Literal["realtimeSessionClosed"] = "realtimeSessionClosed"
    outcome: ThreadRealtimeSessionOutcome


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
"""Thread realtime item."""
