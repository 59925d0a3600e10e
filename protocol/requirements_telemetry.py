"""The requirements telemetry family of the wire contract."""

from typing import Annotated, Literal

from pydantic import Field

from protocol.base import U64, Record, SnakeRecord, TypeAliasType, Variant

OtelHttpProtocol = TypeAliasType("OtelHttpProtocol", Literal["binary", "json"])
"""Otel http protocol."""


class OtelTlsConfig(Record):
    """Otel tls config."""

    ca_certificate: Annotated[str | None, Field(alias="ca-certificate")] = None
    client_certificate: Annotated[str | None, Field(alias="client-certificate")] = None
    client_private_key: Annotated[str | None, Field(alias="client-private-key")] = None


class OtlpHttpSettings(Variant):
    """Otlp http settings."""

    endpoint: str
    headers: dict[str, str]
    protocol: OtelHttpProtocol
    tls: OtelTlsConfig | None = None


class OtlpHttpExporter(Variant, extra="forbid"):
    """Otlp http exporter."""

    otlp_http: Annotated[OtlpHttpSettings, Field(alias="otlp-http")]


class OtlpGrpcSettings(Variant):
    """Otlp grpc settings."""

    endpoint: str
    headers: dict[str, str]
    tls: OtelTlsConfig | None = None


class OtlpGrpcExporter(Variant, extra="forbid"):
    """Otlp grpc exporter."""

    otlp_grpc: Annotated[OtlpGrpcSettings, Field(alias="otlp-grpc")]


OtelExporter = TypeAliasType("OtelExporter", Literal["none", "statsig"] | OtlpHttpExporter | OtlpGrpcExporter)
"""Otel exporter."""


class OtelToolResultLogConfig(SnakeRecord):
    """Otel tool result log config."""

    max_bytes: U64


class OtelRequirements(SnakeRecord):
    """Otel requirements."""

    tool_result: OtelToolResultLogConfig | None = None
    log_sse_deltas: bool | None = None
    log_user_prompt: bool | None = None
    log_agent_responses: bool | None = None
    log_guardian_assessments: bool | None = None
    environment: str | None = None
    exporter: OtelExporter | None = None
    trace_exporter: OtelExporter | None = None
    metrics_exporter: OtelExporter | None = None
    span_attributes: dict[str, str] | None = None
    tracestate: dict[str, dict[str, str]] | None = None
