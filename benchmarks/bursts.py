"""What becomes of bursts on stdio, of a client that stops reading, and of a server that nobody asks anything?"""

import json
import time
from pathlib import Path

from benchmarks.client import ANSWER_STARTS, ServerFailed
from benchmarks.homes import Subject
from benchmarks.report import Figures, Row
from benchmarks.turns import start_thread, turn_request

REQUESTS, TURNS, DELTAS = 2000, 300, 200_000
UNANSWERED = Row(f"{REQUESTS:,} requests in one write: refused or lost", "requests", none_of=True)
REFUSED = Row(f"{TURNS} turns at once: refused or failed", "turns", none_of=True)
DEAF = Row(f"memory for a client that stops reading during {DELTAS:,} deltas", "MB", most=200)
IDLE = Row("bytes that an idle server writes", "1/s", none_of=True)
ROWS = (UNANSWERED, REFUSED, DEAF, IDLE)
DEAF_S, QUIET_S, SETTLED_S = 5.0, 5.0, 2.0
COMPLETED_START = b'{"method":"turn/completed"'


def measure(subject: Subject) -> Figures:
    """Each in a home of its own."""
    figures = {UNANSWERED.label: unanswered(subject), REFUSED.label: refused(subject)}
    return {**figures, DEAF.label: deaf(subject), IDLE.label: idle(subject)}


def unanswered(subject: Subject) -> float:
    """What of a burst has no good answer when a request behind it has one, or when nothing more comes."""
    with subject.initialized() as client:
        last = client.send([("thread/loaded/list", {})] * REQUESTS)
        good = 0
        ends_at = time.monotonic() + SETTLED_S
        while good < REQUESTS and client.has_line(ends_at - time.monotonic()):
            line = client.read_line()
            good += line.startswith(ANSWER_STARTS) and "result" in json.loads(line)
            ends_at = time.monotonic() + SETTLED_S
        assert last >= REQUESTS
    return REQUESTS - good


def refused(subject: Subject) -> float:
    """How many turns that were asked for in one write did not end well."""
    with subject.initialized() as client:
        threads = [start_thread(client) for _ in range(TURNS)]
        client.send([turn_request(thread, 1) for thread in threads])
        good = ended = 0
        while ended < TURNS:
            line = client.read_line()
            if line.startswith(COMPLETED_START):
                good += json.loads(line)["params"]["turn"]["status"] == "completed"
                ended += 1
            elif line.startswith(ANSWER_STARTS) and "error" in json.loads(line):
                ended += 1
    return TURNS - good


def deaf(subject: Subject) -> float:
    """The most memory that a server has had when its client has not read for a while; then all has to be there."""
    with subject.initialized() as client:
        thread = start_thread(client)
        client.send([turn_request(thread, DELTAS)])
        time.sleep(DEAF_S)
        memory = client.peak_resident_bytes()
        lines = client.read_until("turn/completed")
    told = sum(line.startswith(b'{"method":"item/agentMessage/delta"') for line in lines)
    if told != DELTAS:
        raise ServerFailed(f"{told:,} of {DELTAS:,} deltas came")
    return memory / 1e6


def idle(subject: Subject) -> float:
    """What a server with a thread writes to files and pipes while nobody asks anything."""
    with subject.initialized() as client:
        start_thread(client)
        time.sleep(SETTLED_S)
        before = written(client.pid)
        time.sleep(QUIET_S)
        return (written(client.pid) - before) / QUIET_S


def written(pid: int) -> int:
    """All bytes that a process has ever given to write calls."""
    lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("wchar"))
