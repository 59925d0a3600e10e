"""The boundary of a task in the background: a bug of ours ends the task that it is in, never the server, and the log says so.

Requests and turns have boundaries of their own, which tell clients too.
"""

import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from anyio.abc import TaskGroup

from app_server.tasks import TaskStarter

log = logging.getLogger(__name__)


def starter(group: TaskGroup) -> TaskStarter:
    """Starts tasks in a group that do not end the group by failing."""

    def start(function: Callable[..., Awaitable[Any]], /, *arguments: Any) -> None:
        group.start_soon(contained, function, *arguments)

    return start


async def contained(function: Callable[..., Awaitable[Any]], *arguments: Any) -> None:
    """Run `function(*arguments)`; if it raises, nothing but itself has ended. Cancelling it goes through."""
    try:
        await function(*arguments)
    except Exception as failure:  # the task's boundary
        name = getattr(function, "__qualname__", None) or repr(function)
        log.error("internal error %s in the background task %s", secrets.token_hex(4), name, exc_info=failure)
