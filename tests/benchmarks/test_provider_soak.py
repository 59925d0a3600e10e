"""A short soak over each way of speaking to a provider; `python -m benchmarks.provider_soak` runs the long one."""

import shlex
from collections.abc import Sequence

import pytest

from benchmarks.provider_soak import WAYS, leaks, soak

TURNS = 40
SEED = 5


@pytest.mark.parametrize("way", WAYS)
def test_every_turn_ends_once_whatever_the_provider_does(way: str, server_command: Sequence[str]) -> None:
    found = soak(way, TURNS, SEED, shlex.join(server_command[:1]))
    assert found.broken == []
    assert found.turns == found.completed + found.failed == TURNS
    assert found.completed > 0 < found.failed
    assert len(found.faults) > 10  # it was no quiet day
    assert leaks(found) == []
