"""`thread/memoryMode/set`, `thread/memory/read`, `memory/status`, `memory/reset`, `rollout/compress`."""

import anyio.to_thread

from app_server.core import memories
from app_server.core.catalogue import NoRollout, catalogue_of, user_state_of
from app_server.core.errors import CallerError
from app_server.core.ids import checked_thread_id
from app_server.routing import route
from app_server.services import Context
from protocol.memory import (
    MEMORY_RESET,
    MEMORY_STATUS,
    ROLLOUT_COMPRESS,
    THREAD_MEMORY_MODE_SET,
    THREAD_MEMORY_READ,
    MemoryResetResponse,
    MemoryStatusParams,
    MemoryStatusResponse,
    RolloutCompressResponse,
    ThreadMemoryModeSetParams,
    ThreadMemoryModeSetResponse,
    ThreadMemoryReadParams,
    ThreadMemoryReadResponse,
)


async def set_mode(context: Context, params: ThreadMemoryModeSetParams) -> ThreadMemoryModeSetResponse:
    """Whether a thread makes memories; it need not be loaded."""
    threads, thread_id = context.services.threads, checked_thread_id(params.thread_id)
    thread = threads.find(thread_id)
    if thread is not None and thread.options.is_ephemeral:
        raise CallerError(f"ephemeral thread does not support metadata updates: {thread_id}", reason="thread_ephemeral")

    def put() -> None:
        if thread is None and catalogue_of(threads.runtime).search(thread_id) is None:
            raise NoRollout(thread_id)
        user_state_of(threads.runtime).memory_modes.set(thread_id, params.mode)

    await anyio.to_thread.run_sync(put)
    return ThreadMemoryModeSetResponse()


def read(context: Context, params: ThreadMemoryReadParams) -> ThreadMemoryReadResponse:
    """What a loaded thread knows from memory: nothing, as threads are told no memories."""
    context.services.threads.get(params.thread_id)
    return ThreadMemoryReadResponse(summary=None)


async def status(context: Context, params: MemoryStatusParams) -> MemoryStatusResponse:
    """Whether there are enough memories."""
    is_ready = await anyio.to_thread.run_sync(memories.is_ready, context.services.home, params.min_consolidated_threads)
    return MemoryStatusResponse(v2_consolidated_threads=0, v2_ready=is_ready)


async def reset(context: Context, _: None) -> MemoryResetResponse:
    """Remove all memories."""
    await anyio.to_thread.run_sync(memories.reset, context.services.home)
    return MemoryResetResponse()


def compress(_: Context, __: None) -> RolloutCompressResponse:
    """Old files may be compressed in time. They are left as they are, which readers of either kind understand."""
    return RolloutCompressResponse()


ROUTES = [
    route(THREAD_MEMORY_MODE_SET, set_mode),
    route(THREAD_MEMORY_READ, read),
    route(MEMORY_STATUS, status),
    route(MEMORY_RESET, reset),
    route(ROLLOUT_COMPRESS, compress),
]
