"""Which credential a provider's requests carry, and what is tried when it is refused.

The first of these that is configured counts: `env_key`, `experimental_bearer_token`, `auth.command`, and for providers
with `requires_openai_auth` the login state, which is somebody else's and known here by the `Login` protocol alone.
With none of them a request goes out without credentials. Source: spec/upstream.md section 2; the order of the first
two is the reference's.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import anyio

from app_server.core.provider.auth_command import run_auth_command
from app_server.core.provider.base import ProviderError
from app_server.core.provider.settings import AuthCommand, ProviderSettings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Credential:
    """What proves who we are: a bearer token, and for some accounts headers beside it (`chatgpt-account-id`)."""

    token: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    is_chatgpt: bool = False


class Login(Protocol):
    """The login state, for providers that require OpenAI's."""

    async def credential(self) -> Credential | None:
        """What to send now, or None when nobody is logged in. Raises: ProviderError."""
        ...

    async def renew(self, refused: Credential, attempt: int) -> Credential | None:
        """What to send after a 401, or None when there is nothing more to try.

        `attempt` counts the 401s of one request from 1: first what is stored is read again, then the token is refreshed.
        Raises: ProviderError with info "unauthorized", when the refresh is refused.
        """
        ...


class Credentials:
    """The credentials of one provider, shared by all of its requests. `environment` is looked into at every request."""

    def __init__(
        self,
        settings: ProviderSettings,
        environment: Mapping[str, str],
        login: Login | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._environment = environment
        self._login = login if settings.requires_openai_auth else None
        self._printed = None if settings.auth is None else PrintedToken(settings.auth, environment, monotonic)

    async def current(self) -> Credential | None:
        """What to send. Raises: ProviderError (the environment lacks the key)."""
        settings = self._settings
        if settings.env_key is not None:
            return Credential(self._from_environment(settings.env_key))
        if settings.experimental_bearer_token is not None:
            return Credential(settings.experimental_bearer_token)
        if self._printed is not None:
            try:
                return await self._printed.current()
            except ProviderError as error:  # told when the provider wants a credential, which it may not
                log.warning("a request goes without credentials: %s", error.message)
                return None
        return None if self._login is None else await self._login.credential()

    async def renew(self, refused: Credential | None, attempt: int) -> Credential | None:
        """What to send instead of what was refused, or None; `attempt` counts the 401s of one request.

        Raises: ProviderError (the command that prints tokens has failed, or the login can't be renewed).
        """
        if self._printed is not None:
            return await self._printed.renewed(refused) if attempt == 1 else None
        return None if self._login is None or refused is None else await self._login.renew(refused, attempt)

    def _from_environment(self, name: str) -> str:
        value = self._environment.get(name, "")
        if value.strip():
            return value
        instructions = self._settings.env_key_instructions
        raise ProviderError(f"Missing environment variable: `{name}`." + (f" {instructions}" if instructions else ""))


class PrintedToken:
    """The token that a command prints, kept for a while.

    Invariant: the command runs at most once at a time; requests that come meanwhile wait and share its token.
    """

    def __init__(self, auth: AuthCommand, environment: Mapping[str, str], monotonic: Callable[[], float]) -> None:
        self._auth = auth
        self._environment = environment
        self._monotonic = monotonic
        self._lock = anyio.Lock()
        self._credential: Credential | None = None
        self._printed_at = 0.0

    async def current(self) -> Credential:
        """The kept token, or a new one if there is none or it has become old. Raises: ProviderError."""
        async with self._lock:
            interval_s = self._auth.refresh_interval_ms / 1000
            kept = self._credential
            if kept is None or (interval_s and self._monotonic() - self._printed_at >= interval_s):
                return await self._run()
            return kept

    async def renewed(self, refused: Credential | None) -> Credential:
        """Another token than the refused one; if a different request has already fetched it, that. Raises: ProviderError."""
        async with self._lock:
            kept = self._credential
            return await self._run() if kept is None or kept is refused else kept

    async def _run(self) -> Credential:
        self._credential = None
        token = await run_auth_command(self._auth, self._environment)
        self._credential = Credential(token)
        self._printed_at = self._monotonic()
        return self._credential
