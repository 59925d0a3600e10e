"""Lists of threads: order, pages, filters."""

import os
from pathlib import Path
from typing import Any

import pytest

from app_server.core.catalogue import Catalogue
from app_server.core.clock import Clock, format_uuid7
from app_server.core.list_query import Query, read_place
from app_server.core.listing import ListPage, list_threads
from app_server.core.paging import InvalidCursor
from app_server.core.store.facts import Facts
from app_server.core.store.head import Head
from app_server.core.store.lines import item_completed, task_started
from app_server.core.store.paths import rollout_path
from app_server.core.store.rollout import Rollout
from app_server.core.store.sessions import archive
from app_server.core.store.source_kinds import kinds
from app_server.core.store.user_state import UserState
from protocol.input import TextInput
from protocol.item import UserMessageItem
from tests.core.lab import NOBODY, answers, ids, lab, refusal

START_MS = 1_767_323_045_000


class FilesOnly(Catalogue):
    """A catalogue whose index is never there."""

    def index(self) -> None:
        return None


class Shelf:
    """A home with threads of given times, and lists of it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.catalogue = Catalogue(home)
        self._count = 0

    def put(self, created: int, updated: int | None = None, recency: int | None = None, **members: Any) -> str:
        """A thread, made so many seconds after the start; returns its id."""
        self._count += 1
        made_ms = START_MS + created * 1000 + self._count
        thread_id = format_uuid7(made_ms, self._count.to_bytes(10, "big"))
        words = members.pop("words", "hello")
        head = Head(
            thread_id=thread_id, session_id=thread_id, created_ms=made_ms, **{"cwd": "/w", "model_provider": "p", **members}
        )
        rollout = Rollout(rollout_path(self.home, made_ms, thread_id), Clock())
        rollout.materialize(head.payload())
        began = START_MS // 1000 + (created if recency is None else recency)
        rollout.append(*task_started("t", started_at=began, window=None))
        if words:
            rollout.append(*item_completed(thread_id, "t", UserMessageItem(id="u", content=[TextInput(text=words)])))
        rollout.sync()
        changed = START_MS // 1000 + (created if updated is None else updated)
        os.utime(rollout.path, (changed, changed))
        return thread_id

    def ids(self, **query: Any) -> list[str]:
        """The ids of one page."""
        return [row.facts.head.thread_id for row in self.page(**query).rows]

    def page(self, **query: Any) -> ListPage:
        """The page that the files give and, the same, the index."""
        asked, user_state = Query(**query), UserState(self.home)
        page = list_threads(self.catalogue, user_state, asked)
        assert self.catalogue.index() is not None
        assert page == list_threads(FilesOnly(self.home), user_state, asked)
        return page


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_threads_are_sorted_by_any_of_their_times_in_either_direction(shelf: Shelf) -> None:
    old_but_active = shelf.put(0, updated=900, recency=500)
    middle = shelf.put(100, updated=300, recency=300)
    touched = shelf.put(50, updated=1000, recency=60)
    orders = {
        "created_at": [middle, touched, old_but_active],
        "updated_at": [touched, old_but_active, middle],
        "recency_at": [old_but_active, middle, touched],
    }
    for key, expected in orders.items():
        assert shelf.ids(sort_key=key) == expected
        assert shelf.ids(sort_key=key, is_ascending=True) == expected[::-1]


@pytest.mark.parametrize("key", ["created_at", "updated_at", "recency_at"])
@pytest.mark.parametrize("is_ascending", [False, True])
def test_pages_follow_each_other_without_gaps_also_among_threads_of_one_moment(
    shelf: Shelf, key: str, is_ascending: bool
) -> None:
    for created in (0, 0, 0, 1, 1, 7, 8, 8):
        shelf.put(created, updated=created // 2 + 20, recency=created // 2)
    whole = shelf.ids(sort_key=key, is_ascending=is_ascending)
    assert len(whole) == 8
    got: list[str] = []
    cursor = None
    while cursor is not None or not got:
        page = shelf.page(sort_key=key, is_ascending=is_ascending, limit=3, cursor=cursor)
        got += [row.facts.head.thread_id for row in page.rows]
        cursor = page.next_cursor
    assert got == whole


@pytest.mark.parametrize("key", ["created_at", "updated_at", "recency_at"])
@pytest.mark.parametrize("is_ascending", [False, True])
def test_going_back_begins_with_the_first_thread_of_the_page(shelf: Shelf, key: str, is_ascending: bool) -> None:
    for created in range(6):
        shelf.put(created)
    whole = shelf.ids(sort_key=key, is_ascending=is_ascending)
    first = shelf.page(sort_key=key, is_ascending=is_ascending, limit=3)
    second = shelf.page(sort_key=key, is_ascending=is_ascending, limit=3, cursor=first.next_cursor)
    back = shelf.ids(sort_key=key, is_ascending=not is_ascending, cursor=second.backwards_cursor)
    assert back == whole[3::-1]
    assert shelf.page(cursor="2000-01-01T00:00:00Z").backwards_cursor is None


def test_a_page_reads_no_more_files_than_it_needs(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    for created in range(0, 100, 10):
        shelf.put(created)
    catalogue = FilesOnly(shelf.home)
    read: list[Path] = []
    facts = catalogue.facts

    def counted(path: Path) -> Facts | None:
        read.append(path)
        return facts(path)

    monkeypatch.setattr(catalogue, "facts", counted)
    for key in ("created_at", "updated_at"):
        read.clear()
        assert len(list_threads(catalogue, UserState(shelf.home), Query(sort_key=key, limit=2)).rows) == 2
        assert len(read) == 3


def test_moments_and_words_that_make_no_sense_do_no_harm(shelf: Shelf) -> None:
    late = shelf.put(1, recency=10**25, words="late")
    zero = shelf.put(2, words="a\0b")
    assert shelf.ids(sort_key="recency_at") == [late, zero]
    assert shelf.ids(search_term="a\0b") == [zero]


def test_filters_keep_what_fits(shelf: Shelf) -> None:
    plain = shelf.put(0, words="Apple pie")
    other = shelf.put(1, cwd="/other", model_provider="q", source="exec", words="apple juice")
    child = shelf.put(2, parent_thread_id=plain, source={"subagent": "review"})
    grandchild = shelf.put(3, parent_thread_id=child, source={"subagent": {"thread_spawn": {}}})
    attached = shelf.put(4, is_attached=True, forked_from_id=plain)
    loose = shelf.put(4, is_attached=True)
    silent = shelf.put(5, words="")
    unknown = shelf.put(6, model_provider=None)
    everything = frozenset({"vscode", "exec", "subAgent"})
    assert shelf.ids() == [unknown, plain]
    assert shelf.ids(model_providers=frozenset({"q", ""}), source_kinds=everything) == [unknown, other]
    assert shelf.ids(cwds=frozenset()) == []
    assert shelf.ids(has_unspoken=True) == [unknown, silent, plain]
    assert shelf.ids(source_kinds=everything) == [unknown, grandchild, child, other, plain]
    assert shelf.ids(source_kinds=frozenset({"subAgentReview"})) == [child]
    assert shelf.ids(source_kinds=everything, cwds=frozenset({"/other"})) == [other]
    assert shelf.ids(source_kinds=everything, model_providers=frozenset({"q"})) == [other]
    assert shelf.ids(source_kinds=everything, search_term="pple") == [other, plain]
    assert shelf.ids(source_kinds=everything, search_term="Apple") == [plain]
    assert shelf.ids(source_kinds=everything, excluded=frozenset({other, plain})) == [unknown, grandchild, child]
    assert shelf.ids(source_kinds=everything, parent_id=plain) == [child]
    assert shelf.ids(source_kinds=everything, ancestor_id=plain) == [grandchild, child]
    assert shelf.ids(attached_to_id=plain) == [attached]
    assert shelf.ids(has_attached=True) == [unknown, loose, attached, plain]
    assert shelf.ids(is_archived=True) == []
    for thread_id in (silent, plain):
        archive(shelf.home, thread_id)
    assert shelf.ids(is_archived=True) == [silent, plain]


@pytest.mark.parametrize("cursor", ["", "garbage", "2026-11-23", "2026-11-23T05:41:12", "|x"])
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor) as error:
        read_place(cursor)
    assert error.value.message == f"invalid cursor: {cursor}"


def test_sources_count_as_the_kinds_that_clients_filter_by() -> None:
    assert kinds("mcp") == {"appServer"}
    assert kinds("somebody") == {"unknown"}
    assert kinds({"custom": "x"}) == {"unknown"}
    assert kinds({"subagent": {"other": "x"}}) == {"subAgent", "subAgentOther"}


@pytest.mark.anyio
async def test_loaded_threads_are_listed_with_what_they_do_and_names_are_searched(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1", "2")) as home:
        async with home.talk() as client:
            one, two = [(await home.start(client))["id"] for _ in range(2)]
            assert (await client.request("thread/list"))["data"] == []
            await home.turn(client, one, "apples")
            await home.turn(client, two, "pears")
            await client.request("thread/name/set", {"threadId": two, "name": "Fruit"})
            listed = (await client.request("thread/list"))["data"]
            assert ids(listed) == [two, one]
            assert [(each["status"]["type"], each["canAcceptDirectInput"], each["turns"]) for each in listed] == [
                ("idle", None, [])
            ] * 2
            assert ids((await client.request("thread/list", {"searchTerm": "Fruit"}))["data"]) == [two]
            assert (await client.request("thread/loaded/list"))["data"] == sorted([one, two])
            first = await client.request("thread/loaded/list", {"limit": 1})
            assert (await client.request("thread/loaded/list", {"cursor": first["nextCursor"]}))["data"] == [
                sorted([one, two])[1]
            ]
            assert await refusal(client.request("thread/loaded/list", {"cursor": "zz"})) == "invalid cursor: zz"
        async with home.talk() as client:
            result = await client.request("thread/list", {"limit": 1})
            assert [(each["status"]["type"], each["environments"], each["name"]) for each in result["data"]] == [
                ("notLoaded", None, "Fruit")
            ]
            assert result["readStates"][two]["firstUnread"]["type"] == "turn"
            rest = await client.request("thread/list", {"cursor": result["nextCursor"]})
            assert ids(rest["data"]) == [one]


@pytest.mark.anyio
async def test_threads_of_the_current_provider_are_listed_unless_others_are_asked_for(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1")) as home, home.talk() as client:
        thread_id = (await home.start(client))["id"]
        await home.turn(client, thread_id, "apples")
        other = Shelf(home.home.codex_home).put(0, model_provider="other", words="old apples")
        assert ids((await client.request("thread/list"))["data"]) == [thread_id]
        assert ids((await client.request("thread/list", {"modelProviders": ["other"]}))["data"]) == [other]
        assert ids((await client.request("thread/list", {"modelProviders": []}))["data"]) == [thread_id, other]
        found = (await client.request("thread/search", {"searchTerm": "  APPLES "}))["data"]
        helper = Shelf(home.home.codex_home).put(9, source={"subagent": "review"}, model_provider="mock")
        helpers = await client.request("thread/list", {"sourceKinds": ["subAgent"]})
        assert (ids(helpers["data"]), helpers["readStates"]) == ([helper], {})
        assert ids([each["thread"] for each in found]) == [thread_id, other]


@pytest.mark.anyio
async def test_lists_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    async with lab(tmp_path) as home, home.talk() as client:
        for params, text in (
            ({"originators": ["x"]}, "-32602 originator filtering is not supported by the local app-server"),
            ({"projectId": "p"}, "-32602 project not found: p"),
            ({"sortKey": "section_position"}, "section-position sorting requires a section filter"),
            (
                {"parentThreadId": NOBODY, "ancestorThreadId": NOBODY},
                "parentThreadId and ancestorThreadId are mutually exclusive",
            ),
            ({"includeAttachedThreads": True}, "includeAttachedThreads requires a non-empty searchTerm"),
            ({"cursor": "garbage"}, "invalid cursor: garbage"),
        ):
            assert await refusal(client.request("thread/list", params)) == text
        assert (await refusal(client.request("thread/list", {"excludedThreadIds": ["zz"]}))).startswith(
            "-32602 invalid excluded thread id: "
        )
        assert (await client.request("thread/list", {"sectionId": "s"}))["data"] == []
