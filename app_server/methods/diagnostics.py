"""`server/diagnostics` and `mock/experimentalMethod`."""

import os
from pathlib import Path

from app_server.routing import route
from app_server.services import Context
from protocol.diagnostics import (
    MOCK_EXPERIMENTAL_METHOD,
    SERVER_DIAGNOSTICS,
    MockExperimentalMethodParams,
    MockExperimentalMethodResponse,
    ServerDiagnosticsGauge,
    ServerDiagnosticsParams,
    ServerDiagnosticsProcess,
    ServerDiagnosticsResponse,
)


def diagnostics(context: Context, _params: ServerDiagnosticsParams) -> ServerDiagnosticsResponse:
    """What the process uses and does at this moment."""
    threads = context.services.threads.loaded()
    gauges = {
        "app.connections.open": len(context.services.fanout.connections),
        "core.threads.live": len(threads),
        "core.turns.active": sum(thread.turn is not None for thread in threads),
    }
    return ServerDiagnosticsResponse(
        process=ServerDiagnosticsProcess(id=os.getpid(), resident_memory_bytes=resident_bytes()),
        gauges=[ServerDiagnosticsGauge(name=name, value=value) for name, value in gauges.items()],
    )


def resident_bytes() -> int | None:
    """The memory that the process has in use; None where the system does not tell it in a file."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def echo(_context: Context, params: MockExperimentalMethodParams) -> MockExperimentalMethodResponse:
    """Give the value back: clients test with it whether they may use the experimental surface."""
    return MockExperimentalMethodResponse(echoed=params.value)


ROUTES = [route(SERVER_DIAGNOSTICS, diagnostics), route(MOCK_EXPERIMENTAL_METHOD, echo)]
