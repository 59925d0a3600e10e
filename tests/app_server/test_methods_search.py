"""`fuzzyFileSearch` and its sessions over a connection."""

from pathlib import Path
from typing import Any
from unittest.mock import patch

import anyio
import pytest

from app_server.core.file_search import finder
from tests.app_server.test_methods_fs import client
from tests.support.client import Client, RpcError


async def find(connection: Client, query: str, *roots: str, token: str | None = None) -> list[dict[str, Any]]:
    params = {"query": query, "roots": list(roots), "cancellationToken": token}
    files: list[dict[str, Any]] = (await connection.request("fuzzyFileSearch", params))["files"]
    return files


async def test_what_is_found_is_told_with_its_root_as_the_client_spells_it(tmp_path: Path) -> None:
    async with client(tmp_path) as (connection, work):
        (work / "src").mkdir()
        (work / "src" / "beta.rs").write_text("b")
        expected = {"path": "src/beta.rs", "match_type": "file", "file_name": "beta.rs", "score": 65536 + 75 - 23 + 57}
        for root in (str(work), f"{work}/", "."):
            (only,) = await find(connection, "beta", root)
            assert only == {**expected, "root": root, "score": only["score"], "indices": [4, 5, 6, 7]}
            assert only["score"] == 65645
        assert [each["match_type"] for each in await find(connection, "src", str(work))] == ["directory", "file"]
        assert await find(connection, "", str(work)) == await find(connection, "x") == await find(connection, "x", "/none") == []
        both = await find(connection, "beta", str(work), f"{work}/src")
        assert [(each["root"], each["path"]) for each in both] == [(f"{work}/src", "beta.rs")] * 2


async def test_a_search_with_the_same_token_ends_the_older(tmp_path: Path) -> None:
    began, go_on = anyio.Event(), anyio.Event()
    walk = finder.Finder.walk

    async def waiting(self: finder.Finder) -> None:
        if not began.is_set():
            began.set()
            await go_on.wait()
        await walk(self)

    async with client(tmp_path) as (connection, work):
        (work / "f").write_text("f")
        with patch.object(finder.Finder, "walk", waiting):
            params = {"query": "f", "roots": [str(work)], "cancellationToken": "t"}
            older = await connection.send("fuzzyFileSearch", params)
            await began.wait()
            assert len(await find(connection, "f", str(work), token="other")) == 1
            assert len(await find(connection, "f", str(work), token="t")) == 1
            go_on.set()
            assert await connection.response(older) == {"files": []}


async def told(connection: Client, session: str = "s") -> tuple[str, list[str]]:
    """The query and the paths of the last update before a session says that it is complete."""
    start = len([method for method in connection.methods(sessionId=session) if method.endswith("Completed")])
    await connection.wait_notification("fuzzyFileSearch/sessionCompleted", sessionId=session)
    updates = [m["params"] for m in connection.messages if m.get("method") == "fuzzyFileSearch/sessionUpdated"]
    assert start >= 0
    last = [update for update in updates if update["sessionId"] == session][-1]
    return last["query"], [each["path"] for each in last["files"]]


async def test_a_session_answers_each_query_and_knows_what_was_there_when_it_began(tmp_path: Path) -> None:
    async with client(tmp_path) as (connection, work):
        (work / "alpha").write_text("a")
        await connection.request("fuzzyFileSearch/sessionStart", {"sessionId": "s", "roots": [str(work)]})
        assert await told(connection) == ("", [])
        (work / "alphabet").write_text("too late")
        for query, paths in (("al", ["alpha"]), ("al", ["alpha"]), ("zz", []), ("", [])):
            assert await connection.request("fuzzyFileSearch/sessionUpdate", {"sessionId": "s", "query": query}) == {}
            assert await told(connection) == (query, paths)
        await connection.request("fuzzyFileSearch/sessionStart", {"sessionId": "s", "roots": [str(work)]})
        await told(connection)
        await connection.request("fuzzyFileSearch/sessionUpdate", {"sessionId": "s", "query": "al"})
        assert await told(connection) == ("al", ["alpha", "alphabet"])
        assert await connection.request("fuzzyFileSearch/sessionStop", {"sessionId": "s"}) == {}
        assert await connection.request("fuzzyFileSearch/sessionStop", {"sessionId": "s"}) == {}
        with pytest.raises(RpcError, match="fuzzy file search session not found: s"):
            await connection.request("fuzzyFileSearch/sessionUpdate", {"sessionId": "s", "query": "al"})


async def test_while_a_session_walks_it_tells_what_was_found_so_far(tmp_path: Path) -> None:
    go_on = anyio.Event()
    walk = finder.Finder.walk

    async def slowly(self: finder.Finder) -> None:
        await walk(self)
        await go_on.wait()

    with patch.object(finder.Finder, "walk", slowly), patch.object(finder, "TELL_EVERY_S", 0.01):
        async with client(tmp_path) as (connection, work):
            (work / "alpha").write_text("a")
            await connection.request("fuzzyFileSearch/sessionStart", {"sessionId": "s", "roots": [str(work)]})
            await connection.request("fuzzyFileSearch/sessionUpdate", {"sessionId": "s", "query": "al"})
            for _ in range(2):
                update = await connection.wait_notification("fuzzyFileSearch/sessionUpdated", query="al")
            assert [each["path"] for each in update["files"]] == ["alpha"]
            assert "fuzzyFileSearch/sessionCompleted" not in connection.methods()
            go_on.set()
            await connection.wait_notification("fuzzyFileSearch/sessionCompleted")


async def test_a_query_that_was_overtaken_is_not_answered(tmp_path: Path) -> None:
    began, go_on = anyio.Event(), anyio.Event()
    match = finder.Finder.match

    async def slowly(self: finder.Finder, query: str) -> Any:
        hits = await match(self, query)
        if query == "al":
            began.set()
            await go_on.wait()
        return hits

    with patch.object(finder.Finder, "match", slowly):
        async with client(tmp_path) as (connection, work):
            (work / "alpha").write_text("a")
            await connection.request("fuzzyFileSearch/sessionStart", {"sessionId": "s", "roots": [str(work)]})
            await told(connection)
            await connection.request("fuzzyFileSearch/sessionUpdate", {"sessionId": "s", "query": "al"})
            await began.wait()
            await connection.request("fuzzyFileSearch/sessionUpdate", {"sessionId": "s", "query": "alp"})
            go_on.set()
            assert await told(connection) == ("alp", ["alpha"])
            queries = [m["params"]["query"] for m in connection.messages if m.get("method") == "fuzzyFileSearch/sessionUpdated"]
            assert queries == ["", "alp"]


@pytest.mark.parametrize(
    ("params", "code", "message"),
    [
        ({"sessionId": "", "roots": ["/"]}, -32600, "sessionId must not be empty"),
        (
            {"sessionId": "s", "roots": []},
            -32603,
            "failed to start fuzzy file search session: at least one search directory is required",
        ),
    ],
)
async def test_a_session_needs_a_name_and_a_root(tmp_path: Path, params: dict[str, Any], code: int, message: str) -> None:
    async with client(tmp_path) as (connection, _):
        with pytest.raises(RpcError) as caught:
            await connection.request("fuzzyFileSearch/sessionStart", params)
        assert (caught.value.code, caught.value.message) == (code, message)
