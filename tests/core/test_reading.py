"""A thread's past in pages: turns, items, the timeline, and what was said where."""

from pathlib import Path
from typing import Any

import pytest

from tests.core.lab import NOBODY, Lab, answers, lab, refusal, texts
from tests.support.client import Client, Json

pytestmark = pytest.mark.anyio
COMMAND: list[Any] = ["created", {"call": "exec_command", "arguments": {"cmd": "echo hi"}}, "completed"]


async def three_turns(home: Lab, client: Client) -> tuple[str, list[str]]:
    thread = (await home.start(client))["id"]
    return thread, [await home.turn(client, thread, text) for text in ("one", "two", "three")]


async def pages(client: Client, method: str, params: Json) -> list[list[Json]]:
    """All pages, following nextCursor."""
    found = []
    cursor = None
    while True:
        page = await client.request(method, {**params, "cursor": cursor})
        found.append(page["data"])
        cursor = page["nextCursor"]
        if cursor is None:
            return found


@pytest.mark.parametrize("is_loaded", [True, False])
async def test_turns_come_in_pages_in_both_directions_and_as_much_of_them_as_asked(tmp_path: Path, is_loaded: bool) -> None:
    async with lab(tmp_path, answers("1", "2", "3")) as home:
        async with home.talk() as client:
            thread, turns = await three_turns(home, client)
            if is_loaded:
                await check_turn_pages(client, thread, turns)
        if not is_loaded:
            async with home.talk() as client:
                await check_turn_pages(client, thread, turns)


async def check_turn_pages(client: Client, thread: str, turns: list[str]) -> None:
    for direction, expected in (("desc", turns[::-1]), ("asc", turns)):
        got = await pages(client, "thread/turns/list", {"threadId": thread, "limit": 2, "sortDirection": direction})
        assert [[turn["id"] for turn in page] for page in got] == [expected[:2], expected[2:]]
    middle = await client.request("thread/turns/list", {"threadId": thread, "limit": 1, "sortDirection": "asc"})
    after = {"threadId": thread, "cursor": middle["nextCursor"], "limit": 1, "sortDirection": "asc"}
    second = await client.request("thread/turns/list", after)
    back = {"threadId": thread, "cursor": second["backwardsCursor"], "sortDirection": "desc"}
    assert [turn["id"] for turn in (await client.request("thread/turns/list", back))["data"]] == turns[1::-1]
    for view, expected_texts in (("notLoaded", []), ("summary", ["three", "3"]), ("full", ["three", "3"])):
        page = await client.request("thread/turns/list", {"threadId": thread, "limit": 0, "itemsView": view})
        assert [(turn["itemsView"], texts(turn)) for turn in page["data"]] == [(view, expected_texts)]


async def test_a_summary_is_the_first_words_of_the_user_and_the_last_of_the_model(tmp_path: Path) -> None:
    script = [["created", {"message": "let me see"}, *COMMAND[1:]], *answers("hi it says")]
    async with lab(tmp_path, script) as home, home.talk() as client:
        thread = (await home.start(client))["id"]
        await home.turn(client, thread, "look")
        views = {}
        for view in ("summary", "full"):
            page = await client.request("thread/turns/list", {"threadId": thread, "itemsView": view})
            views[view] = [item["type"] for item in page["data"][0]["items"]]
        assert views["summary"] == ["userMessage", "agentMessage"]
        assert views["full"] == ["userMessage", "agentMessage", "commandExecution", "agentMessage"]


