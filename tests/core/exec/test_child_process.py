"""Child processes, with real shells: what they print, how they end, and that they always do."""

import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from app_server.core.exec.launch import TerminalSize, Wiring, full_argv
from app_server.core.exec.process import CHUNK_BYTES, TERM_GRACE_S, InputClosed, NoTerminal, Process, start
from app_server.core.launch import Launch

pytestmark = pytest.mark.anyio
DEADLINE_S = 10
ENVIRONMENT = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}


class Printed:
    """What a process has printed so far, to be waited for."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self._more = anyio.Event()

    def __call__(self, data: bytes) -> None:
        self.chunks.append(data)
        self._more.set()
        self._more = anyio.Event()

    @property
    def text(self) -> str:
        return b"".join(self.chunks).decode()

    async def wait_for(self, text: str) -> None:
        while text not in self.text:
            await self._more.wait()

    async def child(self) -> int:
        """The process id in the line `child PID`."""
        while not (found := re.search(r"^child (\d+)\n", self.text, re.MULTILINE)):
            await self._more.wait()
        return int(found.group(1))


def launch(script: str, cwd: Path | str = "/") -> Launch:
    return Launch(("/bin/sh", "-c", script), str(cwd), ENVIRONMENT)


@asynccontextmanager
async def running(
    script: str, printed: Printed | None = None, drain_s: float = 0.1, **options: Any
) -> AsyncIterator[tuple[Process, Printed]]:
    """A supervised process; leaving the block waits for its end."""
    printed = printed or Printed()
    process = start(launch(script), Wiring(printed, **options), drain_s=drain_s)
    with anyio.fail_after(DEADLINE_S):
        async with anyio.create_task_group() as group:
            group.start_soon(process.supervise)
            yield process, printed
            await process.ended.wait()


async def run(script: str, **options: Any) -> tuple[int | None, str]:
    async with running(script, **options) as (process, printed):
        pass
    return process.exit_code, printed.text


def open_files() -> list[str]:
    """The numbers of this process's open files, without that of the look itself."""
    return sorted(entry.name for entry in Path("/proc/self/fd").iterdir() if entry.exists())


async def wait_gone(pid: int) -> None:
    """Until a process that isn't our child has exited."""
    fd = os.pidfd_open(pid)
    try:
        await anyio.wait_readable(fd)
    finally:
        os.close(fd)


async def test_output_and_errors_are_merged_in_the_order_of_their_arrival() -> None:
    assert await run("echo one; echo two >&2; echo three; exit 7") == (7, "one\ntwo\nthree\n")


async def test_errors_can_be_kept_apart() -> None:
    errors = Printed()
    assert await run("echo one; echo two >&2", on_errors=errors) == (0, "one\n")
    assert errors.text == "two\n"


async def test_without_input_a_reader_ends_at_once_whatever_our_own_input_is() -> None:
    ours, (read_end, write_end) = os.dup(0), os.pipe()
    os.dup2(read_end, 0)
    try:
        assert await run("cat; echo done") == (0, "done\n")
    finally:
        os.dup2(ours, 0)
        for fd in (ours, read_end, write_end):
            os.close(fd)


async def test_output_comes_in_chunks_of_at_most_eight_kib() -> None:
    async with running("head -c 100000 /dev/zero") as (_, printed):
        pass
    assert sum(map(len, printed.chunks)) == 100_000
    assert max(map(len, printed.chunks)) == CHUNK_BYTES


async def test_the_process_leads_a_session_of_its_own() -> None:
    async with running("echo ready; read line", has_input=True) as (process, printed):
        await printed.wait_for("ready")
        assert os.getsid(process.pid) == process.pid
        await process.close_input()


async def test_a_signal_shows_as_128_and_its_number() -> None:
    assert await run("kill -9 $$") == (137, "")


async def test_a_signal_in_a_terminal_shows_as_1() -> None:
    assert (await run("kill -9 $$", terminal=TerminalSize()))[0] == 1


async def test_an_exit_is_awaited_after_the_output_is_closed() -> None:
    async with running("exec >&- 2>&-; read line; exit 4", has_input=True) as (process, _):
        await process.close_input()
    assert (process.exit_code, process.is_output_cut) == (4, False)


async def test_input_reaches_the_process_and_can_be_closed() -> None:
    async with running("cat; echo end", has_input=True) as (process, printed):
        await process.write(b"x" * 200_000)
        await process.close_input()
        with pytest.raises(InputClosed):
            await process.write(b"more")
    assert printed.text == "x" * 200_000 + "end\n"


