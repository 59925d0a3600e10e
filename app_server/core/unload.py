"""Threads stop being loaded: on request, or when nobody has listened to them for a while.

A thread that is let go is closed in the file and free for other processes; clients resume it when they want it again.
Source: spec/threads.md section 7.
"""

import anyio

from app_server.core.durable import save_read_state
from app_server.core.thread import Thread
from app_server.core.threads import Threads
from protocol.thread import NotLoadedStatus
from protocol.thread_state import ThreadClosedNotification, ThreadStatusChangedNotification

STOP_S = 10.0
"""How long a turn may take to end after it was interrupted: its commands are ended within a few seconds."""


async def stop(thread: Thread) -> None:
    """Interrupt the turn that runs, and wait until it, a spoken conversation and the thread's commands have ended."""
    if thread.turn is not None:
        ended = anyio.Event()
        thread.when_idle(ended.set)
        thread.turn.interrupt()
        with anyio.move_on_after(STOP_S):
            await ended.wait()
    if thread.voice is not None:
        await thread.voice.aclose()
    await thread.end_commands()
    if thread.hooks is not None and thread.hooks.start_source is None and thread.hooks.agent_type is None:
        await thread.hooks.run("sessionEnd", None, {"reason": "other"}, ("other",))
    await thread.runtime.providers.release(thread.id)


async def unload(threads: Threads, thread: Thread) -> None:
    """Stop a thread and let it go. Its clients see that it is not loaded any more."""
    await stop(thread)
    if threads.find(thread.id) is not thread:
        return
    threads.remove(thread)
    thread.publish(ThreadStatusChangedNotification(thread_id=thread.id, status=NotLoadedStatus()))
    threads.runtime.outside.forget(thread.id)
    if thread.read_mark.is_kept:
        await save_read_state(thread)
    thread.recorder.close()


async def unload_when_idle(threads: Threads, thread_id: str) -> None:
    """Wait as long as the configuration says, and let the thread go if nobody has come back to it meanwhile."""
    thread = threads.find(thread_id)
    if thread is None:
        return
    with threads.timer(thread, anyio.CancelScope()) as is_due:
        await anyio.sleep(thread.config.thread_unload_delay_s)
        if is_due() and thread.turn is None and not threads.runtime.outside.has_listeners(thread_id):
            await unload(threads, thread)
            thread.publish(ThreadClosedNotification(thread_id=thread_id))
