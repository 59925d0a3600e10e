"""How much time does a server add to a short turn whose provider answers at once?"""

import time
from statistics import median

from benchmarks.homes import Subject
from benchmarks.report import Figures, Row
from benchmarks.turns import check_turn, start_thread, turn_request

DELTAS = 3
LATENCY = Row(f"turn of {DELTAS} deltas, `turn/start` to `turn/completed`", "ms", limit=0.25)
ROWS = (LATENCY,)
WARM_UP = 3
TURNS = 20


def measure(subject: Subject) -> Figures:
    """Turns of one thread, one after the other."""
    latencies = []
    with subject.initialized() as client:
        thread_id = start_thread(client)
        for _ in range(WARM_UP + TURNS):
            began = time.perf_counter()
            client.send([turn_request(thread_id, DELTAS)])
            lines = client.read_until("turn/completed")
            latencies.append(time.perf_counter() - began)
            check_turn(lines, DELTAS)
    return {LATENCY.label: median(latencies[WARM_UP:]) * 1000}