async def test_input_to_a_process_that_does_not_read_it_ends_with_the_process() -> None:
    async with running("exec 0<&-; echo closed", has_input=True) as (process, printed):
        await printed.wait_for("closed")
        with pytest.raises(InputClosed):
            await process.write(b"x" * 1_000_000)


async def test_input_that_waits_for_a_reader_ends_with_the_process() -> None:
    async with running("echo ready; exec sleep 300", has_input=True) as (process, printed):
        await printed.wait_for("ready")

        async def write() -> None:
            with pytest.raises(InputClosed):
                await process.write(b"x" * 1_000_000)

        async with anyio.create_task_group() as group:
            group.start_soon(write)
            await anyio.wait_all_tasks_blocked()
            process.kill()
    assert process.exit_code == 137


async def test_a_terminal_echoes_and_is_the_controlling_one() -> None:
    async with running("read x; echo got-$x >/dev/tty", terminal=TerminalSize()) as (process, printed):
        await process.write(b"ping\n")
    assert (process.exit_code, printed.text) == (0, "ping\r\ngot-ping\r\n")


async def test_a_terminal_has_a_size_that_can_be_changed() -> None:
    async with running("stty size; read x; stty size", terminal=TerminalSize(30, 100)) as (process, printed):
        await printed.wait_for("30 100")
        process.resize(TerminalSize(11, 22))
        await process.write(b"\n")
    assert printed.text.endswith("11 22\r\n")


async def test_without_a_terminal_there_is_nothing_to_resize() -> None:
    async with running("exit 0") as (process, _):
        with pytest.raises(NoTerminal):
            process.resize(TerminalSize(1, 1))


async def test_closing_the_input_of_a_terminal_types_an_end_of_file() -> None:
    async with running("echo ready; cat; echo end", terminal=TerminalSize()) as (process, printed):
        await printed.wait_for("ready")
        await process.write(b"begun")
        await process.close_input()
    assert printed.text.endswith("begun\r\nbegun\r\nend\r\n")


async def test_an_interrupt_reaches_the_whole_group() -> None:
    child = "trap 'echo caught; exit 3' INT; echo ready; while :; do sleep 0.05; done"
    async with running(f"trap : INT; ({child}); echo status $?") as (process, printed):
        await printed.wait_for("ready")
        process.interrupt()
    assert "caught\n" in printed.text
    assert printed.text.endswith("status 3\n")


async def test_terminate_lets_a_command_clean_up() -> None:
    script = "trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.05; done"
    async with running(script) as (process, printed):
        await printed.wait_for("ready")
        await process.terminate()
    assert process.exit_code == 5
    assert printed.text.endswith("bye\n")


async def test_terminate_kills_what_ignores_it() -> None:
    async with running("trap '' TERM; echo ready; while :; do sleep 0.05; done") as (process, printed):
        await printed.wait_for("ready")
        await process.terminate(grace_s=0.2)
    assert process.exit_code == 137


async def test_terminate_kills_children_that_ignore_it_and_hold_no_output() -> None:
    script = "(trap '' TERM; echo deaf; exec >&- 2>&-; exec sleep 300) & echo child $!; wait"
    async with running(script) as (process, printed):
        await printed.wait_for("deaf\n")
        child = await printed.child()
        async with anyio.create_task_group() as group:
            group.start_soon(wait_gone, child)
            await process.terminate(grace_s=0.2)


async def test_a_child_that_keeps_the_output_open_does_not_keep_the_command_running() -> None:
    async with running("sleep 300 & echo child $!") as (process, printed):
        await wait_gone(await printed.child())
    assert (process.exit_code, process.is_output_cut) == (0, True)


async def test_a_child_that_left_the_group_is_not_waited_for() -> None:
    async with running("setsid sleep 300 & echo child $!") as (process, printed):
        pass
    os.kill(await printed.child(), signal.SIGKILL)
    assert (process.exit_code, process.is_output_cut) == (0, True)


async def test_output_after_the_end_of_the_leader_is_still_taken_for_a_while() -> None:
    async with running("echo early; (sleep 0.2; echo late) &", drain_s=DEADLINE_S) as (process, printed):
        pass
    assert (printed.text, process.is_output_cut) == ("early\nlate\n", False)


