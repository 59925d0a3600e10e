"""One running server: started, asked what it can do, used by any number of threads at once, and ended when nobody needs it.

Whose question it is when a server asks the user something is told by the calls that run: the newest of them. Once a server
has asked, calls of different threads are not put to it at the same time, so that nobody is asked for another (`is_taken`).
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from typing import Any, Protocol

import anyio

from app_server.core.mcp.errors import (
    METHOD_NOT_FOUND,
    LinkClosed,
    LoginNeeded,
    NotStarted,
    Refusal,
    RemoteError,
    ServerTrouble,
    TooLate,
    os_error_text,
)
from app_server.core.mcp.settings import Command, Place

log = logging.getLogger(__name__)
LINGER_S = 5.0
"""How long a server that no thread holds waits for the next use."""
IDLE_S = 1800.0
"""How long one that threads hold does."""
MOST_PAGES = 100

Json = dict[str, Any]
Asker = Callable[[Mapping[str, Any]], Awaitable[Json]]
"""Puts a question of a server's to the user, and gives the answer. Raises: Refusal."""


class Link(Protocol):
    """What is needed of a connection, see `link.Link`."""

    ended: anyio.Event

    async def greet(self) -> Json:
        """The handshake. Raises: ServerTrouble."""
        ...

    async def request(
        self, method: str, params: Json | None = None, on_progress: Callable[[str | None], None] | None = None
    ) -> Json:
        """Ask the server. Raises: ServerTrouble."""
        ...


class Ways(Protocol):
    """How connections are opened; heavy, so it is loaded when the first one is."""

    def run_program(self, command: Command) -> AbstractAsyncContextManager[Any]:
        """A running program. Raises: OSError."""
        ...

    async def load(self) -> None:
        """Have the library in memory."""
        ...

    def connect(
        self, place: Place, program: Any, answer: Callable[[str, Mapping[str, Any]], Awaitable[Json]]
    ) -> AbstractAsyncContextManager[Link]:
        """A connection to an address, or to the program that runs."""
        ...


class Use:
    """A call that runs: who is asked when the server asks, and until when the call may take."""

    def __init__(self, asker: Asker | None) -> None:
        self.asker = asker
        self.scope = anyio.CancelScope()

    async def ask(self, params: Mapping[str, Any]) -> Json:
        """Ask the user; the time that he takes is not the server's. Raises: Refusal."""
        if self.asker is None:
            raise Refusal(METHOD_NOT_FOUND, "elicitation/create")
        left = self.scope.deadline - anyio.current_time()
        self.scope.deadline = float("inf")
        try:
            return await self.asker(params)
        finally:
            self.scope.deadline = anyio.current_time() + left


