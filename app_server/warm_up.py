"""What is done ahead of the client's wishes: a first turn's modules are imported, the provider is asked for its models, skills
are watched, and MCP servers are started.
"""

import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import anyio
import anyio.to_thread

from app_server.core.config.config import Config

WATCHING = ("app_server.core.watching", "app_server.core.skills.watch")
QUIET_S = 0.05
"""For how long no further thread must have been started before imports take turns with the event loop."""
MODULES = (
    "app_server.core.turn.loop",
    "app_server.core.tools.toolbox",
    "app_server.core.approvals",
    "app_server.core.provider.responses",
)


async def warm_up(last_start_s: Callable[[], float]) -> None:
    """What a first turn needs costs a tenth of a second, which nobody should wait for, nor other threads that are started."""
    for name in MODULES:
        await _wait_quiet(last_start_s)
        await _import(name)


async def ask_for_models(refresher: Callable[[], Any], config: Config) -> None:
    """Ask the provider for its models when the server starts, although a list that another process has got may be fresh."""
    await _import("app_server.core.models.refresh")
    await refresher().refresh(config, is_forced=True)


async def follow_skills(watch: Callable[[], Any], config: Config) -> None:
    """Watch from now on where the skills of a configuration lie."""
    await _import(*WATCHING)
    await watch().follow(config)


async def _import(*names: str) -> None:
    """In a worker thread, what is not there yet."""
    for name in names:
        if name not in sys.modules:
            await anyio.to_thread.run_sync(import_module, name, abandon_on_cancel=True)


async def _wait_quiet(last_start_s: Callable[[], float]) -> None:
    while True:
        rest_s = last_start_s() + QUIET_S - time.monotonic()
        if rest_s <= 0:
            return
        await anyio.sleep(rest_s)


async def load_mcp() -> None:
    """Import what talks with MCP servers: it takes most of a second."""
    for name in ("app_server.core.mcp.connect", "app_server.core.mcp.login"):
        await anyio.to_thread.run_sync(import_module, name, abandon_on_cancel=True)


async def attach_servers(pool: Callable[[], Any], thread: Any) -> None:
    """Start the MCP servers of a thread, once."""
    servers = await anyio.to_thread.run_sync(import_module, "app_server.core.mcp.thread_servers", abandon_on_cancel=True)
    if thread.servers is None:
        servers.attach(thread, pool())
