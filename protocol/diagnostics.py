"""The diagnostics family of the wire contract."""

from typing import Any

from protocol.base import U32, U64, Method, Params, Record, Response


class ServerDiagnosticsParams(Params):
    """What `server/diagnostics` asks with."""


class ServerDiagnosticsGauge(Record):
    """Server diagnostics gauge."""

    name: str
    value: U64


class ServerDiagnosticsProcess(Record):
    """Server diagnostics process."""

    id: U32
    resident_memory_bytes: U64 | None = None
    physical_footprint_bytes: U64 | None = None


class ServerDiagnosticsResponse(Response):
    """What `server/diagnostics` is answered with."""

    process: ServerDiagnosticsProcess
    gauges: list[ServerDiagnosticsGauge]


class MockExperimentalMethodParams(Params):
    """What `mock/experimentalMethod` asks with."""

    value: str | None = None


class MockExperimentalMethodResponse(Response):
    """What `mock/experimentalMethod` is answered with."""

    echoed: str | None = None


SERVER_DIAGNOSTICS = Method("server/diagnostics", ServerDiagnosticsParams, ServerDiagnosticsResponse)
MOCK_EXPERIMENTAL_METHOD = Method("mock/experimentalMethod", MockExperimentalMethodParams, MockExperimentalMethodResponse)

METHODS: tuple[Method[Any, Any], ...] = (SERVER_DIAGNOSTICS, MOCK_EXPERIMENTAL_METHOD)
