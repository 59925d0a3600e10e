"""The logins at MCP servers that are under way: each ends with an announcement to all clients."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import anyio

from app_server.core.clock import Clock
from app_server.core.frozen import frozen
from app_server.core.mcp.callback import Callback
from app_server.core.mcp.credentials import Credentials
from app_server.core.mcp.settings import Address, ServerSettings
from app_server.core.ports import Outside
from app_server.core.runtime import Spawn
from protocol.mcp import McpAuthStatus, McpServerOauthLoginCompletedNotification

DEFAULT_TIMEOUT_S = 300.0


@frozen
class LoginWish:
    """A login that is asked for."""

    settings: ServerSettings
    address: Address
    scopes: tuple[str, ...]
    timeout_s: float
    port: int | None
    thread_id: str | None


class Attempt:
    """One login: first its page is known, or why there is none."""

    def __init__(self, login_id: str) -> None:
        self.login_id = login_id
        self.url: str | None = None
        self.failure: str | None = None
        self.known = anyio.Event()

    async def show(self, url: str) -> None:
        """The page is this."""
        self.url = url
        self.known.set()


class ServerLogins:
    """Begins logins. `log_in` is `login.log_in`, which is loaded with the library."""

    def __init__(
        self,
        credentials: Callable[[], Credentials],
        clock: Clock,
        outside: Outside,
        spawn: Spawn,
        load: Callable[[], Awaitable[None]],
        log_in: Callable[..., Awaitable[str | None]],
        offers_login: Callable[[Address], Awaitable[bool | None]],
        when_done: Callable[[str], None],
    ) -> None:
        self._credentials = credentials
        self._clock = clock
        self._outside = outside
        self._spawn = spawn
        self._load = load
        self._log_in = log_in
        self._offers_login = offers_login
        self._when_done = when_done

    async def status(self, settings: ServerSettings) -> McpAuthStatus:
        """How the login at a server stands; one that has told nothing of logins is asked whether it has any."""
        if not settings.is_http or not settings.is_enabled:
            return "unsupported"
        if settings.has_own_login:
            return "bearerToken"
        address = settings.place({}, "")
        if not isinstance(address, Address):
            return "unsupported"
        if self._credentials().has(settings.name, address.url):
            return "oAuth"
        await self._load()
        offered = await self._offers_login(address)
        return "unknown" if offered is None else "notLoggedIn" if offered else "unsupported"

    async def begin(self, wish: LoginWish) -> Attempt:
        """Begin a login, and give it when its page is known; its `failure` says why there is none."""
        attempt = Attempt(self._clock.uuid7())
        await self._load()
        self._spawn(self._run, wish, attempt)
        await attempt.known.wait()
        return attempt

    async def _run(self, wish: LoginWish, attempt: Attempt) -> None:
        failure: str | None = None
        try:
            with anyio.fail_after(wish.timeout_s):
                failure = await self._try(wish, attempt)
        except TimeoutError:
            failure = "timed out waiting for the login"
        except OSError as error:
            failure = str(error)
        if attempt.url is None:
            attempt.failure = failure or "No authorization support detected"
            attempt.known.set()
            return
        if failure is None:
            self._when_done(wish.settings.name)
        told: dict[str, Any] = {"name": wish.settings.name, "thread_id": wish.thread_id, "login_id": attempt.login_id}
        message = McpServerOauthLoginCompletedNotification(success=failure is None, error=failure, **told)
        self._outside.publish(None, message)

    async def _try(self, wish: LoginWish, attempt: Attempt) -> str | None:
        """Why it has failed, or None."""
        callback = await Callback.listen(wish.port)
        outcome: list[str | None] = []

        async def log_in() -> None:
            refused = await self._log_in(
                self._credentials(), wish.address, callback.redirect, wish.scopes, attempt.show, callback.wait
            )
            outcome.append(refused)
            group.cancel_scope.cancel()

        async with anyio.create_task_group() as group:
            group.start_soon(callback.serve)
            group.start_soon(log_in)
        return outcome[0]


def scopes_of(asked: Sequence[str] | None, settings: ServerSettings) -> tuple[str, ...]:
    """The scopes to ask for: those of the request, or of the configuration."""
    return tuple(asked if asked is not None else settings.table.get("scopes") or ())
