"""The scalars family of the wire contract."""

from posixpath import normpath
from typing import Annotated, Literal

from pydantic import AfterValidator

from protocol.base import I64, TypeAliasType


def _absolute(path: str) -> str:
    if not path.startswith("/"):
        raise ValueError("AbsolutePathBuf deserialized without a base path")
    return normpath(path)


AbsolutePathBuf = TypeAliasType("AbsolutePathBuf", Annotated[str, AfterValidator(_absolute)])
"""Absolute path buf."""

RequestId = TypeAliasType("RequestId", str | I64)
"""Request id."""

LegacyAppPathString = TypeAliasType("LegacyAppPathString", str)
"""Legacy app path string."""

AgentPath = TypeAliasType("AgentPath", str)
"""Agent path."""

ThreadId = TypeAliasType("ThreadId", str)
"""Thread id."""

MessagePhase = TypeAliasType("MessagePhase", Literal["commentary", "partial_answer", "final_answer"])
"""Message phase."""

SortDirection = TypeAliasType("SortDirection", Literal["asc", "desc"])
"""Sort direction."""

ConversationTextRole = TypeAliasType("ConversationTextRole", Literal["user", "developer", "assistant"])
"""Conversation text role."""

PathUri = TypeAliasType("PathUri", str)
"""Path uri."""
