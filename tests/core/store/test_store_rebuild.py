"""Threads rebuilt from their files: what clients are shown, what the model is shown."""

import json
from pathlib import Path
from typing import Any

import pytest

from app_server.core.clock import Clock
from app_server.core.store import lines
from app_server.core.store.legacy_lines import item_lines
from app_server.core.store.rebuild import StoredThread, newest_turns, rebuild
from app_server.core.store.rollout import Rollout
from app_server.core.store.sessions import find_thread
from app_server.core.store.settings import StoredSettings
from app_server.core.store.turns import StoredTurn
from protocol.approval import GranularApproval, GranularApprovalRules
from protocol.base import to_wire
from protocol.input import TextInput
from protocol.item import AgentMessageItem, CommandExecutionItem, TimedItem, UserMessageItem
from protocol.sandbox import ReadOnly, WorkspaceWrite
from protocol.turn import TurnError

DATA = Path(__file__).parent / "data"
RECORDED: dict[str, Any] = json.loads((DATA / "turns.json").read_text())
WITH_TURNS = [name for name, recorded in RECORDED.items() if "turns" in recorded and name != "legacy"]
SETTINGS = StoredSettings(
    cwd="/w",
    runtime_workspace_roots=("/w",),
    model="m",
    model_provider="lab",
    approval_policy="never",
    approvals_reviewer="user",
    sandbox=ReadOnly(),
)


def reference_thread(name: str, **options: Any) -> StoredThread:
    path = find_thread(DATA, RECORDED[name]["thread"])
    assert path is not None
    return rebuild(DATA, path, **options)


def shown(turns: list[StoredTurn]) -> list[dict[str, Any]]:
    return [to_wire(turn.wire()) for turn in turns]


