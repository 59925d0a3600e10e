"""`app-server proxy`: copies stdin to a running server's socket, and what the server says to stdout.

Raw bytes, both ways: whoever speaks through it asks for the websocket by itself. Source: spec/server.md section 10.
"""

import os
import selectors
import socket
from contextlib import suppress

from app_server.cli import Settings, UsageError
from app_server.cli_options import CONTROL_SOCKET

CHUNK_BYTES = 1 << 16


def proxy(settings: Settings) -> int:
    """Copy until the server closes. Returns the exit code. Raises: UsageError (no server listens there)."""
    path = settings.sock or settings.home / CONTROL_SOCKET
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        try:
            server.connect(str(path.resolve()))  # a long name is a link to a short one
        except OSError as error:
            raise UsageError(f"Error: failed to connect to socket at {path}: {error.strerror or error}", 1) from error
        with suppress(BrokenPipeError, ConnectionResetError):  # either side is gone, so there is nothing left to copy
            _copy(server)
    return 0


def _copy(server: socket.socket) -> None:
    with selectors.DefaultSelector() as sources:
        sources.register(server, selectors.EVENT_READ)
        sources.register(0, selectors.EVENT_READ)
        while True:
            for key, _ in sources.select():
                if key.fileobj is server:
                    data = server.recv(CHUNK_BYTES)
                    if not data:
                        return
                    _write_all(data)
                elif data := os.read(0, CHUNK_BYTES):
                    server.sendall(data)
                else:
                    sources.unregister(0)
                    server.shutdown(socket.SHUT_WR)


def _write_all(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]
