"""Memory modes, the files of memories, and the files of old threads."""

from contextlib import closing
from pathlib import Path

import pytest

from app_server.core.store.user_state import UserState
from tests.core.lab import NOBODY, answers, lab, refusal

pytestmark = pytest.mark.anyio


def mode_of(home: Path, thread: str) -> str:
    """The mode that is kept."""
    with closing(UserState(home)) as state:
        return state.memory_modes.of(thread)


async def test_a_threads_memory_mode_is_kept(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1")) as home:
        folder = home.home.codex_home
        async with home.talk() as client:
            thread = (await home.start(client))["id"]
            assert mode_of(folder, thread) == "enabled"
            await client.request("thread/memoryMode/set", {"threadId": thread, "mode": "disabled"})
            assert home.files() == []
            await home.turn(client, thread, "hello")
            assert (await client.request("thread/memory/read", {"threadId": thread})) == {"summary": None}
        assert mode_of(folder, thread) == "disabled"
        async with home.talk() as client:
            await client.request("thread/memoryMode/set", {"threadId": thread, "mode": "enabled"})
            assert mode_of(folder, thread) == "enabled"
            nobody = await refusal(client.request("thread/memoryMode/set", {"threadId": NOBODY, "mode": "enabled"}))
            assert nobody == f"no rollout found for thread id {NOBODY}"
            ephemeral = (await home.start(client, ephemeral=True))["id"]
            refused = await refusal(client.request("thread/memoryMode/set", {"threadId": ephemeral, "mode": "enabled"}))
            assert refused == f"ephemeral thread does not support metadata updates: {ephemeral}"


async def test_a_reset_removes_memories_and_nothing_that_they_point_to(tmp_path: Path) -> None:
    async with lab(tmp_path) as home, home.talk() as client:
        memories, outside = home.home.codex_home / "memories", tmp_path / "outside"
        assert (await client.request("memory/status", {}))["v2Ready"] is True
        (memories / "topics").mkdir(parents=True)
        (memories / "topics" / "one.md").write_text("one")
        (memories / "MEMORY.md").write_text("two")
        outside.mkdir()
        (outside / "mine").write_text("mine")
        (memories / "link").symlink_to(outside)
        assert (await client.request("memory/status", {}))["v2Ready"] is False
        assert await client.request("memory/reset") == {}
        assert (list(memories.iterdir()), (outside / "mine").read_text()) == ([], "mine")
        too_few = await refusal(client.request("memory/status", {"minConsolidatedThreads": 0}))
        assert too_few == "-32602 minConsolidatedThreads must be between 1 and 4096"


async def test_compressing_leaves_files_readable(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1")) as home, home.talk() as client:
        thread = (await home.start(client))["id"]
        await home.turn(client, thread, "hello")
        before = home.files()[0].read_bytes()
        assert await client.request("rollout/compress") == {}
        assert home.files()[0].read_bytes() == before
