"""Traces and metrics: who gets them, what is in them, and that they never hold the server up."""

import gzip
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from app_server import telemetry
from app_server.core.clock import Clock
from app_server.fanout import Fanout
from app_server.outside import ClientsOutside
from app_server.telemetry import MISSING, Target, Wishes, outside_of, wishes
from tests.conftest import Converse
from tests.support.home import Home
from tests.support.process import started

CALL: list[Any] = ["created", {"call": "exec_command", "arguments": {"cmd": "echo a-secret; exit 3"}}, "completed"]
DONE: list[Any] = ["created", {"message": "a-secret"}, "completed"]


class Collector:
    """What was sent, by path."""

    def __init__(self) -> None:
        self.bodies: list[tuple[str, bytes, str | None]] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                collector.bodies.append((self.path, body, self.headers.get("x-own")))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def sent(self, path: str) -> list[bytes]:
        return [body for where, body, _ in self.bodies if where == path]


@pytest.fixture
def collector() -> Iterator[Collector]:
    found = Collector()
    thread = threading.Thread(target=found.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


async def test_a_turn_is_a_trace_without_a_word_of_what_was_said(converse: Converse, collector: Collector) -> None:
    target = f'{{otlp-http = {{endpoint = "{collector.url}/t", protocol = "binary", headers = {{x-own = "yes"}}}}}}'
    table = f'[otel]\nenvironment = "lab"\ntrace_exporter = {target}\nmetrics_exporter = {target.replace("/t", "/m")}'
    async with converse([CALL, DONE], tables=table) as talk:
        options = {"approvalPolicy": "never", "sandbox": "danger-full-access"}
        thread = (await talk.client.request("thread/start", options))["thread"]["id"]
        await talk.client.request("turn/start", {"threadId": thread, "input": [{"type": "text", "text": "a-secret"}]})
        await talk.client.wait_notification("turn/completed", threadId=thread)

    assert all(b"a-secret" not in body and own == "yes" for _, body, own in collector.bodies)
    spans, resource = [], {}
    for body in collector.sent("/t"):
        for part in ExportTraceServiceRequest.FromString(body).resource_spans:
            resource = {each.key: each.value.string_value for each in part.resource.attributes}
            spans += [span for scope in part.scope_spans for span in scope.spans]
    assert (resource["service.name"], resource["deployment.environment.name"]) == ("app-server", "lab")
    (turn,) = [span for span in spans if span.name == "turn"]
    assert {each.key: each.value.string_value for each in turn.attributes}["thread.id"] == thread
    below = {span.name: span.status.code for span in spans if span.parent_span_id == turn.span_id}
    assert below == {"userMessage": 0, "commandExecution": 2, "agentMessage": 0}

    figures: dict[str, Any] = {}
    for body in collector.sent("/m"):
        for part in ExportMetricsServiceRequest.FromString(body).resource_metrics:
            figures |= {metric.name: metric for scope in part.scope_metrics for metric in scope.metrics}
    assert set(figures) == {"app_server.turns", "app_server.turn.duration", "app_server.items", "app_server.tokens"}
    (turns,) = figures["app_server.turns"].sum.data_points
    assert (turns.as_int, turns.attributes[0].value.string_value) == (1, "completed")


async def test_a_collector_that_is_not_there_does_not_hold_the_end_up(
    home: Callable[..., Home], server_command: Sequence[str]
) -> None:
    place = home("http://127.0.0.1:9/v1", environment={"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"})
    async with started(server_command, place) as server:
        await server.send(b'{"id":1,"method":"initialize","params":{"clientInfo":{"name":"a","version":"1"}}}\n')
        await server.receive()
        began = time.monotonic()
        server.close_input()
        assert await server.wait_exit() == 0
        assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("table", "environment", "expected"),
    [
        ({}, {}, Wishes(None, None, "dev")),
        ({}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "u"}, Wishes(Target(None, ()), Target(None, ()), "dev")),
        ({}, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "u"}, Wishes(Target(None, ()), None, "dev")),
        ({}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "u", "OTEL_SDK_DISABLED": "true"}, Wishes(None, None, "dev")),
        ({"trace_exporter": "none"}, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "u"}, Wishes(None, None, "dev")),
        (
            {"environment": "lab", "metrics_exporter": {"otlp-http": {"endpoint": "u", "headers": {"a": "b"}}}},
            {},
            Wishes(None, Target("u", (("a", "b"),)), "lab"),
        ),
        ({"trace_exporter": {"otlp-grpc": {"endpoint": "u"}}}, {}, Wishes(None, None, "dev")),
    ],
)
def test_what_is_wanted_is_said_by_the_configuration_and_else_by_the_environment(
    table: dict[str, Any], environment: dict[str, str], expected: Wishes
) -> None:
    assert wishes(table, environment) == expected


def test_without_the_extra_the_server_runs_and_says_so(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def missing(_path: str) -> Any:
        raise ImportError("No module named 'opentelemetry'")

    monkeypatch.setattr(telemetry, "load", missing)
    with caplog.at_level(logging.WARNING):
        outside = outside_of(Fanout(Clock()), None, {"OTEL_EXPORTER_OTLP_ENDPOINT": "u"})
    assert type(outside) is ClientsOutside
    assert caplog.messages == [MISSING]
