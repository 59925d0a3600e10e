"""`fs/watch` over a connection."""

from pathlib import Path

import pytest

from tests.app_server.test_methods_fs import client
from tests.support.client import RpcError
from tests.support.home import make_home
from tests.support.websocket import joined, listening


async def test_a_watch_tells_what_changes_until_it_is_ended(tmp_path: Path) -> None:
    async with client(tmp_path) as (connection, work):
        (work / "d").mkdir()
        watched = await connection.request("fs/watch", {"watchId": "1", "path": f"{work}/x/../d/."})
        assert watched == {"path": f"{work}/d"}
        with pytest.raises(RpcError) as caught:
            await connection.request("fs/watch", {"watchId": "1", "path": str(work)})
        assert (caught.value.code, caught.value.message) == (-32600, "watchId already exists: 1")
        await connection.request("fs/watch", {"watchId": "2", "path": str(work / "other")})
        (work / "d" / "f").write_text("f")
        assert await connection.wait_notification("fs/changed") == {"watchId": "1", "changedPaths": [f"{work}/d/f"]}
        assert await connection.request("fs/unwatch", {"watchId": "1"}) == {}
        assert await connection.request("fs/unwatch", {"watchId": "unknown"}) == {}
        (work / "d" / "g").write_text("g")
        (work / "other").write_text("o")
        assert await connection.wait_notification("fs/changed") == {"watchId": "2", "changedPaths": [f"{work}/other"]}
        assert connection.methods(watchId="1") == ["fs/changed"]
        await connection.request("fs/watch", {"watchId": "1", "path": str(work / "d")})  # the name is free again


async def test_a_watch_is_its_connections_and_dies_with_it(tmp_path: Path) -> None:
    home = make_home(tmp_path, "http://127.0.0.1:9/v1")
    async with listening(home) as (server, url), joined(url) as stays:
        async with joined(url) as goes:
            for each in (stays, goes):
                await each.request("fs/watch", {"watchId": "same", "path": str(home.work)})
        (home.work / "f").write_text("f")
        await stays.wait_notification("fs/changed", watchId="same")
        assert len(server.services.watcher()._watches) == 1
        assert "fs/changed" not in goes.methods()
