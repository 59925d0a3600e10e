"""Finding, listing, moving and deleting stored threads, and their names."""

import os
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app_server.core.clock import Clock
from app_server.core.store import lines
from app_server.core.store.errors import StoreError
from app_server.core.store.facts import Facts, read_facts
from app_server.core.store.names import forget_name, set_name, thread_names
from app_server.core.store.paths import parse_name, rollout_path
from app_server.core.store.rollout import Rollout
from app_server.core.store.segment import base_at_end
from app_server.core.store.sessions import (
    archive,
    delete,
    find_segment,
    find_thread,
    references_to,
    stored_files,
    stored_threads,
    unarchive,
)
from app_server.core.store.settings import StoredSettings
from protocol.input import TextInput
from protocol.item import UserMessageItem
from protocol.sandbox import ReadOnly

FORKED = "01a20e25-462a-70d3-b39e-23df7c89a64d"
FORK = "01a20e25-4799-72b1-8b5a-726522cc8660"
REVERTED = "01a20e25-4c1c-7382-970d-7face39284e7"
REVERT = "01a20e25-4dac-78b0-971c-2485daa8d8bd"


def facts_in(home: Path, path: Path) -> Facts:
    return read_facts(path, partial(find_segment, home))


def test_threads_are_listed_newest_first_each_with_its_current_file(reference_home: Path) -> None:
    (reference_home / "sessions/2026/11/24/notes.txt").write_text("no thread")
    (reference_home / "sessions/odd/11").mkdir(parents=True)
    files = list(stored_files(reference_home))
    names = [file.path.name for file in files]
    assert names == sorted(names, reverse=True)
    threads = list(stored_threads(reference_home))
    assert len(threads) == len(files) - 1 == len({file.name.thread_id for file in files})
    assert find_thread(reference_home, REVERTED) == find_segment(reference_home, REVERT)
    first = find_segment(reference_home, REVERTED)
    assert first is not None
    assert first.name.endswith(f"-{REVERTED}.jsonl")
    assert find_thread(reference_home, "01a20e25-0000-7000-8000-000000000000") is None
    assert list(stored_threads(reference_home, is_archived=True)) == []
    assert list(stored_threads(reference_home / "nowhere")) == []


def test_an_archived_thread_moves_with_all_its_files_and_back(reference_home: Path) -> None:
    before = sorted(file.path for file in stored_files(reference_home))
    current = find_thread(reference_home, REVERTED)
    assert current is not None
    assert archive(reference_home, REVERTED) == reference_home / "archived_sessions" / current.name
    assert find_thread(reference_home, REVERTED) is None
    assert find_thread(reference_home, REVERTED, is_archived=True) == reference_home / "archived_sessions" / current.name
    assert find_segment(reference_home, REVERTED) is not None, "what it continues is found in the archive too"
    with pytest.raises(StoreError, match="no file of thread"):
        archive(reference_home, REVERTED)
    assert unarchive(reference_home, REVERTED) == current
    assert sorted(file.path for file in stored_files(reference_home)) == before
    with pytest.raises(StoreError, match="no file of thread"):
        unarchive(reference_home, REVERTED)


def test_a_thread_that_others_continue_is_known_by_its_references(reference_home: Path) -> None:
    assert references_to(reference_home, FORKED) == [FORK]
    assert references_to(reference_home, REVERTED) == [], "its own revert does not count"
    archive(reference_home, FORK)
    assert references_to(reference_home, FORKED) == [FORK]


def test_deleting_removes_all_files_and_the_name(reference_home: Path) -> None:
    set_name(reference_home, REVERTED, "gone", 0)
    set_name(reference_home, FORK, "stays", 0)
    delete(reference_home, REVERTED)
    assert [file for file in stored_files(reference_home) if file.name.thread_id == REVERTED] == []
    assert thread_names(reference_home) == {FORK: "stays"}


def test_the_last_name_wins_and_damaged_lines_are_passed_over(tmp_path: Path) -> None:
    assert thread_names(tmp_path) == {}
    forget_name(tmp_path, "a")
    set_name(tmp_path, "a", "first", 1_795_533_648_610)
    assert (tmp_path / "session_index.jsonl").read_text() == (
        '{"id":"a","thread_name":"first","updated_at":"2026-11-24T15:20:48.610Z"}\n'
    )
    set_name(tmp_path, "b", "bé", 0)
    with (tmp_path / "session_index.jsonl").open("ab") as file:
        file.write(b'not json\n[]\n{"id":"c"}\n{"id":"d","thread_na')
    set_name(tmp_path, "a", "second", 0)
    assert thread_names(tmp_path) == {"a": "second", "b": "bé"}
    forget_name(tmp_path, "a")
    assert thread_names(tmp_path) == {"b": "bé"}


