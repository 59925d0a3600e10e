"""Writing a thread's file."""

import json
import resource
import time
from pathlib import Path
from typing import Any

import pytest

from app_server.core.clock import Clock
from app_server.core.store.encoding import encode, milliseconds, timestamp
from app_server.core.store.errors import StoreError
from app_server.core.store.head import HistoryBase, read_head
from app_server.core.store.paths import rollout_path
from app_server.core.store.reader import read_forward
from app_server.core.store.rollout import Rollout, continue_rollout

THREAD = "01a20e26-0000-7000-8000-000000000001"


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def open_files(path: Path) -> int:
    return sum(each.readlink() == path for each in Path("/proc/self/fd").iterdir() if each.is_symlink())


def test_nothing_is_on_disk_before_the_thread_is_materialized(tmp_path: Path, clock: Clock) -> None:
    rollout = Rollout(rollout_path(tmp_path, clock.now_ms(), THREAD), clock)
    with pytest.raises(StoreError, match="has not been created"):
        rollout.append("response_item", {})
    assert list(tmp_path.iterdir()) == []
    assert not rollout.is_on_disk


def test_lines_have_a_timestamp_an_ordinal_a_type_and_a_payload(begin: Any) -> None:
    rollout = begin()
    assert rollout.append("response_item", {"type": "message", "text": "é\n"}) == 1
    assert rollout.append("response_item", b'{"type":"message",\n"text":"b"}') == 2
    head, first, second = records(rollout.path)
    assert head["type"] == "session_meta"
    assert head["ordinal"] == 0
    assert list(first) == ["timestamp", "ordinal", "type", "payload"]
    assert first | {"timestamp": ""} == {
        "timestamp": "",
        "ordinal": 1,
        "type": "response_item",
        "payload": {"type": "message", "text": "é\n"},
    }
    assert milliseconds(second["timestamp"]) == milliseconds(first["timestamp"]) + 1  # type: ignore[operator]
    assert second["payload"] == {"type": "message", "text": "b"}


def test_the_path_is_by_local_time_and_a_revert_adds_its_own_id(monkeypatch: pytest.MonkeyPatch) -> None:
    noon = milliseconds("2026-11-23T23:30:00Z")
    assert noon is not None
    assert rollout_path(Path("/h"), noon, THREAD, "01a20e26-0000-7000-8000-000000000002") == rollout_path(
        Path("/h"), noon, THREAD
    ).with_name(rollout_path(Path("/h"), noon, THREAD).stem + "_01a20e26-0000-7000-8000-000000000002.jsonl")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    assert rollout_path(Path("/h"), noon, THREAD) == Path(f"/h/sessions/2026/11/24/rollout-2026-11-24T08-30-00-{THREAD}.jsonl")
    monkeypatch.undo()
    time.tzset()


def test_several_lines_are_one_write_and_numbered_in_order(begin: Any) -> None:
    rollout = begin()
    assert rollout.append_many([("event_msg", {"type": "a"}), ("event_msg", b'{"type":"b"}')]) == 1
    assert rollout.append_many([]) == 3
    assert [(record["ordinal"], record["payload"]["type"]) for record in records(rollout.path)[1:]] == [(1, "a"), (2, "b")]
    assert rollout.size == rollout.path.stat().st_size


def test_no_descriptor_stays_open_between_turns(begin: Any) -> None:
    rollout = begin()
    rollout.append("event_msg", {"type": "a"})
    assert open_files(rollout.path) == 1
    rollout.sync()
    rollout.sync()
    assert open_files(rollout.path) == 0
    rollout.append("event_msg", {"type": "b"})
    assert open_files(rollout.path) == 1
    assert [record["ordinal"] for record in records(rollout.path)] == [0, 1, 2]
    rollout.sync()


def test_going_on_with_a_file_goes_on_with_its_ordinals(begin: Any, clock: Clock) -> None:
    rollout = begin()
    rollout.append("event_msg", {"type": "a"})
    rollout.sync()
    again = continue_rollout(rollout.path, clock)
    assert again.append("event_msg", {"type": "b"}) == 2
    again.sync()
    assert rollout.append("event_msg", {"type": "c"}) == 3, "what somebody else appended counts"


def test_a_torn_last_line_is_closed_and_passed_over(begin: Any, clock: Clock) -> None:
    rollout = begin()
    rollout.sync()
    with rollout.path.open("ab") as file:
        file.write(b'{"timestamp":"2026-11-20T10:00:00.000Z","ordinal":1,"type":"event_msg","payl')
    again = continue_rollout(rollout.path, clock)
    assert again.append("event_msg", {"type": "b"}) == 1
    warnings: list[str] = []
    assert [line.name for line in read_forward(rollout.path, warn=warnings.append)] == ["session_meta", "b"]
    assert len(warnings) == 1


