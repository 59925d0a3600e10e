"""The daemon as a client sees it: a subprocess that answers requests, notifies, and asks back, one JSON object a line.

It knows no method. What the server sends on its own goes to one plain function, in order and as it comes, which must
not block. The server's stderr goes to a file, so that nobody has to drain it, and is read only if the server dies.
"""

import json
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import IO, Any

import anyio
from anyio.abc import ByteReceiveStream, Process

GRACE_S = 3.0
"""How long the server may take to end by itself; it promises two seconds."""

STDERR_LINES = 8

ERROR = "Error: "
"""How a server begins the line that says why it can't go on."""

Message = dict[str, Any]


class Refused(Exception):  # an answer, not a bug
    """The server answered a request with an error."""

    def __init__(self, method: str, error: Mapping[str, Any]) -> None:
        super().__init__(f"{method}: {error.get('message')}")
        self.method = method
        self.code = error.get("code")
        self.message = str(error.get("message"))


class ServerEnded(Exception):
    """The server ended although nobody asked it to; the text holds the last that it wrote to stderr."""


class Peer:
    """One connection. Invariant: every request waits in `_waiting` until its answer comes or the server ends."""

    def __init__(self, process: Process, stderr: IO[bytes], on_message: Callable[[Message], None]) -> None:
        self._process = process
        self._stderr = stderr
        self._on_message = on_message
        self._waiting: dict[int, tuple[anyio.Event, list[Message]]] = {}
        self._next_id = 0
        self._is_closing = False

    async def request(self, method: str, params: Message) -> Message:
        """Ask and return the result. Raises: Refused. Ended by cancellation when the server dies."""
        request_id, answered, slot = self._next_id, anyio.Event(), list[Message]()
        self._next_id += 1
        self._waiting[request_id] = answered, slot
        try:
            await self._write({"id": request_id, "method": method, "params": params})
            await answered.wait()
        finally:
            del self._waiting[request_id]
        answer = slot[0]
        if "error" in answer:
            raise Refused(method, answer["error"])
        result = answer.get("result")
        return result if isinstance(result, dict) else {}

    async def notify(self, method: str) -> None:
        """Tell the server something that has no answer and no parameters."""
        await self._write({"method": method})

    async def answer(self, request_id: int | str, result: Message) -> None:
        """Answer a question of the server."""
        await self._write({"id": request_id, "result": result})

    async def refuse(self, request_id: int | str, message: str) -> None:
        """Answer a question of the server by saying that we can't."""
        await self._write({"id": request_id, "error": {"code": -32601, "message": message}})

    async def read(self) -> None:
        """Take what the server sends until it ends. Raises: ServerEnded, unless we are closing."""
        assert self._process.stdout is not None
        async for line in lines_of(self._process.stdout):
            message = parse(line)
            if message is not None:
                self._take(message)
        if not self._is_closing:
            raise ServerEnded(await self._last_words())

    async def close(self) -> None:
        """End the server: by the end of its input, and if it does not listen, by force."""
        self._is_closing = True
        with anyio.CancelScope(shield=True):
            with anyio.move_on_after(GRACE_S):
                if self._process.stdin is not None:
                    await self._process.stdin.aclose()
                await self._process.wait()
            if self._process.returncode is None:
                self._process.kill()
            await self._process.aclose()

    def _take(self, message: Message) -> None:
        if "method" in message:
            self._on_message(message)
            return
        request_id = message.get("id")
        if isinstance(request_id, int) and request_id in self._waiting:
            answered, slot = self._waiting[request_id]
            slot.append(message)
            answered.set()

    async def _write(self, message: Message) -> None:
        assert self._process.stdin is not None
        line = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        try:
            await self._process.stdin.send(line)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            # The reader sees the end too, and knows what the server said last; whoever wrote is cancelled with it.
            await anyio.sleep_forever()

    async def _last_words(self) -> str:
        with anyio.move_on_after(GRACE_S):
            await self._process.wait()
        self._stderr.seek(0)
        said = last_words(self._stderr.read().decode(errors="replace"))
        code = self._process.returncode
        how = (
            "closed its output"
            if code is None
            else f"was killed by signal {-code}"
            if code < 0
            else f"ended with exit code {code}"
        )
        if said and said[0].startswith(ERROR):
            return "\n".join([f"The server ended: {said[0].removeprefix(ERROR)}", *said[1:]])
        return "\n".join([f"The server {how}{':' if said else ' and wrote nothing to stderr.'}", *said])


@asynccontextmanager
async def connect(
    command: Sequence[str], cwd: str, environ: Mapping[str, str], on_message: Callable[[Message], None]
) -> AsyncIterator[Peer]:
    """Spawn the server and read it for as long as the context is open. Raises: ServerEnded, OSError.

    The server gets a session of its own: Ctrl-C at the terminal must reach us alone, since we turn it into an interrupt.
    """
    with tempfile.TemporaryFile() as stderr:
        process = await anyio.open_process(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, cwd=cwd, env=environ, start_new_session=True
        )
        peer = Peer(process, stderr, on_message)
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(peer.read)
                yield peer
                tasks.cancel_scope.cancel()
        finally:
            await peer.close()


async def lines_of(stream: ByteReceiveStream) -> AsyncIterator[bytes]:
    """The lines of a byte stream, without their ends, however long they are."""
    pieces: list[bytes] = []
    async for chunk in stream:
        head, *rest = chunk.split(b"\n")
        pieces.append(head)
        for piece in rest:
            yield b"".join(pieces)
            pieces = [piece]
    if any(pieces):
        yield b"".join(pieces)


def last_words(stderr: str) -> list[str]:
    """The last lines of a program's stderr; from its last error on, where it names one at the beginning of a line."""
    lines = [line for line in stderr.splitlines() if line.strip()]
    errors = [index for index, line in enumerate(lines) if line.lower().startswith("error")]
    return lines[errors[-1] :][:STDERR_LINES] if errors else lines[-STDERR_LINES:]


def parse(line: bytes) -> Message | None:
    """A line as an object, or None: what is no message is none of our business."""
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None
