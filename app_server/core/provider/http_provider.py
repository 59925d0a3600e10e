"""What all providers over HTTP have in common: a request goes out, its answer comes back as server-sent events.

It owns the HTTP layer's retries, the recovery after a 401, compression, the idle timeout and the end of an answer. What a
request and an answer look like is the wire API's (`responses`, `chat`). It knows nothing of items, turns or the stream
layer's budget, which are the loop's.
Source: spec/upstream.md sections 2, 4, 5 and 8. Differs: an error that the provider has told in the stream wins over the
way in which the stream then ends, because it is the cause.
"""

import logging
import random
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio
import anyio.to_thread
import httpx

from app_server.core.provider import errors
from app_server.core.provider.base import ModelRequest, ModelStream, ProviderError
from app_server.core.provider.compression import compress
from app_server.core.provider.credentials import Credential, Credentials, Login
from app_server.core.provider.event_stream import EventStream
from app_server.core.provider.fetch import Fetched
from app_server.core.provider.http_client import TIMEOUTS, new_client
from app_server.core.provider.outgoing import Identity, endpoint
from app_server.core.provider.resource import get_resource
from app_server.core.provider.retry import Random, Sleep, backoff_s
from app_server.core.provider.settings import ProviderSettings

ERROR_BODY_BYTES = 1 << 20
"""How much of a refusal is read, and for how long."""
ERROR_BODY_S = 10.0
CLOSE_S = 2.0
COMPRESS_IN_THREAD_BYTES = 256 << 10

log = logging.getLogger(__name__)


