"""`python -m benchmarks.provider_soak`: thousands of turns with a provider that fails as often as not.

Whatever a provider does, each turn ends exactly once, each item that was opened is closed, an answer that came whole is
told whole, and neither memory nor open files grow. One server per way of speaking to the provider; many threads at once,
each of which is deleted after some turns, so that what remains is what leaks. The exit code is 1 if a rule was broken.
"""

import argparse
import json
import random
import shlex
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.client import Client, Json
from benchmarks.faults import ANSWER
from benchmarks.faulty_provider import running_faulty_provider
from benchmarks.homes import Subject

OURS = Path(sys.executable).parent / "app-server"
CONFIG = """
model = "bench-0"
model_provider = "faulty"
{catalogue}
[model_providers.faulty]
name = "faulty"
base_url = "{url}/v1"
request_max_retries = 1
stream_max_retries = 3
stream_idle_timeout_ms = 400
{way}
"""
WAYS = {"http": 'wire_api = "responses"', "websocket": "supports_websockets = true", "chat": 'wire_api = "chat"'}
AT_ONCE = 24
TURNS_PER_THREAD = 10
WARM_PART = 0.3
"""How much of the work is done before memory counts: until then, libraries are loaded and pools filled."""
GROWTH_MIB = 20.0
"""The collector of garbage is lazy by choice: what a thousand turns have left behind may wait for it. A leak is seen by
its going on when there are more turns."""
FILES_GROWTH = 40
"""Connections that are kept for the next request come and go."""


@dataclass
class Turn:
    """What was told of one turn."""

    thread_id: str
    ends: int = 0
    open_items: set[str] = field(default_factory=set)
    last_text: str | None = None


@dataclass
class Found:
    """What a soak has found; `broken` has a line for each rule that was broken."""

    turns: int = 0
    completed: int = 0
    failed: int = 0
    broken: list[str] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    resident_mib: tuple[float, float] = (0.0, 0.0)
    files: tuple[int, int] = (0, 0)
    faults: dict[str, int] = field(default_factory=dict)


class Soak:
    """Turns on many threads at once, and what is told of them."""

    def __init__(self, client: Client, turns: int) -> None:
        self._client = client
        self._to_begin = turns
        self._all = turns
        self._turns: dict[str, Turn] = {}
        self._left: dict[str, int] = {}
        self._idle: list[str] = []
        self.found = Found()

    def run(self) -> Found:
        """Play all turns. Raises: ServerFailed (the server has ended, or says nothing any more)."""
        found = self.found
        warm: tuple[int, int] | None = None
        self._idle = [self._new_thread() for _ in range(min(AT_ONCE, self._all))]
        while found.turns < self._all:
            while self._idle and self._to_begin:
                self._begin(self._idle.pop())
            self._take(json.loads(self._client.read_line()))
            if warm is None and found.turns >= self._all * WARM_PART:
                warm = self._client.resident_bytes(), self._client.open_files()
        self._client.call("thread/loaded/list", {})  # whatever was still to come has come before its answer
        assert warm is not None
        settled = self._client.settled_resident_bytes()
        found.resident_mib = warm[0] / 2**20, settled / 2**20
        found.files = warm[1], self._client.open_files()
        return found

    def _new_thread(self) -> str:
        thread: Json = self._call("thread/start", {"approvalPolicy": "never", "sandbox": "danger-full-access"})["thread"]
        self._left[thread["id"]] = TURNS_PER_THREAD
        return str(thread["id"])

    def _begin(self, thread_id: str) -> None:
        """The next turn of a thread, or of a new one in its place."""
        self._to_begin -= 1
        if not self._left[thread_id]:
            self._call("thread/delete", {"threadId": thread_id})
            del self._left[thread_id]
            thread_id = self._new_thread()
        self._left[thread_id] -= 1
        words = [{"type": "text", "text": "Say it again.", "text_elements": []}]
        self._call("turn/start", {"threadId": thread_id, "input": words})

    def _call(self, method: str, params: Json) -> Json:
        """Call while other turns go on. Raises: ServerFailed."""
        request_id = self._client.send([(method, params)])
        while True:
            message: Json = json.loads(self._client.read_line())
            if message.get("id") == request_id and "method" not in message:
                result: Json = message["result"]
                return result
            self._take(message)

    def _take(self, message: Json) -> None:
        """Note one message; the thread of a turn that has ended is idle."""
        params = message.get("params", {})
        match message.get("method"):
            case "turn/started":
                self._turns[params["turn"]["id"]] = Turn(params["threadId"])
            case "item/started":
                self._turns[params["turnId"]].open_items.add(params["item"]["id"])
            case "item/completed":
                turn, item = self._turns[params["turnId"]], params["item"]
                turn.open_items.discard(item["id"])
                if item["type"] == "agentMessage":
                    turn.last_text = item["text"]
            case "turn/completed":
                self._ended(params["turn"])

    def _ended(self, ended: Json) -> None:
        turn, found = self._turns[ended["id"]], self.found
        turn.ends += 1
        if turn.ends > 1:
            found.broken.append(f"turn {ended['id']} has ended {turn.ends} times")
            return
        found.turns += 1
        if turn.open_items:
            found.broken.append(f"turn {ended['id']} has left {len(turn.open_items)} items open")
        if ended["status"] == "completed":
            found.completed += 1
            if turn.last_text != ANSWER:
                found.broken.append(f"turn {ended['id']} has completed with {turn.last_text!r}")
        elif ended["status"] == "failed" and ended["error"]:
            found.failed += 1
            found.reasons[ended["error"]["message"][:90]] += 1
        else:
            found.broken.append(f"turn {ended['id']} has ended as {ended['status']}")
        self._idle.append(turn.thread_id)


