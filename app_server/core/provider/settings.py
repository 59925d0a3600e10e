"""What is configured about a provider, checked, as a value; and the providers that need no configuration.

It knows the keys of a `[model_providers.<id>]` table and the texts with which bad ones are refused. It opens no
connection and reads no environment but the mapping it is given, and costs nothing to import.
Source: spec/upstream.md section 11. Differs: `wire_api` also names adapters for other APIs, and `request_compression`
switches compression on for one provider.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from app_server.core.provider.table import ProviderConfigError, Table

OPENAI_URL = "https://api.openai.com/v1"
CHATGPT_URL = "https://chatgpt.com/backend-api/codex"

MAX_RETRIES = 100
RESERVED_IDS = ("lmstudio", "ollama", "openai", "rehearsal")
AWS_IDS = ("amazon-bedrock", "amazon-bedrock-runtime")
WireApi = Literal["responses", "chat", "litellm", "rehearsal"]
"""How a provider is spoken to; the last is the built-in one's."""

PROVIDER_KEYS = frozenset(
    {
        "name", "base_url", "env_key", "env_key_instructions", "experimental_bearer_token", "auth", "aws", "wire_api",
        "query_params", "http_headers", "env_http_headers", "request_max_retries", "stream_max_retries", "stream_idle_timeout_ms",
        "websocket_connect_timeout_ms", "requires_openai_auth", "supports_websockets", "request_compression",
        "model_catalog_url", "gateway_oauth", "supports_standalone_web_search",
    }
)  # fmt: skip
"""Keys that are not worth a warning. Those of the last line are the reference's, and have no effect here."""
AUTH_KEYS = frozenset({"command", "args", "cwd", "timeout_ms", "refresh_interval_ms"})


@dataclass(frozen=True, slots=True)
class AuthCommand:
    """A program that prints a bearer token. `refresh_interval_ms` 0 keeps the token until it is refused."""

    command: str
    args: tuple[str, ...] = ()
    cwd: str | None = None
    timeout_ms: int = 5_000
    refresh_interval_ms: int = 300_000

    @classmethod
    def from_table(cls, table: Table) -> "AuthCommand":
        """Check the `auth` table. Raises: ProviderConfigError."""
        return cls(
            command=table.required_string("command"),
            args=table.strings("args"),
            cwd=table.string("cwd"),
            timeout_ms=table.integer("timeout_ms", 5_000, least=1),
            refresh_interval_ms=table.integer("refresh_interval_ms", 300_000),
        )


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """One provider. `base_url` None means OpenAI's own, which depends on the kind of login."""

    id: str
    name: str
    base_url: str | None = None
    env_key: str | None = None
    env_key_instructions: str | None = None
    experimental_bearer_token: str | None = field(default=None, repr=False)
    auth: AuthCommand | None = None
    wire_api: WireApi = "responses"
    query_params: Mapping[str, str] = field(default_factory=dict)
    http_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    env_http_headers: Mapping[str, str] = field(default_factory=dict)
    request_max_retries: int = 4
    stream_max_retries: int = 5
    stream_idle_timeout_ms: int = 300_000
    websocket_connect_timeout_ms: int = 15_000
    requires_openai_auth: bool = False
    supports_websockets: bool = False
    request_compression: Literal["zstd"] | None = None
    is_built_in: bool = False

    @property
    def is_openai(self) -> bool:
        """Whether OpenAI's own behavior is wanted; the name decides, as in the reference."""
        return self.name == "OpenAI"

    @property
    def uses_login(self) -> bool:
        """Whether requests carry the login, rather than a credential of the provider's own configuration."""
        has_own = self.env_key is not None or self.experimental_bearer_token is not None or self.auth is not None
        return self.requires_openai_auth and not has_own

    @classmethod
    def from_table(cls, id: str, table: Mapping[str, Any]) -> "ProviderSettings":
        """Check a table of the configuration. Unknown keys are ignored. Raises: ProviderConfigError."""
        reader = Table(("model_providers", id), table)
        auth = reader.table("auth")
        settings = cls(
            id=id,
            name=reader.string("name") or "",
            base_url=reader.string("base_url"),
            env_key=reader.string("env_key"),
            env_key_instructions=reader.string("env_key_instructions"),
            experimental_bearer_token=reader.string("experimental_bearer_token"),
            auth=None if auth is None else AuthCommand.from_table(auth),
            wire_api=_wire_api(reader),
            query_params=reader.string_map("query_params"),
            http_headers=reader.string_map("http_headers"),
            env_http_headers=reader.string_map("env_http_headers"),
            request_max_retries=min(reader.integer("request_max_retries", 4), MAX_RETRIES),
            stream_max_retries=min(reader.integer("stream_max_retries", 5), MAX_RETRIES),
            stream_idle_timeout_ms=reader.integer("stream_idle_timeout_ms", 300_000),
            websocket_connect_timeout_ms=reader.integer("websocket_connect_timeout_ms", 15_000),
            requires_openai_auth=reader.boolean("requires_openai_auth"),
            supports_websockets=reader.boolean("supports_websockets"),
            request_compression=_compression(reader),
        )
        if "aws" in table:
            where = "is only supported for `amazon-bedrock` or `amazon-bedrock-runtime`"
            raise reader.refusal(f"provider aws {'is not supported yet' if id in AWS_IDS else where}")
        if not settings.name.strip():
            raise reader.refusal("provider name must not be empty")
        if settings.auth is not None:
            _check_auth(reader, settings.auth, settings)
        return settings


