"""A model provider on loopback that answers with streams rendered before the first request.

It runs as a process of its own and does next to nothing per request: it looks for the last `[deltas:N]` in the body
(the newest prompt) and writes the bytes of that stream, each event as one HTTP chunk, as providers send them. A prompt with
`[commands:N:TAG:SCRIPT]` is answered by N calls of a command first, one after the other; SCRIPT is in hexadecimal digits.
Everything that is not a POST is answered with 404.
"""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

WORD = "word "
SIZES = (1, 3, 5000)
"""The streams that are made before somebody asks for them."""
MARK = re.compile(rb"\[deltas:(\d+)\]")
COMMANDS = re.compile(rb"\[commands:(\d+):(\w+):([0-9a-f]+)\]")
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
USAGE = {
    "input_tokens": 100,
    "input_tokens_details": {"cached_tokens": 40},
    "output_tokens": 20,
    "output_tokens_details": {"reasoning_tokens": 5},
    "total_tokens": 120,
}


def prompt(deltas: int) -> str:
    """The text of a user message that is answered by that many deltas."""
    return f"Say it again, please. [deltas:{deltas}]"


def command_prompt(count: int, tag: str, script: str) -> str:
    """The text of a user message that is answered by so many calls of a command, and then by one delta."""
    return f"Run it, please. [commands:{count}:{tag}:{script.encode().hex()}] [deltas:1]"


@contextmanager
def running_provider() -> Iterator[str]:
    """Start the provider process and give its base URL."""
    with subprocess.Popen([sys.executable, "-m", __name__], cwd=Path(__file__).parent.parent, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.terminate()


@cache
def render(deltas: int) -> bytes:
    """A whole answer, headers included: one message in so many deltas."""
    message = {"type": "message", "role": "assistant", "id": "msg_1", "status": "in_progress", "content": []}
    content = [{"type": "output_text", "text": WORD * deltas, "annotations": []}]
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": {"id": "resp_1"}},
        {"type": "response.output_item.added", "output_index": 0, "item": message},
        *({"type": "response.output_text.delta", **place, "delta": WORD, "logprobs": []} for _ in range(deltas)),
        {"type": "response.output_item.done", "output_index": 0, "item": {**message, "status": "completed", "content": content}},
        {"type": "response.completed", "response": {"id": "resp_1", "usage": USAGE}},
    ]
    return _streamed(events)


def _streamed(events: list[dict[str, Any]]) -> bytes:
    parts = [STREAM_HEAD]
    for number, event in enumerate(events):
        data = json.dumps({**event, "sequence_number": number}, separators=(",", ":"))
        text = f"event: {event['type']}\ndata: {data}\n\n".encode()
        parts.append(b"%x\r\n%b\r\n" % (len(text), text))
    return b"".join([*parts, b"0\r\n\r\n"])


@cache
def render_call(call_id: str, script: str) -> bytes:
    """An answer that calls a command."""
    arguments = json.dumps({"cmd": script, "yield_time_ms": 30_000, "login": False})
    call = {"type": "function_call", "id": f"fc_{call_id}", "call_id": call_id, "name": "exec_command", "arguments": arguments}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": {"id": "resp_1"}},
        {"type": "response.output_item.done", "output_index": 0, "item": {**call, "status": "completed"}},
        {"type": "response.completed", "response": {"id": "resp_1", "usage": USAGE}},
    ]
    return _streamed(events)


def answer_to(request: bytes) -> bytes:
    """The answer to a model request: the next of the commands that its newest prompt asks for, or else a text."""
    wanted = COMMANDS.findall(request)
    if wanted:
        count, tag, script = wanted[-1]
        done = len(re.findall(rb'"call_id": ?"%b_\d+"' % tag, request)) // 2
        if done < int(count):
            return render_call(f"{tag.decode()}_{done}", bytes.fromhex(script.decode()).decode())
    return render(int(MARK.findall(request)[-1]))


class Exchange(asyncio.Protocol):
    """One connection: requests come one after the other, each is answered once its body is there."""

    def __init__(self) -> None:
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (request := self._take_request()) is not None:
            self._transport.write(answer_to(request) if request.startswith(b"POST") else NOT_FOUND)

    def _take_request(self) -> bytes | None:
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return None
        length = LENGTH.search(self._received, 0, end)
        total = end + 4 + (int(length[1]) if length else 0)
        if len(self._received) < total:
            return None
        request = bytes(self._received[:total])
        del self._received[:total]
        return request


async def serve() -> None:
    """Serve until terminated; the port is the only line on stdout."""
    server = await asyncio.get_running_loop().create_server(Exchange, "127.0.0.1", 0, backlog=512)
    for deltas in SIZES:
        render(deltas)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
