"""Golden dialogs: files in which a client and a server talk, played against the real server and compared line by line.

    # Authority: ...                        a comment; the first one says on whose word the dialog rests
    = ["created", {"message": "Hi."}]       what the provider plays, one line per model request (see `provider`, `events`)
    ! retries=1                             an option of the home (see `make_home`), as JSON
    > {"id":1,"method":"initialize",...}    the client sends this line
    < {"id":1,"result":...}                 the server says this line
    ^ user: hello | assistant: hi           at the end: what each model request carried, apart from the server's own context

The client goes on when the server has said the last line of a block of `<`. That line is known by its method or id: in
a dialog that is being written, `< turn/completed` or `< 1` is enough, and `just golden` fills in the rest.
Names stand for what differs from run to run or says nothing: `$home`, `$cwd`, `$host`, `$system`, `$shell`, `$process`,
and `$thread`, `$turn`, `$item`, `$id` (with a number from the second on) for ids, in the order in which they appear.
"""

import json
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import anyio

from app_server.core.exec.shell import login_shell
from app_server.identity import system
from tests.support.client import Pipe
from tests.support.deterministic import served
from tests.support.home import Home, make_home
from tests.support.provider import Reply, Request, Script, ScriptedProvider

FOLDER = Path(__file__).parents[1] / "conversations"
DEADLINE_S = 10
UUID = re.compile(
    r'(?:"(?P<parent>\w+)":\{)?(?:"(?P<key>\w+)":"(?:[^"\\]*[^"\\0-9a-f])?)?(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})'
)
PROCESS = re.compile(r'"processId":"\d+"')
NAME = re.compile(r"\$[a-z]+\d*")


class EndingPipe(Pipe, Protocol):
    """A connection whose client can say that it has said everything."""

    def close_input(self) -> None: ...


Connect = Callable[[Home], AbstractAsyncContextManager[EndingPipe]]


@dataclass
class Block:
    """What the client sends without waiting, and what the server then says."""

    sent: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


@dataclass
class Dialog:
    """A parsed file."""

    head: list[str]
    script: Script
    options: dict[str, Any]
    blocks: list[Block]
    upstream: list[str]

    @classmethod
    def parse(cls, text: str) -> "Dialog":
        """Read a file. Raises: ValueError (a line of no known kind, or no authority)."""
        head, script, options, blocks, upstream = [], [], {}, [Block()], []
        for line in text.splitlines():
            kind, rest = line[:1], line[2:]
            if kind in ("", "#", "=", "!"):
                head.append(line)
            if kind == "=":
                script.append(entry(json.loads(rest)))
            elif kind == "!":
                name, _, value = rest.partition("=")
                options[name] = json.loads(value)
            elif kind == ">":
                if blocks[-1].said:
                    blocks.append(Block())
                blocks[-1].sent.append(rest)
            elif kind == "<":
                blocks[-1].said.append(rest)
            elif kind == "^":
                upstream.append(rest)
            elif kind not in ("", "#"):
                raise ValueError(f"a dialog has no such line: {line!r}")
        if not any(line.startswith("# Authority: ") for line in head) or not blocks[-1].said:
            raise ValueError("a dialog names its authority and says something")
        return cls(head, script, options, blocks, upstream)

    def text(self) -> str:
        """The file again."""
        blocks = [[*(f"> {line}" for line in block.sent), *(f"< {line}" for line in block.said), ""] for block in self.blocks]
        lines = ["\n".join(self.head).strip(), "", *(line for block in blocks for line in block)]
        return "\n".join([*lines, *(f"^ {line}" for line in self.upstream)]).rstrip() + "\n"


def entry(data: Any) -> Any:
    """What the provider plays: a list of steps, or a reply with a status or headers."""
    return Reply(**data) if isinstance(data, dict) else data


