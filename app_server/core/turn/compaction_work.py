"""The work of a turn that a client has asked for to compact the thread. Source: spec/turns.md section 8."""

from app_server.core.turn.conversation import Conversation


class CompactionWork(Conversation):
    """Compacts, and is done."""

    async def run(self) -> None:
        """Compact the history. Raises: ProviderError, StoreError."""
        await self._compact(await self._open(), "standalone_turn", self._model)
