"""How fast does a long answer pass through a server, and what does each delta cost it?"""

import time

from benchmarks.homes import Subject
from benchmarks.report import Figures, Row
from benchmarks.turns import check_turn, start_thread, turn_request

DELTAS = 5000
RATE = Row(f"stream of {DELTAS:,} deltas", "1/s", floor=2)
COST = Row("processor time per delta", "us", limit=0.3)
ROWS = (RATE, COST)
TURNS = 3


def measure(subject: Subject) -> Figures:
    """Each turn on a thread of its own, so that no history is sent along; several, since the kernel counts in 10 ms."""
    elapsed_s = 0.0
    with subject.initialized() as client:
        threads = [start_thread(client) for _ in range(1 + TURNS)]
        client.send([turn_request(threads[0], 3)])  # warm
        client.read_until("turn/completed")
        used_s = client.processor_seconds()
        for thread_id in threads[1:]:
            began = time.perf_counter()
            client.send([turn_request(thread_id, DELTAS)])
            lines = client.read_until("turn/completed")
            elapsed_s += time.perf_counter() - began
            check_turn(lines, DELTAS)
        used_s = client.processor_seconds() - used_s
    return {RATE.label: DELTAS * TURNS / elapsed_s, COST.label: used_s / (DELTAS * TURNS) * 1e6}