def soak(way: str, turns: int, seed: int, command: str) -> Found:
    """Play so many turns over one way. Raises: ServerFailed."""
    with running_faulty_provider(seed) as url, server(way, url, command) as client:
        client.initialize()
        found = Soak(client, turns).run()
        found.faults = json.load(urllib.request.urlopen(f"{url}/counts"))
    return found


def leaks(found: Found) -> list[str]:
    """What has grown, in a soak that was long enough to tell."""
    growth = found.resident_mib[1] - found.resident_mib[0]
    grown = [f"memory has grown by {growth:.1f} MiB"] if growth > GROWTH_MIB else []
    if found.files[1] - found.files[0] > FILES_GROWTH:
        grown.append(f"open files have grown from {found.files[0]} to {found.files[1]}")
    return grown


@contextmanager
def server(way: str, url: str, command: str) -> Iterator[Client]:
    """A server in a fresh home that speaks to the provider in this way."""
    with Subject("ours", shlex.split(command), url).home() as home:
        catalogue = f'model_catalog_json = "{home.codex_home}/models.json"'
        (home.codex_home / "config.toml").write_text(CONFIG.format(catalogue=catalogue, url=url, way=WAYS[way]))
        with home.spawn() as client:
            yield client


def report(way: str, found: Found) -> str:
    """The figures, for people."""
    lines = [
        f"{way}: {found.turns:,} turns, each ended once: {found.completed:,} completed, {found.failed:,} failed",
        f"  answers: {sum(found.faults.values()):,}: "
        + ", ".join(f"{count} {name}" for name, count in sorted(found.faults.items(), key=lambda each: -each[1])),
        f"  memory: {found.resident_mib[0]:.1f} MiB when warm, {found.resident_mib[1]:.1f} at the end; "
        f"open files: {found.files[0]}, {found.files[1]}",
        *(f"  failed: {count} {reason}" for reason, count in found.reasons.most_common()),
        *(f"  BROKEN: {line}" for line in found.broken[:20]),
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.provider_soak", description=__doc__)
    parser.add_argument("--turns", type=int, default=2000, help="turns for each way (default: %(default)s)")
    parser.add_argument("--ways", default=",".join(WAYS), help="ways of speaking to the provider (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30), help="what the faults follow from (default: any)")
    parser.add_argument("--server", default=str(OURS), metavar="CMD", help="the server (default: %(default)s)")
    options = parser.parse_args()
    print(f"seed {options.seed}")
    is_sound = True
    for way in options.ways.split(","):
        found = soak(way, options.turns, options.seed, options.server)
        found.broken += leaks(found)
        is_sound = is_sound and not found.broken
        print(report(way, found), flush=True)
    sys.exit(not is_sound)


if __name__ == "__main__":
    main()
