"""How MCP servers are reached: where running programs meet the connections to them."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from app_server.core.line_process import LineProcess, running
from app_server.core.mcp.credentials import Credentials
from app_server.core.mcp.server import Json, Link
from app_server.core.mcp.settings import Address, Command, Place

Opens = Callable[..., AbstractAsyncContextManager[Link]]


class McpWays:
    """Implements core.mcp.server.Ways. `to_program`, `to_address`, `renewing` import the library when they are first called."""

    def __init__(
        self,
        load: Callable[[], Awaitable[None]],
        to_program: Opens,
        to_address: Opens,
        renewing: Callable[[Credentials, Address], Any],
        credentials: Callable[[], Credentials],
    ) -> None:
        self._load = load
        self._to_program = to_program
        self._to_address = to_address
        self._renewing = renewing
        self._credentials = credentials

    def run_program(self, command: Command) -> AbstractAsyncContextManager[LineProcess]:
        """A running program. Raises: OSError."""
        return running(command.argv, dict(command.environment), command.cwd)

    async def load(self) -> None:
        """Have the library in memory, without holding up whoever else has something to do."""
        await self._load()

    def connect(self, place: Place, program: Any, answer: Callable[..., Awaitable[Json]]) -> AbstractAsyncContextManager[Link]:
        """A connection to an address, or to the program that runs."""
        if isinstance(place, Address):
            credentials = self._credentials()
            has_login = place.login is not None and credentials.has(place.login, place.url)
            return self._to_address(place, answer, self._renewing(credentials, place) if has_login else None)
        return self._to_program(program, answer)
