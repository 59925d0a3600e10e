"""Logins at MCP servers by OAuth, in the library's hands: what a server wants, the way through the user's browser, and the
tokens of later connections, which are renewed when they expire.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx2
from mcp.client.auth import OAuthClientProvider, OAuthFlowError, OAuthRegistrationError, OAuthTokenError
from mcp.client.auth.oauth2 import OAuthContext
from mcp.client.auth.utils import (
    build_oauth_authorization_server_metadata_discovery_urls,
    build_protected_resource_metadata_discovery_urls,
)
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthMetadata, OAuthToken
from mcp.shared.inbound import MCP_PROTOCOL_VERSION_HEADER
from mcp_types.version import LATEST_HANDSHAKE_VERSION
from pydantic import AnyUrl, ValidationError

from app_server.core.mcp.credentials import Credentials, ServerLogin
from app_server.core.mcp.link import CLIENT
from app_server.core.mcp.settings import Address

log = logging.getLogger(__name__)
REDIRECT_UNUSED = "http://127.0.0.1/callback"
"""Where a browser would be sent back to by a login that is only renewed."""
TIMEOUT_S = 30.0
Show = Callable[[str], Awaitable[None]]
WaitReturn = Callable[[], Awaitable[Mapping[str, str]]]


class Kept:
    """The library's store of tokens, in the home."""

    def __init__(self, credentials: Credentials, address: Address) -> None:
        self._credentials = credentials
        self._name, self._url = address.login or "", address.url
        self._client: OAuthClientInformationFull | None = None
        self.context: OAuthContext | None = None
        """What the library finds out on its way."""

    async def get_tokens(self) -> OAuthToken | None:
        """The tokens of the login."""
        login = self._credentials.read(self._name, self._url)
        if login is None:
            return None
        scope = " ".join(login.scopes) or None
        return OAuthToken(access_token=login.access_token, refresh_token=login.refresh_token, scope=scope)

    async def set_tokens(self, tokens: OAuthToken) -> None:
        """Keep the tokens. Raises: OSError."""
        expires_at_ms = None if tokens.expires_in is None else int((time.time() + tokens.expires_in) * 1000)
        client = await self.get_client_info()
        kept = {} if client is None else client.model_dump(mode="json", exclude_none=True)
        scopes = tuple((tokens.scope or "").split())
        found = self.context.oauth_metadata if self.context is not None else None
        server = None if found is None else found.model_dump(mode="json", exclude_none=True)
        login = ServerLogin(kept, server, tokens.access_token, tokens.refresh_token, scopes, expires_at_ms)
        self._credentials.write(self._name, self._url, login)

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        """The registration that the tokens belong to."""
        login = self._credentials.read(self._name, self._url) if self._client is None else None
        if login is not None:
            try:
                self._client = OAuthClientInformationFull.model_validate(login.client)
            except ValidationError:
                return None
        return self._client

    async def set_client_info(self, client: OAuthClientInformationFull) -> None:
        """Remember the registration until there are tokens for it."""
        self._client = client


class Fresh(Kept):
    """The same for a new login, which does not go on with an older one."""

    async def get_tokens(self) -> OAuthToken | None:
        """None: the user logs in anew."""
        return None

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        """The registration of this login."""
        return self._client


def renewing(credentials: Credentials, address: Address) -> httpx2.Auth:
    """Adds the tokens of a login that is kept, and renews them."""
    store = Kept(credentials, address)
    provider = OAuthClientProvider(address.url, metadata(REDIRECT_UNUSED), store)
    context = store.context = provider.context
    login = credentials.read(address.login or "", address.url)
    if login is not None and login.expires_at_ms is not None:
        context.token_expiry_time = login.expires_at_ms / 1000
    if login is not None and login.server is not None:
        try:
            context.oauth_metadata = OAuthMetadata.model_validate(login.server)
        except ValidationError:
            log.warning("where the login at %s is renewed can't be read", address.url)
    return provider


def metadata(redirect: str) -> OAuthClientMetadata:
    """What we register as."""
    plain: Any = "none"  # a client of this kind can keep no secret
    return OAuthClientMetadata(client_name=CLIENT["title"], redirect_uris=[AnyUrl(redirect)], token_endpoint_auth_method=plain)


async def log_in(
    credentials: Credentials,
    address: Address,
    redirect: str,
    scopes: Sequence[str],
    show: Show,
    wait_return: WaitReturn,
) -> str | None:
    """Have the user log in: `show` is given the page, `wait_return` gives what the browser comes back with.

    Gives why the login has failed, or None. Cancel: at any time.
    """

    async def show_scoped(url: str) -> None:
        await show(with_scopes(url, scopes))

    async def returned() -> AuthorizationCodeResult:
        query = await wait_return()
        if "error" in query:
            raise OAuthFlowError(query.get("error_description") or query["error"])
        return AuthorizationCodeResult(code=query.get("code", ""), state=query.get("state"), iss=query.get("iss"))

    store = Fresh(credentials, address)
    provider = OAuthClientProvider(address.url, metadata(redirect), store, show_scoped, returned)
    store.context = provider.context
    try:
        async with (
            httpx2.AsyncClient(headers=dict(address.headers), auth=provider, timeout=TIMEOUT_S) as client,
            client.stream("POST", address.url, json=_GREETING, headers=_HEADERS) as response,
        ):
            status = response.status_code
    except (OAuthFlowError, OAuthRegistrationError, OAuthTokenError) as error:
        return str(error)
    except (httpx2.HTTPError, ValidationError, OSError) as error:
        return f"{type(error).__name__}: {error}"
    return f"the server does not take the login: HTTP {status}" if status in (401, 403) else None


_GREETING = {
    "jsonrpc": "2.0",
    "id": 0,
    "method": "initialize",
    "params": {"protocolVersion": LATEST_HANDSHAKE_VERSION, "capabilities": {}, "clientInfo": CLIENT},
}
_HEADERS = {"accept": "application/json, text/event-stream", MCP_PROTOCOL_VERSION_HEADER: LATEST_HANDSHAKE_VERSION}


def with_scopes(url: str, scopes: Sequence[str]) -> str:
    """The page to log in at, for these scopes if some are wanted."""
    if not scopes:
        return url
    parts = urlsplit(url)
    query = {**dict(parse_qsl(parts.query)), "scope": " ".join(scopes)}
    return urlunsplit(parts._replace(query=urlencode(query)))


async def offers_login(address: Address) -> bool | None:
    """Whether a server offers a login; None when it can't be asked."""
    urls = [
        *build_protected_resource_metadata_discovery_urls(None, address.url),
        *build_oauth_authorization_server_metadata_discovery_urls(None, address.url),
    ]
    try:
        async with httpx2.AsyncClient(headers=dict(address.headers), timeout=TIMEOUT_S) as client:
            for url in urls:
                if _is_metadata(await client.get(url)):
                    return True
    except httpx2.HTTPError:
        return None
    return False


def _is_metadata(response: httpx2.Response) -> bool:
    if response.status_code != 200:
        return False
    try:
        found: Any = response.json()
    except ValueError:
        return False
    return isinstance(found, dict) and ("authorization_endpoint" in found or "authorization_servers" in found)
