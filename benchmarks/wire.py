"""`python -m benchmarks.wire`: what the wire contract itself costs, in processor time and without a server.

How long the first use of each family takes once the first thread has been started, what a `thread/start` takes to check
and to answer, and what one text delta takes from its values to its line.
"""

import statistics
import subprocess
import sys
import time
from importlib import import_module
from typing import Any

from pydantic_core import from_json

from app_server import encode
from protocol.item_events import AgentMessageDeltaNotification
from protocol.methods import CLIENT_REQUESTS
from protocol.thread import ThreadStartParams, ThreadStartResponse

ROUNDS = 2_000
FAMILY_LIMIT_MS = 30.0
FIRST_USE = """
import time
from importlib import import_module
from app_server import lean_imports
import protocol.thread, protocol.turn, protocol.item_events
protocol.thread.ThreadStartParams.model_validate({{}})
began = time.process_time()
family = import_module("protocol.{family}")
for method in family.METHODS[:1]:
    if method.params is not None:
        try:
            method.params.model_validate({{}})
        except ValueError:
            pass
print((time.process_time() - began) * 1000)
"""
START = b'{"cwd":"/w","model":"m","approvalPolicy":"never","sandbox":"danger-full-access","config":{"features.apps":false}}'


def main() -> None:
    print(f"a `thread/start` checked and answered   {per_call_us(start_round_trip):8.1f} us   (limit 300)")
    print(f"a text delta, from its values to a line {per_call_us(delta):8.1f} us   (limit 10)")
    print(f"first use of a family, processor time   (limit {FAMILY_LIMIT_MS:.0f} ms)")
    for family, cost_ms in sorted(first_uses().items(), key=lambda pair: -pair[1])[:10]:
        print(f"  {family:24} {cost_ms:8.1f} ms")


def per_call_us(call: Any) -> float:
    """The processor time of one call: the median over some rounds."""
    call()
    found = []
    for _ in range(5):
        began = time.process_time()
        for _ in range(ROUNDS):
            call()
        found.append((time.process_time() - began) / ROUNDS * 1e6)
    return statistics.median(found)


ANSWER = ThreadStartResponse.model_validate(
    {
        "thread": {
            "id": "t", "sessionId": "t", "preview": "", "ephemeral": False, "modelProvider": "p", "createdAt": 1, "updatedAt": 1,
            "status": {"type": "idle"}, "cwd": "/w", "cliVersion": "0", "source": "vscode", "turns": [], "projectId": None,
        },
        "model": "m", "modelProvider": "p", "cwd": "/w", "approvalPolicy": "never", "approvalsReviewer": "user",
        "sandbox": {"type": "dangerFullAccess"},
    }
)  # fmt: skip


def start_round_trip() -> bytes:
    """Params from their bytes, the answer to its bytes."""
    ThreadStartParams.model_validate(from_json(START))
    return encode.response(1, ANSWER)


def delta() -> bytes:
    """What a stream does for each piece of text."""
    return encode.notification(AgentMessageDeltaNotification(thread_id="t", turn_id="u", item_id="i", delta="some words"), 1)


def first_uses() -> dict[str, float]:
    """Each family's first import and first check, in a process of its own that has started a thread before."""
    families = sorted({row.family for row in CLIENT_REQUESTS if getattr(import_module(f"protocol.{row.family}"), "METHODS", ())})
    return {family: statistics.median(first_use(family) for _ in range(3)) for family in families}


def first_use(family: str) -> float:
    """Milliseconds of processor time."""
    run = subprocess.run([sys.executable, "-c", FIRST_USE.format(family=family)], capture_output=True, text=True, check=True)
    return float(run.stdout)


if __name__ == "__main__":
    main()
