"""A thread that is talked with: a server in this process, its model provider, and a voice provider that the test plays."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.core.lab import FREE, Lab, lab
from tests.support.client import Client
from tests.support.provider import Script
from tests.support.voice import Line, VoiceServer

Json = dict[str, Any]
KEY = 'experimental_bearer_token = "sk-lab"'


class Talking:
    """One client, one thread, one voice provider."""

    def __init__(self, home: Lab, client: Client, voice: VoiceServer, thread_id: str) -> None:
        self.lab = home
        self.client = client
        self.voice = voice
        self.thread_id = thread_id

    async def start(self, **params: Any) -> Line:
        """Start a session that is told nothing, and give its line when the client has heard that it has started."""
        line = await self.begin(**params)
        await self.client.wait_notification("thread/realtime/started")
        return line

    async def begin(self, **params: Any) -> Line:
        """The same, without waiting for the client to hear of it; version 3 is told that its session has started."""
        await self.ask("start", **{"outputModality": "audio", "prompt": None, "includeStartupContext": False, **params})
        line = await self.voice.answer()
        if "transport" not in params:
            await line.next_of("session.update")
            if line.path.endswith("/live"):
                await line.send({"type": "session.started", "session": {"id": "s"}})
        return line

    async def ask(self, method: str, **params: Any) -> None:
        """Send a `thread/realtime/...` request; the answer is always empty."""
        result = await self.client.request(f"thread/realtime/{method}", {"threadId": self.thread_id, **params})
        assert result == {}

    async def wait(self, method: str, **where: Any) -> Json:
        """Read on to a `thread/realtime/...` notification, and give it without the thread's id."""
        params = await self.client.wait_notification(f"thread/realtime/{method}", **where)
        return {name: value for name, value in params.items() if name != "threadId"}

    async def start_refused(self, **params: Any) -> str:
        """A start that fails: what the client is told."""
        await self.ask("start", **{"outputModality": "audio", **params})
        message: str = (await self.wait("error"))["message"]
        return message

    async def settle(self, line: Line) -> None:
        """Wait until everything that the line has sent was taken note of."""
        await line.send({"type": "conversation.item.added", "item": "settled"})
        await self.wait("itemAdded", item="settled")

    def told(self, kind: str) -> list[Json]:
        """All notifications `thread/realtime/<kind>` so far, without the thread's id."""
        method = f"thread/realtime/{kind}"
        found = [message["params"] for message in self.client.messages if message.get("method") == method]
        return [{name: value for name, value in params.items() if name != "threadId"} for params in found]

    def order(self, *methods: str) -> list[str]:
        """The methods among these that came, in order; `thread/realtime/` is left out of their names."""
        names = [message["method"].removeprefix("thread/realtime/") for message in self.client.messages if "method" in message]
        return [name for name in names if name in methods]


@asynccontextmanager
async def voiced(folder: Path, script: Script = (), **options: Any) -> AsyncIterator[tuple[Lab, VoiceServer]]:
    """A home with a voice provider whose key is known; options go to `make_home`."""
    async with VoiceServer() as voice:
        top = f'experimental_realtime_ws_base_url = "{voice.url}"\n' + options.pop("top", "")
        async with lab(folder, script, **{"provider": KEY, **options, "top": top}) as home:
            yield home, voice


@asynccontextmanager
async def talking(
    folder: Path, script: Script = (), *, thread: Json | None = None, login: Json | None = None, **options: Any
) -> AsyncIterator[Talking]:
    """A thread on such a home."""
    async with voiced(folder, script, **options) as (home, voice):
        if login is not None:
            (home.home.codex_home / "auth.json").write_text(json.dumps(login))
        async with home.talk() as client:
            params = {"cwd": str(home.home.work), **FREE, **(thread or {})}
            thread_id = (await client.request("thread/start", params))["thread"]["id"]
            yield Talking(home, client, voice, thread_id)


def call(call_id: str, task: str, name: str = "background_agent", **item: Any) -> Json:
    """Version 2: the model calls a tool."""
    arguments = f'{{"prompt": "{task}"}}'
    done = {"id": f"item_{call_id}", "type": "function_call", "name": name, "call_id": call_id, "arguments": arguments}
    return {"type": "conversation.item.done", "item": {**done, **item}}


