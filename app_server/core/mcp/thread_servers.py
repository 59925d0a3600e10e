"""What one thread sees of the servers that its configuration names: how they start, their tools, and calls of them.

A server that has ended because nobody used it is started again by the next call. One that has ended by itself stays away
for the rest of the turn, as models are told, and is started again for the next.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import anyio

from app_server.core.config.config import Config
from app_server.core.mcp.elicitation import answer_of, question_of
from app_server.core.mcp.errors import LinkClosed, NotStarted
from app_server.core.mcp.pool import Pool
from app_server.core.mcp.server import Json, Server
from app_server.core.mcp.settings import ServerSettings, servers_of
from app_server.core.ports import NoAnswer
from app_server.core.runtime import Runtime
from app_server.core.settings import ThreadSettings
from protocol.approval import GranularApproval
from protocol.base import Notification
from protocol.elicitation import MCP_SERVER_ELICITATION_REQUEST
from protocol.mcp import McpServerConnectionStatus, McpServerStartupState, McpServerStatusUpdatedNotification

DEFAULT_GRACE_MS = 3000
"""How long a turn waits for servers that are starting still."""
CONNECTION: Mapping[McpServerStartupState, McpServerConnectionStatus] = {
    "starting": "starting",
    "ready": "connected",
    "failed": "failed",
    "cancelled": "cancelled",
}


class Owner(Protocol):
    """The thread."""

    id: str
    config: Config
    settings: ThreadSettings
    runtime: Runtime
    turn: Any

    def publish(self, notification: Notification) -> None:
        """Announce something about the thread."""
        ...

    def add_flag(self, flag: Any) -> None:
        """The running turn waits for the user."""
        ...

    def remove_flag(self, flag: Any) -> None:
        """It does not wait any more."""
        ...


class Attached:
    """One server of the thread."""

    def __init__(self, owner: Owner, pool: Pool, settings: ServerSettings) -> None:
        self.settings = settings
        self.status: McpServerStartupState = "starting"
        self.failure: str | None = None
        self.tools: dict[str, Json] = {}
        self.hello: Json = {}
        self.server: Server | None = None
        self.settled = anyio.Event()
        self._owner = owner
        self._pool = pool

    @property
    def name(self) -> str:
        """Its name in the configuration."""
        return self.settings.name

    @property
    def instructions(self) -> str:
        """What the server says about its tools as a whole."""
        found = self.hello.get("instructions")
        return found if isinstance(found, str) else ""

    async def start(self) -> None:
        """Start it, or join the one that runs. Cancel: the thread needs it no more."""
        self._tell("starting")
        try:
            server = self._pool.server(self.settings, self._owner.settings.cwd)
        except NotStarted as failure:
            self.failure = failure.reason
        else:
            self._hold(server)
            await server.started.wait()
            self.failure = server.failure
        self.settled.set()
        if self.status == "cancelled":
            return
        if self.failure is None and self.server is not None:
            self.hello = self.server.hello or {}
            self.tools = {tool["name"]: tool for tool in self.server.tools if self.settings.offers(tool["name"])}
            self._tell("ready")
        else:
            self._tell("failed", f"MCP client for `{self.name}` failed to start: MCP startup failed: {self.failure}")

    def _tell(self, status: McpServerStartupState, error: str | None = None) -> None:
        self.status = status
        needs_login = error is not None and self.server is not None and self.server.needs_login
        told = McpServerStatusUpdatedNotification(
            thread_id=self._owner.id,
            name=self.name,
            status=status,
            error=error,
            failure_reason="reauthenticationRequired" if needs_login else None,
        )
        self._owner.publish(told)

    def _hold(self, server: Server) -> None:
        self.let_go()
        self.server = server
        server.hold(self.elicit)

    def let_go(self) -> None:
        """The thread needs it no more."""
        server, self.server = self.server, None
        if server is not None:
            server.let_go(self.elicit)

    def cancel(self) -> None:
        """It is not waited for any more."""
        if not self.settled.is_set():
            self._tell("cancelled")
            self.settled.set()
        self.let_go()

    @property
    def is_broken(self) -> bool:
        """Whether it was there and has ended by itself."""
        return self.server is not None and self.status == "ready" and self.server.has_ended and not self.server.was_idle

    async def request(
        self, method: str, params: Json | None = None, on_progress: Callable[[str | None], None] | None = None
    ) -> Json:
        """Ask the server something. Raises: ServerTrouble. Cancel: the server is told."""
        await self.settled.wait()
        if self.failure is not None:
            raise NotStarted(self.failure)
        server = self.server
        if server is None or self.is_broken:
            raise LinkClosed
        if not server.is_usable:
            server = self._pool.server(self.settings, self._owner.settings.cwd)
            self._hold(server)
        if server.is_taken(self.elicit):
            server = self._pool.server(self.settings, self._owner.settings.cwd, self.elicit)
        seconds = self.settings.tool_s
        return await server.request(method, params, seconds=seconds, asker=self.elicit, on_progress=on_progress)

    async def elicit(self, params: Mapping[str, Any]) -> Json:
        """Put a question of the server's to the thread's clients. Raises: Refusal (it is none that they could answer)."""
        owner = self._owner
        policy = owner.settings.approval_policy
        if policy == "never" or (isinstance(policy, GranularApproval) and not policy.granular.mcp_elicitations):
            return {"action": "decline"}
        turn = owner.turn
        question = question_of(params, owner.id, None if turn is None else turn.id, self.name)
        if turn is not None:
            owner.add_flag("waitingOnApproval")
        try:
            return answer_of(await owner.runtime.outside.ask(owner.id, MCP_SERVER_ELICITATION_REQUEST, question))
        except NoAnswer:
            return {"action": "decline"}
        finally:
            if turn is not None:
                owner.remove_flag("waitingOnApproval")


class ThreadServers:
    """The servers of one thread."""

    def __init__(self, owner: Owner, pool: Pool) -> None:
        self._owner = owner
        self._pool = pool
        self.attached: dict[str, Attached] = {}
        self.disabled: list[ServerSettings] = []
        self.version = 0
        """Counts how often the set of tools may have changed."""

    def start(self) -> None:
        """Start all servers of the thread's configuration, beside whatever else goes on."""
        known, without = servers_of(self._owner.config.mcp_servers).values(), self._owner.settings.disabled_plugin_ids
        settings = [each for each in known if each.plugin_id not in without]
        self.disabled = [each for each in settings if not each.is_enabled]
        self.attached = {each.name: Attached(self._owner, self._pool, each) for each in settings if each.is_enabled}
        for each in self.attached.values():
            self._owner.runtime.spawn(self._start, each)

    async def _start(self, attached: Attached) -> None:
        await attached.start()
        self.version += 1

    @property
    def is_starting(self) -> bool:
        """Whether some server is not there yet."""
        return any(not each.settled.is_set() for each in self.attached.values())

    def retry(self, name: str) -> None:
        """Something has changed for the better for a server: start it anew, if it could not be started."""
        known = self.attached.get(name)
        if known is not None and known.failure is not None:
            self.attached[name] = fresh = Attached(self._owner, self._pool, known.settings)
            self._owner.runtime.spawn(self._start, fresh)

    async def settle(self) -> None:
        """Before a turn: what has broken is started again, and what is starting is waited for, but not for long.

        The time counts from when everything of our own is in memory.
        """
        for name, each in self.attached.items():
            if each.is_broken:
                each.let_go()
                self.attached[name] = fresh = Attached(self._owner, self._pool, each.settings)
                self._owner.runtime.spawn(self._start, fresh)
        if self.is_starting:
            await self._pool.load()
            grace_ms = self._owner.config.raw.get("mcp_optional_startup_grace_ms", DEFAULT_GRACE_MS)
            with anyio.move_on_after(grace_ms / 1000):
                await self.wait_settled()

    async def wait_required(self) -> None:
        """Until every server that the thread can't do without is there, or can't be."""
        for each in list(self.attached.values()):
            if each.settings.is_required:
                await each.settled.wait()

    async def wait_settled(self) -> None:
        """Until every server is there, or can't be."""
        for each in list(self.attached.values()):
            await each.settled.wait()

    def missing(self) -> list[tuple[str, str]]:
        """The servers that the thread can't do without and that could not be started, with the reasons."""
        return [
            (each.name, each.failure) for each in self.attached.values() if each.settings.is_required and each.failure is not None
        ]

    def restart(self) -> None:
        """Start all servers anew, by the configuration as it is now."""
        for each in self.attached.values():
            if each.server is not None:
                each.server.retire()
        self.end()
        self.start()

    def end(self) -> None:
        """The thread ends, or begins anew."""
        for each in self.attached.values():
            each.cancel()
        self.attached = {}
        self.version += 1


def attach(owner: Any, pool: Pool) -> None:
    """Start the servers of a thread that has some."""
    owner.servers = ThreadServers(owner, pool)
    owner.servers.start()
