"""Bytes over a socket: one client's end, and an address at which clients connect.

The socket is read and written directly in the event loop, like a pipe (`descriptor`).
"""

import asyncio
import os
import resource
import socket
from contextlib import suppress

from app_server.transport.descriptor import DescriptorReader, wait_writable

READ_BYTES = 1 << 18
BACKLOG = 1024


class SocketTransport:
    """One client's socket. `written_bytes` tells whether the client takes anything."""

    def __init__(self, client: socket.socket) -> None:
        client.setblocking(False)
        if client.family != socket.AF_UNIX:
            with suppress(OSError):  # the client was quicker
                client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = client
        self._descriptor = client.fileno()
        self._reader = DescriptorReader(self._descriptor, READ_BYTES)
        self.written_bytes = 0

    async def receive(self) -> bytes:
        """Some bytes; empty at the end. Cancel: safe."""
        return await self._reader.receive()

    def send_nowait(self, data: bytes | memoryview) -> int:
        """Write what goes without waiting. Raises: BrokenPipeError."""
        try:
            count = os.write(self._descriptor, data)
        except BlockingIOError:
            return 0
        except OSError as error:  # whatever the network says, the client is gone
            raise BrokenPipeError from error
        self.written_bytes += count
        return count

    async def send(self, data: bytes) -> None:
        """Write all of it. Raises: BrokenPipeError. Cancel: may leave a torn message."""
        view = memoryview(data)
        while view:
            count = self.send_nowait(view)
            view = view[count:]
            if view:
                await wait_writable(self._descriptor)

    def end_output(self) -> None:
        """Write no more; what was written still reaches the client."""
        with suppress(OSError):  # the client was quicker
            self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Let go of the socket."""
        self._reader.close()
        self._socket.close()


def listen_tcp(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises: OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    listener.setblocking(False)
    return listener


async def accept(listener: socket.socket) -> socket.socket:
    """The next client. Raises: OSError, as when there are no descriptors left."""
    client, _ = await asyncio.get_running_loop().sock_accept(listener)
    return client


def allow_many_descriptors() -> None:
    """Let the process have as many descriptors as it may: each client takes one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
