"""Tasks may be started before there is an event loop."""

import anyio
import pytest

from app_server.tasks import Tasks

pytestmark = pytest.mark.anyio


async def test_what_is_started_before_the_loop_runs_when_the_loop_does() -> None:
    tasks, ran = Tasks(), []

    async def run(name: str) -> None:
        ran.append(name)

    tasks.start_soon(run, "early")
    assert tasks.has_waiting
    async with anyio.create_task_group() as group:
        tasks.run_with(group.start_soon)
        tasks.start_soon(run, "late")
    assert (ran, tasks.has_waiting) == (["early", "late"], False)