async def test_the_turn_that_runs_is_in_the_list(tmp_path: Path) -> None:
    running: list[Any] = ["created", {"call": "exec_command", "arguments": {"cmd": "sleep 60"}}, "completed"]
    async with lab(tmp_path, [*answers("1"), running]) as home, home.talk() as client:
        thread = (await home.start(client))["id"]
        await home.turn(client, thread, "one")
        turn = await home.begin(client, thread, "two")
        await client.wait_notification("item/started", item__type="commandExecution")
        page = await client.request("thread/turns/list", {"threadId": thread})
        assert [each["status"] for each in page["data"]] == ["inProgress", "completed"]
        assert page["data"][0]["id"] == turn
        whole = (await client.request("thread/read", {"threadId": thread, "includeTurns": True}))["thread"]
        assert [each["status"] for each in whole["turns"]] == ["completed", "inProgress"]


async def test_items_come_in_pages_over_all_turns_or_of_one(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1", "2", "3")) as home, home.talk() as client:
        thread, turns = await three_turns(home, client)
        got = await pages(client, "thread/items/list", {"threadId": thread, "limit": 4})
        assert [len(page) for page in got] == [4, 2]
        entries = [entry for page in got for entry in page]
        assert [entry["turnId"] for entry in entries] == [turn for turn in turns for _ in range(2)]
        assert entries[0]["startedAtMs"] == entries[0]["item"]["startedAtMs"]
        newest = await client.request("thread/items/list", {"threadId": thread, "limit": 1, "sortDirection": "desc"})
        assert newest["data"] == entries[-1:]
        of_one = {"threadId": thread, "turnId": turns[1]}
        assert (await client.request("thread/items/list", of_one))["data"] == entries[2:4]
        anchor = {"type": "item", "itemId": entries[3]["item"]["id"]}
        assert (await client.request("thread/items/list", {**of_one, "cursor": anchor}))["data"] == entries[3:4]
        assert (await refusal(client.request("thread/items/list", {"threadId": thread, "cursor": anchor}))).startswith("-32602")
        wanted = {**of_one, "itemIds": [entries[3]["item"]["id"], "nobody", entries[0]["item"]["id"]]}
        assert (await client.request("thread/items/read", wanted))["data"] == entries[3:4]
        none = await refusal(client.request("thread/items/read", {**of_one, "itemIds": []}))
        assert none == "itemIds must contain 1 to 100 IDs"


async def test_the_timeline_ends_with_the_newest_and_goes_back_page_by_page(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1", "2", "3")) as home, home.talk() as client:
        thread, turns = await three_turns(home, client)
        got = await pages(client, "thread/timeline/list", {"threadId": thread, "limit": 5})
        assert [len(page) for page in got] == [5, 5, 2]
        events = [event for page in reversed(got) for event in page]
        kinds = ["turnStarted", "item", "item", "turnCompleted"]
        assert [(event["type"], event["turnId"]) for event in events] == [(kind, turn) for turn in turns for kind in kinds]
        assert [event["position"] for event in events] == sorted(event["position"] for event in events)
        bad = await refusal(client.request("thread/timeline/list", {"threadId": thread, "cursor": "zz"}))
        assert bad == "invalid thread timeline cursor"


async def test_cursors_of_other_lists_and_nonsense_are_refused(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1", "2", "3")) as home, home.talk() as client:
        thread, _ = await three_turns(home, client)
        items = (await client.request("thread/items/list", {"threadId": thread, "limit": 1}))["nextCursor"]
        turns = (await client.request("thread/turns/list", {"threadId": thread, "limit": 1}))["nextCursor"]
        for method, cursor in (
            ("thread/turns/list", items),
            ("thread/items/list", turns),
            ("thread/turns/list", "zz"),
            ("thread/turns/list", '{"turnId":"x","includeAnchor":true}'),
            ("thread/turns/list", '{"rolloutOrdinal":"1","includeAnchor":true,"scope":{"kind":"turns"}}'),
            ("thread/items/list", "[]"),
        ):
            assert await refusal(client.request(method, {"threadId": thread, "cursor": cursor})) == f"invalid cursor: {cursor}"


async def test_threads_without_turns_answer_as_clients_know_it(tmp_path: Path) -> None:
    async with lab(tmp_path) as home, home.talk() as client:
        ephemeral = (await home.start(client, ephemeral=True))["id"]
        assert await refusal(client.request("thread/turns/list", {"threadId": ephemeral})) == (
            "ephemeral threads do not support thread/turns/list"
        )
        assert await refusal(client.request("thread/read", {"threadId": ephemeral, "includeTurns": True})) == (
            "ephemeral threads do not support includeTurns"
        )
        fresh = (await home.start(client))["id"]
        assert (await refusal(client.request("thread/turns/list", {"threadId": fresh}))).startswith(
            f"thread {fresh} is not materialized yet"
        )
        read = {"threadId": fresh, "includeTurns": True}
        for method, params in (("thread/read", read), ("thread/turns/list", {"threadId": fresh})):
            assert await refusal(client.request(method, params)) == "-32601 list_turns is not supported yet"
        assert (await client.request("thread/fork", {"threadId": fresh}))["thread"]["turns"] == []
        older = (await home.start(client, historyMode="legacy"))["id"]
        for method, params in (("thread/read", {"includeTurns": True}), ("thread/turns/list", {})):
            told = await refusal(client.request(method, {"threadId": older, **params}))
            assert told.startswith(f"thread {older} is not materialized yet; ")
        named = (await home.start(client))["id"]
        await client.request("thread/name/set", {"threadId": named, "name": "Named"})
        assert (await client.request("thread/turns/list", {"threadId": named}))["data"] == []
        assert await refusal(client.request("thread/turns/list", {"threadId": NOBODY})) == f"thread not loaded: {NOBODY}"
        assert await refusal(client.request("thread/items/list", {"threadId": NOBODY})) == (
            "-32601 thread/items/list is not supported yet"
        )


async def test_words_are_found_in_all_threads_whatever_their_case_and_shown_in_their_context(tmp_path: Path) -> None:
    long = "x" * 60 + "NEEDLE" + "y" * 120
    async with lab(tmp_path, answers(long, "nothing")) as home, home.talk() as client:
        first = (await home.start(client))["id"]
        await home.turn(client, first, "where is it?")
        second = (await home.start(client))["id"]
        await home.turn(client, second, "the needle, please")
        found = (await client.request("thread/search", {"searchTerm": "needle"}))["data"]
        assert [(each["thread"]["id"], each["snippet"]) for each in found] == [
            (second, "the needle, please"),
            (first, "... " + "x" * 49 + "NEEDLE" + "y" * 96 + " ..."),
        ]
        page = await client.request("thread/search", {"searchTerm": "needle", "limit": 1})
        rest = await client.request("thread/search", {"searchTerm": "needle", "cursor": page["nextCursor"]})
        assert [each["thread"]["id"] for each in rest["data"]] == [first]
        assert (await client.request("thread/search", {"searchTerm": "haystack"}))["data"] == []
        assert "non-empty searchTerm" in await refusal(client.request("thread/search", {"searchTerm": " "}))


async def test_every_place_of_words_in_a_thread_is_found_one_after_the_other(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("Aha, a banana")) as home, home.talk() as client:
        thread = (await home.start(client))["id"]
        turn = await home.turn(client, thread, "an apple")
        got = await pages(client, "thread/searchOccurrences", {"threadId": thread, "searchTerm": "a", "limit": 3})
        assert [len(page) for page in got] == [3, 3, 2]
        places = [place for page in got for place in page]
        assert {place["turnId"] for place in places} == {turn}
        for place in places:
            found = place["snippetMatchRange"]
            assert place["snippet"][found["start"] : found["end"]].lower() == "a"
        page = await client.request("thread/turns/list", {"threadId": thread, "cursor": places[0]["turnCursor"]})
        assert [each["id"] for each in page["data"]] == [turn]
        bad = await refusal(client.request("thread/searchOccurrences", {"threadId": thread, "searchTerm": "a", "cursor": "{}"}))
        assert bad == "invalid cursor: {}"
