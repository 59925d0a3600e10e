"""A look into the server, and a method that tests the experimental gate."""

from typing import Any

from protocol.base import U32, U64, Method, Params, Record, Response


class ServerDiagnosticsParams(Params):
    """Nothing to ask with."""


class ServerDiagnosticsGauge(Record):
    """A number."""

    name: str
    """What it counts."""
    value: U64
    """How many."""


class ServerDiagnosticsProcess(Record):
    """The process of the server."""

    id: U32
    """Its process id."""
    resident_memory_bytes: U64 | None = None
    """The memory it takes; null when unknown."""
    physical_footprint_bytes: U64 | None = None
    """The memory that it would free; null when unknown."""


class ServerDiagnosticsResponse(Response):
    """How the server is doing."""

    process: ServerDiagnosticsProcess
    """Its process."""
    gauges: list[ServerDiagnosticsGauge]
    """Numbers."""


class MockExperimentalMethodParams(Params):
    """Something to say."""

    value: str | None = None
    """The words; null: none."""


class MockExperimentalMethodResponse(Response):
    """The same."""

    echoed: str | None = None
    """The words; null: none."""


SERVER_DIAGNOSTICS = Method("server/diagnostics", ServerDiagnosticsParams, ServerDiagnosticsResponse)
MOCK_EXPERIMENTAL_METHOD = Method("mock/experimentalMethod", MockExperimentalMethodParams, MockExperimentalMethodResponse)

METHODS: tuple[Method[Any, Any], ...] = (SERVER_DIAGNOSTICS, MOCK_EXPERIMENTAL_METHOD)
