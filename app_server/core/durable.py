"""Work that waits for the disk, done in worker threads: the event loop goes on meanwhile, and the server's end waits for it."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import anyio.to_thread

from app_server.core.catalogue import catalogue_of, user_state_of
from app_server.core.store.errors import StoreError
from app_server.core.store.rollout import sync_descriptor
from app_server.core.thread import Thread
from app_server.core.threads import Threads

T = TypeVar("T")
log = logging.getLogger(__name__)


async def in_worker(function: Callable[..., T], *arguments: object) -> T:
    """Do something that waits for the disk."""
    return await anyio.to_thread.run_sync(function, *arguments)


async def sync_file(descriptor: int, path: str) -> None:
    """Put what was written to a file on the disk, and close it."""
    try:
        await anyio.to_thread.run_sync(sync_descriptor, descriptor, Path(path))
    except StoreError as error:
        log.error("%s", error)


async def save_read_state(thread: Thread) -> None:
    """Write what the user has read of a thread.

    The state is looked at when it is written: of two of these, whichever comes last writes the newest.
    """

    def save() -> None:
        mark = thread.read_mark
        user_state_of(thread.runtime).put_read_state(thread.id, mark.first_unread, mark.revision)

    await anyio.to_thread.run_sync(save)


async def catch_up(threads: Threads) -> None:
    """Bring the index of stored threads up to date, bit by bit, unless the server ends."""
    catalogue = catalogue_of(threads.runtime)
    while not threads.is_ending and await anyio.to_thread.run_sync(catalogue.catch_up):
        pass