def with_times(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of an item without times the reference says null; ours leaves them out."""
    for turn in turns:
        for item in turn["items"]:
            item.setdefault("startedAtMs", None)
            item.setdefault("completedAtMs", None)
    return turns


@pytest.mark.parametrize("name", WITH_TURNS)
def test_turns_are_those_that_the_reference_reads_from_its_file(name: str) -> None:
    assert with_times(shown(reference_thread(name).turns)) == RECORDED[name]["turns"]


@pytest.mark.parametrize("name", WITH_TURNS)
def test_the_newest_turns_read_from_the_end_are_the_last_of_all(name: str) -> None:
    thread = reference_thread(name)
    for count in range(4):
        newest = newest_turns(DATA, thread.path, count)
        assert shown(newest) == shown(thread.turns[max(len(thread.turns) - count, 0) :])


def test_without_items_all_else_is_the_same() -> None:
    for name in WITH_TURNS:
        whole, light = reference_thread(name), reference_thread(name, has_items=False)
        assert (light.model_items, light.settings, to_wire(light.usage)) == (
            whole.model_items,
            whole.settings,
            to_wire(whole.usage),
        )
        assert {turn.id: turn.status for turn in light.turns} == {turn.id: turn.status for turn in whole.turns}
        assert all(turn.items == [] for turn in light.turns)


def test_the_model_is_shown_what_it_was_shown() -> None:
    items = reference_thread("answer").model_items
    assert [(item["type"], item.get("role")) for item in items] == [
        ("message", "developer"),
        ("message", "user"),
        ("message", "user"),
        ("reasoning", None),
        ("message", "assistant"),
        ("message", "user"),
        ("message", "assistant"),
    ]


def test_after_a_compaction_the_model_is_shown_its_replacement() -> None:
    thread = reference_thread("compacted")
    assert [(item["role"], item["content"][0]["text"]) for item in thread.model_items][2:] == [
        ("user", "x"),
        ("user", "Another language model s (cut)"),
        ("user", "y"),
        ("assistant", "two"),
    ]
    assert (thread.window_number, thread.window_id) == (1, "01a20e25-4315-7dc3-8d10-3b9b31becabf")
    assert thread.world_state is not None


def test_tokens_and_settings_are_the_last_told() -> None:
    thread = reference_thread("answer")
    assert thread.usage is not None
    assert (thread.usage.total.total_tokens, thread.usage.last.total_tokens, thread.usage.model_context_window) == (
        240,
        120,
        180000,
    )
    assert thread.usage_turn_id == thread.turns[-1].id
    settings = reference_thread("mixed").settings
    assert (settings.model, settings.effort, settings.summary, settings.mode) == ("lab-full", "low", "concise", "plan")
    assert settings.sandbox == WorkspaceWrite()
    assert settings.mode_instructions is not None
    assert reference_thread("failed").usage is None


def test_the_goal_is_the_last_told() -> None:
    goal = reference_thread("mixed").goal
    assert goal is not None
    assert (goal.objective, goal.status) == ("obj", "paused")


class Writer:
    """Writes turns as a thread would."""

    def __init__(self, home: Path, rollout: Rollout, clock: Clock) -> None:
        self.home = home
        self.rollout = rollout
        self._clock = clock

    def begin(self, turn_id: str) -> int:
        return self.rollout.append(*lines.task_started(turn_id, started_at=1, window=100))

    def say(self, turn_id: str, text: str, answer: str | None = None) -> None:
        """The user's words and the model's, as items and as model items."""
        user = UserMessageItem(id=self._clock.uuid7(), content=[TextInput(text=text)])
        self.model_item("user", "input_text", text)
        self.item(turn_id, user)
        if answer is not None:
            self.item(turn_id, AgentMessageItem(id=self._clock.uuid7(), text=answer))
            self.model_item("assistant", "output_text", answer)

    def model_item(self, role: str, kind: str, text: str) -> None:
        item = {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}
        self.rollout.append(*lines.response_item(item))

    def item(self, turn_id: str, item: TimedItem) -> None:
        self.rollout.append_many(item_lines("t", turn_id, item, is_numbered=self.rollout.is_numbered))

    def end(self, turn_id: str, error: TurnError | None = None) -> None:
        times: Any = {"started_at": 1, "completed_at": 2, "duration_ms": 1000}
        self.rollout.append(*lines.task_complete(turn_id, last_agent_message=None, error=error, **times))

    def turn(self, turn_id: str, text: str, answer: str) -> int:
        position = self.begin(turn_id)
        self.say(turn_id, text, answer)
        self.end(turn_id)
        return position

    def compact(self, *texts: str) -> None:
        history = [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]} for text in texts]
        windows: Any = {"window_id": "w2", "previous_window_id": "w1", "first_window_id": "w1"}
        self.rollout.append(*lines.compacted("sum", history, window_number=1, **windows))

    def read(self, **options: Any) -> StoredThread:
        self.rollout.sync()
        return rebuild(self.home, self.rollout.path, **options)

    def spoken(self) -> list[str]:
        return [item["content"][0]["text"] for item in self.read().model_items]


@pytest.fixture
def writer(begin: Any, clock: Clock) -> Writer:
    return Writer(begin.home, begin(), clock)


def test_a_turn_that_never_ended_was_interrupted(writer: Writer) -> None:
    writer.turn("a", "one", "eins")
    writer.begin("b")
    writer.say("b", "two")
    assert [(turn.id, turn.status, len(turn.items)) for turn in writer.read().turns] == [
        ("a", "completed", 2),
        ("b", "interrupted", 1),
    ]


def test_a_turn_that_ended_with_an_error_has_failed(writer: Writer) -> None:
    writer.begin("a")
    writer.end("a", TurnError(message="no", codex_error_info="badRequest"))
    (turn,) = writer.read().turns
    assert turn.status == "failed"
    assert to_wire(turn.error) == {
        "message": "no",
        "codexErrorInfo": "badRequest",
        "additionalDetails": None,
        "misalignment": None,
    }


def test_an_item_that_ends_after_its_turn_stays_in_it(writer: Writer) -> None:
    writer.begin("a")
    writer.rollout.append(*lines.turn_aborted("a", started_at=1, completed_at=2, duration_ms=1000))
    writer.begin("b")
    late = CommandExecutionItem(id="c", command="ls", cwd="/w", status="completed", command_actions=[])
    writer.item("a", late)
    writer.end("b")
    turns = writer.read().turns
    assert [(turn.id, [each.item.id for each in turn.items]) for turn in turns] == [("a", ["c"]), ("b", [])]
    assert shown(newest_turns(writer.home, writer.rollout.path, 1)) == shown(turns[1:])


def test_a_tool_item_told_again_is_replaced_but_words_are_kept(writer: Writer) -> None:
    writer.begin("a")
    for output in ("half", "whole"):
        writer.item(
            "a",
            CommandExecutionItem(
                id="c", command="ls", cwd="/w", status="completed", command_actions=[], aggregated_output=output
            ),
        )
        writer.item("a", AgentMessageItem(id="same", text=output))
    (turn,) = writer.read().turns
    assert [getattr(each.item, "aggregated_output", None) or each.item.text for each in turn.items] == ["whole", "half", "whole"]


def test_turns_that_were_rolled_back_are_gone_for_clients_and_model(writer: Writer) -> None:
    writer.turn("a", "one", "eins")
    writer.turn("b", "two", "zwei")
    writer.turn("c", "three", "drei")
    writer.rollout.append(*lines.thread_rolled_back(2))
    writer.turn("d", "four", "vier")
    assert [turn.id for turn in writer.read().turns] == ["a", "d"]
    assert writer.spoken() == ["one", "eins", "four", "vier"]
    assert [turn.id for turn in newest_turns(writer.home, writer.rollout.path, 2)] == ["a", "d"]
    writer.rollout.append(*lines.thread_rolled_back(9))
    assert writer.read().turns == []
    assert writer.spoken() == []


def test_a_rollback_past_a_compaction_brings_back_what_was_before_it(writer: Writer) -> None:
    writer.turn("a", "one", "eins")
    writer.turn("b", "two", "zwei")
    writer.begin("c")
    writer.compact("summary")
    writer.end("c")
    writer.turn("d", "four", "vier")
    assert writer.spoken() == ["summary", "four", "vier"]
    writer.rollout.append(*lines.thread_rolled_back(1))
    assert writer.spoken() == ["summary"]
    writer.rollout.append(*lines.thread_rolled_back(2))
    assert writer.spoken() == ["one", "eins"]
    assert writer.read().window_number == 0


def test_what_the_model_was_told_of_the_world_adds_up(writer: Writer) -> None:
    writer.begin("a")
    writer.rollout.append(*lines.world_state({"model": "m", "date": "1"}, is_full=True))
    writer.begin("b")
    writer.rollout.append(*lines.world_state({"date": "2"}, is_full=False))
    assert writer.read().world_state == {"model": "m", "date": "2"}
    writer.rollout.append(*lines.thread_rolled_back(1))
    assert writer.read().world_state == {"model": "m", "date": "1"}


def test_settings_read_back_as_they_were_written(writer: Writer) -> None:
    rules = GranularApprovalRules(sandbox_approval=True, rules=False, mcp_elicitations=True)
    settings = StoredSettings(
        cwd="/w",
        runtime_workspace_roots=("/w", "/v"),
        model="m",
        model_provider="lab",
        approval_policy=GranularApproval(granular=rules),
        approvals_reviewer="auto_review",
        sandbox=WorkspaceWrite(writable_roots=["/x"], network_access=True, exclude_slash_tmp=True),
        service_tier="priority",
        effort="high",
        summary="concise",
        personality="friendly",
        mode="plan",
        mode_instructions="plan well",
        disabled_plugin_ids=("p",),
    )
    writer.rollout.append(*lines.thread_settings_applied("t", settings))  # type: ignore[arg-type]
    assert writer.read().settings == settings
    writer.rollout.append(*lines.turn_context("a", settings, effort="high", summary="none"))  # type: ignore[arg-type]
    assert writer.read().settings == settings


def test_a_thread_without_settings_has_those_of_its_head(writer: Writer) -> None:
    assert writer.read().settings == StoredSettings(cwd="/w", runtime_workspace_roots=("/w",), model_provider="lab")


def test_damaged_lines_cost_no_other(writer: Writer) -> None:
    writer.turn("a", "one", "eins")
    writer.rollout.sync()
    with writer.rollout.path.open("ab") as file:
        file.write(b'{"timestamp":"2026-11-20T10:00:00.000Z","ordinal":9,"type":"response_item","payload":{"type":"mess\n')
    writer.turn("b", "two", "zwei")
    warnings: list[str] = []
    assert [turn.id for turn in writer.read(warn=warnings.append).turns] == ["a", "b"]
    assert writer.spoken() == ["one", "eins", "two", "zwei"]
    assert len(warnings) == 1
