"""How many small requests does a server answer per second, in bursts and one at a time?"""

import time

from benchmarks.client import result_of
from benchmarks.homes import Subject
from benchmarks.report import Figures, Row

METHOD = "thread/loaded/list"
PIPELINED = Row(f"`{METHOD}`, 100 pipelined", "1/s", floor=1.2)
ONE_BY_ONE = Row(f"`{METHOD}`, one at a time", "1/s", floor=0.95)
ROWS = (PIPELINED, ONE_BY_ONE)
BURST = 100  # the reference refuses some of a burst above 128
BURSTS = 20
CALLS = 1000


def measure(subject: Subject) -> Figures:
    """Each burst is written at once and read to its last answer before the next."""
    with subject.initialized() as client:
        for _ in range(BURST):  # warm
            client.call(METHOD, {})
        began = time.perf_counter()
        answers = []
        for _ in range(BURSTS):
            client.send([(METHOD, {})] * BURST)
            answers += client.read_answers(BURST)
        burst_s = time.perf_counter() - began
        began = time.perf_counter()
        for _ in range(CALLS):
            client.send([(METHOD, {})])
            answers += client.read_answers(1)
        calls_s = time.perf_counter() - began
    for answer in answers:
        result_of(answer)
    return {PIPELINED.label: BURST * BURSTS / burst_s, ONE_BY_ONE.label: CALLS / calls_s}
