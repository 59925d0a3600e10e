"""What the questions about turns share: a thread, a prompt, and the end of a turn that must have gone well."""

import json

from benchmarks.client import Client, Json, ServerFailed
from benchmarks.provider import WORD, prompt

DELTA_START = b'{"method":"item/agentMessage/delta"'


def start_thread(client: Client) -> str:
    """A thread that never asks for approval."""
    thread: Json = client.call("thread/start", {"approvalPolicy": "never"})["thread"]
    client.read_until("thread/started")
    return str(thread["id"])


def start_free_thread(client: Client) -> str:
    """A thread whose commands run without a sandbox."""
    thread: Json = client.call("thread/start", {"approvalPolicy": "never", "sandbox": "danger-full-access"})["thread"]
    client.read_until("thread/started")
    return str(thread["id"])


def turn_request(thread_id: str, deltas: int) -> tuple[str, Json]:
    """A `turn/start` that the provider answers by so many deltas."""
    return "turn/start", {"threadId": thread_id, "input": [{"type": "text", "text": prompt(deltas), "text_elements": []}]}


def check_turn(lines: list[bytes], deltas: int) -> None:
    """Hold the lines of one turn against what the provider has streamed. Raises: ServerFailed."""
    turn = json.loads(lines[-1])["params"]["turn"]
    if turn["status"] != "completed":
        raise ServerFailed(f"the turn ended as {turn['status']}: {turn['error']}")
    text = "".join(json.loads(line)["params"]["delta"] for line in lines if line.startswith(DELTA_START))
    if text != WORD * deltas:
        raise ServerFailed(f"{len(text)} characters were streamed, not {len(WORD) * deltas}")
