"""All running servers of the process: threads whose configuration starts a server alike share it."""

from collections.abc import Callable, Mapping

from app_server.core.mcp.errors import NotStarted
from app_server.core.mcp.server import IDLE_S, LINGER_S, Asker, Server, Ways
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
        self._servers: dict[Place, list[Server]] = {}
        self._has_ended = False

    def server(self, settings: ServerSettings, cwd: str, asker: Asker | None = None) -> Server:
        """The server, which may be starting still; one that is not taken, for a call of a user.

        Raises: NotStarted (its configuration can't be followed).
        """
        try:
            place = settings.place(self._environment, cwd)
        except BadServer as bad:
            raise NotStarted(str(bad)) from None
        if self._has_ended:
            raise NotStarted("the server is shutting down")
        for known in self._servers.get(place, ()):
            if known.is_usable and (asker is None or not known.is_taken(asker)):
                return known
        server = Server(place, settings.startup_s, self._ways(), *self._limits)
        self._servers.setdefault(place, []).append(server)
        self._spawn(self._run, server)
        return server

    async def _run(self, server: Server) -> None:
        try:
            await server.run()
        finally:
            alike = self._servers[server.place]
            alike.remove(server)
            if not alike:
                del self._servers[server.place]

    async def load(self) -> None:
        """Have in memory what connections need."""
        await self._ways().load()

    def stop(self) -> None:
        """End all servers, and start none any more."""
        self._has_ended = True
        for server in [server for alike in self._servers.values() for server in alike]:
            server.stop()
