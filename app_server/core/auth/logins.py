"""Who is logged in, as this process sees it: one login at a time, read from the home when it is first asked for.

It stays in memory from then on, so that a running turn does not change its account because a file has changed; `reload`
looks again. Plain and cheap on purpose: threads start before there is an event loop.
"""

from collections.abc import Callable
from pathlib import Path

from app_server.core.auth import keeping
from app_server.core.auth.stored import StoredLogin
from app_server.core.config.config import Config

FORCED = {"api": "apikey", "chatgpt": "chatgpt"}


class Logins:
    """The login of this process. `configuration` says where logins are stored and which kind is allowed."""

    def __init__(self, home: Path, configuration: Callable[[], Config]) -> None:
        self._home = home
        self._configuration = configuration
        self._login: StoredLogin | None = None
        self._is_read = False
        self._refused: str | None = None

    def current(self) -> StoredLogin | None:
        """The login, or None."""
        if not self._is_read:
            self.reload()
        return self._login

    def reload(self) -> StoredLogin | None:
        """The login as it is stored now."""
        self._is_read = True
        self._login = self.stored()
        return self._login

    def stored(self) -> StoredLogin | None:
        """The login in the home, without taking it over."""
        config = self._configuration()
        login = keeping.read(self._home, config.cli_auth_credentials_store)
        allowed = FORCED.get(config.forced_login_method or "")
        return None if login is None or (allowed is not None and login.mode != allowed) else login

    def adopt(self, login: StoredLogin) -> None:
        """From now on this is the login, and it is kept, unless a client holds it. Raises: NotKept."""
        self._login, self._is_read, self._refused = login, True, None
        if not login.is_external:
            keeping.write(self._home, self._configuration().cli_auth_credentials_store, login)

    def forget(self) -> StoredLogin | None:
        """Nobody is logged in any more, and nothing is kept; the login that it was. Raises: NotKept."""
        login = self.current()
        self._login, self._refused = None, None
        keeping.remove(self._home, self._configuration().cli_auth_credentials_store)
        return login

    @property
    def configuration(self) -> Config:
        """Which logins are allowed."""
        return self._configuration()

    def note_refused(self, login: StoredLogin) -> None:
        """The provider does not renew this login any more: the user has to log in again."""
        self._refused = login.refresh_token

    def is_refused(self, login: StoredLogin) -> bool:
        """Whether that is known of a login."""
        return login.is_chatgpt and self._refused is not None and login.refresh_token == self._refused

    @property
    def account_id(self) -> str | None:
        """The ChatGPT account that is logged in."""
        login = self.current()
        return login.account_id if login is not None and login.is_chatgpt else None

    @property
    def is_chatgpt(self) -> bool:
        """Whether a ChatGPT account is logged in."""
        login = self.current()
        return login is not None and login.is_chatgpt
