"""What is done ahead of the client's wishes: a first turn's modules are imported, the provider is asked for its models, and
skills are watched.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import anyio.to_thread

from app_server.core.config.config import Config

WATCHING = ("app_server.core.watching", "app_server.core.skills.watch")
MODULES = (
    "app_server.core.turn.loop",
    "app_server.core.tools.toolbox",
    "app_server.core.approvals",
    "app_server.core.provider.responses",
)


async def warm_up() -> None:
    """Import in a worker thread: it costs a tenth of a second that nobody should wait for."""
    for name in MODULES:
        await anyio.to_thread.run_sync(import_module, name, abandon_on_cancel=True)


async def ask_for_models(refresher: Callable[[], Any], config: Config) -> None:
    """Ask the provider for its models when the server starts, although a list that another process has got may be fresh."""
    await anyio.to_thread.run_sync(import_module, "app_server.core.models.refresh", abandon_on_cancel=True)
    await refresher().refresh(config, is_forced=True)


async def follow_skills(watch: Callable[[], Any], config: Config) -> None:
    """Watch from now on where the skills of a configuration lie."""
    for name in WATCHING:
        await anyio.to_thread.run_sync(import_module, name, abandon_on_cancel=True)
    await watch().follow(config)
