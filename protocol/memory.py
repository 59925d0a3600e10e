"""Memories: what the agent keeps from one thread for others."""

from typing import Any, Literal

from protocol.base import U32, Method, Params, Response, TypeAliasType

ThreadMemoryMode = TypeAliasType("ThreadMemoryMode", Literal["enabled", "disabled"])
"""Whether a thread makes memories."""


class ThreadMemoryModeSetParams(Params):
    """Whether this thread makes memories from now on."""

    thread_id: str
    """The thread."""
    mode: ThreadMemoryMode
    """Whether it does."""


class ThreadMemoryModeSetResponse(Response):
    """It is set."""


class ThreadMemoryReadParams(Params):
    """What does this thread know from memory?"""

    thread_id: str
    """The thread."""


class ThreadMemoryReadResponse(Response):
    """What it knows."""

    summary: str | None = None
    """The memories, as the model sees them; null: none."""


class MemoryStatusParams(Params):
    """Are there enough memories?"""

    min_consolidated_threads: U32 | None = None
    """From how many threads they must come, at most 4096; null: 20."""


class MemoryStatusResponse(Response):
    """What there is."""

    v2_consolidated_threads: U32
    """How many threads they come from."""
    v2_ready: bool
    """Whether that is enough."""


class MemoryResetResponse(Response):
    """All memories are gone."""


class RolloutCompressResponse(Response):
    """The files of old threads will be compressed in time."""


THREAD_MEMORY_MODE_SET = Method("thread/memoryMode/set", ThreadMemoryModeSetParams, ThreadMemoryModeSetResponse)
THREAD_MEMORY_READ = Method("thread/memory/read", ThreadMemoryReadParams, ThreadMemoryReadResponse)
MEMORY_STATUS = Method("memory/status", MemoryStatusParams, MemoryStatusResponse)
MEMORY_RESET: Method[None, MemoryResetResponse] = Method("memory/reset", None, MemoryResetResponse)
ROLLOUT_COMPRESS: Method[None, RolloutCompressResponse] = Method("rollout/compress", None, RolloutCompressResponse)

METHODS: tuple[Method[Any, Any], ...] = (
    THREAD_MEMORY_MODE_SET,
    THREAD_MEMORY_READ,
    MEMORY_STATUS,
    MEMORY_RESET,
    ROLLOUT_COMPRESS,
)
