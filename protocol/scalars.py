"""Names for plain values that several families use."""

from posixpath import normpath
from typing import Annotated, Literal

from pydantic import AfterValidator

from protocol.base import I64, TypeAliasType


def _absolute(path: str) -> str:
    if not path.startswith("/"):
        raise ValueError("AbsolutePathBuf deserialized without a base path")
    return normpath(path)


AbsolutePathBuf = TypeAliasType("AbsolutePathBuf", Annotated[str, AfterValidator(_absolute)])
"""An absolute path without `.` and `..`; what it names need not exist."""

RequestId = TypeAliasType("RequestId", str | I64)
"""What an answer is matched by: a string or an integer of 64 bits, given back as it came."""

LegacyAppPathString = TypeAliasType("LegacyAppPathString", str)
"""A path in the notation of the machine that it is on."""

AgentPath = TypeAliasType("AgentPath", str)
"""The place of an agent in the tree of agents, like a file path."""

ThreadId = TypeAliasType("ThreadId", str)
"""The id of a thread, a UUID."""

MessagePhase = TypeAliasType("MessagePhase", Literal["commentary", "partial_answer", "final_answer"])
"""Whether text is said on the way, is part of an answer, or is the answer."""

SortDirection = TypeAliasType("SortDirection", Literal["asc", "desc"])
"""Which end of a list comes first."""

ConversationTextRole = TypeAliasType("ConversationTextRole", Literal["user", "developer", "assistant"])
"""Who says something."""

PathUri = TypeAliasType("PathUri", str)
"""A place on some machine, as a URI."""
