"""Coverage-guided fuzzing of what clients send: lines, frames, requests for a websocket, and the first line. `just fuzz`
runs it for ten minutes; what must hold is in `tests/support/fuzzing.py`. Needs atheris, which is no dependency of ours.
"""

import logging
import os
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["app_server", "websockets"]):
    from app_server.handshake import read_plain
    from app_server.tasks import Tasks
    from tests.app_server.support import Started, bare_server, quiet_home
    from tests.support.fuzzing import UPGRADE, check_frames, check_lines

SEEDS = (
    b'\x00\xff{"id":1,"method":"thread/loaded/list","params":{}}\n',
    b'\x00\x05{"id":"a","method":"initialize","params":{"clientInfo":{"name":"a","version":"1"}}}\n{"id":2,"method":"nope"}',
    b"\x01\xff\x81\x85mask\x05\x04\x1f\x07\x02",
    b"\x01\xff\x89\x80mask\x88\x82mask\x6e\x89",
    b"\x02\xff" + UPGRADE,
    b'\x03\x00{"id":1,"method":"initialize","params":{"clientInfo":{"name":"a","version":"1"},"capabilities":{}}}',
)
"""The first byte says what is fuzzed, the second into what pieces the rest is cut."""
FORGET_AFTER = 20_000
"""After how many runs that what was started is forgotten."""


def main() -> None:
    """Fuzz until the time is up; arguments are the fuzzer's own. Ends the process."""
    logging.disable(logging.CRITICAL)
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    home, started, tasks = quiet_home(folder), Started(), Tasks()
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(SEEDS):
        (corpus / str(number)).write_bytes(seed)
    os.chdir(home.work)
    server = bare_server(home, tasks=tasks)
    tasks.run_with(started)

    def once(data: bytes) -> None:
        kind, cut, body = data[:1] or b"\0", data[1:2] or b"\xff", data[2:]
        cuts = [cut[0] % 16 + 1] if cut[0] < 200 else []
        if kind[0] % 4 == 0:
            check_lines(server, started, body, cuts)
        elif kind[0] % 4 == 3:
            read_plain(body)
        else:
            check_frames(body, cuts, is_open=kind[0] % 4 == 1)
        if len(started.waiting) > FORGET_AFTER:
            started.waiting.clear()

    atheris.Setup([*sys.argv, str(corpus)], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
