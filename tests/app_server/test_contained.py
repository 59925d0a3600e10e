"""The background fails without the server failing."""

from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from app_server.contained import starter
from tests.core.lab import answers, lab

pytestmark = pytest.mark.anyio


async def fails(*_: Any) -> None:
    raise ZeroDivisionError("a bug of ours")


async def test_a_bug_in_a_task_ends_that_task_alone_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    ended = anyio.Event()

    async def goes_on() -> None:
        await anyio.lowlevel.checkpoint()
        ended.set()

    async with anyio.create_task_group() as group:
        start = starter(group)
        start(fails)
        start(goes_on)
    assert ended.is_set()
    said = [record for record in caplog.records if "background task fails" in record.message]
    assert [record.exc_info[0] for record in said if record.exc_info] == [ZeroDivisionError]


async def test_a_server_goes_on_when_something_in_its_background_fails(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with lab(tmp_path, answers("one", "two")) as home, home.server() as running, running.client() as client:
        runtime = running.server.services.threads.runtime
        runtime.warm_up = runtime.sync_file = runtime.save_read_state = fails
        thread = await home.start(client)
        await home.turn(client, thread["id"], "go")
        await home.turn(client, thread["id"], "on")
        read = (await client.request("thread/read", {"threadId": thread["id"], "includeTurns": True}))["thread"]
    assert [turn["status"] for turn in read["turns"]] == ["completed", "completed"]
    assert sum("background task fails" in record.message for record in caplog.records) >= 3
