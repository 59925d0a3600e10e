"""`server/diagnostics` and `mock/experimentalMethod`."""

import os
from pathlib import Path

import anyio.to_thread

from app_server import RELEASE
from app_server.routing import route
from app_server.services import Context, Services
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

PROC = Path("/proc")


async def diagnostics(context: Context, _params: ServerDiagnosticsParams) -> ServerDiagnosticsResponse:
    """What the process uses and does at this moment. What is no number is the end of a gauge's name, and its value is 1."""
    pid = os.getpid()
    children = await anyio.to_thread.run_sync(child_count, pid)
    rung = await anyio.to_thread.run_sync(lambda: context.services.sandbox().rung)
    values = {**gauges(context.services, children), f"core.sandbox.{rung or 'none'}": 1, f"app.release.{RELEASE}": 1}
    return ServerDiagnosticsResponse(
        process=ServerDiagnosticsProcess(id=pid, resident_memory_bytes=resident_bytes()),
        gauges=[ServerDiagnosticsGauge(name=name, value=value) for name, value in values.items()],
    )


def gauges(services: Services, children: int | None) -> dict[str, int]:
    """The numbers by their names; those of the reference first."""
    threads, connections = services.threads.loaded(), services.fanout.connections
    waiting, accepted = services.scopes.waiting, sum(connection.requests for connection in connections)
    return {
        "app.requests.in_flight": max(accepted - waiting, 0),
        "app.requests.queued": waiting,
        "core.threads.live": len(threads),
        "core.turns.active": sum(thread.turn is not None for thread in threads),
        "app.connections.open": len(connections),
        "app.connections.behind": sum(connection.outbox.is_full for connection in connections),
        "app.outbox.bytes": sum(connection.outbox.size_bytes for connection in connections),
        "app.uptime_ms": max(services.clock.now_ms() - services.started_at_ms, 0),
        **({"process.children": children} if children is not None else {}),
    }


def resident_bytes() -> int | None:
    """The memory that the process has in use; None where the system does not tell it in a file."""
    try:
        pages = int((PROC / "self/statm").read_text("ascii").split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def child_count(pid: int) -> int | None:
    """How many processes a process has started that still run; None where the system does not tell it in files."""
    if not (PROC / "self/stat").exists():
        return None
    return sum(parent_of(folder) == pid for folder in PROC.iterdir() if folder.name.isdigit())


def parent_of(folder: Path) -> int | None:
    """The parent of a process; None when the process has ended meanwhile, or has ended and waits to be noticed."""
    try:
        state, parent = (folder / "stat").read_bytes().rpartition(b")")[2].split()[:2]
    except (OSError, ValueError):
        return None
    return int(parent) if state != b"Z" else None


def echo(_context: Context, params: MockExperimentalMethodParams) -> MockExperimentalMethodResponse:
    """Give the value back: clients test with it whether they may use the experimental surface."""
    return MockExperimentalMethodResponse(echoed=params.value)


ROUTES = [route(SERVER_DIAGNOSTICS, diagnostics), route(MOCK_EXPERIMENTAL_METHOD, echo)]
