"""`fs/watch` and `fs/unwatch`: changes of files and folders, told to the client that asked. A watch ends with its connection.

Source: spec/exec-fs.md section 4.
"""

from typing import Protocol

from app_server.connection import Connection
from app_server.core.config.store import os_text
from app_server.core.errors import INTERNAL_ERROR, CallerError
from app_server.services import Context, Services
from protocol.fs import FsChangedNotification, FsUnwatchParams, FsUnwatchResponse, FsWatchParams, FsWatchResponse

KIND = "watch"


class Ending(Protocol):
    """What is needed of a `Watch`, whose module is loaded when the first is made."""

    def end(self) -> None:
        """Watch no more."""
        ...


class ClientWatch:
    """A client's watch, by the client's name for it."""

    def __init__(self, services: Services, connection: Connection, name: str) -> None:
        self._services = services
        self._connection = connection
        self._name = name
        self._watch: Ending | None = None

    def start(self, path: str) -> None:
        """Begin to watch. Raises: CallerError."""
        try:
            self._watch = self._services.watcher().watch(path, self._tell)
        except OSError as error:
            raise CallerError(os_text(error), code=INTERNAL_ERROR, reason="io_error") from None
        self._services.commands.add(self._connection, KIND, self._name, self)

    def kill(self) -> None:
        """End it."""
        if self._watch is not None:
            self._watch.end()
        self._services.commands.remove(self._connection, KIND, self._name)

    def _tell(self, paths: list[str]) -> None:
        message = FsChangedNotification(watch_id=self._name, changed_paths=paths)
        self._services.fanout.send([self._connection], message)


async def watch(context: Context, params: FsWatchParams) -> FsWatchResponse:
    """Watch a path, which need not exist."""
    services, connection = context.services, context.connection
    if services.commands.find(connection, KIND, params.watch_id, ClientWatch) is not None:
        raise CallerError(
            f"watchId already exists: {params.watch_id}",
            reason="duplicate",
            data={"field": "watchId", "expected": "a name that no other watch of this connection has"},
        )
    if not connection.outbox.is_closed:
        ClientWatch(services, connection, params.watch_id).start(params.path)
    return FsWatchResponse(path=params.path)


def unwatch(context: Context, params: FsUnwatchParams) -> FsUnwatchResponse:
    """End a watch, if there is one of this name; nothing is told about it any more."""
    watch = context.services.commands.find(context.connection, KIND, params.watch_id, ClientWatch)
    if watch is not None:
        watch.kill()
    return FsUnwatchResponse()
