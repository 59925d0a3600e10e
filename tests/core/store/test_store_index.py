"""The index of stored threads: it is as the files are, whoever changes them, and never in the way when it can't be."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app_server.core.catalogue import Catalogue
from app_server.core.clock import Clock, format_uuid7
from app_server.core.list_query import Query
from app_server.core.listing import list_threads
from app_server.core.store import facts, index_upkeep, sessions
from app_server.core.store import index as indexing
from app_server.core.store.head import Head, HistoryBase
from app_server.core.store.index import FILE, Index
from app_server.core.store.index_upkeep import Upkeep
from app_server.core.store.lines import item_completed
from app_server.core.store.lock import lock_writer
from app_server.core.store.paths import rollout_path
from app_server.core.store.rollout import Rollout, continue_rollout
from app_server.core.store.user_state import UserState
from protocol.input import TextInput
from protocol.item import UserMessageItem

START_MS = 1_767_323_045_000
DAY_MS = 86_400_000


def thread_id_of(number: int) -> str:
    return format_uuid7(START_MS + number * DAY_MS, number.to_bytes(10, "big"))


def put(home: Path, number: int, words: str = "hello", segment_id: str | None = None, **members: Any) -> Path:
    """A thread, or one more segment of it, made on a day of its own."""
    thread_id, made_ms = thread_id_of(number), START_MS + number * DAY_MS
    head = Head(thread_id=thread_id, session_id=thread_id, created_ms=made_ms, **{"cwd": "/w", "model_provider": "p", **members})
    path = rollout_path(home, made_ms + (1000 if segment_id else 0), thread_id, segment_id)
    rollout = Rollout(path, Clock())
    rollout.materialize(head.payload())
    say(rollout, words)
    return path


def say(rollout: Rollout, words: str) -> None:
    rollout.append(*item_completed("t", "t", UserMessageItem(id="u", content=[TextInput(text=words)])))
    rollout.sync()


def upkeep(index: Index) -> Upkeep:
    return Upkeep(index, Catalogue(index.home).facts)


def listed(catalogue: Catalogue) -> list[str]:
    """The first words of all threads, newest first."""
    page = list_threads(catalogue, UserState(Path("/nowhere")), Query(limit=100))
    return [row.facts.preview for row in page.rows]


@pytest.fixture(autouse=True)
def _thorough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Days that are over are looked at each time."""
    monkeypatch.setattr(index_upkeep, "WALK_S", -1.0)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    made = Catalogue(tmp_path)
    yield made
    made.close()


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times of change are believed at once, and checks for writers without locks are far off."""
    monkeypatch.setattr(index_upkeep, "FRESH_NS", -1)
    monkeypatch.setattr(index_upkeep, "CHECK_S", 3600.0)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read for the index."""
    names: list[str] = []
    real = facts.read_facts

    def counted(path: Path, *arguments: Any, **options: Any) -> Any:
        names.append(path.name)
        return real(path, *arguments, **options)

    monkeypatch.setattr("app_server.core.catalogue.read_facts", counted)
    return names


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files whose times are looked at."""
    paths: list[str] = []
    real = os.stat

    def counted(path: Any, **options: Any) -> os.stat_result:
        if isinstance(path, str):
            paths.append(path)
        return real(path, **options)

    monkeypatch.setattr(os, "stat", counted)
    return paths


def test_a_list_reads_each_file_once_and_after_that_none(tmp_path: Path, catalogue: Catalogue, read: list[str]) -> None:
    names = [put(tmp_path, number, f"n{number}").name for number in range(3)]
    assert listed(catalogue) == ["n2", "n1", "n0"]
    assert read == names
    read.clear()
    assert listed(catalogue) == ["n2", "n1", "n0"]
    assert listed(Catalogue(tmp_path)) == ["n2", "n1", "n0"]
    assert read == []


def test_files_that_come_go_and_move_are_seen(tmp_path: Path, catalogue: Catalogue, read: list[str]) -> None:
    first, second = put(tmp_path, 1, "first"), put(tmp_path, 2, "second")
    assert listed(catalogue) == ["second", "first"]
    put(tmp_path, 3, "third")
    assert listed(catalogue) == ["third", "second", "first"]
    sessions.archive(tmp_path, thread_id_of(3))
    assert listed(catalogue) == ["second", "first"]
    found = catalogue.search(thread_id_of(3))
    assert found is not None
    assert found.is_archived
    sessions.unarchive(tmp_path, thread_id_of(3))
    second.unlink()
    assert listed(catalogue) == ["third", "first"]
    assert catalogue.search(thread_id_of(2)) is None
    first.unlink()
    first.parent.rmdir()
    assert listed(catalogue) == ["third"]


def test_days_that_are_over_are_looked_at_once_in_a_while_and_after_moves_of_our_own(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_upkeep, "WALK_S", 3600.0)
    for number in range(3, 6):
        put(tmp_path, number, f"n{number}")
    assert listed(catalogue) == ["n5", "n4", "n3"]
    put(tmp_path, 0, "n0")
    put(tmp_path, 7, "n7")
    assert listed(catalogue) == ["n7", "n5", "n4", "n3"]
    found = catalogue.search(thread_id_of(0))
    assert found is not None, "a thread that is asked for by its id is looked for everywhere"
    sessions.archive(tmp_path, thread_id_of(3))
    found = catalogue.search(thread_id_of(3))
    assert found is not None
    assert found.is_archived
    catalogue.note_moves()
    assert listed(catalogue) == ["n7", "n5", "n4", "n0"]


@pytest.mark.usefixtures("settled")
def test_what_is_written_under_a_lock_is_seen_while_it_is_held_and_after(
    tmp_path: Path, catalogue: Catalogue, looked_at: list[str]
) -> None:
    quiet, busy = put(tmp_path, 1, "quiet"), put(tmp_path, 2, "")

    def rollouts() -> list[str]:
        found = [path for path in looked_at if path.endswith(".jsonl")]
        looked_at.clear()
        return found

    assert listed(catalogue) == ["quiet"]
    rollouts()
    lock = lock_writer(tmp_path, thread_id_of(2))
    assert listed(catalogue) == ["quiet"]
    assert rollouts() == [str(quiet), str(busy)]
    say(continue_rollout(busy, Clock()), "busy")
    assert listed(catalogue) == ["busy", "quiet"]
    assert rollouts() == [str(busy)]
    lock.release()
    assert listed(catalogue) == ["busy", "quiet"]
    assert rollouts() == [str(quiet), str(busy)]
    assert listed(catalogue) == ["busy", "quiet"]
    assert rollouts() == []


@pytest.mark.usefixtures("settled")
def test_writers_without_locks_are_seen_after_a_while(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, 1, "")
    assert listed(catalogue) == []
    say(continue_rollout(path, Clock()), "hello")
    assert listed(catalogue) == []
    monkeypatch.setattr(index_upkeep, "CHECK_S", 0.0)
    assert listed(catalogue) == ["hello"]


def test_many_changes_are_caught_up_with_bit_by_bit_while_lists_come_from_the_files(
    tmp_path: Path, catalogue: Catalogue, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_upkeep, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(index_upkeep, "BATCH", 3)
    for number in range(7):
        put(tmp_path, number, f"n{number}")
    everything = [f"n{number}" for number in reversed(range(7))]
    assert not catalogue.start_catching_up()
    assert listed(catalogue) == everything
    assert len(read) == 7
    assert Index(tmp_path).names_in("sessions/2026/01/02") == set()
    assert catalogue.start_catching_up()
    assert not catalogue.start_catching_up()  # one is enough
    assert catalogue.catch_up()
    assert len(Index(tmp_path).signatures()) == 3
    assert listed(catalogue) == everything
    assert catalogue.catch_up()
    assert not catalogue.catch_up()
    assert len(read) == 7  # what lists have read is not read again
    assert catalogue.index() is not None
    assert listed(catalogue) == everything


def test_upkeep_stands_back_while_a_list_comes_from_the_files(
    tmp_path: Path, catalogue: Catalogue, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_upkeep, "MOST_AT_ONCE", 0)
    monkeypatch.setattr("app_server.core.catalogue.PATIENCE_S", 60.0)
    put(tmp_path, 1)
    assert catalogue.index() is None
    assert catalogue.start_catching_up()
    stands_back, wait_for = threading.Event(), catalogue._no_lists.wait_for

    def noted(predicate: Any, timeout: float) -> bool:
        stands_back.set()
        return bool(wait_for(predicate, timeout))

    monkeypatch.setattr(catalogue._no_lists, "wait_for", noted)
    upkeep = threading.Thread(target=catalogue.catch_up)
    with catalogue.listing_files():
        upkeep.start()
        assert stands_back.wait(5)
        assert read == []
    upkeep.join(5)
    assert not upkeep.is_alive()
    assert len(read) == 1
    assert catalogue.index() is not None


def test_an_archive_of_many_files_is_caught_up_with_bit_by_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_upkeep, "BATCH", 2)
    for number in range(5):
        put(tmp_path, number)
        sessions.archive(tmp_path, thread_id_of(number))
    index = Index(tmp_path)
    kept = upkeep(index)
    assert [kept.catch_up() for _ in range(3)] == [True, True, False]
    assert len(index.names_in("archived_sessions")) == 5


def test_a_damaged_index_is_made_anew(tmp_path: Path, catalogue: Catalogue) -> None:
    put(tmp_path, 1, "kept")
    (tmp_path / FILE).write_bytes(b"this is no database at all" * 100)
    assert listed(catalogue) == ["kept"]  # from the files
    assert listed(catalogue) == ["kept"]
    assert catalogue.index() is not None


def test_an_index_that_is_damaged_later_is_made_anew(tmp_path: Path) -> None:
    for number in range(40):
        put(tmp_path, number, f"n{number}")
    before = Catalogue(tmp_path)
    everything = listed(before)
    before.close()
    path = tmp_path / FILE
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    catalogue = Catalogue(tmp_path)
    assert listed(catalogue) == everything
    assert listed(catalogue) == everything
    assert catalogue.index() is not None
    catalogue.close()


def test_an_index_of_a_newer_version_is_made_anew(tmp_path: Path, catalogue: Catalogue) -> None:
    put(tmp_path, 1, "kept")
    with closing(sqlite3.connect(tmp_path / FILE)) as newer:
        newer.execute("PRAGMA user_version = 99")
    assert listed(catalogue) == ["kept"]
    assert listed(catalogue) == ["kept"]
    assert catalogue.index() is not None


def test_a_busy_index_is_left_alone_for_a_while(tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "BUSY_MS", 10)
    put(tmp_path, 1, "one")
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        assert listed(catalogue) == ["one"]
        with pytest.raises(indexing.IndexUnusable):
            catalogue.index()
    with pytest.raises(indexing.IndexUnusable):
        catalogue.index()  # it still rests
    monkeypatch.setattr(catalogue._index, "_rests_until", 0.0)
    assert catalogue.index() is not None
    assert listed(catalogue) == ["one"]


def test_a_home_that_can_not_hold_an_index_has_lists_all_the_same(tmp_path: Path, catalogue: Catalogue) -> None:
    (tmp_path / FILE).mkdir()
    put(tmp_path, 1, "one")
    assert listed(catalogue) == ["one"]
    assert catalogue.search(thread_id_of(1)) is not None
    assert not catalogue.catch_up()


def test_looking_a_thread_up_makes_no_index(tmp_path: Path, catalogue: Catalogue) -> None:
    path = put(tmp_path, 1)
    found = catalogue.search(thread_id_of(1))
    assert found is not None
    assert found.path == path
    assert not (tmp_path / FILE).exists()


def test_two_servers_keep_one_index(tmp_path: Path, read: list[str]) -> None:
    one, two = Catalogue(tmp_path), Catalogue(tmp_path)
    put(tmp_path, 1, "first")
    assert listed(one) == listed(two) == ["first"]
    put(tmp_path, 2, "second")
    assert listed(two) == listed(one) == ["second", "first"]
    assert len(read) == 2
    one.close()
    put(tmp_path, 3, "third")
    assert listed(two) == ["third", "second", "first"]
    two.close()


def test_what_was_read_later_is_not_overwritten_by_what_was_read_before(tmp_path: Path) -> None:
    path = put(tmp_path, 1, "")
    one, two = Index(tmp_path), Index(tmp_path)
    early = upkeep(one)._read(str(path.parent.relative_to(tmp_path)), path.name)
    say(continue_rollout(path, Clock()), "hello")
    late = upkeep(two)._read(str(path.parent.relative_to(tmp_path)), path.name)
    assert early is not None
    assert late is not None
    for index, row in ((two, late), (one, early)):
        index.write(indexing.Changes([row], [], {}, []))
    assert one.query("SELECT preview FROM files") == [("hello",)]


def test_the_newest_file_of_a_thread_is_the_one_that_is_listed(tmp_path: Path, catalogue: Catalogue) -> None:
    old = put(tmp_path, 1, "old")
    assert listed(catalogue) == ["old"]
    new = put(tmp_path, 1, "new", segment_id=thread_id_of(99))
    assert listed(catalogue) == ["new"]
    found = catalogue.search(thread_id_of(1))
    assert found is not None
    assert found.path == new
    new.unlink()
    assert listed(catalogue) == ["old"]
    found = catalogue.search(thread_id_of(1))
    assert found is not None
    assert found.path == old


def test_threads_that_continue_another_one_are_known_with_their_words(tmp_path: Path, catalogue: Catalogue) -> None:
    put(tmp_path, 1, "asked first")
    base = HistoryBase(thread_id_of(1), 2)
    put(tmp_path, 2, "", base=base, forked_from_id=thread_id_of(1))
    put(tmp_path, 3, "other")
    assert listed(catalogue) == ["other", "asked first", "asked first"]
    assert catalogue.references_to(thread_id_of(1)) == sessions.references_to(tmp_path, thread_id_of(1)) == [thread_id_of(2)]
    assert catalogue.references_to(thread_id_of(3)) == []


def test_files_that_hold_no_thread_are_looked_at_once(tmp_path: Path, catalogue: Catalogue, read: list[str]) -> None:
    good = put(tmp_path, 1, "good")
    bad = good.with_name(good.name.replace(thread_id_of(1), thread_id_of(2)))
    bad.write_bytes(b"{}\n")
    pipe = good.with_name(good.name.replace(thread_id_of(1), thread_id_of(3)))
    os.mkfifo(pipe)
    assert listed(catalogue) == ["good"]
    assert len(read) == 3
    read.clear()
    assert listed(catalogue) == ["good"]
    assert read == []
    bad.write_bytes(good.read_bytes())
    lock_writer(tmp_path, thread_id_of(2))
    assert len(listed(catalogue)) == 2
    assert read == [bad.name]


def test_halves_of_characters_do_no_harm(tmp_path: Path, catalogue: Catalogue) -> None:
    path = put(tmp_path, 1, "")
    with path.open("ab") as file:
        file.write(
            b'{"timestamp":"2026-01-02T03:04:05.000Z","ordinal":9,"type":"event_msg","payload":'
            b'{"type":"user_message","message":"half \\ud800 one"}}\n'
        )
    assert listed(catalogue) == ["half \ufffd one"]
    assert catalogue.index() is not None


def test_a_change_within_the_last_moments_proves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert index_upkeep.changed_ns(str(tmp_path)) == index_upkeep.UNKNOWN
    assert index_upkeep.changed_ns(str(tmp_path / "none")) == index_upkeep.MISSING
    monkeypatch.setattr(index_upkeep, "FRESH_NS", -1)
    assert index_upkeep.changed_ns(str(tmp_path)) == tmp_path.stat().st_ctime_ns