def handoff(handoff_id: str, task: str) -> Json:
    """Version 1: the model hands something over."""
    return {
        "type": "conversation.handoff.requested",
        "handoff_id": handoff_id,
        "item_id": f"item_{handoff_id}",
        "input_transcript": task,
    }


def delegation(item_id: str, task: str) -> Json:
    """Version 3: the model delegates something."""
    content = [{"type": "input_text", "text": task}]
    return {"type": "delegation.created", "item": {"id": item_id, "type": "delegation", "target": "client", "content": content}}


def delta(version: str, role: str, text: str) -> Json:
    """The frame of some words."""
    if version == "v3":
        return {"type": f"{'input' if role == 'user' else 'output'}_transcript.added", "item": {"text": text}}
    kind = "conversation.item.input_audio_transcription.delta" if role == "user" else "response.output_audio_transcript.delta"
    return {"type": kind, "delta": text}


def done(version: str, role: str, text: str) -> Json:
    """The frame of an utterance's end."""
    if version == "v3":
        return {"type": "turn.done", "turn": {"role": role, "transcript": text}}
    kind = "conversation.item.input_audio_transcription.completed" if role == "user" else "response.output_audio_transcript.done"
    return {"type": kind, "transcript": text}


def request(version: str, call_id: str, task: str) -> Json:
    """The frame of a hand-off."""
    if version == "v2":
        return call(call_id, task)
    return handoff(call_id, task) if version == "v1" else delegation(call_id, task)


async def settled(talk: Talking, line: Line, version: str) -> None:
    """Wait until everything that the line has sent was taken note of."""
    if version == "v3":
        await line.send(done("v3", "assistant", ""))
        await talk.wait("transcript/done", text="")
    else:
        await talk.settle(line)


def sound_out(version: str) -> Json:
    """The frame of sound from the model."""
    described = {"sample_rate": 24000, "channels": 1}
    frames: dict[str, Json] = {
        "v1": {"type": "conversation.output_audio.delta", "delta": "AQID", **described},
        "v2": {"type": "response.output_audio.delta", "delta": "AQID"},
        "v3": {"type": "output_audio.delta", "audio": "AQID"},
    }
    return frames[version]


def sound_in(version: str) -> Json:
    """The frame in which sound of the user arrives."""
    return {"type": "input_audio.append" if version == "v3" else "input_audio_buffer.append", "audio": "AAEC"}


def text_in(version: str, text: str) -> Json:
    """The frame in which a text of the user arrives."""
    return {"v1": message(text), "v2": message(f"[USER] {text}"), "v3": context(text)}[version]


async def heard(line: Line, wanted: Json) -> None:
    """Read on to a frame."""
    while await line.next() != wanted:
        pass


def words_in(frame: Json) -> str:
    """The words of a frame, whatever it is."""
    text: str = frame["output_text"] if "output_text" in frame else frame.get("item", frame)["content"][0]["text"]
    return text


def message(text: str, role: str = "user") -> Json:
    """The frame of a message."""
    kind = "output_text" if role == "assistant" else "input_text"
    item = {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}
    return {"type": "conversation.item.create", "item": item}


def output(call_id: str, text: str) -> Json:
    """The frame of a tool's result."""
    return {
        "type": "conversation.item.create",
        "item": {"type": "function_call_output", "call_id": call_id, "output": text},
    }


def appended(handoff_id: str, text: str) -> Json:
    """Version 1: the frame of what the agent says."""
    return {"type": "conversation.handoff.append", "handoff_id": handoff_id, "output_text": text}


def context(text: str, delegation_id: str | None = None, channel: str | None = None) -> Json:
    """Version 3: the frame of a context."""
    frame: Json = {"type": "session.context.append"}
    if delegation_id is not None:
        frame = {"type": "delegation.context.append", "delegation_item_id": delegation_id}
    if channel is not None:
        frame["channel"] = channel
    return {**frame, "content": [{"type": "input_text", "text": text}]}
