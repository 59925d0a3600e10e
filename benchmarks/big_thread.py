"""What does a stored thread of 100 MB cost: to look at its end, and to resume it?"""

import time
from statistics import median

from benchmarks import shelf
from benchmarks.client import ServerFailed
from benchmarks.homes import Subject
from benchmarks.report import Figures, Row

RESUME = Row("`thread/resume` of 100 MB, without turns", "s", limit=0.5)
PEAK = Row("most memory while doing so", "MB", most=200)
NEWEST = Row("newest 20 turns of 100 MB", "ms", most=15)
ROWS = (RESUME, PEAK, NEWEST)
SIZE = 100_000_000
TURNS = 20
TIMES = 10


def measure(subject: Subject) -> Figures:
    """The thread is resumed as clients do that page, in a server that has resumed a small one before; then turns are read."""
    with subject.home() as home:
        small = shelf.store_big(home.codex_home, home.work, 0, 1)
        big = shelf.store_big(home.codex_home, home.work, 1, SIZE)
        with home.spawn() as client:
            client.initialize()
            client.call("thread/resume", {"threadId": small, "excludeTurns": True})
            client.call("thread/turns/list", {"threadId": small, "limit": TURNS})
            began = time.perf_counter()
            client.call("thread/resume", {"threadId": big, "excludeTurns": True})
            resumed = time.perf_counter() - began
            peak = client.peak_resident_bytes()
            latencies = []
            for _ in range(TIMES):
                began = time.perf_counter()
                page = client.call("thread/turns/list", {"threadId": big, "limit": TURNS})
                latencies.append(time.perf_counter() - began)
                if len(page["data"]) != TURNS:
                    raise ServerFailed(f"{len(page['data'])} turns were listed, not {TURNS}")
    return {RESUME.label: resumed, PEAK.label: peak / 1e6, NEWEST.label: median(latencies) * 1000}
