"""Attempts to get out of the sandbox. Each is shown to succeed without it, so that the test can fail, and to fail inside: on
every rung that works here, as root and as an ordinary user.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import anyio
import pytest

from app_server.core.exec.launch import Wiring
from app_server.core.exec.process import start
from app_server.core.launch import Launch
from app_server.core.sandbox.bubblewrap import Bubblewrap, find_bubblewrap
from app_server.core.sandbox.ladder import Rung
from app_server.core.sandbox.landlock import Landlock, find_landlock
from app_server.core.sandbox.mount_points import MountPoints
from app_server.core.sandbox.rules import Rules
from tests.core.sandbox.attempts import ATTEMPTS, FOR_ALL, FOR_ROOT, NOT_PROMISED, leaves_a_trace
from tests.support.needs import needs

pytestmark = [pytest.mark.anyio, needs("bubblewrap", found=shutil.which("bwrap") is not None)]
NOBODY = 65534
IS_ROOT = os.geteuid() == 0
AS_NOBODY = ("/usr/bin/setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", "--")
SYSTEM_PYTHON = "/usr/bin/python3"
SYSTEM_PATH = "/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"


@dataclass(frozen=True)
class User:
    """Who makes the attempts: whoever runs the tests, or an ordinary user in root's place."""

    name: str
    prefix: tuple[str, ...] = ()


USERS = [User("root"), User("nobody", AS_NOBODY)] if IS_ROOT else [User("nobody")]
WHO = {user.name: user for user in USERS}
CASES = [(name, user.name) for user in USERS for name in (ATTEMPTS if user.name == "root" else FOR_ALL)]


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
def outer() -> Iterator[int]:
    """A process outside."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process.pid
        process.kill()


@pytest.fixture
def neighbors(place: Path, outer: int) -> Iterator[Mapping[str, str]]:
    """Somebody who listens on this machine, in all ways that there are."""
    abstract = f"escape-{place.name}"
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX) as unix,
        socket.socket(socket.AF_UNIX) as hidden,
    ):
        udp.bind(("127.0.0.1", 0))
        unix.bind(str(place / "s"))
        (place / "s").chmod(0o777)
        hidden.bind(f"\0{abstract}")
        unix.listen()
        hidden.listen()
        yield {
            "PORT": str(tcp.getsockname()[1]),
            "UDP": str(udp.getsockname()[1]),
            "UNIX": str(place / "s"),
            "ABSTRACT": abstract,
            "OUT": str(place / "outside"),
            "OUTER": str(outer),
            "PATH": SYSTEM_PATH,
        }


def own(place: Path, user: User) -> None:
    """Let everything in the place belong to whoever makes the attempt."""
    if user.prefix:
        for path in (place, *place.rglob("*")):
            os.chown(path, NOBODY, NOBODY)


def succeeded(name: str, place: Path, exit_code: int) -> bool:
    return (place / "outside" / "trace").exists() if leaves_a_trace(name) else exit_code == 0


def outer_of(user: User, variables: Mapping[str, str], stack: list[subprocess.Popen[bytes]]) -> dict[str, str]:
    """The variables, with a process outside that belongs to the user."""
    if not user.prefix:
        return dict(variables)
    command = [*user.prefix, SYSTEM_PYTHON, "-c", "print(flush=True); input()"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"PATH": SYSTEM_PATH})
    stack.append(process)
    assert process.stdout is not None
    process.stdout.readline()  # it runs by now, and is what it is to be
    return {**variables, "OUTER": str(process.pid)}


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that are ended afterwards."""
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        process.kill()
        process.communicate()


def found_rungs() -> dict[str, Rung]:
    """The rungs that work here. Landlock is entered by the system's Python, which every user may run."""
    landlock = find_landlock()
    found = {"bubblewrap": find_bubblewrap(os.environ, MountPoints()), "landlock": landlock and Landlock(SYSTEM_PYTHON)}
    return {name: rung for name, rung in found.items() if rung is not None}


@pytest.fixture(scope="module")
def rungs() -> dict[str, Rung]:
    return found_rungs()


@pytest.fixture(scope="module")
def bubblewrap(rungs: dict[str, Rung]) -> Bubblewrap:
    found = rungs.get("bubblewrap")
    assert isinstance(found, Bubblewrap), "bwrap is installed but does not work here"
    return found


async def run_confined(rung: Rung, script: str, place: Path, variables: Mapping[str, str], user: User = USERS[0]) -> int:
    work = place / "work"
    launch = rung.confined(Launch(("/bin/bash", "-c", script), str(work), variables), Rules((str(work),), has_network=False))
    launch = replace(launch, argv=(*user.prefix, *launch.argv))
    with anyio.fail_after(20):
        return await start(launch, Wiring(lambda _: None)).supervise()


@pytest.mark.parametrize(("name", "who"), CASES)
def test_without_the_sandbox_the_attempt_succeeds(
    name: str, who: str, place: Path, neighbors: Mapping[str, str], processes: list[subprocess.Popen[bytes]]
) -> None:
    user = WHO[who]
    own(place, user)
    run = subprocess.run(
        [*user.prefix, "/bin/bash", "-c", ATTEMPTS[name]],
        cwd=place / "work",
        env=outer_of(user, neighbors, processes),
        timeout=20,
        capture_output=True,
    )
    assert succeeded(name, place, run.returncode), run.stderr


