"""How long does a client wait for a server that it has just spawned?"""

import time

from benchmarks.homes import Home, Subject
from benchmarks.report import Figures, Row

INITIALIZED = Row("spawn to `initialize` answered", "ms", limit=1.15, note="(want 0.9x)")
FIRST_THREAD = Row("spawn to first `thread/start` answered", "ms", limit=1.3)
USED_HOME = Row("spawn to `initialize`, home used before", "ms", note="no limit")
USED_HOME_THREAD = Row("spawn to `thread/start`, home used before", "ms", note="no limit")
ROWS = (INITIALIZED, FIRST_THREAD, USED_HOME, USED_HOME_THREAD)


def measure(subject: Subject) -> Figures:
    """Spawn twice in one home: the first time it is fresh. Both keep the bundled models, as users do."""
    with subject.home(lab_models=False) as home:
        fresh = _spawn(home)
        used = _spawn(home)
    return dict(zip((row.label for row in ROWS), (*fresh, *used), strict=True))


def _spawn(home: Home) -> tuple[float, float]:
    with home.spawn() as client:
        client.initialize()
        initialized = time.perf_counter()
        client.call("thread/start", {})
        started = time.perf_counter()
    return (initialized - client.spawned_at) * 1000, (started - client.spawned_at) * 1000