async def test_cancelling_the_supervision_ends_the_process() -> None:
    printed = Printed()
    process = start(launch("trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.05; done"), Wiring(printed))
    with anyio.fail_after(DEADLINE_S):
        async with anyio.create_task_group() as group:
            group.start_soon(process.supervise)
            await printed.wait_for("ready")
            group.cancel_scope.cancel()
    assert process.ended.is_set()
    assert process.exit_code == 5
    assert printed.text.endswith("bye\n")


async def test_the_taker_of_output_sets_the_pace() -> None:
    sizes = [0]
    is_pacing = False

    def take(data: bytes) -> None:
        assert not is_pacing
        sizes[-1] += len(data)

    async def pace() -> None:
        nonlocal is_pacing
        is_pacing = True
        await anyio.lowlevel.checkpoint()
        is_pacing = False
        sizes.append(0)

    process = start(launch("head -c 300000 /dev/zero"), Wiring(take, pace=pace))
    with anyio.fail_after(DEADLINE_S):
        await process.supervise()
    assert sum(sizes) == 300_000
    assert len(sizes) >= 5


async def test_what_is_left_at_the_end_is_taken_without_pacing() -> None:
    async def no_room() -> None:
        await anyio.Event().wait()

    async with running("echo one; read x; head -c 60000 /dev/zero", pace=no_room, has_input=True) as (process, printed):
        await printed.wait_for("one")
        await process.write(b"\n")
    assert (process.exit_code, sum(map(len, printed.chunks))) == (0, 60_004)


async def test_a_taker_without_room_does_not_draw_out_the_end() -> None:
    async def no_room() -> None:
        await anyio.Event().wait()

    async with running("trap 'echo bye; exit' TERM; echo one; while :; do sleep 0.05; done", pace=no_room) as (process, printed):
        await printed.wait_for("one")
        before = anyio.current_time()
        await process.terminate()
        assert anyio.current_time() - before < TERM_GRACE_S / 2


async def test_output_without_end_does_not_hold_up_others() -> None:
    async with running("yes") as (process, printed):
        await printed.wait_for("y")
        assert await run("echo beside") == (0, "beside\n")
        await process.terminate()


@pytest.mark.parametrize(
    ("what", "error"),
    [
        (Launch(("/nowhere/program",), "/", ENVIRONMENT), FileNotFoundError),
        (Launch(("no-such-program",), "/", ENVIRONMENT), FileNotFoundError),
        (Launch(("/etc/passwd",), "/", ENVIRONMENT), PermissionError),
        (Launch(("/bin/sh",), "/nowhere", ENVIRONMENT), FileNotFoundError),
        (Launch(("/bin/sh", "-c", "a\0b"), "/", ENVIRONMENT), ValueError),
    ],
)
@pytest.mark.parametrize("terminal", [None, TerminalSize()])
def test_what_cannot_be_started_is_told_at_once(what: Launch, error: type[Exception], terminal: TerminalSize | None) -> None:
    before = open_files()
    with pytest.raises(error):
        start(what, Wiring(Printed(), terminal=terminal))
    assert open_files() == before


async def test_an_ended_process_leaves_no_file_open() -> None:
    await run("true", has_input=True, on_errors=Printed())
    before = open_files()
    await run("true", has_input=True, on_errors=Printed())
    await run("true", terminal=TerminalSize())
    assert open_files() == before


DAEMON = """
import anyio, sys
from app_server.core.exec.launch import TerminalSize, Wiring
from app_server.core.launch import Launch
from app_server.core.exec.process import start

async def main():
    terminal = TerminalSize() if sys.argv[1] == "terminal" else None
    launch = Launch(("sh", "-c", "echo $$; exec sleep 300"), "/", {"PATH": "/usr/bin:/bin"})
    process = start(launch, Wiring(lambda data: print(data.decode(), flush=True), terminal=terminal))
    await process.supervise()

anyio.run(main)
"""


@pytest.mark.parametrize("streams", ["pipes", "terminal"])
async def test_children_die_with_a_daemon_that_is_killed(streams: str) -> None:
    if full_argv(Launch(("/bin/sh",), "/", ENVIRONMENT)) == ("/bin/sh",):
        pytest.skip("this machine has no setpriv that knows --pdeathsig")
    with anyio.fail_after(DEADLINE_S):
        async with (
            await anyio.open_process([sys.executable, "-c", DAEMON, streams]) as daemon,
            anyio.create_task_group() as group,
        ):
            assert daemon.stdout
            child = int(await daemon.stdout.receive())
            group.start_soon(wait_gone, child)
            daemon.kill()
