"""A model provider on loopback that fails as often as not, in every way that `faults` knows.

It runs as a process of its own and speaks the Responses API over HTTP and over websockets, and Chat Completions, all on one
port. Which fault comes next follows from a seed. `GET /counts` tells how often each one came.
"""

import asyncio
import contextlib
import json
import random
import re
import socket
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from benchmarks.faults import CHAT, GOOD, RESPONSES, SOCKET, SOCKET_GOOD, Break, Fault, Reply, chat_events, responses_events

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
FAULTY_PART = 0.5
"""How many of the answers are spoiled."""
REFUSED_PART = 0.1
"""How many handshakes are refused."""
READ_BYTES = 1 << 16


@contextmanager
def running_faulty_provider(seed: int) -> Iterator[str]:
    """Start the provider process and give its address."""
    command = [sys.executable, "-m", __name__, str(seed)]
    with subprocess.Popen(command, cwd=Path(__file__).parent.parent, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


class FaultyProvider:
    """Answers every request, well or not."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._counts: Counter[str] = Counter()
        self._requests = 0

    def reply(self, body: bytes, good: Mapping[str, Fault], bad: Mapping[str, Fault], *, is_chat: bool) -> Reply:
        """What comes back for a request. A message is sometimes preceded by a call, whose outcome is then in the next request."""
        self._requests += 1
        last = json.loads(body)["messages" if is_chat else "input"][-1:]
        has_outcome = bool(last) and (last[0].get("role") == "tool" or last[0].get("type") == "function_call_output")
        is_call = not has_outcome and self._random.random() < 0.3
        events = (chat_events if is_chat else responses_events)(self._requests, is_call=is_call)
        choices = bad if self._random.random() < FAULTY_PART else good
        name = self._random.choice(list(choices))
        self._counts[name] += 1
        return choices[name](events)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side ends it."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if b"pgrade: websocket" in head:
                    await self._socket(head, reader, writer)
                    break
                length = LENGTH.search(head)
                body = await reader.readexactly(int(length[1])) if length else b""
                if head.startswith(b"GET"):
                    self._tell_counts(writer, head)
                    continue
                is_chat = b"/chat/completions" in head.partition(b"\r\n")[0]
                if not await play(self.reply(body, GOOD, CHAT if is_chat else RESPONSES, is_chat=is_chat), writer):
                    break
        writer.close()

    def _tell_counts(self, writer: asyncio.StreamWriter, head: bytes) -> None:
        is_ours = b"/counts" in head.partition(b"\r\n")[0]
        body = json.dumps(self._counts if is_ours else {"data": []}).encode()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body)

    async def _socket(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A websocket connection."""
        protocol = ServerProtocol(max_size=None)
        protocol.receive_data(head)
        request = next(event for event in protocol.events_received() if isinstance(event, Request))
        if self._random.random() < REFUSED_PART:
            self._counts["handshake refused"] += 1
            protocol.send_response(protocol.reject(500, "Not now."))
        else:
            protocol.send_response(protocol.accept(request))
        flush(protocol, writer)
        parts: list[bytes] = []
        while not writer.is_closing() and (data := await reader.read(READ_BYTES)):
            protocol.receive_data(data)
            for frame in protocol.events_received():
                if isinstance(frame, Frame) and frame.opcode in (Opcode.TEXT, Opcode.CONT):
                    parts.append(bytes(frame.data))
                    if frame.fin:
                        body, parts = b"".join(parts), []
                        await self._answer(body, protocol, writer)
            flush(protocol, writer)

    async def _answer(self, body: bytes, protocol: ServerProtocol, writer: asyncio.StreamWriter) -> None:
        """One request over a websocket."""
        if json.loads(body).get("generate") is False:
            protocol.send_text(json.dumps({"type": "response.completed", "response": {"id": "warm"}}).encode())
            flush(protocol, writer)
            return
        for step in self.reply(body, SOCKET_GOOD, SOCKET, is_chat=False).steps:
            if isinstance(step, float):
                await asyncio.sleep(step)
            elif protocol.state is not State.OPEN:
                return  # the client has given up meanwhile
            elif isinstance(step, str):
                protocol.send_text(step.encode())
            elif isinstance(step, bytes):
                protocol.send_binary(step)
            elif step is Break.RESET:
                reset(writer)
                return
            elif step is Break.END:
                protocol.send_close(1000)
            flush(protocol, writer)
        await writer.drain()


def flush(protocol: ServerProtocol, writer: asyncio.StreamWriter) -> None:
    """Send what a websocket has to say; nothing as its last word is the end."""
    for data in protocol.data_to_send():
        if data:
            writer.write(data)
        else:
            writer.close()


async def play(reply: Reply, writer: asyncio.StreamWriter) -> bool:
    """Send an answer over HTTP; says whether the connection is still good for another request."""
    if reply.status:
        head = {"content-type": "text/event-stream", "transfer-encoding": "chunked", **(reply.headers or {})}
        writer.write(
            f"HTTP/1.1 {reply.status} X\r\n".encode() + b"".join(f"{k}: {v}\r\n".encode() for k, v in head.items()) + b"\r\n"
        )
    for step in reply.steps:
        if isinstance(step, float):
            await asyncio.sleep(step)
        elif isinstance(step, bytes | str):
            data = step.encode() if isinstance(step, str) else step
            writer.write(b"%x\r\n" % len(data) + data + b"\r\n")
            await writer.drain()
        elif step is Break.RESET:
            reset(writer)
            return False
        elif step is Break.HANG:
            return True  # with the end of the body still owing: what the client sends next is another connection's
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    return True


def reset(writer: asyncio.StreamWriter) -> None:
    """Tear the connection: what was not read yet is lost, and nothing is said of an end."""
    raw: socket.socket = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def serve(seed: int) -> None:
    """Serve until terminated; the port is the only line on stdout."""
    server = await asyncio.start_server(FaultyProvider(seed).serve, "127.0.0.1", 0, backlog=512, limit=64 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
