"""How much memory does one more loaded, idle thread take?"""

from benchmarks.homes import Subject
from benchmarks.report import Figures, Row
from benchmarks.turns import start_thread

PER_THREAD = Row("memory per further loaded idle thread", "KiB", limit=0.2)
ROWS = (PER_THREAD,)
WARM_UP = 5
THREADS = 100


def measure(subject: Subject) -> Figures:
    """The growth of resident memory over a hundred threads, each time after it has settled."""
    with subject.initialized() as client:
        for _ in range(WARM_UP):
            start_thread(client)
        before = client.settled_resident_bytes()
        for _ in range(THREADS):
            start_thread(client)
        return {PER_THREAD.label: (client.settled_resident_bytes() - before) / THREADS / 1024}
