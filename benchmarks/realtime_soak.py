"""`python -m benchmarks.realtime_soak`: a spoken conversation that goes on for minutes, in both directions.

Sound goes to the voice and comes from it 50 times a second, by each protocol in turn; every few seconds the voice hands
something to the agent, and every so often its connection ends or breaks off and is there again. Every frame carries when
it was sent. The rules: memory stays flat, a frame takes less than 5 ms at the 99th percentile through the server in
either direction, the clocks of both ends included; no sound of the voice is lost or overtaken; every start ends in
`started`, every session in one `closed`. The exit code is 1 if a rule was broken.

On a machine that does other work meanwhile, put `chrt -r 10` before it: else it measures the queue for the processors.
"""

import argparse
import json
import shlex
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from statistics import median

from benchmarks.client import Client, Json, ServerFailed
from benchmarks.homes import Subject
from benchmarks.provider import running_provider
from benchmarks.turns import start_thread
from benchmarks.voice_provider import FRAME_S, SPOKEN, VoiceProvider, heard, running_voice_provider, sound

OURS = Path(sys.executable).parent / "app-server"
KEY = 'experimental_bearer_token = "sk-soak"\nwire_api = "responses"'
SESSION_S = 12.0
SAMPLE_S = 5.0
WARM_PART = 0.3
"""How much of the time passes before memory counts: until then every protocol was spoken, and libraries are loaded."""
GROWTH_MIB = 5.0
PERCENTILE = 0.99
MOST_MS = 5.0


@dataclass
class Found:
    """What the soak has found; `broken` has a line for each rule that was broken."""

    took_ns: list[int] = field(default_factory=list)
    overtaken: int = 0
    sent: int = 0
    told: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    memory_mib: list[float] = field(default_factory=list)
    is_open: bool = False
    """Whether a session still ran at the end, or else was about to start."""

    @property
    def ended(self) -> int:
        """How many sessions have ended, with the one that still ran."""
        return self.ends.total() + self.is_open


class Soak:
    """One client, one thread, one session after the other."""

    def __init__(self, client: Client, seconds: float) -> None:
        self._client = client
        self._seconds = seconds
        self._kinds = cycle(SPOKEN)
        self._thread_id = start_thread(client)
        self._is_running = False
        self._last: int | None = None
        self._sessions = 0
        self.found = Found()

    def run(self) -> Found:
        """Talk. Raises: ServerFailed (the server has ended, or says nothing any more)."""
        begun = time.monotonic()
        next_frame, next_sample = begun, begun
        self._start()
        while (now := time.monotonic()) < begun + self._seconds:
            for line in self._client.read_ready(next_frame - now):
                self._take(line)
            if time.monotonic() >= next_frame:
                next_frame += FRAME_S
                self._speak()
            if now >= next_sample:
                next_sample += SAMPLE_S
                self.found.memory_mib.append(self._client.resident_bytes() / 2**20)
        self.found.is_open = self._is_running
        self._client.send([("thread/realtime/stop", {"threadId": self._thread_id})])
        self._client.read_until("thread/realtime/closed")
        return self.found

    def _start(self) -> None:
        kind = next(self._kinds)
        self._sessions += 1
        params: Json = {"threadId": self._thread_id, "outputModality": "audio"}
        if kind == "call":
            params |= {"version": "v3", "transport": {"type": "existingCall", "callId": f"c{self._sessions}"}}
        else:
            params |= {"version": kind, "prompt": "Talk."}
        self._client.send([("thread/realtime/start", params)])

    def _speak(self) -> None:
        """The next frame of sound, while somebody listens."""
        if self._is_running:
            audio = {"data": sound(self.found.sent), "sampleRate": 24000, "numChannels": 1}
            self._client.send([("thread/realtime/appendAudio", {"threadId": self._thread_id, "audio": audio})])
            self.found.sent += 1

    def _take(self, line: bytes) -> None:
        message: Json = json.loads(line)
        method = message.get("method", "")
        self.found.told[method] += 1
        match method:
            case "thread/realtime/outputAudio/delta":
                number, took_ns = heard(message["params"]["audio"]["data"])
                self.found.took_ns.append(took_ns)
                if number not in (0, self._last if self._last is None else self._last + 1):
                    self.found.overtaken += 1
                self._last = number
            case "thread/realtime/started":
                self._is_running = True
            case "thread/realtime/closed":
                self._is_running = False
                self.found.ends[message["params"]["reason"]] += 1
                self._start()


