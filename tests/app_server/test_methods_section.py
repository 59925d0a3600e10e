"""The sections that users sort threads into."""

from pathlib import Path
from typing import Any

import pytest

from app_server.core.store.places import PINNED_ID
from tests.core.lab import NOBODY, answers, failure, ids, lab, refusal
from tests.support.client import Client

pytestmark = pytest.mark.anyio


async def made(client: Client, name: str, **look: Any) -> str:
    """The id of a new section."""
    section_id: str = (await client.request("threadSection/create", {"name": name, **look}))["section"]["id"]
    return section_id


async def put(client: Client, thread: str, section: str | None, before: str | None = None) -> None:
    """Move a thread."""
    await client.request("thread/section/move", {"threadId": thread, "sectionId": section, "beforeThreadId": before})


async def order(client: Client, section: str, **params: Any) -> list[str]:
    """The threads of a section in its order."""
    result = await client.request("thread/list", {"sectionId": section, "sortKey": "section_position", **params})
    return ids(result["data"])


async def test_sections_stand_in_the_order_in_which_they_were_made_behind_the_pinned_one(tmp_path: Path) -> None:
    async with lab(tmp_path) as home:
        async with home.talk() as client:
            names = [f"section {number}" for number in range(7)]
            for name in names:
                await made(client, f"  {name} ")
            first = await client.request("threadSection/list", {"limit": 3})
            assert [each["name"] for each in first["data"]] == ["Pinned", *names[:2]]
            rest = await client.request("threadSection/list", {"cursor": first["nextCursor"]})
            assert ([each["name"] for each in rest["data"]], rest["nextCursor"]) == (names[2:], None)
            assert (await client.request("threadSection/list", {"cursor": "zz"}))["data"] == []
        async with home.talk() as client:
            again = (await client.request("threadSection/list", {}))["data"]
            assert [each["name"] for each in again] == ["Pinned", *names]


async def test_a_section_is_renamed_and_keeps_its_look_unless_it_is_named(tmp_path: Path) -> None:
    async with lab(tmp_path) as home, home.talk() as client:
        look = {"icon": "star", "color": None}
        section = await made(client, "Work", appearance=look)
        renamed = await client.request("threadSection/update", {"sectionId": section, "name": " Home "})
        assert renamed["section"] == {"id": section, "name": "Home", "appearance": look}
        plain = await client.request("threadSection/update", {"sectionId": section, "name": "Home", "appearance": None})
        assert plain["section"]["appearance"] is None
        for params, text in (
            ({"sectionId": section, "name": " "}, "-32602 section name must not be empty"),
            ({"sectionId": PINNED_ID, "name": "x"}, "-32602 the built-in pinned section cannot be renamed"),
            ({"sectionId": "nope", "name": "x"}, "-32602 thread section not found: nope"),
        ):
            assert await refusal(client.request("threadSection/update", params)) == text
        pinned = await refusal(client.request("threadSection/delete", {"sectionId": PINNED_ID}))
        assert pinned == "-32602 the built-in pinned section cannot be deleted"


async def test_threads_are_put_before_others_and_keep_their_order_over_a_restart(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1", "2")) as home:
        async with home.server() as server, server.client() as client, server.client() as other:
            section = await made(client, "Work")
            one, two, silent = [(await home.start(client))["id"] for _ in range(3)]
            await home.turn(client, one, "one")
            await home.turn(client, two, "two")
            await put(client, one, section)
            assert await other.wait_notification("thread/section/changed") == {"threadId": one, "sectionId": section}
            await put(client, two, section, one)
            await put(client, silent, section)
            entered = (await client.request("thread/read", {"threadId": one}))["thread"]
            assert entered["section"]["name"] == "Work"
            assert isinstance(entered["sectionEnteredAt"], int)
            await put(client, one, section, two)
            again = (await client.request("thread/read", {"threadId": one}))["thread"]
            assert again["sectionEnteredAt"] == entered["sectionEnteredAt"]
        async with home.talk() as client:
            assert await order(client, section) == [one, two, silent]
            assert await order(client, section, sortDirection="desc") == [silent, two, one]
            page = await client.request(
                "thread/list", {"sectionId": section, "sortKey": "section_position", "limit": 2, "sortDirection": "asc"}
            )
            assert await order(client, section, cursor=page["nextCursor"]) == [silent]
            back = await order(client, section, cursor=page["backwardsCursor"], sortDirection="desc")
            assert back == [one]
            assert await refusal(order(client, section, cursor="zz")) == "invalid cursor: zz"
            assert sorted(ids((await client.request("thread/list", {"sectionId": section}))["data"])) == sorted(
                [one, two, silent]
            )
            assert sorted(ids((await client.request("thread/list", {}))["data"])) == sorted([one, two])
            resumed = await client.request("thread/resume", {"threadId": two})
            assert resumed["thread"]["section"]["id"] == section


async def test_what_cant_be_moved_is_refused_and_nothing_has_moved(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1", "2")) as home, home.talk() as client:
        section, other = await made(client, "A"), await made(client, "B")
        one, two = [(await home.start(client))["id"] for _ in range(2)]
        await home.turn(client, one, "one")
        await home.turn(client, two, "two")
        await put(client, one, section)
        ephemeral = (await home.start(client, ephemeral=True))["id"]
        for thread, into, before, text in (
            (two, section, two, f"thread {two} cannot be moved before itself"),
            (two, other, one, f"before thread {one} is not in section {other}"),
            (two, None, one, "beforeThreadId requires a non-null sectionId"),
            (two, "nope", None, "section nope does not exist"),
            (NOBODY, section, None, f"thread not found: {NOBODY}"),
            (ephemeral, section, None, f"ephemeral thread does not support section moves: {ephemeral}"),
        ):
            assert await refusal(put(client, thread, into, before)) == text
        assert (await order(client, section), await order(client, other)) == ([one], [])


async def test_threads_outlive_their_section_and_leave_it_when_they_are_deleted(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1", "2")) as home, home.talk() as client:
        section = await made(client, "A")
        one, two = [(await home.start(client))["id"] for _ in range(2)]
        await home.turn(client, one, "one")
        await home.turn(client, two, "two")
        await put(client, one, section)
        await put(client, two, section)
        await client.request("thread/delete", {"threadId": two})
        assert await order(client, section) == [one]
        await client.request("threadSection/delete", {"sectionId": section})
        read = (await client.request("thread/read", {"threadId": one}))["thread"]
        assert (read["section"], read["sectionEnteredAt"]) == (None, None)
        assert await order(client, section) == []
        gone = await failure(client.request("threadSection/delete", {"sectionId": section}))
        assert (gone.code, gone.data["reason"]) == (-32602, "not_found")
