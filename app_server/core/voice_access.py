"""How the voice provider of a thread is reached: what is configured about its model provider, and which key it takes.

It is the join between the provider's room and the realtime room. Source: spec/realtime.md section 4.
"""

import ssl
import time
from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import urlsplit

import anyio

from app_server.core.auth.logins import Logins
from app_server.core.errors import ConfigError
from app_server.core.provider.base import ProviderError
from app_server.core.provider.credentials import Credentials, Login
from app_server.core.provider.errors import status_error
from app_server.core.provider.fetch import NoAnswerError, fetch
from app_server.core.provider.http_client import certificates
from app_server.core.provider.outgoing import Identity, credential_headers, encoded, provider_headers
from app_server.core.provider.proxy import proxy_for
from app_server.core.provider.retry import backoff_s
from app_server.core.provider.settings import ProviderSettings
from app_server.core.realtime.endpoint import Answer, Provider
from app_server.core.realtime.socket import STREAM_ERROR, RealtimeFailure
from app_server.core.thread import Thread

OPENAI_KEY = "OPENAI_API_KEY"
NO_KEY = "realtime conversation requires API key auth"
CALL_S = 30.0


class VoiceAccess:
    """Finds out how a thread's voice provider is reached. `environment` is looked into at every start."""

    def __init__(
        self,
        environment: Mapping[str, str],
        logins: Logins,
        login: Callable[[], Login],
        identity: Callable[[], Identity],
    ) -> None:
        self._environment = environment
        self._logins = logins
        self._login = login
        self._identity = identity

    def provider_of(self, thread: Thread) -> Provider:
        """What is configured for a thread. Raises: RealtimeFailure."""
        try:
            settings = thread.runtime.providers.settings(thread.settings.model_provider, thread.config)
        except ConfigError as error:
            raise RealtimeFailure(error.message) from error
        identity = self._identity()
        credentials = Credentials(settings, self._environment, self._login())

        async def credential() -> Mapping[str, str]:
            try:
                return credential_headers(await credentials.current())
            except ProviderError as error:
                raise RealtimeFailure(error.message) from error

        return Provider(
            base_url=settings.base_url,
            query_params=settings.query_params,
            headers=provider_headers(settings, self._environment),
            originator=identity.originator,
            user_agent=identity.user_agent,
            connect_timeout_s=settings.websocket_connect_timeout_ms / 1000,
            retries=settings.request_max_retries,
            account=self._account,
            api_key=lambda: self._api_key(settings),
            credential=credential,
            post=partial(self._post, settings.request_max_retries),
            proxy=self._proxy,
            tls=self._tls,
        )

    def _account(self) -> str | None:
        login = self._logins.current()
        return None if login is None else login.account_id if login.is_chatgpt else login.token

    def _api_key(self, settings: ProviderSettings) -> str:
        """The key for a websocket of ours: the provider's own, or else that of the login, whoever asks for it."""
        if settings.env_key is not None:
            value = self._environment.get(settings.env_key, "")
            if value.strip():
                return value
            more = f" {settings.env_key_instructions}" if settings.env_key_instructions else ""
            raise RealtimeFailure(f"Missing environment variable: `{settings.env_key}`.{more}")
        if settings.experimental_bearer_token is not None:
            return settings.experimental_bearer_token
        login = self._logins.current()
        if login is not None and not login.is_chatgpt:
            return login.token
        if settings.is_built_in and settings.is_openai:
            value = self._environment.get(OPENAI_KEY, "")
            if value.strip():
                return value
        raise RealtimeFailure(NO_KEY)

    async def _post(self, retries: int, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Post, and again if the provider has failed or was not reached."""
        tries = 0
        while True:
            try:
                answer = await fetch("POST", url, encoded(headers), self._environment, content=body, timeout_s=CALL_S)
            except NoAnswerError as error:
                failure, may_help = RealtimeFailure(f"{STREAM_ERROR}{error}"), True
            else:
                if 200 <= answer.status < 300:
                    return Answer(answer.status, answer.headers, answer.body)
                text = answer.body.decode(errors="replace")
                refusal = status_error(answer.status, text, answer.headers, url, time.time())
                failure, may_help = RealtimeFailure(refusal.message), answer.status >= 500
            if not may_help or tries >= retries:
                raise failure
            tries += 1
            await anyio.sleep(backoff_s(tries))

    def _proxy(self, url: str) -> str | None:
        parts = urlsplit(url)
        scheme = "https" if parts.scheme == "wss" else "http"
        try:
            return proxy_for(scheme, parts.hostname or "", parts.port, self._environment)
        except (ProviderError, ValueError) as error:
            raise RealtimeFailure(f"{STREAM_ERROR}{error}") from error

    def _tls(self) -> ssl.SSLContext:
        try:
            return certificates(self._environment)
        except ProviderError as error:
            raise RealtimeFailure(error.message) from error
