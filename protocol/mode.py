"""How the model works: effort, summaries, modes."""

from typing import Annotated, Literal

from pydantic import Field

from protocol.base import Record, SnakeRecord, TypeAliasType, Variant


class CustomMultiAgentMode(Variant, extra="forbid"):
    """By a policy of the configuration."""

    custom: str
    """The policy."""


MultiAgentMode = TypeAliasType("MultiAgentMode", Literal["explicitRequestOnly", "proactive"] | CustomMultiAgentMode)
"""When the agent may ask other agents; kept for older clients."""

Personality = TypeAliasType("Personality", Literal["none", "friendly", "pragmatic"])
"""The tone of the agent; kept for older clients."""

ReasoningEffort = TypeAliasType("ReasoningEffort", Annotated[str, Field(min_length=1)])
"""How hard the model thinks, in a word of the model's catalog entry."""

ModeKind = TypeAliasType("ModeKind", Literal["plan", "default"])
"""What the conversation is about: planning, or doing."""


class Settings(SnakeRecord):
    """What a mode sets."""

    model: str
    """The model."""
    reasoning_effort: ReasoningEffort | None = None
    """How hard it thinks; null: its default."""
    developer_instructions: str | None = None
    """Instructions in place of those of the mode; null keeps the mode's own."""


class CollaborationMode(Record):
    """A mode with its settings."""

    mode: ModeKind
    """Which mode."""
    settings: Settings
    """What it sets."""


ReasoningSummary = TypeAliasType("ReasoningSummary", Literal["auto", "concise", "detailed", "none"])
"""How much the model tells of its reasoning."""

CyberAccessProgram = TypeAliasType("CyberAccessProgram", Literal["standard", "daybreakBlue", "daybreakRed"])
"""A provider's program for security work."""
