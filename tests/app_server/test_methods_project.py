"""Projects and the threads in them."""

from pathlib import Path
from typing import Any

import pytest

from tests.core.lab import FREE, NOBODY, answers, ids, lab, refusal
from tests.support.client import Client, Json

pytestmark = pytest.mark.anyio


async def made(client: Client, name: str, key: str, **params: Any) -> Json:
    """A new project."""
    result = await client.request("project/create", {"name": name, "roots": [], "idempotencyKey": key, **params})
    project: Json = result["project"]
    return project


async def listed(client: Client, **params: Any) -> list[str]:
    """The names of the projects in the order of a list."""
    return [each["name"] for each in (await client.request("project/list", params))["data"]]


async def test_an_attempt_made_twice_makes_one_project_also_over_a_restart(tmp_path: Path) -> None:
    async with lab(tmp_path) as home:
        root = {"path": str(home.home.work)}
        async with home.talk() as client:
            project = await made(client, " Release ", "k", roots=[root], metadata={"a": "1"})
            assert (project["name"], project["roots"], project["metadata"]) == ("Release", [root], {"a": "1"})
            told = await client.wait_notification("project/changed")
            assert told == {"projectId": project["id"], "changeType": "created"}
            assert await made(client, "Other", "k") == project
        async with home.talk() as client:
            assert await made(client, "Other", "k") == project
            await client.request("project/delete", {"projectId": project["id"]})
            assert await refusal(made(client, "Other", "k")) == "-32602 idempotency key refers to deleted project: k"
            for params, text in (
                ({"name": " "}, "project name must not be empty"),
                ({"key": " "}, "idempotencyKey must not be empty"),
                ({"roots": [root, root]}, f"duplicate project root: {root['path']}"),
            ):
                wish: dict[str, Any] = {"name": "N", "key": "k2", **params}
                assert await refusal(made(client, **wish)) == f"-32602 {text}"
            assert await listed(client) == []


async def test_changes_are_told_before_the_answer_and_only_when_there_are_any(tmp_path: Path) -> None:
    async with lab(tmp_path) as home, home.talk() as client:
        project = (await made(client, "A", "a"))["id"]
        await client.wait_notification("project/changed")
        seen = len(client.methods())
        await client.request("project/update", {"projectId": project, "name": " A ", "metadata": {}})
        await client.request("project/update", {"projectId": project})
        await client.request("project/move", {"projectId": project})
        assert client.methods()[seen:] == []
        changed = await client.request("project/update", {"projectId": project, "metadata": {"k": "v"}})
        assert (changed["project"]["metadata"], client.methods()[seen:]) == ({"k": "v"}, ["project/changed"])
        assert await refusal(client.request("project/update", {"projectId": "p"})) == "-32602 project not found: p"
        assert await refusal(client.request("project/read", {"projectId": "p"})) == "-32602 project not found: p"


async def test_projects_are_moved_and_listed_in_either_order_page_by_page(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1", "2")) as home, home.talk() as client:
        a, b, c = [(await made(client, name, name))["id"] for name in "ABC"]
        await client.request("project/move", {"projectId": c, "beforeProjectId": a})
        await client.request("project/move", {"projectId": a})
        assert await listed(client) == ["C", "B", "A"]
        assert await listed(client, sortKey="position", sortDirection="desc") == ["A", "B", "C"]
        for name in (a, b):
            thread = (await home.start(client, projectId=name))["id"]
            await home.turn(client, thread, "hello")
        assert await listed(client, sortKey="recencyAt") == ["B", "A", "C"]
        assert await listed(client, sortKey="recencyAt", sortDirection="asc") == ["A", "B", "C"]
        page = await client.request("project/list", {"limit": 2})
        assert await listed(client, cursor=page["nextCursor"]) == ["A"]
        text = "-32602 invalid project cursor: malformed or mismatched sort anchor"
        assert await refusal(listed(client, cursor=page["nextCursor"], sortKey="recencyAt")) == text
        assert await refusal(listed(client, sortDirection="asc")) == "-32602 sortDirection requires sortKey"
        for params, error in (
            ({"projectId": a, "beforeProjectId": a}, f"project {a} cannot be moved before itself"),
            ({"projectId": a, "beforeProjectId": "x"}, "before project not found: x"),
        ):
            assert await refusal(client.request("project/move", params)) == f"-32602 {error}"


async def test_threads_are_started_imported_forked_and_moved_between_projects(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1", "2")) as home:
        async with home.talk() as client:
            first = await made(client, "A", "a")
            one = (await home.start(client, projectId=first["id"]))["id"]
            nothing = await refusal(client.request("thread/start", {**FREE, "projectId": "p"}))
            assert nothing == "project not found: p"
            assert (await client.request("project/read", {"projectId": first["id"]}))["project"]["recencyAt"] is None
            await home.turn(client, one, "one")
            assert (await client.request("project/read", {"projectId": first["id"]}))["project"]["recencyAt"] is not None
            two = (await home.start(client))["id"]
            await home.turn(client, two, "two")
            wish = {"name": "B", "roots": [], "idempotencyKey": "b"}
            for threads, text in (
                ([NOBODY], f"thread not found: {NOBODY}"),
                (["zz"], "thread not found: zz"),
                ([two, two], f"duplicate thread id: {two}"),
            ):
                assert await refusal(client.request("project/import", {**wish, "threads": threads})) == f"-32602 {text}"
            second = (await client.request("project/import", {**wish, "threads": [two]}))["project"]
            told = await client.wait_notification("thread/project/updated")
            assert told == {"threadId": two, "projectId": second["id"]}
            fork = (await client.request("thread/fork", {"threadId": two, "excludeTurns": True}))["thread"]
            assert fork["projectId"] == second["id"]
            moved = await client.request("thread/metadata/update", {"threadId": one, "projectId": second["id"]})
            assert moved["thread"]["projectId"] == second["id"]
        async with home.talk() as client:
            assert sorted(ids((await client.request("thread/list", {"projectId": second["id"]}))["data"])) == sorted(
                [one, two, fork["id"]]
            )
            assert ids((await client.request("thread/list", {"projectId": first["id"]}))["data"]) == []
            assert await refusal(client.request("thread/list", {"projectId": "p"})) == "-32602 project not found: p"
            assert (await client.request("thread/resume", {"threadId": one}))["thread"]["projectId"] == second["id"]
            await client.request("project/delete", {"projectId": second["id"]})
            left = [await client.wait_notification("thread/project/updated") for _ in range(3)]
            assert left == [{"threadId": each, "projectId": None} for each in sorted([one, two, fork["id"]])]
            assert (await client.request("thread/read", {"threadId": one}))["thread"]["projectId"] is None
