"""Whether a thread may make memories; it may unless the user has said otherwise."""

from typing import Literal

from app_server.core.store.state_database import StateDatabase

Mode = Literal["enabled", "disabled"]


class MemoryModes:
    """The memory modes of threads."""

    def __init__(self, database: StateDatabase) -> None:
        self._database = database

    def set(self, thread_id: str, mode: Mode) -> None:
        """Set a thread's mode. Raises: StoreError."""
        with self._database.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO memory_modes VALUES (?, ?)", (thread_id, mode))

    def of(self, thread_id: str) -> Mode:
        """A thread's mode. Raises: StoreError."""
        rows = self._database.rows("SELECT mode FROM memory_modes WHERE thread_id = ?", (thread_id,))
        return "disabled" if rows == [("disabled",)] else "enabled"
