"""MCP servers for tests: their configuration, and what becomes of their processes."""

import os
import sys
from pathlib import Path

import anyio

PROGRAM = Path(__file__).with_name("mcp_program.py")


def server_table(name: str = "lab", more: str = "", **environment: str) -> str:
    """The configuration of the small server, with further lines and its environment."""
    lines = [f"[mcp_servers.{name}]", f'command = "{sys.executable}"', f'args = ["{PROGRAM}"]', more]
    if environment:
        lines += [f"[mcp_servers.{name}.env]", *(f'{key} = "{value}"' for key, value in environment.items())]
    return "\n".join(lines) + "\n"


def noted_pids(notes: Path) -> list[int]:
    """The processes that servers have noted."""
    lines = notes.read_text().splitlines() if notes.exists() else []
    return [int(line.removeprefix("pid ")) for line in lines if line.startswith("pid ")]


def is_alive(pid: int) -> bool:
    """Whether a process runs: one that is only not reaped yet does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def wait_gone(*pids: int, deadline_s: float = 20) -> None:
    """Until none of these processes runs. Raises: TimeoutError."""
    with anyio.fail_after(deadline_s):
        for pid in pids:
            try:
                descriptor = os.pidfd_open(pid)
            except ProcessLookupError:
                continue
            try:
                await anyio.wait_readable(descriptor)
            finally:
                os.close(descriptor)