class HttpProvider(ABC):
    """A provider reached over HTTP. One object, and one pool of connections, serves all threads.

    `identity` is asked at every request. `is_compression_enabled` is the feature `enable_request_compression`,
    which counts for OpenAI under a ChatGPT login; a provider's own `request_compression` counts always.
    `sleep`, `random` and `now_s` are for tests.
    """

    def __init__(
        self,
        settings: ProviderSettings,
        environment: Mapping[str, str],
        identity: Callable[[], Identity],
        *,
        login: Login | None = None,
        is_compression_enabled: bool = True,
        sleep: Sleep = anyio.sleep,
        random: Random = random.random,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self.id = settings.id
        self.settings = settings
        self.credentials = Credentials(settings, environment, login)
        self.environment = environment
        self.identity = identity
        self._is_compression_enabled = is_compression_enabled
        self._sleep = sleep
        self._random = random
        self.now_s = now_s
        self._client = new_client(environment)

    resource: str
    """The path that requests go to, below the provider's base URL."""

    @abstractmethod
    def body(self, request: ModelRequest) -> bytes:
        """The JSON body of a request."""

    @abstractmethod
    def headers(self, request: ModelRequest, credential: Credential | None, encoding: str | None) -> list[tuple[bytes, bytes]]:
        """The headers of a request, without `host` and `content-length`."""

    @abstractmethod
    def receive(self, response: httpx.Response, idle: anyio.CancelScope, request: ModelRequest) -> EventStream:
        """The answer, whose headers are there."""

    def refusal(self, status: int, body: str, headers: Mapping[str, str], url: str) -> ProviderError:
        """The error for an answer that is a refusal."""
        return errors.status_error(status, body, headers, url, self.now_s())

    @asynccontextmanager
    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelStream]:
        """Send the request and return when the answer's headers are there.

        Raises: ProviderError, on entering.     Cancel: at any time, waits between retries included.
        """
        response = await self._answer(request)
        with anyio.CancelScope() as idle:
            answer = self.receive(response, idle, request)
            try:
                yield answer
            finally:
                with anyio.move_on_after(CLOSE_S, shield=True):
                    await answer.aclose()
        if idle.cancelled_caught:
            raise answer.told or errors.idle()

    async def get(self, path: str, timeout_s: float) -> Fetched:
        """Read one of the provider's resources, such as `models`. Raises: NoAnswerError, ProviderError."""
        return await get_resource(self.settings, self.credentials, self.environment, self.identity(), path, timeout_s)

    async def aclose(self) -> None:
        """Close idle connections."""
        await self._client.aclose()

    async def _answer(self, request: ModelRequest) -> httpx.Response:
        """The HTTP layer: send until the provider accepts, or the budget is spent. Raises: ProviderError."""
        credential = await self.credentials.current()
        body, encoding = await self._encoded_body(request, credential)
        retries = refusals = 0
        while True:
            outgoing = self._outgoing(request, credential, body, encoding)
            outcome = await self._send(outgoing)
            if isinstance(outcome, httpx.Response):
                return outcome
            if outcome.status == 401:
                refusals += 1
                renewed = await self.credentials.renew(credential, refusals)
                if renewed is not None:
                    credential = renewed
                    continue
            if not outcome.is_repeatable or retries >= self.settings.request_max_retries:
                raise outcome.error
            retries += 1
            wait_s = backoff_s(retries, outcome.error.retry_after_s, self._random)
            log.debug("request to %s failed (%s); retry %d in %.1f s", self.id, outcome.error.message, retries, wait_s)
            await self._sleep(wait_s)

    async def _encoded_body(self, request: ModelRequest, credential: Credential | None) -> tuple[bytes, str | None]:
        body = self.body(request)
        is_chatgpt = credential is not None and credential.is_chatgpt
        is_wanted = self._is_compression_enabled and is_chatgpt and self.settings.is_openai
        if not is_wanted and self.settings.request_compression is None:
            return body, None
        if len(body) < COMPRESS_IN_THREAD_BYTES:
            return compress(body), "zstd"
        return await anyio.to_thread.run_sync(compress, body), "zstd"

    def _outgoing(self, request: ModelRequest, credential: Credential | None, body: bytes, encoding: str | None) -> httpx.Request:
        url = valid_url(endpoint(self.settings, credential, self.resource))
        headers = self.headers(request, credential, encoding)
        headers += (b"host", url.netloc), (b"content-length", str(len(body)).encode())
        return httpx.Request("POST", url, headers=headers, content=body, extensions={"timeout": TIMEOUTS})

    async def _send(self, outgoing: httpx.Request) -> "httpx.Response | Failure":
        """One attempt: the answer whose body is still to be read, or what went wrong."""
        try:
            response = await self._client.send(outgoing, stream=True, auth=None)
        except httpx.RequestError as lost:
            log.debug("no answer from %s: %r", self.id, lost)
            return Failure(errors.send_failed(is_unreachable=is_refused(lost)), status=None, is_repeatable=True)
        if response.is_success:
            return response
        body = await read_refusal(response)
        status, headers = response.status_code, dict(response.headers.items())
        error = self.refusal(status, body, headers, str(outgoing.url))
        return Failure(error, status, is_repeatable=status >= 500)


@dataclass(frozen=True, slots=True)
class Failure:
    """An attempt without an accepting answer. `is_repeatable` says whether the HTTP layer may try again."""

    error: ProviderError
    status: int | None
    is_repeatable: bool


def valid_url(text: str) -> httpx.URL:
    """An absolute HTTP URL. Raises: ProviderError, which is final: trying again would not make it valid."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise ProviderError(f"invalid provider URL `{text}`: {error}") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise ProviderError(f"invalid provider URL `{text}`: it must start with http:// or https:// and name a host")
    return url


async def read_refusal(response: httpx.Response) -> str:
    """The body of an error answer, as far as it comes in time and size. Closes the response."""
    body = bytearray()
    try:
        with anyio.move_on_after(ERROR_BODY_S):
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) >= ERROR_BODY_BYTES:
                    break
    except httpx.RequestError as error:
        log.debug("an error answer was cut: %r", error)
    finally:
        with anyio.move_on_after(CLOSE_S, shield=True):
            await response.aclose()
    return body[:ERROR_BODY_BYTES].decode(errors="replace")


def is_refused(error: BaseException | None) -> bool:
    """Whether a failed connection was refused: nobody listens there, and any number of retries is harmless."""
    while error is not None:
        if isinstance(error, ConnectionRefusedError):
            return True
        if isinstance(error, BaseExceptionGroup):
            return any(is_refused(member) for member in error.exceptions)
        error = error.__cause__ or error.__context__
    return False
