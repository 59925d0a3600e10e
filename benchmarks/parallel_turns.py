"""How many turns per second does a server finish when a hundred threads want one at the same moment?"""

import json
import time

from benchmarks.client import ANSWER_STARTS
from benchmarks.homes import Subject
from benchmarks.report import Figures, Row
from benchmarks.turns import start_thread, turn_request

DELTAS = 3
THREADS = 100
RATE = Row(f"{THREADS} turns on {THREADS} threads at once", "1/s", floor=8)
LOST = Row("of these refused or failed", "turns", none_of=True)
ROWS = (RATE, LOST)
COMPLETED_START = b'{"method":"turn/completed"'


def measure(subject: Subject) -> Figures:
    """All requests in one write; the clock stops when each was refused or its turn has ended."""
    with subject.initialized() as client:
        threads = [start_thread(client) for _ in range(1 + THREADS)]
        client.send([turn_request(threads[0], DELTAS)])  # warm
        client.read_until("turn/completed")
        began = time.perf_counter()
        client.send([turn_request(thread_id, DELTAS) for thread_id in threads[1:]])
        ended: list[bytes] = []
        refused = 0
        while len(ended) + refused < THREADS:
            line = client.read_line()
            if line.startswith(COMPLETED_START):
                ended.append(line)
            elif line.startswith(ANSWER_STARTS) and "error" in json.loads(line):
                refused += 1
        elapsed_s = time.perf_counter() - began
    failed = sum(json.loads(line)["params"]["turn"]["status"] != "completed" for line in ended)
    return {RATE.label: (len(ended) - failed) / elapsed_s, LOST.label: refused + failed}
