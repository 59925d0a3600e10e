"""A server that is killed at any moment of a turn has kept all that it had acknowledged, and the thread goes on.

APP_SERVER_CRASHES sets how often it is killed. APP_SERVER_REFERENCE names the reference's program, which then has to make
sense of each file as well.
"""

import os
import random
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from app_server.core.store.reader import read_forward
from app_server.core.store.sessions import stored_files
from tests.support.crash import FREE, NAME, SCRIPT, Kept, check_read, crash, torn
from tests.support.home import Home, make_home
from tests.support.process import spawned
from tests.support.provider import ScriptedProvider
from tests.support.reference import is_there, reference_command

MANY = int(os.environ.get("APP_SERVER_CRASHES", "0"))
MOST_LINES = 300
MOST_DELAY_S = 0.01

MOMENTS = range(MANY or 8)

pytestmark = pytest.mark.anyio


def moment(seed: int) -> tuple[int, float]:
    """After how many lines the server is killed, and how long after that, if there is time for many."""
    chance = random.Random(seed)
    lines = chance.randint(3, MOST_LINES)
    return lines, chance.uniform(0, MOST_DELAY_S) if MANY else 0.0


@pytest.mark.parametrize("seed", MOMENTS)
async def test_what_was_acknowledged_outlives_a_killed_server(seed: int, tmp_path: Path, server_command: Sequence[str]) -> None:
    async with ScriptedProvider(SCRIPT) as provider:
        home = make_home(tmp_path, provider.url)
        kept = await crash(server_command, home, *moment(seed))
        assert kept is not None
        check_file(home, kept)
        if is_there():
            await check_reference(home, kept)
        await check_server(server_command, home, kept)


def check_file(home: Home, kept: Kept) -> None:
    """At most the last line is torn; the numbers of the others go up by one."""
    files = [file.path for file in stored_files(home.codex_home)]
    assert len(files) == (1 if kept.words else len(files)) <= 1
    for path in files:
        warnings: list[str] = []
        ordinals = [line.ordinal for line in read_forward(path, warn=warnings.append)]
        assert ordinals == list(range(len(ordinals)))
        assert len(warnings) == bool(torn(path))


async def check_server(command: Sequence[str], home: Home, kept: Kept) -> None:
    """The next server lists, reads and resumes the thread, and a turn more is taken."""
    async with spawned(command, home) as client:
        await client.initialize()
        if not kept.words:
            return
        (listed,) = (await client.request("thread/list"))["data"]
        assert (listed["id"], listed["preview"]) == (kept.thread_id, "question 0")
        assert listed["name"] in (kept.name, NAME)  # it may have been kept without a word of it
        asked = {"threadId": kept.thread_id}
        check_read(kept, (await client.request("thread/read", {**asked, "includeTurns": True}))["thread"]["turns"])
        resumed = await client.request("thread/resume", {**asked, **FREE})
        check_read(kept, resumed["thread"]["turns"])
        words = [{"type": "text", "text": "what now?"}]
        await client.request("turn/start", {**asked, "input": words})
        ended = await client.wait_notification("turn/completed")
        assert ended["turn"]["status"] == "completed"
        turns = (await client.request("thread/turns/list", {**asked, "itemsView": "full"}))["data"]
        check_read(kept, turns)
        assert turns[0]["id"] == ended["turn"]["id"]


async def check_reference(home: Home, kept: Kept) -> None:
    """The reference reads and resumes a copy of it."""
    copied = Path(shutil.copytree(home.codex_home.parent, home.codex_home.parent.with_name("reference"), symlinks=True))
    there = replace(
        home,
        codex_home=copied / home.codex_home.name,
        environment={**home.environment, "CODEX_HOME": str(copied / home.codex_home.name)},
    )
    async with spawned(reference_command(), there, deadline_s=30) as client:
        await client.initialize()
        if not kept.words:
            return
        (listed,) = (await client.request("thread/list"))["data"]
        assert (listed["id"], listed["preview"]) == (kept.thread_id, "question 0")
        resumed = await client.request("thread/resume", {"threadId": kept.thread_id})
        check_read(kept, resumed["thread"]["turns"], knows_accepted=False)
