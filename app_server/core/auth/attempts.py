"""Logins that take a while, in a browser or on another device: at most one is under way; the next ends it.

How each ended is told once. Source: spec/config-auth.md section 5.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import anyio

from app_server.core.auth import device
from app_server.core.auth.browser import Callback
from app_server.core.auth.keeping import NotKept
from app_server.core.auth.logins import Logins
from app_server.core.auth.oauth import LoginFailed, iso_time
from app_server.core.auth.stored import of_tokens
from app_server.core.clock import Clock
from app_server.core.runtime import Spawn

BROWSER_S, DEVICE_S = 10 * 60.0, 15 * 60.0
"""How long a login may take."""
OVERTAKEN, GIVEN_UP = "Login cancelled", "Login was not completed"
SERVER = "Login server error: "

Wait = Callable[[], Awaitable[dict[str, Any]]]
Ended = Callable[[str, str | None], None]
"""Called with a login's id, and why it failed."""


class Attempt:
    """One login that is under way. `reason` is why it ends when it is cancelled."""

    def __init__(self, login_id: str, before: str, limit_s: float, ended: Ended) -> None:
        self.id = login_id
        self.before = before
        self.limit_s = limit_s
        self.tell_ended = ended
        self.reason = GIVEN_UP
        self.scope = anyio.CancelScope()
        self.has_ended = anyio.Event()


class Attempts:
    """The login that is under way, if one is."""

    def __init__(self, logins: Logins, environment: Mapping[str, str], clock: Clock, spawn: Spawn) -> None:
        self._logins = logins
        self._environment = environment
        self._clock = clock
        self._spawn = spawn
        self._current: Attempt | None = None

    async def with_browser(self, originator: str, ended: Ended) -> tuple[str, str]:
        """Begin a login in the browser: its id, and the page to open. Raises: OSError (the port is taken)."""
        await self.end(OVERTAKEN)
        workspaces = ",".join(self._logins.configuration.forced_workspaces)
        callback = await Callback.listen(self._environment, originator, workspaces)
        return self._begin(callback.wait, SERVER, BROWSER_S, ended), callback.auth_url

    async def with_device(self, ended: Ended) -> tuple[str, device.DeviceCode]:
        """Begin a login on another device: its id, and what the user has to do. Raises: LoginFailed."""
        await self.end(GIVEN_UP)
        code = await device.ask_for_code(self._environment)
        return self._begin(lambda: device.wait(self._environment, code), "", DEVICE_S, ended), code

    async def end(self, reason: str = GIVEN_UP, login_id: str | None = None) -> bool:
        """End the login that is under way, or only that of this id; False when there is none. It has been told then."""
        attempt = self._current
        if attempt is None or (login_id is not None and attempt.id != login_id):
            return False
        attempt.reason = reason
        attempt.scope.cancel()
        await attempt.has_ended.wait()
        return True

    def _begin(self, wait: Wait, before: str, limit_s: float, ended: Ended) -> str:
        self._current = attempt = Attempt(self._clock.uuid4(), before, limit_s, ended)
        self._spawn(self._run, attempt, wait)
        return attempt.id

    async def _run(self, attempt: Attempt, wait: Wait) -> None:
        failure: str | None = None
        try:
            with attempt.scope:
                attempt.scope.deadline = anyio.current_time() + attempt.limit_s
                self._adopt(await wait())
        except (LoginFailed, NotKept) as error:
            failure = str(error)
        else:
            if attempt.scope.cancelled_caught:
                failure = attempt.reason
        if self._current is attempt:
            self._current = None
        attempt.tell_ended(attempt.id, None if failure is None else f"{attempt.before}{failure}")
        attempt.has_ended.set()

    def _adopt(self, tokens: Mapping[str, Any]) -> None:
        login = of_tokens(tokens, iso_time(self._clock))
        if login is None:
            raise LoginFailed("The tokens make no sense")
        allowed = self._logins.configuration.forced_workspaces
        if allowed and login.account_id not in allowed:
            raise LoginFailed(f"Login is restricted to workspace id {', '.join(allowed)}")
        self._logins.adopt(login)
