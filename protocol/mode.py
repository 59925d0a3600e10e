"""The mode family of the wire contract."""

from typing import Annotated, Literal

from pydantic import Field

from protocol.base import Record, SnakeRecord, TypeAliasType, Variant


class CustomMultiAgentMode(Variant, extra="forbid"):
    """Custom multi agent mode."""

    custom: str


MultiAgentMode = TypeAliasType("MultiAgentMode", Literal["explicitRequestOnly", "proactive"] | CustomMultiAgentMode)
"""Multi agent mode."""

Personality = TypeAliasType("Personality", Literal["none", "friendly", "pragmatic"])
"""Personality."""

ReasoningEffort = TypeAliasType("ReasoningEffort", Annotated[str, Field(min_length=1)])
"""Reasoning effort."""

ModeKind = TypeAliasType("ModeKind", Literal["plan", "default"])
"""Mode kind."""


class Settings(SnakeRecord):
    """Settings."""

    model: str
    reasoning_effort: ReasoningEffort | None = None
    developer_instructions: str | None = None


class CollaborationMode(Record):
    """Collaboration mode."""

    mode: ModeKind
    settings: Settings


ReasoningSummary = TypeAliasType("ReasoningSummary", Literal["auto", "concise", "detailed", "none"])
"""Reasoning summary."""

CyberAccessProgram = TypeAliasType("CyberAccessProgram", Literal["standard", "daybreakBlue", "daybreakRed"])
"""Cyber access program."""
