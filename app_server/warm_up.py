"""Imports what a first turn needs, once a client has started a thread and before it asks for the turn."""

from importlib import import_module

import anyio.to_thread

MODULES = ("app_server.core.turn.loop", "app_server.core.tools.toolbox", "app_server.core.provider.responses")


async def warm_up() -> None:
    """Import in a worker thread: it costs a tenth of a second that nobody should wait for."""
    for name in MODULES:
        await anyio.to_thread.run_sync(import_module, name, abandon_on_cancel=True)
