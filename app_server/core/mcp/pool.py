"""All running servers of the process: threads whose configuration starts a server alike share it."""

from collections.abc import Callable, Mapping

from app_server.core.mcp.errors import NotStarted
from app_server.core.mcp.server import IDLE_S, LINGER_S, Server, Ways
from app_server.core.mcp.settings import BadServer, Place, ServerSettings
from app_server.core.runtime import Spawn


class Pool:
    """Servers by where they are. One that has ended is forgotten, and started anew when it is next wanted."""

    def __init__(
        self,
        environment: Mapping[str, str],
        spawn: Spawn,
        ways: Callable[[], Ways],
        idle_s: float = IDLE_S,
        linger_s: float = LINGER_S,
    ) -> None:
        self._environment = environment
        self._spawn = spawn
        self._ways = ways
        self._limits = (idle_s, linger_s)
        self._servers: dict[Place, Server] = {}
        self._all: set[Server] = set()
        self._has_ended = False

    def server(self, settings: ServerSettings, cwd: str) -> Server:
        """The server, which may be starting still. Raises: NotStarted (its configuration can't be followed)."""
        try:
            place = settings.place(self._environment, cwd)
        except BadServer as bad:
            raise NotStarted(str(bad)) from None
        if self._has_ended:
            raise NotStarted("the server is shutting down")
        found = self._servers.get(place)
        if found is None or not found.is_usable:
            found = self._servers[place] = Server(place, settings.startup_s, self._ways(), *self._limits)
            self._all.add(found)
            self._spawn(self._run, found)
        return found

    async def _run(self, server: Server) -> None:
        try:
            await server.run()
        finally:
            self._all.discard(server)
            if self._servers.get(server.place) is server:
                del self._servers[server.place]

    def stop(self) -> None:
        """End all servers, and start none any more."""
        self._has_ended = True
        for server in self._all:
            server.stop()
