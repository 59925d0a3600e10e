"""What the composition root refuses, as a client sees it that spawns the server."""

import json
import subprocess
from collections.abc import Callable, Sequence

import pytest

from tests.support.home import Home

INITIALIZE = json.dumps({"id": 1, "method": "initialize", "params": {"clientInfo": {"name": "test", "version": "1"}}}) + "\n"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["-c", "model_provider=nobody"], "Error: Model provider `nobody` not found\n"),
        (["-c", "model=5"], "Error: invalid type: integer `5`, expected a string\nin `model`\n"),
        (["--strict-config", "-c", "modle='x'"], "Error: unknown configuration field `modle` in -c/--config override\n"),
    ],
)
def test_settings_of_the_command_line_that_can_not_hold_end_the_server_without_a_traceback(
    options: Sequence[str], complaint: str, server_command: Sequence[str], home: Callable[..., Home]
) -> None:
    place = home("http://127.0.0.1:9/v1")
    done = subprocess.run(
        [*server_command, *options],
        input=INITIALIZE,
        env=place.environment,
        cwd=place.work,
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert (done.returncode, done.stderr) == (1, complaint)
