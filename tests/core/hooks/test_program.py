"""Running a hook's command."""

import os
from pathlib import Path

import anyio
import pytest

from app_server.core.hooks.program import KEPT_BYTES, Result, run_program

pytestmark = pytest.mark.anyio
ENVIRONMENT = {"PATH": os.environ["PATH"], "SHELL": "/bin/sh", "MARK": "here"}


async def run(command: str, told: bytes = b"{}", *, cwd: Path = Path("/"), timeout_s: float = 20) -> Result:
    """Run a command."""
    with anyio.fail_after(30):
        return await run_program(command, told, str(cwd), ENVIRONMENT, timeout_s)


async def test_a_command_gets_its_input_folder_and_environment(tmp_path: Path) -> None:
    result = await run('cat; pwd; printf "$MARK" >&2; exit 3', b'{"a":1}\n', cwd=tmp_path)
    assert (result.exit_code, result.stdout, result.stderr) == (3, f'{{"a":1}}\n{tmp_path}\n', "here")


async def test_a_command_that_reads_nothing_is_not_to_blame() -> None:
    assert (await run("exit 0", b"x" * 1_000_000)).exit_code == 0


async def test_a_signal_is_no_exit_code() -> None:
    assert (await run("kill -9 $$")).exit_code is None


async def test_output_is_bounded_and_the_command_ends_all_the_same() -> None:
    result = await run("head -c 3000000 /dev/zero | tr '\\0' x; echo over >&2")
    assert (result.exit_code, len(result.stdout), result.stderr) == (0, KEPT_BYTES, "over\n")


async def test_when_the_time_is_over_the_whole_group_is_killed(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    result = await run(f"sleep 60 & echo $! > {pids}; echo $$ >> {pids}; wait", timeout_s=0.5)
    assert (result.error, result.exit_code) == ("hook timed out after 0.5s", None)
    for pid in map(int, pids.read_text().split()):
        with anyio.fail_after(5):
            while is_running(pid):
                await anyio.lowlevel.checkpoint()


def is_running(pid: int) -> bool:
    """Whether a process is there, and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_a_folder_that_is_gone_is_an_error_and_no_exception(tmp_path: Path) -> None:
    assert (await run("true", cwd=tmp_path / "gone")).error == "No such file or directory (os error 2)"
