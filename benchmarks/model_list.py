"""How many times per second does a server list its models?"""

import time

from benchmarks.client import ServerFailed, result_of
from benchmarks.homes import MODELS, Subject
from benchmarks.report import Figures, Row

PIPELINED = Row(f"`model/list` of {MODELS} models, 50 pipelined", "1/s", floor=3)
ONE_BY_ONE = Row(f"`model/list` of {MODELS} models, one at a time", "1/s", note="no limit")
ROWS = (PIPELINED, ONE_BY_ONE)
BURST = 50
BURSTS = 10
CALLS = 300


def measure(subject: Subject) -> Figures:
    """In bursts, which shows what an answer costs; and one by one, where most of the time is the way there and back."""
    with subject.initialized() as client:
        for _ in range(10):  # warm
            client.call("model/list", {})
        answers = []
        began = time.perf_counter()
        for _ in range(BURSTS):
            client.send([("model/list", {})] * BURST)
            answers += client.read_answers(BURST)
        bursts_s = time.perf_counter() - began
        began = time.perf_counter()
        for _ in range(CALLS):
            client.send([("model/list", {})])
            answers += client.read_answers(1)
        calls_s = time.perf_counter() - began
    for answer in answers:
        if (listed := len(result_of(answer)["data"])) != MODELS:
            raise ServerFailed(f"{listed} models listed, not {MODELS}")
    return {PIPELINED.label: BURST * BURSTS / bursts_s, ONE_BY_ONE.label: CALLS / calls_s}
