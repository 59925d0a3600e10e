"""Threads over several files: forks and reverts by reference."""

import json
from pathlib import Path
from typing import Any

import pytest

from app_server.core.clock import Clock
from app_server.core.store import lines
from app_server.core.store.errors import StoreError
from app_server.core.store.head import HistoryBase
from app_server.core.store.paths import rollout_path
from app_server.core.store.rebuild import newest_turns, rebuild
from app_server.core.store.rollout import Rollout
from app_server.core.store.segment import base_at, base_at_end, chain, chain_backward, chain_forward
from app_server.core.store.sessions import find_thread

DATA = Path(__file__).parent / "data"
RECORDED: dict[str, Any] = json.loads((DATA / "turns.json").read_text())


def current(name: str) -> Path:
    path = find_thread(DATA, RECORDED[name]["thread"])
    assert path is not None
    return path


def words(item: dict[str, Any]) -> str:
    return str(item["content"][0]["text"])


@pytest.mark.parametrize(
    ("name", "asked", "spoken"),
    [
        ("fork", ["grow", "split"], ["grow", "Trunk", "split", "Branch"]),
        ("revert", ["keep", "anew"], ["keep", "Keep this", "anew", "New line"]),
    ],
)
def test_the_references_forks_and_reverts_are_followed(name: str, asked: list[str], spoken: list[str]) -> None:
    thread = rebuild(DATA, current(name))
    assert [turn.items[0].item.content[0].text for turn in thread.turns] == asked
    assert [words(item) for item in thread.model_items][2:] == spoken
    assert [turn.id for turn in newest_turns(DATA, current(name), 2)] == [turn.id for turn in thread.turns]
    assert thread.usage is not None
    assert thread.usage.total.total_tokens == 240
    assert [line.ordinal for line in chain_forward(thread.segments)] == list(range(len(list(chain_forward(thread.segments)))))


class Forest:
    """Threads that continue each other, one turn per name."""

    def __init__(self, home: Path, clock: Clock, begin: Any) -> None:
        self.home = home
        self._clock = clock
        self._begin = begin

    def root(self) -> Rollout:
        rollout: Rollout = self._begin()
        return rollout

    def branch(self, base: HistoryBase, **members: Any) -> Rollout:
        thread_id = self._clock.uuid7()
        rollout = Rollout(rollout_path(self.home, self._clock.now_ms(), thread_id), self._clock, first_ordinal=base.end_ordinal)
        rollout.materialize(self._begin.head(thread_id, base=base, history_mode="paginated", **members).payload())
        return rollout

    def turn(self, rollout: Rollout, turn_id: str) -> int:
        position = rollout.append(*lines.task_started(turn_id, started_at=1, window=None))
        rollout.append(*lines.response_item({"type": "message", "role": "user", "content": [{"text": turn_id}]}))
        times: Any = {"started_at": 1, "completed_at": 2, "duration_ms": 1}
        rollout.append(*lines.task_complete(turn_id, last_agent_message=None, **times))
        rollout.sync()
        return position

    def turns(self, rollout: Rollout) -> list[str]:
        rollout.sync()
        thread = rebuild(self.home, rollout.path)
        ids = [turn.id for turn in thread.turns]
        assert [words(item) for item in thread.model_items] == ids
        assert [turn.id for turn in newest_turns(self.home, rollout.path, 99)] == ids
        return ids


@pytest.fixture
def forest(begin: Any, clock: Clock) -> Forest:
    return Forest(begin.home, clock, begin)


def test_a_fork_of_a_fork_reads_all_that_came_before(forest: Forest) -> None:
    trunk = forest.root()
    forest.turn(trunk, "a")
    limb = forest.branch(base_at_end(trunk), forked_from_id="x")
    forest.turn(trunk, "only in the trunk")
    forest.turn(limb, "b")
    twig = forest.branch(base_at_end(limb), forked_from_id="x")
    forest.turn(twig, "c")
    assert forest.turns(twig) == ["a", "b", "c"]
    assert forest.turns(limb) == ["a", "b"]
    assert forest.turns(trunk) == ["a", "only in the trunk"]


def test_a_fork_can_leave_in_an_older_file_of_the_chain(forest: Forest) -> None:
    trunk = forest.root()
    forest.turn(trunk, "a")
    where = forest.turn(trunk, "b")
    limb = forest.branch(base_at_end(trunk))
    forest.turn(limb, "c")
    base = base_at(chain(forest.home, limb.path), where)
    assert base.segment_id == trunk.segment_id
    twig = forest.branch(base)
    forest.turn(twig, "d")
    assert forest.turns(twig) == ["a", "d"]


def test_offsets_are_only_a_help(forest: Forest) -> None:
    trunk = forest.root()
    forest.turn(trunk, "a")
    where = forest.turn(trunk, "b")
    base = base_at(chain(forest.home, trunk.path), where)
    assert base.end_offset is not None
    twig = forest.branch(HistoryBase(base.segment_id, base.end_ordinal))
    assert forest.turns(twig) == ["a"]
    assert forest.turns(forest.branch(HistoryBase(base.segment_id, base.end_ordinal, 10**9))) == ["a"]


def test_both_directions_agree_over_files(forest: Forest) -> None:
    trunk = forest.root()
    where = forest.turn(trunk, "a")
    limb = forest.branch(HistoryBase(trunk.segment_id, where))
    forest.turn(limb, "b")
    segments = chain(forest.home, limb.path)
    forward = [line.ordinal for line in chain_forward(segments)]
    assert forward == [0, 1, 2, 3, 4]
    assert [line.ordinal for line in chain_backward(segments)] == forward[::-1]


def test_history_that_is_gone_is_told_and_the_rest_is_read(forest: Forest) -> None:
    trunk = forest.root()
    limb = forest.branch(base_at_end(trunk))
    forest.turn(limb, "b")
    trunk.sync()
    trunk.path.unlink()
    warnings: list[str] = []
    assert [turn.id for turn in rebuild(forest.home, limb.path, warn=warnings.append).turns] == ["b"]
    assert len(warnings) == 1
    assert "can't be found" in warnings[0]


def test_files_that_continue_each_other_in_a_circle_end(forest: Forest) -> None:
    trunk = forest.root()
    limb = forest.branch(HistoryBase("01a20e26-0000-7000-8000-0000000000ff", 1))
    text = limb.path.read_text().replace("01a20e26-0000-7000-8000-0000000000ff", limb.segment_id)
    limb.path.write_text(text)
    warnings: list[str] = []
    assert len(chain(forest.home, limb.path, warnings.append)) == 1
    assert len(warnings) == 1
    trunk.sync()


def test_there_is_no_leaving_before_the_first_line(forest: Forest) -> None:
    trunk = forest.root()
    trunk.sync()
    with pytest.raises(StoreError, match="no line 0"):
        base_at(chain(forest.home, trunk.path), 0)
