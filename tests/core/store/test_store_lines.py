"""The lines that we write are, member by member, those that the reference wrote of the same things."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app_server.core.store import lines
from app_server.core.store.head import head_of
from app_server.core.store.items import read_item, stored_item
from app_server.core.store.reader import Line, read_forward
from app_server.core.store.rebuild import read_usage
from app_server.core.store.sessions import stored_files
from app_server.core.store.settings import read_settings, with_context
from app_server.core.store.turns import read_error
from protocol.base import to_wire
from protocol.goal import ThreadGoal
from protocol.realtime_item import TranscriptSegmentRealtimeItem
from protocol.turn import ResponseStreamDisconnected, TurnError, UpstreamHttpStatus

NOT_OURS = {"account_scoped", "base_instructions", "file_system_sandbox_policy"}
"""What we don't keep of a head (it is always the same, or prose), and a double of the permission profile."""


def reference_lines(home: Path, name: str) -> Iterator[Line]:
    for file in stored_files(home):
        yield from read_forward(file.path, names={name})


def without(payload: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in payload.items() if key not in NOT_OURS}


def test_heads(reference_home: Path) -> None:
    heads = [line for line in reference_lines(reference_home, "session_meta") if line.payload.get("history_mode") == "paginated"]
    assert len(heads) > 15
    for line in heads:
        written = head_of(line).payload()
        assert without(written) == without(line.payload)
        assert list(without(written)) == list(without(line.payload)), "the members stand in the reference's order"


def test_items(reference_home: Path) -> None:
    told = list(reference_lines(reference_home, "item_completed"))
    assert len(told) > 30
    for line in told:
        stored = line.payload["item"]
        item = read_item(stored, line.payload.get("started_at_ms"), line.payload.get("completed_at_ms"))
        expected = expected_item(stored)
        if stored["type"] in ("EnteredReviewMode", "ExitedReviewMode"):
            continue  # of a review the wire has only the text
        assert stored_item(item) == expected
        if line.ordinal is not None:
            assert lines.item_completed(line.payload["thread_id"], line.payload["turn_id"], item)[1] == {
                **line.payload,
                "item": expected,
            }


def expected_item(stored: dict[str, Any]) -> dict[str, Any]:
    """The stored item as far as the wire knows it: whole milliseconds, no output of patches, absolute paths."""
    expected = {key: value for key, value in stored.items() if key not in ("stdout", "stderr")}
    if "duration" in stored:
        nanos = stored["duration"]["nanos"]
        expected["duration"] = {"secs": stored["duration"]["secs"], "nanos": nanos - nanos % 1_000_000}
    for action in expected.get("parsed_cmd", []):
        if action["type"] == "read":
            action["path"] = f"{stored['cwd'].removeprefix('file://')}/{action['path']}"
    return expected


def test_settings_and_contexts(reference_home: Path) -> None:
    applied = list(reference_lines(reference_home, "thread_settings_applied"))
    assert len(applied) > 15
    for line in applied:
        settings = read_settings(line.payload["thread_settings"])
        assert lines.thread_settings_applied(line.payload["thread_id"], settings) == ("event_msg", line.payload)  # type: ignore[arg-type]
    contexts = list(reference_lines(reference_home, "turn_context"))
    assert len(contexts) > 15
    for line in contexts:
        if "root_turn_id" not in line.payload:
            continue  # told outside of a turn
        settings = with_context(read_settings({}), line.payload)
        written = lines.turn_context(
            line.payload["turn_id"],
            settings,  # type: ignore[arg-type]
            effort=line.payload.get("effort"),
            summary=line.payload["summary"],
            root_turn_id=line.payload["root_turn_id"],
            multi_agent_version=line.payload["multi_agent_version"],
        )
        assert written == ("turn_context", without(line.payload))


