"""Calls that no tool of ours takes, as the model is told of them."""

from pathlib import Path
from typing import Any

import pytest

from tests.core.lab import lab
from tests.support.client import Json

pytestmark = pytest.mark.anyio
PATCH = "*** Begin Patch\n*** Add File: made\n+x\n*** End Patch"


@pytest.mark.parametrize(
    ("call", "output"),
    [
        ({"call": "nothing_like_it", "arguments": {}}, "unsupported call: nothing_like_it"),
        ({"custom": "nothing_like_it", "input": "x"}, "unsupported custom tool call: nothing_like_it"),
        ({"call": "one", "namespace": "lab_", "arguments": {}}, "unsupported call: lab_one"),
        ({"call": "web_search", "arguments": {}}, "unsupported call: web_search"),
        ({"call": "apply_patch", "arguments": {"input": PATCH}}, "aborted"),
        ({"custom": "exec_command", "input": "touch made"}, "aborted"),
    ],
)
async def test_what_cannot_be_called_is_answered_and_not_done(tmp_path: Path, call: Json, output: str) -> None:
    script: list[Any] = [["created", {**call, "call_id": "c"}, "completed"], ["created", {"message": "oh"}, "completed"]]
    async with lab(tmp_path, script) as home, home.talk() as client:
        thread = await home.start(client)
        await home.turn(client, thread["id"], "go")
        assert home.provider.requests[1].body["input"][-1]["output"] == output
        assert not (home.home.work / "made").exists()
