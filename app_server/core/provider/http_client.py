"""The HTTP connections of a provider: one pool, no limit on streams at a time, proxies by the given environment.

httpx reads the process's environment by itself; here it is told not to, since only the command line's module reads it.
Source: the reference honors system proxies and `CODEX_CA_CERTIFICATE` / `SSL_CERT_FILE`.
"""

import socket
import ssl
from collections.abc import Mapping

import httpx

from app_server.core.provider.base import ProviderError
from app_server.core.provider.proxy import proxy_for

CONNECT_TIMEOUT_S = 30.0
WRITE_TIMEOUT_S = 600.0
"""For a whole body, which may hold images and go over a slow line."""

IDLE_CONNECTIONS = 64
IDLE_CONNECTION_S = 60.0

TIMEOUTS = {"connect": CONNECT_TIMEOUT_S, "write": WRITE_TIMEOUT_S}
"""There is none for the answer: a model may think for long before its first byte, the user can interrupt, and
the kernel's probes (`KEEPALIVE`) find out when the other side is gone. The stream has its own idle timeout."""

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

    Invariant: one pool for each pair of scheme and proxy, made when first needed. Plain HTTP has a pool of its
    own because loading certificates takes longer than a whole local request.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._pools: dict[tuple[str, str | None], httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request. Raises: httpx.TransportError, ProviderError."""
        url = request.url
        key = (url.scheme, proxy_for(url.scheme, url.host, url.port, self._environment))
        pool = self._pools.get(key)
        if pool is None:
            pool = self._pools[key] = self._new_pool(*key)
        return await pool.handle_async_request(request)

    def _new_pool(self, scheme: str, proxy: str | None) -> httpx.AsyncHTTPTransport:
        return httpx.AsyncHTTPTransport(
            verify=certificates(self._environment) if scheme == "https" else bare_context(),
            trust_env=False,
            limits=httpx.Limits(
                max_connections=None, max_keepalive_connections=IDLE_CONNECTIONS, keepalive_expiry=IDLE_CONNECTION_S
            ),
            proxy=None if proxy is None else httpx.Proxy(proxy, ssl_context=self._proxy_context(proxy)),
            socket_options=KEEPALIVE,
        )

    def _proxy_context(self, proxy: str) -> ssl.SSLContext | None:
        return certificates(self._environment) if proxy.lower().startswith("https:") else None

    async def aclose(self) -> None:
        """Close every pool."""
        pools = list(self._pools.values())
        self._pools.clear()
        for pool in pools:
            await pool.aclose()


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