class Server:
    """Made by the pool. Invariant: after `started`, either `failure` says why it does not run, or it has a link until it ends."""

    def __init__(self, place: Place, startup_s: float, ways: Ways, idle_s: float = IDLE_S, linger_s: float = LINGER_S) -> None:
        self.place = place
        self.started = anyio.Event()
        self.has_ended = False
        self.was_idle = False
        """Whether it has ended because nobody needed it."""
        self.is_retired = False
        """Whether nobody new may use it."""
        self.failure: str | None = None
        self.needs_login = False
        """Whether it could not be started because the user has to log in again."""
        self.hello: Json | None = None
        """What it says of itself, once it has."""
        self.tools: list[Json] = []
        self.tools_meta: Any = None
        self._startup_s = startup_s
        self._ways = ways
        self._limits = (idle_s, linger_s)
        self._link: Link | None = None
        self._news = anyio.Event()
        self._uses: list[Use] = []
        self._holders: list[Asker] = []
        self._has_asked = False
        self._is_stopping = False
        self._starting = anyio.CancelScope()

    @property
    def is_usable(self) -> bool:
        """Whether it may be given to somebody."""
        return not (self.has_ended or self.is_retired or self._is_stopping)

    def is_taken(self, asker: Asker) -> bool:
        """Whether another user might be asked what a call of this one leads to."""
        return self._has_asked and any(use.asker != asker for use in self._uses)

    async def run(self) -> None:
        """Start, and run until it ends or is ended. Never raises what a server or its configuration can cause."""
        try:
            with self._starting:
                await self._run()
        except (OSError, ServerTrouble) as error:
            reason = os_error_text(error) if isinstance(error, OSError) else str(error)
            if self.started.is_set():
                log.warning("an MCP server is gone: %s", reason)
            else:
                self.failure = reason
                self.needs_login = isinstance(error, LoginNeeded)
        finally:
            self.has_ended = True
            self._link = None
            if not self.started.is_set() and self.failure is None:
                self.failure = "it was ended"
            self.started.set()

    async def _run(self) -> None:
        async with self._opened() as link:
            await self._begin(link)
            if self.failure is None:
                self._link = link
                self.started.set()
                await self._until_unneeded(link)

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Link]:
        """The connection. A program starts while the library is loaded."""
        is_program = isinstance(self.place, Command)
        async with self._ways.run_program(self.place) if isinstance(self.place, Command) else nullcontext() as program:
            await self._ways.load()
            async with self._ways.connect(self.place, program if is_program else None, self._answer) as link:
                yield link

    async def _begin(self, link: Link) -> None:
        """The handshake and the list of tools."""
        try:
            with anyio.fail_after(self._startup_s):
                try:
                    self.hello = await link.greet()
                except LinkClosed:
                    closed = "connection closed: initialize response"
                    self.failure = f"handshaking with MCP server failed: {closed}: {closed}"
                except RemoteError as error:
                    shown = f"JSON-RPC error: {error.code}: {error.message}"
                    self.failure = f"handshaking with MCP server failed: {shown}: {shown}"
                else:
                    await self._list_tools(link)
        except ServerTrouble as trouble:
            self.failure = str(trouble)
        except TimeoutError:
            shown = f"{self._startup_s * 1000:g}ms"
            self.failure = f"timed out handshaking with MCP server after {shown}: deadline has elapsed"

    async def _list_tools(self, link: Link) -> None:
        if "tools" not in self.capabilities:
            return
        page = await link.request("tools/list")
        self.tools_meta = page.get("_meta")
        self.tools = [*tools_in(page)]
        for _ in range(MOST_PAGES):
            if not page.get("nextCursor"):
                return
            page = await link.request("tools/list", {"cursor": page["nextCursor"]})
            self.tools += tools_in(page)

    @property
    def capabilities(self) -> Json:
        """What it can do."""
        found = (self.hello or {}).get("capabilities")
        return found if isinstance(found, dict) else {}

    async def _until_unneeded(self, link: Link) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(self._tell_end, link)
            while not link.ended.is_set() and not self._is_stopping and (self._uses or not self.is_retired):
                idle_s, linger_s = self._limits
                limit = None if self._uses else idle_s if self._holders else linger_s
                with anyio.move_on_after(limit) as waiting:
                    await self._news.wait()
                    self._news = anyio.Event()
                if waiting.cancelled_caught:
                    self.was_idle = True
                    break
            self.is_retired = True
            group.cancel_scope.cancel()

    async def _tell_end(self, link: Link) -> None:
        await link.ended.wait()
        self._news.set()

    def hold(self, asker: Asker) -> None:
        """A thread wants it to be there; its user is asked what a server asks outside of any call."""
        self._holders.append(asker)
        self._news.set()

    def let_go(self, asker: Asker) -> None:
        """The thread needs it no more."""
        if asker in self._holders:
            self._holders.remove(asker)
            self._news.set()

    def retire(self) -> None:
        """Take nobody new, and end when the calls that run are done."""
        self.is_retired = True
        self._news.set()

    def stop(self) -> None:
        """End now."""
        self._is_stopping = True
        self._news.set()
        if self._link is None:
            self._starting.cancel()

    @contextmanager
    def _used(self, use: Use) -> Iterator[None]:
        self._uses.append(use)
        self._news.set()
        try:
            yield
        finally:
            self._uses.remove(use)
            self._news.set()

    async def request(
        self,
        method: str,
        params: Json | None = None,
        *,
        seconds: float,
        asker: Asker | None = None,
        on_progress: Callable[[str | None], None] | None = None,
    ) -> Json:
        """Ask it something. Raises: ServerTrouble. Cancel: the server is told, and its answer is not awaited."""
        await self.started.wait()
        if self.failure is not None:
            raise NotStarted(self.failure)
        link = self._link
        if link is None:
            raise LinkClosed
        use = Use(asker)
        with self._used(use), use.scope:
            use.scope.deadline = anyio.current_time() + seconds
            return await link.request(method, params, on_progress)
        raise TooLate(method, seconds)

    async def _answer(self, method: str, params: Mapping[str, Any]) -> Json:
        """Answer what the server asks. Raises: Refusal."""
        match method:
            case "ping":
                return {}
            case "roots/list":
                return {"roots": []}
            case "elicitation/create" if self._uses:
                self._has_asked = True
                return await self._uses[-1].ask(params)
            case "elicitation/create" if self._holders:
                return await self._holders[-1](params)
        raise Refusal(METHOD_NOT_FOUND, method)


def tools_in(page: Mapping[str, Any]) -> list[Json]:
    """The tools of a page; what has no name is none."""
    found = page.get("tools")
    entries = found if isinstance(found, list) else []
    return [tool for tool in entries if isinstance(tool, dict) and isinstance(tool.get("name"), str)]
