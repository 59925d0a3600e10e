"""What requests carry for a login, and how a ChatGPT account's tokens are renewed.

It implements the `Login` that providers ask. After a 401 the stored login is read again, since another process may have
renewed it; after the next one the tokens are renewed. Tokens that have expired are renewed before they are sent.
Source: spec/upstream.md section 2.1; texts and the order of attempts come from the reference itself.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import anyio
from pydantic_core import from_json, to_json

from app_server.core.auth.logins import Logins
from app_server.core.auth.stored import StoredLogin
from app_server.core.clock import Clock
from app_server.core.provider.base import ProviderError
from app_server.core.provider.credentials import Credential
from app_server.core.provider.errors import status_phrase
from app_server.core.provider.fetch import Fetched, NoAnswerError, fetch
from app_server.core.provider.outgoing import Identity, encoded

CLIENT_ID = "app_EMoamEEZ73f0CkXaXp7hrann"
TOKEN_URL = "https://auth.openai.com/oauth/token"  # noqa: S105
TOKEN_URL_VARIABLE = "CODEX_REFRESH_TOKEN_URL_OVERRIDE"  # noqa: S105
TIMEOUT_S = 30.0
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

    def __init__(self, logins: Logins, environment: Mapping[str, str], identity: Callable[[], Identity], clock: Clock) -> None:
        self._logins = logins
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
        if attempt == 1:
            found = self._logins.stored()
            if found is None or found.account_id != login.account_id:
                raise ProviderError(OTHER_ACCOUNT, info="unauthorized")
            return credential_of(self._logins.reload())
        return credential_of(await self._refreshed(refused.token, "unauthorized_recovery")) if attempt == 2 else None

    async def refresh(self) -> None:
        """Renew the tokens of a ChatGPT login, whatever their age. Raises: ProviderError."""
        login = self._logins.current()
        if login is not None and login.is_chatgpt:
            await self._refreshed(login.token, "requested")

    def _is_expired(self, login: StoredLogin) -> bool:
        expires_at_s = login.expires_at_s if login.is_chatgpt else None
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
            now = datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC).isoformat().replace("+00:00", "Z")
            renewed = login.renewed(tokens, now)
            try:
                self._logins.adopt(renewed)
            except OSError as error:
                log.error("the renewed tokens were not stored: %s", error)
            return renewed

    async def _ask(self, login: StoredLogin, reason: str) -> dict[str, Any]:
        """The tokens that the provider gives. Raises: ProviderError."""
        url = self._environment.get(TOKEN_URL_VARIABLE) or TOKEN_URL
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
        raise ProviderError(f"Failed to refresh token: {status}", is_retryable=answer.status >= 500)
    if not isinstance(told, dict) or not isinstance(told.get("access_token"), str):
        raise ProviderError("OAuth token response is invalid")
    return told
