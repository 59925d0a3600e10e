"""What does a thread's length cost? A turn behind 500 others is held against one of a thread that has just begun.

Blocks of turns on either thread take turns, so that both meet the same machine, and what counts is the processor time of
the server: what it does by itself and what the system does for it when it sends the longer request.
"""

from statistics import median

from benchmarks.client import Client
from benchmarks.homes import Subject
from benchmarks.report import Figures, Row
from benchmarks.turns import check_turn, start_thread, turn_request

DELTAS = 3
LENGTH = 500
BLOCKS = 15
BLOCK = 12
"""Turns of either thread in a block; the short thread begins anew in each."""
WARM_UP = 2
SHORT = Row("turn of a new thread, processor time", "ms")
LONG = Row(f"turn behind {LENGTH} others, processor time", "ms")
GROWTH = Row("the long thread's turn / the new one's", "x", most=1.05)
ROWS = (SHORT, LONG, GROWTH)


def measure(subject: Subject) -> Figures:
    """A thread is grown first."""
    shorts, longs = [], []
    with subject.initialized() as client:
        long = start_thread(client)
        _turns(client, long, LENGTH)
        for _ in range(BLOCKS):
            short = start_thread(client)
            _turns(client, short, WARM_UP)
            shorts.append(_turns(client, short, BLOCK))
            longs.append(_turns(client, long, BLOCK))
    growth = median(long_s / short_s for short_s, long_s in zip(shorts, longs, strict=True))
    return {SHORT.label: median(shorts) * 1000, LONG.label: median(longs) * 1000, GROWTH.label: growth}


def _turns(client: Client, thread_id: str, count: int) -> float:
    """So many turns, one after the other; the processor time that one took."""
    before = client.own_processor_seconds()
    for _ in range(count):
        client.send([turn_request(thread_id, DELTAS)])
        check_turn(client.read_until("turn/completed"), DELTAS)
    return (client.own_processor_seconds() - before) / count
