"""A blocking stdio client that is too simple to be what is measured.

One process, one pipe each way, no threads: a call writes and then reads until what it waits for is there. Lines are
kept as bytes and looked at by their first characters only, so that parsing happens after the clock was read.
Linux only: pipe sizes and the memory and processor time of the server come from the kernel's own files.
"""

import fcntl
import json
import os
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

Json = dict[str, Any]

PIPE_BYTES = 1 << 20
READ_BYTES = 1 << 18
PATIENCE_S = 60.0
LAST_WORDS = 500
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
ANSWER_STARTS = (b'{"id"', b'{"result"', b'{"error"')


class ServerFailed(Exception):
    """The server answered with an error, went silent or ended: there is nothing to measure."""


class Client:
    """A server process and the one client that it has. Leaving the context ends the process."""

    def __init__(self, command: Sequence[str], *, environment: Mapping[str, str], directory: Path, log: Path) -> None:
        self._log = log
        self._rest = b""
        self._lines: list[bytes] = []
        self._next_id = 0
        self.spawned_at = time.perf_counter()
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                command, env=environment, cwd=directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, bufsize=0
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._source, self._sink = self._process.stdout, self._process.stdin
        self._poll = select.poll()
        self._poll.register(self._source, select.POLLIN)
        for pipe in (self._source, self._sink):  # a burst of answers must never wait for us while we still write
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._sink.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._source.close()

    def initialize(self, **capabilities: bool) -> Json:
        """The handshake; the caller reads the clock when it returns."""
        params: Json = {"clientInfo": {"name": "benchmarks", "title": None, "version": "1"}}
        if capabilities:
            params["capabilities"] = capabilities
        answer = self.call("initialize", params)
        self._write(b'{"method":"initialized"}\n')
        return answer

    def call(self, method: str, params: Json) -> Json:
        """Send one request and give its result. Raises: ServerFailed."""
        self.send([(method, params)])
        return result_of(self.read_answers(1)[0])

    def send(self, requests: Sequence[tuple[str, Json]]) -> int:
        """Write all requests at once, without waiting for an answer; gives the last one's id."""
        lines = []
        for method, params in requests:
            self._next_id += 1
            lines.append(json.dumps({"id": self._next_id, "method": method, "params": params}, separators=(",", ":")))
        self._write(("\n".join(lines) + "\n").encode())
        return self._next_id

    def read_answers(self, count: int) -> list[bytes]:
        """The next answers as they came; what is not an answer is dropped. Raises: ServerFailed."""
        answers: list[bytes] = []
        while len(answers) < count:
            line = self.read_line()
            if line.startswith(ANSWER_STARTS):
                answers.append(line)
        return answers

    def read_until(self, method: str) -> list[bytes]:
        """The lines up to the next notification of that method, with it as the last. Raises: ServerFailed."""
        start = b'{"method":"%b"' % method.encode()
        lines: list[bytes] = []
        while True:
            lines.append(self.read_line())
            if lines[-1].startswith(start):
                return lines

    def read_line(self) -> bytes:
        """The next line, whatever it is. Raises: ServerFailed."""
        while not self._lines:
            if not self._poll.poll(PATIENCE_S * 1000):
                raise ServerFailed(f"nothing came for {PATIENCE_S:.0f} s{self._last_words()}")
            self._read()
        return self._lines.pop()

    def has_line(self, wait_s: float) -> bool:
        """Whether a line comes within so many seconds."""
        return bool(self._lines) or bool(self._poll.poll(max(wait_s, 0) * 1000))

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._process.pid

    def read_ready(self, timeout_s: float) -> list[bytes]:
        """The lines that are there, or come within a time; perhaps none. Raises: ServerFailed (it has ended)."""
        if self.has_line(timeout_s) and not self._lines:
            self._read()
        lines, self._lines = self._lines[::-1], []
        return lines

    def _read(self) -> None:
        data = os.read(self._source.fileno(), READ_BYTES)
        if not data:
            raise ServerFailed(f"the server has ended{self._last_words()}")
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._lines = lines[::-1]  # popped from the end

    def _write(self, data: bytes) -> None:
        self._sink.write(data)

    def resident_bytes(self) -> int:
        """Resident memory of the server and its children. Raises: ServerFailed (it has ended)."""
        server, *children = self._family()
        if not (resident := _resident_bytes(server)):
            raise ServerFailed(f"the server has ended{self._last_words()}")
        return resident + sum(map(_resident_bytes, children))

    def peak_resident_bytes(self) -> int:
        """The most resident memory that the server has had at any time, without its children. Raises: ServerFailed."""
        if not (peak := _status_bytes(self._process.pid, "VmHWM")):
            raise ServerFailed(f"the server has ended{self._last_words()}")
        return peak

    def settled_resident_bytes(self) -> int:
        """Resident memory once it has stood still for half a second, or after five seconds."""
        samples: list[int] = []
        for _ in range(50):
            samples.append(self.resident_bytes())
            if len(samples) > 5 and len(set(samples[-6:])) == 1:
                break
            time.sleep(0.1)
        return samples[-1]

    def open_files(self) -> int:
        """How many files and sockets the server has open."""
        return len(list(Path(f"/proc/{self._process.pid}/fd").iterdir()))

    def processor_seconds(self) -> float:
        """User and system time that the server and its children have used."""
        return sum(_processor_seconds(process) for process in self._family())

    def own_processor_seconds(self) -> float:
        """The same of the server alone, to the nanosecond."""
        return time.clock_gettime(_processor_clock(self._process.pid))

    def _last_words(self) -> str:
        text = self._log.read_text(errors="replace").strip()
        return f"; its stderr ends with: {text[-LAST_WORDS:]}" if text else ", without a word on stderr"

    def _family(self) -> list[int]:
        family = [self._process.pid]
        for process in family:  # grows while we walk it
            family += _children(process)
        return family


def result_of(answer: bytes) -> Json:
    """The result in an answer. Raises: ServerFailed (it is an error)."""
    message: Json = json.loads(answer)
    if "result" not in message:
        raise ServerFailed(f"refused: {message.get('error')}")
    result: Json = message["result"]
    return result


def _children(process: int) -> list[int]:
    children: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):  # the process has just ended
        for task in list(Path(f"/proc/{process}/task").iterdir()):
            with suppress(FileNotFoundError, ProcessLookupError):  # this thread has
                children += map(int, (task / "children").read_text().split())
    return children


def _resident_bytes(process: int) -> int:
    return _status_bytes(process, "VmRSS")


def _status_bytes(process: int, name: str) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    return 0


def _processor_clock(process: int) -> int:
    """The kernel's number for the clock of a process's time on processors, as clock_getcpuclockid(3) gives it."""
    return (~process << 3) | 2


def _processor_seconds(process: int) -> float:
    with suppress(FileNotFoundError, ProcessLookupError):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
        return sum(map(int, fields[11:15])) / TICKS_PER_SECOND  # its own, and that of children that have ended
    return 0.0
