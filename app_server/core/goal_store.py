"""The goal of a thread that is not loaded: read from its file, and changed by a line at its end."""

from pathlib import Path

import anyio.to_thread

from app_server.core.catalogue import catalogue_of
from app_server.core.errors import ThreadNotFound
from app_server.core.ids import checked_thread_id
from app_server.core.runtime import Runtime
from app_server.core.store import lines
from app_server.core.store.lock import lock_writer
from app_server.core.store.rebuild import rebuild
from app_server.core.store.rollout import continue_rollout
from app_server.core.threads import Threads
from protocol.goal import ThreadGoal


class StoredGoal:
    """A stored thread, as far as its goal goes."""

    def __init__(self, runtime: Runtime, thread_id: str, path: Path, goal: ThreadGoal | None) -> None:
        self._path = path
        self.runtime = runtime
        self.id = thread_id
        self.goal = goal

    async def put(self, goal: ThreadGoal | None) -> None:
        """Make it the goal; None gives it up. Raises: WriterBusy, StoreError."""
        await anyio.to_thread.run_sync(self._write, goal)

    def _write(self, goal: ThreadGoal | None) -> None:
        lock = lock_writer(self.runtime.home, self.id)
        try:
            rollout = continue_rollout(self._path, self.runtime.clock)
            rollout.append(*(lines.thread_goal_cleared(self.id) if goal is None else lines.thread_goal_updated(goal)))
            rollout.sync()
        finally:
            lock.release()


async def stored_goal(threads: Threads, thread_id: str) -> StoredGoal:
    """A stored thread and its goal. Raises: InvalidThreadId, ThreadNotFound, StoreError."""
    thread_id = checked_thread_id(thread_id)
    runtime = threads.runtime

    def read() -> StoredGoal:
        found = catalogue_of(runtime).search(thread_id)
        if found is None:
            raise ThreadNotFound(thread_id)
        return StoredGoal(runtime, thread_id, found.path, rebuild(runtime.home, found.path, has_items=False).goal)

    return await anyio.to_thread.run_sync(read)
