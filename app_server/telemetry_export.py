"""Traces and metrics of turns, sent by OpenTelemetry. The only module that imports it.

A turn is a span, what happens in it are spans below: names, kinds, states and numbers, never a word of what was said,
run or read. They are made out of what clients are told.
"""

import atexit
import threading
from typing import Any

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import Meter, NoOpMeterProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import NoOpTracerProvider, Span, StatusCode, Tracer, set_span_in_context

from app_server import RELEASE
from app_server.telemetry import See, Target, Wishes

SERVICE = "app-server"
LAST_WORDS_S = 0.4
"""How long the process may take at its end to send what is left."""
BAD = ("failed", "declined", "interrupted")


def start(wanted: Wishes) -> See:
    """Begin to send what is wanted, and give what makes it out of notifications."""
    resource = Resource.create(
        {"service.name": SERVICE, "service.version": RELEASE, "deployment.environment.name": wanted.environment}
    )
    closing = []
    tracer: Tracer = NoOpTracerProvider().get_tracer(SERVICE)
    meter: Meter = NoOpMeterProvider().get_meter(SERVICE)
    if wanted.traces is not None:
        spans = TracerProvider(resource=resource, shutdown_on_exit=False)
        spans.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(**_options(wanted.traces))))
        tracer = spans.get_tracer(SERVICE, RELEASE)
        closing.append(spans.shutdown)
    if wanted.metrics is not None:
        reader = PeriodicExportingMetricReader(OTLPMetricExporter(**_options(wanted.metrics)))
        figures = MeterProvider([reader], resource, shutdown_on_exit=False)
        meter = figures.get_meter(SERVICE, RELEASE)
        closing.append(figures.shutdown)

    def close() -> None:
        threads = [threading.Thread(target=each, daemon=True) for each in closing]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LAST_WORDS_S)

    atexit.register(close)
    return Telemetry(tracer, meter).see


def _options(target: Target) -> dict[str, Any]:
    return {"endpoint": target.endpoint, "headers": dict(target.headers)} if target.endpoint is not None else {}


class Telemetry:
    """Turns and items that have begun, and the figures about those that have ended."""

    def __init__(self, tracer: Tracer, meter: Meter) -> None:
        self._tracer = tracer
        self._turns: dict[str, Span] = {}
        self._items: dict[str, dict[str, Span]] = {}
        self._turn_count = meter.create_counter("app_server.turns", description="Turns that have ended, by state")
        self._turn_time = meter.create_histogram("app_server.turn.duration", "s", "How long turns take")
        self._item_count = meter.create_counter("app_server.items", description="Items that have ended, by kind and state")
        self._tokens = meter.create_counter("app_server.tokens", description="Tokens that models have used, by kind")
        self._seen = {
            "turn/started": self._turn_started,
            "turn/completed": self._turn_completed,
            "item/started": self._item_started,
            "item/completed": self._item_completed,
            "thread/tokenUsage/updated": self._tokens_used,
        }

    def see(self, message: Any) -> None:
        """Look at a notification."""
        seen = self._seen.get(message.method)
        if seen is not None:
            seen(message)

    def _turn_started(self, message: Any) -> None:
        attributes = {"thread.id": message.thread_id, "turn.id": message.turn.id}
        self._turns[message.turn.id] = self._tracer.start_span("turn", attributes=attributes)

    def _turn_completed(self, message: Any) -> None:
        turn = message.turn
        self._turn_count.add(1, {"status": turn.status})
        if turn.duration_ms is not None:
            self._turn_time.record(turn.duration_ms / 1000, {"status": turn.status})
        for span in self._items.pop(turn.id, {}).values():
            span.end()
        self._end(self._turns.pop(turn.id, None), turn.status)

    def _item_started(self, message: Any) -> None:
        turn = self._turns.get(message.turn_id)
        if turn is not None:
            below = set_span_in_context(turn)
            span = self._tracer.start_span(message.item.type, below, attributes={"item.id": message.item.id})
            self._items.setdefault(message.turn_id, {})[message.item.id] = span

    def _item_completed(self, message: Any) -> None:
        status = getattr(message.item, "status", None) or "completed"
        self._item_count.add(1, {"type": message.item.type, "status": status})
        self._end(self._items.get(message.turn_id, {}).pop(message.item.id, None), status)

    def _tokens_used(self, message: Any) -> None:
        last = message.token_usage.last
        self._tokens.add(last.input_tokens, {"kind": "input"})
        self._tokens.add(last.output_tokens, {"kind": "output"})

    def _end(self, span: Span | None, status: str) -> None:
        if span is not None:
            span.set_attribute("status", status)
            if status in BAD:
                span.set_status(StatusCode.ERROR)
            span.end()