def test_a_last_line_that_only_lacks_its_end_of_line_counts(begin: Any, clock: Clock) -> None:
    rollout = begin()
    rollout.append("event_msg", {"type": "a"})
    rollout.sync()
    rollout.path.write_bytes(rollout.path.read_bytes().removesuffix(b"\n"))
    again = continue_rollout(rollout.path, clock)
    assert again.append("event_msg", {"type": "b"}) == 2
    assert [line.name for line in read_forward(rollout.path)] == ["session_meta", "a", "b"]


def test_the_ordinals_of_damaged_lines_are_not_given_again(begin: Any, clock: Clock) -> None:
    rollout = begin()
    rollout.append("event_msg", {"type": "a"})
    rollout.sync()
    with rollout.path.open("ab") as file:
        file.write(b"\0" * 100 + b"\n" + b"torn")
    assert continue_rollout(rollout.path, clock).append("event_msg", {"type": "b"}) == 3


def test_unnumbered_files_stay_unnumbered(reference_home: Path, clock: Clock) -> None:
    (path,) = (reference_home / "sessions/2026/11/20").iterdir()
    before = records(path)
    rollout = continue_rollout(path, clock)
    assert rollout.append("event_msg", {"type": "user_message", "message": "more"}) == len(before)
    assert list(records(path)[-1]) == ["timestamp", "type", "payload"]


def test_an_existing_file_is_not_overwritten(begin: Any, clock: Clock) -> None:
    rollout = begin()
    with pytest.raises(StoreError, match="could not create"):
        Rollout(rollout.path, clock).materialize({})


def test_a_file_that_has_gone_is_an_error(begin: Any) -> None:
    rollout = begin()
    rollout.sync()
    rollout.path.unlink()
    with pytest.raises(StoreError, match="could not open"):
        rollout.append("event_msg", {"type": "a"})


def test_a_full_disk_leaves_no_part_of_a_line(begin: Any) -> None:
    rollout = begin()
    rollout.append("event_msg", {"type": "a"})
    before = rollout.path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (rollout.size + 50, limits[1]))
    try:
        with pytest.raises(StoreError, match="disk is full"):
            rollout.append("event_msg", {"type": "b", "text": "x" * 1000})
        assert rollout.path.read_bytes() == before
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert rollout.append("event_msg", {"type": "c"}) == 2


def test_a_file_whose_head_does_not_fit_is_not_left_behind(tmp_path: Path, clock: Clock) -> None:
    rollout = Rollout(rollout_path(tmp_path, 0, THREAD), clock)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, limits[1]))
    try:
        with pytest.raises(StoreError, match="disk is full"):
            rollout.materialize({"id": THREAD})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not rollout.path.exists()
    rollout.materialize({"id": THREAD})
    assert [record["ordinal"] for record in records(rollout.path)] == [0]


def test_any_text_a_model_can_write_is_written_as_json_that_all_can_read() -> None:
    assert encode({"half": "\ud83d", "pair": "\ud83d\ude00", "wide": "\u2028", "inf": float("inf")}) == (
        '{"half":"\ufffd","pair":"\U0001f600","wide":"\u2028","inf":null}'.encode()
    )


def test_timestamps_are_utc_with_milliseconds() -> None:
    assert timestamp(1_795_533_648_610) == "2026-11-24T15:20:48.610Z"
    assert milliseconds("2026-11-24T15:20:48.610Z") == 1_795_533_648_610
    assert milliseconds("2026-11-24T15:21:01.981894934Z") == 1_795_533_661_982
    assert milliseconds("2026-11-24T16:20:48.610+01:00") == 1_795_533_648_610
    assert milliseconds("soon") is None


def test_a_head_reads_back_as_it_was_written(begin: Any) -> None:
    written = begin.head(
        THREAD,
        source={"subagent": "review"},
        workspace_roots=("/w", "/v"),
        base_instructions="be good",
        git={"branch": "trunk"},
        window_id="w1",
        agent_nickname="Ada",
        dynamic_tools=({"name": "t"},),
        base=HistoryBase("01a20e26-0000-7000-8000-000000000002", 14, 900),
        forked_from_id="01a20e26-0000-7000-8000-000000000002",
    )
    rollout = Rollout(rollout_path(begin.home, 0, THREAD), Clock(), first_ordinal=14)
    rollout.materialize(written.payload())
    assert read_head(rollout.path) == written
    assert records(rollout.path)[0]["ordinal"] == 14
    assert rollout.segment_id == THREAD
