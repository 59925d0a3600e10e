"""A request on its way out: its URL, its body and its headers, in the order in which the reference sends them.

Pure functions; the bytes of the input items are put into the body as they are. What a turn knows (the `x-codex-`
headers, ids, metadata) comes with the `ModelRequest`; what only the connection knows is added here.
Source: spec/upstream.md section 1.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pydantic_core import to_json

from app_server.core.provider.base import ModelRequest
from app_server.core.provider.credentials import Credential
from app_server.core.provider.settings import CHATGPT_URL, OPENAI_URL, ProviderSettings

TURN_STATE = "x-codex-turn-state"
LITE = "x-openai-internal-codex-responses-lite"
PLAIN_TOOLS = "functions"
"""The namespace of those tools that have none, where every tool has to have one."""
WEBSOCKETS_BETA = "responses_websockets=2026-02-06"
TOOL_ITEMS = uuid.UUID("0b9f4c3a-6a0d-5f0e-8a53-0d1f3c6a7e21")
"""The namespace of the ids of the items that hold lite models' tools."""

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the daemon says it is. It is known in full only after a client has introduced itself."""

    originator: str
    user_agent: str


def endpoint(settings: ProviderSettings, credential: Credential | None, path: str) -> str:
    """The URL of one of the provider's resources; `path` has no leading slash."""
    base = settings.base_url
    if base is None:
        base = CHATGPT_URL if credential is not None and credential.is_chatgpt else OPENAI_URL
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in settings.query_params.items())
    return f"{base.rstrip('/')}/{path}" + (f"?{query}" if query else "")


def body_of(
    request: ModelRequest, items: Sequence[bytes] | None = None, *, previous: str | None = None, is_prewarm: bool = False
) -> bytes:
    """The JSON body of a request for a streamed answer.

    `items` may be less than the whole input, where `previous` names the answer that they follow. A prewarm asks for none.
    """
    parts = [
        b'{"model":', to_json(request.model), b',"stream":true',
        b"" if previous is None else b',"previous_response_id":' + to_json(previous),
        b',"input":[', b",".join(input_of(request) if items is None else items), b"]",
        b"" if request.is_lite else b',"tools":' + to_json(list(request.tools)),
        b',"tool_choice":"auto","parallel_tool_calls":', to_json(request.parallel_tool_calls and not request.is_lite),
        b',"reasoning":', to_json(reasoning_of(request)),
        b',"store":false,"include":["reasoning.encrypted_content"]',
    ]  # fmt: skip
    if request.service_tier is not None:
        parts += b',"service_tier":', to_json(request.service_tier)
    parts += b',"prompt_cache_key":', to_json(request.prompt_cache_key)
    if request.text:
        parts += b',"text":', to_json(request.text)
    if is_prewarm:
        parts += (b',"generate":false',)
    parts += b',"client_metadata":', to_json(request.client_metadata), b"}"
    return b"".join(parts)


def input_of(request: ModelRequest) -> Sequence[bytes]:
    """The input items. Lite models get their tools as the first of them, the same in every request of a thread."""
    if not request.is_lite:
        return request.input
    item_id = f"at_{uuid.uuid5(TOOL_ITEMS, request.thread_id)}"
    tools = lite_tools(request.tools)
    return [
        to_json({"type": "additional_tools", "id": item_id, "role": "developer", "tools": tools, "content": []}),
        *request.input,
    ]


def lite_tools(tools: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tools of lite models: plain ones are in a namespace of their own, and none that the provider would run are there."""
    plain = [tool for tool in tools if tool.get("type") in ("function", "custom")]
    others = [tool for tool in tools if tool.get("type") in ("namespace", "tool_search")]
    named = [{"type": "namespace", "name": PLAIN_TOOLS, "description": "", "tools": plain}] if plain else []
    return [*named, *others]


def reasoning_of(request: ModelRequest) -> dict[str, Any]:
    """What is asked of the model's thinking; lite models keep it over all turns."""
    return {**request.reasoning, "context": "all_turns"} if request.is_lite else request.reasoning


def socket_headers_of(
    request: ModelRequest,
    settings: ProviderSettings,
    environment: Mapping[str, str],
    credential: Credential | None,
    identity: Identity,
) -> list[tuple[bytes, bytes]]:
    """The headers of a handshake, beside those that make it one."""
    headers = {**credential_headers(credential), "openai-beta": WEBSOCKETS_BETA}
    headers.update(provider_headers(settings, environment))
    headers.update(_turn_headers(request))
    headers.update(_routing_hint(request, settings, credential))
    headers.setdefault("originator", identity.originator)
    headers.setdefault("user-agent", identity.user_agent)
    return encoded(headers)


def headers_of(
    request: ModelRequest,
    settings: ProviderSettings,
    environment: Mapping[str, str],
    credential: Credential | None,
    identity: Identity,
    encoding: str | None,
) -> list[tuple[bytes, bytes]]:
    """The headers, without `host` and `content-length`. A name appears once; a later value replaces an earlier one in place."""
    headers = provider_headers(settings, environment)
    headers.update(_turn_headers(request))
    headers.update(_routing_hint(request, settings, credential))
    headers["accept"] = "text/event-stream"
    if encoding is not None:
        headers["content-encoding"] = encoding
    headers.setdefault("content-type", "application/json")
    headers.update(credential_headers(credential))
    headers.setdefault("originator", identity.originator)
    headers.setdefault("user-agent", identity.user_agent)
    return encoded(headers)


def provider_headers(settings: ProviderSettings, environment: Mapping[str, str]) -> dict[str, str]:
    """The configured headers; those from the environment only where it has a value for them."""
    headers = {name.lower(): value for name, value in settings.http_headers.items()}
    for name, variable in settings.env_http_headers.items():
        value = environment.get(variable, "")
        if value.strip():
            headers[name.lower()] = value
    return headers


def credential_headers(credential: Credential | None) -> dict[str, str]:
    """What a credential adds."""
    if credential is None:
        return {}
    return {"authorization": f"Bearer {credential.token}", **{name.lower(): v for name, v in credential.headers.items()}}


def encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """The headers as bytes. Those that HTTP can't carry are left out, as in the reference."""
    return [
        (name.encode("ascii"), value.strip().encode("utf-8", "replace"))
        for name, value in headers.items()
        if _NAME.fullmatch(name) and not _CONTROL.search(value)
    ]


def _routing_hint(request: ModelRequest, settings: ProviderSettings, credential: Credential | None) -> dict[str, str]:
    """What OpenAI routes the requests of its accounts by."""
    is_wanted = settings.is_openai and credential is not None and credential.is_chatgpt
    return {"x-codex-routing-hint": f"model={request.model}"} if is_wanted else {}


def _turn_headers(request: ModelRequest) -> dict[str, str]:
    """The loop's headers, with the routing token at its place: behind the beta features, which come first."""
    given = {name.lower(): value for name, value in request.headers.items()}
    if request.is_lite:
        given[LITE] = "true"
    if request.turn_state.value is None:
        return given
    first = "x-codex-beta-features"
    headers = {first: given[first]} if first in given else {}
    headers[TURN_STATE] = request.turn_state.value
    headers.update(given)
    return headers
