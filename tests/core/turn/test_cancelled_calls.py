"""Questions that the user answers by cancelling: the call is shown as declined, and the model learns that it was cut."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.core.lab import lab
from tests.support.client import Json

pytestmark = pytest.mark.anyio
PATCH = "*** Begin Patch\n*** Add File: {path}\n+x\n*** End Patch"
COMMAND = {"call": "exec_command", "arguments": {"cmd": "rm -f made"}, "call_id": "c"}


def exists(path: str) -> bool:
    return Path(path).exists()


@pytest.mark.parametrize(
    ("call", "kind", "output"),
    [
        (COMMAND, "commandExecution", r"Wall time: \d+\.\d seconds\naborted by user"),
        ({"custom": "apply_patch", "input": PATCH, "call_id": "c"}, "fileChange", r"aborted by user after \d+\.\ds"),
    ],
)
async def test_a_cancelled_call_ends_the_turn_like_an_interruption_in_it(
    tmp_path: Path, call: Json, kind: str, output: str
) -> None:
    outside = str(tmp_path / "outside.txt")
    inside = {"custom": "apply_patch", "input": PATCH.format(path="inside.txt"), "call_id": "p"}
    if "input" in call:
        call = {**call, "input": PATCH.format(path=outside)}
    script: list[Any] = [
        ["created", inside, "completed"],
        ["created", call, "completed"],
        ["created", {"message": "oh"}, "completed"],
    ]
    sandbox = {"type": "workspaceWrite", "excludeSlashTmp": True, "excludeTmpdirEnvVar": True}
    async with lab(tmp_path, script) as home, home.talk() as client:
        thread = await home.start(client, approvalPolicy="on-request", sandbox="workspace-write")
        await home.begin(client, thread["id"], "go", sandboxPolicy=sandbox)
        request = await client.wait_request(f"item/{kind}/requestApproval")
        told = client.methods().count("turn/diff/updated")
        await client.answer(request, {"decision": "cancel"})
        item = (await client.wait_notification("item/completed", item__id="c"))["item"]
        assert item["status"] == "declined"
        assert (await client.wait_notification("turn/completed"))["turn"]["status"] == "interrupted"
        assert told >= 1
        assert client.methods().count("turn/diff/updated") == told
        await home.turn(client, thread["id"], "and now?")
        (cut,) = [each for each in home.provider.requests[2].body["input"] if each.get("call_id") == "c" and "output" in each]
        assert re.fullmatch(output, cut["output"])
    assert not exists(outside)
