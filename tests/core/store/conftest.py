"""A clock that steps, a fresh home, and a home with files that the reference wrote (its prose cut out, paths shortened)."""

import shutil
from pathlib import Path

import pytest

from app_server.core.clock import Clock, format_uuid7
from app_server.core.store.head import Head
from app_server.core.store.paths import rollout_path
from app_server.core.store.rollout import Rollout

DATA = Path(__file__).parent / "data"
START_MS = 1_795_000_000_000


class SteppingClock(Clock):
    """Every look at it takes a millisecond; ids are numbered."""

    def __init__(self) -> None:
        self._now_ms = START_MS
        self._ids = 0

    def now_ms(self) -> int:
        self._now_ms += 1
        return self._now_ms

    def uuid7(self) -> str:
        self._ids += 1
        return format_uuid7(self.now_ms(), self._ids.to_bytes(10, "big"))


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


@pytest.fixture
def reference_home(tmp_path: Path) -> Path:
    """A home that holds the reference's files."""
    return Path(shutil.copytree(DATA, tmp_path / "reference"))


class Begin:
    """Makes threads in a home: `begin()` gives one that is on disk."""

    def __init__(self, home: Path, clock: Clock) -> None:
        self.home = home
        self._clock = clock

    def __call__(self, **members: object) -> Rollout:
        thread_id = self._clock.uuid7()
        rollout = Rollout(rollout_path(self.home, self._clock.now_ms(), thread_id), self._clock)
        rollout.materialize(self.head(thread_id, **members).payload())
        return rollout

    def head(self, thread_id: str, **members: object) -> Head:
        known = {"session_id": thread_id, "created_ms": START_MS, "cwd": "/w", "model_provider": "lab", "cli_version": "0.1.0"}
        return Head(thread_id=thread_id, **{**known, **members})  # type: ignore[arg-type]


@pytest.fixture
def begin(tmp_path: Path, clock: SteppingClock) -> Begin:
    return Begin(tmp_path / "home", clock)