def _check_auth(reader: Table, auth: AuthCommand, settings: ProviderSettings) -> None:
    if not auth.command.strip():
        raise reader.refusal("provider auth.command must not be empty")
    others = {
        "env_key": settings.env_key is not None,
        "experimental_bearer_token": settings.experimental_bearer_token is not None,
        "requires_openai_auth": settings.requires_openai_auth,
    }
    clashing = ", ".join(name for name, is_set in others.items() if is_set)
    if clashing:
        raise reader.refusal(f"provider auth cannot be combined with {clashing}")


def _wire_api(reader: Table) -> WireApi:
    value = reader.string("wire_api")
    match value:
        case None | "responses":
            return "responses"
        case "chat" | "litellm":
            return value
    raise reader.wrong("wire_api", f"unknown variant `{value}`, expected one of `responses`, `chat`, `litellm`")


def _compression(reader: Table) -> Literal["zstd"] | None:
    value = reader.string("request_compression")
    if value is None or value == "none":
        return None
    if value != "zstd":
        raise reader.wrong("request_compression", f"unknown variant `{value}`, expected `none` or `zstd`")
    return "zstd"


def built_in_providers(
    version: str, environment: Mapping[str, str], openai_base_url: str | None = None
) -> dict[str, ProviderSettings]:
    """The providers that are always there, by id. `version` is the protocol's, which OpenAI is told in a header."""
    openai = ProviderSettings(
        id="openai",
        name="OpenAI",
        base_url=openai_base_url or None,
        http_headers={"version": version},
        env_http_headers={"OpenAI-Organization": "OPENAI_ORGANIZATION", "OpenAI-Project": "OPENAI_PROJECT"},
        requires_openai_auth=True,
        supports_websockets=True,
        is_built_in=True,
    )
    local = ProviderSettings(id="ollama", name="gpt-oss", base_url=_local_url(environment, 11434), is_built_in=True)
    rehearsal = ProviderSettings(id="rehearsal", name="Rehearsal", wire_api="rehearsal", is_built_in=True)
    lmstudio = replace(local, id="lmstudio", base_url=_local_url(environment, 1234))
    return {settings.id: settings for settings in (openai, local, lmstudio, rehearsal)}


def _local_url(environment: Mapping[str, str], port: int) -> str:
    url = environment.get("CODEX_OSS_BASE_URL", "").strip()
    return url or f"http://localhost:{environment.get('CODEX_OSS_PORT', '').strip() or port}/v1"


def check_ids(ids: Iterable[str]) -> None:
    """Refuse a configuration that redefines built-in providers. Raises: ProviderConfigError."""
    reserved = sorted(set(ids).intersection(RESERVED_IDS))
    if reserved:
        names = ", ".join(f"`{id}`" for id in reserved)
        raise ProviderConfigError(
            f"model_providers contains reserved built-in provider IDs: {names}. Built-in providers cannot be overridden. "
            f"Rename your custom provider (for example, `{reserved[0]}-custom`).",
            ("model_providers", reserved[0]),
        )


def unknown_provider(id: str) -> ProviderConfigError:
    """The refusal of a `model_provider` that is not defined."""
    if id == "ollama-chat":
        text = (
            "`ollama-chat` is no longer supported.\n"
            "How to fix: replace `ollama-chat` with `ollama` in `model_provider`, `oss_provider`, or `--local-provider`."
        )
    else:
        text = f"Model provider `{id}` not found"
    return ProviderConfigError(text, ("model_provider",))