def test_names_of_files(tmp_path: Path, clock: Clock) -> None:
    path = rollout_path(tmp_path, clock.now_ms(), FORK, REVERT)
    name = parse_name(path.name)
    assert name is not None
    assert (name.thread_id, name.segment_id) == (FORK, REVERT)
    assert parse_name(f"rollout-2026-11-24T15-20-55-{FORK}.jsonl.tmp") is None
    assert parse_name(f"rollout-2026-11-24T15-20-55-{FORK}_x.jsonl") is None


# What lists show.


def settings(model: str, effort: str | None = None) -> Any:
    return StoredSettings(
        cwd=f"/{model}",
        runtime_workspace_roots=(f"/{model}",),
        model=model,
        model_provider="lab",
        approval_policy="never",
        approvals_reviewer="user",
        sandbox=ReadOnly(),
        effort=effort,
    )


def say(rollout: Rollout, text: str) -> None:
    part = {"type": "input_text", "text": f"<environment_context>\n{text}"}
    rollout.append(*lines.response_item({"type": "message", "role": "user", "content": [part]}))
    rollout.append(*lines.item_completed("t", "a", UserMessageItem(id="u", content=[TextInput(text=text)])))
    rollout.sync()


def test_facts_come_from_both_ends_of_the_file(begin: Any) -> None:
    rollout = begin(git={"branch": "trunk"})
    rollout.append(*lines.task_started("a", started_at=100, window=None))
    rollout.append(*lines.thread_settings_applied("t", settings("old")))
    say(rollout, "hello\nthere")
    say(rollout, "more")
    rollout.append(*lines.task_started("b", started_at=200, window=None))
    rollout.append(*lines.turn_context("b", settings("new", "high"), effort="high"))
    rollout.append("event_msg", {"type": "noise", "text": "x" * 10_000})
    rollout.sync()
    os.utime(rollout.path, (300, 300))
    facts = facts_in(begin.home, rollout.path)
    assert facts.preview == "hello\nthere"
    assert (facts.model, facts.model_provider, facts.effort, facts.cwd) == ("new", "lab", "high", "/new")
    assert (facts.created_ms, facts.recency_ms, facts.updated_ms) == (facts.head.created_ms, 200_000, 300_000)
    assert facts.head.git == {"branch": "trunk"}
    assert facts.size == rollout.size


def test_a_thread_nobody_has_spoken_in_has_no_preview(begin: Any) -> None:
    rollout = begin()
    rollout.append("response_item", {"type": "message", "role": "user", "content": [{"text": "<turn_aborted>\n"}]})
    rollout.sync()
    facts = facts_in(begin.home, rollout.path)
    assert (facts.preview, facts.model, facts.recency_ms) == ("", None, facts.created_ms)


def test_words_that_were_injected_are_no_preview(begin: Any) -> None:
    rollout = begin()
    rollout.append("response_item", {"type": "message", "role": "user", "content": [{"text": "planted"}]})
    rollout.sync()
    assert facts_in(begin.home, rollout.path).preview == ""


def test_a_fork_shows_the_first_words_of_what_it_continues(begin: Any, clock: Clock) -> None:
    trunk = begin()
    nothing_said = base_at_end(trunk)
    say(trunk, "root words")
    for base, expected in ((base_at_end(trunk), "root words"), (nothing_said, "own words")):
        thread_id = clock.uuid7()
        fork = Rollout(rollout_path(begin.home, clock.now_ms(), thread_id), clock, first_ordinal=base.end_ordinal)
        fork.materialize(begin.head(thread_id, base=base).payload())
        say(fork, "own words")
        assert facts_in(begin.home, fork.path).preview == expected


def test_the_references_files_have_facts(reference_home: Path) -> None:
    shown = {file.name.segment_id: facts_in(reference_home, file.path) for file in stored_threads(reference_home)}
    assert (shown[FORK].preview, shown[REVERT].preview) == ("grow", "keep")
    assert {facts.model for facts in shown.values()} == {"lab-full", None}
    assert shown["01a20e26-0000-7000-8000-000000000001"].preview == "implicit first"


def test_a_file_that_holds_no_thread_has_no_facts(tmp_path: Path) -> None:
    path = tmp_path / "rollout.jsonl"
    path.write_text("{}\n")
    with pytest.raises(StoreError, match="holds no thread"):
        facts_in(tmp_path, path)
    with pytest.raises(StoreError, match="could not read"):
        facts_in(tmp_path, tmp_path / "none")


def test_threads_until_a_moment_are_not_those_that_a_revert_has_made_newer(tmp_path: Path) -> None:
    hour_ms = 3_600_000
    made_ms = 1_767_323_045_000
    for name, age in ((FORKED, 0), (FORK, 10), (REVERTED, 20)):
        path = rollout_path(tmp_path, made_ms + age * hour_ms, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    newer = rollout_path(tmp_path, made_ms + 30 * hour_ms, FORKED, REVERT)
    newer.parent.mkdir(parents=True, exist_ok=True)
    newer.touch()
    found = [(file.name.thread_id, file.name.segment_id) for file in stored_threads(tmp_path, until_ms=made_ms + 12 * hour_ms)]
    assert found == [(FORKED, REVERT), (FORK, FORK)]
