"""A voice provider on loopback that talks all the time: sound at its real pace, words, and requests for the agent.

It runs as a process of its own. Each frame of sound carries when it was sent, so that whoever gets it knows how long it
took; of the sound that arrives here the same is kept, and told on stdout when the provider is terminated. A session ends
after a while: in order, by breaking off, or by an odd code; a call that is joined breaks off twice before it is over.
"""

import asyncio
import base64
import json
import signal
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from benchmarks.provider import prompt

Json = dict[str, Any]
FRAME_S = 0.02
FRAME_BYTES = 960
"""20 ms of sound: 24 kHz, one channel, 16 bits."""
HEAD = struct.Struct("<qq")
FRAMES_PER_WORD = 10
FRAMES_PER_UTTERANCE = 100
FRAMES_PER_REQUEST = 250
BREAKS_OF_A_CALL = 2
TELL_S = 10.0
SPOKEN = ("v1", "v2", "v3", "call")
"""The kinds of sessions: one per protocol, and a call of version 3 that is joined."""


def sound(number: int) -> str:
    """A frame of sound that knows its number and when it was made."""
    return base64.b64encode(HEAD.pack(number, time.monotonic_ns()).ljust(FRAME_BYTES, b"\0")).decode()


def heard(data: str) -> tuple[int, int]:
    """The number of a frame, and how long it took in nanoseconds."""
    now = time.monotonic_ns()
    number, sent = HEAD.unpack_from(base64.b64decode(data))
    return number, now - sent


@dataclass
class Heard:
    """What has arrived: how long each frame took, how many are missing, how many requests were made and answered."""

    took_ns: list[int] = field(default_factory=list)
    missing: int = 0
    requests: int = 0
    results: int = 0
    ends: Counter[str] = field(default_factory=Counter)


@dataclass
class VoiceProvider:
    """Where the provider is, and what it has heard once it is over."""

    url: str
    heard: Heard = field(default_factory=Heard)


@contextmanager
def running_voice_provider(session_s: float) -> Iterator[VoiceProvider]:
    """Start the process, whose sessions take so long."""
    command = [sys.executable, "-m", __name__, str(session_s)]
    with subprocess.Popen(command, cwd=Path(__file__).parent.parent, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        provider = VoiceProvider(f"http://127.0.0.1:{int(process.stdout.readline())}/v1")
        try:
            yield provider
        finally:
            process.terminate()
            told = json.loads(process.communicate(timeout=TELL_S)[0])
            provider.heard = Heard(**{**told, "ends": Counter(told["ends"])})


class Speaker:
    """One connection, from its handshake to its end."""

    def __init__(self, connection: ServerConnection, total: Heard, breaks: Counter[str], session_s: float) -> None:
        request = connection.request
        assert request is not None
        self._connection = connection
        self._path = request.path
        self._kind = kind_of(request.path)
        self._total = total
        self._breaks = breaks
        self._session_s = session_s
        self._last: int | None = None

    async def talk(self) -> None:
        """Talk and listen at the same time."""
        listening = asyncio.create_task(self._listen())
        try:
            await self._speak()
        except ConnectionClosed:
            self._total.ends["by the server"] += 1
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening

    async def _speak(self) -> None:
        if self._kind == "v3":
            await self._send({"type": "session.started", "session": {"id": "s"}})
        begun = time.monotonic()
        for number in range(int(self._session_s / FRAME_S)):
            await asyncio.sleep(begun + number * FRAME_S - time.monotonic())
            await self._send(sound_event(self._kind, sound(number)))
            if number % FRAMES_PER_WORD == 0:
                await self._send(words_event(self._kind, "word ", is_done=number % FRAMES_PER_UTTERANCE == 0))
            if number % FRAMES_PER_REQUEST == FRAMES_PER_REQUEST // 2:
                self._total.requests += 1
                await self._send(request_event(self._kind, f"{id(self)}-{number}"))
        await self._end()

    async def _end(self) -> None:
        is_broken = self._kind == "v2"
        if self._kind == "call":
            self._breaks[self._path] += 1
            is_broken = self._breaks[self._path] % (BREAKS_OF_A_CALL + 1) != 0
        self._total.ends["broken off" if is_broken else "in order"] += 1
        if is_broken:
            self._connection.transport.abort()
        else:
            await self._connection.close(1011 if self._kind == "v3" else 1000)

    async def _listen(self) -> None:
        with suppress(ConnectionClosed):
            async for text in self._connection:
                frame = json.loads(text)
                if "audio" in frame:
                    self._take(frame["audio"])
                elif "Say it again" not in text and frame["type"] not in ("session.update", "response.create"):
                    self._total.results += 1

    def _take(self, data: str) -> None:
        number, took_ns = heard(data)
        self._total.took_ns.append(took_ns)
        if self._last is not None:
            self._total.missing += number - self._last - 1
        self._last = number

    async def _send(self, event: Json) -> None:
        await self._connection.send(json.dumps(event))


def kind_of(path: str) -> str:
    """What kind of session a handshake is for."""
    if "/live/" in path:
        return "call"
    return "v3" if "/live" in path else "v1" if "intent=quicksilver" in path else "v2"


def sound_event(kind: str, data: str) -> Json:
    """Sound in the words of a protocol."""
    match kind:
        case "v1":
            return {"type": "conversation.output_audio.delta", "delta": data, "sample_rate": 24000, "channels": 1}
        case "v2":
            return {"type": "response.output_audio.delta", "delta": data, "item_id": "it"}
        case _:
            return {"type": "output_audio.delta", "audio": data}


def words_event(kind: str, text: str, *, is_done: bool) -> Json:
    """Some words of the user, or the end of an utterance."""
    if kind in ("v1", "v2"):
        name = "conversation.item.input_audio_transcription"
        return {"type": f"{name}.completed", "transcript": text} if is_done else {"type": f"{name}.delta", "delta": text}
    if is_done:
        return {"type": "turn.done", "turn": {"role": "user", "transcript": text}}
    return {"type": "input_transcript.added", "item": {"text": text}}


def request_event(kind: str, request_id: str) -> Json:
    """Something for the agent to do."""
    task = prompt(3)
    match kind:
        case "v1":
            return {
                "type": "conversation.handoff.requested",
                "handoff_id": request_id,
                "item_id": request_id,
                "input_transcript": task,
            }
        case "v2":
            call = {"id": request_id, "type": "function_call", "name": "background_agent", "call_id": request_id}
            return {"type": "conversation.item.done", "item": {**call, "arguments": json.dumps({"prompt": task})}}
        case _:
            item = {"id": request_id, "type": "delegation", "target": "client"}
            return {"type": "delegation.created", "item": {**item, "content": [{"type": "input_text", "text": task}]}}


async def main(session_s: float) -> None:
    """Serve until terminated. The port comes first on stdout; what was heard comes last."""
    total, breaks = Heard(), Counter[str]()

    async def talk(connection: ServerConnection) -> None:
        await Speaker(connection, total, breaks, session_s).talk()

    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    async with serve(talk, "127.0.0.1", 0, compression=None) as server:
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
        await over.wait()
        print(json.dumps(vars(total)), flush=True)


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
