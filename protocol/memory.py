"""The memory family of the wire contract."""

from typing import Any, Literal

from protocol.base import U32, Method, Params, Response, TypeAliasType

ThreadMemoryMode = TypeAliasType("ThreadMemoryMode", Literal["enabled", "disabled"])
"""Thread memory mode."""


class ThreadMemoryModeSetParams(Params):
    """What `thread/memoryMode/set` asks with."""

    thread_id: str
    mode: ThreadMemoryMode


class ThreadMemoryModeSetResponse(Response):
    """What `thread/memoryMode/set` is answered with."""


class ThreadMemoryReadParams(Params):
    """What `thread/memory/read` asks with."""

    thread_id: str


class ThreadMemoryReadResponse(Response):
    """What `thread/memory/read` is answered with."""

    summary: str | None = None


class MemoryStatusParams(Params):
    """What `memory/status` asks with."""

    min_consolidated_threads: U32 | None = None


class MemoryStatusResponse(Response):
    """What `memory/status` is answered with."""

    v2_consolidated_threads: U32
    v2_ready: bool


class MemoryResetResponse(Response):
    """What `memory/reset` is answered with."""


class RolloutCompressResponse(Response):
    """What `rollout/compress` is answered with."""


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
