"""Attempts to get out of the sandbox. Each is shown to succeed without it, so that the test can fail, and to fail inside.

An attempt is a script that leaves a trace in the folder `outside` (its path is `$OUT`) or exits with 0; the workspace is
the current folder.
"""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import anyio
import pytest

from app_server.core.exec.launch import Launch, Wiring
from app_server.core.exec.process import start
from app_server.core.sandbox.bubblewrap import Bubblewrap, find_bubblewrap
from app_server.core.sandbox.mount_points import MountPoints
from app_server.core.sandbox.rules import Rules
from tests.support.needs import needs

pytestmark = [pytest.mark.anyio, needs("bubblewrap", found=shutil.which("bwrap") is not None)]
PYTHON = "python3 -c"
SOCKET = "python3 -c 'import os, socket; "

LEAVES_A_TRACE = {
    "writes a file outside": 'echo x > "$OUT/trace"',
    "appends to a file outside": 'echo x >> "$OUT/kept"; grep -q x "$OUT/kept" && touch "$OUT/trace"',
    "makes a folder outside": 'mkdir "$OUT/trace"',
    "removes a file outside": 'rm "$OUT/kept" && touch "$OUT/trace"',
    "renames into the outside": 'echo x > mine && mv mine "$OUT/trace"',
    "renames within the outside": 'mv "$OUT/kept" "$OUT/trace"',
    "writes through a symbolic link": 'ln -s "$OUT" link && echo x > link/trace',
    "writes through a chain of links": 'ln -s "$OUT" a && ln -s a b && echo x > b/trace',
    "writes through a hard link": 'ln "$OUT/kept" mine && echo more > mine && grep -q more "$OUT/kept" && touch "$OUT/trace"',
    "writes by a path with dots": 'echo x > "$PWD/../outside/trace"',
    "writes through /proc/self/root": 'echo x > "/proc/self/root$OUT/trace"',
    "writes through /proc/self/cwd": 'cd "$OUT" && echo x > /proc/self/cwd/trace',
    "writes through an open descriptor": 'exec 9>"$OUT/trace" && echo x >&9',
    "changes the mode of a file outside": 'chmod 777 "$OUT/kept" && touch "$OUT/trace"',
    "changes the times of a file outside": 'touch -d 2001-01-01 "$OUT/kept" && touch "$OUT/trace"',
    "truncates a file outside": f"""{PYTHON} 'import os; os.truncate(os.environ["OUT"] + "/kept", 0)' && touch "$OUT/trace" """,
    "makes a device or fifo outside": 'mkfifo "$OUT/trace"',
    "unpacks an archive outside": 'echo x > mine && tar cf - mine | tar xf - -C "$OUT" && mv "$OUT/mine" "$OUT/trace"',
    "lets a background process write": '(echo x > "$OUT/trace") & wait',
    "lets a new session write": 'setsid sh -c "echo x > $OUT/trace"; sync',
}
EXITS_WELL = {
    "plants a git hook": "mkdir -p .git/hooks && echo x > .git/hooks/pre-commit",
    "changes the git configuration": "mkdir -p .git && echo x > .git/config",
    "plants our configuration": "mkdir -p .codex && echo x > .codex/config.toml",
    "plants instructions for agents": "mkdir -p .agents/skills && echo x > .agents/skills/one",
    "plants credentials": "mkdir -p .aws && echo x > .aws/credentials",
    "moves a protected folder away": "mkdir -p .git && mv .git old",
    "connects by TCP": f"""{SOCKET}socket.create_connection(("127.0.0.1", int(os.environ["PORT"])), 2)'""",
    "opens a UDP socket": f'{PYTHON} \'import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9))\'',  # noqa: E501
    "opens a raw socket": f"{SOCKET}socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)'",
    "opens a packet socket": f"{SOCKET}socket.socket(socket.AF_PACKET, socket.SOCK_RAW)'",
    "opens a netlink socket": f"{SOCKET}socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)'",
    "listens": f'{SOCKET}socket.create_server(("127.0.0.1", 0))\'',
    "connects to a socket of the machine": f"""{SOCKET}socket.socket(socket.AF_UNIX).connect(os.environ["UNIX"])'""",
    "signals a process outside": 'kill -0 "$OUTER"',
    "sees a process outside": 'test -d "/proc/$OUTER/fd" && grep -q python "/proc/$OUTER/cmdline"',
    "traces a child": f"{PYTHON} 'import ctypes, os; exit(ctypes.CDLL(None).ptrace(0, 0, 0, 0) < 0)'",
}
ATTEMPTS = {**LEAVES_A_TRACE, **EXITS_WELL}


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a workspace and an outside, not below /tmp, which a workspace policy may leave writable."""
    folder = Path("/var/tmp") / f"escape-{os.getpid()}-{tmp_path_factory.mktemp('x').name}"
    (folder / "work").mkdir(parents=True)
    (folder / "outside").mkdir()
    (folder / "outside" / "kept").write_text("kept\n")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def neighbors(place: Path) -> Iterator[Mapping[str, str]]:
    """Somebody who listens on this machine, by TCP and by a Unix socket."""
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(place / "s"))
        unix.listen()
        yield {"PORT": str(tcp.getsockname()[1]), "UNIX": str(place / "s")}


def environment(place: Path, neighbors: Mapping[str, str]) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "OUT": str(place / "outside"), "OUTER": str(os.getpid()), **neighbors}


def succeeded(name: str, place: Path, exit_code: int) -> bool:
    return (place / "outside" / "trace").exists() if name in LEAVES_A_TRACE else exit_code == 0


@pytest.fixture(scope="module")
def bubblewrap() -> Bubblewrap:
    found = find_bubblewrap(os.environ, MountPoints())
    assert found is not None, "bwrap is installed but does not work here"
    return found


async def run_confined(bubblewrap: Bubblewrap, script: str, place: Path, variables: Mapping[str, str]) -> int:
    work = place / "work"
    rules = Rules((str(work),), has_network=False)
    launch = bubblewrap.confined(Launch(("/bin/bash", "-c", script), str(work), variables), rules)
    with anyio.fail_after(20):
        return await start(launch, Wiring(lambda _: None)).supervise()


@pytest.mark.parametrize("name", ATTEMPTS)
def test_without_the_sandbox_the_attempt_succeeds(name: str, place: Path, neighbors: Mapping[str, str]) -> None:
    run = subprocess.run(
        ["/bin/bash", "-c", ATTEMPTS[name]],
        cwd=place / "work",
        env=environment(place, neighbors),
        timeout=20,
        capture_output=True,
    )
    assert succeeded(name, place, run.returncode), run.stderr


@pytest.mark.parametrize("name", ATTEMPTS)
async def test_inside_the_sandbox_the_attempt_fails(
    name: str, place: Path, neighbors: Mapping[str, str], bubblewrap: Bubblewrap
) -> None:
    code = await run_confined(bubblewrap, ATTEMPTS[name], place, environment(place, neighbors))
    assert not succeeded(name, place, code)
    assert (place / "outside" / "kept").read_text() == "kept\n"


async def test_the_workspace_itself_can_be_written_and_nothing_is_left_beside(place: Path, bubblewrap: Bubblewrap) -> None:
    code = await run_confined(bubblewrap, "echo mine > made; mkdir d; echo x > d/.codex", place, {"PATH": os.environ["PATH"]})
    assert code == 0
    assert sorted(path.name for path in (place / "work").iterdir()) == ["d", "made"]


async def test_mount_points_stay_while_another_command_needs_them(place: Path, bubblewrap: Bubblewrap) -> None:
    rules = Rules((str(place / "work"),), has_network=False)
    first = bubblewrap.confined(Launch(("/bin/true",), "/", {}), rules)
    second = bubblewrap.confined(Launch(("/bin/true",), "/", {}), rules)
    (place / "work" / ".git").mkdir()  # as bwrap makes it
    assert first.when_ended is not None
    assert second.when_ended is not None
    first.when_ended()
    assert (place / "work" / ".git").exists()
    second.when_ended()
    assert not (place / "work" / ".git").exists()


async def test_network_is_there_when_the_policy_allows_it(
    place: Path, neighbors: Mapping[str, str], bubblewrap: Bubblewrap
) -> None:
    launch = Launch(("/bin/bash", "-c", EXITS_WELL["connects by TCP"]), "/", environment(place, neighbors))
    confined = bubblewrap.confined(launch, Rules((), has_network=True))
    with anyio.fail_after(20):
        assert await start(confined, Wiring(lambda _: None)).supervise() == 0
