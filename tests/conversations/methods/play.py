"""The example of each method: the dialog `<method>.txt` in this folder. `python -m tests.conversations.methods.play [FILE...]`
writes anew what the server says in them. See tests/support/golden.py for the form of a dialog.

What a machine or a moment decides is shown by a name: sizes, estimates, times, hashes of files, the port of the provider, the
user's shell.
"""

import re
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import anyio

from app_server.transport.memory import MemoryTransport
from protocol.methods import CLIENT_REQUESTS
from tests.support.deterministic import served
from tests.support.golden import Dialog, EndingPipe, play
from tests.support.home import Home

FOLDER = Path(__file__).parent
FIGURES = (
    (
        re.compile(rb'"process":\{"id":\d+,"residentMemoryBytes":\d+'),
        b'"process":{"id":"$process","residentMemoryBytes":"$bytes"',
    ),
    (re.compile(rb'"name":"app.outbox.bytes","value":\d+'), b'"name":"app.outbox.bytes","value":0'),
    (re.compile(rb'"name":"process.children","value":\d+'), b'"name":"process.children","value":0'),
    (re.compile(rb'"core\.sandbox\.\w+"'), b'"core.sandbox.$rung"'),
    (re.compile(rb'"shell":\{"name":"\w+"'), b'"shell":{"name":"$shellName"'),
    (re.compile(rb'"modifiedAtMs":\d+'), b'"modifiedAtMs":"$time"'),
    (re.compile(rb'"updatedAt":(?!1767323045)\d+'), b'"updatedAt":"$time"'),
    (re.compile(rb'"exitCode":0,"durationMs":\d+'), b'"exitCode":0,"durationMs":"$time"'),
    (re.compile(rb'"totalTokens":\d+,"inputTokens":0,'), b'"totalTokens":"$estimate","inputTokens":0,'),
    (re.compile(rb"sha256:[0-9a-f]{64}"), b"sha256:$hash"),
    (re.compile(rb"http://127\.0\.0\.1:\d+"), b"http://$provider"),
)


class Steadied:
    """A connection on which figures of the moment are replaced by names."""

    def __init__(self, pipe: MemoryTransport) -> None:
        self._pipe = pipe
        self._rest = b""

    async def receive(self) -> bytes:
        """Whole lines, with names in them."""
        while data := await self._pipe.receive():
            lines, end, self._rest = (self._rest + data).rpartition(b"\n")
            if end:
                for figure, name in FIGURES:
                    lines = figure.sub(name, lines)
                return lines + end
        rest, self._rest = self._rest, b""
        return rest

    async def send(self, data: bytes) -> None:
        """As it is."""
        await self._pipe.send(data)

    def close_input(self) -> None:
        """As it is."""
        self._pipe.close_input()


@asynccontextmanager
async def connect(home: Home) -> AsyncIterator[EndingPipe]:
    """The deterministic server, over memory."""
    async with served(home) as pipe:
        yield Steadied(pipe)


def example(method: str) -> Path:
    """The file of a method's example."""
    return FOLDER / f"{method}.txt"


async def played(file: Path, folder: Path) -> str:
    """The text of an example as the server speaks today."""
    dialog = Dialog.parse(await anyio.Path(file).read_text("utf-8"))
    return (await play(dialog, folder, connect)).text()


def main() -> int:
    """Rewrite the examples named as arguments, or all. Returns an exit code."""
    files = [Path(name) for name in sys.argv[1:]] or [example(row.name) for row in CLIENT_REQUESTS]
    for file in files:
        with tempfile.TemporaryDirectory() as folder:
            text = anyio.run(partial(played, file, Path(folder).resolve()))
        file.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
