"""Which proxy a request goes through, by the environment's variables: `https_proxy`, `http_proxy`, `all_proxy`, `no_proxy`.

The variables are known in lower and upper case; lower case wins. Connections to this machine never use a proxy.
Entries of `no_proxy` are names (which stand for their subdomains as well), addresses, networks such as
`10.0.0.0/8`, or `*`, each with a port or without.
"""

import ipaddress
from collections.abc import Mapping

from app_server.core.provider.base import ProviderError


def proxy_for(scheme: str, host: str, port: int | None, environment: Mapping[str, str]) -> str | None:
    """The proxy's URL, or None for a direct connection.

    `host` has no brackets; `port` None is the scheme's own. Raises: ProviderError, for a kind of proxy that is not supported.
    """
    host = host.lower().rstrip(".")
    if is_loopback(host):
        return None
    port = port or {"http": 80, "https": 443}.get(scheme)
    if any(_excludes(entry, host, port) for entry in _variable("no_proxy", environment).split(",")):
        return None
    url = _variable(f"{scheme}_proxy", environment) or _variable("all_proxy", environment)
    if not url:
        return None
    if "://" not in url:
        return f"http://{url}"
    if not url.lower().startswith(("http://", "https://")):
        raise ProviderError(f"proxies of the kind `{url.split('://')[0]}` are not supported; use an HTTP proxy or `no_proxy`")
    return url


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def _variable(name: str, environment: Mapping[str, str]) -> str:
    return (environment.get(name) or environment.get(name.upper()) or "").strip()


def _excludes(entry: str, host: str, port: int | None) -> bool:
    """Whether one entry of `no_proxy` covers the host."""
    entry = entry.strip().lower()
    if entry == "*":
        return True
    if _address(entry) is None:
        name, colon, digits = entry.rpartition(":")
        if colon and digits.isascii() and digits.isdigit():
            if int(digits) != port:
                return False
            entry = name.strip("[]")
    address = _address(host)
    if address is not None:
        try:
            return address in ipaddress.ip_network(entry, strict=False)
        except ValueError:
            return False
    name = entry.removeprefix("*").removeprefix(".")
    return bool(name) and (host == name or host.endswith(f".{name}"))


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
