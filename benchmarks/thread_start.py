"""How long does a warm server take to start a thread?"""

import time
from statistics import median

from benchmarks.homes import Subject
from benchmarks.report import Figures, Row

LATENCY = Row("`thread/start`, warm", "ms", limit=0.6)
ROWS = (LATENCY,)
WARM_UP = 3
THREADS = 20


def measure(subject: Subject) -> Figures:
    """One after the other; the next is sent when the last one was announced."""
    latencies = []
    with subject.initialized() as client:
        for _ in range(WARM_UP + THREADS):
            began = time.perf_counter()
            client.call("thread/start", {})
            latencies.append(time.perf_counter() - began)
            client.read_until("thread/started")
    return {LATENCY.label: median(latencies[WARM_UP:]) * 1000}
