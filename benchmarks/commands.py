"""What do commands cost: a turn of ten of them, the sandbox around one, and the memory for much output?"""

import time
from statistics import median

from benchmarks.client import Client
from benchmarks.homes import Subject
from benchmarks.provider import command_prompt
from benchmarks.report import Figures, Row
from benchmarks.turns import check_turn, start_free_thread

COMMANDS = 10
TURN = Row(f"turn of {COMMANDS} `true` commands", "ms", limit=0.6)
TURN_ROWS = (TURN,)
SANDBOXED = Row("sandbox around a command, on top of the command", "ms", most=40)
SANDBOX_ROWS = (SANDBOXED,)
OUTPUT_BYTES = 100_000_000
MEMORY = Row(f"memory for {OUTPUT_BYTES // 1_000_000} MB of output", "MiB", most=30)
OUTPUT_ROWS = (MEMORY,)
TURNS = 3
RUNS = 15
FREE, CONFINED = {"type": "dangerFullAccess"}, {"type": "readOnly"}


def measure_turn(subject: Subject) -> Figures:
    """Turns of a thread, each of ten commands one after the other; the first one warms up."""
    with subject.initialized() as client:
        thread_id = start_free_thread(client)
        times = [command_turn(client, thread_id, COMMANDS, f"t{number}", "true") for number in range(1 + TURNS)]
    return {TURN.label: median(times[1:]) * 1000}


def measure_sandbox(subject: Subject) -> Figures:
    """The same command with the sandbox and without it, in turns."""
    with subject.initialized() as client:
        times: dict[str, list[float]] = {"free": [], "confined": []}
        for _ in range(RUNS):
            for name, policy in (("free", FREE), ("confined", CONFINED)):
                began = time.perf_counter()
                client.call("command/exec", {"command": ["true"], "sandboxPolicy": policy})
                times[name].append(time.perf_counter() - began)
    return {SANDBOXED.label: (median(times["confined"]) - median(times["free"])) * 1000}


def measure_output(subject: Subject) -> Figures:
    """How far the memory has ever gone beyond what it was before a command that prints much."""
    with subject.initialized() as client:
        thread_id = start_free_thread(client)
        command_turn(client, thread_id, 1, "w", "true")
        before = client.settled_resident_bytes()
        command_turn(client, thread_id, 1, "o", f"yes something to be printed again and again | head -c {OUTPUT_BYTES}")
        return {MEMORY.label: max(client.peak_resident_bytes() - before, 0) / 2**20}


def command_turn(client: Client, thread_id: str, count: int, tag: str, script: str) -> float:
    """How long a turn takes that runs a command so often."""
    text = {"type": "text", "text": command_prompt(count, tag, script), "text_elements": []}
    began = time.perf_counter()
    client.send([("turn/start", {"threadId": thread_id, "input": [text]})])
    lines = client.read_until("turn/completed")
    taken = time.perf_counter() - began
    check_turn(lines, 1)
    return taken
