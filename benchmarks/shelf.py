"""Stored threads to measure with: rollouts as servers of the reference's version 0.169 write them, in a home that has
nothing else yet.

Every thread is made at its own second, some a day, and its ids are counted; so two shelves of one size are the same.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.client import Json

FIRST_S = 1_740_000_000
A_DAY = 20
"""How many threads are made in one day."""
DAY_S = 86_400
INSTRUCTIONS = "Answer briefly. " * 500
OUTPUT_BYTES = 20_000
"""What a command in a turn of a big thread prints. It stands in the file twice: for the model and for clients."""


def fill(codex_home: Path, work: Path, threads: int) -> None:
    """Store so many threads of one turn each."""
    for number in range(threads):
        with Rollout(codex_home, work, number) as rollout:
            rollout.turn(f"How does part {number} work?", "It works like the others.")


def store_big(codex_home: Path, work: Path, number: int, size: int) -> str:
    """Store a thread of turns with commands that print a lot, until it has a size, and give its id."""
    with Rollout(codex_home, work, number) as rollout:
        turn = 0
        while rollout.size < size:
            turn += 1
            rollout.turn(f"What does step {turn} print?", "See above.", output=f"{turn:09d}\n" * (OUTPUT_BYTES // 10))
    return rollout.thread_id


class Rollout:
    """The file of one thread."""

    def __init__(self, codex_home: Path, work: Path, number: int) -> None:
        self._time = FIRST_S + number // A_DAY * DAY_S + number % A_DAY * 60
        self._work = str(work)
        self._ordinal = 0
        self._count = 0
        self._number = number
        self.size = 0
        self.thread_id = self._id()
        local = time.localtime(self._time)
        folder = codex_home / "sessions" / time.strftime("%Y/%m/%d", local)
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / f"rollout-{time.strftime('%Y-%m-%dT%H-%M-%S', local)}-{self.thread_id}.jsonl").open("wb")
        self._write("session_meta", self._head())

    def __enter__(self) -> "Rollout":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def turn(self, question: str, answer: str, output: str | None = None) -> None:
        """A whole turn, with a command if there is an output."""
        turn_id = self._id()
        for kind, payload in self._turn(turn_id, question, answer, output):
            self._write(kind, payload)
        self._time += 1

    def _turn(self, turn_id: str, question: str, answer: str, output: str | None) -> Iterator[tuple[str, Json]]:
        began = {"turn_id": turn_id, "root_turn_id": turn_id, "started_at": self._time}
        yield event("task_started", **began, model_context_window=380_000, collaboration_mode_kind="default")
        yield (
            "turn_context",
            {
                "turn_id": turn_id,
                "root_turn_id": turn_id,
                "cwd": self._work,
                "approval_policy": "never",
                "approvals_reviewer": "user",
                "sandbox_policy": {"type": "danger-full-access"},
                "permission_profile": {"type": "disabled"},
                "model": "bench-0",
                "collaboration_mode": {
                    "mode": "default",
                    "settings": {"model": "bench-0", "reasoning_effort": "medium", "developer_instructions": None},
                },
                "realtime_active": False,
                "effort": "medium",
                "summary": "auto",
            },
        )
        yield message("user", "input_text", question)
        content = [{"type": "text", "text": question, "text_elements": []}]
        yield self._item(turn_id, {"type": "UserMessage", "id": self._id(), "content": content})
        if output is not None:
            call_id = f"call_{turn_id}"
            arguments = json.dumps({"cmd": "print-a-lot"})
            yield "response_item", {"type": "function_call", "name": "exec_command", "arguments": arguments, "call_id": call_id}
            yield self._item(turn_id, self._command(call_id, output))
            yield "response_item", {"type": "function_call_output", "call_id": call_id, "output": output}
        yield message("assistant", "output_text", answer)
        said = [{"type": "Text", "text": answer}]
        yield self._item(turn_id, {"type": "AgentMessage", "id": f"msg_{self._id()}", "content": said, "phase": "final_answer"})
        yield event("token_count", info={**dict.fromkeys(("total_token_usage", "last_token_usage"), USAGE)}, rate_limits=None)
        yield event("task_complete", **began, last_agent_message=answer, completed_at=self._time + 1, duration_ms=1000)

    def _head(self) -> Json:
        return {
            "session_id": self.thread_id,
            "id": self.thread_id,
            "timestamp": self._stamp(),
            "cwd": self._work,
            "runtime_workspace_roots": [self._work],
            "originator": "benchmarks",
            "cli_version": "0.169.0",
            "source": "vscode",
            "model_provider": "mock",
            "base_instructions": {"text": INSTRUCTIONS},
            "history_mode": "paginated",
            "context_window": {"window_id": self._id()},
        }

    def _command(self, call_id: str, output: str) -> Json:
        return {
            "type": "CommandExecution",
            "id": call_id,
            "process_id": "1",
            "command": ["/bin/sh", "-c", "print-a-lot"],
            "cwd": f"file://{self._work}",
            "parsed_cmd": [{"type": "unknown", "cmd": "print-a-lot"}],
            "source": "unified_exec_startup",
            "status": "completed",
            "aggregated_output": output,
            "exit_code": 0,
            "duration": {"secs": 0, "nanos": 1_000_000},
        }

    def _item(self, turn_id: str, item: Json) -> tuple[str, Json]:
        moment = self._time * 1000
        times = {"started_at_ms": moment, "completed_at_ms": moment}
        return event("item_completed", thread_id=self.thread_id, turn_id=turn_id, item=item, **times)

    def _write(self, kind: str, payload: Json) -> None:
        line = {"timestamp": self._stamp(), "ordinal": self._ordinal, "type": kind, "payload": payload}
        self._ordinal += 1
        self.size += self._file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")

    def _stamp(self) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(self._time))

    def _id(self) -> str:
        """The next id of this thread: a UUID of version 7 for its time."""
        self._count += 1
        moment = f"{self._time * 1000:012x}"
        return f"{moment[:8]}-{moment[8:]}-7000-8000-{self._number:06x}{self._count:06x}"


USAGE = {
    "input_tokens": 100,
    "cached_input_tokens": 0,
    "output_tokens": 10,
    "reasoning_output_tokens": 0,
    "total_tokens": 110,
}


def event(kind: str, **members: Any) -> tuple[str, Json]:
    """An event's line."""
    return "event_msg", {"type": kind, **members}


def message(role: str, part: str, text: str) -> tuple[str, Json]:
    """A message for the model."""
    return "response_item", {"type": "message", "role": role, "content": [{"type": part, "text": text}]}
