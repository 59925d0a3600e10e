"""The HTTP connections of a provider: which are used again, and which are closed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import anyio.lowlevel
import httpx
import pytest

from app_server.core.provider import http_client
from app_server.core.provider.http_client import new_client
from tests.core.provider.loopback import CLOSE, HANG, LAST_CHUNK, Loopback, chunk, head, http, loopback

OK = http(200, b"done")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def client_of(*answers: list[object]) -> AsyncIterator[tuple[httpx.AsyncClient, Loopback]]:
    with anyio.fail_after(5):
        async with loopback(*answers) as server, new_client({}) as client:  # type: ignore[arg-type]
            yield client, server


async def ask(client: httpx.AsyncClient, server: Loopback) -> str:
    return (await client.get(server.url)).text


@pytest.mark.anyio
async def test_one_request_after_the_other_uses_one_connection() -> None:
    async with client_of([OK], [OK], [OK]) as (client, server):
        assert [await ask(client, server) for _ in range(3)] == ["done"] * 3
        assert server.connections == 1


@pytest.mark.anyio
async def test_requests_side_by_side_have_a_connection_each_and_these_are_used_again() -> None:
    go = anyio.Event()
    async with client_of([go, OK], [go, OK], [OK], [OK]) as (client, server):
        async with anyio.create_task_group() as tasks:
            for _ in range(2):
                tasks.start_soon(ask, client, server)
            await server.wait_requests(2)
            go.set()
        assert server.connections == 2
        assert [await ask(client, server) for _ in range(2)] == ["done"] * 2
        assert server.connections == 2


@pytest.mark.anyio
async def test_an_answer_that_is_not_read_to_its_end_costs_its_connection_alone() -> None:
    async with client_of([head(), chunk(b"a"), HANG], [OK]) as (client, server):
        async with client.stream("GET", server.url) as response:
            assert response.status_code == 200
        assert await ask(client, server) == "done"
        assert server.connections == 2


@pytest.mark.anyio
async def test_a_connection_that_the_provider_has_closed_meanwhile_is_replaced() -> None:
    async with client_of([head(), chunk(b"a"), LAST_CHUNK, CLOSE], [OK]) as (client, server):
        assert await ask(client, server) == "a"
        while server.streams_open:
            await anyio.lowlevel.checkpoint()
        assert await ask(client, server) == "done"
        assert server.connections == 2


@pytest.mark.anyio
async def test_more_idle_connections_than_allowed_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "IDLE_CONNECTIONS", 1)
    async with client_of([OK], [OK], [OK], [OK]) as (client, server):
        async with client.stream("GET", server.url) as first, client.stream("GET", server.url) as second:
            assert [await first.aread(), await second.aread()] == [b"done"] * 2
        async with client.stream("GET", server.url) as first, client.stream("GET", server.url) as second:
            assert [await first.aread(), await second.aread()] == [b"done"] * 2
        assert server.connections == 3


@pytest.mark.anyio
async def test_a_connection_that_has_waited_for_too_long_is_closed_and_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "IDLE_CONNECTION_S", -1.0)
    async with client_of([OK], [OK]) as (client, server):
        assert [await ask(client, server) for _ in range(2)] == ["done"] * 2
        assert server.connections == 2
