"""What an administrator requires of telemetry (OpenTelemetry)."""

from typing import Annotated, Literal

from pydantic import Field

from protocol.base import U64, Record, SnakeRecord, TypeAliasType, Variant

OtelHttpProtocol = TypeAliasType("OtelHttpProtocol", Literal["binary", "json"])
"""How data is written over HTTP."""


class OtelTlsConfig(Record):
    """Certificates. Null: as usual."""

    ca_certificate: Annotated[str | None, Field(alias="ca-certificate")] = None
    """The file with the authorities to trust."""
    client_certificate: Annotated[str | None, Field(alias="client-certificate")] = None
    """The file with the certificate to show."""
    client_private_key: Annotated[str | None, Field(alias="client-private-key")] = None
    """The file with its key."""


class OtlpHttpSettings(Variant):
    """Where and how over HTTP."""

    endpoint: str
    """The address."""
    headers: dict[str, str]
    """Headers to send."""
    protocol: OtelHttpProtocol
    """How data is written."""
    tls: OtelTlsConfig | None = None
    """Certificates; null: as usual."""


class OtlpHttpExporter(Variant, extra="forbid"):
    """Over HTTP."""

    otlp_http: Annotated[OtlpHttpSettings, Field(alias="otlp-http")]
    """Where and how."""


class OtlpGrpcSettings(Variant):
    """Where and how over gRPC."""

    endpoint: str
    """The address."""
    headers: dict[str, str]
    """Headers to send."""
    tls: OtelTlsConfig | None = None
    """Certificates; null: as usual."""


class OtlpGrpcExporter(Variant, extra="forbid"):
    """Over gRPC."""

    otlp_grpc: Annotated[OtlpGrpcSettings, Field(alias="otlp-grpc")]
    """Where and how."""


OtelExporter = TypeAliasType("OtelExporter", Literal["none", "statsig"] | OtlpHttpExporter | OtlpGrpcExporter)
"""Where telemetry goes: nowhere, to the vendor's statistics, or to a collector."""


class OtelToolResultLogConfig(SnakeRecord):
    """What of tool results is written."""

    max_bytes: U64
    """The most bytes of each."""


class OtelRequirements(SnakeRecord):
    """Requirements of telemetry. Null: as usual."""

    tool_result: OtelToolResultLogConfig | None = None
    """What of tool results is written."""
    log_sse_deltas: bool | None = None
    """Whether pieces of the model's answers are written."""
    log_user_prompt: bool | None = None
    """Whether what the user says is written."""
    log_agent_responses: bool | None = None
    """Whether what the agent says is written."""
    log_guardian_assessments: bool | None = None
    """Whether judgements of the reviewer are written."""
    environment: str | None = None
    """The name of the environment, told with everything."""
    exporter: OtelExporter | None = None
    """Where logs go."""
    trace_exporter: OtelExporter | None = None
    """Where traces go."""
    metrics_exporter: OtelExporter | None = None
    """Where metrics go."""
    span_attributes: dict[str, str] | None = None
    """Attributes of every span."""
    tracestate: dict[str, dict[str, str]] | None = None
    """What to add to the trace state, by vendor and key."""
