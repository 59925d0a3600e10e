"""The HTTP connections of a provider: no limit on streams at a time, proxies by the given environment.

httpx reads the process's environment by itself; here it is told not to, since only the command line's module reads it.
Source: the reference honors system proxies and `CODEX_CA_CERTIFICATE` / `SSL_CERT_FILE`.
"""

import socket
import ssl
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping

import anyio
import httpx

from app_server.core.provider.base import ProviderError
from app_server.core.provider.proxy import proxy_for

CONNECT_TIMEOUT_S = 30.0
WRITE_TIMEOUT_S = 600.0
"""For a whole body, which may hold images and go over a slow line."""

IDLE_CONNECTIONS = 64
IDLE_CONNECTION_S = 60.0
CLOSE_S = 2.0

TIMEOUTS = {"connect": CONNECT_TIMEOUT_S, "write": WRITE_TIMEOUT_S}
"""There is none for the answer: a model may think for long before its first byte, the user can interrupt, and
the kernel's probes (`KEEPALIVE`) find out when the other side is gone. The stream has its own idle timeout."""

Target = tuple[str, bytes, str | None]
"""Scheme, host and port, and proxy: connections to the same target can stand in for each other."""

KEEPALIVE = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)] + [
    (socket.IPPROTO_TCP, getattr(socket, name), seconds)
    for name, seconds in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 4))
    if hasattr(socket, name)
]


def new_client(environment: Mapping[str, str]) -> httpx.AsyncClient:
    """A client whose requests must be built whole: it adds no header and no timeout of its own. Close it with `aclose`."""
    return httpx.AsyncClient(transport=ProxyingTransport(environment), trust_env=False, follow_redirects=True)


class ProxyingTransport(httpx.AsyncBaseTransport):
    """Sends each request directly or through the proxy that the environment names for its target.

    Invariant: a connection is either in one exchange or in its target's stack of idle ones. httpx's own pool looks at
    every connection for every request, which costs a millisecond when a hundred threads work at once; taking the top of a
    stack costs nothing. One context of certificates serves all, because loading them takes longer than a whole local request.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._idle: dict[Target, IdleConnections] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request. Raises: httpx.TransportError, ProviderError."""
        url = request.url
        target = (url.scheme, url.netloc, proxy_for(url.scheme, url.host, url.port, self._environment))
        idle = self._idle.get(target)
        if idle is None:
            idle = self._idle[target] = IdleConnections()
        connection = idle.take() or self._new_connection(url.scheme, target[2])
        try:
            response = await connection.handle_async_request(request)
        except BaseException:
            with anyio.move_on_after(CLOSE_S, shield=True):
                await connection.aclose()
            raise
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = Exchange(response.stream, connection, idle)
        return response

    def _new_connection(self, scheme: str, proxy: str | None) -> httpx.AsyncHTTPTransport:
        return httpx.AsyncHTTPTransport(
            verify=self._context(scheme),
            trust_env=False,
            limits=httpx.Limits(max_connections=1, keepalive_expiry=IDLE_CONNECTION_S),
            proxy=None if proxy is None else httpx.Proxy(proxy, ssl_context=self._proxy_context(proxy)),
            socket_options=KEEPALIVE,
        )

    def _proxy_context(self, proxy: str) -> ssl.SSLContext | None:
        return self._context("https") if proxy.lower().startswith("https:") else None

    def _context(self, scheme: str) -> ssl.SSLContext:
        context = self._contexts.get(scheme)
        if context is None:
            context = self._contexts[scheme] = certificates(self._environment) if scheme == "https" else bare_context()
        return context

    async def aclose(self) -> None:
        """Close what is idle; what is in an exchange closes at its end."""
        for idle in self._idle.values():
            await idle.aclose()


class IdleConnections:
    """Connections to one target that wait for their next exchange; the one used last is taken first."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[httpx.AsyncHTTPTransport, float]] = deque()
        self._is_closed = False

    def take(self) -> httpx.AsyncHTTPTransport | None:
        """The connection that has waited the least, if any waits."""
        return self._waiting.pop()[0] if self._waiting else None

    async def give_back(self, connection: httpx.AsyncHTTPTransport) -> None:
        """Keep a connection for the next exchange, and close what is too many or has waited for too long."""
        now_s = time.monotonic()
        self._waiting.append((connection, now_s))
        while self._waiting and (
            self._is_closed or len(self._waiting) > IDLE_CONNECTIONS or now_s - self._waiting[0][1] > IDLE_CONNECTION_S
        ):
            await self._waiting.popleft()[0].aclose()

    async def aclose(self) -> None:
        """Close all; those given back from now on are closed at once."""
        self._is_closed = True
        while self._waiting:
            await self._waiting.popleft()[0].aclose()


class Exchange(httpx.AsyncByteStream):
    """The body of an answer, which gives its connection back when it is closed, read to its end or not."""

    def __init__(self, body: httpx.AsyncByteStream, connection: httpx.AsyncHTTPTransport, idle: IdleConnections) -> None:
        self._body = body
        self._connection = connection
        self._idle = idle

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._body.__aiter__()

    async def aclose(self) -> None:
        """Close the answer: its connection is free, or gone if the answer was not read to its end."""
        try:
            await self._body.aclose()
        finally:
            await self._idle.give_back(self._connection)


def certificates(environment: Mapping[str, str]) -> ssl.SSLContext:
    """The usual authorities, and those of a file that the environment names. Raises: ProviderError, if it can't be read."""
    context = httpx.create_ssl_context(trust_env=False)
    for name in ("CODEX_CA_CERTIFICATE", "SSL_CERT_FILE"):
        path = environment.get(name, "").strip()
        if path:
            try:
                context.load_verify_locations(cafile=path)
            except OSError as error:
                raise ProviderError(f"failed to load the certificates of {name} from {path}: {error}") from error
            break
    return context


def bare_context() -> ssl.SSLContext:
    """A context that trusts nobody, for connections that are not encrypted."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
