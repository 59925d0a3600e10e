"""Methods without a handler: their params are read all the same, and they never pretend to have done something."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from app_server.core.errors import CallerError
from app_server.methods.unbuilt import NOT_SUPPORTED, UNBUILT, WHY, Reads, Refuses
from app_server.services import Context
from protocol.methods import CLIENT_REQUESTS_BY_NAME
from tests.support.client import Client, RpcError, connected
from tests.support.deterministic import served
from tests.support.home import make_home

NOWHERE = "00000000-0000-4000-8000-000000000000"


@asynccontextmanager
async def client(folder: Path, **capabilities: Any) -> AsyncIterator[Client]:
    async with served(make_home(folder, "http://127.0.0.1:9/v1")) as pipe, connected(pipe) as connection:
        await connection.initialize(**capabilities)
        yield connection


def test_an_effect_that_is_not_built_is_refused_and_not_faked() -> None:
    context: Context = Context(None, None, "agent/clone", lambda _: None)  # type: ignore[arg-type]  # needs neither
    with pytest.raises(CallerError) as caught:
        NOT_SUPPORTED(context, None)
    assert (caught.value.code, caught.value.message) == (-32601, "agent/clone is not supported yet")
    assert caught.value.reason == "not_supported"


async def test_params_are_checked_before_anything_is_said_about_support(tmp_path: Path) -> None:
    async with client(tmp_path) as connection:
        with pytest.raises(RpcError, match="missing field `audio`"):
            await connection.request("thread/realtime/appendAudio", {"threadId": NOWHERE})


async def test_what_is_experimental_stays_so(tmp_path: Path) -> None:
    async with client(tmp_path, experimentalApi=False) as connection:
        with pytest.raises(RpcError, match="memory/reset requires experimentalApi capability"):
            await connection.request("memory/reset")


async def test_reads_of_a_thread_want_the_thread(tmp_path: Path) -> None:
    async with client(tmp_path) as connection:
        with pytest.raises(RpcError, match=f"thread not found: {NOWHERE}"):
            await connection.request("thread/memory/read", {"threadId": NOWHERE})
        started = await connection.request("thread/start")
        thread_id = started["thread"]["id"]
        assert await connection.request("thread/memory/read", {"threadId": thread_id}) == {"summary": None}


async def test_refusals_name_what_was_asked_for(tmp_path: Path) -> None:
    async with client(tmp_path) as connection:
        with pytest.raises(RpcError, match="MCP event subscriptions are only supported for hosted apps"):
            await connection.request(
                "mcpServer/event/stream/start",
                {"threadId": NOWHERE, "server": "docs", "subscriptionId": "a", "name": "n", "arguments": {}},
            )


def test_every_row_says_one_of_three_things() -> None:
    assert set(map(type, UNBUILT.values())) <= {Reads, Refuses}
    assert NOT_SUPPORTED.code == -32601
    for name, outcome in UNBUILT.items():
        row = CLIENT_REQUESTS_BY_NAME[name]
        needs_thread = outcome.of_thread
        assert not needs_thread or row.scope == "thread"


def test_what_is_refused_as_not_supported_has_a_reason() -> None:
    assert set(WHY) == {name for name, outcome in UNBUILT.items() if outcome is NOT_SUPPORTED}