def test_beginnings_and_ends_of_turns(reference_home: Path) -> None:
    begun = list(reference_lines(reference_home, "task_started"))
    assert len(begun) > 15
    for line in begun:
        if "turn_attribution" in line.payload:
            given = {name: line.payload[name] for name in ("started_at", "root_turn_id")}
            mode, window = line.payload["collaboration_mode_kind"], line.payload["model_context_window"]
            given["parent_turn_id"] = line.payload["turn_attribution"]["parent_turn_id"]
            assert lines.task_started(line.payload["turn_id"], window=window, mode=mode, **given)[1] == line.payload
    ended = [*reference_lines(reference_home, "task_complete"), *reference_lines(reference_home, "turn_aborted")]
    assert len(ended) > 15
    for line in ended:
        if "root_turn_id" in line.payload:
            given = {name: value for name, value in line.payload.items() if name not in ("type", "turn_id", "error")}
            if line.name == "task_complete":
                written = lines.task_complete(line.payload["turn_id"], error=read_error(line.payload.get("error")), **given)
            else:
                written = lines.turn_aborted(line.payload["turn_id"], **given)
            assert json.dumps(written[1]) == json.dumps(line.payload)


def test_counts_of_tokens(reference_home: Path) -> None:
    counted = list(reference_lines(reference_home, "token_count"))
    assert len(counted) > 15
    for line in counted:
        info = line.payload["info"] or {}
        is_estimate = info.get("last_usage_includes_reasoning", False)
        written = lines.token_count(read_usage(line.payload["info"]), includes_reasoning=is_estimate)
        assert written == ("event_msg", line.payload)
    recorded = list(reference_lines(reference_home, "token_usage_record"))
    assert len(recorded) > 15
    for line in recorded:
        members = ("usage", "turn_token_usage", "thread_token_usage")
        usages = [read_usage({"total_token_usage": line.payload[name]}) for name in members]
        one, turn, thread = (usage.total for usage in usages if usage is not None)
        ids = {name: line.payload[name] for name in ("session_id", "root_turn_id")}
        given = (line.payload["thread_id"], line.payload["turn_id"], line.payload["response_id"])
        written = lines.token_usage_record(*given, usage=one, turn_usage=turn, thread_usage=thread, **ids)
        assert written == ("token_usage_record", line.payload)
    assert lines.token_count(None)[1]["info"] is None  # type: ignore[call-overload]


def test_compactions(reference_home: Path) -> None:
    (line,) = reference_lines(reference_home, "compacted")
    payload = line.payload
    names = ("window_number", "window_id", "previous_window_id", "first_window_id")
    written = lines.compacted(
        payload["message"],
        payload["replacement_history"],
        response_id=payload["compaction_response_id"],
        **{name: payload[name] for name in names},
    )
    assert written == ("compacted", payload)


def test_goals(reference_home: Path) -> None:
    (line,) = reference_lines(reference_home, "thread_goal_updated")
    assert lines.thread_goal_updated(ThreadGoal.model_validate(line.payload["goal"])) == ("event_msg", line.payload)


@pytest.mark.parametrize(
    ("info", "stored"),
    [
        ("contextWindowExceeded", "context_window_exceeded"),
        (
            ResponseStreamDisconnected(response_stream_disconnected=UpstreamHttpStatus(http_status_code=500)),
            {"response_stream_disconnected": {"http_status_code": 500}},
        ),
        (None, None),
    ],
)
def test_errors(info: Any, stored: Any) -> None:
    error = TurnError(message="m", codex_error_info=info, additional_details="d")
    written = lines.stored_error(error)
    assert written.get("codex_error_info") == stored
    assert to_wire(read_error(written)) == to_wire(error)
    assert lines.error_event(error)[1]["codex_error_info"] == stored  # type: ignore[call-overload]


def test_realtime_items_have_snake_case_names() -> None:
    item = TranscriptSegmentRealtimeItem(id="i", realtime_session_id="s", role="user", text="hi")
    payload = {"id": "i", "realtime_session_id": "s", "type": "transcript_segment", "role": "user", "text": "hi"}
    assert lines.realtime_item(item) == ("realtime_item", payload)
