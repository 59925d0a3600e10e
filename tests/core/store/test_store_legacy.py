"""Files of the older, unnumbered kind."""

import json
from pathlib import Path
from typing import Any

from app_server.core.clock import Clock
from app_server.core.store import lines
from app_server.core.store.legacy_lines import item_lines
from app_server.core.store.paths import rollout_path
from app_server.core.store.reader import read_forward
from app_server.core.store.rebuild import newest_turns, rebuild
from app_server.core.store.rollout import Rollout
from protocol.base import to_wire
from protocol.input import ImageInput, LocalImageInput, TextInput
from protocol.item import (
    AgentMessageItem,
    CommandExecutionItem,
    ContextCompactionItem,
    EnteredReviewModeItem,
    ExitedReviewModeItem,
    FileChangeItem,
    ImageGenerationItem,
    McpToolCallItem,
    PlanItem,
    ReasoningItem,
    UserMessageItem,
    WebSearchItem,
)
from protocol.item_parts import AddPatch, FileUpdateChange, McpToolCallError, McpToolCallResult, SearchWebAction

DATA = Path(__file__).parent / "data"
MORE_THAN_THE_REFERENCE = {"commandExecution", "imageView", "dynamicToolCall"}


def test_turns_are_those_that_the_reference_reads_and_its_commands_besides() -> None:
    (path,) = (DATA / "sessions/2026/11/20").iterdir()
    ours = [to_wire(turn.wire()) for turn in rebuild(DATA, path).turns]
    theirs = json.loads((DATA / "turns.json").read_text())["legacy"]["turns"]
    extra = [item["type"] for turn in ours for item in turn["items"] if item["type"] in MORE_THAN_THE_REFERENCE]
    assert extra == ["commandExecution"] * 3 + ["imageView", "dynamicToolCall"]
    failed = ours[3]
    assert (failed["status"], failed["error"]["message"], failed["error"]["codexErrorInfo"]) == ("failed", "broken", "badRequest")
    failed.update(status="completed", error=None)
    for turn in ours:
        turn["items"] = [comparable(item) for item in turn["items"] if item["type"] not in MORE_THAN_THE_REFERENCE]
    for turn in theirs:
        turn["items"] = [comparable(item) for item in turn["items"]]
    assert ours == theirs


def comparable(item: dict[str, Any]) -> dict[str, Any]:
    """An item without what is null, and without the numbers: ours also count the items that the reference passes over."""
    data = {name: value for name, value in item.items() if value is not None and name != "id"}
    if item["type"] == "userMessage":
        data["content"] = [{name: value for name, value in part.items() if value is not None} for part in item["content"]]
    return data if item["id"].startswith("item-") else {**data, "id": item["id"]}


def test_the_newest_turns_are_the_last_of_all() -> None:
    (path,) = (DATA / "sessions/2026/11/20").iterdir()
    turns = rebuild(DATA, path).turns
    assert [turn.id for turn in newest_turns(DATA, path, 2)] == [turn.id for turn in turns[-2:]]


def test_items_written_to_an_unnumbered_file_read_back(begin: Any, clock: Clock) -> None:
    thread_id = clock.uuid7()
    rollout = Rollout(rollout_path(begin.home, 0, thread_id), clock, is_numbered=False)
    rollout.materialize(begin.head(thread_id, history_mode="legacy").payload())
    rollout.append(*lines.task_started("a", started_at=1, window=None))
    items: list[Any] = [
        UserMessageItem(id="item-1", content=[TextInput(text="hi"), ImageInput(url="data:x"), LocalImageInput(path="/i.png")]),
        ReasoningItem(id="item-2", summary=["one", "two"], content=["raw"]),
        AgentMessageItem(id="item-3", text="hello", phase="commentary"),
        CommandExecutionItem(id="c", command="ls", cwd="/w", status="completed", command_actions=[], exit_code=0),
        FileChangeItem(id="f", changes=[FileUpdateChange(path="/w/a", kind=AddPatch(), diff="x\n")], status="completed"),
        McpToolCallItem(
            id="m",
            server="s",
            tool="t",
            status="completed",
            arguments={"a": 1},
            result=McpToolCallResult(content=[]),
            duration_ms=3,
        ),
        McpToolCallItem(
            id="n",
            server="s",
            tool="t",
            status="failed",
            arguments=None,
            error=McpToolCallError(message="no"),
            duration_ms=0,
        ),
        WebSearchItem(id="w", query="q", action=SearchWebAction(query="q")),
        ImageGenerationItem(id="g", status="completed", result="aGk="),
        ContextCompactionItem(id="item-4"),
        EnteredReviewModeItem(id="item-5", review="current changes"),
        ExitedReviewModeItem(id="item-6", review="Fine."),
        PlanItem(id="p", text="- one"),
    ]
    for item in items:
        rollout.append_many(item_lines(thread_id, "a", item, is_numbered=False))
    rollout.sync()
    assert all(line.ordinal is None for line in read_forward(rollout.path))
    (turn,) = rebuild(begin.home, rollout.path).turns
    assert [to_wire(each.item) for each in turn.items] == [to_wire(item) for item in items]


def test_a_fork_copies_the_lines_behind_a_head_of_its_own(begin: Any, clock: Clock) -> None:
    (source,) = (DATA / "sessions/2026/11/20").iterdir()
    thread_id = clock.uuid7()
    fork = Rollout(rollout_path(begin.home, 0, thread_id), clock, is_numbered=False)
    fork.materialize(begin.head(thread_id, history_mode="legacy").payload())
    cut = next(line for line in read_forward(source) if line.payload.get("turn_id") == "01a20e26-0000-7000-8000-000000000002")
    fork.copy(source, cut.start)
    fork.sync()
    copied = rebuild(begin.home, fork.path)
    assert copied.head.thread_id == thread_id
    assert [len(turn.items) for turn in copied.turns] == [len(turn.items) for turn in rebuild(DATA, source).turns[:3]]
