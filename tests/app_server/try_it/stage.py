"""A stage for the terminal client: a scripted server behind it, or the real one, and a pseudo-terminal where a person types."""

import codecs
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

SERVER = """
import json, sys
script, log = json.load(open(sys.argv[1])), open(sys.argv[2], "a")
log.write(json.dumps({"argv": sys.argv[3:]}) + "\\n")
for line in sys.stdin:
    log.write(line)
    log.flush()
    got = json.loads(line)
    for send in script.get(got.get("method", "answer"), []):
        if send == "die":
            sys.exit("Error: the disk is full")
        if send.get("id") == "$id":
            send = {**send, "id": got["id"]}
        print(json.dumps(send), flush=True)
"""
"""Answers each message by the list that its script has for the method (for an answer of the client: `answer`)."""


CLIENT = """
import os, sys
from app_server.try_it.program import run
sys.exit(run(sys.argv[2:], os.environ, [sys.executable, *sys.argv[1].split(",")]))
"""


REAL = [sys.executable, "-P", "-m", "app_server", "try"]
"""The client with the real server behind it."""


DEADLINE_S = 20.0


Script = dict[str, list[Any]]


def note(method: str, **params: Any) -> dict[str, Any]:
    return {"method": method, "params": {"threadId": "T", "turnId": "U", **params}}


def result(**members: Any) -> dict[str, Any]:
    return {"id": "$id", "result": members}


def turn(status: str = "completed", **members: Any) -> dict[str, Any]:
    return note("turn/completed", turn={"id": "U", "status": status, "error": None, "durationMs": 1500, **members})


STARTED = [result(turn={"id": "U"}), note("turn/started", turn={"id": "U"})]


COMMAND = {"type": "commandExecution", "id": "c1", "command": "/bin/bash -lc 'ls -la'", "status": "inProgress"}


DONE = {**COMMAND, "status": "completed", "aggregatedOutput": "README.md\nsrc\n", "exitCode": 0, "durationMs": 120}


ASK = {"id": 7, **note("item/commandExecution/requestApproval", itemId="c1", command=COMMAND["command"], cwd="/w")}


USAGE = {"inputTokens": 1200, "cachedInputTokens": 200, "outputTokens": 30, "reasoningOutputTokens": 4}


PLAIN: Script = {
    "initialize": [result(userAgent="x")],
    "thread/start": [
        result(
            thread={"id": "T"}, model="m", modelProvider="p", cwd="/w", approvalPolicy="on-request", sandbox={"type": "readOnly"}
        )
    ],
    "turn/start": [
        *STARTED,
        note("item/started", item={"type": "reasoning", "id": "r"}),
        note("item/reasoning/summaryTextDelta", itemId="r", summaryIndex=0, delta="**Looking ar"),
        note("item/reasoning/summaryTextDelta", itemId="r", summaryIndex=0, delta="ound**\n\nmore"),
        note("item/completed", item={"type": "reasoning", "id": "r"}),
        note("item/started", item=COMMAND),
        note("item/completed", item=DONE),
        note("item/started", item={"type": "agentMessage", "id": "m"}),
        note("item/agentMessage/delta", itemId="m", delta="Two "),
        note("item/agentMessage/delta", itemId="m", delta="entries."),
        note("item/completed", item={"type": "agentMessage", "id": "m", "text": "Two entries."}),
        note("thread/tokenUsage/updated", tokenUsage={"last": USAGE}),
        note("thread/tokenUsage/updated", tokenUsage={"last": USAGE}),
        turn(),
    ],
    "turn/interrupt": [result(), turn("interrupted")],
}


class Stage:
    """One run's folder: the server's script, what it received, and how to start the client there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "received"
        self.is_real = False
        self.environ = {**os.environ, "CODEX_HOME": str(folder), "TERM": "xterm", "PYTHONPATH": str(Path.cwd())}
        for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "COLUMNS"):
            self.environ.pop(name, None)
        self.set({})

    def set(self, changes: Script) -> None:
        (self.folder / "script").write_text(json.dumps(PLAIN | changes))
        (self.folder / "server").write_text(SERVER)

    def command(self, *arguments: str) -> list[str]:
        if self.is_real:
            return [*REAL, *arguments]
        server = ",".join(str(path) for path in (self.folder / "server", self.folder / "script", self.log))
        return [sys.executable, "-c", CLIENT, server, *arguments]

    def run(self, *arguments: str, stdin: str = "") -> tuple[int, str]:
        done = subprocess.run(
            self.command(*arguments),
            input=stdin,
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
        )
        assert done.stderr == ""
        return done.returncode, done.stdout

    def received(self, method: str | None = None) -> list[Any]:
        """The params of every message with this method; without one, the answers to the server's questions."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        if method is None:
            return [line["result"] for line in lines if "result" in line]
        return [line["params"] for line in lines if line.get("method") == method]


class Terminal:
    """The client at a pseudo-terminal. `wait_for` reads until a text is there; what came before it is not looked at again."""

    def __init__(self, stage: Stage, *arguments: str) -> None:
        self._fd, slave = pty.openpty()
        self.process = subprocess.Popen(
            stage.command(*arguments),
            cwd=stage.folder,
            env=stage.environ,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self._text = ""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def wait_for(self, text: str) -> None:
        ends_at = time.monotonic() + DEADLINE_S
        while text not in self._text:
            assert time.monotonic() < ends_at, f"{text!r} did not come; there is {self._text!r}"
            if select.select([self._fd], [], [], 0.1)[0]:
                try:
                    self._text += self._decode(os.read(self._fd, 65536))
                except OSError:
                    assert text in self._text, f"the client ended before {text!r}; there is {self._text!r}"
        self._text = self._text.partition(text)[2]

    def type(self, text: str) -> None:
        os.write(self._fd, text.encode())

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def wait_end(self) -> int:
        # A terminal that nobody reads fills up and holds the program.
        ends_at = time.monotonic() + DEADLINE_S
        while self.process.poll() is None:
            assert time.monotonic() < ends_at, f"the client did not end after {self._text!r}"
            if select.select([self._fd], [], [], 0.1)[0]:
                try:
                    os.read(self._fd, 65536)
                except OSError:
                    break
        return self.process.wait(DEADLINE_S)

    def hang_up(self) -> None:
        os.close(self._fd)
        self._fd = -1

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self._fd >= 0:
            os.close(self._fd)
