"""Where a browser comes back to after a login at an MCP server: a server on loopback for one login."""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import parse_qsl

import anyio
from anyio.abc import SocketAttribute, SocketStream
from anyio.streams.stapled import MultiListener

from app_server.core.auth.browser import HOST, REQUEST_S, page, read_request


class Callback:
    """Use: `listen`, give `redirect` away, `serve` as a task, `wait`."""

    def __init__(self, listener: MultiListener[SocketStream]) -> None:
        self._listener = listener
        self._path = f"/callback/{secrets.token_urlsafe(9)}"
        self._query: Mapping[str, str] = {}
        self._has_come = anyio.Event()
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - anyio's, which knows no SQL
        self.redirect = f"http://{HOST}:{port}{self._path}"

    @classmethod
    async def listen(cls, port: int | None) -> "Callback":
        """Be ready for the browser, at this port or at any. Raises: OSError."""
        return cls(await anyio.create_tcp_listener(local_host=HOST, local_port=port or 0))

    async def serve(self) -> None:
        """Answer browsers. Cancel: ends it; the port is free then."""
        async with self._listener:
            await self._listener.serve(self._answer)

    async def wait(self) -> Mapping[str, str]:
        """What the browser has come back with."""
        await self._has_come.wait()
        return self._query

    async def _answer(self, stream: SocketStream) -> None:
        async with stream:
            with anyio.move_on_after(REQUEST_S):
                request = await read_request(stream)
                if request is None:
                    return
                path, _, query = request.partition("?")
                is_ours = path == self._path
                text = "You can go back to where you came from." if is_ours else "There is nothing here."
                with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                    await stream.send(page(200 if is_ours else 404, text))
                if is_ours:
                    self._query = dict(parse_qsl(query))
                    self._has_come.set()
