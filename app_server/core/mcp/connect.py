"""Opening connections: to a program that speaks in lines, and to an address over HTTP."""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Protocol

import anyio
import httpx2
from mcp.client.auth import OAuthFlowError
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.message import SessionMessage
from mcp_types import jsonrpc_message_adapter
from pydantic import ValidationError

from app_server.core.mcp.errors import LoginNeeded, ServerTrouble
from app_server.core.mcp.link import Answer, Link
from app_server.core.mcp.settings import Address

log = logging.getLogger(__name__)
Received = SessionMessage | Exception


class Lines(Protocol):
    """A running program that is spoken with in lines."""

    async def next_line(self) -> bytes | None:
        """The next line; None when the program says nothing any more."""
        ...

    async def send_line(self, line: bytes) -> None:
        """Say a line. Raises: OSError (it listens no more)."""
        ...


@asynccontextmanager
async def to_program(lines: Lines, answer: Answer) -> AsyncIterator[Link]:
    """A connection to a program; it ends with the program, or when the block is left."""
    give, read = anyio.create_memory_object_stream[Received](0)
    write, take = anyio.create_memory_object_stream[SessionMessage](0)
    async with read, write, anyio.create_task_group() as group:
        link = Link(read, write, answer)
        group.start_soon(_read, lines, give)
        group.start_soon(_write, lines, take)
        await group.start(link.run)
        try:
            yield link
        finally:
            group.cancel_scope.cancel()


async def _read(lines: Lines, give: Any) -> None:
    async with give:
        while (line := await lines.next_line()) is not None:
            if not line.strip():
                continue
            try:
                message = jsonrpc_message_adapter.validate_json(line, by_name=False)
            except ValidationError:
                log.warning("an MCP server has written something else than a message: %r", line[:200])
                continue
            try:
                await give.send(SessionMessage(message))
            except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                return


async def _write(lines: Lines, take: Any) -> None:
    async with take:
        async for each in take:
            try:
                await lines.send_line(each.message.model_dump_json(by_alias=True, exclude_unset=True).encode())
            except OSError:
                return  # it listens no more; that it has ended is seen where it is read


@asynccontextmanager
async def to_address(address: Address, answer: Answer, auth: httpx2.Auth | None = None) -> AsyncIterator[Link]:
    """A connection to an address; `auth` adds what the server wants for a login.

    Raises: ServerTrouble (the address can't be reached, or does not take the login).
    """
    try:
        async with _opened(address, answer, auth) as link:
            yield link
    except BaseExceptionGroup as group:
        causes = leaves(group)
        if not all(isinstance(each, httpx2.HTTPError | OAuthFlowError) for each in causes):
            raise
        kind = LoginNeeded if any(isinstance(each, OAuthFlowError) for each in causes) else ServerTrouble
        raise kind(f"handshaking with MCP server failed: {causes[0]}") from None


def leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    """What has gone wrong, without the groups around it."""
    return [leaf for each in group.exceptions for leaf in (leaves(each) if isinstance(each, BaseExceptionGroup) else [each])]


@asynccontextmanager
async def _opened(address: Address, answer: Answer, auth: httpx2.Auth | None) -> AsyncIterator[Link]:
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(
            httpx2.AsyncClient(headers=dict(address.headers), auth=auth, timeout=httpx2.Timeout(30, read=None))
        )
        read, write = await stack.enter_async_context(streamable_http_client(address.url, http_client=client))
        async with anyio.create_task_group() as group:
            link = Link(read, write, answer)
            await group.start(link.run)
            try:
                yield link
            finally:
                group.cancel_scope.cancel()
