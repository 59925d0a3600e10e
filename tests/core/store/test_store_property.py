"""Whatever happens between appends, every line that was acknowledged reads back, once, in order."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app_server.core.clock import Clock
from app_server.core.store.reader import read_backward, read_forward
from app_server.core.store.rollout import Rollout, continue_rollout

TEXTS = st.text(max_size=30)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), TEXTS),
        st.tuples(st.just("append_many"), st.lists(TEXTS, max_size=3)),
        st.tuples(st.just("sync"), st.none()),
        st.tuples(st.just("die"), st.none()),
        st.tuples(st.just("tear"), st.binary(min_size=1, max_size=20).map(lambda raw: raw.replace(b"\n", b" "))),
    ),
    max_size=25,
)


@given(STEPS)
@settings(max_examples=150, deadline=None)
def test_every_acknowledged_line_reads_back(tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, Any]]) -> None:
    path = tmp_path_factory.mktemp("rollouts") / "rollout.jsonl"
    clock = Clock()
    rollout = Rollout(path, clock)
    rollout.materialize({"id": "t", "text": ""})
    acknowledged = [(0, "")]
    for name, value in steps:
        if name == "append":
            acknowledged.append((rollout.append("event_msg", {"type": "said", "text": value}), value))
        elif name == "append_many":
            first = rollout.append_many([("event_msg", {"type": "said", "text": each}) for each in value])
            acknowledged += [(first + index, each) for index, each in enumerate(value)]
        else:
            rollout.sync()
            if name == "tear":
                with path.open("ab") as file:
                    file.write(value)
            if name != "sync":
                rollout = continue_rollout(path, clock)
    rollout.sync()
    assert told(path, read_forward) == acknowledged
    assert told(path, read_backward)[::-1] == acknowledged
    ordinals = [ordinal for ordinal, _ in acknowledged]
    assert ordinals == sorted(set(ordinals))


def told(path: Path, read: Any) -> list[tuple[int, str]]:
    return [(line.ordinal, line.payload["text"]) for line in read(path)]