@pytest.mark.parametrize("rung", ["bubblewrap", "landlock"])
@pytest.mark.parametrize(("name", "who"), CASES)
async def test_inside_the_sandbox_the_attempt_fails(
    name: str,
    who: str,
    rung: str,
    place: Path,
    neighbors: Mapping[str, str],
    rungs: dict[str, Rung],
    processes: list[subprocess.Popen[bytes]],
) -> None:
    if rung not in rungs:
        pytest.skip(f"{rung} does not work here")
    if name in NOT_PROMISED[rung]:
        pytest.skip(f"{rung} does not promise that")
    user = WHO[who]
    own(place, user)
    code = await run_confined(rungs[rung], ATTEMPTS[name], place, outer_of(user, neighbors, processes), user)
    assert not succeeded(name, place, code)
    assert code not in (126, 127), "the attempt was not even made"
    assert (place / "outside" / "kept").read_text() == "kept\n"


@pytest.mark.parametrize("rung", ["bubblewrap", "landlock"])
async def test_the_workspace_itself_can_be_written_and_nothing_is_left_beside(
    rung: str, place: Path, rungs: dict[str, Rung]
) -> None:
    if rung not in rungs:
        pytest.skip(f"{rung} does not work here")
    script = "echo mine > made; mkdir d; echo x > d/.codex; mv made d/moved; chmod +x d/moved; echo x > /dev/null; : > d/cut"
    code = await run_confined(rungs[rung], script, place, {"PATH": os.environ["PATH"]})
    assert code == 0
    assert sorted(path.name for path in (place / "work").rglob("*")) == [".codex", "cut", "d", "moved"]


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


@pytest.mark.parametrize("rung", ["bubblewrap", "landlock"])
async def test_network_is_there_when_the_policy_allows_it(
    rung: str, neighbors: Mapping[str, str], rungs: dict[str, Rung]
) -> None:
    if rung not in rungs:
        pytest.skip(f"{rung} does not work here")
    launch = Launch(("/bin/bash", "-c", ATTEMPTS["connects by TCP"]), "/", dict(neighbors))
    confined = rungs[rung].confined(launch, Rules((), has_network=True))
    with anyio.fail_after(20):
        assert await start(confined, Wiring(lambda _: None)).supervise() == 0


DAEMON = """
import os, subprocess, sys
from app_server.core.launch import Launch
from app_server.core.sandbox.bubblewrap import find_bubblewrap
from app_server.core.sandbox.landlock import find_landlock
from app_server.core.sandbox.mount_points import MountPoints
from app_server.core.sandbox.rules import Rules

behind = "exec 3<> life; setsid sh -c 'echo $$ >&3; exec sleep 300' & exec sleep 300"
script = behind if sys.argv[1] != "landlock" else "exec 3<> life; echo $$ >&3; exec sleep 300"
launch = Launch(("/bin/bash", "-c", script), sys.argv[2], dict(os.environ))
rung = {"bubblewrap": lambda: find_bubblewrap(os.environ, MountPoints()), "landlock": find_landlock, "none": lambda: None}
found = rung[sys.argv[1]]()
if found is not None:
    launch = found.confined(launch, Rules((sys.argv[2],), has_network=False))
quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
started = subprocess.Popen(launch.argv, cwd=launch.cwd, env=launch.env, pass_fds=launch.fds, start_new_session=True, **quiet)
print(started.pid, flush=True)
input()
"""


@pytest.mark.parametrize(("rung", "survives"), [("none", True), ("bubblewrap", False), ("landlock", False)])
async def test_a_command_does_not_outlive_the_daemon(
    rung: str, survives: bool, place: Path, rungs: dict[str, Rung], processes: list[subprocess.Popen[bytes]]
) -> None:
    """A command that lives holds a fifo open: reading it ends when nobody does any more. Landlock promises only the command's
    own end, and not that of what it has left behind."""
    if rung != "none" and rung not in rungs:
        pytest.skip(f"{rung} does not work here")
    work = place / "work"
    os.mkfifo(work / "life")
    daemon = subprocess.Popen(  # noqa: ASYNC220  # the daemon is killed, and nothing else waits for it
        [sys.executable, "-c", DAEMON, rung, str(work)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path.cwd()
    )
    processes.append(daemon)
    assert daemon.stdout is not None
    leader = int(daemon.stdout.readline())
    with (work / "life").open("rb") as life:  # opens when the command has opened it
        sleeper = int(life.readline())  # as its own namespace counts, where it has one
        daemon.kill()
        daemon.wait()
        with anyio.move_on_after(1 if survives else 15) as waited:
            await anyio.wait_readable(life)
        assert waited.cancelled_caught == survives
    if survives:
        os.killpg(leader, signal.SIGKILL)
        os.kill(sleeper, signal.SIGKILL)


def test_there_are_attempts_enough_for_everybody() -> None:
    assert len(FOR_ALL) >= 30
    assert len(FOR_ROOT) >= 8
    assert all(names <= set(ATTEMPTS) for names in NOT_PROMISED.values())
