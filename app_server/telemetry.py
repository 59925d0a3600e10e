"""Whether traces and metrics are wanted, and to where; what is told to clients is what they are made of.

They are sent by OpenTelemetry, an extra that is loaded when the configuration (`[otel]`, as in the reference) or the
environment (`OTEL_EXPORTER_OTLP_ENDPOINT`) asks for it. Without it nothing here costs anything.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from app_server.core.frozen import frozen
from app_server.fanout import Fanout
from app_server.lazy import load
from app_server.outside import ClientsOutside
from protocol.base import Notification

EXPORT = "app_server.telemetry_export:start"
ENDPOINTS = {
    "traces": ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"),
    "metrics": ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"),
}
MISSING = 'traces and metrics are wanted, but OpenTelemetry is not installed: pip install "app-server[otel]"'
See = Callable[[Notification], None]
log = logging.getLogger(__name__)


@frozen
class Target:
    """Where one kind of telemetry goes by OTLP over HTTP. Without an endpoint, where the environment says."""

    endpoint: str | None
    headers: tuple[tuple[str, str], ...]


@frozen
class Wishes:
    """What is wanted; None: not this kind. `environment` names the deployment, like `dev`."""

    traces: Target | None
    metrics: Target | None
    environment: str


def wishes(table: Mapping[str, Any], environment: Mapping[str, str]) -> Wishes:
    """What the configuration asks for, and where it is silent, the environment."""
    return Wishes(
        traces=_target(table.get("trace_exporter"), "traces", environment),
        metrics=_target(table.get("metrics_exporter"), "metrics", environment),
        environment=str(table.get("environment") or "dev"),
    )


def outside_of(fanout: Fanout, table: Any, environment: Mapping[str, str]) -> ClientsOutside:
    """The world of clients, looked at by telemetry if it is wanted and can be had."""
    wanted = wishes(table if isinstance(table, Mapping) else {}, environment)
    if wanted.traces is None and wanted.metrics is None:
        return ClientsOutside(fanout)
    try:
        see: See = load(EXPORT)(wanted)
    except ImportError:
        log.warning(MISSING)
        return ClientsOutside(fanout)
    return SeenOutside(fanout, see)


class SeenOutside(ClientsOutside):
    """The same, and whatever is announced is shown to somebody first."""

    def __init__(self, fanout: Fanout, see: See) -> None:
        super().__init__(fanout)
        self._see = see

    def publish(self, thread_id: str | None, message: Notification) -> None:
        """Announce something to those whom it concerns. Never blocks."""
        self._see(message)
        super().publish(thread_id, message)


def _target(told: Any, kind: str, environment: Mapping[str, str]) -> Target | None:
    if told is None:
        is_set = any(environment.get(name) for name in ENDPOINTS[kind]) and environment.get("OTEL_SDK_DISABLED") != "true"
        return Target(None, ()) if is_set else None
    over_http = told.get("otlp-http") if isinstance(told, Mapping) else None
    if isinstance(over_http, Mapping) and isinstance(over_http.get("endpoint"), str):
        headers = over_http.get("headers")
        pairs = headers.items() if isinstance(headers, Mapping) else ()
        return Target(over_http["endpoint"], tuple((str(name), str(value)) for name, value in pairs))
    if told != "none":
        log.warning("%s are not sent: only `otlp-http` with an endpoint is supported", kind)
    return None