def percentile_ms(took_ns: Sequence[int], part: float) -> float:
    """The time below which that part of the frames stays."""
    return sorted(took_ns)[int(len(took_ns) * part)] / 1e6 if took_ns else float("inf")


def growth_mib(samples: Sequence[float]) -> tuple[float, float]:
    """Memory when it began to count, and at the end: medians over a quarter of what counts."""
    counted = samples[int(len(samples) * WARM_PART) :]
    part = max(len(counted) // 4, 1)
    return median(counted[:part]), median(counted[-part:])


def broken_rules(found: Found, voice: VoiceProvider) -> list[str]:
    """What should not be."""
    broken = []
    for way, took_ns in (("to the voice", voice.heard.took_ns), ("from the voice", found.took_ns)):
        if percentile_ms(took_ns, PERCENTILE) >= MOST_MS:
            broken.append(f"a frame {way} takes {percentile_ms(took_ns, PERCENTILE):.2f} ms")
    before, after = growth_mib(found.memory_mib)
    if after - before > GROWTH_MIB:
        broken.append(f"memory has grown by {after - before:.1f} MiB")
    if found.overtaken:
        broken.append(f"{found.overtaken} frames from the voice are missing or overtaken")
    if found.told["warning"]:
        broken.append("sound was dropped")
    if found.told["thread/realtime/started"] != found.ended:
        broken.append(f"{found.told['thread/realtime/started']} sessions have started, {found.ended} have ended")
    if found.told["turn/completed"] < voice.heard.requests * 0.9:
        broken.append(f"{voice.heard.requests} hand-offs became {found.told['turn/completed']} turns")
    return broken


def report(found: Found, voice: VoiceProvider, seconds: float) -> str:
    """The figures."""
    before, after = growth_mib(found.memory_mib)
    lines = [f"{seconds / 60:.1f} min, {found.told['thread/realtime/started']} sessions, ends: {dict(found.ends)}"]
    for way, took_ns in (("to the voice", voice.heard.took_ns), ("from the voice", found.took_ns)):
        figures = ", ".join(f"p{part * 100:g} {percentile_ms(took_ns, part):.2f} ms" for part in (0.5, 0.9, 0.99, 0.999))
        lines.append(f"{len(took_ns):,} frames {way}: {figures}")
    lines.append(
        f"{voice.heard.requests} hand-offs, {found.told['turn/completed']} turns, {voice.heard.results} frames of results"
    )
    lines.append(f"connections ended by the voice: {dict(voice.heard.ends)}")
    lines.append(f"memory: {before:.1f} MiB, at the end {after:.1f} MiB")
    return "\n".join(lines)


def soak(seconds: float, session_s: float, server: str) -> tuple[Found, VoiceProvider]:
    """Talk for so long, in sessions of so long. Raises: ServerFailed."""
    with running_provider() as provider_url, running_voice_provider(session_s) as voice:
        subject = Subject("soak", shlex.split(server), provider_url)
        with subject.home() as home:
            config = home.codex_home / "config.toml"
            text = config.read_text().replace('wire_api = "responses"', KEY)
            config.write_text(f'experimental_realtime_ws_base_url = "{voice.url}"\n{text}')
            with home.spawn() as client:
                client.initialize(experimentalApi=True)
                found = Soak(client, seconds).run()
    return found, voice


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.realtime_soak", description=__doc__)
    parser.add_argument("--server", default=str(OURS), metavar="CMD", help="the server to soak (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long to talk (default: %(default)s)")
    options = parser.parse_args()
    seconds = options.minutes * 60
    try:
        found, voice = soak(seconds, SESSION_S, options.server)
    except ServerFailed as error:
        sys.exit(f"realtime soak: {error}")
    print(report(found, voice, seconds))
    broken = broken_rules(found, voice)
    print("\n".join(f"BROKEN: {rule}" for rule in broken) or "every rule was kept")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
