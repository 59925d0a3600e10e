"""The stage of each test, and the terminals that it opens."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.app_server.try_it.stage import Stage, Terminal


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.fixture
def at_terminal(stage: Stage) -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def open_terminal(*arguments: str) -> Terminal:
        opened.append(Terminal(stage, *arguments))
        return opened[-1]

    yield open_terminal
    for terminal in opened:
        terminal.close()


@pytest.fixture
def real_stage(stage: Stage) -> Stage:
    """The client and the real server with the rehearsal provider; the home is the folder that it works in.

    Every command is asked about, whether there is a sandbox on this machine or not.
    """
    stage.is_real = True
    (stage.folder / "config.toml").write_text('approval_policy = "untrusted"\n')
    return stage