class Names:
    """The names of what differs from run to run."""

    def __init__(self, home: Home) -> None:
        self._fixed = {
            "$home": str(home.codex_home),
            "$cwd": str(home.work),
            "$host": os.uname().nodename,
            "$system": system(),
            "$shell": login_shell(home.environment["PATH"]),
        }
        self._ids: dict[str, str] = {}

    def hide(self, line: str) -> str:
        """A line of the server with names in it."""
        for name, value in self._fixed.items():
            line = line.replace(value, name)
        return PROCESS.sub('"processId":"$process"', UUID.sub(self._hide_id, line))

    def show(self, line: str) -> str:
        """A line of the client with what the names stand for."""
        known = {name: value for value, name in self._ids.items()} | self._fixed
        return NAME.sub(lambda match: known.get(match[0], match[0]), line)

    def _hide_id(self, match: re.Match[str]) -> str:
        kind = match["key"] or "id"
        kind = (match["parent"] or "item") if kind == "id" else kind.removesuffix("Id") if kind.endswith("Id") else "id"
        if match["id"] not in self._ids:
            number = sum(name.rstrip("0123456789") == f"${kind.lower()}" for name in self._ids.values())
            self._ids[match["id"]] = f"${kind.lower()}{number + 1 if number else ''}"
        return match[0][: -len(match["id"])] + self._ids[match["id"]]


async def play(dialog: Dialog, folder: Path, connect: Connect, *, deadline_s: float = DEADLINE_S) -> Dialog:
    """Play a dialog in a fresh home below `folder`, and give it back with what was really said."""
    played = Dialog(dialog.head, dialog.script, dialog.options, [], [])
    async with ScriptedProvider(dialog.script) as provider:
        home = make_home(folder, provider.url, **dialog.options)
        names = Names(home)
        async with connect(home) as pipe:
            lines = read_lines(pipe)
            for block in dialog.blocks:
                for line in block.sent:
                    await pipe.send(names.show(line).encode("utf-8", "surrogateescape") + b"\n")
                said = [names.hide(line) async for line in until(lines, block.said, deadline_s)]
                played.blocks.append(Block(block.sent, said))
            pipe.close_input()
            with anyio.fail_after(deadline_s):
                played.blocks[-1].said += [names.hide(line) async for line in lines]
        played.upstream = [shown(request) for request in provider.requests]
        assert not provider.unplayed, f"{provider.unplayed} entries of the provider's script were not asked for"
    return played


async def read_lines(pipe: Pipe) -> AsyncIterator[str]:
    """The server's lines, until it closes."""
    rest = b""
    while data := await pipe.receive():
        *whole, rest = (rest + data).split(b"\n")
        for line in whole:
            yield line.decode()
    assert not rest, f"the server's last line is torn: {rest!r}"


async def until(lines: AsyncIterator[str], said: Sequence[str], deadline_s: float) -> AsyncIterator[str]:
    """The server's next lines, up to the one that was the last of a block."""
    last = mark(said[-1])
    left = sum(mark(line) == last for line in said)
    heard: list[str] = []
    try:
        with anyio.fail_after(deadline_s):
            while left:
                line = await anext(lines)
                heard.append(line)
                left -= mark(line) == last
    except (TimeoutError, StopAsyncIteration) as error:
        raise AssertionError("\n".join([f"{last} did not come; the server said:", *heard])) from error
    for line in heard:
        yield line


def mark(line: str) -> str:
    """What a line is known by: its method, or the id that it answers."""
    if not line.startswith("{"):
        return line
    message = json.loads(line)
    return str(message["method"] if "method" in message else json.dumps(message["id"]))


def shown(request: Request) -> str:
    """What a model request carried, apart from the context that the server tells by itself."""
    parts = []
    for item in request.body["input"]:
        kind, role = item["type"], item.get("role")
        text = "".join(part.get("text", "") for part in item.get("content") or [])
        if kind == "message" and role != "developer" and not text.startswith(("<environment_context>", "# AGENTS.md")):
            parts.append(f"{role}: {text.splitlines()[0] if text.startswith('<') else text}")
        elif kind == "function_call":
            parts.append(f"call {item['name']} {item['arguments']}")
        elif kind == "function_call_output":
            parts.append(f"output {item['output'].splitlines()[-1]}")
        elif kind != "message":
            parts.append(kind)
    return " | ".join(parts)


def main() -> int:
    """Rewrite the dialogs named as arguments, or all, from what the server says over memory. Returns an exit code."""
    files = [Path(name) for name in sys.argv[1:]] or sorted(FOLDER.glob("*.txt"))
    for file in files:
        with tempfile.TemporaryDirectory() as folder:
            dialog = Dialog.parse(file.read_text())
            played = anyio.run(partial(play, dialog, Path(folder).resolve(), served))
        file.write_text(played.text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
