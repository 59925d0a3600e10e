"""Where the speech models of a provider are, and the headers of the way there. Pure functions over what is configured.

Who finds out what is configured fills in a `Provider`; this module knows the provider's room only by that.
Source: spec/realtime.md section 5 (the table of paths, the order of the query, which header wins).
"""

import json
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Protocol
from urllib.parse import SplitResult, quote, quote_plus, urlsplit, urlunsplit

from app_server.core.realtime.commands import Version
from app_server.core.realtime.socket import STREAM_ERROR, RealtimeFailure

OPENAI_URL = "https://api.openai.com/v1"
ALPHA = {"v1": "quicksilver=v1", "v3": "quicksilver=v2"}
SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
FORBIDDEN_IN_NAMES = " #%/<>?@\\^`{|}"
BAD_NAME = "invalid international domain name"
PLAIN_SCHEMES = {"ws": "http", "wss": "https"}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a plain request. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Post(Protocol):
    """Sends a plain request with the provider's usual credentials."""

    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer. Raises: RealtimeFailure; a status that is no success raises too, with the provider's words."""
        ...


@dataclass(frozen=True, slots=True)
class Provider:
    """What is configured about the provider of a thread, and how its credentials are got.

    `api_key` gives the key for a websocket of ours; `credential` the headers of the provider's usual credential, for calls
    that the client makes. Both raise RealtimeFailure.
    """

    base_url: str | None
    query_params: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    originator: str
    user_agent: str
    connect_timeout_s: float
    retries: int
    """How often more something is tried that the provider, or the way there, has failed at."""
    account: Callable[[], str | None]
    """Who is logged in, told apart from everybody else."""
    api_key: Callable[[], str]
    credential: Callable[[], Awaitable[Mapping[str, str]]]
    post: Post
    proxy: Callable[[str], str | None]
    """The proxy for an address. Raises: RealtimeFailure."""
    tls: Callable[[], ssl.SSLContext]
    """Whom to trust. Raises: RealtimeFailure."""


@dataclass(frozen=True, slots=True)
class Ids:
    """What a session says of itself in headers."""

    session_id: str
    thread_id: str
    realtime_session_id: str | None = None
    voice_session_id: str | None = None
    thread_source: str | None = None


def websocket_url(
    base: str,
    version: Version,
    *,
    intent: str | None,
    model: str | None = None,
    call_id: str | None = None,
    query_params: Mapping[str, str] | None = None,
) -> str:
    """The address of a session, or of a call that is joined. Raises: RealtimeFailure."""
    parts = split(base)
    scheme = SCHEMES.get(parts.scheme.lower())
    if scheme is None:
        raise RealtimeFailure(f"{STREAM_ERROR}unsupported realtime api_url scheme: {parts.scheme}")
    path = session_path(parts.path, version)
    query = [parts.query] if parts.query else []
    if version == "v3" and call_id is not None:
        path = f"{path.rstrip('/')}/{quote(call_id, safe='')}"
    if intent is not None:
        query.append(pair("intent", intent))
    if model is not None:
        query.append(pair("model", model))
    own = {"intent"} if model is None else {"intent", "model"}
    query += [pair(name, value) for name, value in (query_params or {}).items() if name not in own]
    if version != "v3" and call_id is not None:
        query.append(pair("call_id", call_id))
    return urlunsplit((scheme, parts.netloc, path, "&".join(query), ""))


def call_url(base: str, version: Version) -> str:
    """Where a client's offer is posted. Raises: RealtimeFailure."""
    parts = split(base)
    scheme = PLAIN_SCHEMES.get(parts.scheme, parts.scheme)
    path = parts.path.rstrip("/")
    if version == "v3":
        return urlunsplit((scheme, parts.netloc, f"{path}/live", parts.query, ""))
    query = "&".join(filter(None, [parts.query, "intent=quicksilver&architecture=avas"]))
    return urlunsplit((scheme, parts.netloc, f"{path}/realtime/calls", query, ""))


def split(base: str) -> "SplitUrl":
    """The parts of an address. Raises: RealtimeFailure."""
    try:
        parts = urlsplit(base.strip())
    except ValueError as error:
        raise unreadable("invalid IPv6 address" if "[" in base else BAD_NAME) from error
    if not parts.scheme:
        raise unreadable("relative URL without a base")
    if parts.scheme.lower() in SCHEMES:
        flaw = flaw_of(parts)
        if flaw is not None:
            raise unreadable(flaw)
    return SplitUrl(parts.scheme, parts.netloc, parts.path, parts.query)


def flaw_of(parts: SplitResult) -> str | None:
    """What is wrong with the host and the port of an address, if anything is."""
    try:
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "invalid port number"
    if not host:
        return "empty host"
    if any(char in FORBIDDEN_IN_NAMES for char in host):
        return BAD_NAME
    if host.rpartition(".")[2].isdecimal():
        try:
            IPv4Address(host)
        except ValueError:
            return "invalid IPv4 address"
    return None


def unreadable(why: str) -> RealtimeFailure:
    """An address that says nothing."""
    return RealtimeFailure(f"{STREAM_ERROR}failed to parse realtime api_url: {why}")


@dataclass(frozen=True, slots=True)
class SplitUrl:
    """An address in parts."""

    scheme: str
    netloc: str
    path: str
    query: str


def session_path(path: str, version: Version) -> str:
    """The path of sessions beside or below a base path."""
    name = "live" if version == "v3" else "realtime"
    if path in ("", "/", "/v1", "/v1/"):
        return f"/v1/{name}"
    bare = path.rstrip("/")
    if bare.endswith("/realtime"):
        return f"{bare.removesuffix('/realtime')}/{name}"
    if path.endswith("/v1") and version != "v3":
        return f"{path}/realtime"
    return path


def pair(name: str, value: str) -> str:
    """One entry of a query."""
    return f"{quote_plus(name)}={quote_plus(value)}"


def headers_of(provider: Provider, version: Version, ids: Ids, credential: Mapping[str, str]) -> list[tuple[str, str]]:
    """The headers of a handshake or a call. What the session says wins over what is configured for the provider."""
    headers = {"originator": provider.originator, "user-agent": provider.user_agent}
    headers.update({name.lower(): value for name, value in provider.headers.items()})
    headers.update({"session-id": ids.session_id, "thread-id": ids.thread_id})
    if ids.voice_session_id is not None:
        headers["voice-session-id"] = ids.voice_session_id
    if ids.thread_source is not None:
        headers["x-codex-turn-metadata"] = source_note(ids.thread_source)
    headers.update(credential)
    if ids.realtime_session_id is not None:
        headers["x-session-id"] = ids.realtime_session_id
    if version in ALPHA:
        headers["openai-alpha"] = ALPHA[version]
    return [(name, value) for name, value in headers.items() if is_sendable(name, value)]


def source_note(thread_source: str) -> str:
    """What a provider may log about the thread, as JSON in ASCII."""
    return json.dumps({"thread_source": thread_source}, separators=(",", ":"))


def is_sendable(name: str, value: str) -> bool:
    """Whether HTTP can carry a header; what it can't is left out, as in the reference."""
    is_token = bool(name) and all(char.isalnum() or char in "!#$%&'*+-.^_`|~" for char in name) and name.isascii()
    return is_token and not any((ord(char) < 32 and char != "\t") or ord(char) == 127 for char in value)
