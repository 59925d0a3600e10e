"""A login through the user's browser: a server on loopback to which the issuer sends the browser back, with a code.

It serves one login and is gone with it. Nothing that it shows or logs holds the code or a token.
Source: spec/config-auth.md section 5; RFC 8252.
"""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from html import escape
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import anyio
import h11
from anyio.abc import SocketAttribute, SocketStream
from anyio.streams.stapled import MultiListener

from app_server.core.auth.oauth import LoginFailed, authorize_url, new_proof, trade

HOST = "127.0.0.1"
PORT = 1455
"""The port to which the issuer agrees to send browsers back."""
PORT_VARIABLE = "CODEX_APP_SERVER_LOGIN_PORT"
TRIES, BETWEEN_TRIES_S = 10, 0.2
READ_BYTES = 1 << 14
REQUEST_S = 60.0
"""How long a request may take, with the trade of the code for tokens."""


class Callback:
    """The server of one login. Use: `listen`, show the user `auth_url`, `wait`."""

    def __init__(
        self, listener: MultiListener[SocketStream], environment: Mapping[str, str], originator: str, workspaces: str
    ) -> None:
        self._listener = listener
        self._environment = environment
        self._proof = new_proof()
        self._state = secrets.token_urlsafe(32)
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - anyio's, which knows no SQL
        self._redirect_uri = f"http://{HOST}:{port}/auth/callback"
        self._tokens: dict[str, Any] = {}
        self._failure: str | None = None
        self._has_ended = anyio.Event()
        self.auth_url = authorize_url(environment, self._redirect_uri, self._proof, self._state, originator, workspaces)

    @classmethod
    async def listen(cls, environment: Mapping[str, str], originator: str, workspaces: str) -> "Callback":
        """Be ready for the browser. An older login on the same port is asked to make way. Raises: OSError."""
        port = int(environment.get(PORT_VARIABLE) or PORT)
        left = TRIES
        while True:
            try:
                listener = await anyio.create_tcp_listener(local_host=HOST, local_port=port)
            except OSError:
                left -= 1
                if not left:
                    raise
                await ask_to_make_way(port)
                await anyio.sleep(BETWEEN_TRIES_S)
            else:
                return cls(listener, environment, originator, workspaces)

    async def wait(self) -> dict[str, Any]:
        """The tokens, once the user has logged in. Raises: LoginFailed. Cancel: at any time; the port is free then."""
        async with self._listener, anyio.create_task_group() as group:
            group.start_soon(self._listener.serve, self._serve)
            await self._has_ended.wait()
            group.cancel_scope.cancel()
        if self._failure is not None:
            raise LoginFailed(self._failure)
        return self._tokens

    async def close(self) -> None:
        """Nobody will wait."""
        await self._listener.aclose()

    async def _serve(self, stream: SocketStream) -> None:
        """One request of the browser."""
        async with stream:
            with anyio.move_on_after(REQUEST_S):
                request = await read_request(stream)
                if request is None:
                    return
                path, _, query = request.partition("?")
                status, text, is_last = await self._answer(path, dict(parse_qsl(query)))
                with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                    await stream.send(page(status, text))
                if is_last:
                    self._has_ended.set()

    async def _answer(self, path: str, query: Mapping[str, str]) -> tuple[int, str, bool]:
        """The status and the text of the page, and whether the login ends with it."""
        if path == "/cancel":
            self._failure = "Login cancelled"
            return 200, "The login was cancelled.", True
        if path != "/auth/callback":
            return 404, "There is nothing here.", False
        if not secrets.compare_digest(query.get("state", "").encode(), self._state.encode()):
            return 400, "This page does not belong to the login that is under way.", False
        try:
            self._tokens = await self._tokens_for(query)
        except LoginFailed as error:
            self._failure = str(error)
            return 400, f"The login failed. {error}", True
        return 200, "You are logged in. This page can be closed.", True

    async def _tokens_for(self, query: Mapping[str, str]) -> dict[str, Any]:
        if "error" in query:
            raise LoginFailed(query.get("error_description") or query["error"])
        if not query.get("code"):
            raise LoginFailed("The issuer sent no code")
        return await trade(self._environment, query["code"], self._proof.verifier, self._redirect_uri)


async def read_request(stream: SocketStream) -> str | None:
    """The target of a GET, or None for anything else."""
    connection = h11.Connection(h11.SERVER)
    while True:
        try:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(await stream.receive(READ_BYTES))
                continue
        except anyio.EndOfStream:
            return None
        except (h11.RemoteProtocolError, anyio.BrokenResourceError):
            return None
        if not isinstance(event, h11.Request) or event.method != b"GET":
            return None
        return event.target.decode("ascii", "replace")


def page(status: int, text: str) -> bytes:
    """A small page, as a whole answer. It takes the code out of the browser's address line."""
    body = (
        '<!doctype html><meta charset="utf-8"><title>app-server</title>'
        f'<body style="font-family: sans-serif; margin: 4em"><p>{escape(text)}</p>'
        '<script>history.replaceState(null, "", "/")</script>'
    ).encode()
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


async def ask_to_make_way(port: int) -> None:
    """Tell a login that holds the port to end."""
    with anyio.move_on_after(BETWEEN_TRIES_S), suppress(OSError, anyio.BrokenResourceError):
        async with await anyio.connect_tcp(HOST, port) as stream:
            await stream.send(f"GET /cancel HTTP/1.1\r\nHost: {HOST}:{port}\r\nConnection: close\r\n\r\n".encode())
            await stream.receive()
