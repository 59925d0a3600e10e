"""What requests carry for a login, and how a ChatGPT account's tokens are renewed.

It implements the `Login` that providers ask. After a 401 the stored login is read again, since another process may have
renewed it; after the next one the tokens are renewed. Tokens that have expired are renewed before they are sent. Tokens
that a client holds are renewed by asking the client.
Source: spec/upstream.md section 2.1; texts and the order of attempts come from the reference itself.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import anyio
from pydantic_core import from_json, to_json

from app_server.core.auth.keeping import NotKept
from app_server.core.auth.logins import Logins
from app_server.core.auth.oauth import CLIENT_ID, iso_time, refresh_url
from app_server.core.auth.stored import StoredLogin, of_client
from app_server.core.clock import Clock
from app_server.core.ports import NoAnswer, Outside
from app_server.core.provider.base import ProviderError
from app_server.core.provider.credentials import Credential
from app_server.core.provider.errors import status_phrase
from app_server.core.provider.fetch import Fetched, NoAnswerError, fetch
from app_server.core.provider.outgoing import Identity, encoded
from protocol.client_call import ACCOUNT_CHATGPT_AUTH_TOKENS_REFRESH, ChatgptAuthTokensRefreshParams

TIMEOUT_S = 30.0
CLIENT_S = 10.0
"""How long the client that holds the tokens may take to give a fresh one."""
NOT_REFRESHED = "Your access token could not be refreshed"
SIGN_IN = "Please log out and sign in again."
REASONS = {
    "refresh_token_expired": f"{NOT_REFRESHED} because your refresh token has expired. {SIGN_IN}",
    "refresh_token_reused": f"{NOT_REFRESHED} because your refresh token was already used. {SIGN_IN}",
    "refresh_token_invalidated": f"{NOT_REFRESHED} because your refresh token was revoked. {SIGN_IN}",
}
OTHER_ACCOUNT = f"{NOT_REFRESHED} because you have since logged out or signed in to another account. Please sign in again."

log = logging.getLogger(__name__)


class LoginSession:
    """The `Login` of providers. At most one refresh runs at a time; requests that come meanwhile share its tokens."""

    def __init__(
        self,
        logins: Logins,
        environment: Mapping[str, str],
        identity: Callable[[], Identity],
        clock: Clock,
        outside: Outside,
    ) -> None:
        self._logins = logins
        self._outside = outside
        self._environment = environment
        self._identity = identity
        self._clock = clock
        self._lock = anyio.Lock()

    async def credential(self) -> Credential | None:
        """What to send now, or None when nobody is logged in."""
        login = self._logins.current()
        if login is not None and self._is_expired(login) and not self._logins.is_refused(login):
            try:
                login = await self._refreshed(login.token, "proactive_expiry")
            except ProviderError as error:  # the provider has the last word on the old token
                log.warning("the expired token was not renewed: %s", error.message)
        return credential_of(login)

    async def renew(self, refused: Credential, attempt: int) -> Credential | None:
        """What to send after a 401, or None. Raises: ProviderError."""
        login = self._logins.current()
        if login is None or not login.is_chatgpt:
            return None
        if login.is_external:
            return credential_of(await self._told(login, refused.token)) if attempt == 1 else None
        if attempt == 1:
            found = self._logins.stored()
            if found is None or found.account_id != login.account_id:
                raise ProviderError(OTHER_ACCOUNT, info="unauthorized")
            return credential_of(self._logins.reload())
        return credential_of(await self._refreshed(refused.token, "unauthorized_recovery")) if attempt == 2 else None

    async def refresh(self) -> None:
        """Renew the tokens of a ChatGPT login, whatever their age. Raises: ProviderError."""
        login = self._logins.current()
        if login is not None and login.is_chatgpt and not login.is_external:
            await self._refreshed(login.token, "requested")

    async def _told(self, login: StoredLogin, old_token: str) -> StoredLogin:
        """The login with the token that the client which holds it gives. Raises: ProviderError."""
        async with self._lock:
            current = self._logins.current()
            if current is not None and current.token != old_token:
                return current
            params = ChatgptAuthTokensRefreshParams(reason="unauthorized", previous_account_id=login.account_id)
            try:
                with anyio.fail_after(CLIENT_S):
                    told = await self._outside.ask(None, ACCOUNT_CHATGPT_AUTH_TOKENS_REFRESH, params)
            except (NoAnswer, TimeoutError) as error:
                raise ProviderError(f"{NOT_REFRESHED} by the client", info="unauthorized") from error
            renewed = of_client(told.access_token, told.chatgpt_account_id, told.chatgpt_plan_type)
            allowed = self._logins.configuration.forced_workspaces
            if renewed is None or (allowed and told.chatgpt_account_id not in allowed):
                raise ProviderError(f"{NOT_REFRESHED}: the client's token can't be used", info="unauthorized")
            self._logins.adopt(renewed)
            return renewed

    def _is_expired(self, login: StoredLogin) -> bool:
        expires_at_s = login.expires_at_s if login.is_chatgpt and not login.is_external else None
        return expires_at_s is not None and expires_at_s <= self._clock.now_s()

    async def _refreshed(self, old_token: str, reason: str) -> StoredLogin | None:
        """The login with another token than the old one. Raises: ProviderError."""
        async with self._lock:
            login = self._logins.current()
            if login is None or not login.is_chatgpt or login.token != old_token:
                return login
            try:
                tokens = await self._ask(login, reason)
            except ProviderError as error:
                if error.info == "unauthorized":
                    self._logins.note_refused(login)
                raise
            renewed = login.renewed(tokens, iso_time(self._clock))
            try:
                self._logins.adopt(renewed)
            except NotKept as error:
                log.error("the renewed tokens were not stored: %s", error)
            return renewed

    async def _ask(self, login: StoredLogin, reason: str) -> dict[str, Any]:
        """The tokens that the provider gives. Raises: ProviderError."""
        url = refresh_url(self._environment)
        identity = self._identity()
        body = {
            "client_id": CLIENT_ID,
            "grant_type": "refresh_token",
            "refresh_reason": reason,
            "refresh_token": login.refresh_token or "",
        }
        headers = encoded(
            {
                "content-type": "application/json",
                "accept": "*/*",
                "originator": identity.originator,
                "user-agent": identity.user_agent,
            }
        )
        try:
            answer = await fetch("POST", url, headers, self._environment, content=to_json(body), timeout_s=TIMEOUT_S)
        except NoAnswerError as error:
            raise ProviderError(f"Failed to refresh token: {error}", is_retryable=True) from error
        return tokens_in(answer)


def credential_of(login: StoredLogin | None) -> Credential | None:
    """What requests carry for a login."""
    if login is None:
        return None
    headers = {} if login.account_id is None else {"chatgpt-account-id": login.account_id}
    if login.is_fedramp:
        headers["x-openai-fedramp"] = "true"
    return Credential(login.token, headers, is_chatgpt=login.is_chatgpt)


def tokens_in(answer: Fetched) -> dict[str, Any]:
    """The tokens of a refresh's answer. Raises: ProviderError; with info "unauthorized" if asking again is of no use."""
    try:
        told = from_json(answer.body)
    except ValueError:
        told = None
    if answer.status in (400, 401):
        error = told.get("error") if isinstance(told, dict) else None
        code = error.get("code") if isinstance(error, dict) else error
        text = REASONS.get(code) if isinstance(code, str) else None
        raise ProviderError(text or f"{NOT_REFRESHED}. {SIGN_IN}", info="unauthorized")
    if not 200 <= answer.status < 300:
        status = f"{answer.status} {status_phrase(answer.status)}"
        raise ProviderError(f"Failed to refresh token: {status}", is_retryable=True)
    if not isinstance(told, dict) or not isinstance(told.get("access_token"), str):
        raise ProviderError("OAuth token response is invalid")
    return told
